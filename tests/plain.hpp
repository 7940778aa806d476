// Expectations by plain loops: a test builds none from what it tests.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support.hpp"

namespace gradus::testing {

// What is no number, and spreads.
// 0/0 has the sign bit, on many machines.
inline const std::array<Scalar, 4> not_finite = {
    std::numeric_limits<Scalar>::quiet_NaN(), -std::numeric_limits<Scalar>::quiet_NaN(),
    std::numeric_limits<Scalar>::infinity(), -std::numeric_limits<Scalar>::infinity()};

// The first element, one in the middle, the last: where a check that looks at few places is blind.
inline std::vector<std::pair<int, int>> places(const Matrix& m) {
  return {{0, 0}, {m.rows() / 2, m.cols() / 2}, {m.rows() - 1, m.cols() - 1}};
}

// First, middle and last rows with first, middle and last columns, one after the other.
template <typename Use>
void for_each_place(const Matrix& m, Use use) {
  for (int row : {0, m.rows() / 2, m.rows() - 1})
    for (int col : {0, m.cols() / 2, m.cols() - 1}) use(row, col);
}

// The matrix with another value at one place.
inline Matrix with(Matrix m, int row, int col, Scalar value) {
  m(row, col) = value;
  return m;
}

inline Matrix with(Matrix m, std::pair<int, int> place, Scalar value) {
  return with(std::move(m), place.first, place.second, value);
}

inline Matrix scaled(Matrix m, Scalar factor) {
  for (Scalar& value : m.flat()) value *= factor;
  return m;
}

// Normal numbers, a third of them 0: who leaves out products with 0 leaves out 0 times infinity.
inline Matrix with_zeros(Random& random, int rows, int cols) {
  Matrix m = random.normal_matrix(0, 1, rows, cols);
  for (int i = 0; i < m.size(); i += 3) m.flat()[i] = 0;
  return m;
}

// The same matrix with a row or a column too many or too few, on its side, in one row, only its first row,
// column or element (which some libraries would repeat), without rows, without columns, and without both: what
// fits no more. Elements that are new are 0.
inline std::vector<Matrix> misfits(const Matrix& m) {
  const int R = m.rows(), C = m.cols();
  std::vector<Matrix> all;
  for (const auto& [rows, cols] : {std::pair{R + 1, C},
                                   {R - 1, C},
                                   {R, C + 1},
                                   {R, C - 1},
                                   {C, R},
                                   {2 * R, C},
                                   {R, 2 * C},
                                   {1, R * C},
                                   {R * C, 1},
                                   {1, C},
                                   {R, 1},
                                   {C, 1},
                                   {1, 1},
                                   {0, C},
                                   {R, 0},
                                   {0, 0}}) {
    if ((rows == R && cols == C) || rows < 0 || cols < 0) continue;
    Matrix other(rows, cols);
    for (int i = 0; i < std::min(rows, R); ++i)
      for (int j = 0; j < std::min(cols, C); ++j) other(i, j) = m(i, j);
    all.push_back(other);
  }
  return all;
}

inline Matrix turned(const Matrix& m) {
  Matrix t(m.cols(), m.rows());
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j) t(j, i) = m(i, j);
  return t;
}

// a b, element by element.
inline Matrix plain_product(const Matrix& a, const Matrix& b) {
  const Matrix columns = turned(b);
  Matrix c(a.rows(), b.cols());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j) {
      double sum = 0;
      for (int k = 0; k < a.cols(); ++k) sum += double{a(i, k)} * columns(j, k);
      c(i, j) = static_cast<Scalar>(sum);
    }
  return c;
}

// Where NaN or infinity is expected there must be the same; a number must be within `digits` times
// `size`: 1e-12 of 1e-200 is 1e-212, which no absolute tolerance can see.
inline bool close_within(double got, double expected, double digits, double size) {
  if (std::isnan(expected) || std::isinf(expected))
    return std::isnan(expected) ? std::isnan(got) : got == expected;
  // The last bits of a number below the smallest normal one are not there.
  return std::abs(got - expected) <= digits * size + (size < 1e-290 ? 1e-322 : 0);
}

inline ::testing::AssertionResult not_close(double got, double expected, double digits,
                                            double size) {
  char line[200];
  std::snprintf(line, sizeof line, "got %.17g, expected %.17g within %.0e of %.3g", got, expected,
                digits, size);
  return ::testing::AssertionFailure() << line;
}

// Infinity minus infinity, which a compensated sum has on its way, is NaN: beside infinity it is
// enough that no number comes where none is expected.
inline ::testing::AssertionResult spreads(const Matrix& got, const Matrix& expected, Scalar bad) {
  if (got.rows() != expected.rows() || got.cols() != expected.cols())
    return ::testing::AssertionFailure()
           << "got shape " << shape(got) << ", expected " << shape(expected);
  for (int i = 0; i < got.rows(); ++i)
    for (int j = 0; j < got.cols(); ++j) {
      const double here = got(i, j), right = expected(i, j);
      const bool ok = std::isfinite(right) ? std::abs(here - right) <= 1e-12 * (1 + std::abs(right))
                      : std::isnan(bad)    ? std::isnan(here)
                                           : !std::isfinite(here);
      if (!ok)
        return ::testing::AssertionFailure() << "got " << here << ", expected " << right << " at ("
                                             << i << "," << j << ") of " << shape(got);
    }
  return ::testing::AssertionSuccess();
}

// A number to so many digits of its own.
inline ::testing::AssertionResult close(double got, double expected, double digits = 1e-14) {
  const double size = std::abs(expected);
  if (close_within(got, expected, digits, size)) return ::testing::AssertionSuccess();
  return not_close(got, expected, digits, size);
}

// Where a contract does not say whether there may be no samples or no inputs, a call may refuse; but if it
// answers, then rightly.
template <typename Call>
void may_refuse(Call call) {
  try {
    call();
  } catch (const std::invalid_argument&) {
  }
}

// A matrix to so many digits of its largest element, which sums of products of one size have; or,
// with `of_each`, to so many of each element's own.
inline ::testing::AssertionResult close(const Matrix& got, const Matrix& expected,
                                        double digits = 1e-12, bool of_each = false) {
  if (got.rows() != expected.rows() || got.cols() != expected.cols())
    return ::testing::AssertionFailure()
           << "got shape " << shape(got) << ", expected " << shape(expected);
  double largest = 0;
  for (double value : expected.flat())
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  for (int i = 0; i < got.rows(); ++i)
    for (int j = 0; j < got.cols(); ++j) {
      const double size = of_each ? std::abs(double{expected(i, j)}) : largest;
      if (!close_within(got(i, j), expected(i, j), digits, size))
        return not_close(got(i, j), expected(i, j), digits, size)
               << " at (" << i << "," << j << ") of " << shape(got);
    }
  return ::testing::AssertionSuccess();
}

inline ::testing::AssertionResult close(const std::vector<Scalar>& got,
                                        const std::vector<Scalar>& expected,
                                        double digits = 1e-12) {
  if (got.size() != expected.size())
    return ::testing::AssertionFailure()
           << "got " << got.size() << " numbers, expected " << expected.size();
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto one = close(double{got[i]}, double{expected[i]}, digits);
    if (!one) return ::testing::AssertionResult(one) << " at [" << i << "]";
  }
  return ::testing::AssertionSuccess();
}

// What a generator gives next: the same after the same draws, a kept half of a Gaussian included. All is
// drawn from a copy, and only uniform numbers are: whoever hands back a state of zeros would make
// normal() search for ever.
inline std::vector<double> next_numbers(Random random) {
  const RandomState& state = random.state();
  std::vector<double> next = {state.has_spare ? state.spare : 0, state.has_spare ? 1.0 : 0.0};
  for (int i = 0; i < 700; ++i) next.push_back(random.uniform());
  return next;
}

inline ::testing::AssertionResult goes_on_as(const Random& got, const Random& expected) {
  if (next_numbers(got) == next_numbers(expected)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "another number comes next from the generator: not one "
                                          "more may be drawn, not one less, and from no copy";
}

}  // namespace gradus::testing
