// Chapter 04: what the figures claim.
#include <cmath>

#include "chapters/04_activations/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace activations;

// Norms of a stack that is known by these settings alone.
std::vector<Scalar> norms(Activation f, double deviation, int layers, std::uint32_t seed) {
  return norms_of({.name = "", .f = f, .deviation = deviation, .layers = layers}, seed);
}

TEST(ActivationClaims, TheSigmoidsGradientVanishesByFiveOrdersOfMagnitudeInTenLayers) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto ten = norms(Activation::sigmoid, xavier, 10, seed);
    EXPECT_LT(ten.front(), 1e-5 * ten.back());
    const auto twenty = norms(Activation::sigmoid, xavier, 20, seed);
    EXPECT_LT(twenty.front(), 1e-10 * twenty.back());
  }
}

TEST(ActivationClaims, ReluWithHeKeepsItsGradient) {
  for (std::uint32_t seed = 0; seed < 5; ++seed)
    for (Activation f : {Activation::relu, Activation::leaky_relu}) {
      const auto twenty = norms(f, he, 20, seed);
      EXPECT_GT(twenty.front(), 0.3 * twenty.back());
      EXPECT_LT(twenty.front(), 3 * twenty.back());
    }
}

// Three times He's weights: each of the other nine layers makes it three times larger.
TEST(ActivationClaims, LargeWeightsMakeTheGradientExplode) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const auto plain = norms(Activation::relu, he, 10, seed);
    const auto large = norms(Activation::relu, 3 * he, 10, seed);
    for (std::size_t l = 0; l < 10; ++l) EXPECT_NEAR(large[l] / plain[l], std::pow(3, 9), 1);

    const auto tanh = norms(Activation::tanh, 3 * xavier, 10, seed);
    EXPECT_GT(tanh.front(), 5 * tanh.back()) << "tanh cannot grow forwards, only backwards";
  }
}

TEST(ActivationClaims, ALeakyReluKeepsADeadUnitLearning) {
  EXPECT_EQ(train_dead_unit(Activation::relu), 0);
  EXPECT_NEAR(train_dead_unit(Activation::leaky_relu), 1, 1e-6);
}

}  // namespace
}  // namespace gradus::testing
