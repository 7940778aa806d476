// The figures of chapter 07.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "chapters/07_optimizers/experiment.hpp"
#include "common/report.hpp"

namespace gradus::optimizers {

// One colour for each optimizer in all figures.
inline Colour colour(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::sgd: return Colour::blue;
    case Optimizer::momentum: return Colour::vermillion;
    case Optimizer::nesterov: return Colour::green;
    case Optimizer::adagrad: return Colour::orange;
    case Optimizer::rmsprop: return Colour::purple;
    case Optimizer::adam: return Colour::sky;
    case Optimizer::adamw: break;
  }
  return Colour::black;
}

inline void draw_ravine(const std::vector<Run>& runs) {
  Figure figure("07_optimizers/ravine.svg",
                "SGD zigzags, momentum swings past the end, AdaGrad and Adam turn into the valley",
                940, 620);
  figure.layout(2, 2);
  const Grid loss =
      tabulate(48, 105, {-8, 2.5}, {-2.4, 2.4}, [](double x, double y) { return ravine(x, y); });
  for (const Run& run : runs) {
    Panel& panel =
        figure.panel(fmt::format("{}, rate {}", name_of(run.optimizer), number(run.learning_rate)));
    panel.x_axis("x", {-8, 2.5}).y_axis("y", {-2.4, 2.4}).key(Key::none);
    panel.contour(loss, {0.05, 0.2, 0.5, 1, 2, 3.5, 5.5}, {.colour = Colour::grey, .width = 0.7});
    panel.line(run.x, run.y, "",
               {.colour = colour(run.optimizer), .width = 2, .shape = Shape::circle, .size = 0.7});
    panel.points({0}, {0}, "", {.colour = Colour::black, .shape = Shape::cross, .size = 1.3});
  }
  show(figure);
}

inline void draw_effective_rates() {
  Figure figure("07_optimizers/memory.svg",
                "Gradients become small: RMSProp's factor grows again, AdaGrad's never", 780, 440);
  Values gradients(300, 1.0);
  gradients.resize(600, 0.1);
  Panel& panel = figure.panel();
  panel.x_axis("step", {0, 600}).y_axis("factor that multiplies the gradient").log_y();
  for (Optimizer optimizer : {Optimizer::adagrad, Optimizer::rmsprop, Optimizer::sgd}) {
    const Values applied = factors(optimizer, gradients, Scalar(0.1));
    panel.line(counted(applied.size(), 1), applied, name_of(optimizer),
               {.colour = colour(optimizer)});
  }
  panel.vertical(300, "gradient 1 → 0.1");
  show(figure);
}

// The first `now` steps of each, and where it is. AdamW lies on Adam: thin, so that both are seen.
inline void draw_runs(Panel& path, Panel& loss, const std::vector<Run>& runs, int now) {
  const Values steps = counted(static_cast<std::size_t>(now) + 1);
  for (const Run& run : runs) {
    const auto until_now = [&](const Values& v) { return Values(v.begin(), v.begin() + now + 1); };
    const Values w = until_now(run.x), b = until_now(run.y), losses = until_now(run.loss);
    const Style style{.colour = colour(run.optimizer),
                      .width = run.optimizer == Optimizer::adamw ? 1.0 : 3.0};
    path.line(w, b, name_of(run.optimizer), style);
    loss.line(steps, losses, name_of(run.optimizer), style);
    const Style here{.colour = style.colour, .shape = Shape::circle, .size = style.width / 2};
    path.points({w.back()}, {b.back()}, "", here);
    loss.points({steps.back()}, {losses.back()}, "", here);
  }
}

inline void draw_race() {
  Figure figure("07_optimizers/race.gif",
                "Seven optimizers, one learning rate of 0.1: momentum overshoots, AdaGrad tires",
                860, 460);
  figure.layout(1, 2).shared_key();
  Random random(42);
  const gradient_descent::Data line = points_on_a_line(random);
  const LinearModel start{{{Scalar(-1.5)}}, 0}, goal = gradient_descent::minimum_of(line);
  const int steps = 60, held = 12;  // the last frame stays for a while
  const std::vector<Run> runs = race(line, start, steps);
  const Grid bowl = tabulate(44, 44, {-2, 4}, {-3, 3.5}, [&](double w, double b) {
    return linear_loss({{{static_cast<Scalar>(w)}}, static_cast<Scalar>(b)}, line.x, line.t);
  });
  for (int frame = 0; frame <= steps / 2 + held; ++frame) {
    const int now = std::min(2 * frame, steps);
    Panel& path = figure.panel(fmt::format("after {} steps", now));
    path.x_axis("w", {-2, 4}).y_axis("b", {-3, 3.5}).contour(bowl, {0.1, 0.3, 0.8, 1.8, 3.2, 5});
    Panel& loss = figure.panel().x_axis("step", {0, steps}).y_axis("loss", {0.03, 10}).log_y();
    draw_runs(path, loss, runs, now);
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

// "The best rate differs 100-fold between optimizers, the loss there 1.4-fold"
inline std::string spread_of_the_best(const std::vector<Run>& runs) {
  Values rates, losses;
  for (Optimizer optimizer : on_mnist) {
    rates.push_back(best_of(runs, optimizer).learning_rate);
    losses.push_back(best_of(runs, optimizer).mean_loss(batches));
  }
  const auto fold = [](const Values& v) { return std::ranges::max(v) / std::ranges::min(v); };
  return fmt::format(
      "The best rate differs {:.0f}-fold between optimizers, the loss there {:.1f}-fold",
      fold(rates), fold(losses));
}

inline void draw_mnist(const std::vector<Run>& runs) {
  Figure figure("07_optimizers/mnist.svg", spread_of_the_best(runs), 940, 460);
  figure.layout(1, 2).shared_key();
  Panel& rates = figure.panel("after 300 batches, by learning rate; the ring is the best");
  rates.x_axis("learning rate").y_axis("loss, mean of the last 20 batches", {0.1, 5}).log_y();
  rates.log_x().x_tics(learning_rates);
  Panel& course = figure.panel("each with its best rate");
  course.x_axis("batch", {0, batches}).log_y();
  course.y_axis("loss, mean of the last 20 batches", {0.1, 5});
  for (Optimizer optimizer : on_mnist) {
    const auto loss = [&](double r) { return run_of(runs, optimizer, r).mean_loss(batches); };
    rates.line(learning_rates, column(learning_rates, loss), name_of(optimizer),
               {.colour = colour(optimizer), .shape = Shape::circle});
    const Run& best = best_of(runs, optimizer);
    const Values at = counted(batches - 19, 20);
    const auto mean = [&](double batch) { return best.mean_loss(static_cast<int>(batch)); };
    rates.points({best.learning_rate}, {best.mean_loss(batches)}, "",
                 {.colour = colour(optimizer), .shape = Shape::ring, .size = 2.2});
    course.line(at, column(at, mean), name_of(optimizer), {.colour = colour(optimizer)});
  }
  show(figure);
}

}  // namespace gradus::optimizers
