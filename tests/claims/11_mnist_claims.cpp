// Chapter 11: what the figures claim, on real MNIST, in float as the demonstration trains.
#include <cmath>

#include "chapters/05_losses/losses.hpp"
#include "chapters/11_mnist/experiment.hpp"
#include "common/mnist.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

using namespace mnist;

Digits mnist_digits() { return read_digits(GRADUS_ROOT "/data/mnist"); }

TEST(MnistClaims, PixelsBecomeNumbersFromZeroToOneAndKeepTheirLabels) {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  const auto [train, test] = mnist_digits();
  ASSERT_EQ(train.x.rows(), 60000);
  ASSERT_EQ(test.x.rows(), 10000);
  ASSERT_EQ(test.x.cols(), 28 * 28);
  EXPECT_EQ(train.labels, set.train_labels);
  EXPECT_EQ(test.labels, set.test_labels);
  for (int i = 0; i < test.x.size(); ++i)
    ASSERT_EQ(test.x.flat()[i], set.test_images.pixels[i] / Scalar(255)) << "pixel " << i;
}

TEST(MnistClaims, AHundredHiddenUnitsReadNinetySevenPercentOfTheTestDigits) {
  const Digits digits = mnist_digits();
  for (std::uint32_t seed : {0u, 1u, 42u}) {
    auto run = start_run({.seed = seed});
    Scalar loss_before = std::log(Scalar(10));
    for (int epoch = 1; epoch <= 12; ++epoch) {
      const Scalar loss = next_epoch(run, digits).loss;
      EXPECT_LT(loss, loss_before) << "epoch " << epoch << ", seed " << seed;
      loss_before = loss;
    }
    const auto [loss, train_accuracy, test_accuracy] = run.epochs.back();
    EXPECT_GE(test_accuracy, 0.97) << "seed " << seed;
    EXPECT_GT(train_accuracy, test_accuracy + 0.005)
        << "it knows the images that it has seen better, seed " << seed;

    const std::vector<int> predicted = predict(network_forward(run.net, digits.test.x));
    const Matrix counts = confusion_matrix(predicted, digits.test.labels, 10);
    double diagonal = 0;
    for (int k = 0; k < 10; ++k) diagonal += counts(k, k);
    EXPECT_EQ(static_cast<Scalar>(diagonal / 10000), test_accuracy) << "seed " << seed;
  }
}

#ifdef _OPENMP
TEST(MnistClaims, TrainingGivesTheSameBitsOnOneTwoAndFourThreads) {
  const Digits all = mnist_digits();
  std::vector<int> first(3000);  // they will do
  for (int n = 0; n < 3000; ++n) first[n] = n;
  const Digits digits = {.train = take(all.test, first), .test = take(all.test, {0})};
  const auto train_on = [&](int threads) {
    omp_set_num_threads(threads);
    auto run = start_run({.seed = 7});
    next_epoch(run, digits);
    return run.net;
  };
  const int before = omp_get_max_threads();
  const Network one = train_on(1);
  for (int threads : {2, 4}) {
    const Network more = train_on(threads);
    EXPECT_EQ(more.w, one.w) << threads << " threads";
    EXPECT_EQ(more.b, one.b) << threads << " threads";
  }
  omp_set_num_threads(before);
}
#endif

}  // namespace
}  // namespace gradus::testing
