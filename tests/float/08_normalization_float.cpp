// Chapter 08 in float: statistics and sums over a batch keep their digits.
#include <cmath>
#include <limits>

#include "chapters/08_normalization/normalization.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const float infinity = std::numeric_limits<float>::infinity();

TEST(NormalizationFloat, StatisticsOf60000ValuesKeepTheirDigits) {
  const int N = 60000;
  Matrix x(N, 2);
  Random random(1);
  double mean = 0, variance = 0;
  for (int n = 0; n < N; ++n) {
    x(n, 0) = static_cast<Scalar>(random.uniform(0.3, 1.3));
    x(n, 1) = Scalar(0.1);
    mean += double{x(n, 0)} / N;
  }
  for (int n = 0; n < N; ++n) variance += std::pow(x(n, 0) - mean, 2) / N;
  const Standardization fit = standardize_fit(x);
  EXPECT_TRUE(near(fit.mean(0, 0) / mean, 1, 1e-7));
  EXPECT_TRUE(near(fit.deviation(0, 0) / std::sqrt(variance), 1, 1e-7));
  EXPECT_EQ(fit.mean(0, 1), Scalar(0.1));
  EXPECT_EQ(fit.deviation(0, 1), 0);

  BatchNorm norm = batch_norm_init(2);
  norm.momentum = 1;
  const BatchNormForward f = batch_norm_forward(norm, x);
  EXPECT_TRUE(near(norm.mean(0, 0) / mean, 1, 1e-7));
  EXPECT_TRUE(near(norm.variance(0, 0) / (variance * N / (N - 1)), 1, 1e-7));
  EXPECT_TRUE(near(f.inverse(0, 0) * std::sqrt(variance + 1e-5), 1, 1e-7));
}

TEST(NormalizationFloat, GradientsAreSumsInDouble) {
  const int N = 1000000;
  const Matrix tenths(N, 1, Scalar(0.1));
  const BatchNormForward f{Matrix(), Matrix(N, 1, 1), Matrix(1, 1, 1)};
  const BatchNormGradients g = batch_norm_backward(tenths, batch_norm_init(1), f);
  EXPECT_TRUE(near(g.dbeta(0, 0), 100000, 0.01)) << "float's own sum is 100958";
  EXPECT_TRUE(near(g.dgamma(0, 0), 100000, 0.01)) << "float's own sum is 100958";
}

TEST(NormalizationFloat, DeviationsOfLargeValuesDoNotOverflow) {
  const Standardization fit = standardize_fit({{1e20f, 1e-30f}, {2e20f, -1e-30f}, {3e20f, 0}});
  EXPECT_TRUE(near(fit.deviation(0, 0) / 1e20, std::sqrt(2.0 / 3), 1e-7));
  EXPECT_TRUE(near(fit.deviation(0, 1) / 1e-30, std::sqrt(2.0 / 3), 1e-7));
}

TEST(NormalizationFloat, AVarianceBeyondFloatIsRefusedBeforeAnythingHasChanged) {
  BatchNorm norm = batch_norm_init(2);
  EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, {{1, 1e20f}, {2, -1e20f}}); }));
  EXPECT_TRUE(refuses([&] { batch_norm_forward(norm, {{1, infinity}, {2, 0}}); }));
  EXPECT_EQ(norm.mean, Matrix(1, 2));
  EXPECT_EQ(norm.variance, Matrix(1, 2, 1));
}

TEST(NormalizationFloat, MinMaxLandsExactlyOnBothEnds) {
  Random random(2);
  for (int trial = 0; trial < 1000; ++trial) {
    const Scalar from = static_cast<Scalar>(random.normal()),
                 to = from + static_cast<Scalar>(random.uniform(0.01, 3));
    const Matrix x = random.normal_matrix(0, 1, 2, 1);
    const MinMax fit = min_max_fit(x);
    EXPECT_EQ(min_max_apply(fit, fit.low, from, to)(0, 0), from);
    EXPECT_EQ(min_max_apply(fit, fit.high, from, to)(0, 0), to);
  }
}

TEST(NormalizationFloat, ALayerBeyondFloatMovesNoRunningStatistics) {
  Random random(3);
  DeepNetwork deep = deep_init({4, 5, 5, 3}, Init::he, true, random);
  const Matrix x = random.normal_matrix(0, 1, 6, 4);
  const std::vector<int> labels = {0, 1, 2, 0, 1, 2};
  const DeepNetwork before = deep;
  deep.net.w[1] = Matrix(5, 5, 1e25f);  // in double its variance would be finite
  EXPECT_TRUE(refuses([&] { deep_gradient(deep, x, labels); }));
  EXPECT_EQ(deep.norms[0].mean, before.norms[0].mean);
  EXPECT_EQ(deep.norms[0].variance, before.norms[0].variance);
  deep.net.w[1] = before.net.w[1];
  EXPECT_TRUE(accepts([&] { deep_gradient(deep, x, labels); }));
  EXPECT_NE(deep.norms[0].mean, before.norms[0].mean);
}

TEST(NormalizationFloat, GradientsOfADeepNetworkAreThoseOfDifferences) {
  Random random(4);
  DeepNetwork deep = deep_init({4, 6, 3}, Init::he, true, random);
  const Matrix x = random.normal_matrix(0, 1, 9, 4);
  const std::vector<int> labels = {0, 1, 2, 0, 1, 2, 0, 1, 2};
  const DeepGradient g = deep_gradient(deep, x, labels);
  const auto by_gamma = [&](const Matrix& gamma) {
    DeepNetwork other = deep;
    other.norms[0].gamma = gamma;
    return deep_gradient(other, x, labels).loss;
  };
  EXPECT_TRUE(is_gradient("float dgamma", by_gamma, deep.norms[0].gamma, g.dgamma[0], 1e-3));
}

}  // namespace
}  // namespace gradus::testing
