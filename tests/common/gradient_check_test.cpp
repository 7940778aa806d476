// The gradient check accepts the right gradient and refuses every other one.
#include "common/gradient_check.hpp"

#include <cmath>
#include <limits>

#include "tests/support.hpp"

namespace gradus::testing {
namespace {

Scalar total(const Matrix& x) {
  Scalar sum = 0;
  for (Scalar value : x.flat()) sum += value;
  return sum;
}

// L = Σ sin(x_ij) (1 + i + 2 j) + 1/2 (Σ x_ij)^2: every slope depends on every element.
Scalar waves(const Matrix& x) {
  Scalar sum = total(x) * total(x) / 2;
  for (int i = 0; i < x.rows(); ++i)
    for (int j = 0; j < x.cols(); ++j) sum += std::sin(x(i, j)) * (1 + i + 2 * j);
  return sum;
}

Matrix waves_gradient(const Matrix& x) {
  Matrix g(x.rows(), x.cols(), total(x));
  for (int i = 0; i < x.rows(); ++i)
    for (int j = 0; j < x.cols(); ++j) g(i, j) += std::cos(x(i, j)) * (1 + i + 2 * j);
  return g;
}

Scalar relu_sum(const Matrix& x) {
  Scalar sum = 0;
  for (Scalar value : x.flat()) sum += value > 0 ? value : 0;
  return sum;
}

TEST(GradientCheck, AcceptsTheRightGradient) {
  for (int salt = 0; salt < 20; ++salt) {
    const Matrix x = test_random(salt).normal_matrix(0, 2, 3, 4);
    const GradientCheck check = gradient_check(waves, x, waves_gradient(x));
    EXPECT_TRUE(check.within(1e-7)) << check.report();
    EXPECT_EQ(check.kinks, 0);
  }
}

TEST(GradientCheck, NamesTheWorstElement) {
  const Matrix x = test_random(1).normal_matrix(0, 1, 3, 4);
  Matrix g = waves_gradient(x);
  g(2, 1) *= 1.00001;
  const GradientCheck check = gradient_check(waves, x, g);
  EXPECT_FALSE(check.within(1e-7));
  EXPECT_EQ(check.row, 2);
  EXPECT_EQ(check.col, 1);
  EXPECT_EQ(check.analytic, g(2, 1));
  EXPECT_NEAR(check.worst, 5e-6, 1e-7);
  EXPECT_NE(check.report().find("at (2,1)"), std::string::npos) << check.report();
}

TEST(GradientCheck, RefusesTwiceHalfMinusAndZero) {
  const Matrix x = test_random(2).normal_matrix(0, 1, 2, 2);
  for (Scalar factor : {2.0, 0.5, -1.0, 0.0}) {
    Matrix g = waves_gradient(x);
    for (Scalar& value : g.flat()) value *= factor;
    EXPECT_FALSE(gradient_check(waves, x, g).within(0.1)) << factor;
  }
}

TEST(GradientCheck, NeverAcceptsNaNOrInfinity) {
  const Matrix x = {{1, 2, 3}};
  for (Scalar bad :
       {std::numeric_limits<Scalar>::quiet_NaN(), std::numeric_limits<Scalar>::infinity()}) {
    Matrix g = waves_gradient(x);
    g(0, 1) = bad;  // neither the first element nor the last
    EXPECT_FALSE(gradient_check(waves, x, g).within(1e300));
    const auto spoiled = [&](const Matrix& m) { return waves(m) * bad; };
    EXPECT_FALSE(gradient_check(spoiled, x, waves_gradient(x)).within(1e300));
  }
}

TEST(GradientCheck, IsExactForTinyGradients) {
  const auto tiny = [](const Matrix& m) { return 3 + 1e-5 * std::sin(m(0, 0)); };
  const Matrix x = {{0.5}};
  EXPECT_TRUE(gradient_check(tiny, x, {{1e-5 * std::cos(0.5)}}).within(1e-7));
  EXPECT_FALSE(gradient_check(tiny, x, {{1.00001e-5 * std::cos(0.5)}}).within(1e-7));
}

TEST(GradientCheck, SaysThatAnElementStraddlesAKink) {
  const Matrix x = {{-1, 0, 2, 4e-6}};  // at the kink, and 4e-6 beside it with h = 1e-5
  for (Scalar at_zero : {0.0, 0.25, 1.0}) {
    const GradientCheck check = gradient_check(relu_sum, x, {{0, at_zero, 1, 1}});
    EXPECT_TRUE(check.within(1e-7)) << check.report();
    EXPECT_EQ(check.kinks, 2);
    EXPECT_NE(check.report().find("2 at a kink"), std::string::npos) << check.report();
  }
}

TEST(GradientCheck, AKinkExcusesNoWrongGradient) {
  const Matrix x = {{-1, 0, 2}};
  EXPECT_FALSE(gradient_check(relu_sum, x, {{0, 1.1, 1}}).within(1e-3));
  EXPECT_FALSE(gradient_check(relu_sum, x, {{0, -0.1, 1}}).within(1e-3));
  EXPECT_FALSE(gradient_check(relu_sum, x, {{0.1, 0, 1}}).within(1e-3));
}

TEST(GradientCheck, RefusesAnotherShapeAndNothing) {
  EXPECT_TRUE(refuses([] { gradient_check(waves, Matrix(2, 3), Matrix(3, 2)); }));
  EXPECT_TRUE(refuses([] { gradient_check(waves, Matrix(), Matrix()); }));
}

}  // namespace
}  // namespace gradus::testing
