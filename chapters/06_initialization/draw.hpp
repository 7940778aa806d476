// The figures of chapter 06.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "chapters/06_initialization/experiment.hpp"
#include "common/report.hpp"

namespace gradus::initialization {

// In figures of sigmoid and tanh the init alone, where it is a sigmoid's.
inline std::string short_name(const Stack& stack) {
  return (stack.f == Activation::tanh ? "tanh, " : "") + name_of(stack.init);
}

// One small histogram, its highest bar 1, without numbers but for those of x that are asked for.
inline Panel& draw_bars(Figure& figure, int l, const Stack& stack, const Matrix& a, Range range,
                        bool top, bool bottom) {
  Histogram bars = histogram_of(a, range.lo, range.hi, 25);
  const double highest = std::max(1.0, std::ranges::max(bars.heights));
  for (double& height : bars.heights) height /= highest;
  Panel& panel = figure.panel(top ? fmt::format("layer {}", l) : "");
  panel.y_axis(l == 1 ? short_name(stack) : "", {0, 1.05});
  panel.y_tics({0}, {""}).x_axis("", range);
  if (bottom)
    panel.x_tics({range.lo, range.hi});
  else
    panel.x_tics({range.lo, range.hi}, {"", ""});
  return panel.histogram(bars.edges, bars.heights);
}

inline void draw_sigmoid_and_tanh(const std::vector<Stack>& stacks) {
  Figure figure(
      "06_initialization/sigmoid_tanh.svg",
      "Sigmoid: N(0, 1) is driven to 0 and 1, N(0, 0.01²) stays at 0.5, Xavier lies between", 1200,
      720);
  figure.layout(static_cast<int>(stacks.size()), 10);
  for (const Stack& stack : stacks)
    for (int l = 1; l <= 10; ++l) {
      const bool tanh = stack.f == Activation::tanh;
      const bool bottom = tanh || stack.init == Init::xavier;
      draw_bars(figure, l, stack, stack.layer(l), tanh ? Range{-1, 1} : Range{0, 1},
                &stack == &stacks.front(), bottom);
    }
  show(figure);
}

// The 0s of ReLU are moved out of the range, and counted in words below each panel.
inline void draw_relu(const std::vector<Stack>& stacks) {
  Figure figure(
      "06_initialization/relu.svg",
      "ReLU without its 0s: with Xavier the signal shrinks layer by layer, with He it stays", 1200,
      700);
  figure.layout(static_cast<int>(stacks.size()), 10);
  for (const Stack& stack : stacks)
    for (int l = 1; l <= 10; ++l) {
      const double zero = 100 * share(stack.layer(l), [](Scalar v) { return v == 0; });
      const double above = 100 * share(stack.layer(l), [](Scalar v) { return v > 3; });
      Matrix positive = stack.layer(l);
      for (Scalar& v : positive.flat())
        if (v == 0) v = -1;
      draw_bars(figure, l, stack, positive, {0, 3}, &stack == &stacks.front(), true)
          .x_axis(above > 10 ? fmt::format("{:.0f} % above 3", above)
                             : fmt::format("{:.0f} % are 0", zero),
                  {0, 3});
    }
  show(figure);
}

inline Style style_of(const Stack& stack) {
  Style style{.shape = Shape::circle};
  switch (stack.init) {
    case Init::uniform: style.colour = Colour::sky; break;
    case Init::normal: style.colour = Colour::vermillion; break;
    case Init::small_normal: style.colour = Colour::green; break;
    case Init::xavier: style.colour = Colour::blue; break;
    default: style.colour = Colour::purple;
  }
  if (stack.f == Activation::tanh) style.colour = Colour::orange;
  return style;
}

// One panel: a line for each start, from layer 1 to layer 10.
inline void draw_spread(Panel& panel, const std::vector<Stack>& stacks, Range range,
                        double (*deviation)(const Matrix&)) {
  panel.x_axis("layer", {1, 10}).x_tics({1, 4, 7, 10}).log_y();
  panel.y_axis("standard deviation", range);
  for (const Stack& stack : stacks) {
    if (stack.init == Init::zeros) continue;
    panel.line(counted(stack.a.size(), 1), column(stack.a, deviation), short_name(stack),
               style_of(stack));
  }
}

inline double of_all_units(const Matrix& a) { return standard_deviation(a); }

inline void draw_deviations(const std::vector<Stack>& curved, const std::vector<Stack>& relu) {
  Figure signal("06_initialization/deviations.svg",
                "From Xavier a sigmoid layer stays spread out, but its input is forgotten", 940,
                440);
  signal.layout(1, 2).shared_key();
  draw_spread(signal.panel("all units"), curved, {1e-7, 2}, of_all_units);
  draw_spread(signal.panel("one unit, over the inputs"), curved, {1e-7, 2}, deviation_by_input);
  show(signal);
  Figure size("06_initialization/relu_deviations.svg",
              "With ReLU, of these four starts only He keeps the size of the signal", 720, 440);
  draw_spread(size.panel().key(Key::line_ends), relu, {1e-12, 1e9}, of_all_units);
  show(size);
}

inline void draw_training(const std::vector<Run>& runs) {
  Figure figure("06_initialization/mnist_loss.svg",
                "Five layers with ReLU: from zeros and N(0, 0.01²) the loss stays at ln 10", 860,
                460);
  Panel& panel = figure.panel();
  panel.x_axis("step", {0, static_cast<double>(all_steps)});
  panel.y_axis("loss, the mean of 10 steps", {0, 2.6});
  for (const Run& run : runs) {
    if (run.loss.size() < all_steps) {
      panel.text(150, 1.9,
                 fmt::format("{}: {:.0f} in the first step, in step {} not finite",
                             name_of(run.init), run.loss.front(), run.loss.size() + 1),
                 Align::centre, Colour::purple);
      continue;
    }
    Values step, loss;
    for (std::size_t at = 0; at < run.loss.size(); at += 10) {
      step.push_back(static_cast<double>(at) + 5);
      loss.push_back(mean_of(std::span(run.loss).subspan(at, 10)));
    }
    const bool zeros = run.init == Init::zeros;  // N(0, 0.01²) runs along it
    panel.line(step, loss, name_of(run.init), zeros ? Style{Colour::grey, 8} : Style{.width = 2.5});
  }
  panel.horizontal(std::log(10.0), "ln 10").key(Key::right);
  show(figure);
}

}  // namespace gradus::initialization
