// 11: a network learns to read handwritten digits.                       docs/11_mnist.md
//
//   11_mnist [--data FOLDER] [--epochs N]

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "chapters/11_mnist/mnist.hpp"
#include "common/report.hpp"

using namespace gradus;

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

struct Data {
  Matrix train_x, test_x;
  std::vector<int> train_labels, test_labels;
};

Data load(const std::string& folder) {
  MnistSet set = read_mnist(folder);
  return {preprocess(set.train_images), preprocess(set.test_images), std::move(set.train_labels),
          std::move(set.test_labels)};
}

// What is known after each epoch.
struct History {
  Values epoch, loss, train_accuracy, test_accuracy;
};

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

History train(Network& net, const Data& data, int epochs, Random& random) {
  heading("784-100-10, ReLU, SGD: batches of 100, learning rate 0.2");
  History history;
  Progress progress("training", epochs);
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    const Scalar loss = train_epoch(net, data.train_x, data.train_labels, 100, 0.2, random);
    history.epoch.push_back(epoch);
    history.loss.push_back(loss);
    history.train_accuracy.push_back(accuracy(predict(net, data.train_x), data.train_labels));
    history.test_accuracy.push_back(accuracy(predict(net, data.test_x), data.test_labels));
    progress.advance(fmt::format("epoch {:2}   loss {:.4f}   accuracy: train {}, test {}", epoch,
                                 loss, percent(history.train_accuracy.back()),
                                 percent(history.test_accuracy.back())));
  }
  return history;
}

void print_confusion(const std::vector<int>& predicted, const std::vector<int>& labels) {
  heading("Test images: true digit down, predicted digit across");
  std::vector<std::string> header = {""};
  for (int k = 0; k < 10; ++k) header.push_back(fmt::format("{}", k));
  Table table(header);
  const Matrix counts = confusion_matrix(predicted, labels, 10);
  for (int i = 0; i < 10; ++i) {
    std::vector<std::string> cells = {fmt::format("{}", i)};
    for (int j = 0; j < 10; ++j) cells.push_back(fmt::format("{}", counts(i, j)));
    table.row(cells);
  }
  table.print();
}

void draw_history(const History& history) {
  Figure figure(
      "11_mnist/training.svg",
      fmt::format("After {} epochs {} of the training images are read, {} of the test images",
                  history.epoch.size(), percent(history.train_accuracy.back()),
                  percent(history.test_accuracy.back())),
      900, 420);
  figure.layout(1, 2);
  Panel& loss = figure.panel();
  loss.x_axis("epoch").y_axis("mean cross-entropy of the epoch").log_y();
  loss.line(history.epoch, history.loss, "training", {.shape = Shape::circle});
  Panel& right = figure.panel();
  Values train = history.train_accuracy, test = history.test_accuracy;
  for (double& share : train) share *= 100;
  for (double& share : test) share *= 100;
  right.x_axis("epoch").y_axis("accuracy, %", {92, 100});
  right.line(history.epoch, train, "training", {.shape = Shape::circle});
  right.line(history.epoch, test, "test", {.shape = Shape::circle});
  show(figure);
}

void draw_misread(const Data& data, const std::vector<int>& predicted) {
  Figure figure("11_mnist/misread.png",
                "Misread test digits: what they are → what the network reads", 900, 560);
  figure.layout(4, 8);
  int drawn = 0;
  for (int n = 0; n < data.test_x.rows() && drawn < 32; ++n) {
    if (predicted[n] == data.test_labels[n]) continue;
    const auto pixels = data.test_x.row(n);
    figure.panel(fmt::format("{} → {}", data.test_labels[n], predicted[n]))
        .image(Values(pixels.begin(), pixels.end()), 28, 28);
    ++drawn;
  }
  show(figure);
}

}  // namespace

int main(int argc, char** argv) {
  return run_chapter("11 mnist", [&] {
    const Options options = parse(argc, argv);
    const Data data = load(options.data);
    Random random(42);
    Network net = network_init({784, 100, 10}, random);
    const History history = train(net, data, options.epochs, random);
    const std::vector<int> predicted = predict(net, data.test_x);
    print_confusion(predicted, data.test_labels);
    draw_history(history);
    draw_misread(data, predicted);
    return Headline{fmt::format("test accuracy {}", percent(history.test_accuracy.back())), "–"};
  });
}
