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

using namespace initialization;

const Activation sigmoid_f = Activation::sigmoid, tanh_f = Activation::tanh,
                 relu_f = Activation::relu;

// ---- what ten layers make of their inputs ----

TEST(StartClaims, TheTablesDeviationsAreNumPys) {
  const auto expect = [](Init init, Activation f, const std::vector<double>& numpy) {
    const Stack stack = ten_layers(init, f, 0);
    for (std::size_t l = 0; l < 10; ++l)
      EXPECT_NEAR(standard_deviation(stack.a[l]) / numpy[l], 1, 1e-3)
          << name_of(init) << ", layer " << l + 1;
  };
  using namespace golden;
  expect(Init::uniform, sigmoid_f, sigmoid_uniform_1000_deviations);
  expect(Init::normal, sigmoid_f, sigmoid_normal_1000_deviations);
  expect(Init::small_normal, sigmoid_f, sigmoid_small_1000_deviations);
  expect(Init::xavier, sigmoid_f, sigmoid_xavier_1000_deviations);
  expect(Init::xavier, tanh_f, tanh_xavier_1000_deviations);
  expect(Init::normal, relu_f, relu_normal_1000_deviations);
  expect(Init::small_normal, relu_f, relu_small_1000_deviations);
  expect(Init::xavier, relu_f, relu_xavier_1000_deviations);
  expect(Init::he, relu_f, relu_he_1000_deviations);
}

double share_at_the_ends(const Matrix& a) {
  return share(a, [](Scalar v) { return v < Scalar(0.05) || v > Scalar(0.95); });
}

TEST(StartClaims, SigmoidsFromStandardNormalWeightsPileUpAtZeroAndOne) {
  for (std::uint32_t seed = 0; seed < 5; ++seed)
    for (const Matrix& a : ten_layers(Init::normal, sigmoid_f, seed).a)
      EXPECT_GT(share_at_the_ends(a), 0.6) << "seed " << seed;
}

TEST(StartClaims, SigmoidsFromSmallWeightsCollapseAtOneHalf) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto a = ten_layers(Init::small_normal, sigmoid_f, seed).a;
    for (std::size_t l = 1; l < 10; ++l)
      EXPECT_EQ(share(a[l], [](Scalar v) { return std::abs(v - Scalar(0.5)) < Scalar(0.07); }), 1)
          << "seed " << seed << ", layer " << l + 1;
  }
}

TEST(StartClaims, SigmoidsFromUniformWeightsLeanToTheEndsLessThanFromStandardNormalOnes) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto uniform = ten_layers(Init::uniform, sigmoid_f, seed).a;
    const auto normal = ten_layers(Init::normal, sigmoid_f, seed).a;
    for (std::size_t l = 0; l < 10; ++l) {
      EXPECT_GT(share_at_the_ends(uniform[l]), 0.2) << "spread evenly it would be 0.1";
      EXPECT_LT(share_at_the_ends(uniform[l]), share_at_the_ends(normal[l]));
    }
  }
}

TEST(StartClaims, XavierKeepsSigmoidAndTanhSpread) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    for (const Matrix& a : ten_layers(Init::xavier, sigmoid_f, seed).a) {
      EXPECT_GT(standard_deviation(a), 0.09) << "seed " << seed;
      EXPECT_LT(share_at_the_ends(a), 0.01) << "seed " << seed;
    }
    for (const Matrix& a : ten_layers(Init::xavier, tanh_f, seed).a)
      EXPECT_GT(standard_deviation(a), 0.18) << "seed " << seed;
  }
}

// The histogram of a deep sigmoid layer is wide because its units differ, not because its inputs
// do.
TEST(StartClaims, ADeepSigmoidForgetsItsInputAndATanhDoesNot) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto sigmoids = ten_layers(Init::xavier, sigmoid_f, seed).a;
    const auto tanhs = ten_layers(Init::xavier, tanh_f, seed).a;
    EXPECT_LT(deviation_by_input(sigmoids[9]), 2e-6) << "seed " << seed;
    EXPECT_GT(deviation_by_input(tanhs[9]), 0.9 * standard_deviation(tanhs[9])) << "seed " << seed;
    for (std::size_t l = 1; l < 10; ++l)
      EXPECT_NEAR(deviation_by_input(sigmoids[l]) / deviation_by_input(sigmoids[l - 1]), 0.24, 0.04)
          << "a little less than 1/4, layer " << l + 1 << ", seed " << seed;
  }
}

TEST(StartClaims, TheGradientVanishesWithXavierAndSigmoidNotWithLargeWeights) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const double uniform = gradient_ratio(Init::uniform, sigmoid_f, seed);
    EXPECT_GT(uniform, 0.03) << "seed " << seed;
    EXPECT_LT(uniform, 0.5) << "seed " << seed;
    EXPECT_GT(gradient_ratio(Init::normal, sigmoid_f, seed), 0.5) << "seed " << seed;
    EXPECT_LT(gradient_ratio(Init::xavier, sigmoid_f, seed), 1e-5) << "seed " << seed;
    EXPECT_LT(gradient_ratio(Init::small_normal, sigmoid_f, seed), 1e-13) << "seed " << seed;
    EXPECT_NEAR(gradient_ratio(Init::xavier, tanh_f, seed), 1.1, 0.4) << "seed " << seed;
  }
}

TEST(StartClaims, WithReluXavierShrinksByTheRootOfTwoALayerAndHeDoesNot) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto factor = [&](Init init) {
      const auto a = ten_layers(init, relu_f, seed).a;
      return std::pow(standard_deviation(a[9]) / standard_deviation(a[0]), 1.0 / 9);
    };
    EXPECT_NEAR(factor(Init::xavier), 1 / std::sqrt(2.0), 0.06) << "seed " << seed;
    EXPECT_NEAR(factor(Init::he), 1, 0.08) << "seed " << seed;
    EXPECT_NEAR(factor(Init::normal), 10 / std::sqrt(2.0), 0.6) << "seed " << seed;
    EXPECT_NEAR(factor(Init::small_normal), 0.1 / std::sqrt(2.0), 0.006) << "seed " << seed;
    // Deep units are hardly moved by the input, so a layer's share is that of 100 coins.
    const auto zeros = [](const Matrix& a) { return share(a, [](Scalar v) { return v == 0; }); };
    double sum = 0;
    const auto a = ten_layers(Init::he, relu_f, seed).a;
    for (const Matrix& layer : a) sum += zeros(layer);
    EXPECT_NEAR(zeros(a[0]), 0.5, 0.02) << "half is cut off, seed " << seed;
    EXPECT_NEAR(sum / 10, 0.5, 0.06) << "half is cut off, seed " << seed;
  }
}

// 003 takes n from the hidden layer: with 784 inputs and 100 units that is 2.8 times too much.
TEST(StartClaims, NIsTheNumberOfInputs) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    EXPECT_NEAR(deviation_of_z(1 / std::sqrt(784.0), seed), 1, 0.02) << "seed " << seed;
    EXPECT_NEAR(deviation_of_z(1 / std::sqrt(100.0), seed), 2.8, 0.05) << "seed " << seed;
  }
}

// ---- training ----

TEST(StartClaims, ZerosKeepTheUnitsOfASigmoidLayerIdentical) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    Random random(seed);
    const Matrix x = random.normal_matrix(0, 1, 20, 3), t = random.uniform_matrix(0, 1, 20, 1);
    const Mlp zeros = {Matrix(3, 4), Matrix(4, 1), Matrix(1, 4), Matrix(1, 1)};
    const Mlp net = mlp_fit(zeros, x, t, 500, Scalar(0.2)).net;
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
    Network net = {
        .w = {Matrix(6, 5, Scalar(0.1)), Matrix(5, 4, Scalar(0.1)), Matrix(4, 3, Scalar(0.1))},
        .b = {Matrix(1, 5), Matrix(1, 4), Matrix(1, 3)}};
    for (int i = 0; i < 4; ++i)  // classes that differ, or no gradient would come back
      for (int k = 0; k < 3; ++k) net.w[2](i, k) = Scalar(0.1) * static_cast<Scalar>(k);
    for (int step = 0; step < 200; ++step) {
      const NetworkGradient g = network_gradient(net, x, labels);
      for (std::size_t l = 0; l < 3; ++l) {
        descend(net.w[l], g.d.w[l], Scalar(0.1));
        descend(net.b[l], g.d.b[l], Scalar(0.1));
      }
    }
    for (std::size_t l = 0; l < 2; ++l)
      for (int i = 0; i < net.w[l].rows(); ++i)
        for (int j = 1; j < net.w[l].cols(); ++j)
          EXPECT_NEAR(net.w[l](i, j), net.w[l](i, 0), 1e-5) << "seed " << seed;
    EXPECT_GT(std::abs(net.w[0](0, 0) - Scalar(0.1)), 1e-3) << "they do learn, but all the same";
  }
}

const Samples& all_of_mnist() {
  static const Samples loaded = training_digits();
  return loaded;
}

TEST(StartClaims, FromZerosAReluNetworkLearnsItsLastBiasAlone) {
  const auto run = train(Init::zeros, all_of_mnist(), 100, 0);
  const Network& net = run.net;
  for (std::size_t l = 0; l < 5; ++l) {
    EXPECT_EQ(net.w[l], Matrix(net.w[l].rows(), net.w[l].cols())) << "layer " << l + 1;
    if (l < 4) {
      EXPECT_EQ(net.b[l], Matrix(1, 100)) << "layer " << l + 1;
    }
  }
  EXPECT_GT(standard_deviation(net.b[4]), 1e-3);
  EXPECT_NEAR(run.loss_before(100), std::log(10.0), 0.01);

  // All that the last bias can learn is how frequent each digit is: a loss of 2.301.
  double entropy = 0;
  for (int k = 0; k < 10; ++k) {
    const double p = static_cast<double>(std::ranges::count(all_of_mnist().labels, k)) / 60000;
    entropy -= p * std::log(p);
  }
  EXPECT_NEAR(entropy, 2.301, 0.0005);
}

TEST(StartClaims, OnMnistSmallWeightsStayAtLnTenAndHeLearns) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    const auto runs =
        train_all({Init::small_normal, Init::normal, Init::xavier, Init::glorot, Init::he},
                  all_of_mnist(), seed);
    const auto at_the_end = [&](Init init) { return run_of(runs, init).loss_before(all_steps); };
    EXPECT_NEAR(at_the_end(Init::small_normal), std::log(10.0), 0.01) << "seed " << seed;
    EXPECT_LT(at_the_end(Init::he), 0.35) << "seed " << seed;
    EXPECT_LT(at_the_end(Init::glorot), 0.45) << "seed " << seed;
    EXPECT_LT(at_the_end(Init::xavier), 0.45) << "five layers are few enough for Xavier, too";
    const auto first_100 = [&](Init init) {
      const std::vector<double>& loss = run_of(runs, init).loss;
      return std::accumulate(loss.begin(), loss.begin() + 100, 0.0) / 100;
    };
    EXPECT_LT(first_100(Init::he), first_100(Init::glorot)) << "seed " << seed;
    EXPECT_LT(first_100(Init::glorot), first_100(Init::xavier)) << "seed " << seed;
    const std::vector<double>& normal = run_of(runs, Init::normal).loss;
    EXPECT_LT(normal.size(), 10u) << "after that the loss is not finite, seed " << seed;
    EXPECT_GT(normal[0], 1000) << "seed " << seed;
  }
}

// ---- MNIST as samples, digits.hpp: not a student's ----

// Three images of 2 by 2 pixels.
const IdxImages small_images{
    .count = 3, .rows = 2, .cols = 2, .pixels = {0, 255, 51, 102, 1, 2, 3, 4, 255, 255, 0, 0}};
const std::vector<int> small_labels = {7, 0, 9};

TEST(Digits, ArePixelsFromZeroToOneWithTheirLabels) {
  const Samples s = all_digits(small_images, small_labels);
  ASSERT_EQ(shape(s.x), "(3,4)") << "an image is a row";
  EXPECT_TRUE(near(s.x,
                   {{0, 1, 51 / Scalar(255), 102 / Scalar(255)},
                    {1 / Scalar(255), 2 / Scalar(255), 3 / Scalar(255), 4 / Scalar(255)},
                    {1, 1, 0, 0}},
                   0))
      << "0 becomes 0 and 255 becomes 1, row after row";
  EXPECT_EQ(s.labels, small_labels);
}

TEST(Digits, ComeInTheOrderOfTheirNumbers) {
  const Samples s = digits(small_images, small_labels, {2, 0, 2});
  ASSERT_EQ(shape(s.x), "(3,4)");
  for (int n : {0, 2}) EXPECT_EQ(s.x(n, 0), 1) << "image 2, twice";
  EXPECT_EQ(s.x(1, 0), 0) << "image 0";
  EXPECT_EQ(s.labels, (std::vector<int>{9, 7, 9}));
  const Samples first = first_digits(small_images, small_labels, 2);
  EXPECT_EQ(shape(first.x), "(2,4)");
  EXPECT_EQ(first.labels, (std::vector<int>{7, 0}));
  EXPECT_EQ(first_digits(small_images, small_labels, 0).x.rows(), 0) << "none, if none is wanted";
}

TEST(Digits, RefuseWhatIsNotThere) {
  EXPECT_TRUE(accepts([] { digits(small_images, small_labels, {0, 1, 2}); }));
  EXPECT_TRUE(refuses([] { digits(small_images, small_labels, {0, 3}); })) << "numbers 0 … 2";
  EXPECT_TRUE(refuses([] { digits(small_images, small_labels, {-1}); })) << "numbers 0 … 2";
  EXPECT_TRUE(refuses([] { digits(small_images, {7, 0}, {0}); })) << "2 labels for 3 images";
  EXPECT_TRUE(refuses([] { all_digits(small_images, {7, 0, 9, 1}); })) << "4 labels for 3 images";
  EXPECT_TRUE(refuses([] { first_digits(small_images, small_labels, 4); })) << "4 of 3 images";
  EXPECT_TRUE(refuses([] { first_digits(small_images, small_labels, -1); })) << "fewer than none";
  IdxImages truncated = small_images;
  truncated.pixels.pop_back();
  EXPECT_TRUE(refuses([&] { digits(truncated, small_labels, {0}); })) << "11 pixels of 12";
}

}  // namespace
}  // namespace gradus::testing
