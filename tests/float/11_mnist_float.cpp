// Chapter 11 in float: a mean of many losses, and counts beyond 2^24.
#include <cmath>

#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(TrainEpochInFloat, TheMeanOfManyLossesKeepsItsDigits) {
  const int N = 100'000;
  const Samples samples = {Matrix(N, 1), std::vector<int>(N, 1)};
  Network net = {.w = {Matrix(1, 2)}, .b = {Matrix(1, 2)}};
  Random random(0);
  const Scalar loss = train_epoch(net, samples, 1, 0, random);
  EXPECT_NEAR(loss, std::log(2.0), 1e-7) << "each of the losses is ln 2";
}

// The logits are 0 and 0, so dz is 0.5 and -0.5: a step by 3e38 takes 2e38 to 3.5e38, beyond a float.
TEST(TrainStepInFloat, RefusesAStepThatOverflows) {
  const Samples batch = {{{1}}, {1}};
  const Network before = {.w = {{{-2e38, 2e38}}}, .b = {{{2e38, -2e38}}}};
  Network net = before;
  EXPECT_TRUE(refuses([&] { train_step(net, batch, 3e38); }));
  EXPECT_EQ(net.w, before.w);
  EXPECT_EQ(net.b, before.b);
}

TEST(ConfusionMatrixInFloat, CountsBeyondTwoToThePowerOf24) {
  const std::vector<int> labels(20'000'000, 1);
  EXPECT_EQ(confusion_matrix(labels, labels, 2), (Matrix{{0, 0}, {0, 20'000'000}}));
}

}  // namespace
}  // namespace gradus::testing
