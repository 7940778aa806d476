// Chapter 12 in float: logarithms are taken in double, and what comes back is rounded once.
#include <cmath>
#include <limits>

#include "chapters/12_hyperparameters/hyperparameters.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(LogUniformInFloat, IsTheDoubleRoundedOnce) {
  for (int salt = 0; salt < 200; ++salt) {
    Random random = test_random(salt), same = test_random(salt);
    const Scalar low = 1e-37f, high = 1e37f;
    const double exact = std::exp(same.uniform(std::log(double{low}), std::log(double{high})));
    EXPECT_EQ(log_uniform(low, high, random), static_cast<Scalar>(exact));
  }
}

TEST(DrawSettingsInFloat, DropoutIsNotRoundedBeyondItsInterval) {
  const Ranges ranges{.dropout = {0.99999988f, 0.99999994f}};  // the last two floats below 1
  Random random = test_random(1);
  for (int draw = 0; draw < 1000; ++draw) {
    const Scalar dropout = draw_settings(ranges, {}, random).dropout;
    EXPECT_LT(dropout, 1);
    EXPECT_GE(dropout, ranges.dropout.low);
  }
}

}  // namespace
}  // namespace gradus::testing
