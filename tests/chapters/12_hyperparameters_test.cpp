// Chapter 12: what drawing, counting and trying settings must do.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "chapters/12_hyperparameters/hyperparameters.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

constexpr Scalar kNaN = std::numeric_limits<Scalar>::quiet_NaN();
constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();

// "" or what differs. Numbers that were drawn may differ by rounding: half a bit of the logarithm -27
// of 1e-12 is 2e-15 of the number itself, and each way to draw it rounds several times.
std::string difference(const Settings& got, const Settings& expected) {
  const auto close = [](Scalar a, Scalar b) { return std::abs(a - b) <= 1e-13 * std::abs(b); };
  const Augmentation &a = got.augmentation, &b = expected.augmentation;
  if (got.units != expected.units) return "units";
  if (got.init != expected.init) return "init";
  if (got.batch_norm != expected.batch_norm) return "batch_norm";
  if (!close(got.dropout, expected.dropout)) return "dropout";
  if (!close(got.l2, expected.l2)) return "l2";
  if (!close(got.l1, expected.l1)) return "l1";
  if (got.optimizer != expected.optimizer) return "optimizer";
  if (!close(got.learning_rate, expected.learning_rate)) return "learning_rate";
  if (got.batch_size != expected.batch_size) return "batch_size";
  if (a.shift != b.shift || a.degrees != b.degrees || a.noise != b.noise) return "augmentation";
  return "";
}

// Nothing as it is by default.
const Settings kBase = {.units = {9, 7, 6, 3},
                        .init = Init::glorot,
                        .batch_norm = true,
                        .dropout = 0.15,
                        .l2 = 0.02,
                        .l1 = 0.003,
                        .optimizer = Optimizer::nesterov,
                        .learning_rate = 0.07,
                        .batch_size = 5,
                        .augmentation = {.shift = 1, .degrees = 4, .noise = 0.01}};

const Ranges kRanges = {.learning_rate = {1e-3, 0.5},
                        .l2 = {1e-6, 1e-2},
                        .dropout = {0.1, 0.6},
                        .hidden = {{4}, {8, 5}, {}, {2, 2, 2}},
                        .batch_sizes = {2, 4, 6},
                        .optimizers = {Optimizer::sgd, Optimizer::adam, Optimizer::momentum}};

// ---- log_uniform ----

TEST(LogUniform, IsUniformBetweenTheLogarithms) {
  points(6);
  const std::pair<Scalar, Scalar> intervals[] = {
      {1e-4, 1}, {0.5, 8},    {3, 3e5},     {1e-300, 1e300}, {3e-308, 1e-306},
      {20, 21},  {1, 1.0001}, {1e-9, 1e-8}, {1e-309, 1e300}};
  for (int salt = 0; salt < 20; ++salt)
    for (const auto& [low, high] : intervals) {
      Random random = test_random(salt), same = test_random(salt);
      if (salt % 2 == 1) random.normal(), same.normal();  // a Gauss waits, and goes on waiting
      const Scalar expected = std::exp(same.uniform(std::log(low), std::log(high)));
      EXPECT_NEAR(log_uniform(low, high, random) / expected, 1, 1e-12) << low << " … " << high;
      EXPECT_TRUE(goes_on_as(random, same)) << "one random.uniform() is drawn";
    }
}

TEST(LogUniform, FindsEveryDecadeAsOften) {
  points(2);
  int counts[4] = {};
  for (int draw = 0; draw < 2000; ++draw) {
    Random random = test_random(1000 + draw);
    const Scalar drawn = log_uniform(1e-4, 1, random);
    ASSERT_GE(drawn, 1e-4);
    ASSERT_LE(drawn, 1);
    ++counts[(drawn > 1e-3) + (drawn > 1e-2) + (drawn > 0.1)];
  }
  // Six standard deviations of a count.
  for (int count : counts) EXPECT_NEAR(count, 500, 117) << "of 2000 draws, in one of four decades";
}

// The logarithm of 0.1 is rounded, and so is what comes back from it.
TEST(LogUniform, DoesNotLeaveItsIntervalByRounding) {
  points(2);
  Random wide = test_random(20), wide_too = test_random(20);
  const double within = std::exp(wide_too.uniform(std::log(0.1), std::log(30.0)));
  EXPECT_NEAR(log_uniform(0.1, 30, wide) / within, 1, 1e-12) << "in an interval that is wide";
  for (int k = 1; k <= 300; ++k) {
    Random random = test_random(20 + k), same = test_random(20 + k);
    const Scalar low = Scalar(0.1) * k, high = std::nextafter(low, kInfinity);
    const Scalar drawn = log_uniform(low, high, random);
    ASSERT_GE(drawn, low);
    ASSERT_LE(drawn, high);
    same.uniform();
    ASSERT_TRUE(goes_on_as(random, same)) << "two neighbours are two numbers: one is drawn";
  }
}

TEST(LogUniform, RefusesWhatHasNoLogarithmAndDrawsNothingThen) {
  points(4);
  const std::pair<Scalar, Scalar> bad[] = {{0, 1},         {-1, 1},   {2, 1},
                                           {1, kInfinity}, {kNaN, 1}, {1, kNaN},
                                           {0, 0},         {-2, -1},  {kInfinity, kInfinity},
                                           {kNaN, kNaN},   {-1, -2},  {-kInfinity, 1}};
  Random random = test_random(30);
  for (const auto& [low, high] : bad)
    EXPECT_TRUE(refuses([&, l = low, h = high] { log_uniform(l, h, random); }))
        << low << " " << high;
  EXPECT_EQ(log_uniform(0.3, 0.3, random), 0.3) << "there is only this number";
  EXPECT_TRUE(goes_on_as(random, test_random(30))) << "nothing is drawn";
}

// ---- draw_settings ----

bool same_interval(const Interval& a, const Interval& b) {
  return a.low == b.low && a.high == b.high;
}

// The ranges and the base stay what they are.
Settings drawn_settings(const Ranges& ranges, const Settings& base, Random& random) {
  const Ranges r = ranges;
  const Settings b = base;
  const Settings drawn = draw_settings(ranges, base, random);
  EXPECT_EQ(difference(base, b), "") << "of the base was changed";
  EXPECT_TRUE(same_interval(ranges.learning_rate, r.learning_rate) &&
              same_interval(ranges.l2, r.l2) && same_interval(ranges.dropout, r.dropout) &&
              ranges.hidden == r.hidden && ranges.batch_sizes == r.batch_sizes &&
              ranges.optimizers == r.optimizers)
      << "the ranges were changed";
  return drawn;
}

// Rates and λ above 1, a dropout up to nearly 1, long lists, a base without a hidden layer or with many,
// and a Gauss that waits.
TEST(DrawSettings, TakesWideRangesAndLongLists) {
  points(2);
  Settings base{.units = {12, 10}};
  Ranges wide{.learning_rate = {2, 5e6}, .l2 = {3, 4e9}, .dropout = {0, 0.999}};
  for (int i = 0; i < 40; ++i) {
    wide.hidden.push_back(std::vector<int>(i % 11 + i % 2 * 10, 100 + 1000 * i));
    wide.batch_sizes.push_back(1 + 1000 * i);
    wide.optimizers.push_back(static_cast<Optimizer>(i % 7));
  }
  for (int salt = 300; salt < 340; ++salt) {
    if (salt == 320) base.units = {12, 2, 3, 4, 5, 6, 7, 8, 9, 10};  // all but the ends is replaced
    Random random = test_random(salt);
    random.normal();
    Random same = random;
    Settings expected = base;
    expected.learning_rate = std::exp(same.uniform(std::log(2.0), std::log(5e6)));
    expected.l2 = std::exp(same.uniform(std::log(3.0), std::log(4e9)));
    expected.dropout = same.uniform(0, 0.999);
    const std::vector<int>& hidden = wide.hidden[same.randint(40)];
    expected.units = {12};
    expected.units.insert(expected.units.end(), hidden.begin(), hidden.end());
    expected.units.push_back(10);
    expected.batch_size = wide.batch_sizes[same.randint(40)];
    expected.optimizer = wide.optimizers[same.randint(40)];
    EXPECT_EQ(difference(drawn_settings(wide, base, random), expected), "") << "differs, " << salt;
    EXPECT_TRUE(goes_on_as(random, same)) << "as many numbers are drawn";
  }
}

TEST(DrawSettings, DrawsFromEachRangeInTheirOrder) {
  points(8);
  for (int salt = 40; salt < 60; ++salt) {
    Random random = test_random(salt), same = test_random(salt);
    Settings expected = kBase;
    expected.learning_rate = std::exp(same.uniform(std::log(1e-3), std::log(0.5)));
    expected.l2 = std::exp(same.uniform(std::log(1e-6), std::log(1e-2)));
    expected.dropout = same.uniform(0.1, 0.6);
    expected.units = {9};
    for (int units : kRanges.hidden[same.randint(4)]) expected.units.push_back(units);
    expected.units.push_back(3);
    expected.batch_size = kRanges.batch_sizes[same.randint(3)];
    expected.optimizer = kRanges.optimizers[same.randint(3)];
    const Settings drawn = drawn_settings(kRanges, kBase, random);
    EXPECT_EQ(difference(drawn, expected), "") << "differs, with salt " << salt;
    EXPECT_TRUE(goes_on_as(random, same)) << "as many numbers are drawn";
  }
}

Scalar by_logarithms(Scalar low, Scalar high, Random& random) {
  return static_cast<Scalar>(std::exp(random.uniform(std::log(low), std::log(high))));
}

TEST(DrawSettings, LeavesWhatHasNoRange) {
  points(4);
  Random random = test_random(70);
  EXPECT_EQ(difference(draw_settings({}, kBase, random), kBase), "") << "changed without a range";
  EXPECT_TRUE(goes_on_as(random, test_random(70))) << "and nothing is drawn";

  Ranges one_point{.learning_rate = {0.3, 0.3}, .l2 = {1e-3, 1e-3}, .dropout = {0.4, 0.4}};
  Settings expected = kBase;
  expected.learning_rate = 0.3, expected.l2 = 1e-3, expected.dropout = 0.4;
  EXPECT_EQ(difference(draw_settings(one_point, kBase, random), expected), "");
  EXPECT_TRUE(goes_on_as(random, test_random(70))) << "where low = high there is nothing to draw";

  // One range alone.
  for (int which = 0; which < 11; ++which) {
    Ranges ranges;
    Random drawing = test_random(71), same = test_random(71);
    expected = kBase;
    if (which == 0)
      ranges.learning_rate = {0.2, 0.8}, expected.learning_rate = by_logarithms(0.2, 0.8, same);
    if (which == 1) ranges.l2 = {0.2, 0.8}, expected.l2 = by_logarithms(0.2, 0.8, same);
    if (which == 2) ranges.dropout = {0, 0.8}, expected.dropout = same.uniform(0, 0.8);
    if (which == 6) ranges.dropout = {1e-5, 3e-3}, expected.dropout = same.uniform(1e-5, 3e-3);
    if (which == 7) ranges.dropout = {0.2, 0.20005}, expected.dropout = same.uniform(0.2, 0.20005);
    if (which == 8) ranges.dropout = {0, 5e-6}, expected.dropout = same.uniform(0, 5e-6);
    if (which == 9)
      ranges.learning_rate = {1e-9, 1e-7}, expected.learning_rate = by_logarithms(1e-9, 1e-7, same);
    if (which == 10) ranges.l2 = {1e-12, 1e-10}, expected.l2 = by_logarithms(1e-12, 1e-10, same);
    if (which == 3) ranges.hidden = {{11}}, expected.units = {9, 11, 3};
    if (which == 4) ranges.batch_sizes = {17}, expected.batch_size = 17;
    if (which == 5) ranges.optimizers = {Optimizer::adamw}, expected.optimizer = Optimizer::adamw;
    EXPECT_EQ(difference(draw_settings(ranges, kBase, drawing), expected), "") << "range " << which;
    EXPECT_TRUE(goes_on_as(drawing, same)) << "draws for range " << which;
  }
}

TEST(DrawSettings, ReachesEveryValueOfAList) {
  points(2);
  std::set<std::vector<int>> units;
  std::set<int> batch_sizes;
  std::set<Optimizer> optimizers;
  for (int draw = 0; draw < 300; ++draw) {
    Random random = test_random(8000 + draw);
    const Settings s = draw_settings(kRanges, kBase, random);
    units.insert(s.units), batch_sizes.insert(s.batch_size), optimizers.insert(s.optimizer);
  }
  EXPECT_EQ(units, (std::set<std::vector<int>>{{9, 3}, {9, 4, 3}, {9, 8, 5, 3}, {9, 2, 2, 2, 3}}));
  EXPECT_EQ(batch_sizes, (std::set<int>{2, 4, 6}));
  EXPECT_EQ(optimizers.size(), 3u);
}

TEST(DrawSettings, RefusesRangesOutsideTheirDomainsBeforeItDraws) {
  points(3);
  Random random = test_random(90);
  const auto refused = [&](const Ranges& ranges) {
    return refuses([&] { draw_settings(ranges, kBase, random); });
  };
  const std::pair<Scalar, Scalar> nowhere[] = {
      {-0.1, 0.1}, {0.3, 0.2},   {kNaN, 0.5},       {0.1, kNaN},  {0.1, kInfinity}, {0.3, 0},
      {0, -0.1},   {-0.2, -0.1}, {-kInfinity, 0.1}, {kNaN, kNaN}, {0, kNaN},        {kNaN, 0}};
  for (const auto& [low, high] : nowhere) {
    EXPECT_TRUE(refused({.learning_rate = {low, high}})) << low << " " << high;
    EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .l2 = {low, high}})) << low << " " << high;
    EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .dropout = {low, high}}))
        << low << " " << high;
  }
  EXPECT_TRUE(refused({.learning_rate = {0, 0.1}})) << "0 has no logarithm";
  EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .l2 = {0, 0.1}})) << "0 has no logarithm";
  EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .dropout = {0.5, 1}}))
      << "nothing would be left";
  EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .dropout = {1, 1}})) << "nothing would be left";
  EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .dropout = {0.5, 2}})) << "a dropout of 2";
  for (int bad : {0, -1, std::numeric_limits<int>::min()})
    for (int place : {0, 1, 2}) {
      Ranges ranges{.learning_rate = {0.1, 0.2}, .hidden = {{4, 5, 6}, {7, 8, 9}, {3, 2, 1}}};
      ranges.hidden[place][2 - place] = bad;
      EXPECT_TRUE(refused(ranges)) << "a layer of " << bad << " in list " << place;
      ranges.hidden = {}, ranges.batch_sizes = {4, 5, 6};
      ranges.batch_sizes[place] = bad;
      EXPECT_TRUE(refused(ranges)) << "batches of " << bad << " at place " << place;
      ranges.batch_sizes = std::vector<int>(40, 4);
      ranges.batch_sizes[19 + 10 * place] = bad;
      EXPECT_TRUE(refused(ranges)) << "batches of " << bad << " in a list of 40";
      ranges.batch_sizes = {}, ranges.hidden = std::vector(40, std::vector<int>(12, 4));
      ranges.hidden[19 + 10 * place][11 - 4 * place] = bad;
      EXPECT_TRUE(refused(ranges)) << "a layer of " << bad << " among 12, in a list of 40";
    }
  // Whatever is drawn, and if nothing is.
  const Ranges some[] = {{},
                         {.learning_rate = {0.1, 0.2}},
                         {.l2 = {0.1, 0.2}},
                         {.dropout = {0.1, 0.2}},
                         {.hidden = {{4}}},
                         {.batch_sizes = {4}},
                         {.optimizers = {Optimizer::adam}}};
  for (const Ranges& ranges : some)
    for (const std::vector<int>& units : {std::vector<int>{}, {9}})
      EXPECT_TRUE(refuses([&] { draw_settings(ranges, {.units = units}, random); }))
          << "a base without a layer, range " << &ranges - some;
  EXPECT_TRUE(goes_on_as(random, test_random(90))) << "drawn before it was refused";
  Random sound = test_random(91);
  EXPECT_TRUE(accepts([&] { draw_settings(kRanges, kBase, sound); }));
}

// ---- grid ----

// The choices and the base stay what they are.
std::vector<Settings> combined(const Choices& choices, const Settings& base) {
  const Choices c = choices;
  const Settings b = base;
  const std::vector<Settings> all = grid(choices, base);
  EXPECT_EQ(difference(base, b), "") << "of the base was changed";
  EXPECT_TRUE(choices.learning_rates == c.learning_rates && choices.l2 == c.l2 &&
              choices.dropout == c.dropout && choices.hidden == c.hidden &&
              choices.batch_sizes == c.batch_sizes && choices.optimizers == c.optimizers)
      << "the choices were changed";
  return all;
}

TEST(Grid, CountsWithTheLastListFastest) {
  points(7);
  // Values of any size, as they are; what is given twice is tried twice.
  const Choices choices = {.learning_rates = {0.5, 1e-9, 0.5},
                           .l2 = {30, 0, 1e-12},
                           .dropout = {0.97, 1e-9},
                           .hidden = {{4}, {8, 5}},
                           .batch_sizes = {2, 6, 4},
                           .optimizers = {Optimizer::adam, Optimizer::sgd, Optimizer::adam}};
  std::vector<Settings> expected;
  for (Scalar rate : choices.learning_rates)
    for (Scalar l2 : choices.l2)
      for (Scalar dropout : choices.dropout)
        for (bool deep : {false, true})
          for (int batch_size : choices.batch_sizes)
            for (Optimizer optimizer : choices.optimizers) {
              Settings s = kBase;
              s.learning_rate = rate, s.l2 = l2, s.dropout = dropout, s.batch_size = batch_size;
              s.units = deep ? std::vector<int>{9, 8, 5, 3} : std::vector<int>{9, 4, 3};
              s.optimizer = optimizer;
              expected.push_back(s);
            }
  const std::vector<Settings> all = combined(choices, kBase);
  ASSERT_EQ(all.size(), 324u) << "3 · 3 · 2 · 2 · 3 · 3";
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(difference(all[i], expected[i]), "") << "differs in number " << i;
}

TEST(Grid, LeavesWhatHasNoValues) {
  points(4);
  ASSERT_EQ(grid({}, kBase).size(), 1u) << "the base alone";
  EXPECT_EQ(difference(grid({}, kBase)[0], kBase), "");
  const std::vector<Settings> all = grid({.dropout = {0, 0.5}, .batch_sizes = {8}}, kBase);
  ASSERT_EQ(all.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    Settings expected = kBase;
    expected.dropout = i == 0 ? 0 : 0.5, expected.batch_size = 8;
    EXPECT_EQ(difference(all[i], expected), "");
  }
  const std::vector<Settings> flat = grid({.hidden = {{}, {4}}}, kBase);
  ASSERT_EQ(flat.size(), 2u);
  EXPECT_EQ(flat[0].units, (std::vector<int>{9, 3})) << "no hidden layer is a value, too";
  EXPECT_EQ(flat[1].units, (std::vector<int>{9, 4, 3}));
}

TEST(Grid, HoldsEachOfManyCombinationsOnce) {
  points(2);
  Choices choices;
  const Settings base{.units = {12, 10}};
  for (int i = 1; i <= 40; ++i) {
    choices.learning_rates.push_back(i % 2 == 0 ? Scalar(i) : Scalar(i) / 32);  // in no order
    if (i <= 33) choices.hidden.push_back(std::vector<int>(i % 9, i));
  }
  // A value that is given twice is tried twice.
  choices.batch_sizes = {std::numeric_limits<int>::max(), 3, 3};
  const std::vector<Settings> all = combined(choices, base);
  ASSERT_EQ(all.size(), 3960u) << "40 · 33 · 3";
  for (int i = 0; i < 3960; ++i) {
    Settings expected = base;
    expected.learning_rate = choices.learning_rates[i / 99];
    const std::vector<int>& hidden = choices.hidden[i / 3 % 33];
    expected.units.insert(expected.units.begin() + 1, hidden.begin(), hidden.end());
    expected.batch_size = choices.batch_sizes[i % 3];
    ASSERT_EQ(difference(all[i], expected), "") << "differs in number " << i << " of 3960";
  }
}

TEST(Grid, RefusesValuesOutsideTheirDomains) {
  points(2);
  const auto refused = [](const Choices& c) { return refuses([&] { grid(c, kBase); }); };
  for (Scalar bad : {Scalar(-0.1), kNaN, kInfinity, -kInfinity})
    for (int place : {0, 1, 2}) {
      std::vector<Scalar> values = {0.1, 0, 0.2};
      values[place] = bad;
      EXPECT_TRUE(refused({.learning_rates = values})) << bad << " at place " << place;
      EXPECT_TRUE(refused({.l2 = values})) << bad << " at place " << place;
      EXPECT_TRUE(refused({.dropout = values})) << bad << " at place " << place;
      values.assign(40, 0.1), values[19 + 10 * place] = bad;
      EXPECT_TRUE(refused({.learning_rates = values})) << bad << " among 40 rates";
      EXPECT_TRUE(refused({.l2 = values})) << bad << " among 40 l2";
      EXPECT_TRUE(refused({.dropout = values})) << bad << " among 40 dropouts";
    }
  EXPECT_TRUE(refused({.dropout = {1}}));
  EXPECT_TRUE(refused({.dropout = {0.1, 1.5}}));
  for (int bad : {0, -1})
    for (int place : {0, 1, 2}) {
      std::vector<int> values = {1, 2, 3};
      values[place] = bad;
      EXPECT_TRUE(refused({.hidden = {{4}, values}})) << bad << " at place " << place;
      EXPECT_TRUE(refused({.hidden = {values, {4}}})) << bad << " at place " << place;
      EXPECT_TRUE(refused({.batch_sizes = values})) << bad << " at place " << place;
    }
  const Choices some[] = {{},
                          {.learning_rates = {0.1}},
                          {.l2 = {0.1}},
                          {.dropout = {0.1}},
                          {.hidden = {{4}}},
                          {.batch_sizes = {4}},
                          {.optimizers = {Optimizer::adam}}};
  for (const Choices& choices : some)
    for (const std::vector<int>& units : {std::vector<int>{}, {9}})
      EXPECT_TRUE(refuses([&] { grid(choices, {.units = units}); }))
          << "a base without a layer, list " << &choices - some;
  EXPECT_TRUE(
      accepts([] { grid({.learning_rates = {40}, .l2 = {50}, .dropout = {0.99}}, kBase); }));
  EXPECT_TRUE(accepts([] { grid({.learning_rates = {0}, .l2 = {0}, .dropout = {0}}, kBase); }));
}

// ---- samples to learn: three clouds, of nine inputs ----

Samples clouds(int salt, int N) {
  Random random = test_random(salt);
  Samples samples{random.uniform_matrix(0, 1, N, 9), {}};
  for (int n = 0; n < N; ++n) {
    samples.labels.push_back(static_cast<int>(random.randint(3)));
    samples.x(n, samples.labels[n]) += 1;
  }
  return samples;
}

const Samples kTrain = clouds(100, 23), kValidation = clouds(101, 11);

// Of each kind that a training can be: plain; with all that draws numbers; with batch norm; and with
// nothing as it is by default.
std::vector<Settings> some_settings() {
  const Settings plain{.units = {9, 5, 3}, .learning_rate = 0.3, .batch_size = 4};
  Settings dropping = plain, normed = plain, l2 = plain;
  dropping.dropout = 0.4, dropping.augmentation.shift = 1, dropping.batch_size = 30;
  normed.batch_norm = true, normed.optimizer = Optimizer::adam, normed.learning_rate = 0.01;
  normed.units = {9, 6, 4, 3}, normed.batch_size = 7;
  l2.l2 = 0.1, l2.units = {9, 3};
  return {plain, dropping, normed, l2, kBase};
}

// Each optimizer once, and all else far from what it is by default, by turns.
std::vector<Settings> unusual_settings() {
  std::vector<Settings> all;
  for (int i = 0; i < 7; ++i) {
    const bool odd = i % 2 == 1;
    Settings s{.units = {9, 20, 3}, .batch_norm = odd, .optimizer = static_cast<Optimizer>(i)};
    s.dropout = odd ? 0.75 : 0, s.l2 = i % 3 == 0 ? 0.6 : 1e-9, s.l1 = i % 3 == 1 ? 0.4 : 0;
    s.learning_rate = i == 0 ? 2 : i == 1 ? 1e-7 : 0.01;
    s.batch_size = odd ? 2000 : 40;
    if (i % 3 == 2) s.augmentation = {.shift = 2, .degrees = 120, .noise = 1};
    all.push_back(s);
  }
  const Settings still{.units = {9, 5, 3}, .learning_rate = 0, .batch_size = 4};
  const Settings deep{.units = {9, 4, 4, 4, 4, 4, 4, 12}, .learning_rate = 0.1, .batch_size = 4};
  all.push_back(still), all.push_back(deep);
  return all;
}

// Without a hidden layer, which could die instead: the first step takes 1e308 · 1000 w from w,
// which makes it infinite. The second step is refused, and so is a look at it.
Settings diverging() {
  return {.units = {9, 3}, .l2 = 1000, .learning_rate = 1e308, .batch_size = 8};
}

::testing::AssertionResult same(const Evaluation& got, const Evaluation& expected) {
  const auto loss = near(got.loss, expected.loss, 1e-11);
  return loss ? near(got.accuracy, expected.accuracy, 1e-12) : loss;
}

bool same_samples(const Samples& a, const Samples& b) { return a.x == b.x && a.labels == b.labels; }

// What train_epoch and evaluate of chapter 11 make of it, until one of them refuses or has no finite
// loss.
LearningCurve curve_by_parts(const Settings& settings, const Samples& train,
                             const Samples& validation, int epochs, const Random& random) {
  Training t = training_init(settings, random);
  LearningCurve curve;
  for (int epoch = 0; epoch < epochs && !curve.diverged; ++epoch) {
    Evaluation a{kNaN, 0}, b{kNaN, 0};
    try {
      if (std::isfinite(train_epoch(t, train)))
        a = evaluate(t.deep, train), b = evaluate(t.deep, validation);
    } catch (const std::invalid_argument&) {
    }
    curve.diverged = !std::isfinite(a.loss) || !std::isfinite(b.loss);
    if (!curve.diverged) curve.train.push_back(a), curve.validation.push_back(b);
  }
  return curve;
}

void expect_curve(Settings settings, Samples train, Samples validation, int epochs,
                  const Random& random, const LearningCurve& expected) {
  const Settings settings_before = settings;
  const Samples train_before = train, validation_before = validation;
  const Random random_before = random;
  LearningCurve curve;
  ASSERT_TRUE(accepts([&] { curve = learning_curve(settings, train, validation, epochs, random); }))
      << "diverging is no mistake of the arguments";
  EXPECT_EQ(difference(settings, settings_before), "") << "of the settings was changed";
  EXPECT_TRUE(same_samples(train, train_before)) << "training samples were changed";
  EXPECT_TRUE(same_samples(validation, validation_before)) << "validation samples were changed";
  EXPECT_TRUE(goes_on_as(random, random_before)) << "the caller's generator was changed";
  ASSERT_EQ(curve.train.size(), expected.train.size()) << "epochs of training";
  ASSERT_EQ(curve.validation.size(), expected.validation.size()) << "epochs of validation";
  EXPECT_EQ(curve.diverged, expected.diverged);
  for (std::size_t epoch = 0; epoch < expected.train.size(); ++epoch) {
    EXPECT_TRUE(same(curve.train[epoch], expected.train[epoch])) << "after epoch " << epoch + 1;
    EXPECT_TRUE(same(curve.validation[epoch], expected.validation[epoch]))
        << "after epoch " << epoch + 1;
  }
}

// Ten classes, each with its label, and more samples than evaluate takes at a time.
Samples ten_clouds(int salt, int N) {
  Random random = test_random(salt);
  Samples samples{random.uniform_matrix(0, 1, N, 12), {}};
  for (int n = 0; n < N; ++n) {
    samples.labels.push_back(n % 10);
    samples.x(n, n % 10) += 1;
  }
  return samples;
}

// Many samples, which are small.
Samples many_points(int salt, int N) {
  Samples samples{test_random(salt).uniform_matrix(-1, 1, N, 2), {}};
  for (int n = 0; n < N; ++n) samples.labels.push_back(samples.x(n, 0) > samples.x(n, 1));
  return samples;
}

const Settings kPoints{.units = {2, 2}, .batch_size = 1500};

// A step of 1e250: from then on the loss is about as large, and finite, of one image under every label.
const Settings kEnormous{.units = {9, 3}, .learning_rate = 1e250, .batch_size = 100};
const Samples kOneImage{Matrix(3, 9, 0.5), {0, 1, 2}};

// The only step leaves weights under which one loss alone is not finite, of the validation samples or of
// the training samples: it is infinite between logits that are numbers, or a logit overflows.
struct OneLoss {
  const char* what;
  Scalar learning_rate;
  Samples train, validation;
};
std::vector<OneLoss> one_loss_not_finite() {
  return {{"infinite in validation", 1.7e308, {{{1}, {1}}, {0, 0}}, {{{0.6}}, {1}}},
          {"overflow in training", 1e290, {Matrix(3, 1, 1e10), {0, 0, 1}}, {{{0}, {0}}, {0, 1}}},
          {"infinite in training", 1.7e308, {Matrix(3, 1, 2), {0, 0, 1}}, {{{0}}, {0}}}};
}
Settings from_zeros(Scalar learning_rate) {
  return {.units = {1, 2}, .init = Init::zeros, .learning_rate = learning_rate, .batch_size = 100};
}

// Three classes that are learnt by heart at once.
Samples far_clouds(int salt, int N) {
  Samples samples = clouds(salt, N);
  for (int n = 0; n < N; ++n) samples.x(n, samples.labels[n]) += 10;
  return samples;
}

// ---- learning_curve ----

TEST(LearningCurve, LooksAtBothKindsOfSamplesAfterEachEpoch) {
  points(8);
  for (const Settings& settings : some_settings())
    for (int epochs : {6, 1}) {
      Random random = test_random(110 + epochs);
      random.normal();  // a Gauss waits in the generator
      expect_curve(settings, kTrain, kValidation, epochs, random,
                   curve_by_parts(settings, kTrain, kValidation, epochs, random));
    }
  expect_curve(kBase, kTrain, kValidation, 0, test_random(110), {});
  const Samples more = clouds(117, 60);
  for (const Settings& settings : unusual_settings())
    expect_curve(settings, more, kValidation, 2, test_random(118),
                 curve_by_parts(settings, more, kValidation, 2, test_random(118)));
  // As many samples as are evaluated in several parts; one sample; one class.
  const Settings usual = some_settings()[0], one_class{.units = {9, 4, 1}};
  const Samples many = clouds(119, 1203), others = clouds(107, 2304), single = clouds(108, 1);
  expect_curve({.units = {9, 3}}, many, others, 1, test_random(109),
               curve_by_parts({.units = {9, 3}}, many, others, 1, test_random(109)));
  expect_curve(usual, single, kValidation, 2, test_random(109),
               curve_by_parts(usual, single, kValidation, 2, test_random(109)));
  const Samples spots = many_points(123, 10007), unseen = many_points(124, 10009);
  expect_curve(kPoints, spots, unseen, 1, test_random(109),
               curve_by_parts(kPoints, spots, unseen, 1, test_random(109)));
  const Samples alike{kTrain.x, std::vector<int>(23, 0)};
  expect_curve(one_class, alike, alike, 2, test_random(109),
               curve_by_parts(one_class, alike, alike, 2, test_random(109)));
  const Samples train = ten_clouds(111, 90), validation = ten_clouds(112, 1040);
  const Settings settings{.units = {12, 8, 10}, .learning_rate = 0.2, .batch_size = 20};
  const LearningCurve expected = curve_by_parts(settings, train, validation, 30, test_random(113));
  expect_curve(settings, train, validation, 30, test_random(113), expected);
  // All are right long before the end, or the validation loss goes up and up: nobody stops here.
  const Samples easy = far_clouds(114, 20), right = far_clouds(115, 10);
  Samples wrong = right;
  for (int& label : wrong.labels) label = (label + 1) % 3;
  const Settings line{.units = {9, 3}, .learning_rate = 0.1, .batch_size = 7};
  for (const Samples& judges : {right, wrong})
    expect_curve(line, easy, judges, 210, test_random(116),
                 curve_by_parts(line, easy, judges, 210, test_random(116)));
}

TEST(LearningCurve, EndsBeforeTheEpochThatDiverges) {
  points(5);
  for (int batch_size : {8, 100}) {
    Settings settings = diverging();
    settings.batch_size = batch_size;
    LearningCurve at_once;
    at_once.diverged = true;
    expect_curve(settings, kTrain, kValidation, 5, test_random(120), at_once);
  }
  // Later: each step makes the weights about -1e20 times as large.
  const Settings slowly{.units = {9, 3}, .l2 = 1, .learning_rate = 1e20, .batch_size = 100};
  const LearningCurve later = curve_by_parts(slowly, kTrain, kValidation, 30, test_random(121));
  ASSERT_TRUE(later.diverged && later.train.size() > 3 && later.train.size() < 20);
  const LearningCurve curve = learning_curve(slowly, kTrain, kValidation, 30, test_random(121));
  EXPECT_TRUE(curve.diverged);
  EXPECT_EQ(curve.train.size(), later.train.size());
  EXPECT_EQ(curve.validation.size(), later.train.size());
  for (const Evaluation& e : curve.validation) EXPECT_TRUE(std::isfinite(e.loss));
  // Nothing that is finite is too large.
  const LearningCurve high = curve_by_parts(kEnormous, kTrain, kOneImage, 2, test_random(125));
  ASSERT_TRUE(high.validation.size() == 2 && high.validation[1].loss > 1e240);
  const LearningCurve got = learning_curve(kEnormous, kTrain, kOneImage, 2, test_random(125));
  ASSERT_TRUE(!got.diverged && got.validation.size() == 2) << "a large loss is no divergence";
  EXPECT_NEAR(got.validation[1].loss / high.validation[1].loss, 1, 1e-11);
  // In validation alone: its pixels overflow.
  const Samples glaring{Matrix(2, 9, 1.7e308), {0, 1}};
  const Settings wide{.units = {9, 60, 3}, .learning_rate = 0.1, .batch_size = 100};
  const LearningCurve blinded = curve_by_parts(wide, kTrain, glaring, 3, test_random(122));
  ASSERT_TRUE(blinded.diverged && blinded.train.empty());
  expect_curve(wide, kTrain, glaring, 3, test_random(122), blinded);
  for (const auto& [what, rate, train, validation] : one_loss_not_finite()) {
    SCOPED_TRACE(what);
    expect_curve(from_zeros(rate), train, validation, 2, test_random(126),
                 curve_by_parts(from_zeros(rate), train, validation, 2, test_random(126)));
  }
}

// What learning_curve and search refuse alike, before the first epoch.
void expect_refusals(
    const std::function<void(const Settings&, const Samples&, const Samples&, int)>& call) {
  const Settings sound = some_settings()[0];
  const auto refused = [&](Settings s) {
    return refuses([&] { call(s, kTrain, kValidation, 2); });
  };
  EXPECT_TRUE(accepts([&] { call(sound, kTrain, kValidation, 2); }));
  Settings s = sound;
  EXPECT_TRUE((s.units = {9}, refused(s))) << "no layer";
  EXPECT_TRUE((s.units = {8, 5, 3}, refused(s))) << "8 inputs for 9";
  EXPECT_TRUE((s.units = {10, 5, 3}, refused(s))) << "10 inputs for 9";
  EXPECT_TRUE((s.units = {9, 0, 3}, refused(s))) << "a layer of 0";
  EXPECT_TRUE((s.units = {9, 5, 2}, refused(s))) << "2 classes for 3";
  EXPECT_TRUE((s = sound, s.learning_rate = kNaN, refused(s)));
  EXPECT_TRUE((s = sound, s.dropout = 1, refused(s)));
  EXPECT_TRUE((s = sound, s.batch_size = 0, refused(s)));
  // 23 samples: in batches of one, or with one in the last.
  s = sound, s.batch_norm = true;
  for (int size : {1, 2, 11, 22})
    for (int epochs : {0, 2}) {
      s.batch_size = size;
      EXPECT_TRUE(refuses([&] { call(s, kTrain, kValidation, epochs); }))
          << "a batch of one, behind others of " << size << ", " << epochs << " epochs";
      s.batch_size = 50 * size;
      EXPECT_TRUE(refuses([&] { call(s, take(kTrain, {5}), kValidation, epochs); }))
          << "one sample in a batch of " << s.batch_size << ", " << epochs << " epochs";
      EXPECT_TRUE(accepts([&] { call(s, kValidation, kValidation, epochs); }))
          << "11 samples in a batch of " << s.batch_size;
    }
  s.units = {9, 3};
  for (int size : {1, 22})
    for (int epochs : {0, 2})
      EXPECT_TRUE((s.batch_size = size, accepts([&] { call(s, kTrain, kValidation, epochs); })))
          << "without a hidden layer there is no batch norm: batches of " << size;
  EXPECT_TRUE((s = sound, s.batch_norm = true, s.batch_size = 100,
               accepts([&] { call(s, kTrain, take(kValidation, {3}), 2); })))
      << "one sample is enough to look at";
  EXPECT_TRUE((s = sound, s.l2 = -1, refused(s)));
  EXPECT_TRUE((s = sound, s.l1 = kInfinity, refused(s)));
  EXPECT_TRUE((s = sound, s.augmentation.shift = -1, refused(s)));
  EXPECT_TRUE((s = sound, s.augmentation.noise = kNaN, refused(s)));
  EXPECT_TRUE(refuses([&] { call(sound, kTrain, kValidation, -1); })) << "-1 epochs";
  s = sound, s.dropout = 1;
  EXPECT_TRUE(refuses([&] { call(s, kTrain, kValidation, 0); })) << "settings of no epoch";
  EXPECT_TRUE(refuses([&] { call(sound, {}, kValidation, 0); })) << "no samples for no epoch";
  EXPECT_TRUE(refuses([&] { call(sound, kTrain, {}, 0); })) << "nothing to look at after no epoch";
  Samples large = clouds(106, 1203);
  EXPECT_TRUE(accepts([&] { call({.units = {9, 3}}, large, large, 1); }));
  for (bool in_validation : {false, true}) {
    const auto with = [&](const Samples& samples) {
      return refuses([&] {
        call(sound, in_validation ? kTrain : samples, in_validation ? samples : kValidation, 2);
      });
    };
    Samples late = large;
    late.x(1202, 8) = in_validation ? kInfinity : kNaN;
    EXPECT_TRUE(with(late)) << "not a number in the last of 1203 samples";
    late = large, late.labels[1201] = 3;
    EXPECT_TRUE(with(late)) << "label 3 of 0, 1, 2 behind 1200 others";
    const Samples& fits = in_validation ? kValidation : kTrain;
    Samples broken = fits;
    for (int n : {0, fits.x.rows() / 2, fits.x.rows() - 1}) {
      for (Scalar bad : {kNaN, kInfinity, -kInfinity})
        for (int pixel : {0, 4, 8})
          EXPECT_TRUE((broken = fits, broken.x(n, pixel) = bad, with(broken)))
              << bad << " in pixel " << pixel << " of sample " << n;
      for (int label : {3, -1, std::numeric_limits<int>::max()})
        EXPECT_TRUE((broken = fits, broken.labels[n] = label, with(broken)))
            << "label " << label << " of 0, 1, 2 in sample " << n;
    }
    broken = fits, broken.x(3, 4) = std::numeric_limits<Scalar>::denorm_min();
    EXPECT_TRUE(accepts([&] {
      call(sound, in_validation ? kTrain : broken, in_validation ? broken : kValidation, 1);
    })) << "the smallest number is one";
    EXPECT_TRUE((broken = fits, broken.labels.push_back(0), with(broken))) << "a label too many";
    EXPECT_TRUE((broken = fits, broken.labels.pop_back(), with(broken))) << "a label too few";
    EXPECT_TRUE((broken = fits, broken.labels = {}, with(broken))) << "no labels";
    EXPECT_TRUE(with({Matrix(3, 8), {0, 1, 2}})) << "8 inputs for 9";
    EXPECT_TRUE(with({Matrix(3, 10), {0, 1, 2}})) << "10 inputs for 9";
    EXPECT_TRUE(with({Matrix(0, 9), {}})) << "no samples";
  }
  const Samples flat{Matrix(4, 8, 0.5), {0, 1, 2, 0}};
  for (const Augmentation& options :
       {Augmentation{1, 0, 0}, Augmentation{0, 5, 0}, Augmentation{0, 0, 0.1}}) {
    const Settings varied{.units = {8, 3}, .augmentation = options};
    for (int epochs : {0, 2})
      EXPECT_TRUE(refuses([&] { call(varied, flat, flat, epochs); }))
          << "8 pixels are no square image: shift " << options.shift << ", degrees "
          << options.degrees << ", noise " << options.noise << ", " << epochs << " epochs";
  }
}

TEST(LearningCurve, RefusesWhatDoesNotFitInsteadOfCallingItDiverged) {
  points(3);
  expect_refusals([](const Settings& s, const Samples& train, const Samples& validation,
                     int epochs) { learning_curve(s, train, validation, epochs, Random(1)); });
}

// ---- best_epoch ----

TEST(BestEpoch, HasTheLowestValidationLoss) {
  points(4);
  LearningCurve curve;
  for (Scalar loss : {2.0, 1.0, 0.75, 0.5, 0.5, 0.9}) {
    curve.validation.push_back({.loss = loss, .accuracy = loss / 2});
    curve.train.push_back({.loss = 1 / loss, .accuracy = 1 - loss / 2});
  }
  EXPECT_EQ(best_epoch(curve), 4) << "counted from 1, the first of two that are equal";
  curve.validation[0].loss = 0;
  EXPECT_EQ(best_epoch(curve), 1);
  curve.validation[5].loss = -1;
  EXPECT_EQ(best_epoch(curve), 6);
  for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
    curve.validation[2].loss = bad;
    EXPECT_TRUE(refuses([&] { best_epoch(curve); })) << bad;
  }
  EXPECT_TRUE(refuses([] { best_epoch({}); })) << "no epoch";
  const auto best_of_losses = [](const std::vector<Scalar>& losses) {
    LearningCurve c;
    c.diverged = losses.size() % 2 == 0;
    for (Scalar loss : losses) {
      c.train.push_back({.loss = -loss, .accuracy = 0.5});
      c.validation.push_back({.loss = loss, .accuracy = 0.5});
    }
    return best_epoch(c);
  };
  EXPECT_EQ(best_of_losses({1e300}), 1);
  EXPECT_EQ(best_of_losses({1e300, 1e299, 1.5e299}), 2) << "losses of any size";
  EXPECT_EQ(best_of_losses({3e-300, 2e-300, 1e-300, 2e-300}), 3) << "losses of any size";
  EXPECT_EQ(best_of_losses({0.5, std::nextafter(Scalar(0.5), Scalar(0)), 0.5}), 2)
      << "by the last bit";
  EXPECT_EQ(best_of_losses({-1, -3, -2}), 2);
  EXPECT_EQ(best_of_losses({2, 2, 2, 2}), 1) << "of equal ones the first";
  EXPECT_EQ(best_of_losses({0, -0.0}), 1) << "0 and -0 are equal";
  // Of equal ones the first, whatever else is known of another.
  for (int place : {0, 1, 2})
    for (const Evaluation& other : {Evaluation{1, 0.9}, {3, 0.9}, {1, 0.1}, {3, 0.1}, {2, 0.5}})
      for (Scalar accuracy : {0.1, 0.5, 0.9}) {
        LearningCurve equal;
        equal.train.assign(3, {.loss = 2, .accuracy = 0.5});
        equal.validation.assign(3, {.loss = 4, .accuracy = 0.5});
        equal.train[place] = other, equal.validation[place].accuracy = accuracy;
        EXPECT_EQ(best_epoch(equal), 1) << "of equal ones the first; another at place " << place;
      }
  for (int size : {40, 1500})
    for (int best : {0, size / 2, size - 1}) {
      std::vector<Scalar> losses(size, 7);
      losses[best] = 6;
      EXPECT_EQ(best_of_losses(losses), best + 1) << "of " << size;
      losses[best] = kNaN;
      EXPECT_TRUE(refuses([&] { best_of_losses(losses); })) << "NaN among " << size;
    }
  for (int place : {0, 1, 2})
    for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
      std::vector<Scalar> losses = {3, 2, 1};
      losses[place] = bad;
      EXPECT_TRUE(refuses([&] { best_of_losses(losses); })) << bad << " at place " << place;
    }
}

// ---- search ----

Trial tried_by_parts(const Settings& settings, int epochs, const Random& random,
                     const Samples& train = kTrain, const Samples& validation = kValidation) {
  Training t = training_init(settings, random);
  for (int epoch = 0; epoch < epochs; ++epoch) train_epoch(t, train);
  return {.settings = settings,
          .train = evaluate(t.deep, train),
          .validation = evaluate(t.deep, validation)};
}

// The settings, the samples and the generator stay what they are.
std::vector<Trial> searched(const std::vector<Settings>& settings, int epochs,
                            const Random& random) {
  const std::vector<Settings> settings_before = settings;
  const Samples train = kTrain, validation = kValidation;
  const Random random_before = random;
  const std::vector<Trial> trials = search(settings, train, validation, epochs, random);
  for (std::size_t i = 0; i < settings_before.size(); ++i)
    EXPECT_EQ(difference(settings[i], settings_before[i]), "") << "of the settings was changed";
  EXPECT_TRUE(same_samples(train, kTrain)) << "training samples were changed";
  EXPECT_TRUE(same_samples(validation, kValidation)) << "validation samples were changed";
  EXPECT_TRUE(goes_on_as(random, random_before)) << "the caller's generator was changed";
  return trials;
}

TEST(Search, TrainsEachOfTheSettingsFromTheSameGenerator) {
  points(11);
  std::vector<Settings> settings = some_settings();
  settings.push_back(settings[1]);  // once more: with the same generator the same trial
  for (int epochs : {0, 1, 4}) {
    Random random = test_random(130);
    random.normal();  // a Gauss waits in the generator
    const std::vector<Trial> trials = searched(settings, epochs, random);
    ASSERT_EQ(trials.size(), settings.size());
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const Trial expected = tried_by_parts(settings[i], epochs, random);
      EXPECT_EQ(difference(trials[i].settings, settings[i]), "") << "the settings of trial " << i;
      EXPECT_FALSE(trials[i].failed) << "trial " << i;
      EXPECT_TRUE(same(trials[i].validation, expected.validation))
          << "validation of trial " << i << " after " << epochs << " epochs";
      EXPECT_TRUE(same(trials[i].train, expected.train))
          << "training of trial " << i << " after " << epochs << " epochs";
    }
  }
  EXPECT_TRUE(search({}, kTrain, kValidation, 3, Random(1)).empty()) << "nothing to try";
  // Settings far from what they are by default; many of them; more samples than are evaluated at a time.
  const auto expect_all = [](const std::vector<Settings>& tried, const Samples& train,
                             const Samples& validation, int epochs) {
    const std::vector<Trial> all = search(tried, train, validation, epochs, test_random(139));
    ASSERT_EQ(all.size(), tried.size());
    for (std::size_t i = 0; i < tried.size(); ++i) {
      const Trial expected = tried_by_parts(tried[i], epochs, test_random(139), train, validation);
      const std::string which = std::to_string(i) + " of " + std::to_string(tried.size());
      EXPECT_EQ(difference(all[i].settings, tried[i]), "") << "the settings of trial " << which;
      EXPECT_TRUE(same(all[i].validation, expected.validation)) << "validation of trial " << which;
      EXPECT_TRUE(same(all[i].train, expected.train)) << "training of trial " << which;
    }
  };
  expect_all(unusual_settings(), clouds(137, 60), kValidation, 2);
  expect_all({{.units = {9, 3}}}, clouds(137, 1203), clouds(138, 2304), 1);
  expect_all({kPoints}, many_points(123, 10007), many_points(124, 10009), 1);
  std::vector<Settings> quick(67, Settings{.units = {9, 3}});
  for (std::size_t i = 0; i < quick.size(); ++i) quick[i].learning_rate /= Scalar(1 + i % 13);
  expect_all(quick, kTrain, kValidation, 1);
  const Samples train = ten_clouds(131, 60), validation = ten_clouds(132, 1020);
  const Settings tens{.units = {12, 8, 10}, .learning_rate = 0.2, .batch_size = 20};
  const LearningCurve expected = curve_by_parts(tens, train, validation, 25, test_random(133));
  const std::vector<Trial> trials = search({tens}, train, validation, 25, test_random(133));
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_TRUE(same(trials[0].train, expected.train.back())) << "ten classes, 25 epochs";
  EXPECT_TRUE(same(trials[0].validation, expected.validation.back())) << "ten classes, 25 epochs";
  const Samples easy = far_clouds(134, 20), right = far_clouds(135, 10);
  const Settings line{.units = {9, 3}, .learning_rate = 0.1, .batch_size = 7};
  const LearningCurve longer = curve_by_parts(line, easy, right, 210, test_random(136));
  const std::vector<Trial> lines = search({line, line}, easy, right, 210, test_random(136));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(same(lines[1].train, longer.train.back())) << "210 epochs";
  EXPECT_TRUE(same(lines[1].validation, longer.validation.back())) << "210 epochs";
}

TEST(Search, GoesOnWhereATrainingDiverges) {
  points(5);
  std::vector<Settings> settings = some_settings();
  settings.insert(settings.begin() + 1, diverging());
  settings.push_back(diverging());
  settings.back().batch_size = 100;  // the only step leaves weights that cannot be evaluated
  const Random random = test_random(140);
  std::vector<Trial> trials;
  ASSERT_TRUE(accepts([&] { trials = search(settings, kTrain, kValidation, 1, random); }));
  ASSERT_EQ(trials.size(), settings.size());
  for (std::size_t i = 0; i < settings.size(); ++i) {
    EXPECT_EQ(trials[i].failed, i == 1 || i == settings.size() - 1) << "trial " << i;
    EXPECT_EQ(difference(trials[i].settings, settings[i]), "") << "trial " << i;
    if (trials[i].failed) {
      for (const Evaluation& e : {trials[i].train, trials[i].validation}) {
        EXPECT_EQ(e.accuracy, 0) << "trial " << i;
        EXPECT_EQ(e.loss, kInfinity) << "trial " << i;
      }
    } else {
      const Trial expected = tried_by_parts(settings[i], 1, random);
      EXPECT_TRUE(same(trials[i].validation, expected.validation)) << "trial " << i;
      EXPECT_TRUE(same(trials[i].train, expected.train)) << "trial " << i;
    }
  }
  // After some sound epochs, each of which makes the weights about -1e20 times as large.
  const Settings slowly{.units = {9, 3}, .l2 = 1, .learning_rate = 1e20, .batch_size = 100};
  ASSERT_TRUE(accepts([&] {
    trials = search({slowly, settings[0], slowly}, kTrain, kValidation, 30, random);
  }));
  ASSERT_EQ(trials.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(trials[i].failed, i != 1) << "trial " << i << " of 30 epochs";
    EXPECT_EQ(trials[i].train.loss == kInfinity && trials[i].validation.loss == kInfinity &&
                  trials[i].train.accuracy == 0 && trials[i].validation.accuracy == 0,
              i != 1)
        << "trial " << i << " of 30 epochs: what it knew before is forgotten";
  }
  // A loss of 1e60 is finite.
  trials = search({slowly}, kTrain, kValidation, 2, random);
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_FALSE(trials[0].failed) << "a large loss is no divergence";
  const Evaluation large = tried_by_parts(slowly, 2, random).validation;
  EXPECT_TRUE(large.loss > 1e30 && same(trials[0].validation, large)) << "a large loss is a loss";
  trials = search({kEnormous}, kTrain, kOneImage, 2, random);
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_TRUE(!trials[0].failed && trials[0].validation.loss > 1e240) << "one of 1e250 neither";
  // One that reads nothing has not failed.
  Samples wrong = far_clouds(141, 8);
  for (int& label : wrong.labels) label = (label + 1) % 3;
  const Settings line{.units = {9, 3}, .learning_rate = 0.1, .batch_size = 7};
  trials = search({line}, far_clouds(142, 20), wrong, 20, random);
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_TRUE(!trials[0].failed && trials[0].validation.accuracy == 0 &&
              std::isfinite(trials[0].validation.loss))
      << "of the validation samples it reads none, which is no failure";
  // All of them; and one that cannot be judged on the validation samples.
  const Samples glaring{Matrix(2, 9, 1.7e308), {0, 1}};
  const Settings wide{.units = {9, 60, 3}, .learning_rate = 0.1, .batch_size = 100};
  for (int epochs : {1, 7})
    for (const Settings& hopeless : {diverging(), wide}) {
      trials = search({hopeless, hopeless}, kTrain, glaring, epochs, random);
      ASSERT_EQ(trials.size(), 2u);
      for (const Trial& t : {trials[0], trials[1]})
        EXPECT_TRUE(t.failed && t.train.accuracy == 0 && t.validation.accuracy == 0 &&
                    t.train.loss == kInfinity && t.validation.loss == kInfinity)
            << "no finite loss on the validation samples after " << epochs << " epochs";
    }
  for (const auto& [what, rate, train, validation] : one_loss_not_finite()) {
    const bool diverged = curve_by_parts(from_zeros(rate), train, validation, 1, random).diverged;
    trials = search({from_zeros(rate)}, train, validation, 1, random);
    ASSERT_EQ(trials.size(), 1u);
    EXPECT_EQ(trials[0].failed, diverged) << what;
    for (const Evaluation& e : {trials[0].train, trials[0].validation})
      EXPECT_TRUE(!diverged || (e.accuracy == 0 && e.loss == kInfinity)) << what;
  }
}

TEST(Search, IsTheSameOnAnyNumberOfThreads) {
  points(3);
  std::vector<Settings> settings;
  for (int i = 0; i < 8; ++i)
    for (const Settings& s : some_settings()) settings.push_back(s);
  settings.push_back(settings[0]);  // no number of threads divides 41
  for (std::size_t i = 0; i < settings.size(); ++i)
    settings[i].learning_rate /= static_cast<Scalar>(1 + i);
  std::vector<Trial> expected;
  for (const Settings& s : settings) expected.push_back(tried_by_parts(s, 3, Random(5)));
#ifdef _OPENMP
  const int before = omp_get_max_threads();
#endif
  std::vector<Trial> first;
  for (int threads : {1, 2, 4, 7}) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
    const std::vector<Trial> trials = searched(settings, 3, Random(5));
    ASSERT_EQ(trials.size(), settings.size()) << threads << " threads";
    if (threads == 1) first = trials;
    for (std::size_t i = 0; i < settings.size(); ++i) {
      EXPECT_EQ(difference(trials[i].settings, settings[i]), "") << threads << " threads";
      EXPECT_TRUE(same(trials[i].validation, expected[i].validation)) << threads << " threads";
      EXPECT_TRUE(same(trials[i].train, expected[i].train)) << threads << " threads";
      EXPECT_EQ(trials[i].validation.loss, first[i].validation.loss)
          << "trial " << i << " on " << threads << " threads, to the last bit";
    }
  }
  // Judging takes longer than training here: what threads share, several of them write at once.
  const Samples few = clouds(143, 5), lots = clouds(144, 2500);
  std::vector<Settings> judged;
  for (int i = 0; i < 48; ++i) judged.push_back({.units = {9, 1 + i % 4, 3}});
  expected.clear();
  for (int i = 0; i < 4; ++i)
    expected.push_back(tried_by_parts(judged[i], 1, Random(5), few, lots));
  const auto expect_judged = [&](const std::vector<Trial>& trials, std::size_t count,
                                 const std::string& where) {
    ASSERT_EQ(trials.size(), count) << where;
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_TRUE(difference(trials[i].settings, judged[i]).empty() && !trials[i].failed &&
                  same(trials[i].validation, expected[i % 4].validation) &&
                  same(trials[i].train, expected[i % 4].train))
          << "trial " << i << where;
  };
#ifdef _OPENMP
  omp_set_num_threads(8);
  const int levels = omp_get_max_active_levels();
  omp_set_max_active_levels(1);
#endif
  expect_judged(search(judged, few, lots, 1, Random(5)), 48, ", on 8 threads");
  // From one of two threads, where there is no other for the search.
  judged.resize(9);
  std::vector<Trial> inside;
  ::testing::AssertionResult returned = ::testing::AssertionFailure();
#pragma omp parallel num_threads(2)
#pragma omp single
  returned = accepts([&] { inside = search(judged, few, lots, 1, Random(5)); });
  EXPECT_TRUE(returned) << "called by one of two threads";
  expect_judged(inside, 9, ", called by one of two threads");
#ifdef _OPENMP
  omp_set_max_active_levels(levels);
  omp_set_num_threads(before);
#endif
}

TEST(Search, RefusesWhatDoesNotFitInsteadOfCallingItFailed) {
  points(3);
  for (int place : {0, 1, 2})
    expect_refusals(
        [=](const Settings& s, const Samples& train, const Samples& validation, int epochs) {
          std::vector<Settings> settings(3, some_settings()[0]);
          settings[place] = s;
          if (s.units.front() == 8 && train.x.cols() == 8) settings = {s};
          search(settings, train, validation, epochs, Random(1));
        });
}

// ---- best_of ----

Trial trial(Scalar accuracy, Scalar loss, bool failed = false) {
  // In training all the other way round.
  return {.settings = {},
          .failed = failed,
          .train = {.loss = 10 - loss, .accuracy = 1 - accuracy},
          .validation = {.loss = loss, .accuracy = accuracy}};
}

TEST(BestOf, HasTheHighestValidationAccuracy) {
  points(5);
  EXPECT_EQ(best_of({trial(0.5, 1), trial(0.9, 3), trial(0.8, 0.5), trial(0.1, 4)}), 1);
  EXPECT_EQ(best_of({trial(0, 5)}), 0) << "0 right is right enough, where there is nothing else";
  EXPECT_EQ(best_of({trial(0.5, 1), trial(0.9, 3), trial(0.9, 2), trial(0.9, 2)}), 2)
      << "of the equally accurate the lowest loss, of those the first";
  EXPECT_EQ(best_of({trial(0.9, 2), trial(0.9, 3)}), 0);
  std::vector<Trial> many;
  for (int i = 0; i < 1000; ++i) many.push_back(trial(Scalar(i * 367 % 1000) / 1000, 1));
  EXPECT_EQ(best_of(many), 297) << "297 · 367 = 108 999: an accuracy of 0.999";
  EXPECT_EQ(best_of({trial(0, 1e300), trial(0, 1e299), trial(0, 1.5e299)}), 1) << "of any loss";
  EXPECT_EQ(best_of({trial(1e-300, 3), trial(2e-300, 4), trial(0, 1)}), 1) << "tiny accuracies";
  const Scalar below_one = std::nextafter(Scalar(1), Scalar(0));
  EXPECT_EQ(best_of({trial(below_one, 1), trial(1, 5), trial(below_one, 0)}), 1)
      << "by the last bit";
  EXPECT_EQ(best_of({trial(1, 1), trial(1, below_one), trial(1, 1)}), 1) << "by the last bit";
  EXPECT_EQ(best_of({trial(0.5, -1), trial(0.5, -3), trial(0.5, -2)}), 1) << "losses below 0";
  // Of equal ones the first, whatever the training samples and the settings say.
  for (const Trial& other :
       {Trial{.train = {.loss = 1, .accuracy = 0.1}},
        Trial{.train = {.loss = 8.5, .accuracy = 0.5}}, Trial{.settings = kBase},
        Trial{.settings = {.units = {9, 3}, .batch_size = 500}},
        Trial{.settings = {.learning_rate = 1e-6}}, Trial{.settings = {.learning_rate = 50}},
        Trial{.settings = {.dropout = 0.5, .l2 = 1, .l1 = 1, .optimizer = Optimizer::adam}}})
    for (int place : {0, 1, 2}) {
      std::vector<Trial> equal(3, trial(0.9, 2));
      equal[place].settings = other.settings;
      if (other.train.loss > 0) equal[place].train = other.train;
      EXPECT_EQ(best_of(equal), 0) << "of equal ones the first; other at place " << place;
    }
  for (int best : {0, 15, 29}) {
    std::vector<Trial> trials(30, trial(0.25, 2));
    trials[best] = trial(0.75, 3);
    EXPECT_EQ(best_of(trials), best) << "of 30";
  }
}

TEST(BestOf, NeverChoosesOneThatHasFailed) {
  points(3);
  const Trial failed = trial(0.99, 0.1, true);
  EXPECT_EQ(best_of({failed, trial(0.2, 5), failed, trial(0.3, 4), failed}), 3);
  EXPECT_EQ(best_of({failed, trial(0, 9)}), 1);
  for (Scalar any : {kNaN, kInfinity, -kInfinity, Scalar(-3), Scalar(1e300)})
    for (const Trial& held : {trial(any, 0.1, true), trial(0.9, any, true), trial(any, any, true)})
      for (int place : {0, 1, 2}) {
        std::vector<Trial> trials = {trial(0.2, 5), trial(0.3, 5)};
        trials.insert(trials.begin() + place, held);
        EXPECT_EQ(best_of(trials), place < 2 ? 2 : 1)
            << "whatever the failed one at place " << place << " holds: " << any;
      }
}

TEST(BestOf, RefusesWhereThereIsNone) {
  points(2);
  EXPECT_TRUE(refuses([] { best_of({}); }));
  EXPECT_TRUE(refuses([] { best_of({trial(0.9, 1, true), trial(0.8, 1, true)}); })) << "all failed";
  EXPECT_TRUE(refuses([] { best_of(std::vector<Trial>(40, trial(0.9, 1, true))); }))
      << "all failed";
  for (int count : {3, 40})
    for (int place : {0, count / 2, count - 1})
      for (const auto& [accuracy, loss] :
           std::vector<std::pair<Scalar, Scalar>>{{kNaN, 1},
                                                  {kInfinity, 1},
                                                  {-kInfinity, 1},
                                                  {0.5, kNaN},
                                                  {0.5, kInfinity},
                                                  {0.5, -kInfinity}}) {
        std::vector<Trial> trials(count, trial(0.5, 1));
        trials[(place + 1) % count] = trial(0.9, 0.1);  // a better one beside it
        trials[place] = trial(accuracy, loss);
        EXPECT_TRUE(refuses([&] { best_of(trials); }))
            << "accuracy " << accuracy << ", loss " << loss << " in trial " << place << " of "
            << count;
      }
  EXPECT_TRUE(accepts([] { best_of({trial(1, 0)}); }));
}

}  // namespace
}  // namespace gradus::testing
