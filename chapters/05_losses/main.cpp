// 05: losses, and which of them still pushes when the answer is wrong.   docs/05_losses.md

#include <fmt/format.h>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::losses;

namespace {

const std::vector<Loss> both = {Loss::squared_error, Loss::cross_entropy};

std::string name_of(Loss loss) {
  return loss == Loss::squared_error ? "squared error" : "cross-entropy";
}

// Of one output with target 1: the loss, and its gradient by z.
LossGradient unit_loss(Loss loss, Scalar z) { return sigmoid_loss(loss, {{z}}, {{1}}); }

std::string notes_example() {
  return fmt::format("{:.5f}", cross_entropy({{1, 0, 0}}, {{0.7, 0.2, 0.1}}));
}

void print_notes_example() {
  heading("Cross-entropy of the notes' example");
  Table table({"truth p", "prediction q", "H(p, q)", "the notes"});
  table.row({"1 0 0", "0.7 0.2 0.1", notes_example(), "0.35667"});
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
    table.row({number(z), number(sigmoid(z)), number(unit_loss(Loss::squared_error, z).dz(0, 0)),
               number(unit_loss(Loss::cross_entropy, z).dz(0, 0))});
  table.print();
}

void print_training() {
  heading("Steps from z = -4 to an output of 0.9, learning rate 1");
  Table table({"loss", "steps"});
  for (Loss loss : both) {
    const int steps = steps_to(train_unit(loss, -4, 1000), 0.9);
    table.row({name_of(loss), steps < 0 ? "never" : fmt::format("{}", steps)});
  }
  table.print();
}

void draw_losses() {
  Figure figure("05_losses/losses.svg",
                "Where the output is sure and wrong, only cross-entropy still has a slope", 940,
                420);
  figure.layout(1, 2).shared_key();
  Panel& losses = figure.panel("loss");
  losses.x_axis("output o, target 1", {0, 1}).y_axis("loss", {0, 5});
  Panel& slopes = figure.panel("how hard it pushes z upwards");
  slopes.x_axis("output o, target 1", {0, 1}).y_axis("−∂L/∂z", {0, 1.05});
  for (Loss loss : both) {
    Values outputs, values, pushes;
    for (Scalar z = -7; z <= 7.001; z += 0.05) {
      const LossGradient at = unit_loss(loss, z);
      outputs.push_back(sigmoid(z));
      values.push_back(at.loss);
      pushes.push_back(-at.dz(0, 0));
    }
    losses.line(outputs, values, name_of(loss));
    slopes.line(outputs, pushes, name_of(loss));
  }
  show(figure);
}

void draw_training() {
  Figure figure("05_losses/training.svg",
                "From a wrong start cross-entropy learns at once; squared error waits");
  Panel& panel = figure.panel();
  panel.x_axis("step", {0, 100}).y_axis("output o, target 1", {0, 1});
  for (Loss loss : both) {
    const std::vector<Scalar> outputs = train_unit(loss, -4, 100).outputs;
    panel.line(counted(outputs.size()), {outputs.begin(), outputs.end()}, name_of(loss));
  }
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
    return Headline{"H = " + notes_example(), "0.35667"};
  });
}
