// Chapter 04 in float: the sum under a norm is taken in double.
#include <limits>

#include "chapters/04_activations/activations.hpp"
#include "tests/support.hpp"

namespace gradus {
namespace {

using testing::near;

// Every gradient of the layer is `size`: the norm is 1000 times that.
double norm_of_a_million(float size) {
  const Matrix x(1, 1000, size), w(1000, 1000, 1), dy(1, 1000, 1);
  return gradient_norms(Activation::relu, {w}, x, dy).at(0);
}

TEST(GradientNormsInFloat, AreExactForAMillionGradients) {
  EXPECT_TRUE(near(norm_of_a_million(0.1f), 1000 * double{0.1f}, 1e-5));
  EXPECT_TRUE(near(norm_of_a_million(1), 1000, 0));
}

TEST(GradientNormsInFloat, NeitherVanishNorOverflowInTheSquare) {
  EXPECT_TRUE(near(norm_of_a_million(1e-30f), 1e-27, 1e-33));
  EXPECT_TRUE(near(norm_of_a_million(1e30f), 1e33, 1e27));
}

TEST(ActivationsInFloat, KeepNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(relu(nan), relu(nan));
  EXPECT_NE(leaky_relu(nan, 0.1f), leaky_relu(nan, 0.1f));
  EXPECT_NE(relu_derivative(nan), relu_derivative(nan));
}

TEST(TanhInFloat, HasASlopeWithAllDigitsNearOne) {
  const float y = 1 - 0x1p-20f;
  const double slope = (1 - double{y}) * (1 + double{y});
  EXPECT_TRUE(near(tanh_derivative(y), slope, 1e-7 * slope));
}

}  // namespace
}  // namespace gradus
