// Chapter 10: every rung multiplies matrices, whatever their shape.
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "chapters/10_matmul/matmul.hpp"
#include "common/matmul.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

using Product = std::function<Matrix(const Matrix&, const Matrix&)>;

Matrix transposed(const Matrix& m) {
  Matrix t(m.cols(), m.rows());
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j) t(j, i) = m(i, j);
  return t;
}

// The sum of K products in any order, each rounded or fused, is off by at most γ_K Σ|a||b| with
// γ_K = K u / (1 - K u) and u half an epsilon (Higham, Accuracy and Stability of Numerical
// Algorithms, section 3.1). The reference sums in long double; its error, 2000 times smaller, and the
// denominator are covered by taking a whole epsilon.
::testing::AssertionResult is_product(const Matrix& c, const Matrix& a, const Matrix& b) {
  if (c.rows() != a.rows() || c.cols() != b.cols())
    return ::testing::AssertionFailure()
           << "got shape " << shape(c) << " for " << shape(a) << " times " << shape(b);
  const double gamma = a.cols() * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j) {
      long double sum = 0, size = 0;
      for (int k = 0; k < a.cols(); ++k) {
        sum += static_cast<long double>(a(i, k)) * b(k, j);
        size += std::abs(static_cast<long double>(a(i, k)) * b(k, j));
      }
      const auto ok = near(c(i, j), static_cast<double>(sum), static_cast<double>(gamma * size));
      if (!ok)
        return ::testing::AssertionFailure() << ok.message() << " at (" << i << "," << j << ") of "
                                             << shape(a) << " times " << shape(b);
    }
  return ::testing::AssertionSuccess();
}

// What is asked of every rung.
void expect_right(const Product& multiply, int salt) {
  EXPECT_TRUE(
      near(multiply({{1, 2, 3}, {4, 5, 6}}, {{1, 0}, {2, -1}, {0, 3}}), {{5, 7}, {14, 13}}, 1e-12))
      << "by hand";
  Random random = test_random(salt);
  const auto check = [&](int m, int k, int n) {
    const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
    ASSERT_TRUE(is_product(multiply(a, b), a, b));
  };
  for (int m : {1, 2, 7, 12, 13, 31})
    for (int k : {1, 3, 17})
      for (int n : {1, 5, 16, 17, 32, 37, 67}) check(m, k, n);
  check(100, 784, 10);
  check(64, 64, 64);
  for (int i = 0; i < 40; ++i) {
    const auto size = [&](int most) { return static_cast<int>(random.randint(1, most)); };
    const int m = size(90), k = size(150);
    check(m, k, size(90));
  }
  EXPECT_TRUE(near(multiply(Matrix(2, 0), Matrix(0, 3)), Matrix(2, 3), 0)) << "an empty sum is 0";
  EXPECT_TRUE(near(multiply(Matrix(0, 4), Matrix(4, 3)), Matrix(0, 3), 0));
  EXPECT_TRUE(near(multiply(Matrix(2, 4), Matrix(4, 0)), Matrix(2, 0), 0));
  EXPECT_TRUE(near(multiply(Matrix(0, 0), Matrix(0, 0)), Matrix(0, 0), 0));
  EXPECT_TRUE(near(multiply(Matrix(40, 0), Matrix(0, 70)), Matrix(40, 70), 0))
      << "whole tiles of 0";
}

struct Shapes {
  int a_rows, a_cols, b_rows, b_cols;
};

// Of factors that do not fit: more columns than rows, fewer, and such as would fit if one of them or
// both were transposed.
void expect_refused(const Product& multiply, const std::vector<Shapes>& misfits) {
  for (const auto [m, k, l, n] : misfits)
    EXPECT_TRUE(refuses([&] { multiply(Matrix(m, k), Matrix(l, n)); }))
        << shape(Matrix(m, k)) << " times " << shape(Matrix(l, n));
}

Product blocked(int block) {
  return [=](const Matrix& a, const Matrix& b) { return multiply_blocked(a, b, block); };
}

Product sliced(int depth) {
  return [=](const Matrix& a, const Matrix& b) { return multiply_sliced(a, b, depth); };
}

// Rungs 1 to 7.
void expect_rung(const Product& multiply, int salt) {
  expect_right(multiply, salt);
  expect_refused(multiply, {{2, 3, 2, 3},
                            {3, 2, 3, 2},
                            {2, 3, 4, 2},
                            {4, 5, 4, 4},
                            {2, 3, 5, 5},
                            {2, 0, 1, 2},
                            {2, 1, 0, 2},
                            {0, 3, 2, 0},
                            {40, 50, 49, 60}});
}

TEST(Ladder, Rung1IjkIsRight) {
  points(10);
  expect_rung(multiply_ijk, 201);
}

TEST(Ladder, Rung2IkjIsRight) {
  points(10);
  expect_rung(multiply_ikj, 202);
}

TEST(Ladder, Rung3BlockedIsRightForEveryBlock) {
  points(10);
  for (int block : {1, 7, 32, 1000, std::numeric_limits<int>::max()})
    expect_rung(blocked(block), 203);
  EXPECT_TRUE(refuses([] { multiply_blocked(Matrix(2, 2), Matrix(2, 2), 0); })) << "block of 0";
  EXPECT_TRUE(refuses([] { multiply_blocked(Matrix(2, 2), Matrix(2, 2), -1); })) << "block of -1";
}

TEST(Ladder, Rung4TiledIsRight) {
  points(15);
  expect_rung(multiply_tiled, 204);
}

TEST(Ladder, Rung5PackedIsRight) {
  points(15);
  expect_rung(multiply_packed, 205);
}

// The same to the last bit for any number of threads. A race does not show every time; the product
// takes long enough for threads to be interrupted within a strip, even on a single core.
void expect_same_for_any_number_of_threads(const Product& multiply, int salt) {
  Random random = test_random(salt);
  const Matrix a = random.normal_matrix(0, 1, 240, 301), b = random.normal_matrix(0, 1, 301, 333);
  const Matrix once = multiply(a, b);
  ASSERT_TRUE(is_product(once, a, b));
#ifdef _OPENMP
  const int before = omp_get_max_threads();
  for (int threads : {1, 2, 4, 7}) {
    omp_set_num_threads(threads);
    for (int again = 0; again < 4; ++again)
      EXPECT_TRUE(near(multiply(a, b), once, 0)) << threads << " threads";
  }
  omp_set_num_threads(before);
#else
  EXPECT_TRUE(near(multiply(a, b), once, 0));
#endif
}

TEST(Ladder, Rung6ThreadedIsRightAndTheSameForAnyNumberOfThreads) {
  points(10);
  expect_rung(multiply_threaded, 206);
  expect_same_for_any_number_of_threads(multiply_threaded, 207);
}

// Slices of one step, such as leave a short one behind, such as end with K, and one slice of all.
TEST(Ladder, Rung7SlicedIsRightForEveryDepth) {
  points(15);
  for (int depth : {1, 7, 64, 1000, std::numeric_limits<int>::max()})
    expect_rung(sliced(depth), 210);
  expect_same_for_any_number_of_threads(sliced(128), 211);
  EXPECT_TRUE(refuses([] { multiply_sliced(Matrix(2, 2), Matrix(2, 2), 0); })) << "depth of 0";
  EXPECT_TRUE(refuses([] { multiply_sliced(Matrix(2, 2), Matrix(2, 2), -1); })) << "depth of -1";
}

TEST(Ladder, TransposedProductsAreRight) {
  points(10);
  expect_right([](const Matrix& a, const Matrix& b) { return multiply_tn(transposed(a), b); }, 208);
  expect_right([](const Matrix& a, const Matrix& b) { return multiply_nt(a, transposed(b)); }, 209);
  expect_refused(multiply_tn,
                 {{2, 3, 3, 2}, {3, 2, 2, 3}, {2, 3, 4, 3}, {4, 4, 5, 4}, {0, 2, 1, 2}});
  expect_refused(multiply_nt,
                 {{2, 3, 3, 2}, {3, 2, 2, 3}, {3, 2, 3, 4}, {4, 4, 4, 5}, {2, 0, 2, 1}});
}

// 0 NaN and 0 ∞ are NaN: in the row of c, or the column, that the number belongs to, and nowhere else.
void expect_spreads(const Product& multiply, const std::string& name) {
  const int M = 29, K = 37, N = 45;
  for (Scalar bad :
       {std::numeric_limits<Scalar>::quiet_NaN(), std::numeric_limits<Scalar>::infinity()})
    for (const auto& [m, k, n] : {std::tuple{7, 3, 5}, {0, 0, 0}, {M - 1, K - 1, N - 1}}) {
      Matrix a(M, K), b(K, N);
      a(m, k) = bad;
      const Matrix row = multiply(a, b);
      a(m, k) = 0;
      b(k, n) = bad;
      const Matrix column = multiply(a, b);
      ASSERT_EQ(shape(row), shape(Matrix(M, N))) << name;
      ASSERT_EQ(shape(column), shape(Matrix(M, N))) << name;
      for (int i = 0; i < M; ++i)
        for (int j = 0; j < N; ++j) {
          ASSERT_TRUE(i == m ? std::isnan(row(i, j)) : row(i, j) == 0)
              << name << ": a zero of b was skipped, or row " << m << " reached row " << i;
          ASSERT_TRUE(j == n ? std::isnan(column(i, j)) : column(i, j) == 0)
              << name << ": a zero of a was skipped, or column " << n << " reached column " << j;
        }
    }
}

TEST(Ladder, NaNIsNotSkippedWithTheZeros) {
  points(5);
  expect_spreads(multiply_ijk, "ijk");
  expect_spreads(multiply_ikj, "ikj");
  expect_spreads(blocked(8), "blocked");
  expect_spreads(multiply_tiled, "tiled");
  expect_spreads(multiply_packed, "packed");
  expect_spreads(multiply_threaded, "threaded");
  expect_spreads(sliced(8), "sliced");
  expect_spreads([](const Matrix& a, const Matrix& b) { return multiply_tn(transposed(a), b); },
                 "tn");
  expect_spreads([](const Matrix& a, const Matrix& b) { return multiply_nt(a, transposed(b)); },
                 "nt");
}

}  // namespace
}  // namespace gradus::testing
