// 06: starts, and what ten layers make of them.                      docs/06_initialization.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chapters/06_initialization/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

const std::uint32_t seed = 0;

// A start with an activation, as the notes pair them, and its ten layers.
struct Stack {
  std::string name;
  Start start;
  Activation f;
  std::vector<Matrix> a;

  const Matrix& layer(int l) const { return a[static_cast<std::size_t>(l - 1)]; }  // 1 … 10
};

std::vector<Stack> stacks_of(Activation f, const std::string& name,
                             const std::vector<Start>& starts) {
  std::vector<Stack> stacks;
  for (Start start : starts)
    stacks.push_back({name + ", " + name_of(start), start, f, activations(start, f, seed)});
  return stacks;
}

std::string three_digits(double value) { return fmt::format("{:.3g}", value); }

void print_deviations(const std::vector<Stack>& stacks) {
  heading("Standard deviation of the activations, 10 layers of 100 units, 1000 inputs of N(0, 1)");
  Table table({"activation, start", "layer 1", "layer 2", "layer 5", "layer 10", "one unit in 10"});
  for (const Stack& stack : stacks) {
    std::vector<std::string> cells = {stack.name};
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
  const auto row = [&](const char* name, Activation f, Start start, const char* notes) {
    table.row({fmt::format("{}, {}", name, name_of(start)),
               fmt::format("{:.2g}", gradient_ratio(start, f, seed)), notes});
  };
  row("sigmoid", Activation::sigmoid, Start::uniform, "vanishes");
  row("sigmoid", Activation::sigmoid, Start::normal, "vanishes");
  row("sigmoid", Activation::sigmoid, Start::small, "");
  row("sigmoid", Activation::sigmoid, Start::xavier, "reaches more weights");
  row("tanh", Activation::tanh, Start::xavier, "");
  table.print();
}

void print_inputs() {
  heading("Which n? 784 inputs of N(0, 1), 100 units: the standard deviation of z = x w");
  Table table({"standard deviation of the weights", "its value", "that of z"});
  const auto row = [&](const char* name, double deviation) {
    Random random(seed);
    const Matrix x = random.normal_matrix(0, 1, 1000, 784);
    const Matrix w = normal_init(784, 100, static_cast<Scalar>(deviation), random);
    table.row({name, three_digits(deviation), three_digits(standard_deviation(matmul(x, w)))});
  };
  row("1/√n, n = 784 inputs (Xavier)", 1 / std::sqrt(784.0));
  row("1/√n, n = 100 units (003)", 1 / std::sqrt(100.0));
  row("√(2/(784 + 100)) (Glorot)", std::sqrt(2.0 / 884));
  table.print();
}

// ---- MNIST ----

struct Run {
  Start start;
  Values loss;
};

std::vector<Run> train_all(const Digits& digits) {
  std::vector<Run> runs;
  for (Start start :
       {Start::zeros, Start::small, Start::normal, Start::xavier, Start::glorot, Start::he}) {
    const auto losses = train_from(start, digits, training_steps, seed);
    runs.push_back({start, Values(losses.begin(), losses.end())});
  }
  return runs;
}

const Run& run_from(const std::vector<Run>& runs, Start start) {
  return *std::ranges::find(runs, start, &Run::start);
}

// Of the steps first … last - 1, counted from 0.
double mean_loss(const Values& loss, std::size_t first, std::size_t last) {
  double sum = 0;
  for (std::size_t i = first; i < last; ++i) sum += loss[i];
  return sum / static_cast<double>(last - first);
}

// The mean of the 50 steps before `step`.
std::string loss_before(const Run& run, std::size_t step) {
  if (run.loss.size() >= step) return number(mean_loss(run.loss, step - 50, step));
  return run.loss.size() < training_steps ? "not finite" : "-";
}

void print_training(const std::vector<Run>& runs) {
  heading("MNIST, 784-100-100-100-100-10, ReLU: loss by start; ln 10 = 2.303");
  Table table({"start", "first step", "steps 51 to 100", "151 to 200", "251 to 300"});
  for (const Run& run : runs) {
    std::vector<std::string> cells = {name_of(run.start), number(run.loss[0])};
    for (std::size_t step : {100, 200, 300}) cells.push_back(loss_before(run, step));
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
  const bool tanh = stack.f == Activation::tanh;
  panel.y_axis(l == 1 ? (tanh ? "tanh, " : "") + name_of(stack.start) : "", {0, 1.05});
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
      const bool bottom = tanh || stack.start == Start::xavier;
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
  switch (stack.start) {
    case Start::uniform: style.colour = Colour::sky; break;
    case Start::normal: style.colour = Colour::vermillion; break;
    case Start::small: style.colour = Colour::green; break;
    case Start::xavier: style.colour = Colour::blue; break;
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
    if (stack.start == Start::zeros) continue;
    Values layer, values;
    for (const Matrix& a : stack.a) {
      layer.push_back(static_cast<double>(layer.size() + 1));
      values.push_back(deviation(a));
    }
    const bool tanh = stack.f == Activation::tanh;
    panel.line(layer, values, (tanh ? "tanh, " : "") + name_of(stack.start), style_of(stack));
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
  panel.x_axis("step", {0, static_cast<double>(training_steps)});
  panel.y_axis("loss, the mean of 10 steps", {0, 2.6});
  for (const Run& run : runs) {
    if (run.loss.size() < training_steps) {
      panel.text(150, 1.9,
                 fmt::format("{}: {:.0f} in the first step, in step {} not finite",
                             name_of(run.start), run.loss[0], run.loss.size() + 1),
                 Align::centre, Colour::purple);
      continue;
    }
    Values step, loss;
    for (std::size_t i = 10; i <= run.loss.size(); i += 10) {
      step.push_back(static_cast<double>(i) - 5);
      loss.push_back(mean_loss(run.loss, i - 10, i));
    }
    const bool zeros = run.start == Start::zeros;  // N(0, 0.01²) runs along it
    panel.line(step, loss, name_of(run.start),
               zeros ? Style{Colour::grey, 8} : Style{.width = 2.5});
  }
  panel.horizontal(std::log(10.0), "ln 10").key(Key::right);
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("06 initialization", [] {
    const Activation sigmoid = Activation::sigmoid, tanh = Activation::tanh;
    std::vector<Stack> curved =
        stacks_of(sigmoid, "sigmoid",
                  {Start::zeros, Start::uniform, Start::normal, Start::small, Start::xavier});
    curved.push_back(stacks_of(tanh, "tanh", {Start::xavier})[0]);
    const std::vector<Stack> relu =
        stacks_of(Activation::relu, "ReLU",
                  {Start::zeros, Start::normal, Start::small, Start::xavier, Start::he});
    std::vector<Stack> all = curved;
    all.insert(all.end(), relu.begin(), relu.end());

    print_deviations(all);
    print_gradients();
    print_inputs();
    const std::vector<Run> runs = train_all(load_digits());
    print_training(runs);
    draw_sigmoid_and_tanh(curved);
    draw_relu(relu);
    draw_deviations(curved, relu);
    draw_training(runs);
    return Headline{fmt::format("MNIST loss: 0.01 {}, He {}",
                                loss_before(run_from(runs, Start::small), training_steps),
                                loss_before(run_from(runs, Start::he), training_steps)),
                    "–"};
  });
}
