// The figures of chapter 11.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "chapters/11_mnist/experiment.hpp"
#include "chapters/11_mnist/text.hpp"
#include "common/report.hpp"

namespace gradus::mnist {

inline double train_accuracy(const Epoch& epoch) { return 100.0 * epoch.train.accuracy; }

inline double test_accuracy(const Epoch& epoch) { return 100.0 * epoch.test.accuracy; }

inline double train_loss(const Epoch& epoch) { return epoch.train.loss; }

inline double test_loss(const Epoch& epoch) { return epoch.test.loss; }

inline void draw_training(const Run& run) {
  Figure figure(
      "11_mnist/training.svg",
      fmt::format("After {} epochs {} of the training images are read, {} of the test images",
                  run.epochs.size(), percent(run.epochs.back().train.accuracy),
                  percent(run.epochs.back().test.accuracy)),
      900, 420);
  const Values epochs = column(run.epochs, &Epoch::number);
  figure.layout(1, 2);
  Panel& left = figure.panel();
  left.x_axis("epoch").y_axis("mean cross-entropy of the epoch").log_y();
  left.line(epochs, column(run.epochs, &Epoch::loss), "training", {.shape = Shape::circle});
  Panel& right = figure.panel();
  right.x_axis("epoch").y_axis("accuracy, %", {92, 100});
  right.line(epochs, column(run.epochs, train_accuracy), "training", {.shape = Shape::circle});
  right.line(epochs, column(run.epochs, test_accuracy), "test", {.shape = Shape::circle});
  show(figure);
}

inline void draw_misread(const Samples& test, const std::vector<int>& predicted, int side) {
  Figure figure("11_mnist/misread.png",
                "Misread test images: what they are → what the network reads", 900, 560);
  figure.layout(4, 8);
  int drawn = 0;
  for (int n = 0; n < test.x.rows() && drawn < 32; ++n) {
    if (predicted[n] == test.labels[n]) continue;
    const auto pixels = test.x.row(n);
    figure.panel(fmt::format("{} → {}", test.labels[n], predicted[n]))
        .image(Values(pixels.begin(), pixels.end()), side, side);
    ++drawn;
  }
  show(figure);
}

// What the hidden units look for: the weights from the pixels, in the pixels' places.
inline void draw_weights(const Matrix& w, int side) {
  Figure figure("11_mnist/weights.png",
                "Weights of 32 hidden units from the pixels: orange for ink, blue for paper", 900,
                560);
  figure.layout(4, 8);
  for (int unit = 0; unit < std::min(32, w.cols()); ++unit) {
    Values pixels;
    double largest = 0;
    for (int d = 0; d < w.rows(); ++d) {
      pixels.push_back(w(d, unit));
      largest = std::max(largest, std::abs(pixels.back()));
    }
    figure.panel().image(pixels, side, side, Palette::diverging, {-largest, largest});
  }
  show(figure);
}

inline void draw_models(const std::vector<Run>& runs, const std::string& kind) {
  std::string title;
  for (const Run& run : runs)
    title += fmt::format("{}{} {:.1f} %", title.empty() ? "Test accuracy: " : ", ", run.model.name,
                         test_accuracy(run.epochs.back()));
  Figure figure("11_mnist/models" + kind + ".svg", title, 1000, 460);
  figure.layout(1, 2).shared_key();
  Panel& losses = figure.panel();
  losses.x_axis("epoch").y_axis("cross-entropy on test images").log_y();
  for (const Run& run : runs)
    losses.line(column(run.epochs, &Epoch::number), column(run.epochs, test_loss), run.model.name);
  Panel& accuracies = figure.panel();
  accuracies.x_axis("epoch").y_axis("accuracy on test images, %");
  for (const Run& run : runs)
    accuracies.line(column(run.epochs, &Epoch::number), column(run.epochs, test_accuracy),
                    run.model.name);
  show(figure);
}

inline void draw_fits(const std::vector<Run>& runs, const std::string& kind) {
  const Run &small = run_of(runs, too_small), &few = run_of(runs, too_few);
  Figure figure("11_mnist/fits" + kind + ".svg",
                fmt::format("Underfitting: {} does not even know what it has seen. Overfitting: {} "
                            "knows that by heart, and {:.1f} points less of the rest",
                            small.model.name, few.model.name, gap(few)),
                900, 460);
  Names names;
  Values train, test;
  Panel& panel = figure.panel();
  for (const Run& run : runs) {
    const double place = static_cast<double>(names.size());
    names.push_back(run.model.name);
    train.push_back(train_accuracy(run.epochs.back()));
    test.push_back(test_accuracy(run.epochs.back()));
    panel.text(place - 0.2, train.back() - 4, fmt::format("{:.1f}", train.back()), Align::centre,
               Colour::white);
    panel.text(place + 0.2, test.back() - 4, fmt::format("{:.1f}", test.back()), Align::centre,
               Colour::white);
  }
  panel.y_axis("accuracy, %", {0, 100}).bars(names, train, "training").bars(names, test, "test");
  show(figure);
}

inline void draw_overfitting(const Run& without, const Run& with, const std::string& kind) {
  const auto times = [](const Run& run) {
    return run.epochs.back().test.loss / run.epochs.back().train.loss;
  };
  Figure figure(
      "11_mnist/overfitting" + kind + ".svg",
      fmt::format("After {} epochs the loss on test images is {:.1f} times that on training "
                  "images, with dropout {:.1f} times",
                  without.epochs.back().number, times(without), times(with)),
      900, 440);
  figure.layout(1, 2).shared_key();
  for (const Run* run : {&without, &with}) {
    Panel& panel = figure.panel(run->model.name);
    panel.x_axis("epoch").y_axis("cross-entropy", {0, 0.2});
    panel.line(column(run->epochs, &Epoch::number), column(run->epochs, train_loss),
               "training images");
    panel.line(column(run->epochs, &Epoch::number), column(run->epochs, test_loss), "test images");
  }
  show(figure);
}

}  // namespace gradus::mnist
