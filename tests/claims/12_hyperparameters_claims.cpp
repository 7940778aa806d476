// Chapter 12: what the figures claim, in float as the demonstration trains.
#include <algorithm>
#include <cmath>

#include "chapters/12_hyperparameters/remedies.hpp"
#include "chapters/12_hyperparameters/search.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

using namespace gradus::hyperparameters;

const MnistSet& set() {
  static const MnistSet loaded = read_mnist(GRADUS_ROOT "/data/mnist");
  return loaded;
}

// ---- the data ----

TEST(HyperparameterClaims, TheThreeKindsOfSamplesAreCutAsNote003Says) {
  for (int images : {1000, 3000}) {
    const Data data = split_data(set(), images, 1);
    EXPECT_EQ(data.test.x.rows(), images / 4) << "20 to 30 %";
    EXPECT_EQ(data.validation.x.rows(), images * 3 / 20) << "20 % of the rest";
    EXPECT_EQ(data.train.x.rows(), images * 3 / 5);
  }
}

// ---- one hyperparameter after the other ----

TEST(HyperparameterClaims, TheBestLearningRateByValidationIsNearTheBestByTest) {
  const auto all = try_all(learning_rate_plan(3), set(), Judge::validation_and_test);
  const auto test = [](const Tried& tried) { return test_accuracy(tried).mean; };
  const Tried& chosen = best_of_means(all);
  const Tried& best = *std::ranges::max_element(all, {}, test);
  EXPECT_GT(test(chosen), test(best) - 2) << "points of per cent";
  const double apart = std::log10(double{chosen.settings.learning_rate}) -
                       std::log10(double{best.settings.learning_rate});
  EXPECT_LT(std::abs(apart), 0.6) << "the same or the next half decade";
  EXPECT_GT(test(chosen), 84);
  EXPECT_LT(test(all.front()), 30) << "too low: nothing learned in 5 epochs";
  EXPECT_LT(test(all.back()), 20) << "too high: the network is destroyed";
}

const Course& course() {
  static const Course mean =
      course_of(curves(by_heart, set(), by_heart_images, by_heart_epochs, 3));
  return mean;
}

TEST(HyperparameterClaims, TooFewEpochsUnderfitAndTooManyOverfit) {
  const int best = best_epoch_of(course());
  const std::vector<double>& loss = course().validation_loss;
  EXPECT_GE(best, 6);
  EXPECT_LE(best, 25);
  EXPECT_GT(loss.front(), 2 * loss[best - 1]) << "too few: it reads badly";
  EXPECT_LT(course().train_accuracy.front(), 85) << "what it was trained on, too";
  EXPECT_GT(loss.back(), 1.15 * loss[best - 1]) << "too many: the loss on new samples rises";
  EXPECT_LT(course().train_loss.back(), 0.01) << "while that on its own goes to 0";
}

TEST(HyperparameterClaims, SmallBatchesCostTimeAnEpoch) {
  Settings small_batches = plain, large_batches = plain;
  small_batches.batch_size = 4, large_batches.batch_size = 256;
  EXPECT_GT(seconds_per_epoch(set(), small_batches), 1.3 * seconds_per_epoch(set(), large_batches));
}

// ---- a search ----

const std::vector<Contest>& eight_contests() {
  static const std::vector<Contest> all = contests(set());
  return all;
}

TEST(HyperparameterClaims, RandomSearchFindsMoreThanAGridOfAsManySettings) {
  double grid = 0, random = 0;
  int won = 0;
  for (const Contest& c : eight_contests()) {
    ASSERT_EQ(c.grid.size(), 27u);
    ASSERT_EQ(c.random.size(), 27u);
    grid += c.grid_test / 8, random += c.random_test / 8;
    won += c.random_test > c.grid_test;
  }
  EXPECT_GT(random, grid + 2) << "points of per cent, on average";
  EXPECT_GE(won, 5) << "of 8";
}

// The highest of many numbers that hang on chance is high by chance, too.
TEST(HyperparameterClaims, TheBestOfManyReadsLessOfTheTestThanOfTheValidationSamples) {
  double difference = 0;
  for (const Contest& c : eight_contests()) {
    difference += 100 * double{c.grid[best_of(c.grid)].validation.accuracy} - c.grid_test;
    difference += 100 * double{c.random[best_of(c.random)].validation.accuracy} - c.random_test;
  }
  EXPECT_GT(difference / 16, 1) << "points of per cent, on average of 16 searches";
}

TEST(HyperparameterClaims, ASearchListsItsTrialsFromTheBestOnAndTestsTheFirst) {
  const Search found = random_search(set(), 12, 0);
  ASSERT_EQ(found.trials.size(), 12u);
  for (std::size_t i = 0; i + 1 < found.trials.size(); ++i)
    EXPECT_GE(found.trials[i].validation.accuracy, found.trials[i + 1].validation.accuracy);
  EXPECT_NEAR(found.test.accuracy, found.trials.front().validation.accuracy, 0.06);
  EXPECT_GT(found.test.accuracy, 0.8);
  EXPECT_LT(found.trials.back().validation.accuracy, 0.5) << "not every setting learns";
}

TEST(HyperparameterClaims, ASearchIsTheSameOnAnyNumberOfThreads) {
#ifdef _OPENMP
  const int before = omp_get_max_threads();
  std::vector<std::vector<Trial>> found;
  for (int threads : {1, 2, 4}) {
    omp_set_num_threads(threads);
    found.push_back(random_search(set(), 4, 5).trials);
  }
  omp_set_num_threads(before);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t run : {1u, 2u}) {
      EXPECT_EQ(found[run][i].validation.loss, found[0][i].validation.loss) << "trial " << i;
      EXPECT_EQ(found[run][i].train.loss, found[0][i].train.loss) << "trial " << i;
      EXPECT_EQ(found[run][i].settings.learning_rate, found[0][i].settings.learning_rate);
    }
#else
  GTEST_SKIP() << "built without OpenMP";
#endif
}

// ---- the remedies of chapter 09 ----

TEST(HyperparameterClaims, Of300ImagesAugmentationAloneMakesMoreOut) {
  const auto results = tournament(small_300, few_remedies(), set());
  const auto gain = [&](const char* name) {
    return result_of(results, name).test.mean - result_of(results, "nothing").test.mean;
  };
  EXPECT_GT(gain("augmentation"), 2);
  EXPECT_LT(std::abs(gain("dropout")), 2) << "at the strength that validation chooses";
  EXPECT_GT(gain("augmentation"), gain("dropout, augmented") + 0.5)
      << "two remedies, and 30 epochs are too few";
  EXPECT_GE(result_of(results, "nothing").train.mean, 99.5) << "by heart";
}

// ---- what the notes say otherwise: docs/errata.md ----

TEST(Errata, TooManyEpochsRaiseTheLossOfNewSamplesAndNotTheNumberOfMistakes) {
  const int best = best_epoch_of(course());
  EXPECT_GT(course().validation_loss.back(), 1.15 * course().validation_loss[best - 1]);
  EXPECT_NEAR(course().validation_accuracy.back(), course().validation_accuracy[best - 1], 2);
}

TEST(Errata, LargeBatchesMakeAnEpochShorterAndTheWayLonger) {
  Settings small_batches = plain, large_batches = plain;
  small_batches.batch_size = 4, large_batches.batch_size = 256;
  large_batches.learning_rate = 0.3;  // its best
  const int few = epochs_until_enough(small_batches, set(), 2);
  const int many = epochs_until_enough(large_batches, set(), 2);
  EXPECT_GT(few, 0);
  EXPECT_LE(few, 4);
  EXPECT_TRUE(many == 0 || many >= 2 * few + 3)
      << many << " epochs; 0: more than could be waited for";
}

}  // namespace
}  // namespace gradus::testing
