// Chapter 06 in float: spread and counts of many and of extreme numbers.
#include <cmath>
#include <limits>

#include "chapters/06_initialization/initialization.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(StandardDeviation, InFloatOfLargeAndOfTinyElementsIsRight) {
  const auto has = [](const Matrix& a, double expected) {
    return near(standard_deviation(a) / expected, 1, 1e-6);
  };
  EXPECT_TRUE(has({{1e20f, 2e20f, 3e20f}}, 1e20 * std::sqrt(2.0 / 3)));
  EXPECT_TRUE(has({{1e-30f, -1e-30f}}, 1e-30));
  EXPECT_TRUE(has({{3e38f, -3e38f}}, 3e38));
  EXPECT_TRUE(has({{3e38f, 3e38f, -3e38f, -3e38f, 3e38f, -3e38f}}, 3e38)) << "sums beyond float";
}

TEST(StandardDeviation, InFloatOfManyElementsLosesNothing) {
  Matrix a(2000, 2000, 0.1f);  // a float sum of these is 826 750 instead of 800 000
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < a.cols(); j += 2) a(i, j) = 0.3f;
  EXPECT_TRUE(near(standard_deviation(a) / 0.1, 1, 1e-6));
  EXPECT_TRUE(std::isnan(standard_deviation({{1, std::numeric_limits<Scalar>::quiet_NaN()}})));
}

TEST(Histogram, InFloatCountsEveryElementOnce) {
  Matrix a(1, 1000);
  for (int j = 0; j < 1000; ++j) a(0, j) = static_cast<Scalar>(j) / 1000;
  int sum = 0;
  for (int count : histogram(a, 0, 1, 50)) sum += count;
  EXPECT_EQ(sum, 1000);
}

}  // namespace
}  // namespace gradus::testing
