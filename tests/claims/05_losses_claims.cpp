// Chapter 05: what the figures claim.
#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/04_activations/activations.hpp"
#include "chapters/05_losses/losses.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// The gradients by z of o = σ(z) under both losses.
Matrix squared_gradient(const Matrix& z, const Matrix& t) {
  const Matrix o = sigmoid_forward(z);
  return sigmoid_backward(squared_error_backward(o, t), o);
}

TEST(LossClaims, ASureAndWrongSigmoidIsPushedByCrossEntropyAlone) {
  for (Scalar z : {-8.0, -10.0, -15.0}) {
    EXPECT_LT(std::abs(squared_gradient({{z}}, {{1}})(0, 0)), 4e-4);
    EXPECT_GT(std::abs(sigmoid_cross_entropy({{z}}, {{1}}).dz(0, 0)), 0.999);
  }
}

// Steps until one sigmoid, trained towards 1 from z, answers 0.9.
int steps_to_goal(Scalar z, bool entropy) {
  int steps = 0;
  for (; sigmoid(z) < 0.9 && steps < 100000; ++steps)
    z -= entropy ? sigmoid_cross_entropy({{z}}, {{1}}).dz(0, 0)
                 : squared_gradient({{z}}, {{1}})(0, 0);
  return steps;
}

TEST(LossClaims, CrossEntropyTrainsFasterAndMoreSoTheMoreWrongTheStart) {
  double last_ratio = 3;
  for (Scalar z : {-2.0, -4.0, -6.0, -8.0}) {
    const double ratio = static_cast<double>(steps_to_goal(z, false)) / steps_to_goal(z, true);
    EXPECT_GT(ratio, last_ratio) << "from z = " << z;
    last_ratio = ratio;
  }
}

// A logistic unit on two overlapping clouds that starts sure of the wrong answer.
Scalar accuracy_after(int steps, bool entropy, int seed) {
  Random random(static_cast<std::uint32_t>(seed));
  Matrix x = random.normal_matrix(0, 1, 200, 2), t(200, 1);
  for (int n = 0; n < 200; ++n) {
    t(n, 0) = n % 2;
    x(n, 0) += 2 * (n % 2) - 1;
  }
  Matrix w = {{-5}, {0}}, b(1, 1);
  for (int i = 0; i < steps; ++i) {
    const Matrix z = dense_forward(x, w, b);
    Matrix dz = entropy ? sigmoid_cross_entropy(z, t).dz : squared_gradient(z, t);
    if (!entropy)
      for (Scalar& v : dz.flat()) v *= 2.0 / 200;  // the mean squared error's
    const DenseGradients g = dense_backward(dz, x, w);
    for (int d = 0; d < 2; ++d) w(d, 0) -= 0.5 * g.dw(d, 0);
    b(0, 0) -= 0.5 * g.db(0, 0);
  }
  const Matrix z = dense_forward(x, w, b);
  int right = 0;
  for (int n = 0; n < 200; ++n) right += (z(n, 0) > 0) == (t(n, 0) > 0.5);
  return right / Scalar{200};
}

TEST(LossClaims, OnOverlappingCloudsCrossEntropyHasLearnedWhenSquaredErrorHasNot) {
  for (int seed = 0; seed < 5; ++seed) {
    EXPECT_GT(accuracy_after(50, true, seed), 0.8) << "seed " << seed;
    EXPECT_LT(accuracy_after(50, false, seed), 0.5) << "seed " << seed;
  }
}

TEST(LossClaims, OneHotRowsAndIntegerLabelsGiveTheSameLossAndGradient) {
  const Matrix z = test_random(1).normal_matrix(0, 2, 6, 4);
  const std::vector<int> labels = {0, 3, 1, 1, 2, 0};
  const auto [loss, dz] = softmax_cross_entropy(z, labels);
  const Matrix t = one_hot(labels, 4);
  EXPECT_TRUE(near(loss, cross_entropy(t, softmax(z)), 1e-12));
  Matrix expected = softmax(z);
  for (int n = 0; n < 6; ++n)
    for (int k = 0; k < 4; ++k) expected(n, k) = (expected(n, k) - t(n, k)) / 6;
  EXPECT_TRUE(near(dz, expected, 1e-14));
}

}  // namespace
}  // namespace gradus::testing
