// Four experiments of the lecture by chapter 11's train_step: processor seconds of each, and the losses
// of its networks at their last step, as experiments_notebook.py prints them.
#include <fmt/format.h>

#include <cmath>
#include <ctime>
#include <numeric>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/11_mnist/mnist.hpp"

using namespace gradus;

namespace {

Scalar train(const Samples& images, const Settings& settings, int steps, double scale = 1) {
  Training training = training_init(settings, Random(0));
  for (Matrix& w : training.deep.net.w)
    for (Scalar& v : w.flat()) v *= static_cast<Scalar>(scale);
  const int size = settings.batch_size;
  Scalar loss = 0;
  for (int i = 0; i < steps; ++i) {
    std::vector<int> indices(static_cast<std::size_t>(size));
    std::iota(indices.begin(), indices.end(), i * size % (images.x.rows() - size + 1));
    loss = train_step(training, take(images, indices));
  }
  return loss;
}

std::vector<int> units(int hidden) {
  std::vector<int> all(static_cast<std::size_t>(hidden), 100);
  all.insert(all.begin(), 784);
  all.push_back(10);
  return all;
}

std::vector<Scalar> optimizers(const Samples& images) {
  std::vector<Scalar> losses;
  for (const auto& [optimizer, rate] : {std::pair{Optimizer::sgd, 0.01},
                                        {Optimizer::momentum, 0.01},
                                        {Optimizer::adagrad, 0.01},
                                        {Optimizer::adam, 0.001}})
    losses.push_back(train(images,
                           {.units = units(4),
                            .optimizer = optimizer,
                            .learning_rate = Scalar(rate),
                            .batch_size = 128},
                           100));
  return losses;
}

std::vector<Scalar> initialization(const Samples& images) {
  std::vector<Scalar> losses;
  for (Init init : {Init::small_normal, Init::xavier, Init::he})
    losses.push_back(train(
        images, {.units = units(4), .init = init, .learning_rate = 0.01, .batch_size = 128}, 100));
  return losses;
}

std::vector<Scalar> scales(const Samples& images) {
  std::vector<Scalar> losses;
  for (int i = 0; i < 16; ++i)
    losses.push_back(train(images,
                           {.units = units(5),
                            .init = Init::normal,
                            .batch_norm = true,
                            .learning_rate = 0.01,
                            .batch_size = 100},
                           20, std::pow(10.0, -4.0 * i / 15)));
  return losses;
}

std::vector<Scalar> overfitting(const Samples& images) {
  std::vector<Scalar> losses;
  for (double rate : {0.0, 0.2})
    losses.push_back(train(
        images,
        {.units = units(6), .dropout = Scalar(rate), .learning_rate = 0.01, .batch_size = 100},
        100));
  return losses;
}

void report(const char* name, std::vector<Scalar> (*experiment)(const Samples&),
            const Samples& images) {
  const std::clock_t start = std::clock();
  const std::vector<Scalar> losses = experiment(images);
  fmt::print("{} {:.6f}", name, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  for (Scalar loss : losses) fmt::print(" {:.4f}", loss);
  fmt::print("\n");
}

}  // namespace

int main() {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  const Samples images = first_digits(set.train_images, set.train_labels, 1000);
  report("optimizers", optimizers, images);
  report("initialization", initialization, images);
  report("scales", scales, images);
  report("overfitting", overfitting, images);
}
