// Chapter 09: what the figures claim, in float as the demonstration trains.
#include <cmath>
#include <map>
#include <utility>

#include "chapters/09_regularization/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Data& data() {
  static const Data loaded = load_data();
  return loaded;
}

// Each training is done once, whichever tests ask for it.
const Trial& trained(const Remedy& remedy, std::uint32_t seed) {
  static std::map<std::pair<std::string, std::uint32_t>, Trial> done;
  const auto key = std::pair{remedy.name, seed};
  if (!done.contains(key)) done[key] = train(remedy, data(), seed);
  return done[key];
}

double gap(const Trial& trial) { return trial.train.accuracy - trial.test.accuracy; }

// The mean of value(with the remedy) - value(with nothing), pair by pair.
template <typename Value>
double gain(const Remedy& remedy, int seeds, Value value) {
  double sum = 0;
  for (std::uint32_t seed = 0; seed < static_cast<std::uint32_t>(seeds); ++seed)
    sum += (value(trained(remedy, seed)) - value(trained(nothing, seed))) / seeds;
  return sum;
}
double test_of(const Trial& trial) { return trial.test.accuracy; }
double loss_of(const Trial& trial) { return trial.test.loss; }

// ---- lines ----

TEST(RegularizationClaims, RidgeTurnsAnscombesLineAboutTheMeanPoint) {
  const Line line = anscombe();
  for (double alpha : {0.0, 0.4, 2.0, 110.0, 1000.0}) {
    const LinearModel model = ridge(line.x, line.t, static_cast<Scalar>(alpha));
    EXPECT_NEAR(model.w(0, 0) * (110 + alpha), 55.01, 0.01) << "alpha " << alpha;
    EXPECT_NEAR(9 * model.w(0, 0) + model.b, 7.5009, 1e-4) << "alpha " << alpha;
  }
}

// Both inputs count alike in t; the second varies ten times less.
TEST(RegularizationClaims, RidgeShrinksMostWhatVariesLeast) {
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    Random random(seed);
    Matrix x = random.normal_matrix(0, 1, 200, 2), t(200, 1);
    for (int n = 0; n < 200; ++n) {
      x(n, 1) /= 10;
      t(n, 0) = x(n, 0) + x(n, 1);
    }
    const Matrix w = ridge(x, t, 20).w;
    EXPECT_GT(w(0, 0), 0.85) << "seed " << seed;
    EXPECT_LT(w(1, 0), 0.2) << "seed " << seed;
  }
}

// ---- penalties and dropout ----

TEST(RegularizationClaims, UnderL1AGradientThrowsToAndFroWhereShrinkingArrives) {
  Matrix shrunk = {{0.012f}}, pulled = shrunk;
  for (int step = 0; step < 20; ++step) {
    const Scalar before = pulled(0, 0);
    l1_shrink(shrunk, 0.005f);
    sgd_step(pulled, l1_penalty_gradient(pulled, 1), 0.005f);
    if (step >= 2) {
      EXPECT_EQ(shrunk(0, 0), 0) << "step " << step;
      EXPECT_LT(pulled(0, 0) * before, 0) << "step " << step;
    }
  }
}

// What 002 leaves out: without a scale, a layer gets 1 / (1 - rate) times as much at test time.
TEST(RegularizationClaims, WithoutScalingAllUnitsAreTooManyAtTestTime) {
  for (std::uint32_t seed : {0u, 1u, 2u})
    for (Scalar rate : {0.2f, 0.5f, 0.7f}) {
      Random random(seed);
      const Matrix x(100, 1000, 1), d = dropout_forward(x, rate, random).y;
      double scaled = 0, plain = 0;
      for (Scalar v : d.flat()) scaled += v / 1e5, plain += v > 0 ? 1e-5 : 0;
      EXPECT_NEAR(1 / plain, 1 / (1 - rate), 0.05) << "the original kind: too large by this";
      EXPECT_NEAR(plain / (1 - rate), 1, 0.02) << "what 1 - rate at test time would set right";
      EXPECT_NEAR(scaled, 1, 0.02) << "the inverted kind has nothing to set right";
    }
}

TEST(RegularizationClaims, BiasesGoFree) {
  const Remedy crushing{.name = "crushing", .l2 = 50};
  const Trial trial = train(crushing, data(), 0, 60);
  EXPECT_LT(length(trial.deep.net), 1e-3) << "no weight is left";
  EXPECT_GT(std::abs(trial.deep.net.b[6](0, 0)), 1e-3) << "the last bias learns on";
}

// ---- seven layers, 300 digits ----

TEST(RegularizationClaims, SevenLayersLearn300DigitsByHeart) {
  double mean = 0;
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const Trial& trial = trained(nothing, seed);
    EXPECT_GE(trial.train.accuracy, 0.995) << "seed " << seed;
    EXPECT_GE(gap(trial), 0.18) << "seed " << seed;
    mean += gap(trial) / 3;
  }
  EXPECT_GE(mean, 0.20);
}

TEST(RegularizationClaims, GentleL2AndDropoutNarrowTheGapALittleAtNoCost) {
  for (const Remedy& remedy : {weak_l2, weak_dropout}) {
    EXPECT_LT(gain(remedy, 3, gap), -0.005) << remedy.name;
    EXPECT_LT(gain(remedy, 3, loss_of), -0.01) << remedy.name;
    EXPECT_GT(gain(remedy, 3, test_of), -0.02) << remedy.name;
  }
}

TEST(RegularizationClaims, StrongL2AndDropoutNarrowItMoreAndReadWorse) {
  for (const Remedy& remedy : {strong_l2, strong_dropout}) {
    EXPECT_LT(gain(remedy, 2, gap), -0.03) << remedy.name;
    EXPECT_LT(gain(remedy, 2, test_of), -0.03) << remedy.name;
    EXPECT_GT(gain(remedy, 2, loss_of), 0.1) << remedy.name;
  }
}

TEST(RegularizationClaims, AugmentationHalvesTheGapAndReadsBetter) {
  EXPECT_LT(gain(augmentation, 3, gap), -0.10);
  EXPECT_GT(gain(augmentation, 3, test_of), 0.015);
  EXPECT_LT(gain(augmentation, 3, loss_of), -0.10);
}

TEST(RegularizationClaims, TestLossRisesWhileTestAccuracyRests) {
  const Trial trial = train(nothing, data(), 0, 600, 50);
  double lowest = 10, accuracy_then = 0;
  for (const Score& s : trial.tests)
    if (s.loss < lowest) lowest = s.loss, accuracy_then = s.accuracy;
  EXPECT_GT(trial.test.loss, 1.15 * lowest);
  EXPECT_NEAR(trial.test.accuracy, accuracy_then, 0.03);
}

TEST(RegularizationClaims, EarlyStoppingNarrowsTheGapInLossForTheSameImages) {
  const auto loss_gap = [](const Trial& trial) { return trial.test.loss - trial.train.loss; };
  for (std::uint32_t seed : {0u, 1u, 2u})
    EXPECT_LT(loss_gap(trained(early_stopping, seed)), loss_gap(trained(fewer_images, seed)) - 0.03)
        << "seed " << seed;
}

TEST(RegularizationClaims, EarlyStoppingSavesHalfTheEpochsAndDoesNotNarrowTheGapInAccuracy) {
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const Trial& trial = trained(early_stopping, seed);
    EXPECT_LT(trial.epochs, 140) << "seed " << seed;
    EXPECT_GT(trial.train.accuracy, 0.95) << "when the loss is best, the digits are known by heart";
  }
  EXPECT_GT(gain(early_stopping, 3, gap), -0.01);
  EXPECT_LT(gain(early_stopping, 3, test_of), 0) << "a fifth of the images is given up";
  EXPECT_LT(gain(fewer_images, 3, test_of), 0) << "and that costs, stopped or not";
}

TEST(RegularizationClaims, L1LeavesExactZerosAndL2DoesNot) {
  for (std::uint32_t seed : {0u, 1u}) {
    const double zeros = zero_share(trained(l1, seed).deep.net);
    EXPECT_GT(zeros, 0.25) << "seed " << seed;
    EXPECT_LT(zeros, 0.36) << "seed " << seed;
    for (const Remedy& other : {nothing, weak_l2, strong_l2, weak_dropout})
      EXPECT_LT(zero_share(trained(other, seed).deep.net), 1e-4) << other.name;
  }
  EXPECT_LT(zero_share(trained(l1_by_gradient, 0).deep.net), 1e-3) << "its gradient leaves none";
  EXPECT_NEAR(trained(l1_by_gradient, 0).test.accuracy, trained(l1, 0).test.accuracy, 0.02);
}

TEST(RegularizationClaims, WhatBatchNormReadsDependsOnTheLearningRate) {
  for (std::uint32_t seed : {0u, 1u}) {
    const auto at = [&](double rate) { return trained(at_rate(batch_normalization, rate), seed); };
    const double slow = at(0.01).test.accuracy, middle = at(0.1).test.accuracy;
    const Trial& fast = trained(at_rate(batch_normalization, 0.5), seed);
    EXPECT_GT(middle, slow + 0.08) << "seed " << seed;
    EXPECT_GT(fast.test.accuracy, middle + 0.06) << "seed " << seed;
    EXPECT_GE(fast.train.accuracy, 0.995) << "seed " << seed;

    for (double rate : {0.5, 1.0}) {
      const Trial& without = trained(at_rate(nothing, rate), seed);
      EXPECT_TRUE(without.exploded || without.train.accuracy < 0.95) << rate << ", seed " << seed;
    }
    const Trial& best = trained(at_rate(nothing, 0.1), seed);
    EXPECT_NEAR(fast.test.accuracy, best.test.accuracy, 0.03) << "no remedy, and no harm";
    EXPECT_NEAR(gap(fast), gap(best), 0.03) << "seed " << seed;
  }
}

// ---- what the notes say otherwise: docs/errata.md ----

TEST(Errata, OverfittingNeedsNoLargeWeights) {
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const Trial& trial = trained(nothing, seed);
    EXPECT_LT(length(trial.deep.net) / length(trial.start.net), 1.02) << "seed " << seed;
    EXPECT_GE(gap(trial), 0.18) << "seed " << seed;
  }
}

TEST(Errata, BatchNormalizationDoesNotPreventOverfitting) {
  for (std::uint32_t seed : {0u, 1u}) {
    const Trial& trial = trained(batch_normalization, seed);
    EXPECT_GE(trial.train.accuracy, 0.995) << "seed " << seed;
    EXPECT_GT(gap(trial), 1.5 * gap(trained(nothing, seed))) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gradus::testing
