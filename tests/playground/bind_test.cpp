// The bindings, without a browser: settings are read strictly, and steps can be divided anyhow.
#include <gtest/gtest.h>

#include <cmath>

#include "chapters/02_xor_mlp/experiment.hpp"
#include "tests/playground/bind_support.hpp"

namespace gradus::playground {
namespace {

TEST(Settings, AreReadAsTheyAreWritten) {
  const Settings s("seed=4 rate=0.1  x=1,-2.5,3e-7");
  EXPECT_EQ(s.seed(), 4u);
  EXPECT_EQ(s.number("rate"), 0.1);
  EXPECT_EQ(s.list("x"), (std::vector<double>{1, -2.5, 3e-7}));
  EXPECT_TRUE(s.has("rate"));
  EXPECT_FALSE(s.has("rat"));
}

TEST(Settings, RefuseWhatIsNoNumber) {
  for (const char* text : {"rate", "=1", "rate=", "rate=a", "rate=1,", "rate=1x", "rate=1,,2"})
    EXPECT_THROW(Settings{text}, std::invalid_argument) << text;
}

TEST(Settings, RefuseWhatIsNotAskedForInThisWay) {
  const Settings s("seed=-1 half=0.5 two=1,2");
  EXPECT_THROW(s.seed(), std::invalid_argument);
  EXPECT_THROW(s.whole("half"), std::invalid_argument);
  EXPECT_THROW(s.number("two"), std::invalid_argument);
  EXPECT_THROW(s.number("none"), std::invalid_argument);
  EXPECT_THROW(Settings("seed=4294967296").seed(), std::invalid_argument);
  EXPECT_EQ(Settings("seed=4294967295").seed(), 4294967295u);
}

TEST(Begin, RefusesAStationThatIsNotThere) {
  for (int number : {0, 6, 10, 12})
    EXPECT_THROW(begin(number, Settings("")), std::invalid_argument);
}

TEST(SomeOf, AreEvenAndHaveTheLast) {
  EXPECT_EQ(some_of(0, 5), std::vector<int>{});
  EXPECT_EQ(some_of(1, 5), std::vector<int>{0});
  EXPECT_EQ(some_of(4, 5), (std::vector<int>{0, 1, 2, 3}));
  for (int count : {5, 6, 17, 1000, 9999}) {
    const std::vector<int> places = some_of(count, 5);
    EXPECT_LE(places.size(), 6u);
    EXPECT_EQ(places.front(), 0);
    EXPECT_EQ(places.back(), count - 1);
  }
}

TEST(GridPoints, GoRowAfterRowFromTheLowestOn) {
  const Matrix p = grid_points(-1, 1, 10, 30, 3);
  EXPECT_EQ(p(0, 0), -1);
  EXPECT_EQ(p(1, 0), 0);
  EXPECT_EQ(p(2, 1), 10);
  EXPECT_EQ(p(8, 0), 1);
  EXPECT_EQ(p(8, 1), 30);
}

TEST(Stations, GiveTheSameHoweverStepsAreDivided) {
  expect_same_however_divided({{1, "rate=0.2 gate0=0,0,0,1 gate1=0,1,1,0", 9},
                               {2, "seed=4 rate=0.2 hidden=3", 500},
                               {3, "seed=1 rate=0.1 batch=10", 60},
                               {4, "seed=2 scale=1 layers=7 z=0.5", 7},
                               {5, "z=-4 rate=1", 50}});
}

TEST(Xor, IsTheChaptersRun) {
  const auto station = begin(2, Settings("seed=4 rate=0.2 hidden=2"));
  station->step(10000);
  const Matrix y = mlp_forward(xor_mlp::train(4).net, xor_mlp::inputs).y;
  EXPECT_EQ(shown(*station)["y"], std::vector<double>(y.flat().begin(), y.flat().end()));
}

TEST(Descent, GoesToInfinityAboveTheCeilingAndThenRefuses) {
  const auto station = begin(3, Settings("seed=0 rate=2 batch=1000"));
  station->step(100);
  EXPECT_GT(shown(*station)["excess"][0], 1e12);
  station->step(3000);
  EXPECT_FALSE(std::isfinite(shown(*station)["excess"][0]));
  EXPECT_THROW(station->step(1), std::invalid_argument);
}

}  // namespace
}  // namespace gradus::playground
