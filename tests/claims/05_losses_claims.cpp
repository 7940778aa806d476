// Chapter 05: what the figures claim.
#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/05_losses/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace losses;

TEST(LossClaims, ASureAndWrongSigmoidIsPushedByCrossEntropyAlone) {
  for (Scalar z : {-8.0, -10.0, -15.0}) {
    EXPECT_LT(std::abs(sigmoid_loss(Loss::squared_error, {{z}}, {{1}}).dz(0, 0)), 4e-4);
    EXPECT_GT(std::abs(sigmoid_loss(Loss::cross_entropy, {{z}}, {{1}}).dz(0, 0)), 0.999);
  }
}

TEST(LossClaims, CrossEntropyTrainsFasterAndMoreSoTheMoreWrongTheStart) {
  double last_ratio = 3;
  for (Scalar z : {-2.0, -4.0, -6.0, -8.0}) {
    const auto steps = [&](Loss loss) { return steps_to(train_unit(loss, z, 10000), 0.9); };
    ASSERT_GT(steps(Loss::squared_error), 0) << "from z = " << z;
    const double ratio = 1.0 * steps(Loss::squared_error) / steps(Loss::cross_entropy);
    EXPECT_GT(ratio, last_ratio) << "from z = " << z;
    last_ratio = ratio;
  }
}

// A logistic unit on two overlapping clouds that starts sure of the wrong answer. A sigmoid is a
// softmax over the logits 0 and z.
Scalar accuracy_after(int steps, Loss loss, int seed) {
  const int N = 200;
  Random random(static_cast<std::uint32_t>(seed));
  Matrix x = random.normal_matrix(0, 1, N, 2), t(N, 1), logits(N, 2);
  std::vector<int> labels;
  for (int n = 0; n < N; ++n) {
    labels.push_back(n % 2);
    t(n, 0) = n % 2;
    x(n, 0) += 2 * (n % 2) - 1;
  }
  const Scalar learning_rate = loss == Loss::cross_entropy ? 0.5 : 0.5 * 2 / N;  // of means
  Matrix w = {{-5}, {0}}, b(1, 1);
  for (int i = 0; i < steps; ++i) {
    const Matrix dz = sigmoid_loss(loss, dense_forward(x, w, b), t).dz;
    const DenseGradients g = dense_backward(dz, x, w);
    descend(w, g.dw, learning_rate);
    descend(b, g.db, learning_rate);
  }
  const Matrix z = dense_forward(x, w, b);
  for (int n = 0; n < N; ++n) logits(n, 1) = z(n, 0);
  return accuracy(logits, labels);
}

TEST(LossClaims, OnOverlappingCloudsCrossEntropyHasLearnedWhenSquaredErrorHasNot) {
  for (int seed = 0; seed < 5; ++seed) {
    EXPECT_GT(accuracy_after(50, Loss::cross_entropy, seed), 0.8) << "seed " << seed;
    EXPECT_LT(accuracy_after(50, Loss::squared_error, seed), 0.5) << "seed " << seed;
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
