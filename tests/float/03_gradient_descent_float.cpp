// Chapter 03 in float: sums over the samples of a data set neither stall nor drift.
#include <cmath>
#include <limits>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const int N = 1000000;

TEST(DescentFloat, LossAndGradientAreMeansOfAllSamples) {
  // Errors of 0.1. In float, as many squares of 0.1 add up to 0.3 % too much.
  const LinearModel model = {.w = {{0.5f}}, .b = 0.1f};
  const Matrix x(N, 1, 1), t(N, 1, 0.5f);
  const double error = double{0.5f} + 0.1f - 0.5f;
  EXPECT_TRUE(near(linear_loss(model, x, t) / (error * error / 2), 1, 1e-7));
  const LinearModel g = linear_gradient(model, x, t);
  EXPECT_TRUE(near(g.w(0, 0) / error, 1, 1e-7));
  EXPECT_TRUE(near(g.b / error, 1, 1e-7));
}

TEST(DescentFloat, ErrorsOfLargeTargetsKeepTheirDigits) {
  // 1000 w + b - 1000 with w = 1 and b = 1/65536: added to 1000 in float, b would be lost.
  const LinearModel model = {.w = {{1}}, .b = 1.0f / 65536};
  EXPECT_TRUE(near(linear_gradient(model, {{1000}}, {{1000}}).b * 65536, 1, 1e-6));
  EXPECT_TRUE(near(linear_loss(model, {{1000}}, {{1000}}) * 65536 * 65536 * 2, 1, 1e-6));
}

TEST(DescentFloat, CurvatureOfAMillionSamples) {
  EXPECT_TRUE(near(largest_curvature(Matrix(N, 1, 0.1f)) / (1 + double{0.1f} * 0.1f), 1, 1e-6));
}

TEST(DescentFloat, CurvatureNeitherOverflowsNorUnderflows) {
  EXPECT_TRUE(near(largest_curvature({{1e18f}, {-1e18f}}) / 1e36, 1, 1e-6));
  EXPECT_TRUE(near(largest_curvature({{1e-30f}, {1e-30f}}), 1, 1e-6));
  EXPECT_EQ(largest_curvature({{1e20f}}), std::numeric_limits<float>::infinity())
      << "1e40 is too large for a float, and says so";
}

}  // namespace
}  // namespace gradus::testing
