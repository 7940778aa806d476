// 05: losses, and which of them still pushes when the answer is wrong.   docs/05_losses.md

#include <fmt/format.h>

#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

// ∂L/∂z of one sigmoid with target 1 under both losses.
Scalar squared_slope(Scalar z) {
  const Scalar o = sigmoid(z);
  return squared_error_backward({{o}}, {{1}})(0, 0) * sigmoid_derivative(o);
}
Scalar entropy_slope(Scalar z) { return sigmoid_cross_entropy({{z}}, {{1}}).dz(0, 0); }

// A unit o = σ(z) whose only weight is its bias z, trained towards 1: o after each step.
Values train(Scalar z, Scalar (*slope)(Scalar), int steps) {
  Values outputs = {sigmoid(z)};
  for (int i = 0; i < steps; ++i) {
    z -= 1.0 * slope(z);
    outputs.push_back(sigmoid(z));
  }
  return outputs;
}

void print_notes_example() {
  heading("Cross-entropy of the notes' example");
  Table table({"truth p", "prediction q", "H(p, q)", "the notes"});
  table.row({"1 0 0", "0.7 0.2 0.1",
             fmt::format("{:.5f}", cross_entropy({{1, 0, 0}}, {{0.7, 0.2, 0.1}})), "0.35667"});
  table.print();
}

void print_one_hot() {
  heading("One-hot rows and integer labels give the same loss");
  const Matrix z = {{2, 1, 0.1}, {0, 3, 1}};
  const std::vector<int> labels = {0, 2};
  Table table({"how the labels are given", "loss"});
  table.row(
      {"one-hot rows (1 0 0), (0 0 1)", number(cross_entropy(one_hot(labels, 3), softmax(z)))});
  table.row({"integers 0, 2", number(softmax_cross_entropy(z, labels).loss)});
  table.print();
}

void print_slopes() {
  heading("Gradient by z of a sigmoid output o = σ(z) with target 1");
  Table table({"z", "output o", "squared error", "cross-entropy"});
  for (Scalar z : {-8.0, -4.0, -2.0, 0.0, 2.0, 4.0})
    table.row({number(z), number(sigmoid(z)), number(squared_slope(z)), number(entropy_slope(z))});
  table.print();
}

int steps_to(const Values& outputs, double goal) {
  int steps = 0;
  while (outputs[steps] < goal) ++steps;
  return steps;
}

void print_training() {
  heading("Steps from z = -4 to an output of 0.9, learning rate 1");
  Table table({"loss", "steps"});
  table.row({"squared error", fmt::format("{}", steps_to(train(-4, squared_slope, 1000), 0.9))});
  table.row({"cross-entropy", fmt::format("{}", steps_to(train(-4, entropy_slope, 1000), 0.9))});
  table.print();
}

void draw_losses() {
  Figure figure("05_losses/losses.svg",
                "Where the output is sure and wrong, only cross-entropy still has a slope", 940,
                420);
  figure.layout(1, 2).shared_key();
  Values outputs, squared, entropy, squared_slopes, entropy_slopes;
  for (Scalar z = -7; z <= 7.001; z += 0.05) {
    outputs.push_back(sigmoid(z));
    squared.push_back(squared_error({{sigmoid(z)}}, {{1}}));
    entropy.push_back(sigmoid_cross_entropy({{z}}, {{1}}).loss);
    squared_slopes.push_back(-squared_slope(z));
    entropy_slopes.push_back(-entropy_slope(z));
  }
  Panel& loss = figure.panel("loss");
  loss.x_axis("output o, target 1", {0, 1}).y_axis("loss", {0, 5});
  loss.line(outputs, squared, "squared error").line(outputs, entropy, "cross-entropy");
  Panel& slope = figure.panel("how hard it pushes z upwards");
  slope.x_axis("output o, target 1", {0, 1}).y_axis("−∂L/∂z", {0, 1.05});
  slope.line(outputs, squared_slopes, "squared error")
      .line(outputs, entropy_slopes, "cross-entropy");
  show(figure);
}

void draw_training() {
  Figure figure("05_losses/training.svg",
                "From a wrong start cross-entropy learns at once; squared error waits");
  Panel& panel = figure.panel();
  panel.x_axis("step", {0, 100}).y_axis("output o, target 1", {0, 1});
  Values steps;
  for (int i = 0; i <= 100; ++i) steps.push_back(i);
  panel.line(steps, train(-4, squared_slope, 100), "squared error");
  panel.line(steps, train(-4, entropy_slope, 100), "cross-entropy");
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("05 losses", [] {
    print_notes_example();
    print_one_hot();
    print_slopes();
    print_training();
    draw_losses();
    draw_training();
    return Headline{fmt::format("H = {:.5f}", cross_entropy({{1, 0, 0}}, {{0.7, 0.2, 0.1}})),
                    "0.35667"};
  });
}
