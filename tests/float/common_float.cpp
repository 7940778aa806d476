// What only float shows: sums over a batch or a data set are taken in double, whatever Scalar is.
#include <limits>
#include <type_traits>

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

}  // namespace
}  // namespace gradus
