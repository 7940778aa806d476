// Chapter 08: what normalization of data and batch normalization must be.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/08_normalization/normalization.hpp"
#include "tests/golden/numpy_normalization.hpp"
#include "tests/golden/numpy_random.hpp"
#include "tests/golden/torch_batch_norm.hpp"
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

// ---- min-max ----

TEST(MinMax, FindsTheLowestAndTheHighestOfEachFeature) {
  points(3);
  const MinMax fit = min_max_fit({{5, -2}, {7, -9}, {6, -4}});
  EXPECT_TRUE(near(fit.low, {{5, -9}}, 0)) << "of each column; all may be above 0";
  EXPECT_TRUE(near(fit.high, {{7, -2}}, 0)) << "of each column; all may be below 0";
}

TEST(MinMax, BringsEachFeatureToTheWantedRange) {
  points(4);
  const Matrix x = {{0, 10}, {4, 30}, {1, 20}};
  const MinMax fit{{{0, 10}}, {{4, 30}}};
  EXPECT_TRUE(near(min_max_apply(fit, x), {{0, 0}, {1, 1}, {0.25, 0.5}}, 1e-15));
  EXPECT_TRUE(near(min_max_apply(fit, x, -1, 1), {{-1, -1}, {1, 1}, {-0.5, 0}}, 1e-15));
  EXPECT_TRUE(near(min_max_apply(fit, x, 2, 6), {{2, 2}, {6, 6}, {3, 4}}, 1e-15))
      << "from + (to - from) (x - low) / (high - low)";
}

TEST(MinMax, AppliesTheTrainingRangeToTestData) {
  points(4);
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
}

TEST(MinMax, AFeatureThatNeverChangesBecomesTheLowerEnd) {
  points(3);
  const Matrix x = {{1, 0.1}, {3, 0.1}, {2, 0.1}};
  EXPECT_TRUE(near(min_max_apply(min_max_fit(x), x, -1, 1), {{-1, -1}, {1, -1}, {0, -1}}, 1e-15))
      << "a range of 0 must not become 0/0";
  EXPECT_TRUE(near(min_max_apply(min_max_fit(x), {{3, 5}}, -1, 1), {{1, -1}}, 1e-15))
      << "whatever its value is later";
}

TEST(MinMax, LandsExactlyOnBothEndsAndKeepsTheOrderBetween) {
  points(2);
  Random random = test_random(5);
  for (int trial = 0; trial < 300; ++trial) {
    const double one = random.normal(), other = random.normal();
    const double from = std::min(one, other), to = std::max(one, other);
    Matrix x = random.normal_matrix(0, 1, 30, 1);
    std::ranges::sort(x.flat());
    const Matrix y = min_max_apply(min_max_fit(x), x, from, to);
    ASSERT_EQ(shape(y), "(30,1)");
    EXPECT_EQ(y(0, 0), from) << "the lowest value, exactly";
    EXPECT_EQ(y(29, 0), to) << "the highest value, exactly: from + (to - from) may be rounded";
    EXPECT_TRUE(std::ranges::is_sorted(y.flat())) << "and nothing between lies beyond";
  }
}

TEST(MinMax, RefusesWhatDoesNotFit) {
  points(2);
  EXPECT_TRUE(accepts([] { min_max_fit(Matrix(1, 3)); }));
  EXPECT_TRUE(refuses([] { min_max_fit(Matrix(0, 3)); })) << "no samples";
  for (double bad : {nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { min_max_fit({{1, 2}, {3, bad}}); })) << bad;
    EXPECT_TRUE(refuses([&] { min_max_fit({{bad, 2}, {3, 4}}); })) << bad;
  }
  const MinMax fit{Matrix(1, 3, -1), Matrix(1, 3, 1)};
  EXPECT_TRUE(accepts([&] { min_max_apply(fit, Matrix(2, 3), -3, -2); }));
  EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), 1, 1); })) << "from is to";
  EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), 1, 0); })) << "from is above to";
  for (double bad : {nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { min_max_apply(fit, {{0, bad, 0}}); })) << "x has " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply({{{bad}}, {{1}}}, {{0}}); })) << "low is " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply({{{0}}, {{bad}}}, {{0}}); })) << "high is " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), bad, 1); })) << "from is " << bad;
    EXPECT_TRUE(refuses([&] { min_max_apply(fit, Matrix(2, 3), 0, bad); })) << "to is " << bad;
  }
  EXPECT_TRUE(refuses([] { min_max_apply({{{2}}, {{1}}}, {{0}}); })) << "low is above high";
  for (const Matrix& other : {Matrix(1, 2), Matrix(1, 4), Matrix(3, 1), Matrix(2, 3)}) {
    EXPECT_TRUE(refuses([&] { min_max_apply({other, fit.high}, Matrix(2, 3)); })) << shape(other);
    EXPECT_TRUE(refuses([&] { min_max_apply({fit.low, other}, Matrix(2, 3)); })) << shape(other);
  }
}

// ---- standardization ----

TEST(Standardization, IsNumPysOnTheThousandValuesOfTheNotes) {
  points(4);
  const Matrix x = table(golden::lecture, 1);  // np.random.seed(42); normal(10, 5, 1000)
  const Standardization fit = standardize_fit(x);
  EXPECT_TRUE(near(fit.mean, table(golden::lecture_mean, 1), 1e-12));
  EXPECT_TRUE(near(fit.deviation, table(golden::lecture_deviation, 1), 1e-12))
      << "the deviation divides by N, as np.std does, not by N - 1";
  EXPECT_TRUE(near(standardize_apply(fit, x), table(golden::lecture_standardized, 1), 1e-12));
}

TEST(Standardization, AppliesTheTrainingStatisticsToTestData) {
  points(4);
  const Matrix train = table(golden::normalization_train, 3);
  const Standardization fit = standardize_fit(train);
  EXPECT_TRUE(near(fit.mean, table(golden::normalization_mean, 3), 1e-12));
  EXPECT_TRUE(near(fit.deviation, table(golden::normalization_deviation, 3), 1e-12));
  EXPECT_TRUE(near(standardize_apply(fit, train), table(golden::standardized_train, 3), 1e-11));
  EXPECT_TRUE(near(standardize_apply(fit, table(golden::normalization_test, 3)),
                   table(golden::standardized_test, 3), 1e-11))
      << "test data are moved by the mean of the training data, not by their own";
  EXPECT_TRUE(near(standardize_apply({{{3}}, {{2}}}, {{7}}), {{2}}, 1e-15))
      << "a single sample has a z-score, too";
}

TEST(Standardization, GivesEachFeatureMeanZeroAndDeviationOne) {
  points(3);
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
  points(4);
  Matrix x = {{1, 0.1, -7}, {3, 0.1, -7}, {2, 0.1, -7}};
  EXPECT_EQ(standardize_fit(x).deviation(0, 1), 0)
      << "0.1 + 0.1 + 0.1 rounds: a mean that misses 0.1 by a bit makes a deviation of a bit";
  Matrix z = standardize_apply(standardize_fit(x), x);
  for (int n = 0; n < 3; ++n)
    for (int d = 1; d < 3; ++d) EXPECT_EQ(z(n, d), 0) << "not 0/0, and not 1 from a rounded mean";
  EXPECT_TRUE(near(standardize_apply(standardize_fit(x), {{2, 0.6, -4}}), {{0, 0.5, 3}}, 1e-15))
      << "a deviation of 0 counts as 1";
  for (int N : {6, 7, 10, 49, 1000}) {
    const double value = test_random(20 + N).normal(0, 100);
    const Standardization fit = standardize_fit(Matrix(N, 1, value));
    EXPECT_EQ(fit.mean(0, 0), value) << N << " samples";
    EXPECT_EQ(fit.deviation(0, 0), 0) << N << " samples";
  }
  EXPECT_EQ(standardize_fit(Matrix(10, 1, 0.1)).deviation(0, 0), 0) << "ten times 0.1";
  for (const Matrix& one : {Matrix{{4, -2}}, Matrix{{0, 0.1}}}) {
    z = standardize_apply(standardize_fit(one), one);
    EXPECT_TRUE(near(z, {{0, 0}}, 0)) << "a single sample never changes";
  }
}

TEST(Standardization, KeepsItsDigitsFarFromZero) {
  points(2);
  const Matrix near_zero = test_random(30).normal_matrix(0, 1, 20, 2);
  const Matrix far = stretched(near_zero, {{1, 1}}, {{1e6, -1e6}});
  EXPECT_TRUE(near(standardize_fit(far).deviation, standardize_fit(near_zero).deviation, 1e-8))
      << "1/N Σ (x - mean)^2, not the difference of the large 1/N Σ x^2 and mean^2";
}

TEST(Standardization, OfASmallFeatureIsThatOfALargeOne) {
  points(2);
  const Matrix x = test_random(31).normal_matrix(0, 1, 10, 1);
  const Matrix tiny = stretched(x, {{1e-12}}, {{0}});
  EXPECT_TRUE(near(standardize_apply(standardize_fit(tiny), tiny),
                   standardize_apply(standardize_fit(x), x), 1e-11))
      << "small is not constant: only a deviation of 0 counts as 1";
  EXPECT_TRUE(near(min_max_apply(min_max_fit(tiny), tiny), min_max_apply(min_max_fit(x), x), 1e-11))
      << "small is not constant: only a range of 0 has no width";
}

TEST(Standardization, KnowsValuesWhoseSquaresAreNoNumbers) {
  points(2);
  const auto deviation = [](const Matrix& x) { return standardize_fit(x).deviation(0, 0); };
  const double third = std::sqrt(2.0 / 3);
  EXPECT_TRUE(near(deviation({{1e-200}, {-1e-200}}) / 1e-200, 1, 1e-14))
      << "the square of 1e-200 is 0, but its root is not";
  EXPECT_TRUE(near(deviation({{-1e-170}, {0}, {1e-170}}) / 1e-170, third, 1e-14));
  EXPECT_TRUE(near(deviation({{1e200}, {2e200}, {3e200}}) / 1e200, third, 1e-14))
      << "the square of 1e200 is infinite, but its root is not";
  const Matrix x = {{1e200, 1e-200}, {2e200, -1e-200}, {3e200, 0}};
  const Matrix z = standardize_apply(standardize_fit(x), x);
  EXPECT_TRUE(near(z, {{-1 / third, 1 / third}, {0, -1 / third}, {1 / third, 0}}, 1e-14));
}

TEST(Standardization, RefusesWhatDoesNotFit) {
  points(2);
  EXPECT_TRUE(accepts([] { standardize_fit(Matrix(1, 3)); }));
  EXPECT_TRUE(refuses([] { standardize_fit(Matrix(0, 3)); })) << "no samples";
  for (double bad : {nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { standardize_fit({{1, 2}, {3, bad}}); })) << bad;
    EXPECT_TRUE(refuses([&] { standardize_fit({{bad, 2}, {3, 4}}); })) << bad;
  }
  const Standardization fit{Matrix(1, 3), Matrix(1, 3, 1)};
  EXPECT_TRUE(accepts([&] { standardize_apply(fit, Matrix(2, 3)); }));
  for (double bad : {nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { standardize_apply(fit, {{0, bad, 0}}); })) << "x has " << bad;
    EXPECT_TRUE(refuses([&] { standardize_apply({{{0}}, {{bad}}}, {{1}}); })) << bad;
  }
  EXPECT_TRUE(refuses([] { standardize_apply({{{0}}, {{-2}}}, {{1}}); })) << "a deviation of -2";
  for (const Matrix& other : {Matrix(1, 2), Matrix(1, 4), Matrix(3, 1), Matrix(2, 3)}) {
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
BatchNorm torch_norm() {
  return {.gamma = table(golden::batch_norm_gamma, D),
          .beta = table(golden::batch_norm_beta, D),
          .mean = Matrix(1, D),
          .variance = Matrix(1, D, 1)};
}

constexpr double none = 1e-100;  // an ε that changes nothing

// Any γ and β but 1 and 0, and any running statistics but the first.
BatchNorm random_norm(int features, Random& random) {
  return {.gamma = random.uniform_matrix(0.5, 2, 1, features),
          .beta = random.normal_matrix(0, 1, 1, features),
          .mean = random.normal_matrix(0, 1, 1, features),
          .variance = random.uniform_matrix(0.5, 2, 1, features)};
}

// ---- forward ----

TEST(BatchNorm, StartsWithoutAnEffectOfItsOwn) {
  points(2);
  const BatchNorm norm = batch_norm_init(3);
  EXPECT_TRUE(near(norm.gamma, {{1, 1, 1}}, 0)) << "γ = 1";
  EXPECT_TRUE(near(norm.beta, {{0, 0, 0}}, 0)) << "β = 0";
  EXPECT_TRUE(near(norm.mean, {{0, 0, 0}}, 0)) << "running mean 0";
  EXPECT_TRUE(near(norm.variance, {{1, 1, 1}}, 0)) << "running variance 1";
  EXPECT_TRUE(refuses([] { batch_norm_init(0); })) << "no features";
  EXPECT_TRUE(refuses([] { batch_norm_init(-1); })) << "less than none";
}

TEST(BatchNorm, ForwardIsPyTorchs) {
  points(5);
  for (const Setting& torch : settings) {
    BatchNorm norm = torch_norm();
    int index = 0;
    for (const Batch& batch : torch_batches()) {
      const BatchNormForward f =
          batch_norm_forward(norm, batch.of(golden::batch_norm_x), torch.momentum, torch.epsilon);
      EXPECT_TRUE(near(f.x_hat, batch.of(torch.x_hat), 1e-12))
          << "x̂ = (x - mean) / √(variance + ε): statistics of each column, the variance by N";
      EXPECT_TRUE(near(f.y, batch.of(torch.y), 1e-12)) << "y = γ x̂ + β";
      EXPECT_TRUE(near(f.inverse, rows_of(torch.inverse, D, index++, 1), 1e-12))
          << "1 / √(variance + ε)";
    }
  }
}

TEST(BatchNorm, NormalizesByHand) {
  points(3);
  BatchNorm norm = batch_norm_init(2);
  norm.gamma = {{1, 10}};
  norm.beta = {{0, 5}};
  // means 2 and 100, variances 1 and 4
  const BatchNormForward f =
      batch_norm_forward(norm, {{1, 102}, {3, 98}, {1, 98}, {3, 102}}, 0.1, none);
  EXPECT_TRUE(near(f.x_hat, {{-1, 1}, {1, -1}, {-1, -1}, {1, 1}}, 1e-14));
  EXPECT_TRUE(near(f.y, {{-1, 15}, {1, -5}, {-1, -5}, {1, 15}}, 1e-13)) << "γ x̂ + β";
  EXPECT_TRUE(near(f.inverse, {{1, 0.5}}, 1e-15));
  const BatchNormForward usual = batch_norm_forward(norm, {{0, 0}, {0, 0}, {0.02, 1}, {0.02, 1}});
  EXPECT_TRUE(near(usual.inverse(0, 0), 1 / std::sqrt(1.1e-4), 1e-10))
      << "variance 1e-4, and ε = 1e-5 unless another is given, under the root";
}

TEST(BatchNorm, ForgetsWhereAFeatureLiesAndHowLargeItIs) {
  points(2);
  Random random = test_random(40);
  const Matrix x = random.normal_matrix(0, 1, 6, 3);
  BatchNorm norm = random_norm(3, random);
  const Matrix y = batch_norm_forward(norm, x, 0.1, none).y;
  for (int d = 0; d < 3; ++d) {
    EXPECT_TRUE(near(mean_of(y, d), norm.beta(0, d), 1e-11)) << "the mean of y is β";
    EXPECT_TRUE(near(deviation_of(y, d), norm.gamma(0, d), 1e-11)) << "the deviation of y is γ";
  }
  const Matrix moved = stretched(x, {{100, 0.01, 7}}, {{3, -0.5, 40}});
  EXPECT_TRUE(near(batch_norm_forward(norm, moved, 0.1, none).y, y, 1e-9))
      << "weights a hundred times as large give the same y";
  const Matrix far = stretched(x, {{1, 1, 1}}, {{1e6, -1e6, 1e6}});
  EXPECT_TRUE(near(batch_norm_forward(norm, far, 0.1, none).y, y, 1e-6))
      << "also far from 0: take the mean away before you square";
  const Matrix tiny = stretched(x, {{1e-9, 1e-9, 1e-9}}, {{0, 0, 0}});
  EXPECT_TRUE(near(batch_norm_forward(norm, tiny, 0.1, none).y, y, 1e-9)) << "also very near it";
}

// ---- running statistics ----

TEST(RunningStatistics, ArePyTorchsAfterEachBatch) {
  points(4);
  for (const Setting& torch : settings) {
    BatchNorm norm = torch_norm();
    int index = 0;
    for (const Batch& batch : torch_batches()) {
      batch_norm_forward(norm, batch.of(golden::batch_norm_x), torch.momentum, torch.epsilon);
      EXPECT_TRUE(near(norm.mean, rows_of(torch.mean, D, index, 1), 1e-12))
          << "batch " << index << ": m = (1 - momentum) m + momentum (the batch's)";
      EXPECT_TRUE(near(norm.variance, rows_of(torch.variance, D, index, 1), 1e-12))
          << "batch " << index << ": the batch's variance here is that by N - 1";
      ++index;
    }
    EXPECT_EQ(norm.gamma, torch_norm().gamma) << "γ is learned by steps, not by forward";
    EXPECT_EQ(norm.beta, torch_norm().beta) << "β is learned by steps, not by forward";
  }
}

TEST(RunningStatistics, MoveATenthOfTheWayToTheUnbiasedVariance) {
  points(4);
  BatchNorm norm = batch_norm_init(1);
  const BatchNormForward f = batch_norm_forward(norm, {{10}, {14}});  // variance 4 by N, 8 by N - 1
  EXPECT_TRUE(near(f.x_hat, {{-1}, {1}}, 2e-6)) << "in the batch: by N";
  EXPECT_TRUE(near(norm.mean(0, 0), 1.2, 1e-14)) << "0.9 · 0 + 0.1 · 12";
  EXPECT_TRUE(near(norm.variance(0, 0), 1.7, 1e-14)) << "0.9 · 1 + 0.1 · 8: by N - 1";
  batch_norm_forward(norm, {{10}, {14}}, 1);
  EXPECT_TRUE(near(norm.mean(0, 0), 12, 1e-14)) << "momentum 1 forgets what was";
  EXPECT_TRUE(near(norm.variance(0, 0), 8, 1e-14)) << "momentum 1 forgets what was";
  norm.mean = {{1e20}};
  norm.variance = {{1e20}};
  batch_norm_forward(norm, {{10}, {14}}, 1);
  EXPECT_TRUE(near(norm.mean(0, 0), 12, 1e-14)) << "also where 1e20 + (12 - 1e20) would be 0";
  EXPECT_TRUE(near(norm.variance(0, 0), 8, 1e-14)) << "also where 1e20 + (8 - 1e20) would be 0";
  batch_norm_forward(norm, {{-1}, {5}}, 0);
  EXPECT_TRUE(near(norm.mean(0, 0), 12, 1e-14)) << "momentum 0 learns nothing";
}

TEST(RunningStatistics, AreNotLookedAtInTraining) {
  points(4);
  Random random = test_random(50);
  const Matrix x = random.normal_matrix(1, 2, 5, 3), dy = random.normal_matrix(0, 1, 5, 3);
  BatchNorm norm = random_norm(3, random), other = norm;
  other.mean = random.normal_matrix(30, 1, 1, 3);
  other.variance = random.uniform_matrix(50, 60, 1, 3);
  const BatchNormForward f = batch_norm_forward(norm, x), g = batch_norm_forward(other, x);
  EXPECT_TRUE(near(g.y, f.y, 0)) << "a batch is normalized by its own statistics";
  EXPECT_TRUE(near(batch_norm_backward(dy, other, g).dx, batch_norm_backward(dy, norm, f).dx, 0))
      << "and so are its gradients";
}

// ---- backward ----

TEST(BatchNorm, GradientsArePyTorchs) {
  points(6);
  for (const Setting& torch : settings) {
    int index = 0;
    for (const Batch& batch : torch_batches()) {
      const BatchNormForward f{.y = batch.of(torch.y),
                               .x_hat = batch.of(torch.x_hat),
                               .inverse = rows_of(torch.inverse, D, index, 1)};
      const BatchNormGradients g =
          batch_norm_backward(batch.of(golden::batch_norm_dy), torch_norm(), f);
      EXPECT_TRUE(near(g.dx, batch.of(torch.dx), 1e-12))
          << "dx = (g - mean(g) - x̂ mean(g x̂)) / √(variance + ε) with g = γ dy";
      EXPECT_TRUE(near(g.dgamma, rows_of(torch.dgamma, D, index, 1), 1e-12)) << "dγ = Σ dy x̂";
      EXPECT_TRUE(near(g.dbeta, rows_of(torch.dbeta, D, index, 1), 1e-12)) << "dβ = Σ dy";
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
  points(6);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(60 + salt);
    const int N = 4 + salt, features = 3;
    const Matrix x = stretched(spread_samples(N, features, random), {{1, 2, 0.8}}, {{3, 0, -1}});
    const Matrix dy = random.normal_matrix(0, 1, N, features);
    const BatchNorm norm = random_norm(features, random);
    const auto forward = [](BatchNorm at, const Matrix& x) { return batch_norm_forward(at, x); };

    const BatchNormForward f = forward(norm, x);
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
  points(2);
  Random random = test_random(70);
  const Matrix x = random.normal_matrix(2, 3, 7, 3), dy = random.normal_matrix(0, 1, 7, 3);
  BatchNorm norm = random_norm(3, random);
  const BatchNormForward f = batch_norm_forward(norm, x, 0.1, none);
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
  points(3);
  Random random = test_random(80);
  BatchNorm norm = random_norm(2, random);
  const Matrix x = {{0.1, 1}, {0.1, 4}, {0.1, 2}}, dy = random.normal_matrix(0, 1, 3, 2);
  const BatchNormForward f = batch_norm_forward(norm, x);
  for (int n = 0; n < 3; ++n) {
    EXPECT_TRUE(near(f.x_hat(n, 0), 0, 1e-12)) << "(x - mean) / √(0 + ε)";
    EXPECT_TRUE(near(f.y(n, 0), norm.beta(0, 0), 1e-11)) << "all that is left is β";
  }
  const BatchNormGradients g = batch_norm_backward(dy, norm, f);
  EXPECT_TRUE(all_finite(f.y) && all_finite(f.inverse) && all_finite(norm.variance));
  EXPECT_TRUE(all_finite(g.dx) && all_finite(g.dgamma) && all_finite(g.dbeta));
  EXPECT_TRUE(near(g.dgamma(0, 0), 0, 1e-10));
}

// ---- inference ----

TEST(Inference, IsPyTorchs) {
  points(4);
  const Matrix x = table(golden::batch_norm_unseen, D);
  for (const Setting& torch : settings) {
    BatchNorm norm = torch_norm();
    const int last = static_cast<int>(golden::batch_norm_sizes.size()) - 1;
    norm.mean = rows_of(torch.mean, D, last, 1);
    norm.variance = rows_of(torch.variance, D, last, 1);
    EXPECT_TRUE(
        near(batch_norm_inference(norm, x, torch.epsilon), table(torch.inference, D), 1e-12))
        << "γ (x - running mean) / √(running variance + ε) + β";
  }
  const BatchNorm small{.gamma = {{1}}, .beta = {{0}}, .mean = {{0}}, .variance = {{1e-4}}};
  EXPECT_TRUE(near(batch_norm_inference(small, {{1}})(0, 0), 1 / std::sqrt(1.1e-4), 1e-10))
      << "ε = 1e-5 unless another is given, under the root";
}

TEST(Inference, OfASampleDoesNotDependOnItsCompany) {
  points(4);
  Random random = test_random(90);
  const BatchNorm norm = random_norm(3, random);
  const Matrix x = random.normal_matrix(5, 2, 6, 3);
  const Matrix together = batch_norm_inference(norm, x);
  ASSERT_EQ(together.rows(), 6);
  ASSERT_EQ(together.cols(), 3);
  for (int n = 0; n < 6; ++n) {
    Matrix alone(1, 3), expected(1, 3);
    std::ranges::copy(x.row(n), alone.row(0).begin());
    std::ranges::copy(together.row(n), expected.row(0).begin());
    EXPECT_TRUE(near(batch_norm_inference(norm, alone), expected, 1e-13)) << "a sample alone";
    Matrix twice(2, 3);
    std::ranges::copy(x.row(n), twice.row(0).begin());
    std::ranges::copy(x.row((n + 1) % 6), twice.row(1).begin());
    EXPECT_TRUE(near(batch_norm_inference(norm, twice)(0, 0), together(n, 0), 1e-13))
        << "in other company";
  }
  EXPECT_NE(together(0, 0), together(1, 0));
}

TEST(Inference, ChangesNothing) {
  points(1);
  Random random = test_random(91);
  BatchNorm norm = random_norm(2, random);
  const BatchNorm before = norm;
  batch_norm_inference(norm, random.normal_matrix(5, 2, 4, 2));
  EXPECT_EQ(norm.mean, before.mean) << "running statistics are for training to write";
  EXPECT_EQ(norm.variance, before.variance) << "running statistics are for training to write";
  EXPECT_EQ(norm.gamma, before.gamma);
  EXPECT_EQ(norm.beta, before.beta);
}

// ---- what does not fit ----

TEST(BatchNorm, RefusesABatchOfOne) {
  points(2);
  Random random = test_random(92);
  BatchNorm norm = random_norm(3, random);
  EXPECT_TRUE(accepts([&] { batch_norm_forward(norm, Matrix(2, 3)); }));
  const BatchNorm before = norm;
  EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, Matrix(1, 3, 4)); })) << "its x̂ is always 0";
  EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, Matrix(0, 3)); })) << "no samples";
  EXPECT_EQ(norm.mean, before.mean) << "what is refused changes nothing";
  EXPECT_EQ(norm.variance, before.variance) << "what is refused changes nothing";
  EXPECT_TRUE(accepts([&] { batch_norm_inference(norm, Matrix(1, 3)); })) << "alone is usual here";
}

TEST(BatchNorm, RefusesWhatWouldSpoilTheRunningStatisticsForGood) {
  points(3);
  Random random = test_random(93);
  BatchNorm norm = random_norm(3, random);
  const Matrix good = random.normal_matrix(0, 1, 4, 3);
  EXPECT_TRUE(accepts([&] { batch_norm_forward(norm, good); }));
  const BatchNorm before = norm;
  for (double bad : {nan, infinity, -infinity, 1e200})  // the square of 1e200 is infinite
    for (int n : {0, 3})
      for (int d : {0, 2}) {
        Matrix x = good;
        x(n, d) = bad;
        EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, x); })) << bad << " in x";
        EXPECT_EQ(norm.mean, before.mean) << "what is refused changes no feature, " << bad;
        EXPECT_EQ(norm.variance, before.variance) << "what is refused changes no feature, " << bad;
      }
  EXPECT_TRUE(accepts([&] { batch_norm_forward(norm, good); })) << "and training goes on";
}

TEST(BatchNorm, RefusesMomentumAndEpsilonThatMakeNoSense) {
  points(1);
  BatchNorm norm = batch_norm_init(2);
  const Matrix x = {{1, 2}, {3, 5}};
  EXPECT_TRUE(accepts([&] { batch_norm_forward(norm, x, 0, 1e-300); }));
  EXPECT_TRUE(accepts([&] { batch_norm_forward(norm, x, 1, 1); }));
  EXPECT_TRUE(accepts([&] { batch_norm_inference(norm, x, 1e-300); }));
  const BatchNorm before = norm;
  for (double momentum : {-0.1, 1.1, nan, infinity})
    EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, x, momentum); })) << momentum;
  for (double epsilon : {0.0, -1e-5, nan, infinity}) {
    EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, x, 0.1, epsilon); })) << "ε " << epsilon;
    EXPECT_TRUE(refuses([&] { batch_norm_inference(norm, x, epsilon); })) << "ε " << epsilon;
  }
  EXPECT_EQ(norm.mean, before.mean) << "what is refused changes nothing";
  EXPECT_EQ(norm.variance, before.variance) << "what is refused changes nothing";
}

TEST(BatchNorm, NaNIsNeverTurnedIntoANumber) {
  points(1);
  const BatchNorm norm = batch_norm_init(2);
  const BatchNormForward f{Matrix(3, 2), {{1, 1}, {0, -1}, {-1, 0}}, {{1, 1}}};
  const BatchNormGradients g = batch_norm_backward({{1, 1}, {nan, 2}, {3, 0}}, norm, f);
  for (int n = 0; n < 3; ++n) {
    EXPECT_TRUE(std::isnan(g.dx(n, 0))) << "NaN in dy is in the gradient of each sample";
    EXPECT_TRUE(std::isfinite(g.dx(n, 1))) << "and in no other feature";
  }
  EXPECT_TRUE(std::isnan(g.dgamma(0, 0)) && std::isnan(g.dbeta(0, 0)));
  const Matrix y = batch_norm_inference(norm, {{nan, 1}, {2, 3}});
  EXPECT_TRUE(std::isnan(y(0, 0)));
  EXPECT_TRUE(std::isfinite(y(0, 1)) && std::isfinite(y(1, 0)));
}

TEST(BatchNorm, RefusesShapesThatDoNotFit) {
  points(2);
  const BatchNorm norm = batch_norm_init(3);
  const Matrix x(4, 3), dy(4, 3);
  BatchNorm used = norm;
  const BatchNormForward f = batch_norm_forward(used, x);
  EXPECT_TRUE(accepts([&] { batch_norm_backward(dy, norm, f); }));
  for (const Matrix& other : {Matrix(1, 2), Matrix(1, 4), Matrix(3, 1), Matrix(2, 3)})
    for (Matrix BatchNorm::*part :
         {&BatchNorm::gamma, &BatchNorm::beta, &BatchNorm::mean, &BatchNorm::variance}) {
      BatchNorm bad = norm;
      bad.*part = other;
      EXPECT_TRUE(refuses([&] { batch_norm_forward(bad, x); })) << shape(other);
      EXPECT_TRUE(refuses([&] { batch_norm_inference(bad, x); })) << shape(other);
    }
  for (const Matrix& other : {Matrix(4, 2), Matrix(4, 4), Matrix(3, 3), Matrix(5, 3), Matrix(3, 4)})
    EXPECT_TRUE(refuses([&] { batch_norm_backward(other, norm, f); })) << "dy " << shape(other);
  EXPECT_TRUE(refuses([&] { batch_norm_backward(dy, batch_norm_init(2), f); })) << "γ (1,2)";
  EXPECT_TRUE(refuses([&] {
    batch_norm_backward(dy, norm, {f.y, Matrix(3, 3), f.inverse});
  })) << "x̂ (3,3)";
  EXPECT_TRUE(refuses([&] {
    batch_norm_backward(dy, norm, {f.y, f.x_hat, Matrix(1, 4)});
  })) << "inverse (1,4)";
}

}  // namespace
}  // namespace gradus::testing
