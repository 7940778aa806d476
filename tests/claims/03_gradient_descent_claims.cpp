// Chapter 03: what the figures claim.
#include <cmath>

#include "chapters/03_gradient_descent/experiment.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace gradient_descent;

const int seeds = 10;

TEST(DescentClaims, OnePercentAboveTwoByTheLargestCurvatureDivergesOnePercentBelowConverges) {
  for (int seed = 0; seed < seeds; ++seed) {
    const Data data = noisy_line(seed);
    const LinearModel minimum = minimum_of(data);
    const Scalar ceiling = 2 / largest_curvature(data.x), start = excess(origin(), minimum, data);
    const auto after = [&](Scalar rate, int steps) {
      const Descent d = batch_descent(origin(), data.x, data.t, rate, steps);
      return excess(d.path.back(), minimum, data);
    };
    EXPECT_GT(after(1.01 * ceiling, 1000), 1e12 * start) << "seed " << seed;
    EXPECT_LT(after(0.99 * ceiling, 1000), 1e-9 * start) << "seed " << seed;
    EXPECT_GT(after(1.05 * ceiling, 100), 1e6 * start) << "seed " << seed << ", as in the figure";
  }
}

TEST(DescentClaims, TheErrorGrowsByTwoPercentAStepOnePercentAboveTheCeiling) {
  // Along the steepest direction a step multiplies the error by 1 - rate λmax = -1.02, so the loss
  // above its minimum by 1.02^2.
  for (int seed = 0; seed < seeds; ++seed) {
    const Data data = noisy_line(seed);
    const LinearModel minimum = minimum_of(data);
    const Scalar rate = 1.01 * 2 / largest_curvature(data.x);
    const Descent d = batch_descent(origin(), data.x, data.t, rate, 301);
    const Scalar growth = excess(d.path[301], minimum, data) / excess(d.path[300], minimum, data);
    EXPECT_NEAR(growth, 1.02 * 1.02, 1e-6) << "seed " << seed;
  }
}

TEST(DescentClaims, ATenthOfALowRateNeedsTenTimesTheSteps) {
  for (int seed = 0; seed < 3; ++seed) {
    const Data data = noisy_line(seed);
    const Scalar ceiling = 2 / largest_curvature(data.x);
    const int tenth = steps_down(data, 0.1 * ceiling, 1000);
    const int hundredth = steps_down(data, 0.01 * ceiling, 10000);
    const int thousandth = steps_down(data, 0.001 * ceiling, 14000);
    ASSERT_GT(tenth, 0) << "seed " << seed;
    EXPECT_NEAR(static_cast<double>(hundredth) / tenth, 10, 0.7) << "seed " << seed;
    EXPECT_NEAR(static_cast<double>(thousandth) / hundredth, 10, 0.1) << "seed " << seed;
    EXPECT_LT(steps_down(data, 0.5 * ceiling, 1000), tenth) << "seed " << seed;
  }
}

TEST(DescentClaims, AlongTheValleyTheSmallestCurvatureSaysHowFastItIs) {
  for (int seed = 0; seed < seeds; ++seed) {
    const Data data = noisy_line(seed);
    const LinearModel minimum = minimum_of(data);
    const Descent d = batch_descent(origin(), data.x, data.t, usual_learning_rate, 301);
    const Scalar left = excess(d.path[301], minimum, data) / excess(d.path[300], minimum, data);
    EXPECT_NEAR(left, std::pow(1 - usual_learning_rate * smallest_curvature(data), 2), 1e-6);
    EXPECT_GT(largest_curvature(data.x) / smallest_curvature(data), 10) << "a long valley";
  }
}

TEST(DescentClaims, ForTheSameSamplesSeenSmallBatchesAreFurtherAtTheStart) {
  for (int seed = 0; seed < 20; ++seed) {
    const Data data = noisy_line(seed);
    const LinearModel minimum = minimum_of(data);
    Random random(seed);
    const auto after = [&](int batch_size, int seen) {
      const Descent d =
          descend_by(batch_size, origin(), data, usual_learning_rate, seen / batch_size, random);
      return excess(d.path.back(), minimum, data);
    };
    const int N = data.x.rows();
    const Scalar batch = after(N, N);  // a single step
    EXPECT_LT(after(1, N), batch / 10) << "seed " << seed;
    EXPECT_LT(after(10, N), batch / 100) << "seed " << seed;
    EXPECT_LT(after(1, 30), after(10, 30)) << "seed " << seed << ": one is ahead of ten";
  }
}

TEST(DescentClaims, InTheEndOnlyTheFullBatchGetsAllTheWayDown) {
  for (int seed = 0; seed < 3; ++seed) {
    const Data data = noisy_line(seed);
    const LinearModel minimum = minimum_of(data);
    Random random(seed);
    Scalar mean[2] = {};  // over the last steps of 300 000 samples
    for (int i = 0; i < 2; ++i) {
      const int size = i == 0 ? 1 : 10;
      const Descent d =
          descend_by(size, origin(), data, usual_learning_rate, 300000 / size, random);
      for (int k = 0; k < 500; ++k)
        mean[i] += excess(d.path[d.path.size() - 1 - 20 * k], minimum, data) / 500;
    }
    const Descent batch = batch_descent(origin(), data.x, data.t, usual_learning_rate, 300);
    EXPECT_NEAR(mean[0] / expected_excess(data, 1), 1, 0.4) << "seed " << seed;
    EXPECT_NEAR(mean[1] / expected_excess(data, 10), 1, 0.4) << "seed " << seed;
    EXPECT_GT(mean[1], 3 * excess(batch.path.back(), minimum, data)) << "seed " << seed;
  }
}

TEST(DescentClaims, WithoutNoiseInTheDataOneSampleAtATimeGetsAllTheWayDown) {
  for (int seed = 0; seed < seeds; ++seed) {
    Data data = noisy_line(seed);
    for (int n = 0; n < data.x.rows(); ++n) data.t(n, 0) = 2 * data.x(n, 0) + 1;
    Random random(seed);
    const LinearModel end =
        descend_by(1, origin(), data, usual_learning_rate, 10000, random).path.back();
    EXPECT_LT(linear_loss(end, data.x, data.t), 1e-20) << "seed " << seed;
  }
}

TEST(DescentClaims, ARateThatIsRightForAllSamplesIsTooHighForOne) {
  for (int seed = 0; seed < 5; ++seed) {
    const Data data = noisy_line(seed);
    const LinearModel minimum = minimum_of(data);
    ASSERT_LT(0.8, 2 / largest_curvature(data.x));
    const Descent batch = batch_descent(origin(), data.x, data.t, 0.8, 300);
    EXPECT_LT(excess(batch.path.back(), minimum, data), 1e-12) << "seed " << seed;
    Random random(seed);
    const Descent one = descend_by(1, origin(), data, 0.8, 20000, random);
    Scalar mean = 0;
    for (int k = 1; k <= 1000; ++k) mean += excess(one.path[20 * k], minimum, data) / 1000;
    EXPECT_GT(mean, excess(origin(), minimum, data)) << "seed " << seed << ": worse than the start";
  }
}

TEST(DescentClaims, NoiseGrowsAsTheRootOfTheBatchShrinks) {
  for (int seed = 0; seed < 5; ++seed) {
    const Data data = noisy_line(seed);
    Random random(seed);
    const Scalar one = gradient_spread(data, 1, 4000, random);
    const Scalar ten = gradient_spread(data, 10, 4000, random);
    const Scalar hundred = gradient_spread(data, 100, 4000, random);
    EXPECT_NEAR(one / ten, std::sqrt(10), 0.35) << "seed " << seed;
    // Of 1000 samples 100 are drawn, all different: that takes 900/999 of the variance.
    EXPECT_NEAR(ten / hundred, std::sqrt(10 * 990 / 900.0), 0.35) << "seed " << seed;
    const Scalar path_one = path_spread(data, 1, 5000, random);
    const Scalar path_ten = path_spread(data, 10, 5000, random);
    EXPECT_GT(path_one, 2 * path_ten) << "seed " << seed;
    EXPECT_GT(path_ten, 2 * path_spread(data, 100, 5000, random)) << "seed " << seed;
  }
}

TEST(DescentClaims, BatchesDrawnAnewMissAboutAThirdOfTheSamplesAndEpochsMissNone) {
  const int N = 1000;
  for (int seed = 0; seed < seeds; ++seed) {
    Random random(seed);
    for (int size : {1, 10, 100}) {
      const double expected = N * std::pow(1 - size / 1000.0, 1000.0 / size);
      EXPECT_NEAR(never_seen(N, drawn_batches(N, size, random)), expected, 50)
          << "batches of " << size;
    }
    EXPECT_EQ(never_seen(N, epoch_batches(N, 10, random)), 0);
  }
}

}  // namespace
}  // namespace gradus::testing
