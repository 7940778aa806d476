// What only float shows: sums over a batch or a data set are taken in double, whatever Scalar is.
#include <cmath>
#include <limits>
#include <type_traits>

#include "common/gradient_check.hpp"
#include "common/require.hpp"
#include "tests/support.hpp"

namespace gradus {
namespace {

using testing::accepts;
using testing::refuses;

TEST(Float, IsTheNumberTypeOfThisProgram) { EXPECT_TRUE((std::is_same_v<Scalar, float>)); }

TEST(Require, NanLiesInNoDomain) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(refuses([&] { require_finite("x", nan); }));
  EXPECT_TRUE(refuses([&] { require_not_negative("x", nan); }));
  EXPECT_TRUE(refuses([&] { require_positive("x", nan); }));
  EXPECT_TRUE(refuses([&] { require_share("x", nan); }));
  EXPECT_TRUE(refuses([&] { require_below_one("x", nan); }));
}

TEST(Require, DomainsHoldTheirEdges) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(accepts([&] { require_not_negative("x", 0); }));
  EXPECT_TRUE(refuses([&] { require_not_negative("x", -1e-300); }));
  EXPECT_TRUE(refuses([&] { require_not_negative("x", infinity); }));
  EXPECT_TRUE(accepts([&] { require_positive("x", 1e-300); }));
  EXPECT_TRUE(refuses([&] { require_positive("x", 0); }));
  EXPECT_TRUE(refuses([&] { require_positive("x", infinity); }));
  EXPECT_TRUE(accepts([&] { require_share("x", 0); }));
  EXPECT_TRUE(accepts([&] { require_share("x", 1); }));
  EXPECT_TRUE(refuses([&] { require_share("x", 1.0000001); }));
  EXPECT_TRUE(accepts([&] { require_below_one("x", 0); }));
  EXPECT_TRUE(refuses([&] { require_below_one("x", 1); }));
  EXPECT_TRUE(accepts([&] { require_at_least("x", 1, 1); }));
  EXPECT_TRUE(refuses([&] { require_at_least("x", 0, 1); }));
}

// ---- The gradient check, with the ε of float: its tolerance is 1e-4 ----

// scale sin w + shift, at w.
GradientCheck check_wave(Scalar scale, Scalar shift, Scalar w, double factor) {
  const auto loss = [&](const Matrix& m) { return scale * std::sin(m(0, 0)) + shift; };
  return gradient_check(loss, {{w}}, {{static_cast<Scalar>(factor * scale * std::cos(w))}});
}

TEST(GradientCheck, TellsRightFromWrongInFloat) {
  Random random = testing::test_random(1);
  for (Scalar scale : {1e-3f, 1.0f, 1e3f})
    for (Scalar shift : {0.0f, 1.0f})
      for (Scalar size : {1e-3f, 1.0f, 100.0f, 1e4f})
        for (int draw = 0; draw < 20; ++draw) {
          const Scalar w = size * static_cast<Scalar>(random.uniform(0.5, 1.5));
          if (std::abs(std::cos(w)) < 0.1 || (shift > 0 && scale < 1)) continue;
          const GradientCheck right = check_wave(scale, shift * scale, w, 1);
          EXPECT_TRUE(right.within()) << w << " " << right.report();
          EXPECT_EQ(right.kinks, 0) << w << " " << right.report();
          EXPECT_FALSE(check_wave(scale, shift * scale, w, 1.001).within()) << w;
          EXPECT_FALSE(check_wave(scale, shift * scale, w, 0.999).within()) << w;
        }
}

TEST(GradientCheck, CannotTellBesideALargeLossInFloat) {
  const GradientCheck check = check_wave(1, 19700, 0.5, 1.001);
  EXPECT_FALSE(check.within(1e30));
  EXPECT_NE(check.report().find("cannot tell"), std::string::npos) << check.report();
}

TEST(GradientCheck, SeesKinksInFloat) {
  const auto relu = [](const Matrix& m) { return 1 + std::max(m(0, 0), Scalar(0)); };
  for (Scalar claim : {0.0f, 0.5f, 1.0f}) {
    const GradientCheck check = gradient_check(relu, {{0}}, {{claim}});
    EXPECT_TRUE(check.within()) << check.report();
    EXPECT_EQ(check.kinks, 1) << check.report();
  }
  EXPECT_FALSE(gradient_check(relu, {{0}}, {{1.01f}}).within());
}

}  // namespace
}  // namespace gradus
