// Chapter 08: what normalization of data, batch normalization and a deep network with it must be.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "chapters/06_initialization/initialization.hpp"
#include "chapters/08_normalization/normalization.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "tests/golden/numpy_normalization.hpp"
#include "tests/golden/numpy_random.hpp"
#include "tests/golden/torch_batch_norm.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

// Golden numbers as a matrix of `cols` columns, from row `first` on.
Matrix rows_of(const std::vector<double>& values, int cols, int first, int rows) {
  Matrix m(rows, cols);
  std::copy_n(values.begin() + first * cols, rows * cols, m.flat().begin());
  return m;
}
Matrix table(const std::vector<double>& values, int cols) {
  return rows_of(values, cols, 0, static_cast<int>(values.size()) / cols);
}

// All rows, multiplied and moved feature by feature.
Matrix stretched(const Matrix& x, const Matrix& by, const Matrix& moved) {
  Matrix y = x;
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) y(n, d) = x(n, d) * by(0, d) + moved(0, d);
  return y;
}

// One feature of it.
double mean_of(const Matrix& x, int d) {
  double sum = 0;
  for (int n = 0; n < x.rows(); ++n) sum += x(n, d);
  return sum / x.rows();
}
double deviation_of(const Matrix& x, int d) {
  const double mean = mean_of(x, d);
  double sum = 0;
  for (int n = 0; n < x.rows(); ++n) sum += (x(n, d) - mean) * (x(n, d) - mean);
  return std::sqrt(sum / x.rows());
}

bool all_finite(const Matrix& m) {
  return std::ranges::all_of(m.flat(), [](Scalar v) { return std::isfinite(v); });
}

// Is the call refused, or returns it the number? Never another one, and never infinity.
bool refused_or(const std::function<Matrix()>& call, double number) {
  Matrix result;
  return refuses([&] { result = call(); }) || near(result, {{number}}, 1e-15);
}

constexpr int repetitions = 100;  // what a function keeps for itself shows at another call

// Each feature has a size and a place of its own, some far below 0 and some far above.
Matrix uneven_table(int rows, int features, Random& random) {
  Matrix x = random.normal_matrix(0, 1, rows, features);
  for (int n = 0; n < rows; ++n)
    for (int d = 0; d < features; ++d)
      x(n, d) = (x(n, d) + 30 * (d % 3 - 1)) * std::pow(10, d % 5 - 2);
  return x;
}

// ---- min-max ----

TEST(MinMax, FindsTheLowestAndTheHighestOfEachFeature) {
  points(2);
  for (int i = 0; i < repetitions; ++i) {
    const MinMax fit = min_max_fit({{5, -2}, {7, -9}, {6, -4}});
    ASSERT_TRUE(near(fit.low, {{5, -9}}, 0)) << "of each column; all may be above 0";
    ASSERT_TRUE(near(fit.high, {{7, -2}}, 0)) << "of each column; all may be below 0";
  }
  const MinMax edges = min_max_fit({{2e9, -3e9, 1e-310, 1e300}, {3e9, -2e9, -1e-310, 2e300}});
  EXPECT_TRUE(near(edges.low, {{2e9, -3e9, -1e-310, 1e300}}, 0)) << "however large or small";
  EXPECT_TRUE(near(edges.high, {{3e9, -2e9, 1e-310, 2e300}}, 0)) << "however large or small";
  const Matrix close = {{1, 1.7e308}, {std::nextafter(1, 2), 1.7e308}, {1, -3e-310}};
  const MinMax ends = min_max_fit(close);
  EXPECT_TRUE(near(ends.low, {{1, -3e-310}}, 0)) << "however close, and whatever the sum is";
  EXPECT_TRUE(near(ends.high, {{close(1, 0), 1.7e308}}, 0)) << "and whatever the sum is";
  const MinMax first = min_max_fit({{9, 1}, {5, 5}, {1, 9}}), one = min_max_fit({{-4, 1e-310}});
  EXPECT_TRUE(near(first.low, {{1, 1}}, 0)) << "the first row and the last count, too";
  EXPECT_TRUE(near(first.high, {{9, 9}}, 0)) << "the first row and the last count, too";
  EXPECT_TRUE(near(one.low, {{-4, 1e-310}}, 0) && near(one.high, {{-4, 1e-310}}, 0))
      << "one sample";
}

TEST(MinMax, BringsEachFeatureToTheWantedRange) {
  points(2);
  const Matrix x = {{0, 10}, {4, 30}, {1, 20}};
  const MinMax fit{{{0, 10}}, {{4, 30}}};
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(min_max_apply(fit, x), {{0, 0}, {1, 1}, {0.25, 0.5}}, 1e-15));
  EXPECT_TRUE(near(min_max_apply(fit, x, -1, 1), {{-1, -1}, {1, 1}, {-0.5, 0}}, 1e-15));
  EXPECT_TRUE(near(min_max_apply(fit, x, 2, 6), {{2, 2}, {6, 6}, {3, 4}}, 1e-15))
      << "from + (to - from) (x - low) / (high - low)";
  EXPECT_TRUE(near(min_max_apply(fit, x, -6, -2), {{-6, -6}, {-2, -2}, {-5, -4}}, 1e-15));
  EXPECT_TRUE(near(min_max_apply(fit, x, 0, 2e6), {{0, 0}, {2e6, 2e6}, {5e5, 1e6}}, 1e-9));
  EXPECT_TRUE(near(min_max_apply(fit, {{4e-14, 10}}), {{1e-14, 0}}, 1e-28)) << "small is not 0";
  EXPECT_TRUE(near(min_max_apply({{{1e-300}}, {{3e-300}}}, {{2e-300}}), {{0.5}}, 1e-14))
      << "only a range of 0 has no width";
  EXPECT_TRUE(near(min_max_apply({{{0}}, {{4e-310}}}, {{1e-310}}), {{0.25}}, 1e-10))
      << "only a range of 0 has no width, and 1 / 4e-310 is infinite";
  const Matrix beyond = min_max_apply({{{0}}, {{1e-9}}}, {{1e290}});
  ASSERT_EQ(shape(beyond), "(1,1)");
  EXPECT_TRUE(near(beyond(0, 0) / 1e299, 1, 1e-14)) << "however far beyond, if it is a number";
  const Matrix wide = min_max_apply({{{0}}, {{4}}}, {{1}, {0}, {4}, {2}, {3.5}}, -1e305, 1e305);
  EXPECT_TRUE(near(scaled(wide, 1e-305), {{-0.5}, {-1}, {1}, {0}, {0.75}}, 1e-14))
      << "and however wide the new range is";
  EXPECT_TRUE(near(min_max_apply({{{0}}, {{4}}}, {{0}, {4}}, 3e-310, 1), {{3e-310}, {1}}, 0))
      << "3e-310 is a number, too";
  EXPECT_TRUE(near(min_max_apply({{{0}}, {{1.7e308}}}, {{1.7e308}, {1.7e308}}), {{1}, {1}}, 1e-14))
      << "whatever the sum of x is";
  EXPECT_TRUE(near(min_max_apply({{{1e15}}, {{1e15 + 4}}}, {{1e15 + 1}, {1e15 + 2}}),
                   {{0.25}, {0.5}}, 1e-14))
      << "a range that is small beside its place is one, too";
  EXPECT_EQ(x, (Matrix{{0, 10}, {4, 30}, {1, 20}})) << "x is only read";
  EXPECT_EQ(fit.low, (Matrix{{0, 10}})) << "the fit is only read";
  EXPECT_EQ(fit.high, (Matrix{{4, 30}})) << "the fit is only read";
}

// Many samples and features; as many features as an image has pixels; as many samples as MNIST.
const std::pair<int, int> large_tables[] = {{1100, 70}, {6, 784}, {60000, 1}};

TEST(MinMax, OfALargeTableIsThatOfPlainLoops) {
  points(1);
  for (const auto& [N, features] : large_tables) {
    Random random = test_random(6);
    Matrix x = uneven_table(N, features, random);
    for (int d = 0; d < std::min(8, features); ++d)
      x(d % 2 == 0 ? N - 1 : 0, d) = d < 4 ? 1e4 : -1e4;
    MinMax plain{Matrix(1, features, infinity), Matrix(1, features, -infinity)};
    for (int n = 0; n < N; ++n)
      for (int d = 0; d < features; ++d) {
        plain.low(0, d) = std::min(plain.low(0, d), x(n, d));
        plain.high(0, d) = std::max(plain.high(0, d), x(n, d));
      }
    const Matrix before = x;
    const MinMax fit = min_max_fit(x);
    EXPECT_TRUE(near(fit.low, plain.low, 0)) << N << " samples, " << features << " features";
    EXPECT_TRUE(near(fit.high, plain.high, 0)) << N << " samples, " << features << " features";
    EXPECT_EQ(x, before) << "x is only read";
    Matrix later = uneven_table(N, features, random), y = later;
    for (int n = 0; n < N; ++n)
      for (int d = 0; d < features; ++d)
        y(n, d) = -3 + 8 * (later(n, d) - plain.low(0, d)) / (plain.high(0, d) - plain.low(0, d));
    EXPECT_TRUE(near(min_max_apply(plain, later, -3, 5), y, 1e-10))
        << N << " samples, " << features << " features";
  }
}

TEST(MinMax, AppliesTheTrainingRangeToTestData) {
  points(1);
  const Matrix train = table(golden::normalization_train, 3);
  const MinMax fit = min_max_fit(train);
  EXPECT_TRUE(near(fit.low, table(golden::normalization_low, 3), 0));
  EXPECT_TRUE(near(fit.high, table(golden::normalization_high, 3), 0));
  EXPECT_TRUE(near(min_max_apply(fit, train), table(golden::min_max_of_train, 3), 1e-12));
  EXPECT_TRUE(near(min_max_apply(fit, table(golden::normalization_test, 3), -1, 1),
                   table(golden::min_max_of_test, 3), 1e-12))
      << "test data are moved by the range of the training data, not by their own";
  EXPECT_TRUE(near(min_max_apply({{{0}}, {{4}}}, {{-2}, {10}}), {{-0.5}, {2.5}}, 1e-15))
      << "what lies beyond the training range lands beyond 0 … 1";
  EXPECT_TRUE(
      near(min_max_apply({{{0}}, {{4}}}, {{-4e6}, {8e6}}, -1, 1), {{-2e6 - 1}, {4e6 - 1}}, 1e-8))
      << "however far beyond";
  EXPECT_TRUE(
      near(min_max_apply({{{0}}, {{1}}}, {{-1e-12}, {1 + 1e-12}}), {{-1e-12}, {1 + 1e-12}}, 1e-15))
      << "and however little";
}

TEST(MinMax, AFeatureThatNeverChangesBecomesTheLowerEnd) {
  points(1);
  const Matrix x = {{1, 0.1}, {3, 0.1}, {2, 0.1}};
  EXPECT_TRUE(near(min_max_apply(min_max_fit(x), x, -1, 1), {{-1, -1}, {1, -1}, {0, -1}}, 1e-15))
      << "a range of 0 must not become 0/0";
  EXPECT_TRUE(
      near(min_max_apply(min_max_fit(x), {{3, 5}, {3, -1e300}}, -1, 1), {{1, -1}, {1, -1}}, 1e-15))
      << "whatever its value is later";
}

TEST(MinMax, LandsExactlyOnBothEndsAndKeepsTheOrderBetween) {
  points(1);
  Random random = test_random(5);
  for (int trial = 0; trial < 300; ++trial) {
    const double one = random.normal(), other = random.normal();
    const double from = std::min(one, other), to = std::max(one, other);
    Matrix x = random.normal_matrix(0, 1, 30, 1);
    std::ranges::sort(x.flat());
    x(28, 0) = std::nextafter(x(29, 0), -infinity);  // which may not land beyond the highest
    const Matrix y = min_max_apply(min_max_fit(x), x, from, to);
    ASSERT_EQ(shape(y), "(30,1)");
    EXPECT_EQ(y(0, 0), from) << "the lowest value, exactly";
    EXPECT_EQ(y(29, 0), to) << "the highest value, exactly: from + (to - from) may be rounded";
    EXPECT_TRUE(std::ranges::is_sorted(y.flat())) << "and nothing between lies beyond";
    const double next = std::nextafter(std::nextafter(from, infinity), infinity);
    const Matrix narrow = min_max_apply(min_max_fit(x), x, from, next);
    EXPECT_TRUE(std::ranges::is_sorted(narrow.flat())) << "between two neighbours as well";
  }
}

TEST(MinMax, RefusesWhatDoesNotFit) {
  points(1);
  EXPECT_TRUE(near(min_max_fit({{3, 1, 2}}).high, {{3, 1, 2}}, 0)) << "one sample is enough";
  EXPECT_TRUE(refuses([] { min_max_fit(Matrix(0, 3)); })) << "no samples";
  const Matrix x = {{0, 1, -1}, {1, 0, 0}, {-1, 0, 1}};
  const MinMax fit{Matrix(1, 3, -1), Matrix(1, 3, 1)};
  EXPECT_TRUE(near(min_max_apply(fit, Matrix(2, 3), -3, -2), Matrix(2, 3, -2.5), 1e-15));
  EXPECT_TRUE(accepts([&] { min_max_apply(fit, Matrix(0, 3)); })) << "nothing to move";
  for (double bad : {nan, infinity, -infinity}) {
    for_each_place(x, [&](int row, int col) {
      const Matrix broken = with(x, row, col, bad);
      EXPECT_TRUE(refuses([&] { min_max_fit(broken); })) << bad << " in row " << row;
      EXPECT_TRUE(refuses([&] { min_max_apply(fit, broken); })) << bad << " in row " << row;
    });
    for_each_place(fit.low, [&](int, int col) {
      const Matrix low = with(fit.low, 0, col, bad), high = with(fit.high, 0, col, bad);
      EXPECT_TRUE(refuses([&] { min_max_apply({low, fit.high}, x); })) << "low is " << bad;
      EXPECT_TRUE(refuses([&] { min_max_apply({fit.low, high}, x); })) << "high is " << bad;
    });
  }
  for_each_place(fit.low, [&](int, int col) {
    const Matrix low = with(fit.low, 0, col, 1.5);
    EXPECT_TRUE(refuses([&] { min_max_apply({low, fit.high}, x); })) << "low above high, " << col;
    EXPECT_TRUE(refuses([&] {
      min_max_apply({low, fit.high}, Matrix(0, 3));
    })) << "low above high, whatever x is";
  });
  EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(0, 3), nan, 1); })) << "whatever x is";
  for_each_place(x, [&](int row, int col) {
    for (double far : {1e300, -1e300})
      EXPECT_TRUE(refuses([&] {
        min_max_apply({Matrix(1, 3), Matrix(1, 3, 1)}, with(x, row, col, far), 0, 1e10);
      })) << "a single result is infinite, in row "
          << row << ", feature " << col;
  });
  EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), 1, 1); })) << "from is to";
  EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), 1, 0); })) << "from is above to";
  for (double bad : {nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { min_max_apply(fit, {{0, bad, 0}}); })) << "x has " << bad;
    EXPECT_TRUE(refuses([&] {
      min_max_apply({{{3}}, {{3}}}, {{bad}});
    })) << "all were 3, not "
        << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply({{{bad}}, {{1}}}, {{0}}); })) << "low is " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply({{{0}}, {{bad}}}, {{0}}); })) << "high is " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), bad, 1); })) << "from is " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), 0, bad); })) << "to is " << bad;
  }
  EXPECT_TRUE(refuses([] { min_max_apply({{{2}}, {{1}}}, {{0}}); })) << "low is above high";
  EXPECT_TRUE(refuses([] {
    min_max_apply({{{0, 1}}, {{1, std::nextafter(1, 0)}}}, {{0, 1}});
  })) << "low is above high, by a bit";
  for (const MinMax& far : {MinMax{{{-1e308}}, {{1e308}}}, {{{0, -1e308}}, {{1, 1e308}}}})
    EXPECT_TRUE(refuses([&] { min_max_apply(far, Matrix(1, far.low.cols())); }))
        << "infinitely far";
  EXPECT_TRUE(refuses([] { min_max_apply({{{0}}, {{1e-9}}}, {{1e308}}); })) << "so is 1e317";
  EXPECT_TRUE(refused_or(
      [] {
        return min_max_apply({{{-1e308}}, {{0}}}, {{1e308}});
      },
      2))
      << "1e308 lies twice the range from -1e308";
  for (const Matrix& other : misfits(fit.low)) {
    EXPECT_TRUE(refuses([&] { min_max_apply({other, fit.high}, Matrix(2, 3)); })) << shape(other);
    EXPECT_TRUE(refuses([&] { min_max_apply({fit.low, other}, Matrix(2, 3)); })) << shape(other);
  }
}

// ---- standardization ----

TEST(Standardization, IsNumPysOnTheThousandValuesOfTheNotes) {
  points(2);
  const Matrix x = table(golden::lecture, 1);  // np.random.seed(42); normal(10, 5, 1000)
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(standardize_fit({{1}, {5}}).deviation, {{2}}, 1e-15)) << "by N";
  const Standardization fit = standardize_fit(x);
  EXPECT_TRUE(near(fit.mean, table(golden::lecture_mean, 1), 1e-12));
  EXPECT_TRUE(near(fit.deviation, table(golden::lecture_deviation, 1), 1e-12))
      << "the deviation divides by N, as np.std does, not by N - 1";
  EXPECT_TRUE(near(standardize_apply(fit, x), table(golden::lecture_standardized, 1), 1e-12));
}

TEST(Standardization, AppliesTheTrainingStatisticsToTestData) {
  points(2);
  const Matrix train = table(golden::normalization_train, 3);
  const Standardization fit = standardize_fit(train);
  EXPECT_TRUE(near(fit.mean, table(golden::normalization_mean, 3), 1e-12));
  EXPECT_TRUE(near(fit.deviation, table(golden::normalization_deviation, 3), 1e-12));
  EXPECT_TRUE(near(standardize_apply(fit, train), table(golden::standardized_train, 3), 1e-11));
  EXPECT_TRUE(near(standardize_apply(fit, table(golden::normalization_test, 3)),
                   table(golden::standardized_test, 3), 1e-11))
      << "test data are moved by the mean of the training data, not by their own";
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(standardize_apply({{{3}}, {{2}}}, {{7}}), {{2}}, 1e-15))
        << "a single sample has a z-score, too";
  EXPECT_TRUE(
      near(standardize_apply({{{3}}, {{2}}}, {{2e6}, {-2e6}}), {{1e6 - 1.5}, {-1e6 - 1.5}}, 1e-9))
      << "and one far away a large one";
}

TEST(Standardization, OfALargeTableIsThatOfPlainLoops) {
  points(1);
  for (const auto& [N, features] : large_tables) {
    Random random = test_random(13);
    const Matrix x = uneven_table(N, features, random), before = x;
    Standardization plain{Matrix(1, features), Matrix(1, features)};
    for (int d = 0; d < features; ++d) {
      plain.mean(0, d) = mean_of(x, d);
      plain.deviation(0, d) = deviation_of(x, d);
    }
    if (features > 1) plain.deviation(0, features - 1) = 0;
    const Standardization fit = standardize_fit(x), used = plain;
    ASSERT_EQ(shape(fit.mean) + shape(fit.deviation), shape(plain.mean) + shape(plain.deviation));
    EXPECT_EQ(x, before) << "x is only read";
    Matrix z = x;
    for (int d = 0; d < features; ++d) {
      const double mean = mean_of(x, d), deviation = deviation_of(x, d);
      EXPECT_TRUE(near(fit.mean(0, d) / deviation, mean / deviation, 1e-11))
          << "feature " << d << " of " << N << " samples";
      EXPECT_TRUE(near(fit.deviation(0, d) / deviation, 1, 1e-11))
          << "feature " << d << " of " << N << " samples";
      const double divisor = plain.deviation(0, d) == 0 ? 1 : deviation;
      for (int n = 0; n < N; ++n) z(n, d) = (x(n, d) - plain.mean(0, d)) / divisor;
    }
    EXPECT_TRUE(near(standardize_apply(used, x), z, 1e-11))
        << N << " samples, " << features << " features; a deviation of 0 counts as 1";
    EXPECT_EQ(x, before) << "x is only read";
    EXPECT_EQ(used.mean, plain.mean) << "the fit is only read";
    EXPECT_EQ(used.deviation, plain.deviation)
        << "the fit is only read: a deviation of 0 stays there";
  }
}

TEST(Standardization, GivesEachFeatureMeanZeroAndDeviationOne) {
  points(1);
  for (int salt = 0; salt < 3; ++salt) {
    const Matrix x = stretched(test_random(10 + salt).normal_matrix(0, 1, 50, 3), {{1, 0.01, 30}},
                               {{-20, 0.3, 100}});
    const Matrix z = standardize_apply(standardize_fit(x), x);
    ASSERT_EQ(z.rows(), 50);
    ASSERT_EQ(z.cols(), 3);
    for (int d = 0; d < 3; ++d) {
      EXPECT_TRUE(near(mean_of(z, d), 0, 1e-11)) << "feature " << d << " for itself";
      EXPECT_TRUE(near(deviation_of(z, d), 1, 1e-11)) << "feature " << d << " for itself";
    }
  }
}

TEST(Standardization, AFeatureThatNeverChangesBecomesZero) {
  points(1);
  Matrix x = {{1, 0.1, -7}, {3, 0.1, -7}, {2, 0.1, -7}};
  ASSERT_EQ(shape(standardize_fit(x).deviation), "(1,3)");
  EXPECT_EQ(standardize_fit(x).deviation(0, 1), 0)
      << "0.1 + 0.1 + 0.1 rounds: a mean that misses 0.1 by a bit makes a deviation of a bit";
  Matrix z = standardize_apply(standardize_fit(x), x);
  ASSERT_EQ(shape(z), "(3,3)");
  for (int n = 0; n < 3; ++n)
    for (int d = 1; d < 3; ++d) EXPECT_EQ(z(n, d), 0) << "not 0/0, and not 1 from a rounded mean";
  EXPECT_TRUE(near(standardize_apply(standardize_fit(x), {{2, 0.6, -4}}), {{0, 0.5, 3}}, 1e-15))
      << "a deviation of 0 counts as 1";
  for (double zero : {0.0, -0.0})
    EXPECT_TRUE(near(standardize_apply({{{1e12}}, {{zero}}}, {{1e12 + 2}}), {{2}}, 1e-15))
        << "a deviation of 0 counts as 1, also far away";
  EXPECT_TRUE(
      near(standardize_apply({{{1e15}}, {{0.5}}}, {{1e15 + 1}, {1e15 - 1}}), {{2}, {-2}}, 1e-14))
      << "only a deviation of 0, not one that is small beside the mean";
  const Matrix huge = {{1.7e308, 1.5e308, -1.6e308, 3e-310}};
  const Matrix thrice = stretched(Matrix(3, 4), huge, huge);
  const Standardization of_huge = standardize_fit(thrice);
  EXPECT_TRUE(near(of_huge.mean, huge, 0)) << "exactly its value, whatever the sum is";
  EXPECT_TRUE(near(of_huge.deviation, Matrix(1, 4), 0)) << "whatever the sum is";
  EXPECT_TRUE(near(standardize_apply({huge, Matrix(1, 4)}, thrice), Matrix(3, 4), 0))
      << "whatever the sum is";
  for (int features : {1, 4})
    for (int N : {6, 7, 10, 49, 1000, 5000}) {
      const Matrix values = test_random(20 + N).normal_matrix(0, 100, 1, features);
      const Standardization fit = standardize_fit(stretched(Matrix(N, features), values, values));
      ASSERT_EQ(shape(fit.mean) + shape(fit.deviation), shape(values) + shape(values));
      for (int d = 0; d < features; ++d) {
        EXPECT_EQ(fit.mean(0, d), values(0, d)) << N << " samples, feature " << d;
        EXPECT_EQ(fit.deviation(0, d), 0) << N << " samples, feature " << d;
      }
    }
  EXPECT_EQ(standardize_fit(Matrix(10, 1, 0.1)).deviation(0, 0), 0) << "ten times 0.1";
  Matrix many(5000, 1, 3);
  for (int n = 0; n < 2500; ++n) many(n, 0) = -1;
  EXPECT_TRUE(near(standardize_fit(many).deviation, {{2}}, 1e-13)) << "5000 samples";
  for (const Matrix& one : {Matrix{{4, -2}}, Matrix{{0, 0.1}}}) {
    z = standardize_apply(standardize_fit(one), one);
    EXPECT_TRUE(near(z, {{0, 0}}, 0)) << "a single sample never changes";
  }
}

TEST(Standardization, KeepsItsDigitsFarFromZero) {
  points(1);
  for (double place : {1e3, 1e4, 1e5, 1e6, 1e7}) {
    const Matrix near_zero = test_random(30).normal_matrix(0, 1, 20, 2);
    const Matrix far = stretched(near_zero, {{1, 1}}, {{place, -place}});
    const Matrix plain = {{deviation_of(far, 0), deviation_of(far, 1)}};
    EXPECT_TRUE(near(standardize_fit(far).deviation, plain, 2e-14 * place))
        << "1/N Σ (x - mean)^2, not the difference of the large 1/N Σ x^2 and mean^2, at " << place;
  }
  // These means have all their digits.
  for (const auto& [place, apart] : {std::pair{1e10, 2.0}, {1e14, 2.0}, {-1e15, 0.25}})
    EXPECT_TRUE(near(standardize_fit({{place}, {place + apart}}).deviation, {{apart / 2}}, 1e-14))
        << "only a feature that never changes has a deviation of 0, not one that changes by "
        << apart << " at " << place;
}

TEST(Standardization, OfASmallFeatureIsThatOfALargeOne) {
  points(1);
  const Matrix x = test_random(31).normal_matrix(0, 1, 10, 1);
  const double mean = mean_of(x, 0), deviation = deviation_of(x, 0);
  const auto [low, high] = std::ranges::minmax(x.flat());
  Matrix z = x, y = x;
  for (Scalar& v : z.flat()) v = (v - mean) / deviation;
  for (Scalar& v : y.flat()) v = (v - low) / (high - low);
  for (double unit : {1e-12, 1e-30, 1e-100}) {
    const Matrix tiny = stretched(x, {{unit}}, {{0}});
    EXPECT_TRUE(near(standardize_apply(standardize_fit(tiny), tiny), z, 1e-11))
        << "small is not constant: only a deviation of 0 counts as 1, unit " << unit;
    EXPECT_TRUE(near(min_max_apply(min_max_fit(tiny), tiny), y, 1e-11))
        << "small is not constant: only a range of 0 has no width, unit " << unit;
  }
}

TEST(Standardization, KnowsValuesWhoseSquaresAreNoNumbers) {
  points(1);
  const auto deviation = [](const Matrix& x) {
    const Matrix got = standardize_fit(x).deviation;
    return got.size() == 1 ? got(0, 0) : nan;
  };
  const double third = std::sqrt(2.0 / 3);
  EXPECT_TRUE(near(deviation({{1e-200}, {-1e-200}}) / 1e-200, 1, 1e-14))
      << "the square of 1e-200 is 0, but its root is not";
  EXPECT_TRUE(near(deviation({{-1e-170}, {0}, {1e-170}}) / 1e-170, third, 1e-14));
  EXPECT_TRUE(near(deviation({{1e200}, {2e200}, {3e200}}) / 1e200, third, 1e-14))
      << "the square of 1e200 is infinite, but its root is not";
  EXPECT_TRUE(near(deviation({{-1e-300}, {0}, {1e-300}}) / 1e-300, third, 1e-14));
  EXPECT_TRUE(near(deviation({{1e300}, {2e300}, {3e300}}) / 1e300, third, 1e-14));
  for (double unit : {1e-200, 1e-163, 1e-161, 1e-159, 1e-156, 1e153, 1e154, 1e155, 1e200})
    EXPECT_TRUE(near(deviation({{0}, {0}, {unit}, {-unit}}) / unit, std::sqrt(0.5), 1e-14))
        << "the largest value may stand anywhere, its square may have lost digits, " << unit;
  // These have a mean and a deviation, whatever is infinite on the way there: refused, or right.
  for (const Matrix& far : {Matrix{{1e308}, {1.5e308}}, Matrix{{-1.7e308}, {1.7e308}}}) {
    const double half_mean = far(0, 0) / 2 + far(1, 0) / 2, half = far(1, 0) / 2 - far(0, 0) / 2;
    Standardization fit;
    EXPECT_TRUE(refuses([&] { fit = standardize_fit(far); }) ||
                (near(scaled(fit.mean, 1e-308), {{half_mean * 1e-308}}, 1e-14) &&
                 near(scaled(fit.deviation, 1e-308), {{half * 1e-308}}, 1e-14)))
        << "never infinity";
  }
  const Matrix least = {{1e-310}, {-1e-310}};  // below the smallest normal number
  EXPECT_TRUE(near(deviation(least) / 1e-310, 1, 1e-10)) << "only a deviation of 0 is 0";
  EXPECT_TRUE(near(standardize_apply({{{0}}, {{1e-310}}}, least), {{1}, {-1}}, 1e-10))
      << "only a deviation of 0 counts as 1, and 1 / 1e-310 is infinite";
  const Matrix beyond = standardize_apply({{{0}}, {{1e-9}}}, {{1e290}});
  ASSERT_EQ(shape(beyond), "(1,1)");
  EXPECT_TRUE(near(beyond(0, 0) / 1e299, 1, 1e-14)) << "however far away, if it is a number";
  const Matrix x = {{1e200, 1e-200}, {2e200, -1e-200}, {3e200, 0}};
  const Matrix z = standardize_apply(standardize_fit(x), x);
  EXPECT_TRUE(near(z, {{-1 / third, 1 / third}, {0, -1 / third}, {1 / third, 0}}, 1e-14));
}

TEST(Standardization, RefusesWhatDoesNotFit) {
  points(1);
  EXPECT_TRUE(near(standardize_fit({{3, 1, 2}}).mean, {{3, 1, 2}}, 0)) << "one sample is enough";
  EXPECT_TRUE(refuses([] { standardize_fit(Matrix(0, 3)); })) << "no samples";
  const Matrix x = {{0, 1, -1}, {1, 0, 0}, {-1, 0, 1}};
  const Standardization fit{Matrix(1, 3, 1), Matrix(1, 3, 2)};
  EXPECT_TRUE(near(standardize_apply(fit, Matrix(2, 3)), Matrix(2, 3, -0.5), 1e-15));
  EXPECT_TRUE(accepts([&] { standardize_apply(fit, Matrix(0, 3)); })) << "nothing to move";
  for (double bad : {nan, infinity, -infinity})
    for_each_place(x, [&](int row, int col) {
      const Matrix broken = with(x, row, col, bad);
      EXPECT_TRUE(refuses([&] { standardize_fit(broken); })) << bad << " in row " << row;
      EXPECT_TRUE(refuses([&] { standardize_apply(fit, broken); })) << bad << " in row " << row;
    });
  const Matrix large(1100, 300, 1), row(1, 300, 1);
  for (const auto& [n, d] : places(large)) {
    const Matrix broken = with(large, n, d, nan);
    EXPECT_TRUE(refuses([&] { standardize_fit(broken); })) << "row " << n << " of 1100";
    EXPECT_TRUE(refuses([&] { min_max_fit(broken); })) << "row " << n << " of 1100";
    EXPECT_TRUE(refuses([&] { standardize_apply({row, row}, broken); })) << "row " << n;
    EXPECT_TRUE(refuses([&] { min_max_apply({row, row}, broken); })) << "row " << n;
  }
  Matrix wide(3, 200), numbers(1, 200);
  for (int d = 0; d < 200; ++d) numbers(0, d) = wide(0, d) = wide(1, d) = wide(2, d) = d;
  EXPECT_TRUE(near(standardize_fit(wide).mean, numbers, 0)) << "200 features";
  EXPECT_TRUE(refuses([] { standardize_apply({{{0}}, {{1e-9}}}, {{1e308}}); })) << "z is 1e317";
  EXPECT_TRUE(refused_or(
      [] {
        return standardize_apply({{{1e308}}, {{1e308}}}, {{-1e308}});
      },
      -2))
      << "-1e308 lies two deviations below 1e308";
  for_each_place(x, [&](int row, int col) {
    for (double far : {1e308, -1e308})
      EXPECT_TRUE(refuses([&] {
        standardize_apply({Matrix(1, 3), Matrix(1, 3, 1e-9)}, with(x, row, col, far));
      })) << "a single result is infinite, in row "
          << row << ", feature " << col;
  });
  for (double bad : {nan, infinity, -infinity})
    for_each_place(fit.mean, [&](int, int col) {
      const Matrix mean = with(fit.mean, 0, col, bad);
      EXPECT_TRUE(refuses([&] {
        standardize_apply({mean, fit.deviation}, x);
      })) << "a mean of "
          << bad << " makes results that are no numbers";
    });
  for (double bad : {nan, infinity, -infinity, -2.0, -1e-9})
    for_each_place(fit.mean, [&](int, int col) {
      const Matrix deviation = with(fit.deviation, 0, col, bad);
      EXPECT_TRUE(refuses([&] {
        standardize_apply({fit.mean, deviation}, Matrix(0, 3));
      })) << "whatever x is, a deviation of "
          << bad;
      EXPECT_TRUE(refuses([&] {
        standardize_apply({fit.mean, deviation}, x);
      })) << "a deviation of "
          << bad;
    });
  for (const Matrix& other : misfits(fit.mean)) {
    EXPECT_TRUE(refuses([&] {
      standardize_apply({other, fit.deviation}, Matrix(2, 3));
    })) << "mean "
        << shape(other);
    EXPECT_TRUE(refuses([&] {
      standardize_apply({fit.mean, other}, Matrix(2, 3));
    })) << "deviation "
        << shape(other);
  }
}

// ---- PyTorch's batch normalization ----

// One of the four batches of tests/golden/torch_batch_norm.py, and what PyTorch makes of it.
struct Setting {
  Scalar momentum, epsilon;
  const std::vector<double>&y, &x_hat, &inverse, &dx, &dgamma, &dbeta, &mean, &variance, &inference;
};
#define GRADUS_SETTING(name, momentum, epsilon)                                          \
  {                                                                                      \
    momentum, epsilon, golden::batch_norm_##name##_y, golden::batch_norm_##name##_x_hat, \
        golden::batch_norm_##name##_inverse, golden::batch_norm_##name##_dx,             \
        golden::batch_norm_##name##_dgamma, golden::batch_norm_##name##_dbeta,           \
        golden::batch_norm_##name##_mean, golden::batch_norm_##name##_variance,          \
        golden::batch_norm_##name##_inference                                            \
  }
const Setting settings[] = {GRADUS_SETTING(usual, 0.1, 1e-5), GRADUS_SETTING(other, 0.3, 0.01)};
#undef GRADUS_SETTING

constexpr int D = 4;

struct Batch {
  int first, rows;
  Matrix of(const std::vector<double>& values) const { return rows_of(values, D, first, rows); }
};
std::vector<Batch> torch_batches() {
  std::vector<Batch> batches;
  int first = 0;
  for (int N : golden::batch_norm_sizes) {
    batches.push_back({first, N});
    first += N;
  }
  return batches;
}

// γ and β of PyTorch's runs, running statistics as at the start.
BatchNorm torch_norm(const Setting& torch) {
  return {.gamma = table(golden::batch_norm_gamma, D),
          .beta = table(golden::batch_norm_beta, D),
          .mean = Matrix(1, D),
          .variance = Matrix(1, D, 1),
          .momentum = torch.momentum,
          .epsilon = torch.epsilon};
}

constexpr double none = 1e-100;  // an ε that changes nothing

// γ 1, β 0, running mean 0 and variance 1.
BatchNorm fresh_norm(int features) {
  return {.gamma = Matrix(1, features, 1),
          .beta = Matrix(1, features),
          .mean = Matrix(1, features),
          .variance = Matrix(1, features, 1)};
}

// Any γ and β but 1 and 0, every other γ below 0, and any running statistics but the first.
BatchNorm random_norm(int features, Random& random) {
  BatchNorm norm{.gamma = random.uniform_matrix(0.5, 2, 1, features),
                 .beta = random.normal_matrix(0, 1, 1, features),
                 .mean = random.normal_matrix(0, 1, 1, features),
                 .variance = random.uniform_matrix(0.5, 2, 1, features)};
  for (int d = 1; d < features; d += 2) norm.gamma(0, d) *= -1;
  return norm;
}

// The same with another momentum or ε.
BatchNorm with_momentum(BatchNorm norm, double momentum) {
  norm.momentum = momentum;
  return norm;
}
BatchNorm with_epsilon(BatchNorm norm, double epsilon) {
  norm.epsilon = epsilon;
  return norm;
}

// ---- forward ----

TEST(BatchNorm, StartsWithoutAnEffectOfItsOwn) {
  points(1);
  for (int features = 1; features < 1300; features += 1 + features / 9) {
    const Matrix ones(1, features, 1), zeros(1, features);
    const BatchNorm norm = batch_norm_init(features);
    ASSERT_TRUE(near(norm.gamma, ones, 0)) << "γ = 1";
    ASSERT_TRUE(near(norm.beta, zeros, 0)) << "β = 0";
    ASSERT_TRUE(near(norm.mean, zeros, 0)) << "running mean 0";
    ASSERT_TRUE(near(norm.variance, ones, 0)) << "running variance 1";
    ASSERT_EQ(norm.momentum, 0.1);
    ASSERT_EQ(norm.epsilon, 1e-5);
  }
  EXPECT_TRUE(refuses([] { batch_norm_init(0); })) << "no features";
  EXPECT_TRUE(refuses([] { batch_norm_init(-1); })) << "less than none";
}

TEST(BatchNorm, ForwardIsPyTorchs) {
  points(4);
  for (const Setting& torch : settings) {
    BatchNorm norm = torch_norm(torch);
    int index = 0;
    for (const Batch& batch : torch_batches()) {
      const BatchNormForward f = batch_norm_forward(norm, batch.of(golden::batch_norm_x));
      EXPECT_TRUE(near(f.x_hat, batch.of(torch.x_hat), 1e-12))
          << "x̂ = (x - mean) / √(variance + ε): statistics of each column, the variance by N";
      EXPECT_TRUE(near(f.y, batch.of(torch.y), 1e-12)) << "y = γ x̂ + β";
      EXPECT_TRUE(near(f.inverse, rows_of(torch.inverse, D, index++, 1), 1e-12))
          << "1 / √(variance + ε)";
    }
  }
}

TEST(BatchNorm, NormalizesByHand) {
  points(2);
  BatchNorm norm = with_epsilon(fresh_norm(2), none);
  norm.gamma = {{1, 10}};
  norm.beta = {{0, 5}};
  // means 2 and 100, variances 1 and 4
  const Matrix x = {{1, 102}, {3, 98}, {1, 98}, {3, 102}};
  BatchNormForward f;
  for (int i = 0; i < repetitions; ++i) {
    f = batch_norm_forward(norm, x);
    ASSERT_TRUE(near(f.y, {{-1, 15}, {1, -5}, {-1, -5}, {1, 15}}, 1e-13)) << "γ x̂ + β";
  }
  EXPECT_TRUE(near(f.x_hat, {{-1, 1}, {1, -1}, {-1, -1}, {1, 1}}, 1e-14));
  EXPECT_TRUE(near(f.inverse, {{1, 0.5}}, 1e-15));
  BatchNorm six = with_epsilon(fresh_norm(6), none);
  EXPECT_TRUE(near(batch_norm_forward(six, {{1, 2, 3, 4, 5, 6}, {3, 4, 5, 6, 7, 8}}).y,
                   {{-1, -1, -1, -1, -1, -1}, {1, 1, 1, 1, 1, 1}}, 1e-14))
      << "fewer samples than features";
  norm.gamma = {{-1, 0}};
  EXPECT_TRUE(near(batch_norm_forward(norm, x).y, {{1, 5}, {-1, 5}, {1, 5}, {-1, 5}}, 1e-13))
      << "γ may be below 0, and 0";
  norm.gamma = {{-2000, 1e6}};
  norm.beta = {{500, -3e7}};
  EXPECT_TRUE(near(batch_norm_forward(norm, x).y,
                   {{2500, -2.9e7}, {-1500, -3.1e7}, {2500, -3.1e7}, {-1500, -2.9e7}}, 1e-6))
      << "γ and β may be as large as they like";
  norm.gamma = {{-1, 0}};
  norm.epsilon = fresh_norm(2).epsilon;
  const BatchNormForward usual = batch_norm_forward(norm, {{0, 0}, {0, 0}, {0.02, 1}, {0.02, 1}});
  ASSERT_EQ(shape(usual.inverse), "(1,2)");
  EXPECT_TRUE(near(usual.inverse(0, 0), 1 / std::sqrt(1.1e-4), 1e-10))
      << "variance 1e-4, and ε = 1e-5 unless another is given, under the root";
}

// γ (x - mean) / deviation + β: ε too small to count.
Matrix normalized(const BatchNorm& norm, const Matrix& x) {
  Matrix y = x;
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d)
      y(n, d) = norm.gamma(0, d) * (x(n, d) - mean_of(x, d)) / deviation_of(x, d) + norm.beta(0, d);
  return y;
}

TEST(BatchNorm, ForgetsWhereAFeatureLiesAndHowLargeItIs) {
  points(1);
  Random random = test_random(40);
  const Matrix x = random.normal_matrix(0, 1, 6, 3);
  BatchNorm norm = with_epsilon(random_norm(3, random), none);
  const Matrix y = normalized(norm, x);
  EXPECT_TRUE(near(batch_norm_forward(norm, x).y, y, 1e-11)) << "mean β and deviation |γ|";
  const Matrix moved = stretched(x, {{100, 0.01, 7}}, {{3, -0.5, 40}});
  EXPECT_TRUE(near(batch_norm_forward(norm, moved).y, y, 1e-9))
      << "weights a hundred times as large give the same y";
  for (double place : {1e3, 1e4, 1e5, 1e6}) {
    const Matrix far = stretched(x, {{1, 1, 1}}, {{place, -place, place}});
    EXPECT_TRUE(near(batch_norm_forward(norm, far).y, normalized(norm, far), 1e-13 * place))
        << "also far from 0, at " << place << ": take the mean away before you square";
  }
  const Matrix tiny = stretched(x, {{1e-9, 1e-20, 1e-40}}, {{0, 0, 0}});
  EXPECT_TRUE(near(batch_norm_forward(norm, tiny).y, y, 1e-9)) << "also very near it";
  BatchNorm least = fresh_norm(2);
  const Matrix nearly_zero = {{3e-310, 1}, {0, 3}};
  EXPECT_TRUE(near(batch_norm_forward(least, nearly_zero).inverse,
                   {{1 / std::sqrt(1e-5), 1 / std::sqrt(1 + 1e-5)}}, 1e-10))
      << "3e-310 is a number, too";
  for (double place : {1e100, 1e150, 3e153}) {
    BatchNorm one{{{-2}}, {{3}}, {{0}}, {{1}}};
    one.momentum = 1;
    const BatchNormForward f = batch_norm_forward(one, {{place}, {-place}});
    EXPECT_TRUE(near(f.x_hat, {{1}, {-1}}, 1e-14)) << place << ": its square is still a number";
    EXPECT_TRUE(near(f.y, {{1}, {5}}, 1e-13)) << "a single feature has its γ and β, too";
    EXPECT_TRUE(near(one.variance(0, 0) / (2 * place * place), 1, 1e-14)) << place;
  }
  for (int digits : {20, 40, 48}) {  // few units in the last places, and a variance all the same
    BatchNorm one = fresh_norm(1);
    one.momentum = 1;
    const double apart = std::ldexp(1, -digits);
    batch_norm_forward(one, {{1}, {1 + apart}});
    EXPECT_TRUE(near(one.variance(0, 0) / (apart * apart / 2), 1, 1e-3)) << "apart by " << apart;
  }
}

// ---- running statistics ----

TEST(RunningStatistics, ArePyTorchsAfterEachBatch) {
  points(3);
  for (const Setting& torch : settings) {
    BatchNorm norm = torch_norm(torch);
    int index = 0;
    for (const Batch& batch : torch_batches()) {
      const BatchNormForward f = batch_norm_forward(norm, batch.of(golden::batch_norm_x));
      EXPECT_TRUE(near(f.x_hat, batch.of(torch.x_hat), 1e-12)) << "which are not yet used here";
      EXPECT_TRUE(near(norm.mean, rows_of(torch.mean, D, index, 1), 1e-12))
          << "batch " << index << ": m = (1 - momentum) m + momentum (the batch's)";
      EXPECT_TRUE(near(norm.variance, rows_of(torch.variance, D, index, 1), 1e-12))
          << "batch " << index << ": the batch's variance here is that by N - 1";
      ++index;
    }
    EXPECT_EQ(norm.gamma, torch_norm(torch).gamma) << "γ is learned by steps, not by forward";
    EXPECT_EQ(norm.beta, torch_norm(torch).beta) << "β is learned by steps, not by forward";
    EXPECT_EQ(norm.momentum, torch.momentum) << "a setting of the caller's";
    EXPECT_EQ(norm.epsilon, torch.epsilon) << "a setting of the caller's";
  }
}

TEST(RunningStatistics, MoveATenthOfTheWayToTheUnbiasedVariance) {
  points(3);
  BatchNorm norm = fresh_norm(1);
  const BatchNormForward f = batch_norm_forward(norm, {{10}, {14}});  // variance 4 by N, 8 by N - 1
  EXPECT_TRUE(near(f.x_hat, {{-1}, {1}}, 2e-6)) << "in the batch: by N";
  EXPECT_TRUE(near(norm.mean(0, 0), 1.2, 1e-14)) << "0.9 · 0 + 0.1 · 12";
  EXPECT_TRUE(near(norm.variance(0, 0), 1.7, 1e-14)) << "0.9 · 1 + 0.1 · 8: by N - 1";
  norm.momentum = 1;
  batch_norm_forward(norm, {{10}, {14}});
  EXPECT_TRUE(near(norm.mean(0, 0), 12, 1e-14)) << "momentum 1 forgets what was";
  EXPECT_TRUE(near(norm.variance(0, 0), 8, 1e-14)) << "momentum 1 forgets what was";
  norm.mean = {{1e20}};
  norm.variance = {{1e20}};
  batch_norm_forward(norm, {{10}, {14}});
  EXPECT_TRUE(near(norm.mean(0, 0), 12, 1e-14)) << "also where 1e20 + (12 - 1e20) would be 0";
  EXPECT_TRUE(near(norm.variance(0, 0), 8, 1e-14)) << "also where 1e20 + (8 - 1e20) would be 0";
  norm.momentum = 0;
  batch_norm_forward(norm, {{-1}, {5}});
  EXPECT_TRUE(near(norm.mean(0, 0), 12, 1e-14)) << "momentum 0 learns nothing";
  EXPECT_TRUE(near(norm.variance(0, 0), 8, 1e-14)) << "momentum 0 learns nothing";
  norm.momentum = 0.5;
  batch_norm_forward(norm, {{1e9 - 1e8}, {1e9 + 1e8}});
  EXPECT_TRUE(near(norm.mean(0, 0) / (6 + 5e8), 1, 1e-13)) << "however far they have to go";
  EXPECT_TRUE(near(norm.variance(0, 0) / (4 + 1e16), 1, 1e-13)) << "however far they have to go";
  norm.momentum = 0.1;
  batch_norm_forward(norm, {{1e40}, {3e40}});
  EXPECT_TRUE(near(norm.mean(0, 0) / 2e39, 1, 1e-13)) << "however far they have to go";
  EXPECT_TRUE(near(norm.variance(0, 0) / 2e79, 1, 1e-13)) << "however far they have to go";
  norm.momentum = 1;
  for (double unit : {1e-20, 1e-70}) {
    batch_norm_forward(norm, {{unit}, {3 * unit}});
    EXPECT_TRUE(near(norm.mean(0, 0) / unit, 2, 1e-13)) << "small is not 0";
    EXPECT_TRUE(near(norm.variance(0, 0) / unit / unit, 2, 1e-13)) << "small is not 0";
  }
  Matrix many(5000, 1, 1);
  for (int n = 0; n < 2500; ++n) many(n, 0) = -1;
  batch_norm_forward(norm, many);
  EXPECT_TRUE(near(norm.variance(0, 0), 5000.0 / 4999, 1e-12)) << "of 5000 samples, by N - 1";
}

TEST(RunningStatistics, AreNotLookedAtInTraining) {
  points(1);
  const Setting& torch = settings[0];
  const Batch batch = torch_batches()[0];
  Random random = test_random(50);
  for (int i = 0; i < 3; ++i) {
    BatchNorm norm = torch_norm(torch);
    norm.mean = random.normal_matrix(30, 1, 1, D);
    norm.variance = random.uniform_matrix(50, 60, 1, D);
    const BatchNormForward f = batch_norm_forward(norm, batch.of(golden::batch_norm_x));
    EXPECT_TRUE(near(f.y, batch.of(torch.y), 1e-12))
        << "a batch is normalized by its own statistics, whatever the running ones are";
    const BatchNormForward theirs{batch.of(torch.y), batch.of(torch.x_hat),
                                  rows_of(torch.inverse, D, 0, 1)};
    EXPECT_TRUE(near(batch_norm_backward(batch.of(golden::batch_norm_dy), norm, theirs).dx,
                     batch.of(torch.dx), 1e-12))
        << "and so are its gradients";
  }
}

// ---- backward ----

TEST(BatchNorm, GradientsArePyTorchs) {
  points(4);
  // x̂ = ∓1, dy = (1, 3): dγ = 2, dβ = 4, dx = γ (dy - 2 - x̂) = 0.
  const BatchNormForward two{{{-1}, {1}}, {{-1}, {1}}, {{0.5}}};
  for (int i = 0; i < repetitions; ++i) {
    const BatchNormGradients g = batch_norm_backward({{1}, {3}}, fresh_norm(1), two);
    ASSERT_TRUE(near(g.dgamma, {{2}}, 1e-14) && near(g.dbeta, {{4}}, 1e-14));
    ASSERT_TRUE(near(g.dx, {{0}, {0}}, 1e-14)) << "of two samples nothing is left to move";
  }
  BatchNorm flat = fresh_norm(1);
  flat.gamma = {{0}};
  const BatchNormGradients still = batch_norm_backward({{1}, {3}}, flat, two);
  EXPECT_TRUE(near(still.dgamma, {{2}}, 1e-14) && near(still.dbeta, {{4}}, 1e-14))
      << "a γ of 0 learns, too";
  EXPECT_TRUE(near(still.dx, {{0}, {0}}, 0)) << "and lets nothing through";
  for (double size : {1e-30, 1e15, 1e150}) {
    const BatchNormGradients g = batch_norm_backward({{size}, {3 * size}}, fresh_norm(1), two);
    ASSERT_EQ(shape(g.dgamma) + shape(g.dbeta), "(1,1)(1,1)");
    EXPECT_TRUE(near(g.dgamma(0, 0) / size, 2, 1e-14)) << "dy of " << size;
    EXPECT_TRUE(near(g.dbeta(0, 0) / size, 4, 1e-14)) << "dy of " << size;
  }
  for (const Setting& torch : settings) {
    int index = 0;
    for (const Batch& batch : torch_batches()) {
      const BatchNormForward f{.y = batch.of(torch.y),
                               .x_hat = batch.of(torch.x_hat),
                               .inverse = rows_of(torch.inverse, D, index, 1)};
      const BatchNormGradients g =
          batch_norm_backward(batch.of(golden::batch_norm_dy), torch_norm(torch), f);
      EXPECT_TRUE(near(g.dx, batch.of(torch.dx), 1e-12))
          << "dx = (g - mean(g) - x̂ mean(g x̂)) / √(variance + ε) with g = γ dy";
      EXPECT_TRUE(near(g.dgamma, rows_of(torch.dgamma, D, index, 1), 1e-12)) << "dγ = Σ dy x̂";
      EXPECT_TRUE(near(g.dbeta, rows_of(torch.dbeta, D, index, 1), 1e-12)) << "dβ = Σ dy";
      BatchNorm larger = torch_norm(torch);
      larger.gamma = scaled(larger.gamma, -1e4);
      const Matrix dx = batch_norm_backward(batch.of(golden::batch_norm_dy), larger, f).dx;
      EXPECT_TRUE(near(scaled(dx, -1e-4), batch.of(torch.dx), 1e-12))
          << "dx of a γ that is 10^4 times as large is, too";
      ++index;
    }
  }
}

// L = Σ (dy y + y^3/3), whose gradient by y is dy + y^2.
Scalar bent(const Matrix& dy, const Matrix& y) {
  Scalar sum = dot(dy, y);
  for (Scalar v : y.flat()) sum += v * v * v / 3;
  return sum;
}

// Samples in random order that never lie close together: where a deviation is small, x̂ bends so
// sharply that differences are no measure of its slope.
Matrix spread_samples(int N, int features, Random& random) {
  Matrix x(N, features);
  for (int d = 0; d < features; ++d) {
    const std::vector<int> places = random.permutation(N);
    for (int n = 0; n < N; ++n) x(n, d) = places[n] - N / 2.0 + random.uniform(-0.4, 0.4);
  }
  return x;
}

TEST(BatchNorm, GradientsAreRight) {
  points(4);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(60 + salt);
    const int N = 4 + salt, features = 3;
    const Matrix x = stretched(spread_samples(N, features, random), {{1, 2, 0.8}}, {{3, 0, -1}});
    const Matrix dy = random.normal_matrix(0, 1, N, features);
    const BatchNorm norm = random_norm(features, random);
    const auto forward = [](BatchNorm at, const Matrix& x) { return batch_norm_forward(at, x); };

    const BatchNormForward f = forward(norm, x);
    ASSERT_EQ(shape(f.y), shape(dy));
    Matrix slope = dy;
    for (int i = 0; i < slope.size(); ++i) slope.flat()[i] += f.y.flat()[i] * f.y.flat()[i];
    const BatchNormGradients g = batch_norm_backward(slope, norm, f);

    EXPECT_TRUE(is_gradient(
        "batch norm dx", [&](const Matrix& m) { return bent(dy, forward(norm, m).y); }, x, g.dx));
    const auto by_gamma = [&](const Matrix& m) {
      BatchNorm other = norm;
      other.gamma = m;
      return bent(dy, forward(other, x).y);
    };
    EXPECT_TRUE(is_gradient("dgamma", by_gamma, norm.gamma, g.dgamma));
    const auto by_beta = [&](const Matrix& m) {
      BatchNorm other = norm;
      other.beta = m;
      return bent(dy, forward(other, x).y);
    };
    EXPECT_TRUE(is_gradient("dbeta", by_beta, norm.beta, g.dbeta));
  }
}

TEST(BatchNorm, GradientsAskForNothingThatNormalizationUndoes) {
  points(1);
  Random random = test_random(70);
  const Matrix x = random.normal_matrix(2, 3, 7, 3), dy = random.normal_matrix(0, 1, 7, 3);
  BatchNorm norm = with_epsilon(random_norm(3, random), none);
  const BatchNormForward f = batch_norm_forward(norm, x);
  const Matrix dx = batch_norm_backward(dy, norm, f).dx;
  ASSERT_EQ(dx.rows(), 7);
  ASSERT_EQ(dx.cols(), 3);
  for (int d = 0; d < 3; ++d) {
    double moved = 0, stretched = 0, size = 0;
    for (int n = 0; n < 7; ++n) {
      moved += dx(n, d);
      stretched += dx(n, d) * f.x_hat(n, d);
      size += std::abs(dx(n, d));
    }
    EXPECT_GT(size, 1e-3) << "the gradient is not all zeros";
    EXPECT_TRUE(near(moved, 0, 1e-11)) << "moving a whole feature changes nothing: Σ dx = 0";
    EXPECT_TRUE(near(stretched, 0, 1e-11)) << "nor does stretching it: Σ dx x̂ = 0";
  }
}

TEST(BatchNorm, AFeatureThatNeverChangesGivesNoNaN) {
  points(2);
  Random random = test_random(80);
  BatchNorm norm = random_norm(2, random);
  const Matrix x = {{0.1, 1}, {0.1, 4}, {0.1, 2}}, dy = random.normal_matrix(0, 1, 3, 2);
  const BatchNormForward f = batch_norm_forward(norm, x);
  for (int n = 0; n < 3; ++n) {
    ASSERT_EQ(shape(f.x_hat) + shape(f.y), "(3,2)(3,2)");
    EXPECT_TRUE(near(f.x_hat(n, 0), 0, 1e-12)) << "(x - mean) / √(0 + ε)";
    EXPECT_TRUE(near(f.y(n, 0), norm.beta(0, 0), 1e-11)) << "all that is left is β";
  }
  EXPECT_TRUE(near(f.inverse(0, 0), 1 / std::sqrt(1e-5), 1e-9)) << "1 / √(0 + ε)";
  const BatchNormGradients g = batch_norm_backward(dy, norm, f);
  ASSERT_EQ(shape(g.dgamma), "(1,2)");
  EXPECT_TRUE(all_finite(f.y) && all_finite(f.inverse) && all_finite(norm.variance));
  EXPECT_TRUE(all_finite(g.dx) && all_finite(g.dgamma) && all_finite(g.dbeta));
  EXPECT_TRUE(near(g.dgamma(0, 0), 0, 1e-10));
  BatchNorm tiny = with_epsilon(fresh_norm(1), 1e-290);
  const BatchNormForward still = batch_norm_forward(tiny, {{1}, {1}});
  EXPECT_TRUE(near(still.x_hat, {{0}, {0}}, 0)) << "0 / √(0 + ε)";
  EXPECT_TRUE(near(still.inverse(0, 0) / 1e145, 1, 1e-12)) << "1 / √(0 + ε) with ε = 1e-290";
}

// ---- inference ----

Matrix plain_inference(const BatchNorm& norm, const Matrix& x) {
  Matrix y = x;
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d)
      y(n, d) = norm.gamma(0, d) * (x(n, d) - norm.mean(0, d)) /
                    std::sqrt(norm.variance(0, d) + norm.epsilon) +
                norm.beta(0, d);
  return y;
}

TEST(Inference, IsPyTorchs) {
  points(3);
  const Matrix x = table(golden::batch_norm_unseen, D);
  for (const Setting& torch : settings) {
    BatchNorm norm = torch_norm(torch);
    const int last = static_cast<int>(golden::batch_norm_sizes.size()) - 1;
    norm.mean = rows_of(torch.mean, D, last, 1);
    norm.variance = rows_of(torch.variance, D, last, 1);
    EXPECT_TRUE(near(batch_norm_inference(norm, x), table(torch.inference, D), 1e-12))
        << "γ (x - running mean) / √(running variance + ε) + β";
  }
  BatchNorm small{.gamma = {{1}}, .beta = {{0}}, .mean = {{0}}, .variance = {{1e-4}}};
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(batch_norm_inference(small, {{1}}), {{1 / std::sqrt(1.1e-4)}}, 1e-10))
        << "ε = 1e-5 unless another is given, under the root";
  small.variance = {{0}};
  EXPECT_TRUE(near(batch_norm_inference(small, {{1}}), {{1 / std::sqrt(1e-5)}}, 1e-10))
      << "a running variance of 0 is one, too";
  small.gamma = {{-2}};
  EXPECT_TRUE(near(batch_norm_inference(with_epsilon(small, 1e-12), {{3e-6}}), {{-6}}, 1e-12))
      << "γ may be below 0";
  small.beta = {{7}};
  EXPECT_TRUE(
      near(batch_norm_inference(with_epsilon(small, 1), {{1}, {0}, {-2}}), {{5}, {7}, {11}}, 1e-14))
      << "β of a single feature";
  small.gamma = {{-2000}};
  small.beta = {{5e6}};
  EXPECT_TRUE(near(batch_norm_inference(with_epsilon(small, 1e4), {{1}, {-2}}),
                   {{5e6 - 20}, {5e6 + 40}}, 1e-8))
      << "γ, β and ε may be as large as they like";
  Random random = test_random(95);
  for (const auto& [samples, features] : {std::pair{10000, 12}, {3, 784}}) {
    const BatchNorm wide = random_norm(features, random);
    const Matrix many = random.normal_matrix(0, 1, samples, features);
    EXPECT_TRUE(near(batch_norm_inference(wide, many), plain_inference(wide, many), 1e-12))
        << samples << " samples, " << features << " features";
  }
  const Matrix far = batch_norm_inference(fresh_norm(1), {{1e200}});
  ASSERT_EQ(shape(far), "(1,1)");
  EXPECT_TRUE(near(far(0, 0) / 1e200, 1 / std::sqrt(1 + 1e-5), 1e-14)) << "however far away";
}

TEST(Inference, OfASampleDoesNotDependOnItsCompany) {
  points(1);
  Random random = test_random(90);
  const BatchNorm norm = random_norm(3, random);
  const Matrix x = random.normal_matrix(5, 2, 6, 3);
  const Matrix together = plain_inference(norm, x);
  EXPECT_TRUE(near(batch_norm_inference(norm, x), together, 1e-13));
  for (int n = 0; n < 6; ++n) {
    Matrix alone(1, 3), expected(1, 3);
    std::ranges::copy(x.row(n), alone.row(0).begin());
    std::ranges::copy(together.row(n), expected.row(0).begin());
    EXPECT_TRUE(near(batch_norm_inference(norm, alone), expected, 1e-13)) << "a sample alone";
    Matrix twice(2, 3);
    std::ranges::copy(x.row(n), twice.row(0).begin());
    std::ranges::copy(x.row((n + 1) % 6), twice.row(1).begin());
    const Matrix both = batch_norm_inference(norm, twice);
    ASSERT_EQ(shape(both), "(2,3)");
    EXPECT_TRUE(near(both(0, 0), together(n, 0), 1e-13)) << "in other company";
  }
  EXPECT_EQ(shape(batch_norm_inference(norm, Matrix(0, 3))), "(0,3)") << "and none at all";
}

TEST(Inference, ChangesNothing) {
  points(1);
  Random random = test_random(91);
  BatchNorm norm = random_norm(2, random);
  norm.gamma = {{2, -3}};
  norm.beta = {{1, 4}};
  const BatchNorm before = norm;
  const Matrix x = norm.mean, used = x;
  EXPECT_TRUE(near(batch_norm_inference(norm, used), {{1, 4}}, 1e-14)) << "β, of the running mean";
  EXPECT_EQ(used, x) << "x is only read";
  EXPECT_EQ(norm.momentum, before.momentum);
  EXPECT_EQ(norm.epsilon, before.epsilon);
  EXPECT_EQ(norm.mean, before.mean) << "running statistics are for training to write";
  EXPECT_EQ(norm.variance, before.variance) << "running statistics are for training to write";
  EXPECT_EQ(norm.gamma, before.gamma);
  EXPECT_EQ(norm.beta, before.beta);
}

// ---- what does not fit ----

TEST(BatchNorm, RefusesABatchOfOne) {
  points(1);
  Random random = test_random(92);
  BatchNorm norm = random_norm(3, random);
  norm.beta = {{3, 4, 5}};
  EXPECT_TRUE(near(batch_norm_forward(norm, Matrix(2, 3)).y, {{3, 4, 5}, {3, 4, 5}}, 1e-14)) << "β";
  const BatchNorm before = norm;
  EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, Matrix(1, 3, 4)); })) << "its x̂ is always 0";
  EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, Matrix(0, 3)); })) << "no samples";
  EXPECT_EQ(norm.mean, before.mean) << "what is refused changes nothing";
  EXPECT_EQ(norm.variance, before.variance) << "what is refused changes nothing";
  EXPECT_TRUE(near(batch_norm_inference(norm, norm.mean), {{3, 4, 5}}, 1e-14))
      << "alone is usual here";
}

TEST(BatchNorm, RefusesWhatWouldSpoilTheRunningStatisticsForGood) {
  points(1);
  Random random = test_random(93);
  BatchNorm norm = random_norm(3, random);
  const Matrix good = random.normal_matrix(0, 1, 4, 3);
  const BatchNorm before = norm;
  for (double momentum : {0.1, 0.0})
    for (double bad : {nan, infinity, -infinity, 1e200})  // the square of 1e200 is infinite
      for_each_place(good, [&](int row, int col) {
        const Matrix x = with(good, row, col, bad);
        norm.momentum = momentum;
        EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, x); })) << bad << " in row " << row;
        EXPECT_EQ(norm.mean, before.mean) << "what is refused changes no feature, " << bad;
        EXPECT_EQ(norm.variance, before.variance) << "what is refused changes no feature, " << bad;
      });
  // The variance of this one is a number by N, but not by N - 1.
  for (double momentum : {0.1, 0.0}) {
    BatchNorm one = with_momentum(fresh_norm(1), momentum);
    EXPECT_TRUE(refuses([&] {
      batch_norm_forward(one, {{1.2e154}, {-1.2e154}});
    })) << "infinite by N - 1";
    EXPECT_TRUE(near(one.variance, {{1}}, 0)) << "what is refused changes nothing";
  }
  norm.epsilon = none;
  EXPECT_TRUE(near(batch_norm_forward(norm, good).y, normalized(norm, good), 1e-11))
      << "and training goes on";
}

TEST(BatchNorm, RefusesMomentumAndEpsilonThatMakeNoSense) {
  points(1);
  const BatchNorm usual = fresh_norm(2);
  const Matrix x = {{1, 2}, {3, 5}};
  for (double momentum : {0.0, 0.5, 1.0, -0.1, 1.1, -1e-310, std::nextafter(1, 2), nan, infinity}) {
    BatchNorm norm = with_momentum(usual, momentum);
    const bool good = momentum >= 0 && momentum <= 1;
    const auto call = [&] { batch_norm_forward(norm, x); };
    EXPECT_TRUE(good ? accepts(call) : refuses(call)) << "momentum " << momentum;
    const double moved = good ? momentum : 0;
    EXPECT_TRUE(near(norm.mean, {{2 * moved, 3.5 * moved}}, 1e-14)) << "momentum " << momentum;
    if (good) continue;
    EXPECT_EQ(norm.mean, usual.mean) << "what is refused changes nothing";
    EXPECT_EQ(norm.variance, usual.variance) << "what is refused changes nothing";
  }
  for (double epsilon : {1e-300, 3e-310, 1.0, 1e4, 0.0, -1e-5, nan, infinity}) {
    BatchNorm norm = with_epsilon(usual, epsilon);
    const bool good = epsilon > 0 && std::isfinite(epsilon);
    const auto forward = [&] { batch_norm_forward(norm, x); };
    const auto inference = [&] { batch_norm_inference(norm, x); };
    EXPECT_TRUE(good ? accepts(inference) : refuses(inference)) << "ε " << epsilon;
    if (good) {
      const double one = 1 / std::sqrt(1 + epsilon), other = 1 / std::sqrt(2.25 + epsilon);
      EXPECT_TRUE(near(batch_norm_inference(norm, x), {{one, 2 * one}, {3 * one, 5 * one}}, 1e-14));
      EXPECT_TRUE(near(batch_norm_forward(norm, x).inverse, {{one, other}}, 1e-14)) << epsilon;
      continue;
    }
    EXPECT_TRUE(refuses([&] { batch_norm_inference(norm, Matrix(0, 2)); })) << "whatever x is";
    EXPECT_TRUE(refuses(forward)) << "ε " << epsilon;
    EXPECT_EQ(norm.mean, usual.mean) << "what is refused changes nothing";
    EXPECT_EQ(norm.variance, usual.variance) << "what is refused changes nothing";
  }
}

TEST(BatchNorm, NaNIsNeverTurnedIntoANumber) {
  points(1);
  const BatchNorm norm = fresh_norm(2);
  const Matrix x_hat = {{1, 1}, {0, -1}, {-1, 0}};
  for (double gamma : {1.0, 0.0})
    for (int row : {0, 1, 2}) {
      BatchNorm used = norm;
      used.gamma = {{gamma, 1}};
      const BatchNormGradients g = batch_norm_backward(with({{1, 1}, {1, 2}, {3, 0}}, row, 0, nan),
                                                       used, {Matrix(3, 2), x_hat, {{1, 1}}});
      ASSERT_EQ(shape(g.dx) + shape(g.dgamma) + shape(g.dbeta), "(3,2)(1,2)(1,2)");
      for (int n = 0; n < 3; ++n) {
        EXPECT_TRUE(std::isnan(g.dx(n, 0))) << "NaN in dy is in the gradient of each sample";
        EXPECT_TRUE(std::isfinite(g.dx(n, 1))) << "and in no other feature";
      }
      EXPECT_TRUE(std::isnan(g.dgamma(0, 0)) && std::isnan(g.dbeta(0, 0)));
      EXPECT_TRUE(near(g.dgamma(0, 1), -1, 1e-14) && near(g.dbeta(0, 1), 3, 1e-14));
      const Matrix y = batch_norm_inference(used, with({{4, 1}, {5, 0}, {2, 3}}, row, 0, nan));
      ASSERT_EQ(shape(y), "(3,2)");
      for (int n = 0; n < 3; ++n) {
        EXPECT_EQ(std::isnan(y(n, 0)), n == row) << "NaN in its own sample, 0 times NaN as well";
        EXPECT_TRUE(std::isfinite(y(n, 1)));
      }
    }
  const BatchNormGradients g = batch_norm_backward(
      {{0, 1}, {1, 2}, {3, 0}}, norm, {Matrix(3, 2), with(x_hat, 0, 0, nan), {{1, 1}}});
  ASSERT_EQ(shape(g.dgamma), "(1,2)");
  EXPECT_TRUE(std::isnan(g.dgamma(0, 0))) << "0 times NaN is NaN";
  // In what is learned and in the running statistics: in its own feature, of every sample.
  const auto spreads_in_feature_0 = [](const Matrix& m, const char* what) {
    ASSERT_EQ(shape(m), "(3,2)") << what;
    for (int n = 0; n < 3; ++n) {
      EXPECT_TRUE(std::isnan(m(n, 0))) << what << " gives NaN, and is not refused";
      EXPECT_TRUE(std::isfinite(m(n, 1))) << what << " is in no other feature";
    }
  };
  const Matrix x = {{4, 1}, {5, 0}, {2, 3}};
  const std::pair<Matrix BatchNorm::*, const char*> parts[] = {
      {&BatchNorm::gamma, "NaN in γ"},
      {&BatchNorm::beta, "NaN in β"},
      {&BatchNorm::mean, "NaN in mean"},
      {&BatchNorm::variance, "in variance"}};
  for (const auto& [part, what] : parts) {
    BatchNorm bad = norm;
    (bad.*part)(0, 0) = nan;
    spreads_in_feature_0(batch_norm_inference(bad, x), what);
    if (part == &BatchNorm::mean || part == &BatchNorm::variance) continue;
    const BatchNormForward f = batch_norm_forward(bad, x);
    spreads_in_feature_0(f.y, what);
    EXPECT_TRUE(all_finite(f.x_hat)) << what << " is not in x̂";
    if (part == &BatchNorm::beta) continue;
    spreads_in_feature_0(
        batch_norm_backward({{0, 1}, {1, 2}, {3, 0}}, bad, {Matrix(3, 2), x_hat, {{1, 1}}}).dx,
        what);
  }
  for (Matrix BatchNorm::*part : {&BatchNorm::gamma, &BatchNorm::beta}) {
    BatchNorm endless = norm;
    (endless.*part)(0, 0) = -infinity;
    for (const Matrix& y : {batch_norm_inference(endless, x), batch_norm_forward(endless, x).y}) {
      ASSERT_EQ(shape(y), "(3,2)");
      for (int n = 0; n < 3; ++n)
        EXPECT_TRUE(!std::isfinite(y(n, 0)) && std::isfinite(y(n, 1)))
            << "infinity in γ or β is not refused, and in no other feature";
    }
  }
  const BatchNormGradients far =
      batch_norm_backward({{infinity, 1}, {1, 2}, {3, 0}}, norm, {Matrix(3, 2), x_hat, {{1, 1}}});
  ASSERT_EQ(shape(far.dbeta), "(1,2)");
  EXPECT_TRUE(!std::isfinite(far.dbeta(0, 0)) && std::isfinite(far.dbeta(0, 1)))
      << "infinity in dy is not refused";
  const Matrix y = batch_norm_inference(norm, {{infinity, 1}, {1, -infinity}});
  ASSERT_EQ(shape(y), "(2,2)");
  EXPECT_TRUE(y(0, 0) == infinity && y(1, 1) == -infinity) << "infinity is not refused here";
}

TEST(BatchNorm, RefusesShapesThatDoNotFit) {
  points(1);
  const BatchNorm norm = fresh_norm(3);
  const Matrix x(4, 3), dy(4, 3);
  BatchNorm used = norm;
  const BatchNormForward f = batch_norm_forward(used, x);
  EXPECT_TRUE(accepts([&] { batch_norm_backward(dy, norm, f); }));
  const BatchNormForward fits{Matrix(2, 1), {{-1}, {1}}, {{1}}};
  EXPECT_TRUE(near(batch_norm_backward({{1}, {2}}, fresh_norm(1), fits).dbeta, {{3}}, 0));
  for (const Matrix& other : misfits(norm.gamma)) {
    BatchNorm bad = norm;
    bad.gamma = other;
    EXPECT_TRUE(refuses([&] { batch_norm_backward(dy, bad, f); })) << "γ " << shape(other);
    EXPECT_TRUE(refuses([&] {
      batch_norm_backward(dy, norm, {f.y, f.x_hat, other});
    })) << "inverse "
        << shape(other);
  }
  for (const Matrix& other : misfits(f.x_hat))
    EXPECT_TRUE(refuses([&] {
      batch_norm_backward(dy, norm, {f.y, other, f.inverse});
    })) << "x̂ "
        << shape(other);
  for (const Matrix& other : misfits(norm.gamma))
    for (Matrix BatchNorm::*part :
         {&BatchNorm::gamma, &BatchNorm::beta, &BatchNorm::mean, &BatchNorm::variance}) {
      BatchNorm bad = norm;
      bad.*part = other;
      EXPECT_TRUE(refuses([&] { batch_norm_forward(bad, x); })) << shape(other);
      EXPECT_TRUE(refuses([&] { batch_norm_inference(bad, x); })) << shape(other);
    }
  for (const Matrix& other : misfits(dy))
    EXPECT_TRUE(refuses([&] { batch_norm_backward(other, norm, f); })) << "dy " << shape(other);
  for (const Matrix& other : misfits(x)) {
    if (other.cols() == 3) continue;
    BatchNorm used = norm;
    EXPECT_TRUE(refuses([&] { batch_norm_forward(used, other); })) << "x " << shape(other);
    EXPECT_TRUE(refuses([&] { batch_norm_inference(norm, other); })) << "x " << shape(other);
  }
}

// ---- deep networks, in plain loops ----

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  for (int i = 0; i < a.rows(); ++i)
    for (int k = 0; k < a.cols(); ++k) {
      const Scalar *from = b.row(k).data(), by = a(i, k);
      Scalar* to = c.row(i).data();
      for (int j = 0; j < b.cols(); ++j) to[j] += by * from[j];
    }
  return c;
}
Matrix transposed(const Matrix& a) {
  Matrix t(a.cols(), a.rows());
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < a.cols(); ++j) t(j, i) = a(i, j);
  return t;
}
Matrix sum_of_rows(const Matrix& a) { return product(Matrix(1, a.rows(), 1), a); }
Matrix times(Matrix a, const Matrix& b) {
  for (int i = 0; i < a.size(); ++i) a.flat()[i] *= b.flat()[i];
  return a;
}

// A deep network, and a batch for it.
struct Problem {
  DeepNetwork deep;
  Matrix x;
  std::vector<int> labels;
  std::vector<Matrix> masks;
};

// What none of the functions to be tested made of it. Of each layer: its input, what goes into its
// ReLU (at last the logits), and what batch norm needs again.
struct PlainForward {
  std::vector<Matrix> a, y, x_hat, inverse;
  std::vector<BatchNorm> norms;    // with moved running statistics
  double nearest_bend = infinity;  // the smallest |number| that goes into a ReLU
};
struct Plain {
  double loss = 0;
  Network d;
  std::vector<Matrix> dgamma, dbeta;
  std::vector<BatchNorm> norms;
};

// x̂ of the batch, whose factors 1 / √(variance + ε) it puts into `inverse`, and the moved
// statistics.
Matrix plain_x_hat(BatchNorm& norm, const Matrix& z, Matrix& inverse) {
  Matrix x_hat = z;
  inverse = Matrix(1, z.cols());
  for (int d = 0; d < z.cols(); ++d) {
    const double mean = mean_of(z, d), variance = deviation_of(z, d) * deviation_of(z, d);
    inverse(0, d) = 1 / std::sqrt(variance + norm.epsilon);
    for (int n = 0; n < z.rows(); ++n) x_hat(n, d) = (z(n, d) - mean) * inverse(0, d);
    norm.mean(0, d) += norm.momentum * (mean - norm.mean(0, d));
    norm.variance(0, d) +=
        norm.momentum * (variance * z.rows() / (z.rows() - 1) - norm.variance(0, d));
  }
  return x_hat;
}

// The mean of -ln p_label; z becomes its gradient.
double plain_loss(Matrix& z, const std::vector<int>& labels) {
  double loss = 0;
  for (int n = 0; n < z.rows(); ++n) {
    double sum = 0, largest = std::ranges::max(z.row(n)), label = z(n, labels[n]);
    for (Scalar v : z.row(n)) sum += std::exp(v - largest);
    loss += (std::log(sum) + largest - label) / z.rows();
    for (int k = 0; k < z.cols(); ++k)
      z(n, k) = (std::exp(z(n, k) - largest) / sum - (k == labels[n])) / z.rows();
  }
  return loss;
}

PlainForward plain_forward(const Problem& p) {
  const auto& [net, norms] = p.deep;
  const std::size_t layers = net.w.size();
  PlainForward f{{p.x},
                 std::vector<Matrix>(layers),
                 std::vector<Matrix>(layers),
                 std::vector<Matrix>(layers),
                 norms};
  for (std::size_t l = 0; l < layers; ++l) {
    Matrix& y = f.y[l] = product(f.a[l], net.w[l]);
    for (int n = 0; n < y.rows(); ++n)
      for (int j = 0; j < y.cols(); ++j) y(n, j) += net.b[l](0, j);
    if (l + 1 == layers) break;
    if (!norms.empty()) {
      f.x_hat[l] = plain_x_hat(f.norms[l], y, f.inverse[l]);
      for (int n = 0; n < y.rows(); ++n)
        for (int j = 0; j < y.cols(); ++j)
          y(n, j) = norms[l].gamma(0, j) * f.x_hat[l](n, j) + norms[l].beta(0, j);
    }
    f.a.push_back(y);
    for (Scalar& v : f.a.back().flat()) {
      f.nearest_bend = std::min(f.nearest_bend, std::abs(v));
      v = std::max(v, 0.0);
    }
    if (!p.masks.empty()) f.a.back() = times(f.a.back(), p.masks[l]);
  }
  return f;
}

double plain_loss_of(const Problem& p) {
  Matrix logits = plain_forward(p).y.back();
  return plain_loss(logits, p.labels);
}

Plain plain_loops(const Problem& p) {
  const auto& [net, norms] = p.deep;
  PlainForward f = plain_forward(p);
  Plain plain{.loss = 0, .d = net, .dgamma = {}, .dbeta = {}, .norms = f.norms};
  Matrix dz = f.y.back();
  plain.loss = plain_loss(dz, p.labels);
  for (std::size_t l = net.w.size(); l-- > 0;) {
    plain.d.w[l] = product(transposed(f.a[l]), dz);
    plain.d.b[l] = sum_of_rows(dz);
    if (l == 0) break;
    Matrix dy = product(dz, transposed(net.w[l]));
    if (!p.masks.empty()) dy = times(dy, p.masks[l - 1]);
    for (int i = 0; i < dy.size(); ++i) dy.flat()[i] *= f.y[l - 1].flat()[i] > 0;
    dz = dy;
    if (norms.empty()) continue;
    const Matrix &x_hat = f.x_hat[l - 1], &inverse = f.inverse[l - 1];
    const Matrix dbeta = sum_of_rows(dy), dgamma = sum_of_rows(times(dy, x_hat));
    for (int n = 0; n < dy.rows(); ++n)
      for (int j = 0; j < dy.cols(); ++j)
        dz(n, j) = (dy(n, j) - (dbeta(0, j) + x_hat(n, j) * dgamma(0, j)) / dy.rows()) *
                   norms[l - 1].gamma(0, j) * inverse(0, j);
    plain.dgamma.insert(plain.dgamma.begin(), dgamma);
    plain.dbeta.insert(plain.dbeta.begin(), dbeta);
  }
  return plain;
}

// ---- batch normalization of a large batch ----

struct LargeBatch {
  Matrix x, dy;
  BatchNorm norm;
};

// More samples and features than any round number, and two samples. Every tenth feature has a
// sample whose x̂ is large (17 of 300) and a dy of up to 10^5, every other tenth dy of 10^-15; a γ
// is 0.
const std::pair<int, int> large_batches[] = {{300, 70}, {1100, 10}, {12, 300},
                                             {2, 20},   {3, 790},   {5000, 10}};
LargeBatch large_batch(int N, int features) {
  Random random = test_random(95);
  LargeBatch b{uneven_table(N, features, random), random.normal_matrix(0, 1, N, features),
               random_norm(features, random)};
  b.norm.momentum = 0.25;
  b.norm.gamma(0, features - 1) = 0;
  for (int d = 0; d < features; d += 10)
    for (int n = 0; n < N; ++n) {
      b.x(n, d) = n == d % N ? 1 : 1e-3 * b.dy(n, d + 1);
      b.dy(n, d) *= 1e5;
      b.dy(n, d + 5) *= 1e-15;
    }
  return b;
}

TEST(BatchNorm, ForwardOfALargeBatchIsThatOfPlainLoops) {
  points(3);
  for (const auto& [samples, features] : large_batches) {
    const LargeBatch b = large_batch(samples, features);
    BatchNorm norm = b.norm, plain = b.norm;
    const Matrix x = b.x;
    Matrix inverse;
    const Matrix x_hat = plain_x_hat(plain, b.x, inverse);
    Matrix y = x_hat, expected = x_hat;
    for (int n = 0; n < x.rows(); ++n)
      for (int d = 0; d < x.cols(); ++d) {
        y(n, d) = b.norm.gamma(0, d) * x_hat(n, d) + b.norm.beta(0, d);
        expected(n, d) = b.norm.gamma(0, d) * (x(n, d) - b.norm.mean(0, d)) /
                             std::sqrt(b.norm.variance(0, d) + b.norm.epsilon) +
                         b.norm.beta(0, d);
      }
    const Matrix inferred = batch_norm_inference(norm, x);
    EXPECT_TRUE(near(inferred, expected, 1e-10))
        << samples << " samples and " << features << " features by running statistics";
    const BatchNormForward f = batch_norm_forward(norm, x);
    EXPECT_TRUE(near(f.x_hat, x_hat, 1e-10))
        << "also where x̂ is large, of " << samples << " samples";
    EXPECT_TRUE(near(f.y, y, 1e-10))
        << "γ x̂ + β, also where γ is below 0, of " << features << " features";
    EXPECT_TRUE(near(f.inverse, inverse, 1e-10));
    EXPECT_TRUE(near(norm.mean, plain.mean, 1e-10));
    EXPECT_TRUE(near(norm.variance, plain.variance, 1e-9)) << "by N - 1, in large batches as well";
    EXPECT_EQ(x, b.x) << "x is only read";
    EXPECT_EQ(norm.gamma, b.norm.gamma) << "γ is learned by steps";
    EXPECT_EQ(norm.beta, b.norm.beta) << "β is learned by steps";
  }
}

TEST(BatchNorm, GradientsOfALargeBatchAreThoseOfPlainLoops) {
  points(3);
  for (const auto& [samples, features] : large_batches) {
    const LargeBatch b = large_batch(samples, features);
    const Matrix dy = b.dy;
    const BatchNorm norm = b.norm;
    BatchNormForward f{.y = Matrix(dy.rows(), dy.cols()), .x_hat = {}, .inverse = {}};
    BatchNorm moved = b.norm;
    f.x_hat = plain_x_hat(moved, b.x, f.inverse);
    const BatchNormForward used = f;
    const BatchNormGradients g = batch_norm_backward(dy, norm, used);
    ASSERT_EQ(shape(g.dx), shape(dy));
    ASSERT_EQ(shape(g.dgamma) + shape(g.dbeta), shape(norm.gamma) + shape(norm.beta));
    for (int d = 0; d < dy.cols(); ++d) {
      double dgamma = 0, dbeta = 0, size = 0;  // of dy, in whose units the errors are
      for (int n = 0; n < dy.rows(); ++n) {
        dgamma += dy(n, d) * f.x_hat(n, d);
        dbeta += dy(n, d);
        size = std::max(size, std::abs(dy(n, d)));
      }
      EXPECT_TRUE(near(g.dgamma(0, d) / size, dgamma / size, 1e-11)) << "Σ dy x̂ of feature " << d;
      EXPECT_TRUE(near(g.dbeta(0, d) / size, dbeta / size, 1e-11)) << "Σ dy of feature " << d;
      const double factor = norm.gamma(0, d) * f.inverse(0, d), unit = size * f.inverse(0, d);
      for (int n = 0; n < dy.rows(); ++n) {
        const double part = dy(n, d) - (dbeta + f.x_hat(n, d) * dgamma) / dy.rows();
        ASSERT_TRUE(near(g.dx(n, d) / unit, factor * part / unit, 1e-11))
            << "sample " << n << ", feature " << d << ", γ " << norm.gamma(0, d);
      }
    }
    EXPECT_EQ(dy, b.dy) << "dy is only read";
    EXPECT_EQ(used.x_hat, f.x_hat) << "x̂ is only read";
    EXPECT_EQ(used.inverse, f.inverse) << "is only read";
    EXPECT_EQ(norm.gamma, b.norm.gamma) << "γ is learned by steps";
  }
}

struct Case {
  std::vector<int> units;
  int samples;
};
// All equal, so that nothing shows by its shape; and all different. {6, 3} has no hidden layer.
const Case cases[] = {{{5, 5, 5, 5}, 5}, {{6, 5, 4, 3}, 7}, {{4, 7, 6, 5, 2}, 9},
                      {{3, 8, 4}, 3},    {{6, 3}, 4},       {{4, 6, 6, 6, 6, 3}, 12}};

struct Kind {
  bool norms, masks;
};
const Kind kinds[] = {{false, false}, {true, false}, {false, true}, {true, true}};

std::string name_of(const Case& c, Kind kind) {
  std::string name = std::to_string(c.units.size() - 1) + " layers, " + std::to_string(c.samples) +
                     " samples, batch norm ";
  return name + (kind.norms ? "yes" : "no") + ", masks " + (kind.masks ? "yes" : "no");
}

// ε and momentum other than usual and of each layer, some momentum below 0.1.
BatchNorm unusual_norm(int features, Random& random) {
  BatchNorm norm = random_norm(features, random);
  norm.epsilon = random.uniform(0.05, 0.3);
  norm.momentum = random.uniform(0.02, 0.9);
  return norm;
}

// A third dropped, some turned round.
Matrix random_mask(int rows, int cols, Random& random) {
  Matrix mask = random.uniform_matrix(-0.5, 2.5, rows, cols);
  for (Scalar& v : mask.flat()) v = random.uniform() < 0.33 ? 0 : v;
  return mask;
}

// The first unit of each hidden layer is always on: nothing can be learned through a layer of dead
// ReLUs. Without batch norm it hears the one below, else its β is larger than any |γ x̂|.
void keep_first_unit_on(Problem& p) {
  auto& [net, norms] = p.deep;
  for (std::size_t l = 0; l + 1 < net.w.size(); ++l) {
    if (norms.empty()) {
      for (int i = 0; i < net.w[l].rows(); ++i) net.w[l](i, 0) = l > 0 && i == 0;
      net.b[l](0, 0) = 1;
    } else {
      norms[l].gamma(0, 0) *= 0.5;
      norms[l].beta(0, 0) = std::sqrt(p.x.rows()) + 0.5;
    }
    if (!p.masks.empty())
      for (int n = 0; n < p.x.rows(); ++n) p.masks[l](n, 0) = 0.8 + 0.05 * (n % 9);
  }
}

Problem random_problem(Random& random, const Case& c, Kind kind) {
  Problem p;
  p.x = random.normal_matrix(0, 1, c.samples, c.units.front());
  for (int n = 0; n < c.samples; ++n)
    p.labels.push_back(static_cast<int>(random.randint(c.units.back())));
  for (std::size_t l = 1; l < c.units.size(); ++l) {
    const int n_in = c.units[l - 1], n_out = c.units[l];
    p.deep.net.w.push_back(random.normal_matrix(0, 1.4 / std::sqrt(n_in), n_in, n_out));
    p.deep.net.b.push_back(random.normal_matrix(0, 0.5, 1, n_out));
    if (l + 1 == c.units.size()) break;
    if (kind.norms) p.deep.norms.push_back(unusual_norm(n_out, random));
    if (kind.masks) p.masks.push_back(random_mask(c.samples, n_out, random));
  }
  keep_first_unit_on(p);
  return p;
}
Problem random_problem(int salt, const Case& c, Kind kind) {
  Random random = test_random(salt);
  return random_problem(random, c, kind);
}

// One in which no ReLU is about to bend, so that differences measure slopes.
Problem smooth_problem(int salt, const Case& c, Kind kind) {
  Random random = test_random(salt);
  Problem p = random_problem(random, c, kind);
  while (plain_forward(p).nearest_bend < 0.003) p = random_problem(random, c, kind);
  return p;
}

::testing::AssertionResult has_each_gradient(const DeepGradient& g, const DeepNetwork& deep) {
  if (g.d.w.size() == deep.net.w.size() && g.d.b.size() == deep.net.b.size() &&
      g.dgamma.size() == deep.norms.size() && g.dbeta.size() == deep.norms.size())
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "one dw and db per layer, one dγ and dβ per batch norm, "
                                          "the first layer first";
}

// All numbers of a gradient, and of the running statistics if `moved` is given, the network after
// the call, beside those of plain loops. The tolerance is of the largest of each, or of 1.
void expect_plain(const DeepGradient& g, const Problem& p, double tolerance,
                  const DeepNetwork* moved = nullptr) {
  const Plain plain = plain_loops(p);
  const auto like = [&](const Matrix& got, const Matrix& expected) {
    double size = 1;
    for (Scalar v : expected.flat()) size = std::max(size, std::abs(v));
    return near(got, expected, tolerance * size);
  };
  ASSERT_TRUE(has_each_gradient(g, p.deep));
  EXPECT_TRUE(like({{g.loss}}, {{plain.loss}})) << "the mean loss";
  for (std::size_t l = 0; l < plain.d.w.size(); ++l) {
    EXPECT_TRUE(like(g.d.w[l], plain.d.w[l])) << "dw of layer " << l;
    EXPECT_TRUE(like(g.d.b[l], plain.d.b[l])) << "db of layer " << l;
  }
  for (std::size_t l = 0; l < plain.dgamma.size(); ++l) {
    EXPECT_TRUE(like(g.dgamma[l], plain.dgamma[l])) << "dγ of layer " << l;
    EXPECT_TRUE(like(g.dbeta[l], plain.dbeta[l])) << "dβ of layer " << l;
  }
  if (!moved) return;
  ASSERT_EQ(moved->norms.size(), plain.norms.size());
  for (std::size_t l = 0; l < plain.norms.size(); ++l) {
    EXPECT_TRUE(like(moved->norms[l].mean, plain.norms[l].mean)) << "running mean of layer " << l;
    EXPECT_TRUE(like(moved->norms[l].variance, plain.norms[l].variance))
        << "running variance of layer " << l;
  }
}

// Every number of the network, to the last bit.
::testing::AssertionResult same(const DeepNetwork& got, const DeepNetwork& expected) {
  const auto equal = [](const BatchNorm& a, const BatchNorm& b) {
    return a.gamma == b.gamma && a.beta == b.beta && a.mean == b.mean && a.variance == b.variance &&
           a.momentum == b.momentum && a.epsilon == b.epsilon;
  };
  if (got.net.w != expected.net.w || got.net.b != expected.net.b)
    return ::testing::AssertionFailure() << "weights or biases have changed";
  if (got.norms.size() != expected.norms.size())
    return ::testing::AssertionFailure() << "there are " << got.norms.size() << " batch norms";
  for (std::size_t l = 0; l < got.norms.size(); ++l)
    if (!equal(got.norms[l], expected.norms[l]))
      return ::testing::AssertionFailure() << "the batch norm of layer " << l << " has changed";
  return ::testing::AssertionSuccess();
}

// ---- deep_init ----

TEST(DeepInit, DrawsTheWeightsAndGivesEachHiddenLayerABatchNorm) {
  points(3);
  const Init inits[] = {Init::zeros,  Init::uniform, Init::normal, Init::small_normal,
                        Init::xavier, Init::glorot,  Init::he};
  // The second draws an odd count: a Gaussian is left over. The last three are large.
  const std::vector<std::vector<int>> all = {{6, 5, 4, 3},
                                             {5, 3, 2},
                                             {4, 2},
                                             {3, 600, 2},
                                             std::vector<int>(22, 2),
                                             {130, 70, 9, 8, 7, 6, 5, 70, 4, 3, 10}};
  for (Init init : inits)
    for (const std::vector<int>& units : all)
      for (bool batch_norm : {false, true}) {
        const std::vector<int> used = units;
        Random random = test_random(100), other = test_random(100);
        const DeepNetwork deep = deep_init(used, init, batch_norm, random);
        const std::size_t layers = units.size() - 1;
        ASSERT_EQ(deep.net.w.size(), layers);
        ASSERT_EQ(deep.net.b.size(), layers);
        for (std::size_t l = 0; l < layers; ++l) {
          EXPECT_TRUE(near(deep.net.w[l], weight_init(init, units[l], units[l + 1], other), 0))
              << "weights by weight_init, layer after layer";
          EXPECT_TRUE(near(deep.net.b[l], Matrix(1, units[l + 1]), 0)) << "biases of 0";
        }
        EXPECT_TRUE(goes_on_as(random, other))
            << "draw from `random` itself, and nothing for the batch norms";
        EXPECT_EQ(used, units) << "units are only read";
        ASSERT_EQ(deep.norms.size(), batch_norm ? layers - 1 : 0)
            << "one per hidden layer, or none";
        for (std::size_t l = 0; l < deep.norms.size(); ++l) {
          const BatchNorm fresh = fresh_norm(units[l + 1]);
          EXPECT_TRUE(same({{}, {deep.norms[l]}}, {{}, {fresh}}))
              << "γ 1, β 0, running mean 0 and variance 1, of layer " << l;
        }
      }
}

TEST(DeepInit, RefusesWhatDoesNotFit) {
  points(1);
  Random random = test_random(102), other = test_random(102);
  const std::vector<std::vector<int>> wrong = {{},        {5},       {5, 0, 3},      {5, 4, -1},
                                               {0, 4, 3}, {5, 4, 0}, {4, 3, 3, 0, 2}};
  for (bool batch_norm : {false, true}) {
    for (const std::vector<int>& units : wrong)
      EXPECT_TRUE(refuses([&] { deep_init(units, Init::he, batch_norm, random); }))
          << units.size() << " entries in units";
    EXPECT_TRUE(goes_on_as(random, other)) << "what is refused draws nothing";
    const DeepNetwork smallest = deep_init({1, 1, 1}, Init::uniform, batch_norm, random);
    ASSERT_EQ(smallest.net.w.size(), 2u);
    EXPECT_TRUE(near(smallest.net.w[0], weight_init(Init::uniform, 1, 1, other), 0));
    EXPECT_TRUE(near(smallest.net.w[1], weight_init(Init::uniform, 1, 1, other), 0));
  }
}

// ---- deep_inference ----

TEST(DeepInference, IsRightByHand) {
  points(2);
  // √(variance + ε) is 2 and 1. x = 2: z = (2, -1), y = (2 · 1/2 + 1, -2/1 + 3) = (2, 1), logits
  // (2 + 2, -1 + 10). x = -4: z = (-4, 5), y = (2 · -5/2 + 1, -8/1 + 3) = (-4, -5), and ReLU 0.
  const BatchNorm norm{.gamma = {{2, -1}},
                       .beta = {{1, 3}},
                       .mean = {{1, -3}},
                       .variance = {{3.25, 0.25}},
                       .momentum = 0.1,
                       .epsilon = 0.75};
  const Network net{.w = {{{1, -1}}, {{1, 0}, {2, -1}}}, .b = {{{0, 1}}, {{0, 10}}}};
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(deep_inference({net, {norm}}, {{2}, {-4}}), {{4, 9}, {0, 10}}, 1e-13))
        << "dense, batch norm by running statistics and ε of its own, ReLU, dense";
  EXPECT_TRUE(near(deep_inference({net, {}}, {{2}, {-4}}), {{2, 10}, {10, 5}}, 1e-13))
      << "dense, ReLU, dense";
  // One hidden unit: y = 2 · (x - 1) / 2 + 3. x = 5: 7; x = -9: -7, and ReLU 0.
  const BatchNorm single{{{2}}, {{3}}, {{1}}, {{3.25}}, 0.1, 0.75};
  const Network thin{.w = {{{1}}, {{1, -1}}}, .b = {{{0}}, {{0, 1}}}};
  EXPECT_TRUE(near(deep_inference({thin, {single}}, {{5}, {-9}}), {{7, -6}, {0, 1}}, 1e-13))
      << "a hidden layer of one unit";
  const Matrix infinite = deep_inference({thin, {single}}, {{infinity}});
  ASSERT_EQ(shape(infinite), "(1,2)");
  EXPECT_TRUE(infinite(0, 0) == infinity && infinite(0, 1) == -infinity)
      << "infinity is not refused, with a batch norm as well";
  for (Matrix BatchNorm::*part :
       {&BatchNorm::gamma, &BatchNorm::beta, &BatchNorm::mean, &BatchNorm::variance}) {
    BatchNorm bad = single;
    bad.*part = {{nan}};
    const Matrix logits = deep_inference({thin, {bad}}, {{5}});
    ASSERT_EQ(shape(logits), "(1,2)");
    EXPECT_TRUE(std::isnan(logits(0, 0)) && std::isnan(logits(0, 1))) << "NaN in a batch norm";
  }
  for (double unit : {1e-13, 1e-40, 1e-280}) {
    const Network bare{.w = {{{1}}, {{2, -1}}}, .b = {{{0}}, Matrix(1, 2)}};
    const Matrix logits = deep_inference({bare, {}}, {{unit}});
    ASSERT_EQ(shape(logits), "(1,2)");
    EXPECT_TRUE(near(logits(0, 0) / unit, 2, 1e-14) && near(logits(0, 1) / unit, -1, 1e-14))
        << "x of " << unit << " is small, not 0";
  }
}

Matrix plain_inference(const DeepNetwork& deep, const Matrix& x) {
  Matrix a = x;
  for (std::size_t l = 0; l < deep.net.w.size(); ++l) {
    a = product(a, deep.net.w[l]);
    for (int n = 0; n < a.rows(); ++n)
      for (int j = 0; j < a.cols(); ++j) a(n, j) += deep.net.b[l](0, j);
    if (l + 1 == deep.net.w.size()) break;
    if (!deep.norms.empty()) a = plain_inference(deep.norms[l], a);
    for (Scalar& v : a.flat()) v = std::max(v, 0.0);
  }
  return a;
}

TEST(DeepInference, IsThatOfPlainLoops) {
  points(3);
  int salt = 110;
  for (const Case& c : cases)
    for (bool batch_norm : {false, true}) {
      const Problem p = random_problem(++salt, c, {batch_norm, false});
      EXPECT_TRUE(near(deep_inference(p.deep, p.x), plain_inference(p.deep, p.x), 1e-11))
          << name_of(c, {batch_norm, false});
    }
}

// More layers, units, samples and classes than any round number.
const Case large{{70, 60, 50, 50, 40, 40, 30, 30, 20, 20, 12}, 130};
const Case long_and_wide{{150, 5, 140, 17}, 300};
const Case deepest{{3, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 3}, 8};

TEST(DeepInference, OfALargeBatchIsThatOfPlainLoops) {
  points(1);
  for (bool batch_norm : {false, true}) {
    Problem p = random_problem(115, large, {batch_norm, false});
    p.x = times(p.x, Matrix(130, 70, 1e4));  // the logits are as large as they are
    const Matrix logits = plain_inference(p.deep, p.x), got = deep_inference(p.deep, p.x);
    double size = 0;
    for (Scalar v : logits.flat()) size = std::max(size, std::abs(v));
    EXPECT_TRUE(near(times(got, Matrix(got.rows(), got.cols(), 1 / size)),
                     times(logits, Matrix(130, 12, 1 / size)), 1e-11));
    // Test data have more samples than a batch; and 20 layers.
    for (const Case& c :
         {Case{{20, 150, 17}, 1100}, {{2, 3, 2}, 5000}, {{3, 800, 2}, 4}, deepest}) {
      const Problem other = random_problem(116, c, {batch_norm, false});
      EXPECT_TRUE(
          close(deep_inference(other.deep, other.x), plain_inference(other.deep, other.x), 1e-10))
          << name_of(c, {batch_norm, false});
    }
  }
}

TEST(DeepInference, OfASampleDoesNotDependOnItsCompanyAndChangesNothing) {
  points(1);
  const Problem p = random_problem(130, cases[1], {true, false});
  const DeepNetwork deep = p.deep;
  const Matrix x = p.x, together = plain_inference(deep, x);
  EXPECT_TRUE(near(deep_inference(deep, x), together, 1e-11));
  EXPECT_TRUE(same(deep, p.deep)) << "running statistics are for training to write";
  EXPECT_EQ(x, p.x) << "x is only read";
  for (int n = 0; n < 7; ++n) {
    Matrix alone(1, 6), expected(1, 3);
    std::ranges::copy(x.row(n), alone.row(0).begin());
    std::ranges::copy(together.row(n), expected.row(0).begin());
    EXPECT_TRUE(near(deep_inference(deep, alone), expected, 1e-11)) << "a sample alone";
  }
  EXPECT_EQ(shape(deep_inference(deep, Matrix(0, 6))), "(0,3)") << "and none at all";
}

// Calls use with each way in which a deep network and its inputs may not fit.
template <typename Use>
void for_each_misfit(const Problem& p, Use use) {
  const auto wrong = [&](const char* what, auto change) {
    Problem bad = p;
    change(bad);
    use(bad, what);
  };
  wrong("no layer", [](Problem& bad) { bad.deep = {}; });
  for (int cols : {p.x.cols() - 1, p.x.cols() + 1, 1})
    wrong("too few inputs or too many", [&](Problem& bad) { bad.x = Matrix(bad.x.rows(), cols); });
  wrong("one bias too few", [](Problem& bad) { bad.deep.net.b.pop_back(); });
  wrong("one bias too many", [](Problem& bad) { bad.deep.net.b.push_back({{1, 2, 3}}); });
  wrong("one batch norm too many, of the units of the last",
        [](Problem& bad) { bad.deep.norms.push_back(bad.deep.norms.back()); });
  wrong("no bias at all", [](Problem& bad) { bad.deep.net.b.clear(); });
  wrong("no hidden layer, but a batch norm", [](Problem& bad) {
    bad.deep = {{{Matrix(bad.x.cols(), 3)}, {Matrix(1, 3)}}, {fresh_norm(3)}};
    bad.masks.clear();
  });
  wrong("one batch norm too few", [](Problem& bad) { bad.deep.norms.pop_back(); });
  wrong("one for the logits as well", [](Problem& bad) {
    bad.deep.norms.push_back({Matrix(1, 3, 1), Matrix(1, 3), Matrix(1, 3), Matrix(1, 3, 1)});
  });
  for (std::size_t l = 0; l < 3; ++l) {
    for (const Matrix& other : misfits(p.deep.net.w[l]))
      wrong("w of another shape", [&](Problem& bad) { bad.deep.net.w[l] = other; });
    for (const Matrix& other : misfits(p.deep.net.b[l]))
      wrong("b of another shape", [&](Problem& bad) { bad.deep.net.b[l] = other; });
  }
  for (std::size_t l = 0; l < p.deep.norms.size(); ++l)
    for (Matrix BatchNorm::*part :
         {&BatchNorm::gamma, &BatchNorm::beta, &BatchNorm::mean, &BatchNorm::variance})
      for (Matrix other : misfits(p.deep.norms[l].*part)) {
        for (Scalar& value : other.flat()) value = 1;
        wrong("a part of a batch norm of another shape",
              [&](Problem& bad) { bad.deep.norms[l].*part = other; });
      }
  wrong("ε of 0 in the last batch norm", [](Problem& bad) { bad.deep.norms.back().epsilon = 0; });
}

TEST(DeepInference, RefusesWhatDoesNotFitAndGivesNaNForNaN) {
  points(1);
  Problem p = random_problem(131, cases[1], {true, false});
  EXPECT_TRUE(near(deep_inference(p.deep, p.x), plain_inference(p.deep, p.x), 1e-11));
  for_each_misfit(p, [](const Problem& bad, const char* what) {
    EXPECT_TRUE(refuses([&] { deep_inference(bad.deep, bad.x); })) << what;
  });
  for (bool batch_norm : {false, true})
    for_each_place(p.x, [&](int row, int col) {
      DeepNetwork deep = p.deep;
      if (!batch_norm) deep.norms.clear();
      const Matrix logits = deep_inference(deep, with(p.x, row, col, nan));
      ASSERT_EQ(shape(logits), "(7,3)");
      for (int n = 0; n < 7; ++n)
        for (int k = 0; k < 3; ++k)
          EXPECT_EQ(std::isnan(logits(n, k)), n == row) << "NaN in row " << row << " of x";
    });
  // Behind a ReLU that lets nothing through: 0 times NaN is NaN, 0 times infinity as well.
  const auto network = [](double v) {
    return DeepNetwork{.net = {.w = {{{1}}, {{v, 2}}}, .b = {{{0}}, {{0, 3}}}}, .norms = {}};
  };
  for (double v : {nan, infinity, -infinity}) {
    const Matrix logits = deep_inference(network(v), {{-1}});
    ASSERT_EQ(shape(logits), "(1,2)");
    EXPECT_TRUE(std::isnan(logits(0, 0)) && logits(0, 1) == 3) << "a weight of " << v;
  }
  const Matrix infinite = deep_inference(network(-1), {{infinity}, {1}, {infinity}});
  ASSERT_EQ(shape(infinite), "(3,2)");
  for (int n : {0, 2})
    EXPECT_TRUE(infinite(n, 0) == -infinity && infinite(n, 1) == infinity) << "not refused here";
}

// ---- deep_gradient ----

TEST(DeepGradient, ReturnsTheMeanLossOfTheBatch) {
  points(3);
  int salt = 140;
  for (const Case& c : cases)
    for (Kind kind : kinds) {
      Problem p = random_problem(++salt, c, kind);
      const double loss = plain_loss_of(p);
      EXPECT_TRUE(near(deep_gradient(p.deep, p.x, p.labels, p.masks).loss, loss, 1e-11))
          << name_of(c, kind) << ": dense, batch norm, ReLU, mask";
    }
}

TEST(DeepGradient, WithoutBatchNormAndMasksIsThatOfANetwork) {
  points(2);
  // z = (2, 1), ReLU (2, 1), logits (4, 4): p - t = (-1/2, 1/2). Back: da = (-1/2 + 1, -1 + 1/2).
  DeepNetwork small{.net = {.w = {{{2, 1}}, {{1, 2}, {2, 1}}}, .b = {Matrix(1, 2), {{0, -1}}}},
                    .norms = {}};
  DeepGradient by_hand = deep_gradient(small, {{1}}, {0});
  for (int i = 0; i < repetitions; ++i) {
    by_hand = deep_gradient(small, {{1}}, {0});
    ASSERT_TRUE(near(by_hand.loss, std::log(2.0), 1e-14)) << "at every call";
  }
  ASSERT_TRUE(has_each_gradient(by_hand, small));
  EXPECT_TRUE(near(by_hand.loss, std::log(2.0), 1e-14)) << "a batch of one, which fits here";
  EXPECT_TRUE(near(by_hand.d.w[1], {{-1, 1}, {-0.5, 0.5}}, 1e-14));
  EXPECT_TRUE(near(by_hand.d.b[1], {{-0.5, 0.5}}, 1e-14));
  EXPECT_TRUE(near(by_hand.d.w[0], {{0.5, -0.5}}, 1e-14));
  EXPECT_TRUE(near(by_hand.d.b[0], {{0.5, -0.5}}, 1e-14));
  int salt = 170;
  for (const Case& c : cases) {
    Problem p = random_problem(++salt, c, {false, false});
    const DeepGradient g = deep_gradient(p.deep, p.x, p.labels);
    expect_plain(g, p, 1e-11);
    if (HasFailure()) FAIL() << "as chapter 06's network_gradient";
  }
}

// The gradient of parameter i, in the order of parameters(), checked by differences.
void check(Problem p, const DeepGradient& g, std::size_t i, const std::string& name,
           const std::string& where) {
  const Matrix at = *parameters(p.deep)[i];
  const auto loss = [&](const Matrix& m) {
    *parameters(p.deep)[i] = m;
    return plain_loss_of(p);
  };
  EXPECT_TRUE(is_gradient(name, loss, at, *gradients(g)[i], 1e-6)) << where;
}

TEST(DeepGradient, OfEveryWeightAndBiasIsRight) {
  points(3);
  int salt = 200;
  for (int repetition = 0; repetition < 2; ++repetition)
    for (const Case& c : cases)
      for (Kind kind : kinds) {
        const Problem p = smooth_problem(++salt, c, kind);
        DeepNetwork used = p.deep;
        const DeepGradient g = deep_gradient(used, p.x, p.labels, p.masks);
        ASSERT_TRUE(has_each_gradient(g, p.deep));
        const std::size_t layers = p.deep.net.w.size();
        for (std::size_t l = 0; l < layers; ++l) {
          const std::string where = "layer " + std::to_string(l) + " of " + name_of(c, kind);
          check(p, g, l, "deep dw", where);
          if (!kind.norms || l + 1 == layers)
            check(p, g, layers + l, "deep db", where);
          else
            EXPECT_TRUE(near(g.d.b[l], Matrix(1, c.units[l + 1]), 1e-13))
                << "db before a batch norm, which takes b away with the mean; " << where;
        }
      }
}

TEST(DeepGradient, OfEveryGammaAndBetaIsRight) {
  points(4);
  int salt = 400;
  for (int repetition = 0; repetition < 3; ++repetition)
    for (const Case& c : cases)
      for (bool masks : {false, true}) {
        const Kind kind{true, masks};
        const Problem p = smooth_problem(++salt, c, kind);
        DeepNetwork used = p.deep;
        const DeepGradient g = deep_gradient(used, p.x, p.labels, p.masks);
        ASSERT_TRUE(has_each_gradient(g, p.deep));
        const std::size_t layers = p.deep.net.w.size(), hidden = layers - 1;
        for (std::size_t l = 0; l < hidden; ++l) {
          const std::string where = "layer " + std::to_string(l) + " of " + name_of(c, kind);
          check(p, g, 2 * layers + l, "deep dgamma", where);
          check(p, g, 2 * layers + hidden + l, "deep dbeta", where);
        }
      }
}

TEST(DeepGradient, MasksMultiplyForwardAndBackward) {
  points(3);
  const Network net{.w = {{{1, 1}}, {{1, -1}, {2, 5}}}, .b = {Matrix(1, 2), Matrix(1, 2)}};
  DeepNetwork deep{.net = net, .norms = {}};
  // x = 1: ReLU (1, 1), masked (3, 0), logits (3, -3), p - t = (-q, q); da = (-2q, 3q), masked.
  double q = 1 / (1 + std::exp(6));
  DeepGradient g = deep_gradient(deep, {{1}}, {0}, {{{3, 0}}});
  ASSERT_TRUE(has_each_gradient(g, deep));
  EXPECT_TRUE(near(g.loss, std::log1p(std::exp(-6)), 1e-14)) << "a mask multiplies forward";
  EXPECT_TRUE(near(g.d.w[1], {{-3 * q, 3 * q}, {0, 0}}, 1e-14)) << "what a mask let through";
  EXPECT_TRUE(near(g.d.w[0], {{-6 * q, 0}}, 1e-14)) << "a mask multiplies on the way back, too";
  // A mask below 0: masked (-1, 2), logits (3, 11), p - t = (-r, r); da = (-2r, 3r).
  g = deep_gradient(deep, {{1}}, {0}, {{{-1, 2}}});
  ASSERT_TRUE(has_each_gradient(g, deep));
  const double r = 1 / (1 + std::exp(-8));
  EXPECT_TRUE(near(g.d.w[1], {{r, -r}, {-2 * r, 2 * r}}, 1e-14)) << "the mask comes after the ReLU";
  EXPECT_TRUE(near(g.d.w[0], {{2 * r, 6 * r}}, 1e-14))
      << "the slope is that of what goes into the ReLU, not of what is left behind the mask";
  g = deep_gradient(deep, {{-1}}, {0}, {{{-1, 2}}});
  ASSERT_TRUE(has_each_gradient(g, deep));
  EXPECT_TRUE(near(g.loss, std::log(2.0), 1e-14)) << "ReLU lets nothing through, with any mask";
  EXPECT_TRUE(near(g.d.w[0], {{0, 0}}, 0));
  // A hidden layer of one unit: as the first of the two above, and off.
  DeepNetwork thin{.net = {.w = {{{1}}, {{1, -1}}}, .b = {{{0}}, Matrix(1, 2)}}, .norms = {}};
  g = deep_gradient(thin, {{1}}, {0}, {{{3}}});
  ASSERT_TRUE(has_each_gradient(g, thin));
  EXPECT_TRUE(near(g.loss, std::log1p(std::exp(-6)), 1e-14)) << "one hidden unit, masked";
  EXPECT_TRUE(near(g.d.w[0], {{-6 * q}}, 1e-14)) << "one hidden unit, masked";
  // The same behind a ReLU of 0.001 and of 0.6, and label 1 for logits (-3, 3).
  g = deep_gradient(thin, {{0.001}}, {0}, {{{3000}}});
  ASSERT_TRUE(has_each_gradient(g, thin));
  EXPECT_TRUE(near(g.loss, std::log1p(std::exp(-6)), 1e-14)) << "a mask of 3000";
  EXPECT_TRUE(near(g.d.w[0], {{-6 * q}}, 1e-14)) << "a mask of 3000";
  g = deep_gradient(thin, {{0.6}}, {1}, {{{-5}}});
  ASSERT_TRUE(has_each_gradient(g, thin));
  EXPECT_TRUE(near(g.loss, std::log1p(std::exp(-6)), 1e-14)) << "a mask of -5";
  EXPECT_TRUE(near(g.d.w[0], {{-6 * q}}, 1e-14)) << "a mask of -5";
  EXPECT_TRUE(std::isnan(deep_gradient(thin, {{nan}}, {0}, {{{0}}}).loss)) << "0 times NaN is NaN";
  g = deep_gradient(thin, {{-1}}, {0}, {{{3}}});
  ASSERT_TRUE(has_each_gradient(g, thin));
  EXPECT_TRUE(near(g.d.w[0], {{0}}, 0)) << "one hidden unit, which is off";
  int salt = 700;
  for (const Case& c : cases)
    for (bool batch_norm : {false, true}) {
      Problem p = random_problem(++salt, c, {batch_norm, true});
      DeepNetwork used = p.deep;
      expect_plain(deep_gradient(used, p.x, p.labels, p.masks), p, 1e-11);
      for (Matrix& mask : p.masks) mask = Matrix(mask.rows(), mask.cols(), 1);
      const DeepGradient ones = deep_gradient(p.deep, p.x, p.labels, p.masks);
      p.masks.clear();
      expect_plain(ones, p, 1e-11);  // masks of 1 are no masks
    }
}

TEST(DeepGradient, MovesTheRunningStatisticsOnceAndNothingElse) {
  points(3);
  int salt = 720;
  for (const Case& c : cases)
    for (Kind kind : kinds) {
      Problem p = random_problem(++salt, c, kind);
      Random random = test_random(salt + 20);
      for (int batch = 0; batch < 3; ++batch) {  // each as far as its own momentum says
        p.x = random.normal_matrix(batch, 1, c.samples, c.units.front());
        const Plain plain = plain_loops(p);
        const DeepNetwork before = p.deep;
        const DeepGradient g = deep_gradient(p.deep, p.x, p.labels, p.masks);
        EXPECT_TRUE(near(g.loss, plain.loss, 1e-11)) << name_of(c, kind);
        ASSERT_EQ(p.deep.norms.size(), plain.norms.size()) << name_of(c, kind);
        for (std::size_t l = 0; l < plain.norms.size(); ++l) {
          EXPECT_TRUE(near(p.deep.norms[l].mean, plain.norms[l].mean, 1e-11))
              << "layer " << l << ", batch " << batch << ": as batch_norm_forward moves it, once";
          EXPECT_TRUE(near(p.deep.norms[l].variance, plain.norms[l].variance, 1e-11))
              << "layer " << l << ", batch " << batch << ": as batch_norm_forward moves it, once";
          p.deep.norms[l].mean = before.norms[l].mean;
          p.deep.norms[l].variance = before.norms[l].variance;
        }
        EXPECT_TRUE(same(p.deep, before)) << "w, b, γ and β are for steps to change";
        p.deep.norms = plain.norms;
      }
    }
}

TEST(DeepGradient, TakesMomentumAndEpsilonFromEachBatchNorm) {
  points(1);
  Problem p = random_problem(760, cases[0], {true, false});
  Problem usual = p;
  for (BatchNorm& norm : usual.deep.norms) norm.momentum = 0.1;
  const Problem before_usual = usual;
  expect_plain(deep_gradient(usual.deep, p.x, p.labels), before_usual, 1e-11, &usual.deep);
  p.deep.norms[0].momentum = 1;
  p.deep.norms[1].momentum = 0;
  p.deep.norms[0].epsilon = 10;
  p.deep.norms[1].epsilon = 1e-3;
  const Plain plain = plain_loops(p);
  const DeepNetwork before = p.deep;
  const DeepGradient g = deep_gradient(p.deep, p.x, p.labels);
  EXPECT_TRUE(near(g.loss, plain.loss, 1e-11)) << "ε of layer 0 is 10, of layer 1 0.001";
  EXPECT_TRUE(near(p.deep.norms[0].mean, plain.norms[0].mean, 1e-12)) << "momentum 1: the batch's";
  EXPECT_EQ(p.deep.norms[1].mean, before.norms[1].mean) << "momentum 0: as before";
  EXPECT_EQ(p.deep.norms[1].variance, before.norms[1].variance) << "momentum 0: as before";
}

TEST(DeepGradient, OfALargeBatchIsThatOfPlainLoops) {
  points(1);
  const auto expect_case = [](int salt, const Case& c, Kind kind, double tolerance) {
    Problem p = random_problem(salt, c, kind);
    const Problem before = p;
    const DeepGradient g = deep_gradient(p.deep, p.x, p.labels, p.masks);
    expect_plain(g, before, tolerance, &p.deep);
    EXPECT_EQ(p.x, before.x) << "x is only read";
    EXPECT_EQ(p.labels, before.labels) << "labels are only read";
    EXPECT_EQ(p.masks, before.masks) << "masks are only read";
    EXPECT_FALSE(::testing::Test::HasFailure()) << name_of(c, kind);
  };
  // A single class, whose loss is 0, layers of a single unit, and batches of two.
  const Case small[] = {
      {{3, 1}, 4}, {{3, 4, 1}, 4}, {{3, 1, 2}, 5}, {{1, 1, 1, 2}, 6}, {{3, 4, 2}, 2}};
  // As many samples as half of MNIST's test has, and as many hidden units as an image has pixels.
  const Case long_and_thin{{2, 3, 2}, 5000}, short_and_thick{{3, 800, 2}, 4};
  for (Kind kind : kinds) {
    expect_case(770, large, kind, 1e-9);
    expect_case(771, long_and_wide, kind, 1e-9);
    expect_case(772, deepest, kind, 1e-8);
    for (const Case& c : small) expect_case(775, c, kind, 1e-11);
    if (kind.norms != kind.masks) continue;
    expect_case(774, long_and_thin, kind, 1e-9);
    expect_case(777, short_and_thick, kind, 1e-9);
  }
  // The network and the batch of the demonstrations.
  expect_case(773, {{784, 100, 10}, 100}, {true, true}, 1e-9);
}

// Blank images meet biases of 0: what goes into each ReLU is exactly 0, and its slope there is 0.
TEST(DeepGradient, OfABlankImageEndsAtTheReLU) {
  points(1);
  for (const Case& c : cases)
    for (Kind kind : kinds) {
      Problem p = random_problem(778, c, kind);
      for (Matrix& b : p.deep.net.b) b = Matrix(b.rows(), b.cols());
      for (BatchNorm& norm : p.deep.norms) norm.beta = Matrix(1, norm.beta.cols());
      for (int n = 0; n < p.x.rows(); ++n)
        if (kind.norms || n % 2 == 0) std::ranges::fill(p.x.row(n), 0);
      DeepNetwork used = p.deep;
      expect_plain(deep_gradient(used, p.x, p.labels, p.masks), p, 1e-11, &used);
      EXPECT_FALSE(HasFailure()) << name_of(c, kind);
    }
}

// A loss and gradients of any size: x of 10^10, and of 10^-13, and behind weights of 10^4.
TEST(DeepGradient, IsAsLargeOrSmallAsItIs) {
  points(1);
  const Matrix w = {{2, -1, 0.5, 1}};
  for (double unit : {1e7, 1e10, 1e-13, 1e-280}) {
    DeepNetwork deep{.net = {.w = {{{1}}, w}, .b = {{{0}}, Matrix(1, 4)}}, .norms = {}};
    const DeepGradient g = deep_gradient(deep, {{unit}, {2 * unit}}, {1, 3});
    ASSERT_TRUE(has_each_gradient(g, deep));
    const bool large_unit = unit > 1;
    // x of 10^7: p is (1, 0, 0, 0), so the losses are 3 and 1 times x. Else p is 1/4.
    EXPECT_TRUE(close(g.loss, large_unit ? (3 + 2) * unit / 2 : std::log(4.0), 1e-12))
        << "of " << unit;
    const Matrix dw =
        large_unit ? Matrix{{1.5, -0.5, 0, -1}} : Matrix{{0.375, -0.125, 0.375, -0.625}};
    for (int k = 0; k < 4; ++k)
      EXPECT_TRUE(near(g.d.w[1](0, k) / unit, dw(0, k), 1e-12)) << "dw of class " << k;
    // w (p - t), the mean over both, times x
    EXPECT_TRUE(near(g.d.w[0](0, 0) / unit, large_unit ? 2.5 : 0.4375, 1e-12)) << "the first dw";
  }
  DeepNetwork sure{.net = {.w = {{{1}}, w}, .b = {{{0}}, Matrix(1, 4)}}, .norms = {}};
  const DeepGradient g = deep_gradient(sure, {{40}}, {0});
  ASSERT_TRUE(has_each_gradient(g, sure));
  EXPECT_TRUE(near(g.d.w[1](0, 3) / std::exp(-40.0), 40, 1e-9)) << "logits 80, -40, 20, 40";
  EXPECT_TRUE(near(g.d.w[1](0, 2) / std::exp(-60.0), 40, 1e-9)) << "logits 80, -40, 20, 40";
  const DeepGradient surer = deep_gradient(sure, {{80}}, {0});
  ASSERT_TRUE(has_each_gradient(surer, sure));
  EXPECT_TRUE(near(surer.d.w[1](0, 1) / std::exp(-240.0), 80, 1e-9)) << "logits 160, -80, 40, 80";
  for (Kind kind : kinds) {
    Problem p = random_problem(776, cases[1], kind);
    p.deep.net.w.back() = scaled(p.deep.net.w.back(), 1e4);
    DeepNetwork used = p.deep;
    expect_plain(deep_gradient(used, p.x, p.labels, p.masks), p, 1e-9);
  }
}

TEST(DeepGradient, RefusesWhatDoesNotFit) {
  points(1);
  const Problem p = random_problem(780, cases[1], {true, true});
  const auto call = [](const Problem& problem) {
    DeepNetwork deep = problem.deep;
    deep_gradient(deep, problem.x, problem.labels, problem.masks);
  };
  Problem used = p;
  EXPECT_TRUE(near(deep_gradient(used.deep, p.x, p.labels, p.masks).loss, plain_loss_of(p), 1e-11));
  for_each_misfit(p, [&](const Problem& bad, const char* what) {
    EXPECT_TRUE(refuses([&] { call(bad); })) << what;
  });
  Problem nothing = random_problem(783, cases[1], {false, false});
  nothing.x = Matrix(0, 6);
  nothing.labels.clear();
  EXPECT_TRUE(refuses([&] { call(nothing); })) << "no samples";
  for (std::size_t l = 0; l < p.masks.size(); ++l)
    for (const Matrix& other : misfits(p.masks[l])) {
      Problem bad = p;
      bad.masks[l] = other;
      EXPECT_TRUE(refuses([&] { call(bad); })) << "mask " << l << " is " << shape(other);
    }
  Problem bad = p;
  bad.masks.pop_back();
  EXPECT_TRUE(refuses([&] { call(bad); })) << "2 hidden layers, 1 mask";
  bad.masks = p.masks;
  bad.masks.push_back(Matrix(7, 3, 1));
  EXPECT_TRUE(refuses([&] { call(bad); })) << "a mask for the logits as well";
  bad.deep = {{{Matrix(6, 3)}, {Matrix(1, 3)}}, {}};
  bad.masks = {Matrix(7, 3, 1)};
  EXPECT_TRUE(refuses([&] { call(bad); })) << "a mask for the logits, and no hidden layer";
  bad.masks.clear();
  EXPECT_TRUE(accepts([&] { call(bad); })) << "no hidden layer, and no mask";
  const Case one{{6, 5, 4, 3}, 1};
  EXPECT_TRUE(refuses([&] { call(random_problem(781, one, {true, false})); })) << "a batch of one";
  EXPECT_TRUE(accepts([&] { call(random_problem(781, one, {false, true})); })) << "no batch norm";
  Problem broken = random_problem(782, cases[1], {false, true});
  broken.x(1, 2) = nan;
  const DeepGradient g = deep_gradient(broken.deep, broken.x, broken.labels, broken.masks);
  ASSERT_TRUE(has_each_gradient(g, broken.deep));
  const auto far = [](double weight, double mask) {
    DeepNetwork deep{.net = {.w = {{{1}}, {{1, weight}}}, .b = {{{0}}, Matrix(1, 2)}}, .norms = {}};
    return deep_gradient(deep, {{1}}, {1}, {{{mask}}}).loss;
  };
  EXPECT_EQ(far(-infinity, 1), infinity) << "a logit of -∞ is not refused: a loss of ∞";
  EXPECT_EQ(far(-1, infinity), infinity) << "a mask of ∞ is not refused: a loss of ∞";
  BatchNorm above = fresh_norm(1);
  above.beta = {{3}};
  DeepNetwork endless{.net = {.w = {{{1}}, {{1, -infinity}}}, .b = {{{0}}, Matrix(1, 2)}},
                      .norms = {above}};
  EXPECT_EQ(deep_gradient(endless, {{2}, {4}}, {1, 1}).loss, infinity) << "nor behind a batch norm";
  EXPECT_TRUE(near(endless.norms.at(0).mean, {{0.3}}, 1e-14)) << "which has moved";
  EXPECT_TRUE(std::isnan(g.loss)) << "without a batch norm that refuses it, NaN gives NaN";
  EXPECT_TRUE(std::isnan(g.d.b.back()(0, 0)));
}

TEST(DeepGradient, OfNaNIsNaNWhereverItStands) {
  points(1);
  const Problem p = random_problem(785, cases[1], {false, true});
  // Also in what the unit that is always on learns in the layers below, the first `below` of all.
  const auto is_nan = [](const Problem& problem, std::size_t below, const std::string& where) {
    DeepNetwork deep = problem.deep;
    const DeepGradient g = deep_gradient(deep, problem.x, problem.labels, problem.masks);
    ASSERT_TRUE(has_each_gradient(g, deep));
    EXPECT_TRUE(std::isnan(g.loss)) << "NaN in " << where;
    EXPECT_TRUE(std::isnan(g.d.b.back()(0, 0))) << "NaN in " << where;
    for (Scalar v : g.d.w.back().flat())
      EXPECT_TRUE(std::isnan(v)) << "dw of the last layer, NaN in " << where;
    for (std::size_t l = 0; l < below; ++l) {
      EXPECT_TRUE(std::isnan(g.d.b[l](0, 0))) << "db of layer " << l << ", NaN in " << where;
      for (int i = 0; i < g.d.w[l].rows(); ++i)
        EXPECT_TRUE(std::isnan(g.d.w[l](i, 0))) << "dw of layer " << l << ", NaN in " << where;
    }
  };
  for (std::size_t l = 0; l < 3; ++l) {
    for_each_place(p.deep.net.w[l], [&](int row, int col) {
      Problem bad = p;
      bad.deep.net.w[l](row, col) = nan;  // also behind a unit that is off: 0 times NaN is NaN
      is_nan(bad, l, "w of layer " + std::to_string(l));
    });
    Problem bad = p;
    bad.deep.net.b[l](0, 1) = nan;
    is_nan(bad, l, "b of layer " + std::to_string(l));
    if (l == 2) break;
    for (int row : {0, 3, 6}) {
      Problem masked = p;
      masked.masks[l](row, 0) = nan;  // of the unit that is always on
      is_nan(masked, l + 1, "the mask of layer " + std::to_string(l));
    }
  }
  // A unit whose own sum is NaN is neither on nor off.
  for (int samples : {1, 2}) {
    DeepNetwork one{.net = {.w = {{{1, nan}}, {{1, 2}, {3, 4}}}, .b = {Matrix(1, 2), Matrix(1, 2)}},
                    .norms = {}};
    const std::vector<int> labels(static_cast<std::size_t>(samples), 1);
    const DeepGradient g = deep_gradient(one, Matrix(samples, 1, 1), labels);
    ASSERT_TRUE(has_each_gradient(g, one));
    EXPECT_TRUE(std::isnan(g.d.w[0](0, 1)) && std::isnan(g.d.b[0](0, 1)))
        << "where the sum of a unit is NaN, so is what it learns";
  }
  // Behind batch norms: a last layer of NaN reaches the γ and β of the units that are always on.
  Problem normed = random_problem(786, cases[1], {true, false});
  normed.deep.net.b.back()(0, 1) = nan;
  is_nan(normed, 2, "the last b, behind batch norms");
  const DeepGradient g = deep_gradient(normed.deep, normed.x, normed.labels);
  ASSERT_TRUE(has_each_gradient(g, normed.deep));
  const Plain moved = plain_loops(random_problem(786, cases[1], {true, false}));
  ASSERT_EQ(normed.deep.norms.size(), 2u);
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_TRUE(std::isnan(g.dgamma[l](0, 0)) && std::isnan(g.dbeta[l](0, 0)))
        << "dγ and dβ of layer " << l << " as well";
    EXPECT_TRUE(near(normed.deep.norms[l].mean, moved.norms[l].mean, 1e-11) &&
                near(normed.deep.norms[l].variance, moved.norms[l].variance, 1e-11))
        << "and what is not refused moves the running statistics, layer " << l;
  }
  for (Matrix BatchNorm::*part : {&BatchNorm::gamma, &BatchNorm::beta}) {
    Problem bad = random_problem(787, cases[1], {true, false});
    (bad.deep.norms.back().*part)(0, 0) = nan;
    is_nan(bad, 0, "the last γ or β, which no batch norm above refuses");
  }
  DeepNetwork deep = p.deep;
  EXPECT_TRUE(near(deep_gradient(deep, p.x, p.labels, p.masks).loss, plain_loss_of(p), 1e-11))
      << "and without it a number";
}

TEST(DeepGradient, WhatIsRefusedMovesNoRunningStatistics) {
  points(2);
  const Problem p = random_problem(790, cases[1], {true, true});
  const auto refused = [&](const char* what, auto change) {
    Problem bad = p;
    change(bad);
    const DeepNetwork before = bad.deep;
    EXPECT_TRUE(refuses([&] { deep_gradient(bad.deep, bad.x, bad.labels, bad.masks); })) << what;
    EXPECT_TRUE(same(bad.deep, before)) << "refused, so nothing may have changed: " << what;
  };
  refused("a label outside", [](Problem& bad) { bad.labels.back() = 3; });
  refused("a label below 0", [](Problem& bad) { bad.labels[0] = -1; });
  refused("a label too few", [](Problem& bad) { bad.labels.pop_back(); });
  refused("a label too many", [](Problem& bad) { bad.labels.push_back(0); });
  for (std::size_t l = 0; l < 2; ++l) {
    const Matrix& mask = p.masks[l];
    for (const Matrix& other :
         {Matrix(7, mask.cols() - 1, 1), Matrix(7, mask.cols() + 1, 1), Matrix(6, mask.cols(), 1),
          Matrix(8, mask.cols(), 1), Matrix(1, mask.cols(), 1), transposed(mask)})
      refused("a mask of another shape", [&](Problem& bad) { bad.masks[l] = other; });
    refused("a layer that overflows", [&](Problem& bad) { bad.deep.net.w[l](0, 0) = 1e200; });
    refused("a momentum above 1", [&](Problem& bad) { bad.deep.norms[l].momentum = 1.5; });
    refused("γ of another shape", [&](Problem& bad) { bad.deep.norms[l].gamma = Matrix(1, 9); });
  }
  for (double v : {nan, infinity, -infinity}) {
    refused("NaN or infinity in x", [&](Problem& bad) { bad.x(3, 1) = v; });
    if (std::isnan(v)) continue;  // NaN is not even equal to itself
    refused("infinity in a weight", [&](Problem& bad) { bad.deep.net.w[1](0, 1) = v; });
  }
  refused("the last w of another shape", [](Problem& bad) { bad.deep.net.w[2] = Matrix(5, 3); });
  refused("the last b of another shape", [](Problem& bad) { bad.deep.net.b[2] = Matrix(1, 4); });
  DeepNetwork deep = p.deep;
  const Plain plain = plain_loops(p);
  EXPECT_TRUE(near(deep_gradient(deep, p.x, p.labels, p.masks).loss, plain.loss, 1e-11));
  ASSERT_EQ(deep.norms.size(), 2u);
  EXPECT_TRUE(near(deep.norms[1].mean, plain.norms[1].mean, 1e-11))
      << "what is accepted moves them";
}

}  // namespace
}  // namespace gradus::testing
