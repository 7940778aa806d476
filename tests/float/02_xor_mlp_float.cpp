// Chapter 02 in float: sums over a batch do not stall, and small values keep their digits.
#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(XorMlpFloat, BiasGradientOfAMillionSamplesDoesNotDrift) {
  const int N = 1000000;  // in float the sum of as many 0.1s is 1 % too large
  const DenseGradients g = dense_backward(Matrix(N, 2, 0.1f), Matrix(N, 1, 1), Matrix(1, 2, 1));
  for (int m = 0; m < 2; ++m) EXPECT_TRUE(near(g.db(0, m) / (double{0.1f} * N), 1, 1e-7));
}

TEST(XorMlpFloat, LossOfAnEpochIsTheSumOfItsSamples) {
  const int N = 200000;  // a learning rate of 0: the same loss for each
  const Mlp net = {.w1 = {{0.3f, -0.1f}}, .w2 = {{0.2f}, {0.5f}}, .b1 = {{0, 1}}, .b2 = {{0.1f}}};
  const double one = mlp_fit(net, {{1}}, {{0.9f}}, 1, 0).loss[0];
  const double all = mlp_fit(net, Matrix(N, 1, 1), Matrix(N, 1, 0.9f), 1, 0).loss[0];
  EXPECT_TRUE(near(all / (N * one), 1, 2e-7));
}

TEST(XorMlpFloat, LossOfASampleIsTheSumOfItsOutputs) {
  const int M = 1000000;  // outputs of 1/2, targets of 0.1
  const Mlp net = {.w1 = {{0}}, .w2 = Matrix(1, M), .b1 = {{0}}, .b2 = Matrix(1, M)};
  const double loss = mlp_fit(net, {{1}}, Matrix(1, M, 0.1f), 1, 0).loss[0];
  EXPECT_TRUE(near(loss / (M * std::pow(0.5 - 0.1f, 2) / 2), 1, 1e-7));
}

TEST(XorMlpFloat, SigmoidKeepsItsDigitsFarFromItsMiddle) {
  EXPECT_TRUE(near(sigmoid(-40) / 4.248354255291589e-18, 1, 1e-6));
  EXPECT_TRUE(near(sigmoid(-80) / 1.8048513878454153e-35, 1, 1e-5));
  EXPECT_TRUE(near(sigmoid(1000), 1, 0));
  EXPECT_TRUE(near(sigmoid(-1000), 0, 0));
  const float small = 1.0f / (1 << 20);
  EXPECT_TRUE(near(sigmoid_derivative(1 - small) / (small * (1 - double{small})), 1, 1e-6));
}

}  // namespace
}  // namespace gradus::testing
