// Chapter 02: what the figures claim.
#include "chapters/02_xor_mlp/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace xor_mlp;

TEST(XorClaims, EightyEightOfAHundredSeedsLearnAndTheOthersRestOnAPlateau) {
  int learned = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const Mlp net = train(seed).net;
    learned += is_learned(net);
    if (is_learned(net)) continue;
    const Matrix y = mlp_forward(net, inputs).y;
    double worst = 0;
    for (int n = 0; n < 4; ++n) worst = std::max(worst, std::abs(double{y(n, 0)} - targets(n, 0)));
    EXPECT_NEAR(worst, 2.0 / 3, 0.01) << "seed " << seed << ": three samples share one output";
  }
  EXPECT_EQ(learned, 88);
}

TEST(XorClaims, TheLossRestsNearItsStartForThousandsOfEpochs) {
  for (std::uint32_t seed : {0u, 1u, 4u}) {
    const MlpFit fit = train(seed);
    EXPECT_NEAR(fit.loss[3499], fit.loss[0], 0.02);
    EXPECT_LT(fit.loss[9999], 0.02 * fit.loss[0]);
  }
}

// One straight line separates the hidden values of the four samples, and none separates the inputs.
TEST(XorClaims, TheOutputUnitSeesWhatALineCanSeparate) {
  const Mlp net = train(4).net;
  const Matrix h = mlp_forward(net, inputs).h;
  for (int n = 0; n < 4; ++n) {
    const double side = h(n, 0) * net.w2(0, 0) + h(n, 1) * net.w2(1, 0) + net.b2(0, 0);
    EXPECT_EQ(side > 0, targets(n, 0) == 1) << "sample " << n;
  }
}

}  // namespace
}  // namespace gradus::testing
