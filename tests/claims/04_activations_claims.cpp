// Chapter 04: what the figures claim.
#include <cmath>

#include "chapters/04_activations/activations.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const int units = 100;
const double xavier = 1 / std::sqrt(units), he = std::sqrt(2.0 / units);

std::vector<Scalar> norms_of(Activation f, double deviation, int layers, std::uint32_t seed) {
  Random random(seed);
  std::vector<Matrix> w;
  for (int l = 0; l < layers; ++l) w.push_back(random.normal_matrix(0, deviation, units, units));
  const Matrix x = random.normal_matrix(0, 1, 200, units);
  return gradient_norms(f, w, x, random.normal_matrix(0, 1.0 / 200, 200, units));
}

TEST(ActivationClaims, TheSigmoidsGradientVanishesByFiveOrdersOfMagnitudeInTenLayers) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto ten = norms_of(Activation::sigmoid, xavier, 10, seed);
    EXPECT_LT(ten.front(), 1e-5 * ten.back());
    const auto twenty = norms_of(Activation::sigmoid, xavier, 20, seed);
    EXPECT_LT(twenty.front(), 1e-10 * twenty.back());
  }
}

TEST(ActivationClaims, ReluWithHeKeepsItsGradient) {
  for (std::uint32_t seed = 0; seed < 5; ++seed)
    for (Activation f : {Activation::relu, Activation::leaky_relu}) {
      const auto norms = norms_of(f, he, 20, seed);
      EXPECT_GT(norms.front(), 0.3 * norms.back());
      EXPECT_LT(norms.front(), 3 * norms.back());
    }
}

// Three times He's weights: each of the other nine layers makes it three times larger.
TEST(ActivationClaims, LargeWeightsMakeTheGradientExplode) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto plain = norms_of(Activation::relu, he, 10, seed);
    const auto large = norms_of(Activation::relu, 3 * he, 10, seed);
    for (std::size_t l = 0; l < 10; ++l) EXPECT_NEAR(large[l] / plain[l], std::pow(3, 9), 1);

    const auto tanh = norms_of(Activation::tanh, 3 * xavier, 10, seed);
    EXPECT_GT(tanh.front(), 5 * tanh.back()) << "tanh cannot grow forwards, only backwards";
  }
}

// One unit o = f(w x + b) that starts where its input is negative, trained towards 1.
Scalar train_dead_unit(bool leaky) {
  Matrix z = {{-2}};
  for (int i = 0; i < 1000; ++i) {
    const Matrix o = leaky ? leaky_relu_forward(z, 0.01) : relu_forward(z);
    const Matrix dy = {{o(0, 0) - 1}};
    const Matrix dz = leaky ? leaky_relu_backward(dy, z, 0.01) : relu_backward(dy, z);
    z(0, 0) -= 0.5 * dz(0, 0);
  }
  return leaky ? leaky_relu_forward(z, 0.01)(0, 0) : relu_forward(z)(0, 0);
}

TEST(ActivationClaims, ALeakyReluKeepsADeadUnitLearning) {
  EXPECT_EQ(train_dead_unit(false), 0);
  EXPECT_NEAR(train_dead_unit(true), 1, 1e-6);
}

}  // namespace
}  // namespace gradus::testing
