// 09: a network that learns by heart, and what makes that harder.    docs/09_regularization.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chapters/09_regularization/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

const Remedy remedies[] = {nothing,        weak_l2,      strong_l2,          l1,
                           l1_by_gradient, weak_dropout, strong_dropout,     early_stopping,
                           fewer_images,   augmentation, batch_normalization};
const double rates[] = {0.01, 0.1, 0.5, 1};
const int seeds = 5, rate_seeds = 3;

// ---- lines ----

void print_ridge() {
  heading("Ridge on Anscombe's first set: slope and intercept by alpha");
  const Line line = anscombe();
  Table table({"alpha", "slope", "intercept", "the notes"});
  for (double alpha : {0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 110.0, 10000.0}) {
    const LinearModel model = ridge(line.x, line.t, static_cast<Scalar>(alpha));
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
  Matrix shrunk = {{0.012f}}, pulled = shrunk;
  for (int step = 0; step <= 5; ++step) {
    table.row({fmt::format("{}", step), fmt::format("{:.3f}", shrunk(0, 0)),
               fmt::format("{:.3f}", pulled(0, 0))});
    l1_shrink(shrunk, 0.005f);
    sgd_step(pulled, l1_penalty_gradient(pulled, 1), 0.005f);
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
  for (Scalar rate : {0.2f, 0.5f, 0.7f}) {
    const Matrix x(100, 1000, 1);
    const Dropout d = dropout_forward(x, rate, random);
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
    for (Scalar share : {0.2f, 0.3f}) {
      const Split split = split_samples(all, share, 0.2f, random);
      table.row({fmt::format("{}", all), number(share), fmt::format("{}", split.test.size()),
                 fmt::format("{}", split.validation.size()),
                 fmt::format("{}", split.train.size())});
    }
  table.print();
}

// ---- seven layers ----

using Results = std::vector<Result>;

// Each training is the same on any thread.
Results train_all(const Data& data) {
  Results results;
  for (const Remedy& remedy : remedies) results.push_back({remedy, std::vector<Trial>(seeds)});
  for (double rate : rates)
    for (const Remedy& remedy : {nothing, batch_normalization})
      if (at_rate(remedy, rate).name != remedy.name)
        results.push_back({at_rate(remedy, rate), std::vector<Trial>(rate_seeds)});
  struct Job {
    const Remedy* remedy;
    Trial* trial;
    std::uint32_t seed;
  };
  std::vector<Job> jobs;
  for (Result& result : results)
    for (std::size_t seed = 0; seed < result.trials.size(); ++seed)
      jobs.push_back({&result.remedy, &result.trials[seed], static_cast<std::uint32_t>(seed)});
  Progress progress("training", static_cast<int>(jobs.size()));
#pragma omp parallel for schedule(dynamic)
  for (const Job& job : jobs) {
    *job.trial = train(*job.remedy, data, job.seed);
#pragma omp critical
    progress.advance();
  }
  return results;
}

template <typename Value>
Summary over_seeds(const Result& result, Value value) {
  std::vector<double> values;
  for (const Trial& trial : result.trials) values.push_back(value(trial));
  return summary(values);
}

Summary train_accuracy(const Result& result) {
  return over_seeds(result, [](const Trial& t) { return 100 * t.train.accuracy; });
}
Summary test_accuracy(const Result& result) {
  return over_seeds(result, [](const Trial& t) { return 100 * t.test.accuracy; });
}
double gap(const Result& result) {
  return train_accuracy(result).mean - test_accuracy(result).mean;
}
std::string text(Summary s) { return fmt::format("{:.1f} ±{:.1f}", s.mean, s.deviation); }

void print_remedies(const Results& results) {
  heading("784-100×6-10, 300 images, SGD 0.01, batches of 100, 201 epochs: 5 seeds");
  Table table({"remedy", "train %", "test %", "gap", "test loss", "weights: length", "0 in %"});
  for (const Remedy& remedy : remedies) {
    const Result& r = result_of(results, remedy);
    const double loss = over_seeds(r, [](const Trial& t) { return t.test.loss; }).mean;
    const double end = over_seeds(r, [](const Trial& t) { return length(t.deep.net); }).mean;
    const double zeros = over_seeds(r, [](const Trial& t) { return zero_share(t.deep.net); }).mean;
    table.row({remedy.name, text(train_accuracy(r)), text(test_accuracy(r)),
               fmt::format("{:.1f}", gap(r)), fmt::format("{:.2f}", loss),
               fmt::format("{:.1f}", end), fmt::format("{:.0f}", 100 * zeros)});
  }
  table.print();
  const Summary kept =
      over_seeds(result_of(results, early_stopping), [](const Trial& t) { return t.epochs; });
  fmt::print(
      "the weights start with a length of {:.1f}; early stopping keeps epoch {:.0f} ±{:.0f}\n",
      over_seeds(result_of(results, nothing), [](const Trial& t) { return length(t.start.net); })
          .mean,
      kept.mean, kept.deviation);
}

// It has not learned its own images.
bool failed(const Trial& trial) { return trial.exploded || trial.train.accuracy < 0.95; }

void print_rates(const Results& results) {
  heading("Batch normalization by learning rate: 5 seeds at 0.01, else 3");
  Table table({"rate", "batch norm", "train %", "test %", "gap"});
  for (double rate : rates)
    for (const Remedy& remedy : {nothing, batch_normalization}) {
      const Result& r = result_of(results, at_rate(remedy, rate));
      std::vector<std::string> row = {number(rate), remedy.norms ? "with" : "without"};
      if (std::ranges::any_of(r.trials, failed))
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
  const Line line = anscombe();
  Figure figure("09_regularization/ridge.svg",
                "The notes' six lines are nearly one; it takes an alpha of 110 to halve the slope",
                1000, 440);
  figure.layout(1, 2);
  Panel& lines = figure.panel("Anscombe's first set");
  lines.x_axis("x", {3, 15}).y_axis("y", {3, 12}).key(Key::line_ends);
  const double baseline = mean(line.t);
  lines.line({3, 15}, {baseline, baseline}, "mean of y", {.colour = Colour::grey, .dashed = true});
  const auto draw = [&](double alpha, const char* label, Style style) {
    const LinearModel model = ridge(line.x, line.t, static_cast<Scalar>(alpha));
    const Matrix y = linear_predict(model, {{3}, {15}});
    lines.line({3, 15}, {y(0, 0), y(1, 0)}, label, style);
  };
  for (double alpha : {0.0, 0.4, 0.8, 1.2, 1.6})
    draw(alpha, "", {.colour = Colour::blue, .width = 1});
  draw(2, "alpha 0 to 2", {.colour = Colour::blue, .width = 1});
  draw(110, "alpha 110", {.colour = Colour::vermillion});
  draw(1000, "alpha 1000", {.colour = Colour::green});
  Values xs, ys;
  for (int n = 0; n < 11; ++n) xs.push_back(line.x(n, 0)), ys.push_back(line.t(n, 0));
  lines.points(xs, ys, "", {.colour = Colour::black});

  Panel& slopes = figure.panel("the slope is 55.01 / (110 + alpha)");
  slopes.x_axis("alpha", {0.1, 1e5}).log_x().y_axis("slope", {0, 0.55}).key(Key::none);
  Values alphas, slope, six, six_slopes;
  const auto slope_of = [&](double alpha) {
    return double{ridge(line.x, line.t, static_cast<Scalar>(alpha)).w(0, 0)};
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

// The first epoch that was looked at after which all training images are right; 0 if none.
int by_heart(const Trial& trial) {
  for (std::size_t i = 0; i < trial.at.size(); ++i)
    if (trial.trains[i].accuracy == 1) return static_cast<int>(trial.at[i]);
  return 0;
}

void draw_curves(const Data& data) {
  const int epochs = 600;
  std::vector<Result> results;
  for (const Remedy& remedy : {augmentation, nothing, weak_l2, early_stopping})
    results.push_back({remedy, std::vector<Trial>(1)});
#pragma omp parallel for schedule(dynamic)
  for (Result& result : results) result.trials[0] = train(result.remedy, data, 0, epochs, 10);
  const auto trial_of = [&](const Remedy& remedy) { return result_of(results, remedy).trials[0]; };

  const Trial plain = trial_of(nothing);
  double lowest = plain.tests[0].loss;
  for (const Score& s : plain.tests) lowest = std::min(lowest, s.loss);
  Figure figure(
      "09_regularization/curves.svg",
      fmt::format("By heart after {} epochs: the test loss rises from "
                  "{:.2f} to {:.2f}, the test accuracy stays near {:.0f} %",
                  by_heart(plain), lowest, plain.tests.back().loss, 100 * plain.test.accuracy),
      1200, 440);
  figure.layout(1, 3);
  const auto draw = [&](const char* title, const Trial& trial) {
    Values train, test;
    for (const Score& s : trial.trains) train.push_back(100 * s.accuracy);
    for (const Score& s : trial.tests) test.push_back(100 * s.accuracy);
    Panel& panel = figure.panel(title);
    panel.x_axis("epoch", {0, epochs}).y_axis("accuracy, %", {0, 100}).key(Key::line_ends);
    panel.line(trial.at, train, "training", {.colour = Colour::blue});
    panel.line(trial.at, test, "test", {.colour = Colour::vermillion});
  };
  draw("no remedy", plain);
  draw("augmentation", trial_of(augmentation));
  Panel& loss = figure.panel("test loss");
  loss.x_axis("epoch", {0, epochs}).y_axis("cross-entropy", {0.4, 1.4}).key(Key::line_ends);
  struct Curve {
    const Remedy& remedy;
    const char* name;
    Colour colour;
  };
  for (const Curve& curve : {Curve{nothing, "no remedy", Colour::vermillion},
                             {weak_l2, "L2 0.05", Colour::green},
                             {augmentation, "augmentation", Colour::purple}}) {
    const Trial trial = trial_of(curve.remedy);
    Values losses;
    for (const Score& s : trial.tests) losses.push_back(s.loss);
    loss.line(trial.at, losses, curve.name, {.colour = curve.colour});
  }
  loss.vertical(trial_of(early_stopping).epochs, "early stopping");
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
    const Network& net = result_of(results, remedy).trials[0].deep.net;
    double all = 0;
    Values edges, heights(61);
    for (const Matrix& w : net.w) {
      const std::vector<int> counts = histogram(w, -0.305f, 0.305f, 61);
      for (int i = 0; i < 61; ++i) heights[i] += counts[i];
      all += w.size();
    }
    for (double& h : heights) h *= 100 / all;
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
  std::vector<int> first(8);
  for (int i = 0; i < 8; ++i) first[i] = i;
  Digits digits = take_digits(data.set.train_images, data.set.train_labels, first);
  Random random(0);
  for (int row = 0; row < 5; ++row) {
    const Matrix x = row == 0 ? digits.x : augment(digits.x, Augmentation{}, random);
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
    const Results results = train_all(data);
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
        "–"};
  });
}
