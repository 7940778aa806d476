// 11: a network learns to read handwritten digits.                              docs/11_mnist.md
//
//   11_mnist [--data FOLDER] [--epochs N]

#include <fmt/format.h>

#include <cstdlib>

#include "chapters/05_losses/losses.hpp"
#include "chapters/11_mnist/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::mnist;

namespace {

struct Options {
  std::string data = GRADUS_ROOT "/data/mnist";
  int epochs = 12;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--data" && !value.empty())
      options.data = value;
    else if (name == "--epochs" && std::atoi(value.c_str()) > 0)
      options.epochs = std::atoi(value.c_str());
    else
      throw std::invalid_argument("usage: 11_mnist [--data FOLDER] [--epochs N], N above 0");
  }
  return options;
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

Run train(const Digits& digits, int epochs) {
  Run run = start_run({});
  heading(fmt::format("{}, ReLU, SGD: batches of {}, learning rate {}",
                      fmt::join(run.settings.units, "-"), run.settings.batch_size,
                      run.settings.learning_rate));
  Progress progress("training", epochs);
  for (int n = 1; n <= epochs; ++n) {
    const Epoch epoch = next_epoch(run, digits);
    progress.advance(fmt::format("epoch {:2}   loss {:.4f}   accuracy: train {}, test {}", n,
                                 epoch.loss, percent(epoch.train_accuracy),
                                 percent(epoch.test_accuracy)));
  }
  return run;
}

void print_confusion(const Matrix& counts) {
  heading("Test images: true digit down, predicted digit across");
  std::vector<std::string> header = {""};
  for (int k = 0; k < counts.cols(); ++k) header.push_back(fmt::format("{}", k));
  Table table(header);
  for (int i = 0; i < counts.rows(); ++i) {
    std::vector<std::string> cells = {fmt::format("{}", i)};
    for (Scalar count : counts.row(i)) cells.push_back(fmt::format("{}", count));
    table.row(cells);
  }
  table.print();
}

void draw_training(const Run& run) {
  Figure figure(
      "11_mnist/training.svg",
      fmt::format("After {} epochs {} of the training images are read, {} of the test images",
                  run.epochs.size(), percent(run.epochs.back().train_accuracy),
                  percent(run.epochs.back().test_accuracy)),
      900, 420);
  Values number, loss, train, test;
  for (const Epoch& epoch : run.epochs) {
    number.push_back(static_cast<double>(number.size() + 1));
    loss.push_back(epoch.loss);
    train.push_back(100.0 * epoch.train_accuracy);
    test.push_back(100.0 * epoch.test_accuracy);
  }
  figure.layout(1, 2);
  Panel& left = figure.panel();
  left.x_axis("epoch").y_axis("mean cross-entropy of the epoch").log_y();
  left.line(number, loss, "training", {.shape = Shape::circle});
  Panel& right = figure.panel();
  right.x_axis("epoch").y_axis("accuracy, %", {92, 100});
  right.line(number, train, "training", {.shape = Shape::circle});
  right.line(number, test, "test", {.shape = Shape::circle});
  show(figure);
}

void draw_misread(const Samples& test, const std::vector<int>& predicted) {
  Figure figure("11_mnist/misread.png",
                "Misread test digits: what they are → what the network reads", 900, 560);
  figure.layout(4, 8);
  int drawn = 0;
  for (int n = 0; n < test.x.rows() && drawn < 32; ++n) {
    if (predicted[n] == test.labels[n]) continue;
    const auto pixels = test.x.row(n);
    figure.panel(fmt::format("{} → {}", test.labels[n], predicted[n]))
        .image(Values(pixels.begin(), pixels.end()), 28, 28);
    ++drawn;
  }
  show(figure);
}

}  // namespace

int main(int argc, char** argv) {
  return run_chapter("11 mnist", [&] {
    const Options options = parse(argc, argv);
    const Digits digits = read_digits(options.data);
    const Run run = train(digits, options.epochs);
    const std::vector<int> predicted = predict(network_forward(run.net, digits.test.x));
    print_confusion(confusion_matrix(predicted, digits.test.labels, run.settings.units.back()));
    draw_training(run);
    draw_misread(digits.test, predicted);
    return Headline{fmt::format("test accuracy {}", percent(run.epochs.back().test_accuracy)), "-"};
  });
}
