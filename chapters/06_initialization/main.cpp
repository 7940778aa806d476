// 06: starts, and what ten layers make of them.                      docs/06_initialization.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "chapters/06_initialization/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::initialization;

namespace {

const std::uint32_t seed = 0;

std::vector<Stack> stacks_of(Activation f, const std::vector<Init>& inits) {
  std::vector<Stack> stacks;
  for (Init init : inits) stacks.push_back(ten_layers(init, f, seed));
  return stacks;
}

// In figures of sigmoid and tanh the init alone, where it is a sigmoid's.
std::string short_name(const Stack& stack) {
  return (stack.f == Activation::tanh ? "tanh, " : "") + name_of(stack.init);
}

std::string three_digits(double value) { return fmt::format("{:.3g}", value); }

void print_deviations(const std::vector<Stack>& stacks) {
  heading("Standard deviation of the activations, 10 layers of 100 units, 1000 inputs of N(0, 1)");
  Table table({"activation, start", "layer 1", "layer 2", "layer 5", "layer 10", "one unit in 10"});
  for (const Stack& stack : stacks) {
    std::vector<std::string> cells = {name_of(stack.f) + ", " + name_of(stack.init)};
    for (int l : {1, 2, 5, 10}) cells.push_back(three_digits(standard_deviation(stack.layer(l))));
    const double by_input = deviation_by_input(stack.layer(10));
    cells.push_back(by_input < 1e-6 && stack.f == Activation::sigmoid ? "below 1e-06"
                                                                      : three_digits(by_input));
    table.row(cells);
  }
  table.print();
  fmt::print("one unit: its standard deviation over the 1000 inputs, the mean over the units\n");
}

void print_gradients() {
  heading("Gradient of layer 1 divided by that of layer 10: does it vanish?");
  Table table({"activation, start", "layer 1 / layer 10", "the notes"});
  const auto row = [&](Activation f, Init init, const char* notes) {
    table.row({name_of(f) + ", " + name_of(init),
               fmt::format("{:.2g}", gradient_ratio(init, f, seed)), notes});
  };
  row(Activation::sigmoid, Init::uniform, "vanishes");
  row(Activation::sigmoid, Init::normal, "vanishes");
  row(Activation::sigmoid, Init::small_normal, "");
  row(Activation::sigmoid, Init::xavier, "reaches more weights");
  row(Activation::tanh, Init::xavier, "");
  table.print();
}

void print_inputs() {
  heading("Which n? 784 inputs of N(0, 1), 100 units: the standard deviation of z = x w");
  Table table({"standard deviation of the weights", "its value", "that of z"});
  const auto row = [&](const char* name, double s) {
    table.row({name, three_digits(s), three_digits(deviation_of_z(784, 100, s, seed))});
  };
  row("1/√n, n = 784 inputs (Xavier)", 1 / std::sqrt(784.0));
  row("1/√n, n = 100 units (003)", 1 / std::sqrt(100.0));
  row("√(2/(784 + 100)) (Glorot)", std::sqrt(2.0 / 884));
  table.print();
}

// ---- MNIST ----

std::string loss_text(const Run& run, std::size_t step) {
  return run.loss.size() < step ? "not finite" : number(run.loss_before(step));
}

void print_training(const std::vector<Run>& runs) {
  heading("MNIST, 784-100-100-100-100-10, ReLU: loss by start; ln 10 = 2.303");
  Table table({"start", "first step", "steps 51 to 100", "151 to 200", "251 to 300"});
  for (const Run& run : runs) {
    std::vector<std::string> cells = {name_of(run.init), number(run.loss.front())};
    for (std::size_t step : {100, 200, 300}) cells.push_back(loss_text(run, step));
    table.row(cells);
  }
  table.print();
}

// ---- figures ----

// One small histogram, its highest bar 1, without numbers but for those of x that are asked for.
Panel& draw_bars(Figure& figure, int l, const Stack& stack, const Matrix& a, Range range, bool top,
                 bool bottom) {
  const int bins = 25;
  const auto counts =
      histogram(a, static_cast<Scalar>(range.lo), static_cast<Scalar>(range.hi), bins);
  const int highest = std::max(1, std::ranges::max(counts));
  Values edges, heights;
  for (int i = 0; i <= bins; ++i) edges.push_back(range.lo + (range.hi - range.lo) * i / bins);
  for (int count : counts) heights.push_back(static_cast<double>(count) / highest);
  Panel& panel = figure.panel(top ? fmt::format("layer {}", l) : "");
  panel.y_axis(l == 1 ? short_name(stack) : "", {0, 1.05});
  panel.y_tics({0}, {""}).x_axis("", range);
  if (bottom)
    panel.x_tics({range.lo, range.hi});
  else
    panel.x_tics({range.lo, range.hi}, {"", ""});
  return panel.histogram(edges, heights);
}

void draw_sigmoid_and_tanh(const std::vector<Stack>& stacks) {
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
void draw_relu(const std::vector<Stack>& stacks) {
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

Style style_of(const Stack& stack) {
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
void draw_spread(Panel& panel, const std::vector<Stack>& stacks, Range range,
                 double (*deviation)(const Matrix&)) {
  panel.x_axis("layer", {1, 10}).x_tics({1, 4, 7, 10}).log_y();
  panel.y_axis("standard deviation", range);
  for (const Stack& stack : stacks) {
    if (stack.init == Init::zeros) continue;
    Values layer, values;
    for (const Matrix& a : stack.a) {
      layer.push_back(static_cast<double>(layer.size() + 1));
      values.push_back(deviation(a));
    }
    panel.line(layer, values, short_name(stack), style_of(stack));
  }
}

double of_all_units(const Matrix& a) { return standard_deviation(a); }

void draw_deviations(const std::vector<Stack>& curved, const std::vector<Stack>& relu) {
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

void draw_training(const std::vector<Run>& runs) {
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
    for (auto at = run.loss.begin(); at != run.loss.end(); at += 10) {
      step.push_back(static_cast<double>(at - run.loss.begin()) + 5);
      loss.push_back(std::accumulate(at, at + 10, 0.0) / 10);
    }
    const bool zeros = run.init == Init::zeros;  // N(0, 0.01²) runs along it
    panel.line(step, loss, name_of(run.init), zeros ? Style{Colour::grey, 8} : Style{.width = 2.5});
  }
  panel.horizontal(std::log(10.0), "ln 10").key(Key::right);
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("06 initialization", [] {
    std::vector<Stack> curved =
        stacks_of(Activation::sigmoid,
                  {Init::zeros, Init::uniform, Init::normal, Init::small_normal, Init::xavier});
    curved.push_back(ten_layers(Init::xavier, Activation::tanh, seed));
    const std::vector<Stack> relu = stacks_of(
        Activation::relu, {Init::zeros, Init::normal, Init::small_normal, Init::xavier, Init::he});
    std::vector<Stack> all = curved;
    all.insert(all.end(), relu.begin(), relu.end());
    print_deviations(all);
    print_gradients();
    print_inputs();
    const std::vector<Run> runs = train_all(
        {Init::zeros, Init::small_normal, Init::normal, Init::xavier, Init::glorot, Init::he},
        training_digits(), seed);
    print_training(runs);
    draw_sigmoid_and_tanh(curved);
    draw_relu(relu);
    draw_deviations(curved, relu);
    draw_training(runs);
    return Headline{"MNIST loss: 0.01 " + loss_text(run_of(runs, Init::small_normal), all_steps) +
                        ", He " + loss_text(run_of(runs, Init::he), all_steps),
                    "-"};
  });
}
