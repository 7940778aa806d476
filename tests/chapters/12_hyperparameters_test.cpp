// Chapter 12: what drawing, counting and trying settings must do.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "chapters/12_hyperparameters/hyperparameters.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

constexpr Scalar kNaN = std::numeric_limits<Scalar>::quiet_NaN();
constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();

bool same_state(Random a, Random b) { return a.normal() == b.normal() && a.normal() == b.normal(); }

// "" or what differs. Numbers that were drawn may differ by rounding.
std::string difference(const Settings& got, const Settings& expected) {
  const auto close = [](Scalar a, Scalar b) { return std::abs(a - b) <= 1e-14 * std::abs(b); };
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
  points(4);
  const std::pair<Scalar, Scalar> intervals[] = {{1e-4, 1}, {0.5, 8}, {3, 3e5}, {1e-300, 1e300}};
  for (int salt = 0; salt < 20; ++salt)
    for (const auto& [low, high] : intervals) {
      Random random = test_random(salt), same = test_random(salt);
      const Scalar expected = std::exp(same.uniform(std::log(low), std::log(high)));
      EXPECT_NEAR(log_uniform(low, high, random) / expected, 1, 1e-12) << low << " … " << high;
      EXPECT_TRUE(same_state(random, same)) << "one random.uniform() is drawn";
    }
}

TEST(LogUniform, FindsEveryDecadeAsOften) {
  points(3);
  Random random = test_random(10);
  int counts[4] = {};
  for (int draw = 0; draw < 4000; ++draw) {
    const double decade = std::floor(std::log10(log_uniform(1e-4, 1, random)));
    ++counts[static_cast<int>(std::clamp(decade + 4, 0.0, 3.0))];
  }
  // Six standard deviations of a count.
  for (int count : counts) EXPECT_NEAR(count, 1000, 165) << "of 4000 draws, in one of four decades";
}

// The logarithm of 0.1 is rounded, and so is what comes back from it.
TEST(LogUniform, DoesNotLeaveItsIntervalByRounding) {
  points(3);
  Random random = test_random(20);
  for (int k = 1; k <= 300; ++k) {
    const Scalar low = Scalar(0.1) * k, high = std::nextafter(low, kInfinity);
    const Scalar drawn = log_uniform(low, high, random);
    ASSERT_GE(drawn, low);
    ASSERT_LE(drawn, high);
  }
}

TEST(LogUniform, RefusesWhatHasNoLogarithmAndDrawsNothingThen) {
  points(4);
  const std::pair<Scalar, Scalar> bad[] = {{0, 1},         {-1, 1},   {2, 1},
                                           {1, kInfinity}, {kNaN, 1}, {1, kNaN},
                                           {0, 0},         {-2, -1},  {kInfinity, kInfinity}};
  Random random = test_random(30);
  for (const auto& [low, high] : bad)
    EXPECT_TRUE(refuses([&, l = low, h = high] { log_uniform(l, h, random); }))
        << low << " " << high;
  EXPECT_EQ(log_uniform(0.3, 0.3, random), 0.3) << "there is only this number";
  EXPECT_TRUE(same_state(random, test_random(30))) << "nothing is drawn";
}

// ---- draw_settings ----

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
    const Settings drawn = draw_settings(kRanges, kBase, random);
    EXPECT_EQ(difference(drawn, expected), "") << "differs, with salt " << salt;
    EXPECT_TRUE(same_state(random, same)) << "as many numbers are drawn";
  }
}

TEST(DrawSettings, LeavesWhatHasNoRange) {
  points(4);
  Random random = test_random(70);
  EXPECT_EQ(difference(draw_settings({}, kBase, random), kBase), "") << "changed without a range";
  EXPECT_TRUE(same_state(random, test_random(70))) << "and nothing is drawn";

  Ranges one_point{.learning_rate = {0.3, 0.3}, .l2 = {1e-3, 1e-3}, .dropout = {0.4, 0.4}};
  Settings expected = kBase;
  expected.learning_rate = 0.3, expected.l2 = 1e-3, expected.dropout = 0.4;
  EXPECT_EQ(difference(draw_settings(one_point, kBase, random), expected), "");
  EXPECT_TRUE(same_state(random, test_random(70))) << "where low = high there is nothing to draw";

  // One range alone.
  for (int which = 0; which < 6; ++which) {
    Ranges ranges;
    Random drawing = test_random(71), same = test_random(71);
    expected = kBase;
    if (which == 0)
      ranges.learning_rate = {0.2, 0.8}, expected.learning_rate = log_uniform(0.2, 0.8, same);
    if (which == 1) ranges.l2 = {0.2, 0.8}, expected.l2 = log_uniform(0.2, 0.8, same);
    if (which == 2) ranges.dropout = {0, 0.8}, expected.dropout = same.uniform(0, 0.8);
    if (which == 3) ranges.hidden = {{11}}, expected.units = {9, 11, 3};
    if (which == 4) ranges.batch_sizes = {17}, expected.batch_size = 17;
    if (which == 5) ranges.optimizers = {Optimizer::adamw}, expected.optimizer = Optimizer::adamw;
    EXPECT_EQ(difference(draw_settings(ranges, kBase, drawing), expected), "") << "range " << which;
    EXPECT_TRUE(same_state(drawing, same)) << "draws for range " << which;
  }
}

TEST(DrawSettings, ReachesEveryValueOfAList) {
  points(3);
  Random random = test_random(80);
  std::set<std::vector<int>> units;
  std::set<int> batch_sizes;
  std::set<Optimizer> optimizers;
  for (int draw = 0; draw < 300; ++draw) {
    const Settings s = draw_settings(kRanges, kBase, random);
    units.insert(s.units), batch_sizes.insert(s.batch_size), optimizers.insert(s.optimizer);
  }
  EXPECT_EQ(units, (std::set<std::vector<int>>{{9, 3}, {9, 4, 3}, {9, 8, 5, 3}, {9, 2, 2, 2, 3}}));
  EXPECT_EQ(batch_sizes, (std::set<int>{2, 4, 6}));
  EXPECT_EQ(optimizers.size(), 3u);
}

TEST(DrawSettings, RefusesRangesOutsideTheirDomainsBeforeItDraws) {
  points(4);
  Random random = test_random(90);
  const auto refused = [&](const Ranges& ranges) {
    return refuses([&] { draw_settings(ranges, kBase, random); });
  };
  const std::pair<Scalar, Scalar> nowhere[] = {
      {-0.1, 0.1}, {0.3, 0.2}, {kNaN, 0.5}, {0.1, kNaN}, {0.1, kInfinity}};
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
  EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .hidden = {{4}, {5, 0}}})) << "a layer of 0";
  EXPECT_TRUE(refused({.learning_rate = {0.1, 0.2}, .batch_sizes = {4, 0}})) << "batches of 0";
  EXPECT_TRUE(refuses([&] {
    draw_settings({.learning_rate = {0.1, 0.2}}, {.units = {9}}, random);
  })) << "a base without a layer";
  EXPECT_TRUE(same_state(random, test_random(90))) << "drawn before it was refused";
  EXPECT_TRUE(accepts([&] { draw_settings(kRanges, kBase, random); }));
}

// ---- grid ----

TEST(Grid, CountsWithTheLastListFastest) {
  points(6);
  const Choices choices = {.learning_rates = {0.5, 0.1},
                           .l2 = {0, 1e-3},
                           .dropout = {0.3},
                           .hidden = {{4}, {8, 5}},
                           .batch_sizes = {2, 6, 4},
                           .optimizers = {Optimizer::adam, Optimizer::sgd}};
  std::vector<Settings> expected;
  for (Scalar rate : choices.learning_rates)
    for (Scalar l2 : choices.l2)
      for (bool deep : {false, true})
        for (int batch_size : choices.batch_sizes)
          for (Optimizer optimizer : choices.optimizers) {
            Settings s = kBase;
            s.learning_rate = rate, s.l2 = l2, s.dropout = 0.3, s.batch_size = batch_size;
            s.units = deep ? std::vector<int>{9, 8, 5, 3} : std::vector<int>{9, 4, 3};
            s.optimizer = optimizer;
            expected.push_back(s);
          }
  const std::vector<Settings> all = grid(choices, kBase);
  ASSERT_EQ(all.size(), 48u) << "2 · 2 · 1 · 2 · 3 · 2";
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
}

TEST(Grid, HoldsEachOfManyCombinationsOnce) {
  points(2);
  Choices choices;
  for (int i = 1; i <= 30; ++i) {
    choices.learning_rates.push_back(Scalar(i) / 32);
    choices.batch_sizes.push_back(i);
  }
  std::set<std::pair<Scalar, int>> seen;
  for (const Settings& s : grid(choices, kBase)) seen.insert({s.learning_rate, s.batch_size});
  EXPECT_EQ(grid(choices, kBase).size(), 900u);
  EXPECT_EQ(seen.size(), 900u);
}

TEST(Grid, RefusesValuesOutsideTheirDomains) {
  points(3);
  const auto refused = [](const Choices& c) { return refuses([&] { grid(c, kBase); }); };
  for (Scalar bad : {Scalar(-0.1), kNaN, kInfinity}) {
    EXPECT_TRUE(refused({.learning_rates = {0.1, bad}})) << bad;
    EXPECT_TRUE(refused({.l2 = {0.1, bad}})) << bad;
    EXPECT_TRUE(refused({.dropout = {0.1, bad}})) << bad;
  }
  EXPECT_TRUE(refused({.dropout = {1}}));
  EXPECT_TRUE(refused({.hidden = {{3, 0}}}));
  EXPECT_TRUE(refused({.batch_sizes = {1, 0}}));
  EXPECT_TRUE(refuses([] { grid({.dropout = {0.1}}, {.units = {9}}); })) << "no layer";
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

// Of each kind that a training can be: plain; with all that draws numbers; with batch norm.
std::vector<Settings> some_settings() {
  const Settings plain{.units = {9, 5, 3}, .learning_rate = 0.3, .batch_size = 4};
  Settings dropping = plain, normed = plain, l2 = plain;
  dropping.dropout = 0.4, dropping.augmentation.shift = 1, dropping.batch_size = 30;
  normed.batch_norm = true, normed.optimizer = Optimizer::adam, normed.learning_rate = 0.01;
  normed.units = {9, 6, 4, 3}, normed.batch_size = 7;
  l2.l2 = 0.1, l2.units = {9, 3};
  return {plain, dropping, normed, l2};
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

// ---- learning_curve ----

TEST(LearningCurve, LooksAtBothKindsOfSamplesAfterEachEpoch) {
  points(7);
  const Random random = test_random(110);
  for (const Settings& settings : some_settings()) {
    const LearningCurve curve = learning_curve(settings, kTrain, kValidation, 6, random);
    ASSERT_EQ(curve.train.size(), 6u);
    ASSERT_EQ(curve.validation.size(), 6u);
    EXPECT_FALSE(curve.diverged);
    Training t = training_init(settings, random);
    for (int epoch = 0; epoch < 6; ++epoch) {
      train_epoch(t, kTrain);
      EXPECT_TRUE(same(curve.train[epoch], evaluate(t.deep, kTrain)))
          << "after epoch " << epoch + 1;
      EXPECT_TRUE(same(curve.validation[epoch], evaluate(t.deep, kValidation)))
          << "after epoch " << epoch + 1;
    }
  }
  const LearningCurve none = learning_curve(kBase, kTrain, kValidation, 0, random);
  EXPECT_TRUE(none.train.empty() && none.validation.empty() && !none.diverged) << "of 0 epochs";
}

TEST(LearningCurve, EndsBeforeTheEpochThatDiverges) {
  points(5);
  for (int batch_size : {8, 100}) {
    Settings settings = diverging();
    settings.batch_size = batch_size;
    LearningCurve curve;
    ASSERT_TRUE(accepts([&] {
      curve = learning_curve(settings, kTrain, kValidation, 5, test_random(120));
    })) << "diverging is no mistake of the arguments";
    EXPECT_TRUE(curve.diverged);
    EXPECT_TRUE(curve.train.empty() && curve.validation.empty());
  }
  // Later: each step makes the weights about -1e20 times as large.
  const Settings slowly{.units = {9, 3}, .l2 = 1, .learning_rate = 1e20, .batch_size = 100};
  const LearningCurve curve = learning_curve(slowly, kTrain, kValidation, 30, test_random(121));
  EXPECT_TRUE(curve.diverged);
  EXPECT_GT(curve.train.size(), 3u);
  EXPECT_LT(curve.train.size(), 20u);
  EXPECT_EQ(curve.train.size(), curve.validation.size());
  for (const Evaluation& e : curve.validation) EXPECT_TRUE(std::isfinite(e.loss));
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
  EXPECT_TRUE((s.units = {9, 5, 2}, refused(s))) << "2 classes for 3";
  EXPECT_TRUE((s = sound, s.learning_rate = kNaN, refused(s)));
  EXPECT_TRUE((s = sound, s.dropout = 1, refused(s)));
  EXPECT_TRUE((s = sound, s.batch_size = 0, refused(s)));
  EXPECT_TRUE((s = sound, s.batch_norm = true, s.batch_size = 22, refused(s))) << "a batch of one";
  EXPECT_TRUE((s = sound, s.batch_norm = true, s.batch_size = 1, refused(s))) << "batches of one";
  EXPECT_TRUE(refuses([&] { call(sound, kTrain, kValidation, -1); })) << "-1 epochs";
  for (bool in_validation : {false, true}) {
    const auto with = [&](const Samples& samples) {
      return refuses([&] {
        call(sound, in_validation ? kTrain : samples, in_validation ? samples : kValidation, 2);
      });
    };
    const Samples& fits = in_validation ? kValidation : kTrain;
    Samples broken = fits;
    EXPECT_TRUE((broken.x(fits.x.rows() - 1, 8) = kNaN, with(broken))) << "NaN in the last sample";
    EXPECT_TRUE((broken.x(fits.x.rows() - 1, 8) = -kInfinity, with(broken)));
    EXPECT_TRUE((broken = fits, broken.labels.back() = 3, with(broken))) << "label 3 of 0, 1, 2";
    EXPECT_TRUE((broken = fits, broken.labels.back() = -1, with(broken)));
    EXPECT_TRUE((broken = fits, broken.labels.push_back(0), with(broken))) << "a label too many";
    EXPECT_TRUE(with({Matrix(3, 8), {0, 1, 2}})) << "8 inputs for 9";
    EXPECT_TRUE(with({Matrix(0, 9), {}})) << "no samples";
  }
  const Settings turned{.units = {8, 3}, .augmentation = {.shift = 1, .degrees = 0, .noise = 0}};
  const Samples flat{Matrix(4, 8, 0.5), {0, 1, 2, 0}};
  EXPECT_TRUE(refuses([&] { call(turned, flat, flat, 2); })) << "8 pixels are no square image";
}

TEST(LearningCurve, RefusesWhatDoesNotFitInsteadOfCallingItDiverged) {
  points(4);
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
}

// ---- search ----

Trial tried_by_parts(const Settings& settings, int epochs, const Random& random) {
  Training t = training_init(settings, random);
  for (int epoch = 0; epoch < epochs; ++epoch) train_epoch(t, kTrain);
  return {.settings = settings,
          .train = evaluate(t.deep, kTrain),
          .validation = evaluate(t.deep, kValidation)};
}

TEST(Search, TrainsEachOfTheSettingsFromTheSameGenerator) {
  points(10);
  std::vector<Settings> settings = some_settings();
  settings.push_back(settings[1]);  // once more: with the same generator the same trial
  for (int epochs : {0, 1, 4}) {
    Random random = test_random(130);
    random.normal();  // a Gauss waits in the generator
    const std::vector<Trial> trials = search(settings, kTrain, kValidation, epochs, random);
    ASSERT_EQ(trials.size(), settings.size());
    for (std::size_t i = 0; i < trials.size(); ++i) {
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
  ASSERT_EQ(trials.size(), 6u);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    EXPECT_EQ(trials[i].failed, i == 1 || i == 5) << "trial " << i;
    EXPECT_EQ(difference(trials[i].settings, settings[i]), "") << "trial " << i;
    if (trials[i].failed) {
      for (const Evaluation& e : {trials[i].train, trials[i].validation}) {
        EXPECT_EQ(e.accuracy, 0) << "trial " << i;
        EXPECT_EQ(e.loss, kInfinity) << "trial " << i;
      }
    } else {
      const Trial expected = tried_by_parts(settings[i], 1, random);
      EXPECT_TRUE(same(trials[i].validation, expected.validation)) << "trial " << i;
    }
  }
}

TEST(Search, IsTheSameOnAnyNumberOfThreads) {
  points(3);
#ifdef _OPENMP
  std::vector<Settings> settings;
  for (int i = 0; i < 4; ++i)
    for (const Settings& s : some_settings()) settings.push_back(s);
  for (std::size_t i = 0; i < settings.size(); ++i)
    settings[i].learning_rate /= static_cast<Scalar>(1 + i);
  const int before = omp_get_max_threads();
  const std::vector<Trial> serial = search(settings, kTrain, kValidation, 3, Random(5));
  for (int threads : {1, 2, 4, 7}) {
    omp_set_num_threads(threads);
    const std::vector<Trial> trials = search(settings, kTrain, kValidation, 3, Random(5));
    for (std::size_t i = 0; i < trials.size(); ++i) {
      EXPECT_EQ(trials[i].settings.learning_rate, settings[i].learning_rate) << threads;
      EXPECT_EQ(trials[i].validation.loss, serial[i].validation.loss)
          << "trial " << i << " on " << threads << " threads";
      EXPECT_EQ(trials[i].train.accuracy, serial[i].train.accuracy) << "trial " << i;
    }
  }
  omp_set_num_threads(before);
#else
  EXPECT_EQ(search(some_settings(), kTrain, kValidation, 1, Random(5)).size(), 4u);
#endif
}

TEST(Search, RefusesWhatDoesNotFitInsteadOfCallingItFailed) {
  points(4);
  expect_refusals(
      [](const Settings& s, const Samples& train, const Samples& validation, int epochs) {
        search({some_settings()[0], some_settings()[0], s}, train, validation, epochs, Random(1));
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
  EXPECT_EQ(many[best_of(many)].validation.accuracy, Scalar(0.999));
}

TEST(BestOf, NeverChoosesOneThatHasFailed) {
  points(3);
  const Trial failed = trial(0.99, 0.1, true);
  EXPECT_EQ(best_of({failed, trial(0.2, 5), failed, trial(0.3, 4), failed}), 3);
  EXPECT_EQ(best_of({failed, trial(0, 9)}), 1);
  EXPECT_EQ(best_of({trial(kNaN, kNaN, true), trial(0.2, 5)}), 1) << "whatever it holds";
}

TEST(BestOf, RefusesWhereThereIsNone) {
  points(2);
  EXPECT_TRUE(refuses([] { best_of({}); }));
  EXPECT_TRUE(refuses([] { best_of({trial(0.9, 1, true), trial(0.8, 1, true)}); })) << "all failed";
  for (int place : {0, 1, 2}) {
    std::vector<Trial> trials(3, trial(0.5, 1));
    trials[place].validation.accuracy = kNaN;
    EXPECT_TRUE(refuses([&] { best_of(trials); })) << "accuracy NaN in trial " << place;
    trials[place].validation = {.loss = kNaN, .accuracy = 0.5};
    EXPECT_TRUE(refuses([&] { best_of(trials); })) << "loss NaN in trial " << place;
  }
  EXPECT_TRUE(accepts([] { best_of({trial(1, 0)}); }));
}

}  // namespace
}  // namespace gradus::testing
