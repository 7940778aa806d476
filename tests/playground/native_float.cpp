// Stations 06 to 09 and 11, whose chapters train in float.
#include "chapters/05_losses/losses.hpp"
#include "chapters/06_initialization/experiment.hpp"
#include "chapters/07_optimizers/experiment.hpp"
#include "chapters/08_normalization/experiment.hpp"
#include "chapters/09_regularization/experiment.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "tests/playground/native.hpp"

using namespace gradus;
using playground::Expected;

namespace {

void ten_layers() {
  namespace chapter = initialization;
  struct Case {
    Activation f;
    Init init;
  };
  for (std::uint32_t seed : {0u, 1u, 2u})
    for (const Case& c : {Case{Activation::sigmoid, Init::normal},
                          {Activation::tanh, Init::xavier},
                          {Activation::relu, Init::he}}) {
      const int f = static_cast<int>(c.f), init = static_cast<int>(c.init);
      const Expected page{"06",
                          fmt::format("seed={}&activation={}&init={}&steps=10", seed, f, init)};
      const chapter::Stack stack = chapter::ten_layers(c.init, c.f, seed);
      for (int l = 1; l <= 10; ++l) {
        page.cell(fmt::format("deviation{}", l), "{:.3g}", standard_deviation(stack.layer(l)));
        page.cell(fmt::format("one{}", l), "{:.3g}", chapter::deviation_by_input(stack.layer(l)));
      }
      page.cell("ratio", "{:.2g}", chapter::gradient_ratio(c.init, c.f, seed));
    }
}

void races() {
  namespace chapter = optimizers;
  struct Start {
    double x, y, steepness;
  };
  for (const Start& s : {Start{-7, 2, 1}, {5, 3, 0.05}, {-9.5, -1.25, 2.5}})
    for (double rate : {0.0, 0.1}) {
      const std::string rates = rate > 0 ? fmt::format("rates=one&rate={}&", rate) : "";
      const Expected page{"07",
                          fmt::format("{}s={}&x={}&y={}&steps=30", rates, s.steepness, s.x, s.y)};
      int i = 0;
      for (Optimizer optimizer : chapter::all_optimizers) {
        const Scalar steepness = static_cast<Scalar>(s.steepness);
        const Scalar own = rate > 0
                               ? static_cast<Scalar>(rate)
                               : chapter::best_on_the_ravine(optimizer, steepness).learning_rate;
        const chapter::Run run = chapter::descend_ravine(optimizer, own, static_cast<Scalar>(s.x),
                                                         static_cast<Scalar>(s.y), 30, steepness);
        page.cell(fmt::format("rate{}", i), "{:.2g}", own);
        page.cell(fmt::format("x{}", i), "{:.4f}", run.x.back());
        page.cell(fmt::format("y{}", i), "{:.4f}", run.y.back());
        page.cell(fmt::format("crossings{}", i), "{}", chapter::crossings(run.y));
        page.cell(fmt::format("loss{}", i), "{:.4f}", run.loss.back());
        ++i;
      }
    }
}

void norms(const Samples& images) {
  namespace chapter = normalization;
  for (std::uint32_t seed : {0u, 1u, 2u})
    for (bool batch_norm : {false, true}) {
      const double scale = 0.1, rate = 0.1;
      const Expected page{"08", fmt::format("seed={}&scale={}&rate={}&steps=4", seed, scale, rate)};
      const chapter::Run run = chapter::train(images, {.weight_scale = scale,
                                                       .batch_norm = batch_norm,
                                                       .learning_rate = rate,
                                                       .epochs = 4,
                                                       .seed = seed});
      page.cell(fmt::format("loss{}", int{batch_norm}), "{:.4g}", run.loss.back());
      page.cell(fmt::format("accuracy{}", int{batch_norm}), "{:.0f}", 100 * run.accuracy.back());
    }
}

void lines_and_masks() {
  for (double alpha : {0.4, 1.2, 110.0, 10000.0}) {
    const LinearModel line = regularization::anscombe_line(alpha);
    const Expected page{"09", fmt::format("alpha={}", alpha)};
    page.cell("slope", "{:.4f}", line.w(0, 0));
    page.cell("intercept", "{:.3f}", line.b);
  }
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    const Scalar rate = Scalar(0.3);
    Random random(seed);
    double sum = 0, kept = 0, mean = 0;
    for (int i = 0; i < 7; ++i) {
      const Matrix mask = dropout_mask(10, 10, rate, random);
      kept = initialization::share(mask, [](Scalar v) { return v > 0; });
      mean = mean_of(mask.flat());
      sum += mean;
    }
    const Expected page{"09", fmt::format("drop=0.3&seed={}&steps=7", seed)};
    page.cell("kept", "{:.2f}", kept);
    page.cell("masked", "{:.4f}", mean);
    page.cell("mean", "{:.4f}", sum / 7);
  }
}

void readers(const Samples& images, const Samples& test) {
  struct Case {
    std::uint32_t seed;
    Optimizer optimizer;
    double rate;
  };
  for (const Case& c :
       {Case{0, Optimizer::sgd, 0.1}, {1, Optimizer::sgd, 0.1}, {2, Optimizer::adam, 0.003}}) {
    const Expected page{"11", fmt::format("seed={}&optimizer={}&rate={}&steps=5", c.seed,
                                          static_cast<int>(c.optimizer), c.rate)};
    Training training = training_init({.units = {784, 100, 10},
                                       .optimizer = c.optimizer,
                                       .learning_rate = static_cast<Scalar>(c.rate)},
                                      Random(c.seed));
    Scalar loss = 0;
    for (int epoch = 0; epoch < 5; ++epoch) loss = train_epoch(training, images);
    const Evaluation end = evaluate(training.deep, test);
    page.cell("train-loss", "{:.4f}", loss);
    page.cell("train", "{:.1f} %", 100 * evaluate(training.deep, images).accuracy);
    page.cell("test-loss", "{:.4f}", end.loss);
    page.cell("test", "{:.1f} %", 100 * end.accuracy);
    const Matrix counts =
        confusion_matrix(predict(deep_inference(training.deep, test.x)), test.labels, 10);
    for (int i = 0; i < 10; ++i)
      for (int j = 0; j < 10; ++j) page.cell(fmt::format("c{}{}", i, j), "{}", counts(i, j));
  }
}

}  // namespace

int main() {
  ten_layers();
  races();
  const MnistSet set = read_mnist(mnist_folder);
  const Samples images = first_digits(set.train_images, set.train_labels, 1000);
  norms(images);
  lines_and_masks();
  readers(images, first_digits(set.test_images, set.test_labels, 1000));
}
