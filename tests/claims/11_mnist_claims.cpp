// Chapter 11: what the figures claim, on real MNIST, in float as the demonstration trains.
#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

struct Trained {
  std::vector<Scalar> losses;
  std::vector<int> predicted;  // of the test images
  Scalar train_accuracy;
};

Trained train(const MnistSet& set, std::uint32_t seed) {
  const Matrix x = preprocess(set.train_images);
  Random random(seed);
  Network net = network_init({784, 100, 10}, random);
  Trained result;
  for (int epoch = 0; epoch < 12; ++epoch)
    result.losses.push_back(train_epoch(net, x, set.train_labels, 100, 0.2, random));
  result.predicted = predict(net, preprocess(set.test_images));
  result.train_accuracy = accuracy(predict(net, x), set.train_labels);
  return result;
}

TEST(MnistClaims, AHundredHiddenUnitsReadNinetySevenPercentOfTheTestDigits) {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  for (std::uint32_t seed : {0u, 1u, 42u}) {
    const Trained trained = train(set, seed);
    EXPECT_GE(accuracy(trained.predicted, set.test_labels), 0.97) << "seed " << seed;
    EXPECT_GT(trained.train_accuracy, accuracy(trained.predicted, set.test_labels) + 0.005)
        << "it knows the images that it has seen better, seed " << seed;
    for (std::size_t epoch = 1; epoch < trained.losses.size(); ++epoch)
      EXPECT_LT(trained.losses[epoch], trained.losses[epoch - 1]) << "seed " << seed;

    const Matrix counts = confusion_matrix(trained.predicted, set.test_labels, 10);
    Scalar diagonal = 0;
    for (int k = 0; k < 10; ++k) diagonal += counts(k, k);
    EXPECT_EQ(diagonal / 10000, accuracy(trained.predicted, set.test_labels));
  }
}

#ifdef _OPENMP
TEST(MnistClaims, TrainingGivesTheSameBitsOnOneTwoAndFourThreads) {
  MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  set.test_images.count = 3000;  // the first ones will do
  set.test_images.pixels.resize(3000 * 784);
  set.test_labels.resize(3000);
  const Matrix x = preprocess(set.test_images);
  const auto train_on = [&](int threads) {
    omp_set_num_threads(threads);
    Random random(7);
    Network net = network_init({784, 100, 10}, random);
    train_epoch(net, x, set.test_labels, 100, 0.2, random);
    return net;
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
