// Chapter 01: what the figures claim.
#include "chapters/01_perceptron/perceptron.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

// All 16 functions of two bits: gate number 8 a + 4 b + 2 c + d has the outputs a b c d.
std::vector<int> outputs_of(int gate) {
  return {gate >> 3 & 1, gate >> 2 & 1, gate >> 1 & 1, gate & 1};
}

constexpr int exclusive_or = 0b0110, equivalence = 0b1001;

TEST(PerceptronClaims, FourteenOfTheSixteenGatesAreLearnedWithinTwentyEpochs) {
  for (int gate = 0; gate < 16; ++gate) {
    if (gate == exclusive_or || gate == equivalence) continue;
    const std::vector<int> y = outputs_of(gate);
    const PerceptronFit fit = perceptron_fit(inputs, y, 20, 0.2);
    EXPECT_EQ(fit.errors.back(), 0) << "gate " << gate;
    EXPECT_EQ(perceptron_predict(inputs, fit.w, fit.b), y) << "gate " << gate;
  }
}

TEST(PerceptronClaims, ExclusiveOrAndEquivalenceAreNeverLearned) {
  for (int gate : {exclusive_or, equivalence})
    for (Scalar learning_rate : {0.01, 0.2, 1.0, 3.0}) {
      const PerceptronFit fit = perceptron_fit(inputs, outputs_of(gate), 10000, learning_rate);
      for (int wrong : fit.errors) ASSERT_GT(wrong, 0) << "gate " << gate;
    }
}

}  // namespace
}  // namespace gradus::testing
