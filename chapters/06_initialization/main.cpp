// 06: starts, and what ten layers make of them.                      docs/06_initialization.md

#include <fmt/format.h>

#include <cmath>

#include "chapters/06_initialization/draw.hpp"
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
    table.row({name, three_digits(s), three_digits(deviation_of_z(s, seed))});
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
