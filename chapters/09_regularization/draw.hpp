// The figures of chapter 09.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "chapters/09_regularization/experiment.hpp"
#include "common/report.hpp"

namespace gradus::regularization {

inline void draw_ridge() {
  Figure figure("09_regularization/ridge.svg",
                "The notes' six lines are nearly one; it takes an alpha of 110 to halve the slope",
                1000, 440);
  figure.layout(1, 2);
  Panel& lines = figure.panel("Anscombe's first set");
  lines.x_axis("x", {3, 15}).y_axis("y", {3, 12}).key(Key::line_ends);
  const auto [x, t] = anscombe();
  lines.line({3, 15}, {mean_of(t.flat()), mean_of(t.flat())}, "mean of y",
             {.colour = Colour::grey, .dashed = true});
  const auto draw = [&lines](double alpha, const char* label, Style style) {
    const Matrix y = linear_predict(anscombe_line(alpha), {{3}, {15}});
    lines.line({3, 15}, {y(0, 0), y(1, 0)}, label, style);
  };
  for (double alpha : {0.0, 0.4, 0.8, 1.2, 1.6, 2.0})
    draw(alpha, alpha == 2 ? "alpha 0 to 2" : "", {.colour = Colour::blue, .width = 1});
  draw(110, "alpha 110", {.colour = Colour::vermillion});
  draw(1000, "alpha 1000", {.colour = Colour::green});
  lines.points({x.flat().begin(), x.flat().end()}, {t.flat().begin(), t.flat().end()}, "",
               {.colour = Colour::black});

  const Values notes = {0.4, 0.8, 1.2, 1.6, 2};
  Values alphas;
  for (double e = -1; e <= 5.001; e += 0.05) alphas.push_back(std::pow(10, e));
  Panel& slopes = figure.panel("the slope is 55.01 / (110 + alpha)");
  slopes.x_axis("alpha", {0.1, 1e5}).log_x().y_axis("slope", {0, 0.55}).key(Key::none);
  slopes.line(alphas, anscombe_slopes(alphas), "", {.colour = Colour::black});
  slopes.points(notes, anscombe_slopes(notes), "", {.colour = Colour::blue, .size = 0.8});
  slopes.text(0.13, 0.42, "the notes' alphas", Align::left, Colour::blue);
  slopes.points({110}, anscombe_slopes({110}), "", {.colour = Colour::vermillion, .size = 1.3});
  slopes.text(200, 0.26, "110: half", Align::left, Colour::vermillion);
  slopes.points({1000}, anscombe_slopes({1000}), "", {.colour = Colour::green, .size = 1.3});
  show(figure);
}

inline void draw_remedies(const Results& results) {
  Names names;
  Values train, test;
  for (const Remedy& remedy : remedies) {
    if (remedy.l1_by_gradient > 0 || remedy.fewer) continue;
    names.push_back(remedy.name);
    train.push_back(averages_of(results, remedy).train_accuracy.mean);
    test.push_back(averages_of(results, remedy).test_accuracy.mean);
  }
  const auto best = std::ranges::max_element(test) - test.begin();
  Figure figure(
      "09_regularization/remedies.svg",
      fmt::format("Most new images are read with {}: {:.0f} %, against {:.0f} % with nothing",
                  names[best], test[best], averages_of(results, nothing).test_accuracy.mean),
      1150, 460);
  Panel& panel = figure.panel("all at learning rate 0.01");
  panel.y_axis("accuracy, %, mean of 5 seeds", {0, 107}).y_tics({0, 20, 40, 60, 80, 100});
  panel.bars(names, train, "training").bars(names, test, "test");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double x = static_cast<double>(i);
    panel.text(x - 0.2, train[i] + 3, fixed(train[i], 0), Align::centre);
    panel.text(x + 0.2, test[i] + 3, fixed(test[i], 0), Align::centre);
  }
  show(figure);
}

// The looks of a run as columns; accuracies in %.
struct Curve {
  Values epoch, train, test, test_loss;
};

inline Curve curve_of(const Run& run) {
  using Look = Run::Look;
  return {.epoch = column(run.looks, &Look::epoch),
          .train = column(run.looks, [](const Look& look) { return 100 * look.train.accuracy; }),
          .test = column(run.looks, [](const Look& look) { return 100 * look.test.accuracy; }),
          .test_loss = column(run.looks, [](const Look& look) { return look.test.loss; })};
}

inline void draw_curves(const MnistData& data) {
  const int epochs = 600;
  Results results;
  for (const Remedy& remedy : {augmentation, nothing, weak_l2, early_stopping})
    results.push_back({remedy, std::vector<Run>(1)});
  train_all(results, data, {}, epochs, 10);
  const auto curve = [&](const Remedy& r) { return curve_of(result_of(results, r).runs.front()); };
  const Curve plain = curve(nothing), varied = curve(augmentation), l2 = curve(weak_l2);
  const auto all_right = std::ranges::find(plain.train, 100) - plain.train.begin();
  const bool by_heart = all_right < std::ssize(plain.train);
  Figure figure(
      "09_regularization/curves.svg",
      fmt::format(
          "{} after {} epochs: the test loss goes from {:.2f} at its lowest to {:.2f}, the test "
          "accuracy ends at {:.0f} %",
          by_heart ? "By heart" : "Not by heart", by_heart ? plain.epoch[all_right] : epochs,
          std::ranges::min(plain.test_loss), plain.test_loss.back(), plain.test.back()),
      1200, 440);
  figure.layout(1, 3);
  for (const auto& [title, c] : {std::pair{"no remedy", &plain}, {"augmentation", &varied}}) {
    Panel& panel = figure.panel(title);
    panel.x_axis("epoch", {0, epochs}).y_axis("accuracy, %", {0, 100}).key(Key::line_ends);
    panel.line(c->epoch, c->train, "training", {.colour = Colour::blue});
    panel.line(c->epoch, c->test, "test", {.colour = Colour::vermillion});
  }
  Panel& loss = figure.panel("test loss");
  loss.x_axis("epoch", {0, epochs}).y_axis("cross-entropy", {0.4, 1.4}).key(Key::line_ends);
  loss.line(plain.epoch, plain.test_loss, "no remedy", {.colour = Colour::vermillion});
  loss.line(l2.epoch, l2.test_loss, "L2 0.05", {.colour = Colour::green});
  loss.line(varied.epoch, varied.test_loss, "augmentation", {.colour = Colour::purple});
  loss.vertical(result_of(results, early_stopping).runs.front().epochs, "early stopping");
  show(figure);
}

inline void draw_weights(const Results& results) {
  Figure figure(
      "09_regularization/weights.svg",
      "L2 makes all weights smaller and none 0; l1_shrink makes many 0, L1's gradient nearly 0",
      1300, 400);
  figure.layout(1, 4);
  for (const Remedy& remedy : {nothing, weak_l2, l1, l1_by_gradient}) {
    const Network& net = result_of(results, remedy).runs.front().end.net;
    Panel& panel = figure.panel(remedy.name + ": " + fixed(100 * zero_share(net), 0) + " % are 0");
    panel.x_axis("weight, all layers", {-0.3, 0.3}).y_axis("% of the weights per bin", {0, 40});
    const auto histogram = weight_histogram(net);
    panel.histogram(histogram.edges, histogram.heights);
  }
  show(figure);
}

inline void draw_digits(const MnistData& data) {
  Figure figure("09_regularization/digits.png",
                "Four variants (below) of each digit (above): turned, shifted, with noise", 900,
                620);
  figure.layout(5, 8);
  const Matrix originals = first_digits(data.set.train_images, data.set.train_labels, 8).x;
  Random random(0);
  for (int row = 0; row < 5; ++row) {
    const Matrix x = row == 0 ? originals : augment(originals, Augmentation{}, random);
    for (int n = 0; n < 8; ++n) figure.panel().image({x.row(n).begin(), x.row(n).end()}, 28, 28);
  }
  show(figure);
}

}  // namespace gradus::regularization
