// What the notes print wrongly in the subjects of chapters 01 to 05 and 11: docs/errata.md.
#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/04_activations/activations.hpp"
#include "chapters/05_losses/losses.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// ---- 02: the listing of the multilayer perceptron ----

struct Trained {
  Matrix x = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  Mlp net;
};

// Seed 4 comes nearest to the notes' numbers.
Trained trained() {
  Trained t;
  Random random(4);
  t.net = mlp_fit(mlp_init(2, 2, 1, random), t.x, {{0}, {1}, {1}, {0}}, 10'000, 0.2).net;
  return t;
}

// 001 prints layer2 = sigmoid_func(Z1).
TEST(Errata, TheTestFunctionAsPrintedShowsTheHiddenLayer) {
  const Trained t = trained();
  const Matrix printed = sigmoid_forward(dense_forward(t.x, t.net.w1, t.net.b1));
  EXPECT_EQ(printed.cols(), 2) << "the notes show one number for each input";
  EXPECT_TRUE(near(printed, mlp_forward(t.net, t.x).h, 1e-12)) << "it is the hidden layer";
  const Matrix notes = {{0.04250626}, {0.95236738}, {0.95224611}, {0.06101696}};
  EXPECT_TRUE(near(mlp_forward(t.net, t.x).y, notes, 1e-3)) << "with Z2 it is what the notes show";
}

// 001 prints the input [[1 0]] twice, with 0.95236738 and with 0.95224611.
TEST(Errata, OneInputCannotHaveTheTwoOutputsThatArePrintedForIt) {
  const Trained t = trained();
  const Matrix twice = mlp_forward(t.net, {{1, 0}, {1, 0}}).y;
  EXPECT_EQ(twice(0, 0), twice(1, 0));
  const Matrix y = mlp_forward(t.net, t.x).y;
  EXPECT_NE(y(1, 0), y(2, 0)) << "[[0 1]] and [[1 0]] have two";
}

// ---- 03 ----

// 001 adds the gradients of all samples up. That is their mean with N times the rate.
TEST(Errata, AddedUpGradientsDivergeAtARateThatTheirMeanConvergesAt) {
  for (int salt : {0, 1, 2}) {
    Random random = test_random(400 + salt);
    const int N = 50;
    const Matrix x = random.normal_matrix(0, 1, N, 1), t = random.normal_matrix(0, 1, N, 1);
    const LinearModel start = {.w = {{3}}, .b = 0};
    const Scalar rate = Scalar(0.5) / largest_curvature(x);
    const Scalar first = linear_loss(start, x, t);
    EXPECT_LT(batch_descent(start, x, t, rate, 20).loss.back(), first);
    EXPECT_GT(batch_descent(start, x, t, N * rate, 20).loss.back(), 1e6 * first);
  }
}

// ---- 04 ----

// 001: the output becomes almost 0 for very large positive inputs as well.
TEST(Errata, TheSigmoidOfALargeInputIsOneAndOnlyItsSlopeIsZero) {
  for (Scalar z : {10, 20, 30}) {
    EXPECT_GT(sigmoid(z), 0.9999);
    EXPECT_LT(sigmoid(-z), 0.0001);
    EXPECT_LT(sigmoid_derivative(sigmoid(z)), 0.0001);
    EXPECT_LT(sigmoid_derivative(sigmoid(-z)), 0.0001);
  }
}

// 002 applies tanh in the output layer, whatever the output is.
TEST(Errata, ATanhIsNoProbability) {
  const Matrix z = {{2, -1, 0.5}};
  EXPECT_LT(tanh_forward(z)(0, 1), 0);
  const Matrix p = softmax(z);
  EXPECT_GT(p(0, 1), 0);
  EXPECT_TRUE(near(p(0, 0) + p(0, 1) + p(0, 2), 1, 1e-12));
}

// ---- 05 ----

// 001: the gradient of squared error is inevitably small.
TEST(Errata, TheGradientOfSquaredErrorIsAsLargeAsTheErrorAtALinearOutput) {
  EXPECT_TRUE(near(squared_error_backward({{1000}}, {{0}}), {{1000}}, 1e-9));
}

// 001: the closer the prediction is to the truth, the closer H is to 0.
TEST(Errata, CrossEntropyOfEqualDistributionsIsNotZero) {
  EXPECT_TRUE(near(cross_entropy({{0.5, 0.5}}, {{0.5, 0.5}}), std::log(2.0), 1e-12));
  EXPECT_LT(cross_entropy({{0.5, 0.5}}, {{0.5, 0.5}}), cross_entropy({{0.5, 0.5}}, {{0.6, 0.4}}));
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{1, 0}}), 0, 1e-12)) << "0 where the truth is certain";
}

// ---- 11 ----

// 000 appends the first 1000 images once more and calls it augmentation.
TEST(Errata, RepeatedSamplesAreNotNewOnesTheyWeighTwice) {
  Random random = test_random(410);
  const Matrix z = random.normal_matrix(0, 1, 2, 3);
  const Matrix again = {
      {z(0, 0), z(0, 1), z(0, 2)}, {z(1, 0), z(1, 1), z(1, 2)}, {z(0, 0), z(0, 1), z(0, 2)}};
  const auto loss_of = [&](int n) {
    return softmax_cross_entropy({{z(n, 0), z(n, 1), z(n, 2)}}, {n}).loss;
  };
  EXPECT_TRUE(
      near(softmax_cross_entropy(again, {0, 1, 0}).loss, (2 * loss_of(0) + loss_of(1)) / 3, 1e-12));
}

}  // namespace
}  // namespace gradus::testing
