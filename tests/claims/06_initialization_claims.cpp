// Chapter 06: what the figures claim, in float as the demonstration computes.
#include <cmath>
#include <numeric>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/06_initialization/experiment.hpp"
#include "common/matmul.hpp"
#include "tests/golden/numpy_initialization.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Activation sigmoid_f = Activation::sigmoid, tanh_f = Activation::tanh,
                 relu_f = Activation::relu;

// ---- what ten layers make of their inputs ----

TEST(StartClaims, TheTablesDeviationsAreNumPys) {
  const auto expect = [](Start start, Activation f, const std::vector<double>& numpy) {
    const auto a = activations(start, f, 0);
    for (std::size_t l = 0; l < 10; ++l)
      EXPECT_NEAR(standard_deviation(a[l]) / numpy[l], 1, 1e-3)
          << name_of(start) << ", layer " << l + 1;
  };
  using namespace golden;
  expect(Start::uniform, sigmoid_f, sigmoid_uniform_1000_deviations);
  expect(Start::normal, sigmoid_f, sigmoid_normal_1000_deviations);
  expect(Start::small, sigmoid_f, sigmoid_small_1000_deviations);
  expect(Start::xavier, sigmoid_f, sigmoid_xavier_1000_deviations);
  expect(Start::xavier, tanh_f, tanh_xavier_1000_deviations);
  expect(Start::normal, relu_f, relu_normal_1000_deviations);
  expect(Start::small, relu_f, relu_small_1000_deviations);
  expect(Start::xavier, relu_f, relu_xavier_1000_deviations);
  expect(Start::he, relu_f, relu_he_1000_deviations);
}

double share_at_the_ends(const Matrix& a) {
  return share(a, [](Scalar v) { return v < 0.05f || v > 0.95f; });
}

TEST(StartClaims, SigmoidsFromStandardNormalWeightsPileUpAtZeroAndOne) {
  for (std::uint32_t seed = 0; seed < 5; ++seed)
    for (const Matrix& a : activations(Start::normal, sigmoid_f, seed))
      EXPECT_GT(share_at_the_ends(a), 0.6) << "seed " << seed;
}

TEST(StartClaims, SigmoidsFromSmallWeightsCollapseAtOneHalf) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto a = activations(Start::small, sigmoid_f, seed);
    for (std::size_t l = 1; l < 10; ++l)
      EXPECT_EQ(share(a[l], [](Scalar v) { return std::abs(v - 0.5f) < 0.07f; }), 1)
          << "seed " << seed << ", layer " << l + 1;
  }
}

TEST(StartClaims, SigmoidsFromUniformWeightsLeanToTheEndsLessThanFromStandardNormalOnes) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto uniform = activations(Start::uniform, sigmoid_f, seed);
    const auto normal = activations(Start::normal, sigmoid_f, seed);
    for (std::size_t l = 0; l < 10; ++l) {
      EXPECT_GT(share_at_the_ends(uniform[l]), 0.2) << "spread evenly it would be 0.1";
      EXPECT_LT(share_at_the_ends(uniform[l]), share_at_the_ends(normal[l]));
    }
  }
}

TEST(StartClaims, XavierKeepsSigmoidAndTanhSpread) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    for (const Matrix& a : activations(Start::xavier, sigmoid_f, seed)) {
      EXPECT_GT(standard_deviation(a), 0.09) << "seed " << seed;
      EXPECT_LT(share_at_the_ends(a), 0.01) << "seed " << seed;
    }
    for (const Matrix& a : activations(Start::xavier, tanh_f, seed))
      EXPECT_GT(standard_deviation(a), 0.18) << "seed " << seed;
  }
}

// The histogram of a deep sigmoid layer is wide because its units differ, not because its inputs do.
TEST(StartClaims, ADeepSigmoidForgetsItsInputAndATanhDoesNot) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto sigmoids = activations(Start::xavier, sigmoid_f, seed);
    const auto tanhs = activations(Start::xavier, tanh_f, seed);
    EXPECT_LT(deviation_by_input(sigmoids[9]), 2e-6) << "seed " << seed;
    EXPECT_GT(deviation_by_input(tanhs[9]), 0.9 * standard_deviation(tanhs[9])) << "seed " << seed;
    for (std::size_t l = 1; l < 10; ++l)
      EXPECT_NEAR(deviation_by_input(sigmoids[l]) / deviation_by_input(sigmoids[l - 1]), 0.24, 0.04)
          << "a little less than 1/4, layer " << l + 1 << ", seed " << seed;
  }
}

TEST(StartClaims, TheGradientVanishesWithXavierAndSigmoidNotWithLargeWeights) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const double uniform = gradient_ratio(Start::uniform, sigmoid_f, seed);
    EXPECT_GT(uniform, 0.03) << "seed " << seed;
    EXPECT_LT(uniform, 0.5) << "seed " << seed;
    EXPECT_GT(gradient_ratio(Start::normal, sigmoid_f, seed), 0.5) << "seed " << seed;
    EXPECT_LT(gradient_ratio(Start::xavier, sigmoid_f, seed), 1e-5) << "seed " << seed;
    EXPECT_LT(gradient_ratio(Start::small, sigmoid_f, seed), 1e-13) << "seed " << seed;
    EXPECT_NEAR(gradient_ratio(Start::xavier, tanh_f, seed), 1.1, 0.4) << "seed " << seed;
  }
}

TEST(StartClaims, WithReluXavierShrinksByTheRootOfTwoALayerAndHeDoesNot) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto factor = [&](Start start) {
      const auto a = activations(start, relu_f, seed);
      return std::pow(standard_deviation(a[9]) / standard_deviation(a[0]), 1.0 / 9);
    };
    EXPECT_NEAR(factor(Start::xavier), 1 / std::sqrt(2.0), 0.06) << "seed " << seed;
    EXPECT_NEAR(factor(Start::he), 1, 0.08) << "seed " << seed;
    EXPECT_NEAR(factor(Start::normal), 10 / std::sqrt(2.0), 0.6) << "seed " << seed;
    EXPECT_NEAR(factor(Start::small), 0.1 / std::sqrt(2.0), 0.006) << "seed " << seed;
    // Deep units are hardly moved by the input, so a layer's share is that of 100 coins.
    const auto zeros = [](const Matrix& a) { return share(a, [](Scalar v) { return v == 0; }); };
    double sum = 0;
    const auto a = activations(Start::he, relu_f, seed);
    for (const Matrix& layer : a) sum += zeros(layer);
    EXPECT_NEAR(zeros(a[0]), 0.5, 0.02) << "half is cut off, seed " << seed;
    EXPECT_NEAR(sum / 10, 0.5, 0.06) << "half is cut off, seed " << seed;
  }
}

// 003 takes n from the hidden layer: with 784 inputs and 100 units that is 2.8 times too much.
TEST(StartClaims, NIsTheNumberOfInputs) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto deviation = [&](double of_weights) {
      Random random(seed);
      const Matrix x = random.normal_matrix(0, 1, 1000, 784);
      return standard_deviation(
          matmul(x, normal_init(784, 100, static_cast<Scalar>(of_weights), random)));
    };
    EXPECT_NEAR(deviation(1 / std::sqrt(784.0)), 1, 0.02) << "seed " << seed;
    EXPECT_NEAR(deviation(1 / std::sqrt(100.0)), 2.8, 0.05) << "seed " << seed;
  }
}

// ---- training ----

TEST(StartClaims, ZerosKeepTheUnitsOfASigmoidLayerIdentical) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    Random random(seed);
    const Matrix x = random.normal_matrix(0, 1, 20, 3), t = random.uniform_matrix(0, 1, 20, 1);
    const Mlp zeros = {Matrix(3, 4), Matrix(4, 1), Matrix(1, 4), Matrix(1, 1)};
    const Mlp net = mlp_fit(zeros, x, t, 500, 0.2f).net;
    for (int j = 1; j < 4; ++j) {
      for (int i = 0; i < 3; ++i) EXPECT_NEAR(net.w1(i, j), net.w1(i, 0), 1e-5) << "seed " << seed;
      EXPECT_NEAR(net.w2(j, 0), net.w2(0, 0), 1e-5) << "seed " << seed;
      EXPECT_NEAR(net.b1(0, j), net.b1(0, 0), 1e-5) << "seed " << seed;
    }
    EXPECT_GT(std::abs(net.w1(0, 0)), 1e-3) << "they do learn, but all the same";
    EXPECT_GT(std::abs(net.w1(0, 0) - net.w1(1, 0)), 1e-3) << "not every weight moves alike";
  }
}

TEST(StartClaims, EqualWeightsKeepTheUnitsOfAReluLayerIdentical) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    Random random(seed);
    const Matrix x = random.normal_matrix(0, 1, 30, 6);
    std::vector<int> labels;
    for (int n = 0; n < 30; ++n) labels.push_back(static_cast<int>(random.randint(3)));
    Network net = {.w = {Matrix(6, 5, 0.1f), Matrix(5, 4, 0.1f), Matrix(4, 3, 0.1f)},
                   .b = {Matrix(1, 5), Matrix(1, 4), Matrix(1, 3)}};
    for (int i = 0; i < 4; ++i)  // classes that differ, or no gradient would come back
      for (int k = 0; k < 3; ++k) net.w[2](i, k) = 0.1f * static_cast<Scalar>(k);
    for (int step = 0; step < 200; ++step) {
      const NetworkGradient g = network_gradient(net, x, labels);
      for (std::size_t l = 0; l < 3; ++l) {
        descend(net.w[l], g.d.w[l], 0.1f);
        descend(net.b[l], g.d.b[l], 0.1f);
      }
    }
    for (std::size_t l = 0; l < 2; ++l)
      for (int i = 0; i < net.w[l].rows(); ++i)
        for (int j = 1; j < net.w[l].cols(); ++j)
          EXPECT_NEAR(net.w[l](i, j), net.w[l](i, 0), 1e-5) << "seed " << seed;
    EXPECT_GT(std::abs(net.w[0](0, 0) - 0.1f), 1e-3) << "they do learn, but all the same";
  }
}

const Digits& digits() {
  static const Digits loaded = load_digits();
  return loaded;
}

double mean_of_last_50(const std::vector<Scalar>& losses) {
  return std::accumulate(losses.end() - 50, losses.end(), 0.0) / 50;
}

TEST(StartClaims, FromZerosAReluNetworkLearnsItsLastBiasAlone) {
  Random random(0);
  Network net = five_layers(Start::zeros, random);
  const auto losses = train(net, digits(), 100, random);
  for (std::size_t l = 0; l < 5; ++l) {
    EXPECT_EQ(net.w[l], Matrix(net.w[l].rows(), net.w[l].cols())) << "layer " << l + 1;
    if (l < 4) {
      EXPECT_EQ(net.b[l], Matrix(1, 100)) << "layer " << l + 1;
    }
  }
  EXPECT_GT(standard_deviation(net.b[4]), 1e-3);
  EXPECT_NEAR(mean_of_last_50(losses), std::log(10.0), 0.01);

  // All that the last bias can learn is how frequent each digit is: a loss of 2.301.
  double entropy = 0;
  for (int k = 0; k < 10; ++k) {
    const double p = static_cast<double>(std::ranges::count(digits().labels, k)) / 60000;
    entropy -= p * std::log(p);
  }
  EXPECT_NEAR(entropy, 2.301, 0.0005);
}

TEST(StartClaims, OnMnistSmallWeightsStayAtLnTenAndHeLearns) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    const auto losses = [&](Start start) {
      return train_from(start, digits(), training_steps, seed);
    };
    const auto small = losses(Start::small), xavier = losses(Start::xavier),
               glorot = losses(Start::glorot), he = losses(Start::he);
    EXPECT_NEAR(mean_of_last_50(small), std::log(10.0), 0.01) << "seed " << seed;
    EXPECT_LT(mean_of_last_50(he), 0.35) << "seed " << seed;
    EXPECT_LT(mean_of_last_50(glorot), 0.45) << "seed " << seed;
    EXPECT_LT(mean_of_last_50(xavier), 0.45) << "five layers are few enough for Xavier, too";
    const auto first_100 = [](const std::vector<Scalar>& loss) {
      return std::accumulate(loss.begin(), loss.begin() + 100, 0.0) / 100;
    };
    EXPECT_LT(first_100(he), first_100(glorot)) << "seed " << seed;
    EXPECT_LT(first_100(glorot), first_100(xavier)) << "seed " << seed;
    const auto normal = losses(Start::normal);
    EXPECT_LT(normal.size(), 10u) << "after that the loss is not finite, seed " << seed;
    EXPECT_GT(normal[0], 1000) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gradus::testing
