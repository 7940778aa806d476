// Chapter 09: what the figures claim, in float as the demonstration trains.
#include <cmath>
#include <map>
#include <utility>

#include "chapters/08_normalization/parameters.hpp"
#include "chapters/09_regularization/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace gradus::regularization;

const MnistData& data() {
  static const MnistData loaded = load_mnist(mnist_folder, every_fifth);
  return loaded;
}

// Each run is done once, whichever tests ask for it.
const Run& trained(const Remedy& remedy, std::uint32_t seed) {
  static std::map<std::pair<std::string, std::uint32_t>, Run> done;
  const auto key = std::pair{remedy.name, seed};
  if (!done.contains(key)) done[key] = train(remedy, data(), seed);
  return done[key];
}

// The mean of value(with the remedy) - value(with nothing), pair by pair.
template <typename Value>
double gain(const Remedy& remedy, int seeds, Value value) {
  double sum = 0;
  for (std::uint32_t seed = 0; seed < static_cast<std::uint32_t>(seeds); ++seed)
    sum += (value(trained(remedy, seed)) - value(trained(nothing, seed))) / seeds;
  return sum;
}
double accuracy_of(const Run& run) { return run.test.accuracy; }
double loss_of(const Run& run) { return run.test.loss; }

// ---- lines ----

TEST(RegularizationClaims, RidgeTurnsAnscombesLineAboutTheMeanPoint) {
  for (double alpha : {0.0, 0.4, 2.0, 110.0, 1000.0}) {
    const LinearModel model = anscombe_line(alpha);
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
  const std::vector<Pulled> weights = pull(0.012, 0.005, 20);
  ASSERT_EQ(weights.size(), 21u) << "before the first step and after each of 20";
  for (std::size_t step = 3; step < weights.size(); ++step) {
    EXPECT_EQ(weights[step].by_shrinking, 0) << "step " << step;
    EXPECT_LT(weights[step].by_gradient * weights[step - 1].by_gradient, 0) << "step " << step;
  }
}

// What 002 leaves out: without a scale, a layer gets 1 / (1 - rate) times as much at test time.
TEST(RegularizationClaims, WithoutScalingAllUnitsAreTooManyAtTestTime) {
  for (std::uint32_t seed : {0u, 1u, 2u})
    for (double rate : {0.2, 0.5, 0.7}) {
      Random random(seed);
      const Signal signal = signal_under_dropout(rate, random);
      EXPECT_EQ(signal.test, 1) << "nothing is dropped, nothing is scaled";
      EXPECT_NEAR(signal.test / signal.unscaled, 1 / (1 - rate), 0.05)
          << "the original kind: too large by this";
      EXPECT_NEAR(signal.unscaled / (1 - rate), 1, 0.02)
          << "what 1 - rate at test time would set right";
      EXPECT_NEAR(signal.training, 1, 0.02) << "the inverted kind has nothing to set right";
    }
}

TEST(RegularizationClaims, BiasesGoFree) {
  const Remedy crushing{.name = "crushing", .l2 = 50};
  const auto run = train(crushing, data(), 0, 60);
  EXPECT_LT(length_of_weights(run.end.net), 1e-3) << "no weight is left";
  EXPECT_GT(std::abs(run.end.net.b.back()(0, 0)), 1e-3) << "the last bias learns on";
}

// ---- seven layers, 300 digits ----

TEST(RegularizationClaims, SevenLayersLearn300DigitsByHeart) {
  double mean = 0;
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const auto& run = trained(nothing, seed);
    EXPECT_GE(run.train.accuracy, 0.995) << "seed " << seed;
    EXPECT_GE(gap(run), 18) << "seed " << seed;
    mean += gap(run) / 3;
  }
  EXPECT_GE(mean, 20);
}

TEST(RegularizationClaims, GentleL2AndDropoutNarrowTheGapALittleAtNoCost) {
  for (const Remedy& remedy : {weak_l2, weak_dropout}) {
    EXPECT_LT(gain(remedy, 3, gap), -0.5) << remedy.name;
    EXPECT_LT(gain(remedy, 3, loss_of), -0.01) << remedy.name;
    EXPECT_GT(gain(remedy, 3, accuracy_of), -0.02) << remedy.name;
  }
}

TEST(RegularizationClaims, StrongL2AndDropoutNarrowItMoreAndReadWorse) {
  for (const Remedy& remedy : {strong_l2, strong_dropout}) {
    EXPECT_LT(gain(remedy, 2, gap), -3) << remedy.name;
    EXPECT_LT(gain(remedy, 2, accuracy_of), -0.03) << remedy.name;
    EXPECT_GT(gain(remedy, 2, loss_of), 0.1) << remedy.name;
  }
}

TEST(RegularizationClaims, AugmentationHalvesTheGapAndReadsBetter) {
  EXPECT_LT(gain(augmentation, 3, gap), -10);
  EXPECT_GT(gain(augmentation, 3, accuracy_of), 0.015);
  EXPECT_LT(gain(augmentation, 3, loss_of), -0.10);
}

TEST(RegularizationClaims, TestLossRisesWhileTestAccuracyRests) {
  const auto run = train(nothing, data(), 0, 600, 50);
  double lowest = 10, accuracy_then = 0;
  for (const auto& look : run.looks)
    if (look.test.loss < lowest) lowest = look.test.loss, accuracy_then = look.test.accuracy;
  EXPECT_GT(run.test.loss, 1.15 * lowest);
  EXPECT_NEAR(run.test.accuracy, accuracy_then, 0.03);
}

TEST(RegularizationClaims, EarlyStoppingNarrowsTheGapInLossForTheSameImages) {
  const auto loss_gap = [](const auto& run) { return run.test.loss - run.train.loss; };
  for (std::uint32_t seed : {0u, 1u, 2u})
    EXPECT_LT(loss_gap(trained(early_stopping, seed)), loss_gap(trained(fewer_images, seed)) - 0.03)
        << "seed " << seed;
}

TEST(RegularizationClaims, EarlyStoppingSavesHalfTheEpochsAndDoesNotNarrowTheGapInAccuracy) {
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const auto& run = trained(early_stopping, seed);
    EXPECT_LT(run.epochs, 140) << "seed " << seed;
    EXPECT_GT(run.train.accuracy, 0.95) << "when the loss is best, the digits are known by heart";
  }
  EXPECT_GT(gain(early_stopping, 3, gap), -1);
  EXPECT_LT(gain(early_stopping, 3, accuracy_of), 0) << "a fifth of the images is given up";
  EXPECT_LT(gain(fewer_images, 3, accuracy_of), 0) << "and that costs, stopped or not";
}

TEST(RegularizationClaims, L1LeavesExactZerosAndL2DoesNot) {
  for (std::uint32_t seed : {0u, 1u}) {
    const double zeros = zero_share(trained(l1, seed).end.net);
    EXPECT_GT(zeros, 0.25) << "seed " << seed;
    EXPECT_LT(zeros, 0.36) << "seed " << seed;
    for (const Remedy& other : {nothing, weak_l2, strong_l2, weak_dropout})
      EXPECT_LT(zero_share(trained(other, seed).end.net), 1e-4) << other.name;
  }
  EXPECT_LT(zero_share(trained(l1_by_gradient, 0).end.net), 1e-3) << "its gradient leaves none";
  EXPECT_NEAR(trained(l1_by_gradient, 0).test.accuracy, trained(l1, 0).test.accuracy, 0.02);
}

TEST(RegularizationClaims, WhatBatchNormReadsDependsOnTheLearningRate) {
  for (std::uint32_t seed : {0u, 1u}) {
    const auto at = [&](Scalar learning_rate) {
      return trained(at_learning_rate(batch_normalization, learning_rate), seed);
    };
    const double slow = at(0.01).test.accuracy, middle = at(0.1).test.accuracy;
    const auto& fast = trained(at_learning_rate(batch_normalization, 0.5), seed);
    EXPECT_GT(middle, slow + 0.08) << "seed " << seed;
    EXPECT_GT(fast.test.accuracy, middle + 0.06) << "seed " << seed;
    EXPECT_GE(fast.train.accuracy, 0.995) << "seed " << seed;

    for (Scalar learning_rate : {0.5, 1.0}) {
      const auto& without = trained(at_learning_rate(nothing, learning_rate), seed);
      EXPECT_TRUE(failed(without)) << learning_rate << ", seed " << seed;
    }
    const auto& best = trained(at_learning_rate(nothing, 0.1), seed);
    EXPECT_NEAR(fast.test.accuracy, best.test.accuracy, 0.03) << "no remedy, and no harm";
    EXPECT_NEAR(gap(fast), gap(best), 3) << "seed " << seed;
  }
}

// ---- what the notes say otherwise: docs/errata.md ----

TEST(Errata, OverfittingNeedsNoLargeWeights) {
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const auto& run = trained(nothing, seed);
    EXPECT_LT(length_of_weights(run.end.net) / length_of_weights(run.start.net), 1.02)
        << "seed " << seed;
    EXPECT_GE(gap(run), 18) << "seed " << seed;
  }
}

TEST(Errata, BatchNormalizationDoesNotPreventOverfitting) {
  for (std::uint32_t seed : {0u, 1u}) {
    const auto& run = trained(batch_normalization, seed);
    EXPECT_GE(run.train.accuracy, 0.995) << "seed " << seed;
    EXPECT_GT(gap(run), 1.5 * gap(trained(nothing, seed))) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gradus::testing
