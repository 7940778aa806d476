// 01: four logic gates, one neuron each.                              docs/01_perceptron.md

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "chapters/01_perceptron/draw_classes.hpp"
#include "chapters/01_perceptron/perceptron.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

struct Gate {
  std::string name;
  std::vector<int> y;
};
const std::vector<Gate> gates = {
    {"AND", {0, 0, 0, 1}}, {"OR", {0, 1, 1, 1}}, {"NAND", {1, 1, 1, 0}}, {"XOR", {0, 1, 1, 0}}};

PerceptronFit fit(const Gate& gate, int epochs) {
  return perceptron_fit(inputs, gate.y, epochs, 0.2);
}

std::string vector_text(const Matrix& w) {
  return fmt::format("[{} {}]", number(w(0, 0)), number(w(0, 1)));
}

void print_gates() {
  heading("50 epochs from zero weights, learning rate 0.2");
  Table table({"gate", "w", "b", "wrong in epochs 1 to 8", "in epoch 50"});
  for (const Gate& gate : gates) {
    const PerceptronFit result = fit(gate, 50);
    const std::vector<int> first(result.errors.begin(), result.errors.begin() + 8);
    table.row({gate.name, vector_text(result.w), number(result.b),
               fmt::format("{}", fmt::join(first, " ")), fmt::format("{}", result.errors.back())});
  }
  table.print();
  fmt::print(
      "the notes give AND w = [0.4 0.2], b = -0.4; no line separates XOR, so it never ends\n");
}

// The half-plane w0 x + w1 y + b > 0, where the answer is 1, and the line at its edge.
void draw_answer(Panel& panel, const PerceptronFit& fit) {
  const double w0 = fit.w(0, 0), w1 = fit.w(0, 1), b = fit.b, edge = 1e-7;
  Values xs, lo, hi;  // at each x, the heights between which the answer is 1
  for (double x = -0.5; x <= 1.5; x += 1.0 / 32) {
    const double sum = w0 * x + b;
    double y = sum > -edge ? -0.5 : std::nan("");  // where w1 is 0: the whole height, or a gap
    if (std::abs(w1) > edge) y = std::clamp(-sum / w1, -0.5, 1.5);
    xs.push_back(x);
    lo.push_back(w1 < -edge ? -0.5 : y);
    hi.push_back(w1 < -edge ? y : 1.5);
  }
  panel.band(xs, lo, hi, "answers 1", {.colour = Colour::vermillion});
  const Style line = {.colour = Colour::black};
  if (std::abs(w1) > std::abs(w0))
    panel.line({-1, 2}, {(w0 - b) / w1, -(2 * w0 + b) / w1}, "", line);
  else if (std::abs(w0) > edge)
    panel.line({(w1 - b) / w0, -(2 * w1 + b) / w0}, {-1, 2}, "", line);
}

void draw_boundaries() {
  Figure figure(
      "01_perceptron/boundary.svg",
      "AND: after five epochs the shaded side holds the 1 alone; XOR: no line can do that", 1080,
      480);
  figure.layout(2, 6).shared_key();
  for (const Gate& gate : {gates[0], gates[3]})
    for (int epochs = 1; epochs <= 6; ++epochs) {
      const PerceptronFit result = fit(gate, epochs);
      Panel& panel = figure.panel(fmt::format("{}, epoch {}", gate.name, epochs));
      panel.x_axis("", {-0.5, 1.5}).y_axis("", {-0.5, 1.5}).square();
      panel.x_tics({0, 1}).y_tics({0, 1});
      draw_answer(panel, result);
      perceptron::draw_classes(panel, inputs, gate.y, "output", Colour::blue);
    }
  show(figure);
}

void draw_errors() {
  Figure figure("01_perceptron/errors.svg",
                "XOR alone is never learned: from epoch 3 on all four samples are wrong");
  Panel& panel = figure.panel();
  panel.x_axis("epoch", {1, 10}).y_axis("wrong samples in the epoch", {-0.2, 4.4});
  panel.y_tics({0, 1, 2, 3, 4}).key(Key::right);
  for (const Gate& gate : gates) {
    const std::vector<int> wrong = fit(gate, 10).errors;
    const double width = gate.name == "AND" ? 7 : 2.5;  // NAND's line runs along AND's
    panel.line(counted(wrong.size(), 1), {wrong.begin(), wrong.end()}, gate.name,
               {.width = width, .dashed = gate.name == "XOR", .shape = Shape::circle});
  }
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("01 perceptron", [] {
    print_gates();
    draw_boundaries();
    draw_errors();
    const PerceptronFit result = fit(gates[0], 50);
    return Headline{fmt::format("AND w = {}, b = {}", vector_text(result.w), number(result.b)),
                    "w = [0.4 0.2], b = -0.4"};
  });
}
