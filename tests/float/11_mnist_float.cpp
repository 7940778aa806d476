// Chapter 11 in float: a mean of many losses, a ratio of large counts, and counts beyond 2^24.
#include <cmath>

#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(TrainEpochInFloat, TheMeanOfManyLossesKeepsItsDigits) {
  const int N = 100'000;
  Network net = {.w = {Matrix(1, 2)}, .b = {Matrix(1, 2)}};
  Random random(0);
  const Scalar loss = train_epoch(net, Matrix(N, 1), std::vector<int>(N, 1), 1, 0, random);
  EXPECT_NEAR(loss, std::log(2.0), 1e-7) << "each of the losses is ln 2";
}

TEST(AccuracyInFloat, TwoMistakesInSeventeenMillionAreSeen) {
  std::vector<int> labels(16'777'219, 1), predicted = labels;
  predicted[5] = predicted[77] = 0;
  EXPECT_EQ(accuracy(predicted, labels), static_cast<Scalar>(16'777'217.0 / 16'777'219.0));
}

TEST(ConfusionMatrixInFloat, CountsBeyondTwoToThePowerOf24) {
  const std::vector<int> labels(20'000'000, 1);
  EXPECT_EQ(confusion_matrix(labels, labels, 2), (Matrix{{0, 0}, {0, 20'000'000}}));
}

}  // namespace
}  // namespace gradus::testing
