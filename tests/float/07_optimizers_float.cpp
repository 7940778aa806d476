// Chapter 07 in float: corrections near 1, and squares beyond what a float holds.
#include <cmath>

#include "chapters/07_optimizers/optimizers.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// A constant gradient has the mean g and the mean square g^2, whatever β is. β2 = 1 - 6e-8 is the
// float just below 1.
TEST(Adam, InFloatUnderAConstantGradientEveryStepIsTheLearningRate) {
  for (Scalar beta2 : {0.0f, 0.9f, 0.999f, 0.99999994f}) {
    Matrix w(1, 1);
    OptimizerState state;
    for (int t = 1; t <= 300; ++t) {
      w(0, 0) = 0;
      adam_step(w, {{-4}}, state, 0.1f, 0.9f, beta2);
      ASSERT_TRUE(near(w(0, 0), 0.1, 4e-6)) << "β2 = " << beta2 << ", step " << t;
    }
  }
}

// A v that is infinite stays so, and the weight never moves again.
TEST(Adam, InFloatDoesNotFreezeAfterALargeGradient) {
  Matrix w(1, 1);
  OptimizerState state;
  adam_step(w, {{1e15f}}, state, 0.1f);
  EXPECT_TRUE(near(w(0, 0), -0.1, 1e-6)) << "the first step has the size of the learning rate";
  EXPECT_TRUE(std::isfinite(state.squares(0, 0)));
  EXPECT_TRUE(refuses([&] { adam_step(w, {{1e22f}}, state, 0.1f); })) << "its square is infinite";
  EXPECT_TRUE(near(w(0, 0), -0.1, 1e-6));
  EXPECT_EQ(state.t, 1);
}

TEST(Optimizers, InFloatRefuseASquareThatIsInfinite) {
  Matrix w(1, 1);
  OptimizerState sum, mean;
  EXPECT_TRUE(refuses([&] { adagrad_step(w, {{1e20f}}, sum, 0.1f); }));
  EXPECT_TRUE(refuses([&] { rmsprop_step(w, {{1e21f}}, mean, 0.1f); }));
  EXPECT_TRUE(w == Matrix(1, 1) && sum.squares.size() == 0 && mean.squares.size() == 0);
}

}  // namespace
}  // namespace gradus::testing
