// 07: seven ways to use a gradient, raced against each other.              docs/07_optimizers.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "chapters/07_optimizers/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

// One colour an optimizer in all figures.
Colour colour(Optimizer optimizer) {
  static const Colour colours[] = {Colour::blue,   Colour::vermillion, Colour::green,
                                   Colour::orange, Colour::purple,     Colour::sky,
                                   Colour::black};
  return colours[static_cast<int>(optimizer)];
}

// ---- the ravine ----

struct Entrant {
  Optimizer optimizer;
  Scalar rate;
};

const Entrant on_the_ravine[] = {{Optimizer::sgd, 0.95f},
                                 {Optimizer::momentum, 0.1f},
                                 {Optimizer::adagrad, 1.5f},
                                 {Optimizer::adam, 0.3f}};

int sign_changes(const Values& values) {
  int changes = 0;
  for (std::size_t i = 1; i < values.size(); ++i) changes += values[i] * values[i - 1] < 0;
  return changes;
}

void print_ravine() {
  heading("30 steps on x^2/20 + y^2 from (-7, 2)");
  Table table({"optimizer", "rate", "x at the end", "y at the end", "loss", "times y crosses 0"});
  for (const auto [optimizer, rate] : on_the_ravine) {
    const Path path = descend_ravine(optimizer, rate, -7, 2, 30);
    const double x = path.x.back(), y = path.y.back();
    table.row({name(optimizer), number(rate), fmt::format("{:.4f}", x), fmt::format("{:.4f}", y),
               fmt::format("{:.4f}", x * x / 20 + y * y), fmt::format("{}", sign_changes(path.y))});
  }
  table.print();
}

void draw_ravine() {
  Figure figure("07_optimizers/ravine.svg",
                "SGD zigzags, momentum swings past the end, AdaGrad and Adam turn into the valley",
                940, 620);
  figure.layout(2, 2);
  const Grid loss = tabulate(48, 105, {-8, 2.5}, {-2.4, 2.4},
                             [](double x, double y) { return x * x / 20 + y * y; });
  for (const auto [optimizer, rate] : on_the_ravine) {
    const Path path = descend_ravine(optimizer, rate, -7, 2, 30);
    Panel& panel = figure.panel(fmt::format("{}, rate {}", name(optimizer), number(rate)));
    panel.x_axis("x", {-8, 2.5}).y_axis("y", {-2.4, 2.4}).key(Key::none);
    panel.contour(loss, {0.05, 0.2, 0.5, 1, 2, 3.5, 5.5}, {.colour = Colour::grey, .width = 0.7});
    panel.line(path.x, path.y, "",
               {.colour = colour(optimizer), .width = 2, .shape = Shape::circle, .size = 0.7});
    panel.points({0}, {0}, "", {.colour = Colour::black, .shape = Shape::cross, .size = 1.3});
  }
  show(figure);
}

// ---- the size of a step ----

void print_first_steps() {
  heading("Size of the first step, learning rate 0.1");
  Table table({"gradient", "SGD", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"});
  for (double g : {0.001, 1.0, 1000.0}) {
    std::vector<std::string> cells = {number(g)};
    for (Optimizer optimizer : all_optimizers)
      if (optimizer != Optimizer::adamw)  // w is 0, there is nothing to decay
        cells.push_back(number(step_sizes(optimizer, {g}, 0.1f)[0]));
    table.row(cells);
  }
  table.print();
}

void print_later_steps() {
  heading("Size of step t under a constant gradient of 1, learning rate 0.1");
  Table table({"t", "SGD", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"});
  const Values ones(1000, 1.0);
  for (std::size_t t : {1, 2, 10, 100, 1000}) {
    std::vector<std::string> cells = {fmt::format("{}", t)};
    for (Optimizer optimizer : all_optimizers)
      if (optimizer != Optimizer::adamw)
        cells.push_back(fmt::format("{:.3g}", step_sizes(optimizer, ones, 0.1f)[t - 1]));
    table.row(cells);
  }
  table.print();
}

void draw_effective_rates() {
  Figure figure("07_optimizers/memory.svg",
                "Gradients become small: RMSProp's factor grows again, AdaGrad's never", 780, 440);
  Values gradients(600, 1.0), steps;
  for (int t = 1; t <= 600; ++t) {
    steps.push_back(t);
    if (t > 300) gradients[t - 1] = 0.1;
  }
  Panel& panel = figure.panel();
  panel.x_axis("step", {0, 600}).y_axis("factor that multiplies the gradient").log_y();
  for (Optimizer optimizer : {Optimizer::adagrad, Optimizer::rmsprop, Optimizer::sgd}) {
    Values factors = step_sizes(optimizer, gradients, 0.1f);
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i] /= gradients[i];
    panel.line(steps, factors, name(optimizer), {.colour = colour(optimizer)});
  }
  panel.vertical(300, "gradient 1 → 0.1");
  show(figure);
}

// ---- the race ----

void draw_race() {
  Figure figure("07_optimizers/race.gif",
                "Seven optimizers, one learning rate of 0.1: momentum overshoots, AdaGrad tires",
                860, 460);
  figure.layout(1, 2).shared_key();
  Random random(42);
  const Line line = points_on_a_line(40, random);
  const LinearModel start{{{-1.5}}, 0};
  const int steps = 60;
  struct Trace {
    Values w, b, step, loss;
  };
  std::vector<Trace> traces;
  for (Optimizer optimizer : all_optimizers) {
    Trace& trace = traces.emplace_back();
    for (const LinearModel& model : fit_line(optimizer, 0.1f, line, start, steps)) {
      trace.step.push_back(static_cast<double>(trace.step.size()));
      trace.w.push_back(model.w(0, 0));
      trace.b.push_back(model.b);
      trace.loss.push_back(linear_loss(model, line.x, line.t));
    }
  }
  const Grid bowl = tabulate(44, 44, {-2, 4}, {-3, 3.5}, [&](double w, double b) {
    return linear_loss({{{static_cast<Scalar>(w)}}, static_cast<Scalar>(b)}, line.x, line.t);
  });
  for (int now = 0; now <= steps; now += now < 20 ? 1 : 2) {
    Panel& path = figure.panel(fmt::format("step {}", now));
    path.x_axis("w", {-2, 4}).y_axis("b", {-3, 3.5});
    path.contour(bowl, {0.1, 0.3, 0.8, 1.8, 3.2, 5});
    Panel& loss = figure.panel();
    loss.x_axis("step", {0, steps}).y_axis("loss", {0.03, 10}).log_y();
    for (std::size_t i = 0; i < traces.size(); ++i) {
      const auto until = [&](const Values& v) { return Values(v.begin(), v.begin() + now + 1); };
      const Trace& t = traces[i];
      const std::string who = name(all_optimizers[i]);
      // AdamW lies on Adam: thin, so that both are seen.
      const Style style{.colour = colour(all_optimizers[i]),
                        .width = all_optimizers[i] == Optimizer::adamw ? 1.0 : 3.0};
      path.line(until(t.w), until(t.b), who, style);
      loss.line(until(t.step), until(t.loss), who, style);
    }
  }
  show(figure);
}

// ---- MNIST ----

const Optimizer on_mnist[] = {Optimizer::sgd, Optimizer::momentum, Optimizer::adagrad,
                              Optimizer::rmsprop, Optimizer::adam};
constexpr int batches = 300;

// The mean of each 20 values in a row; the first is that of 1 to 20.
Values smoothed(const Values& values) {
  Values means;
  for (std::size_t end = 20; end <= values.size(); ++end)
    means.push_back(mean_of_last(Values(values.begin(), values.begin() + end), 20));
  return means;
}

const Values factors = {1, 3, 10, 30};

// losses[o][f]: the losses of optimizer o at factor f times its usual rate.
using Losses = std::vector<std::vector<Values>>;

Losses train_all() {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  Losses losses;
  for (Optimizer optimizer : on_mnist) {
    losses.emplace_back();
    for (double factor : factors) {
      const Scalar rate = static_cast<Scalar>(factor) * usual_rate(optimizer);
      losses.back().push_back(train_on_mnist(optimizer, rate, set, 42, batches));
    }
  }
  return losses;
}

void print_mnist(const Losses& losses) {
  heading("MNIST, 784-100-100-10: mean loss of 20 batches, usual rates");
  Table early({"optimizer", "rate", "31 to 50", "81 to 100", "281 to 300"});
  for (std::size_t o = 0; o < losses.size(); ++o) {
    const Values means = smoothed(losses[o][0]);
    early.row({name(on_mnist[o]), number(usual_rate(on_mnist[o])),
               fmt::format("{:.2f}", means[50 - 20]), fmt::format("{:.2f}", means[100 - 20]),
               fmt::format("{:.2f}", means[300 - 20])});
  }
  early.print();
  heading("The last column, with larger rates");
  Table table({"optimizer", "usual rate", "3 times", "10 times", "30 times"});
  for (std::size_t o = 0; o < losses.size(); ++o) {
    std::vector<std::string> cells = {name(on_mnist[o])};
    for (const Values& run : losses[o])
      cells.push_back(fmt::format("{:.2f}", smoothed(run).back()));
    table.row(cells);
  }
  table.print();
}

void draw_mnist(const Losses& losses) {
  Figure figure("07_optimizers/mnist.svg",
                "At usual rates the adaptive ones lead; at 10 times its rate momentum passes them",
                940, 460);
  figure.layout(1, 2).shared_key();
  Panel& usual = figure.panel("each with its usual rate");
  usual.x_axis("batch", {0, batches}).y_axis("loss, mean of the last 20 batches").log_y();
  Panel& rates = figure.panel("after 300 batches, with larger rates");
  rates.x_axis("times the usual rate").y_axis("loss, mean of the last 20 batches").log_y();
  rates.log_x().x_tics(factors, {"1", "3", "10", "30"});
  Values at;
  for (int i = 20; i <= batches; ++i) at.push_back(i);
  for (std::size_t o = 0; o < losses.size(); ++o) {
    // RMSProp lies on AdaGrad: one thick, the other thin, so that both are seen.
    const double width = on_mnist[o] == Optimizer::adagrad ? 6 : 2.5;
    usual.line(at, smoothed(losses[o][0]), name(on_mnist[o]),
               {.colour = colour(on_mnist[o]), .width = width});
    Values ends;
    for (const Values& run : losses[o]) ends.push_back(smoothed(run).back());
    rates.line(factors, ends, name(on_mnist[o]),
               {.colour = colour(on_mnist[o]), .shape = Shape::circle});
  }
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("07 optimizers", [] {
    print_ravine();
    draw_ravine();
    print_first_steps();
    print_later_steps();
    draw_effective_rates();
    draw_race();
    const Losses losses = train_all();
    print_mnist(losses);
    draw_mnist(losses);
    headline(fmt::format("ravine: SGD ends at x = {}",
                         number(descend_ravine(Optimizer::sgd, 0.95f, -7, 2, 30).x.back())),
             "-7 · 0.905^30 = -0.3504");
  });
}
