// Chapter 12: what the figures claim. TODO: one test per claim, over several seeds.
#include "chapters/12_hyperparameters/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace hyperparameters;

TEST(HyperparametersClaims, TodoTwiceTheFactorGivesTwiceTheOutput) {
  EXPECT_EQ(run_with(2).y, 2 * run_with(1).y);
}

}  // namespace
}  // namespace gradus::testing
