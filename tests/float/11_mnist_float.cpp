// Chapter 11 in float: a mean of many losses, and counts beyond 2^24.
#include <cmath>

#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// Logits of 0 and 0: each of the losses is ln 2.
Training undecided(Scalar learning_rate, int batch_size) {
  Training t = training_init({.units = {1, 2},
                              .init = Init::zeros,
                              .learning_rate = learning_rate,
                              .batch_size = batch_size},
                             Random(0));
  return t;
}

TEST(TrainEpochInFloat, TheMeanOfManyLossesKeepsItsDigits) {
  const int N = 100'000;
  Training t = undecided(0, 1);
  EXPECT_NEAR(train_epoch(t, {Matrix(N, 1), std::vector<int>(N, 1)}), std::log(2.0), 1e-7);
}

TEST(EvaluateInFloat, TheMeanOfManyLossesKeepsItsDigits) {
  const int N = 10'000'001;
  const Evaluation e = evaluate(undecided(0, 1).deep, {Matrix(N, 1), std::vector<int>(N, 0)});
  EXPECT_NEAR(e.loss, std::log(2.0), 1e-7);
  EXPECT_EQ(e.accuracy, 1);
}

// dz is 0.5 and -0.5, x is 1e30: a gradient beyond what an optimizer's squares can take in float.
TEST(TrainStepInFloat, RefusesAGradientThatIsFarTooLarge) {
  Training t = undecided(0.1, 1);
  t.settings.optimizer = Optimizer::adam;
  EXPECT_TRUE(refuses([&] { train_step(t, {{{1e30}}, {1}}); }));
  EXPECT_EQ(t.deep.net.w[0], Matrix(1, 2));
  EXPECT_TRUE(t.states[0].squares.size() == 0);
  EXPECT_TRUE(accepts([&] { train_step(t, {{{1e10}}, {1}}); }));
}

TEST(ConfusionMatrixInFloat, CountsBeyondTwoToThePowerOf24) {
  const std::vector<int> labels(20'000'000, 1);
  EXPECT_EQ(confusion_matrix(labels, labels, 2), (Matrix{{0, 0}, {0, 20'000'000}}));
}

}  // namespace
}  // namespace gradus::testing
