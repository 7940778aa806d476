// What experiments share.
#include "common/runs.hpp"

#include <atomic>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support.hpp"

namespace gradus::testing {
namespace {

struct Trained {
  std::string by;
  double accuracy;
};
const std::vector<Trained> all = {{"SGD", 0.5}, {"Adam", 0.75}, {"Adam", 1}};

TEST(LookUp, FindsTheFirstByWhatItIs) {
  const Trained& found =
      look_up(all, "run of Adam", [](const Trained& t) { return t.by == "Adam"; });
  EXPECT_EQ(&found, &all[1]);
}

TEST(LookUp, SaysWhatIsNotThere) {
  try {
    look_up(all, "run of RMSProp", [](const Trained& t) { return t.by == "RMSProp"; });
    ADD_FAILURE() << "it found what is not there";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "no run of RMSProp");
  }
}

TEST(Column, TakesOneThingOfEach) {
  EXPECT_EQ(column(all, &Trained::accuracy), (std::vector<double>{0.5, 0.75, 1}));
  EXPECT_EQ(column(all, [](const Trained& t) { return 100 * t.accuracy; }),
            (std::vector<double>{50, 75, 100}));
}

TEST(Counted, BeginsWhereItIsTold) {
  EXPECT_EQ(counted(3), (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(counted(2, 20), (std::vector<double>{20, 21}));
}

TEST(Spread, IsMeanAndStandardDeviationOverN) {
  EXPECT_EQ(mean_of(column(all, &Trained::accuracy)), 0.75);
  const Spread spread = spread_of({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(spread.mean, 5);
  EXPECT_EQ(spread.deviation, 2);
  EXPECT_EQ(spread_of({3}).deviation, 0);
  EXPECT_TRUE(std::isnan(spread_of({1, NAN}).mean));
}

TEST(InParallel, DoesEachOnce) {
  std::vector<int> done(100);
  in_parallel(done.size(), [&](std::size_t i) { ++done[i]; });
  EXPECT_EQ(done, std::vector<int>(100, 1));
  in_parallel(0, [](std::size_t) { ADD_FAILURE() << "there is nothing to do"; });
}

// Without it an exception that leaves a thread ends the program.
TEST(InParallel, ThrowsWhatOneOfThemThrowsAndBeginsNoMore) {
  std::atomic<int> begun = 0;
  try {
    in_parallel(1000, [&](std::size_t) {
      ++begun;
      throw std::runtime_error("no file");
    });
    ADD_FAILURE() << "what was thrown is lost";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no file");
  }
  EXPECT_LT(begun, 1000);
}

}  // namespace
}  // namespace gradus::testing
