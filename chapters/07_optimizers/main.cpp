// 07: seven ways to use a gradient, raced against each other.              docs/07_optimizers.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "chapters/07_optimizers/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

// One colour for each optimizer in all figures.
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

const Entrant on_the_ravine[] = {{Optimizer::sgd, Scalar(0.95)},
                                 {Optimizer::momentum, Scalar(0.1)},
                                 {Optimizer::adagrad, Scalar(1.5)},
                                 {Optimizer::adam, Scalar(0.3)}};

int sign_changes(const Values& values) {
  int changes = 0;
  for (std::size_t i = 1; i < values.size(); ++i) changes += values[i] * values[i - 1] < 0;
  return changes;
}

void print_ravine() {
  heading("30 steps on x^2/20 + y^2 from (-7, 2)");
  Table table({"optimizer", "rate", "x at the end", "y at the end", "times y crosses 0", "loss",
               "best rate", "loss there"});
  for (const auto [optimizer, rate] : on_the_ravine) {
    const Path path = descend_ravine(optimizer, rate, -7, 2, 30);
    const Scalar best = best_rate_on_the_ravine(optimizer);
    table.row({name(optimizer), number(rate), fmt::format("{:.4f}", path.x.back()),
               fmt::format("{:.4f}", path.y.back()), fmt::format("{}", sign_changes(path.y)),
               fmt::format("{:.4f}", loss_at_the_end(optimizer, rate)), fmt::format("{:.2g}", best),
               fmt::format("{:.4f}", loss_at_the_end(optimizer, best))});
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
        cells.push_back(number(step_sizes(optimizer, {g}, Scalar(0.1))[0]));
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
        cells.push_back(fmt::format("{:.3g}", step_sizes(optimizer, ones, Scalar(0.1))[t - 1]));
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
    Values factors = step_sizes(optimizer, gradients, Scalar(0.1));
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i] /= gradients[i];
    panel.line(steps, factors, name(optimizer), {.colour = colour(optimizer)});
  }
  panel.vertical(300, "gradient 1 → 0.1");
  show(figure);
}

// ---- the race ----

struct Trace {
  std::string name;
  Style style;
  Values w, b, step, loss;
};

std::vector<Trace> race(const Line& line, const LinearModel& start, int steps) {
  std::vector<Trace> traces;
  for (Optimizer optimizer : all_optimizers) {
    // AdamW lies on Adam: thin, so that both are seen.
    const double width = optimizer == Optimizer::adamw ? 1 : 3;
    Trace& trace =
        traces.emplace_back(name(optimizer), Style{.colour = colour(optimizer), .width = width});
    for (const LinearModel& model : fit_line(optimizer, Scalar(0.1), line, start, steps)) {
      trace.step.push_back(static_cast<double>(trace.step.size()));
      trace.w.push_back(model.w(0, 0));
      trace.b.push_back(model.b);
      trace.loss.push_back(linear_loss(model, line.x, line.t));
    }
  }
  return traces;
}

// The first `now` steps, and a point where each of them is.
void draw_traces(Panel& path, Panel& loss, const std::vector<Trace>& traces, std::size_t now) {
  for (const Trace& t : traces) {
    const auto until = [&](const Values& v) { return Values(v.begin(), v.begin() + now + 1); };
    path.line(until(t.w), until(t.b), t.name, t.style);
    loss.line(until(t.step), until(t.loss), t.name, t.style);
    const Style here{.colour = t.style.colour, .shape = Shape::circle, .size = t.style.width / 2};
    path.points({t.w[now]}, {t.b[now]}, "", here);
    loss.points({t.step[now]}, {t.loss[now]}, "", here);
  }
}

void draw_race() {
  Figure figure("07_optimizers/race.gif",
                "Seven optimizers, one learning rate of 0.1: momentum overshoots, AdaGrad tires",
                860, 460);
  figure.layout(1, 2).shared_key();
  Random random(42);
  const Line line = points_on_a_line(40, random);
  const LinearModel start{{{Scalar(-1.5)}}, 0}, goal = best_line(line);
  const int steps = 60, held = 12;  // the last frame stays for a while
  const std::vector<Trace> traces = race(line, start, steps);
  const Grid bowl = tabulate(44, 44, {-2, 4}, {-3, 3.5}, [&](double w, double b) {
    return linear_loss({{{static_cast<Scalar>(w)}}, static_cast<Scalar>(b)}, line.x, line.t);
  });
  for (int frame = 0; frame <= steps / 2 + held; ++frame) {
    const int now = std::min(2 * frame, steps);
    Panel& path = figure.panel(fmt::format("after {} steps", now));
    path.x_axis("w", {-2, 4}).y_axis("b", {-3, 3.5});
    path.contour(bowl, {0.1, 0.3, 0.8, 1.8, 3.2, 5});
    Panel& loss = figure.panel();
    loss.x_axis("step", {0, steps}).y_axis("loss", {0.03, 10}).log_y();
    draw_traces(path, loss, traces, static_cast<std::size_t>(now));
    path.points({goal.w(0, 0)}, {goal.b}, "",
                {.colour = Colour::black, .shape = Shape::cross, .size = 1.5});
    const Style dot{.colour = Colour::black, .shape = Shape::circle, .size = 2};
    path.points({start.w(0, 0)}, {start.b}, "", dot);
    loss.points({0}, {linear_loss(start, line.x, line.t)}, "", dot);
    path.text(start.w(0, 0), start.b + 0.5, "start", Align::centre);
    path.text(goal.w(0, 0), goal.b - 1.5, "lowest loss", Align::centre);
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

struct Run {
  Optimizer optimizer;
  Scalar rate;
  Values means;  // of 20 batches; that of batches 1 to 20 comes first

  double after(int batch) const { return means[static_cast<std::size_t>(batch - 20)]; }
};

std::vector<Run> train_all() {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  std::vector<Run> runs;
  for (Optimizer optimizer : on_mnist)
    for (double rate : rates_on_mnist) {
      const Scalar r = static_cast<Scalar>(rate);
      runs.push_back({optimizer, r, smoothed(train_on_mnist(optimizer, r, set, 42, batches))});
    }
  return runs;
}

const Run& run_of(const std::vector<Run>& runs, Optimizer optimizer, Scalar rate) {
  return *std::ranges::find_if(
      runs, [&](const Run& run) { return run.optimizer == optimizer && run.rate == rate; });
}

// The run of the rate that ends lowest.
const Run& best_of(const std::vector<Run>& runs, Optimizer optimizer) {
  return *std::ranges::min_element(runs, {}, [&](const Run& run) {
    return run.optimizer == optimizer ? run.after(batches) : 1e9;
  });
}

void print_mnist(const std::vector<Run>& runs) {
  heading("MNIST, 784-100-100-10: mean loss of 20 batches, usual rates");
  Table early({"optimizer", "rate", "31 to 50", "81 to 100", "281 to 300"});
  for (Optimizer optimizer : on_mnist) {
    const Run& run = run_of(runs, optimizer, usual_rate(optimizer));
    early.row({name(optimizer), number(run.rate), fmt::format("{:.2f}", run.after(50)),
               fmt::format("{:.2f}", run.after(100)), fmt::format("{:.2f}", run.after(300))});
  }
  early.print();
  heading("The last column, all with the same rates");
  std::vector<std::string> header = {"optimizer"};
  for (double rate : rates_on_mnist) header.push_back(number(rate));
  header.insert(header.end(), {"best rate", "loss there"});
  Table table(header);
  for (Optimizer optimizer : on_mnist) {
    const Run& best = best_of(runs, optimizer);
    std::vector<std::string> cells = {name(optimizer)};
    for (double rate : rates_on_mnist) {
      const Run& run = run_of(runs, optimizer, static_cast<Scalar>(rate));
      const bool too_far = run.rate > best.rate && run.after(batches) > 0.5;
      cells.push_back(too_far ? "> 0.5" : fmt::format("{:.2f}", run.after(batches)));
    }
    cells.push_back(number(best.rate));
    cells.push_back(fmt::format("{:.2f}", best.after(batches)));
    table.row(cells);
  }
  table.print();
}

// "The best rate differs 100-fold between optimizers, the loss there 1.4-fold"
std::string spread_of_the_best(const std::vector<Run>& runs) {
  Values rates, losses;
  for (Optimizer optimizer : on_mnist) {
    rates.push_back(best_of(runs, optimizer).rate);
    losses.push_back(best_of(runs, optimizer).after(batches));
  }
  return fmt::format(
      "The best rate differs {:.0f}-fold between optimizers, the loss there {:.1f}-fold",
      std::ranges::max(rates) / std::ranges::min(rates),
      std::ranges::max(losses) / std::ranges::min(losses));
}

void draw_mnist(const std::vector<Run>& runs) {
  Figure figure("07_optimizers/mnist.svg", spread_of_the_best(runs), 940, 460);
  figure.layout(1, 2).shared_key();
  Panel& rates = figure.panel("after 300 batches, by learning rate; the ring is the best");
  rates.x_axis("learning rate").y_axis("loss, mean of the last 20 batches", {0.1, 5}).log_y();
  rates.log_x().x_tics(Values(std::begin(rates_on_mnist), std::end(rates_on_mnist)));
  Panel& course = figure.panel("each with its best rate");
  course.x_axis("batch", {0, batches})
      .y_axis("loss, mean of the last 20 batches", {0.1, 5})
      .log_y();
  Values at;
  for (int i = 20; i <= batches; ++i) at.push_back(i);
  for (Optimizer optimizer : on_mnist) {
    Values x, y;
    for (double rate : rates_on_mnist) {
      x.push_back(rate);
      y.push_back(run_of(runs, optimizer, static_cast<Scalar>(rate)).after(batches));
    }
    rates.line(x, y, name(optimizer), {.colour = colour(optimizer), .shape = Shape::circle});
    const Run& best = best_of(runs, optimizer);
    rates.points({best.rate}, {best.after(batches)}, "",
                 {.colour = colour(optimizer), .shape = Shape::ring, .size = 2.2});
    course.line(at, best.means, name(optimizer), {.colour = colour(optimizer)});
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
    const std::vector<Run> runs = train_all();
    print_mnist(runs);
    draw_mnist(runs);
    return Headline{fmt::format("MNIST: momentum {:.2f}, Adam {:.2f}",
                                best_of(runs, Optimizer::momentum).after(batches),
                                best_of(runs, Optimizer::adam).after(batches)),
                    "–"};
  });
}
