// Chapter 11: what the figures claim, on real MNIST, in float as the demonstration trains. What
// takes more than some seconds is in MnistClaimsLong, and in the full test only; with GRADUS_DAY in the
// environment one of them a day.
#include <cmath>
#include <stdexcept>

#include "chapters/05_losses/losses.hpp"
#include "chapters/11_mnist/experiment.hpp"
#include "common/mnist.hpp"
#include "tests/support.hpp"
#include "tests/tools/day.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

using namespace mnist;

const MnistData& mnist_data() {
  static const MnistData data = load_mnist();
  return data;
}

// The runs of a model with seeds 0, 1, 2, on all threads.
std::vector<mnist::Run> three_seeds(Model model, int epochs) {
  model.epochs = epochs;
  std::vector<mnist::Run> runs;
  for (std::uint32_t seed : {0u, 1u, 2u}) runs.push_back(start(model, seed));
  train_all(runs, mnist_data());
  return runs;
}

double mean_test_accuracy(const std::vector<mnist::Run>& runs) {
  double sum = 0;
  for (const mnist::Run& run : runs) sum += run.epochs.back().test.accuracy;
  return sum / static_cast<double>(runs.size());
}

// The long claims take turns.
class MnistClaimsLong : public ::testing::Test {
 protected:
  void SetUp() override {
    static std::size_t count = 0;
    if (!in_turn(count++, 4)) GTEST_SKIP() << "on another day";
  }
};

TEST(MnistClaims, PixelsBecomeNumbersFromZeroToOneAndKeepTheirLabels) {
  const MnistData& data = mnist_data();
  const Samples train = training_samples(plain, data);
  ASSERT_EQ(train.x.rows(), 60000);
  ASSERT_EQ(data.test.x.rows(), 10000);
  ASSERT_EQ(data.test.x.cols(), 28 * 28);
  EXPECT_EQ(train.labels, data.set.train_labels);
  EXPECT_EQ(data.test.labels, data.set.test_labels);
  for (int i = 0; i < data.test.x.size(); ++i)
    ASSERT_EQ(data.test.x.flat()[i], data.set.test_images.pixels[i] / Scalar(255)) << "pixel " << i;
}

TEST(MnistClaims, TheOverfittingSetHasItsFirst1000ImagesTwice) {
  const Samples samples = training_samples(overfitting, mnist_data());
  ASSERT_EQ(samples.x.rows(), 61000);
  for (int n : {0, 1, 500, 999}) {
    EXPECT_EQ(samples.labels[60000 + n], samples.labels[n]);
    EXPECT_TRUE(std::ranges::equal(samples.x.row(60000 + n), samples.x.row(n))) << n;
  }
}

TEST(MnistClaims, AHundredHiddenUnitsReadNinetySevenPercentOfTheTestDigits) {
  for (const mnist::Run& run : three_seeds(plain, 8)) {
    for (std::size_t e = 1; e < run.epochs.size(); ++e)
      EXPECT_LT(run.epochs[e].loss, run.epochs[e - 1].loss) << "epoch " << e;
    EXPECT_GE(run.epochs.back().test.accuracy, 0.97);
    EXPECT_GT(gap(run), 0.5) << "it knows the images that it has seen better";

    const Samples& test = mnist_data().test;
    const std::vector<int> predicted = predict(deep_inference(run.training.deep, test.x));
    const Matrix counts = confusion_matrix(predicted, test.labels, 10);
    double diagonal = 0;
    for (int k = 0; k < 10; ++k) diagonal += counts(k, k);
    EXPECT_EQ(static_cast<Scalar>(diagonal / 10000), run.epochs.back().test.accuracy);
  }
}

// As a checkpoint that cannot be written: an exception that leaves a thread would end the program.
TEST(MnistClaims, WhatIsThrownAfterAnEpochEndsAllTrainingsAndIsThrownAgain) {
  Model model = too_few;
  model.images = 200;
  std::vector<mnist::Run> runs;
  for (std::uint32_t seed : {0u, 1u, 2u}) runs.push_back(start(model, seed));
  EXPECT_THROW(train_all(runs, mnist_data(),
                         [](const mnist::Run&) { throw std::runtime_error("the disk is full"); }),
               std::runtime_error);
  for (const mnist::Run& run : runs) EXPECT_LE(run.training.epoch, 2);
}

// Of the three models of note 003: what each has reached after 10 epochs.
TEST_F(MnistClaimsLong, TheThreeModelsDifferAsTheirFigureShows) {
  const auto first = three_seeds(model_1, 6),
             unpenalized = three_seeds(without_penalty(model_1), 6);
  const auto second = three_seeds(model_2, 6), third = three_seeds(model_3, 6);
  EXPECT_LT(mean_test_accuracy(first), 0.90) << "40 small steps an epoch: it is still on its way";
  EXPECT_NEAR(mean_test_accuracy(first), mean_test_accuracy(unpenalized), 0.04)
      << "a penalty of 0.1 with steps of 0.01 has hardly begun to pull";
  EXPECT_GT(mean_test_accuracy(third), 0.955);
  EXPECT_GT(mean_test_accuracy(third), mean_test_accuracy(second) + 0.03)
      << "twice the images, a larger layer, and nothing that holds it back";
  for (const mnist::Run& run : second)
    EXPECT_LT(gap(run), 3) << "half of the units dropped and a penalty of 0.15: it cannot overfit";
  for (const mnist::Run& run : third) EXPECT_GT(gap(run), 1.5) << "nothing keeps it from that";
}

TEST(MnistClaims, TooSmallAndTooShortUnderfit) {
  for (const Model& model : {too_small, too_short})
    for (const mnist::Run& run : three_seeds(model, model.epochs)) {
      EXPECT_LT(run.epochs.back().train.accuracy, 0.8) << model.name;
      EXPECT_LT(std::abs(gap(run)), 4) << "it does not even know what it has seen: " << model.name;
    }
}

const std::vector<mnist::Run>& overfitted() {
  static const std::vector<mnist::Run> runs = three_seeds(overfitting, 5);
  return runs;
}

TEST_F(MnistClaimsLong, DropoutKeepsTheLossOnNewImagesNearThatOnSeenOnes) {
  const auto ratio = [](const mnist::Run& run) {
    return run.epochs.back().test.loss / run.epochs.back().train.loss;
  };
  const auto& without = overfitted();
  const auto with = three_seeds(with_dropout(overfitting, 0.5), 5);
  for (std::size_t seed = 0; seed < 3; ++seed) {
    EXPECT_GT(ratio(without[seed]), 1.7 * ratio(with[seed])) << "seed " << seed;
    EXPECT_GT(gap(without[seed]), gap(with[seed])) << "seed " << seed;
  }
}

TEST_F(MnistClaimsLong, RepeatingAThousandImagesChangesNextToNothing) {
  const auto once = three_seeds(without_repetition(overfitting), 3);
  double twice = 0;  // after 3 epochs as well
  for (const mnist::Run& run : overfitted()) twice += run.epochs[2].test.accuracy / 3;
  EXPECT_NEAR(twice, mean_test_accuracy(once), 0.004)
      << "less than seeds differ: no information has come";
}

TEST_F(MnistClaimsLong, TheBestReadsNinetyEightAndAHalfPercent) {
  const auto runs = three_seeds(best, best.epochs);
  EXPECT_GE(mean_test_accuracy(runs), 0.985);
  for (const mnist::Run& run : runs) EXPECT_GE(run.epochs.back().test.accuracy, 0.983);
}

// More than the chapter's tests ask of everybody: states that do not fit, and images that are no square,
// are refused before a weight has moved or a number has been drawn.
TEST(MnistClaims, ATrainingThatDoesNotFitIsRefusedBeforeAnythingChanges) {
  const Samples samples{Matrix(8, 6, 0.5), {0, 1, 2, 0, 1, 2, 0, 1}};
  Training sound = training_init(
      {.units = {6, 5, 3}, .batch_norm = true, .optimizer = Optimizer::adam, .batch_size = 4},
      Random(3));
  train_epoch(sound, samples);
  const auto refused = [&](Training broken, const char* what) {
    Training tried = broken;
    EXPECT_THROW(train_step(tried, samples), std::invalid_argument) << what;
    EXPECT_THROW(train_epoch(tried, samples), std::invalid_argument) << what;
    EXPECT_EQ(tried.deep.net.w, broken.deep.net.w) << what;
    EXPECT_EQ(tried.random.uniform(), broken.random.uniform()) << what;
  };
  for (std::size_t i = 0; i < sound.states.size(); ++i) {
    Training broken = sound;
    broken.states[i].squares = Matrix(2, 19);
    refused(broken, "a state of another shape");
  }
  Training augmented = sound;
  augmented.settings.augmentation.shift = 1;
  EXPECT_THROW(train_epoch(augmented, samples), std::invalid_argument);
  EXPECT_EQ(augmented.random.uniform(), sound.random.uniform());
}

TEST(MnistClaims, AThousandImagesAreLearnedByHeart) {
  for (const mnist::Run& run : three_seeds(too_few, 20)) {
    EXPECT_GT(run.epochs.back().train.accuracy, 0.995);
    EXPECT_GT(gap(run), 8);
  }
}

#ifdef _OPENMP
TEST(MnistClaims, TrainingGivesTheSameBitsOnOneTwoAndFourThreads) {
  Model model = model_2;
  model.images = 3000;
  model.epochs = 1;
  const auto train_on = [&](int threads) {
    omp_set_num_threads(threads);
    mnist::Run run = start(model, 7);
    train(run, training_samples(model, mnist_data()), take(mnist_data().test, {0}), 1);
    return run.training.deep;
  };
  const int before = omp_get_max_threads();
  const DeepNetwork one = train_on(1);
  for (int threads : {2, 4}) {
    const DeepNetwork more = train_on(threads);
    EXPECT_EQ(more.net.w, one.net.w) << threads << " threads";
    EXPECT_EQ(more.net.b, one.net.b) << threads << " threads";
    for (std::size_t l = 0; l < one.norms.size(); ++l)
      EXPECT_EQ(more.norms[l].variance, one.norms[l].variance) << threads << " threads";
  }
  omp_set_num_threads(before);
}
#endif

}  // namespace
}  // namespace gradus::testing
