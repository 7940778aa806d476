// Chapter 05 in float: sums over the batch are in double, and small numbers keep their digits.
#include <cmath>
#include <limits>
#include <vector>

#include "chapters/05_losses/losses.hpp"
#include "tests/support.hpp"

namespace gradus {
namespace {

using testing::near;

// To the seven digits that float has.
::testing::AssertionResult all_digits(double got, double expected) {
  return near(got, expected, 2.5e-7 * std::abs(expected));
}

TEST(LossesInFloat, OfManyEqualSamplesAreThatOfOne) {
  const int N = 60000;
  const auto softmax_loss = softmax_cross_entropy(Matrix(N, 10), std::vector<int>(N, 3));
  EXPECT_TRUE(all_digits(softmax_loss.loss, std::log(10.0)));
  EXPECT_TRUE(all_digits(softmax_loss.dz(N - 1, 3), -0.9 / N));
  EXPECT_TRUE(
      all_digits(sigmoid_cross_entropy(Matrix(N, 10), Matrix(N, 10)).loss, 10 * std::log(2.0)));
  EXPECT_TRUE(all_digits(cross_entropy(Matrix(N, 10, 0.1f), Matrix(N, 10, 0.1f)),
                         10 * double{0.1f} * -std::log(double{0.1f})));
}

TEST(LossesInFloat, OfManyEqualErrorsAreTheirSquare) {
  const double square = double{0.1f} * double{0.1f};
  const Matrix o(1000, 1000, 0.1f), t(1000, 1000);
  EXPECT_TRUE(all_digits(mean_squared_error(o, t), square));
  EXPECT_TRUE(all_digits(squared_error(o, t), 1e6 * square / 2));
  EXPECT_TRUE(all_digits(mean_squared_error(Matrix(1, 100, 1e19f), Matrix(1, 100)), 1e38))
      << "a mean that float can hold, of a sum that it cannot";
}

// What page 05 says of such sums, so that the two tests above are known to see it.
TEST(LossesInFloat, WouldDriftIfTheySummedInFloat) {
  float losses = 0, squares = 0;
  for (int n = 0; n < 60000; ++n) losses += std::log(10.0f);
  for (int n = 0; n < 1000000; ++n) squares += 0.1f * 0.1f;
  EXPECT_TRUE(near(losses / (60000 * std::log(10.0)) - 1, 0.00013, 1e-5));
  EXPECT_TRUE(near(squares / 1e4 - 1, -0.013, 1e-3));
}

TEST(LossesInFloat, KeepTheDigitsOfASmallLoss) {
  for (const float z : {3.0f, 10.0f, 15.0f, 40.0f, 80.0f}) {
    const double e = std::exp(-double{z}), share = e / (1 + e), loss = std::log1p(e);
    const auto softmax_loss = softmax_cross_entropy({{z, 0}}, {0});
    EXPECT_TRUE(all_digits(softmax_loss.loss, loss)) << z;
    EXPECT_TRUE(all_digits(softmax_loss.dz(0, 0), -share)) << z;
    EXPECT_TRUE(all_digits(softmax_loss.dz(0, 1), share)) << z;
    EXPECT_TRUE(all_digits(softmax({{z, 0}})(0, 1), share)) << z;
    for (const float t : {0.0f, 1.0f}) {
      const auto sigmoid_loss = sigmoid_cross_entropy({{t == 1 ? z : -z}}, {{t}});
      EXPECT_TRUE(all_digits(sigmoid_loss.loss, loss)) << z;
      EXPECT_TRUE(all_digits(sigmoid_loss.dz(0, 0), t == 1 ? -share : share)) << z;
    }
  }
}

TEST(LossesInFloat, AccuracyIsRoundedOnceAtTheEnd) {
  const int N = 30000;
  std::vector<int> labels(N, 1);
  for (int n = 0; n < N / 3; ++n) labels[n] = 0;
  EXPECT_EQ(accuracy(Matrix(N, 2), labels), 1.0f / 3);
}

TEST(LossesInFloat, HaveTheLimitAtInfiniteLogits) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(sigmoid_cross_entropy({{infinity}}, {{1}}).loss, 0);
  EXPECT_EQ(sigmoid_cross_entropy({{infinity}}, {{0}}).loss, infinity);
  EXPECT_EQ(sigmoid_cross_entropy({{-infinity}}, {{0}}).loss, 0);
  EXPECT_EQ(softmax({{infinity, 0}}), (Matrix{{1, 0}}));
  EXPECT_EQ(softmax({{-infinity, 0}}), (Matrix{{0, 1}}));
}

}  // namespace
}  // namespace gradus
