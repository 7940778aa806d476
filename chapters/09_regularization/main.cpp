// 09: a network that learns by heart, and what makes that harder.    docs/09_regularization.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chapters/09_regularization/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::regularization;

namespace {

const Remedy remedies[] = {nothing,        weak_l2,      strong_l2,          l1,
                           l1_by_gradient, weak_dropout, strong_dropout,     early_stopping,
                           fewer_images,   augmentation, batch_normalization};
const double rates[] = {0.01, 0.1, 0.5, 1};
const int seeds = 5, rate_seeds = 3;

// ---- lines ----

void print_ridge() {
  heading("Ridge on Anscombe's first set: slope and intercept by alpha");
  const Points points = anscombe();
  Table table({"alpha", "slope", "intercept", "the notes"});
  for (double alpha : {0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 110.0, 10000.0}) {
    const LinearModel model = ridge(points.x, points.t, static_cast<Scalar>(alpha));
    table.row({number(alpha), fmt::format("{:.4f}", model.w(0, 0)), fmt::format("{:.3f}", model.b),
               alpha == 1.2   ? "0.49x + 3.05"
               : alpha == 1.6 ? "0.49x + 3.07"
                              : ""});
  }
  table.print();
}

// ---- penalties and dropout ----

void print_shrinking() {
  heading("A weight of 0.012 under L1 alone, 0.005 per step");
  Table table({"step", "l1_shrink", "gradient"});
  const Scalar lambda = Scalar(0.005);
  Matrix shrunk = {{Scalar(0.012)}}, pulled = shrunk;
  for (int step = 0; step <= 5; ++step) {
    table.row({fmt::format("{}", step), fmt::format("{:.3f}", shrunk(0, 0)),
               fmt::format("{:.3f}", pulled(0, 0))});
    l1_shrink(shrunk, lambda);
    descend(pulled, l1_penalty_gradient(pulled, 1), lambda);
  }
  table.print();
}

double mean(const Matrix& m) {
  double sum = 0;
  for (Scalar v : m.flat()) sum += v;
  return sum / m.size();
}

void print_dropout() {
  heading("What the next layer gets from 100 000 units of 1, on average");
  Table table({"rate", "training, not scaled", "training", "test", "not scaled: test/training"});
  Random random(0);
  for (double rate : {0.2, 0.5, 0.7}) {
    const Matrix x(100, 1000, 1);
    const Dropout d = dropout_forward(x, static_cast<Scalar>(rate), random);
    Matrix kept = d.mask;
    for (Scalar& v : kept.flat()) v = v > 0;
    const double plain = mean(kept), test = mean(dropout_inference(x));
    table.row({number(rate), fmt::format("{:.2f}", plain), fmt::format("{:.2f}", mean(d.y)),
               fmt::format("{:.2f}", test), fmt::format("{:.1f}", test / plain)});
  }
  table.print();
}

void print_split() {
  heading("20 to 30 % for the test, 20 % of the rest for validation");
  Table table({"samples", "test share", "test", "validation", "training"});
  Random random(0);
  for (int all : {300, 60000})
    for (double share : {0.2, 0.3}) {
      const Split split = split_samples(all, static_cast<Scalar>(share), Scalar(0.2), random);
      table.row({fmt::format("{}", all), number(share), fmt::format("{}", split.test.size()),
                 fmt::format("{}", split.validation.size()),
                 fmt::format("{}", split.train.size())});
    }
  table.print();
}

// ---- seven layers ----

using Results = std::vector<Result>;

Results train_remedies(const Data& data) {
  Results results;
  for (const Remedy& remedy : remedies) results.push_back({remedy, std::vector<Run>(seeds)});
  for (double rate : rates)
    for (const Remedy& remedy : {nothing, batch_normalization})
      if (at_rate(remedy, rate).name != remedy.name)
        results.push_back({at_rate(remedy, rate), std::vector<Run>(rate_seeds)});
  int all = 0;
  for (const Result& result : results) all += static_cast<int>(result.runs.size());
  Progress progress("training", all);
  train_all(results, data, [&] { progress.advance(); });
  return results;
}

std::string text(Summary s) { return fmt::format("{:.1f} ±{:.1f}", s.mean, s.deviation); }

void print_remedies(const Results& results) {
  heading("784-100×6-10, 300 images, SGD 0.01, batches of 100, 201 epochs: 5 seeds");
  Table table({"remedy", "train %", "test %", "gap", "test loss", "weights: length", "0 in %"});
  for (const Remedy& remedy : remedies) {
    const Result& r = result_of(results, remedy);
    const double loss = over_seeds(r, [](const Run& run) { return run.test.loss; }).mean;
    const double end = over_seeds(r, [](const Run& run) { return length(run.end.net); }).mean;
    const double zeros = over_seeds(r, [](const Run& run) { return zero_share(run.end.net); }).mean;
    table.row({remedy.name, text(train_accuracy(r)), text(test_accuracy(r)),
               fmt::format("{:.1f}", gap(r)), fmt::format("{:.2f}", loss),
               fmt::format("{:.1f}", end), fmt::format("{:.0f}", 100 * zeros)});
  }
  table.print();
  const Summary kept =
      over_seeds(result_of(results, early_stopping), [](const Run& run) { return run.epochs; });
  fmt::print(
      "the weights start with a length of {:.1f}; early stopping keeps epoch {:.0f} ±{:.0f}\n",
      over_seeds(result_of(results, nothing), [](const Run& run) { return length(run.start.net); })
          .mean,
      kept.mean, kept.deviation);
}

void print_rates(const Results& results) {
  heading("Batch normalization by learning rate: 5 seeds at 0.01, else 3");
  Table table({"rate", "batch norm", "train %", "test %", "gap"});
  for (double rate : rates)
    for (const Remedy& remedy : {nothing, batch_normalization}) {
      const Result& r = result_of(results, at_rate(remedy, rate));
      std::vector<std::string> row = {number(rate), remedy.batch_norm ? "with" : "without"};
      if (std::ranges::any_of(r.runs, failed))
        row.push_back("fails");
      else
        row.insert(row.end(), {text(train_accuracy(r)), text(test_accuracy(r)),
                               fmt::format("{:.1f}", gap(r))});
      table.row(row);
    }
  table.print();
}

// ---- figures ----

void draw_ridge() {
  const Points points = anscombe();
  Figure figure("09_regularization/ridge.svg",
                "The notes' six lines are nearly one; it takes an alpha of 110 to halve the slope",
                1000, 440);
  figure.layout(1, 2);
  Panel& lines = figure.panel("Anscombe's first set");
  lines.x_axis("x", {3, 15}).y_axis("y", {3, 12}).key(Key::line_ends);
  const double baseline = mean(points.t);
  lines.line({3, 15}, {baseline, baseline}, "mean of y", {.colour = Colour::grey, .dashed = true});
  const auto draw = [&](double alpha, const char* label, Style style) {
    const LinearModel model = ridge(points.x, points.t, static_cast<Scalar>(alpha));
    const Matrix y = linear_predict(model, {{3}, {15}});
    lines.line({3, 15}, {y(0, 0), y(1, 0)}, label, style);
  };
  for (double alpha : {0.0, 0.4, 0.8, 1.2, 1.6})
    draw(alpha, "", {.colour = Colour::blue, .width = 1});
  draw(2, "alpha 0 to 2", {.colour = Colour::blue, .width = 1});
  draw(110, "alpha 110", {.colour = Colour::vermillion});
  draw(1000, "alpha 1000", {.colour = Colour::green});
  Values xs, ys;
  for (int n = 0; n < 11; ++n) xs.push_back(points.x(n, 0)), ys.push_back(points.t(n, 0));
  lines.points(xs, ys, "", {.colour = Colour::black});

  Panel& slopes = figure.panel("the slope is 55.01 / (110 + alpha)");
  slopes.x_axis("alpha", {0.1, 1e5}).log_x().y_axis("slope", {0, 0.55}).key(Key::none);
  Values alphas, slope, six, six_slopes;
  const auto slope_of = [&](double alpha) {
    return double{ridge(points.x, points.t, static_cast<Scalar>(alpha)).w(0, 0)};
  };
  for (double e = -1; e <= 5.001; e += 0.05) {
    alphas.push_back(std::pow(10, e));
    slope.push_back(slope_of(alphas.back()));
  }
  for (int i = 1; i <= 5; ++i) six.push_back(0.4 * i), six_slopes.push_back(slope_of(0.4 * i));
  slopes.line(alphas, slope, "", {.colour = Colour::black});
  slopes.points(six, six_slopes, "", {.colour = Colour::blue, .size = 0.8});
  slopes.text(0.13, 0.42, "the notes' alphas", Align::left, Colour::blue);
  slopes.points({110}, {slope_of(110)}, "", {.colour = Colour::vermillion, .size = 1.3});
  slopes.text(200, 0.26, "110: half", Align::left, Colour::vermillion);
  slopes.points({1000}, {slope_of(1000)}, "", {.colour = Colour::green, .size = 1.3});
  show(figure);
}

void draw_remedies(const Results& results) {
  Names names;
  Values train, test;
  for (const Remedy& remedy : remedies) {
    if (remedy.l1_by_gradient > 0 || remedy.fewer) continue;
    names.push_back(remedy.name);
    train.push_back(train_accuracy(result_of(results, remedy)).mean);
    test.push_back(test_accuracy(result_of(results, remedy)).mean);
  }
  const auto best = std::ranges::max_element(test) - test.begin();
  Figure figure(
      "09_regularization/remedies.svg",
      fmt::format("Most new images are read with {}: {:.0f} %, against {:.0f} % with nothing",
                  names[best], test[best], test_accuracy(result_of(results, nothing)).mean),
      1150, 460);
  Panel& panel = figure.panel("all at learning rate 0.01");
  panel.y_axis("accuracy, %, mean of 5 seeds", {0, 107}).y_tics({0, 20, 40, 60, 80, 100});
  panel.bars(names, train, "training").bars(names, test, "test");
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const auto& [values, side] : {std::pair{&train, -0.2}, {&test, 0.2}})
      panel.text(static_cast<double>(i) + side, (*values)[i] + 3,
                 fmt::format("{:.0f}", (*values)[i]), Align::centre);
  show(figure);
}

struct Curve {
  Values epoch, train, test, test_loss;  // accuracies in %
};

Curve curve_of(const Run& run) {
  Curve c;
  for (const Run::Look& look : run.looks) {
    c.epoch.push_back(look.epoch);
    c.train.push_back(100 * look.train.accuracy);
    c.test.push_back(100 * look.test.accuracy);
    c.test_loss.push_back(look.test.loss);
  }
  return c;
}

void draw_curves(const Data& data) {
  const int epochs = 600;
  Results results;
  for (const Remedy& remedy : {augmentation, nothing, weak_l2, early_stopping})
    results.push_back({remedy, std::vector<Run>(1)});
  train_all(
      results, data, [] {}, epochs, 10);
  const auto run_of = [&](const Remedy& remedy) { return result_of(results, remedy).runs.front(); };

  const Curve plain = curve_of(run_of(nothing));
  const auto by_heart = std::ranges::find(plain.train, 100.0) - plain.train.begin();
  Figure figure(
      "09_regularization/curves.svg",
      fmt::format("By heart after {} epochs: the test loss rises from "
                  "{:.2f} to {:.2f}, the test accuracy stays near {:.0f} %",
                  plain.epoch.at(static_cast<std::size_t>(by_heart)),
                  std::ranges::min(plain.test_loss), plain.test_loss.back(), plain.test.back()),
      1200, 440);
  figure.layout(1, 3);
  const auto draw = [&](const char* title, const Curve& curve) {
    Panel& panel = figure.panel(title);
    panel.x_axis("epoch", {0, epochs}).y_axis("accuracy, %", {0, 100}).key(Key::line_ends);
    panel.line(curve.epoch, curve.train, "training", {.colour = Colour::blue});
    panel.line(curve.epoch, curve.test, "test", {.colour = Colour::vermillion});
  };
  draw("no remedy", plain);
  draw("augmentation", curve_of(run_of(augmentation)));
  Panel& loss = figure.panel("test loss");
  loss.x_axis("epoch", {0, epochs}).y_axis("cross-entropy", {0.4, 1.4}).key(Key::line_ends);
  const auto draw_loss = [&](const Remedy& remedy, const char* name, Colour colour) {
    const Curve curve = curve_of(run_of(remedy));
    loss.line(curve.epoch, curve.test_loss, name, {.colour = colour});
  };
  draw_loss(nothing, "no remedy", Colour::vermillion);
  draw_loss(weak_l2, "L2 0.05", Colour::green);
  draw_loss(augmentation, "augmentation", Colour::purple);
  loss.vertical(run_of(early_stopping).epochs, "early stopping");
  show(figure);
}

void draw_weights(const Results& results) {
  Figure figure(
      "09_regularization/weights.svg",
      "L2 makes all weights smaller and none 0; l1_shrink makes many 0, L1's gradient nearly 0",
      1300, 400);
  figure.layout(1, 4);
  for (const auto& [remedy, title] : {std::pair{nothing, "no remedy"},
                                      {weak_l2, "L2"},
                                      {l1, "L1, l1_shrink"},
                                      {l1_by_gradient, "L1, gradient"}}) {
    const Network& net = result_of(results, remedy).runs.front().end.net;
    Values edges, heights = weight_histogram(net, -0.305, 0.305, 61);
    for (double& h : heights) h *= 100;
    for (int i = 0; i <= 61; ++i) edges.push_back(-0.305 + 0.01 * i);
    Panel& panel = figure.panel(fmt::format("{}: {:.0f} % are 0", title, 100 * zero_share(net)));
    panel.x_axis("weight, all seven layers", {-0.3, 0.3})
        .y_axis("% of the weights per bin", {0, 40});
    panel.histogram(edges, heights);
  }
  show(figure);
}

void draw_digits(const Data& data) {
  Figure figure("09_regularization/digits.png",
                "Four variants (below) of each digit (above): turned, shifted, with noise", 900,
                620);
  figure.layout(5, 8);
  const Matrix originals = first_digits(data.set.train_images, data.set.train_labels, 8).x;
  Random random(0);
  for (int row = 0; row < 5; ++row) {
    const Matrix x = row == 0 ? originals : augment(originals, Augmentation{}, random);
    for (int n = 0; n < 8; ++n)
      figure.panel().image(Values(x.row(n).begin(), x.row(n).end()), 28, 28);
  }
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("09 regularization", [] {
    print_ridge();
    print_shrinking();
    print_dropout();
    print_split();
    const Data data = load_data();
    const Results results = train_remedies(data);
    print_remedies(results);
    print_rates(results);
    draw_ridge();
    draw_remedies(results);
    draw_curves(data);
    draw_weights(results);
    draw_digits(data);
    return Headline{
        fmt::format("gap of {:.1f} points, with augmentation {:.1f}",
                    gap(result_of(results, nothing)), gap(result_of(results, augmentation))),
        "-"};
  });
}
