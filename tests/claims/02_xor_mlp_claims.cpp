// Chapter 02: what the figures claim.
#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
const Matrix targets = {{0}, {1}, {1}, {0}};

MlpFit train(std::uint32_t seed, int epochs) {
  Random random(seed);
  return mlp_fit(mlp_init(2, 2, 1, random), inputs, targets, epochs, 0.2);
}

TEST(XorClaims, EightyEightOfAHundredSeedsLearnAndTheOthersRestOnAPlateau) {
  int learned = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const Matrix y = mlp_forward(train(seed, 10000).net, inputs).y;
    double worst = 0;
    for (int n = 0; n < 4; ++n) worst = std::max(worst, std::abs(double{y(n, 0)} - targets(n, 0)));
    if (worst < 0.5)
      ++learned;
    else
      EXPECT_NEAR(worst, 2.0 / 3, 0.01) << "seed " << seed << ": three samples share one output";
  }
  EXPECT_EQ(learned, 88);
}

TEST(XorClaims, TheLossRestsNearItsStartForThousandsOfEpochs) {
  for (std::uint32_t seed : {0u, 1u, 4u}) {
    const MlpFit fit = train(seed, 10000);
    EXPECT_NEAR(fit.loss[3499], fit.loss[0], 0.02);
    EXPECT_LT(fit.loss[9999], 0.02 * fit.loss[0]);
  }
}

// One straight line separates the hidden values of the four samples, and none separates the inputs.
TEST(XorClaims, TheOutputUnitSeesWhatALineCanSeparate) {
  const Mlp net = train(4, 10000).net;
  const Matrix h = mlp_forward(net, inputs).h;
  for (int n = 0; n < 4; ++n) {
    const double side = h(n, 0) * net.w2(0, 0) + h(n, 1) * net.w2(1, 0) + net.b2(0, 0);
    EXPECT_EQ(side > 0, targets(n, 0) == 1) << "sample " << n;
  }
}

}  // namespace
}  // namespace gradus::testing
