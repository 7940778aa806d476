// Chapter 08: what the figures claim, in float as the demonstration computes.
#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/06_initialization/digits.hpp"
#include "chapters/08_normalization/experiment.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "tests/golden/numpy_random.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace normalization;
namespace line = gradient_descent;

// ---- data ----

TEST(NormalizationClaims, TheThousandValuesAreNumPysToTheLastBit) {
  EXPECT_EQ(lecture_values(), golden::lecture);
  EXPECT_NEAR(lecture_values().front(), 12.48357077, 5e-9);
  EXPECT_NEAR(lecture_values().back(), 12.86291391, 5e-9) << "which the notes print correctly";
}

TEST(NormalizationClaims, NormalizationKeepsTheShape) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    Matrix x = Random(seed).normal_matrix(10, 5, 1000, 1);
    for (bool squared : {false, true}) {
      if (squared) x = squares(x);
      const Moments before = moments_of(x, 0);
      for (const Matrix& y : {z_scores(x), min_max_apply(min_max_fit(x), x)}) {
        const Moments after = moments_of(y, 0);
        EXPECT_NEAR(after.skewness, before.skewness, 1e-4) << "seed " << seed;
        // The same counts in the same bins, but for values on an edge.
        const auto edge = [](const Moments& m, double z) {
          return static_cast<Scalar>(m.mean + z * m.deviation);
        };
        const auto was = histogram(x, edge(before, -3), edge(before, 3), 50);
        const auto is = histogram(y, edge(after, -3), edge(after, 3), 50);
        int moved = 0;
        for (std::size_t i = 0; i < 50; ++i) moved += std::abs(was[i] - is[i]);
        EXPECT_LE(moved, 6) << "seed " << seed;
      }
    }
  }
}

TEST(NormalizationClaims, StandardizedInputsMakeTheValleyRound) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const line::Data raw = line::noisy_line(seed), round = standardized(raw);
    EXPECT_GT(largest_curvature(raw.x), 10 * line::smallest_curvature(raw)) << "seed " << seed;
    EXPECT_NEAR(largest_curvature(round.x), 1, 1e-4) << "seed " << seed;
    EXPECT_NEAR(line::smallest_curvature(round), 1, 1e-4) << "seed " << seed;
    EXPECT_EQ(line::steps_down(round, Scalar(0.5), 1000), 7) << "(1/2)^14 is below 1e-4";
    EXPECT_GT(line::steps_down(raw, Scalar(0.5), 1000), 18) << "seed " << seed;
    const auto left = [](const line::Data& data) {
      const LinearModel end =
          batch_descent(line::origin(), data.x, data.t, Scalar(0.5), 12).path.back();
      return line::excess(end, line::minimum_of(data), data);
    };
    EXPECT_GT(left(raw), 100 * left(round)) << "after 12 steps, seed " << seed;
  }
}

// ---- what a gradient check sees ----

TEST(NormalizationClaims, ABatchOfTwoHidesWrongGradientsAndABatchOfFiveShowsThem) {
  EXPECT_LT(count_passing(Backward::right, 2), small_batches / 2) << "in float nobody can tell";
  EXPECT_GE(count_passing(Backward::zeros, 2), count_passing(Backward::right, 2))
      << "zeros are as right as the right one";
  for (int N : {3, 5}) {
    EXPECT_GE(count_passing(Backward::right, N), 0.8 * small_batches) << N;
    for (Backward wrong : {Backward::zeros, Backward::no_variance_path, Backward::dbeta_mean,
                           Backward::no_mean_path})
      EXPECT_EQ(count_passing(wrong, N), 0) << N;
  }
  EXPECT_LT(1000 * largest_dx(2), largest_dx(3));
  EXPECT_TRUE(refuses([] { passes(Backward::zeros, small_batch(1, 0)); }))
      << "of one sample x̂ is 0 whatever it is, and zeros are the right gradient";
}

TEST(NormalizationClaims, InABatchOfTwoXHatIsOneWhateverXIs) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Matrix x = Random(seed).normal_matrix(0, 100, 2, 1);
    BatchNorm norm = batch_norm_init(1);
    const Matrix x_hat = batch_norm_forward(norm, x).x_hat;
    EXPECT_NEAR(std::abs(x_hat(0, 0)), 1, 1e-3) << "seed " << seed;
    EXPECT_NEAR(x_hat(0, 0) + x_hat(1, 0), 0, 1e-3) << "seed " << seed;
  }
}

// ---- MNIST ----

const Samples& train_images() {
  static const Samples images = [] {
    const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
    return first_digits(set.train_images, set.train_labels, 1000);
  }();
  return images;
}

TEST(NormalizationClaims, WithBatchNormNearlyEveryScaleTrainsAndWithoutItOnlyNearTheMiddle) {
  const std::vector<double> scales = weight_scales();
  for (std::uint32_t seed = 0; seed < 3; ++seed)
    for (std::size_t i : {0, 2, 4, 7, 10, 14}) {
      const auto accuracy = [&](bool batch_norm) {
        const Settings settings{.weight_scale = scales[i], .batch_norm = batch_norm, .seed = seed};
        return train(train_images(), settings).accuracy.back();
      };
      const double with = accuracy(true), without = accuracy(false);
      EXPECT_GT(with, 0.3) << "scale " << scales[i] << ", seed " << seed;
      if (i == 7 || i == 10) {
        EXPECT_GT(with, 0.9) << "scale " << scales[i] << ", seed " << seed;
      }
      if (i == 2) {
        EXPECT_GT(without, 0.9) << "seed " << seed;
        EXPECT_LT(with, without) << "where the start is right, it is slower at this learning rate";
      } else if (i == 4) {
        EXPECT_LT(without, 0.5) << "on the edge, seed " << seed;
      } else {
        EXPECT_LT(without, 0.2) << "scale " << scales[i] << ", seed " << seed;
      }
    }
}

TEST(NormalizationClaims, AtTheSmallestScaleEpsilonIsWhatStopsIt) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    Settings settings{.weight_scale = 1e-4, .batch_norm = true, .seed = seed};
    Random random(seed);
    const Network start = scaled_network(settings, random).net;
    const Matrix z = dense_forward(train_images().x, start.w[0], start.b[0]);
    const Matrix deviation = standardize_fit(z).deviation;
    for (Scalar v : deviation.flat()) EXPECT_LT(v * v, 1e-6) << "a tenth of the usual ε";
    const double usual = train(train_images(), settings).accuracy.back();
    settings.epsilon = 1e-10;
    const double smaller = train(train_images(), settings).accuracy.back();
    EXPECT_LT(usual, 0.25) << "seed " << seed;
    EXPECT_GT(smaller, 0.35) << "seed " << seed;
  }
}

TEST(NormalizationClaims, RunningStatisticsComeLate) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    Settings settings{.weight_scale = 0.004, .batch_norm = true, .epochs = 3, .seed = seed};
    const auto early = train(train_images(), settings);
    EXPECT_LT(early.loss.back(), 1.8) << "training is well ahead of ln 10";
    EXPECT_LT(early.accuracy.back(), 0.2) << "and inference still guesses, seed " << seed;
    settings.epochs = 10;
    EXPECT_GT(train(train_images(), settings).accuracy.back(), 0.9) << "seed " << seed;
  }
}

TEST(NormalizationClaims, BatchNormBearsAHigherRateAndNeedsFewerEpochs) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    const auto epochs = [&](double learning_rate, bool batch_norm) {
      const int most = 8;
      const int found = epochs_to(train(train_images(), {.weight_scale = he_scale,
                                                         .batch_norm = batch_norm,
                                                         .learning_rate = learning_rate,
                                                         .epochs = most,
                                                         .seed = seed}),
                                  0.5);
      return found == 0 ? most + 1 : found;
    };
    EXPECT_EQ(epochs(1, false), 9) << "at learning rate 1 it never gets there, seed " << seed;
    const int best_without = std::min(epochs(0.1, false), epochs(0.3, false));
    EXPECT_LT(epochs(0.3, true), best_without) << "seed " << seed;
    EXPECT_LE(2 * epochs(1, true), best_without) << "seed " << seed;
  }
}

TEST(NormalizationClaims, ATrainingThatExplodesEndsInAnswersThatAreNone) {
  for (bool batch_norm : {false, true}) {
    const auto run =
        train(train_images(),
              {.weight_scale = 1, .batch_norm = batch_norm, .learning_rate = 1000, .epochs = 2});
    EXPECT_FALSE(std::isfinite(run.loss.back()));
    EXPECT_LT(run.accuracy.back(), 0.2);
  }
}

// ---- what learns ----

TEST(Parameters, AreAllThatLearnsWithItsGradientInOneOrder) {
  Random random(3);
  DeepNetwork deep = deep_init({4, 3, 5, 2}, Init::he, true, random);
  const DeepGradient g = deep_gradient(deep, random.normal_matrix(0, 1, 6, 4), {0, 1, 1, 0, 1, 0});
  const std::vector<Matrix*> all = parameters(deep);
  const std::vector<const Matrix*> d = gradients(g);
  const std::vector<const Matrix*> expected = {
      &deep.net.w[0],      &deep.net.w[1],     &deep.net.w[2],       &deep.net.b[0],
      &deep.net.b[1],      &deep.net.b[2],     &deep.norms[0].gamma, &deep.norms[1].gamma,
      &deep.norms[0].beta, &deep.norms[1].beta};
  const std::vector<const Matrix*> of_each = {&g.d.w[0],   &g.d.w[1],  &g.d.w[2],    &g.d.b[0],
                                              &g.d.b[1],   &g.d.b[2],  &g.dgamma[0], &g.dgamma[1],
                                              &g.dbeta[0], &g.dbeta[1]};
  EXPECT_EQ(std::vector<const Matrix*>(all.begin(), all.end()), expected);
  EXPECT_EQ(d, of_each);
  for (std::size_t i = 0; i < d.size(); ++i) EXPECT_EQ(shape(*all[i]), shape(*d[i]));
}

// Each of them moves in a step, but for the biases before a batch norm, whose gradient is 0.
TEST(Parameters, AllLearnInARun) {
  const Settings settings{.weight_scale = he_scale, .batch_norm = true, .epochs = 1};
  Random random(settings.seed);
  DeepNetwork before = scaled_network(settings, random);
  DeepNetwork after = train(train_images(), settings).deep;
  const std::vector<Matrix*> was = parameters(before), is = parameters(after);
  ASSERT_EQ(is.size(), was.size());
  for (std::size_t i = 0; i < is.size(); ++i) EXPECT_NE(*is[i], *was[i]) << "parameter " << i;
  for (const BatchNorm& norm : after.norms) EXPECT_NE(norm.mean, Matrix(1, 100));
}

// ---- the notes ----

TEST(Errata, TheNotesListingOf1000ValuesBeginsWithANumberThatIsNotAmongThem) {
  for (double v : lecture_values()) EXPECT_GT(std::abs(v - 11.1559713), 1e-4);
  EXPECT_NEAR(lecture_values()[54], 15.15499761, 5e-9) << "the listing's seventh is the 55th";
}

TEST(Errata, OneMeanOverAllElementsIsRightForOneFeatureAndWrongForTwo) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const Matrix x = two_features(seed);
    BatchNorm one = batch_norm_init(1), two = batch_norm_init(2);
    Matrix first(200, 1);
    for (int n = 0; n < 200; ++n) first(n, 0) = x(n, 0);
    EXPECT_TRUE(near(normalized_as_printed(first, 1, 0), batch_norm_forward(one, first).y, 1e-3));
    const Matrix printed = normalized_as_printed(x, 1, 0), right = batch_norm_forward(two, x).y;
    for (int d = 0; d < 2; ++d) {
      EXPECT_NEAR(moments_of(right, d).mean, 0, 1e-3);
      EXPECT_NEAR(moments_of(right, d).deviation, 1, 1e-3);
      EXPECT_NEAR(moments_of(printed, d).mean, d == 0 ? -1 : 1, 0.02) << "seed " << seed;
      EXPECT_LT(moments_of(printed, d).deviation, 0.15) << "seed " << seed;
    }
  }
}

TEST(Errata, WithoutRunningStatisticsASingleSampleBecomesBeta) {
  const Scalar beta = 0.25;
  for (Scalar x : {-100, 0, 3, 1000})
    EXPECT_EQ(normalized_as_printed({{x}}, 2, beta)(0, 0), beta) << "whatever it is";
  const std::vector<double> values = lecture_values();
  const BatchNorm norm = norm_of(values);
  const Scalar alone = batch_norm_inference(norm, column({values[0]}))(0, 0);
  const Moments all = moments_of(column(values), 0);
  EXPECT_NEAR(alone, (values[0] - all.mean) / all.deviation, 0.05) << "its place among all 1000";
  for (int count : {2, 5, 100, 1000})
    EXPECT_EQ(batch_norm_inference(norm, column({values.begin(), values.begin() + count}))(0, 0),
              alone);
}

TEST(Errata, ZScoresOfSkewedDataAreNotNormallyDistributed) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    const Matrix z = z_scores(squares(Random(seed).normal_matrix(10, 5, 1000, 1)));
    EXPECT_NEAR(moments_of(z, 0).mean, 0, 1e-4);
    EXPECT_NEAR(moments_of(z, 0).deviation, 1, 1e-4);
    EXPECT_GT(moments_of(z, 0).skewness, 1) << "a normal distribution has 0, seed " << seed;
    for (Scalar v : z.flat()) EXPECT_GT(v, -1.5) << "of 1000 normal ones 67 would lie below";
  }
}

TEST(Errata, BatchNormalizationAloneDoesNotPreventOverfitting) {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  const Samples test = first_digits(set.test_images, set.test_labels, 2000);
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    const auto run =
        train(train_images(),
              {.weight_scale = he_scale, .batch_norm = true, .learning_rate = 0.3, .seed = seed});
    EXPECT_GT(run.accuracy.back(), 0.99) << "seed " << seed;
    EXPECT_LT(accuracy_on(test, run.deep), run.accuracy.back() - 0.1)
        << "a gap of more than 10 points, seed " << seed;
  }
}

}  // namespace
}  // namespace gradus::testing
