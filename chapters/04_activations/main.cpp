// 04: activations, their slopes, and what is left of a gradient.     docs/04_activations.md

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "chapters/01_perceptron/perceptron.hpp"
#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/04_activations/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::activations;

namespace {

const Stack sigmoid_xavier = {"sigmoid, Xavier", Activation::sigmoid, xavier};
const Stack tanh_large = {"tanh, 3 × Xavier", Activation::tanh, 3 * xavier};
const Stack relu_he = {"ReLU, He", Activation::relu, he};
const Stack leaky_he = {"leaky ReLU, He", Activation::leaky_relu, he};
const std::vector<Stack> stacks = {sigmoid_xavier, {"tanh, Xavier", Activation::tanh, xavier},
                                   tanh_large,     relu_he,
                                   leaky_he,       {"ReLU, 3 × He", Activation::relu, 3 * he}};

double first_by_last(const Stack& stack) {
  const std::vector<Scalar> norms = norms_of(stack);
  return norms.front() / norms.back();
}

// The largest slope of a sigmoid, once for each of `count` layers.
Scalar product_of_slopes(int count) {
  Matrix dy = {{1}};
  for (int l = 0; l < count; ++l) dy = sigmoid_backward(dy, sigmoid_forward({{0}}));
  return dy(0, 0);
}

void print_quarters() {
  heading("The sigmoid passes a quarter on, at most");
  Table table({"layers", "largest product of slopes", "the notes"});
  const std::vector<std::string> notes = {"0.25", "0.0625", "0.015625"};
  for (int n = 1; n <= 3; ++n)
    table.row({fmt::format("{}", n), fmt::format("{}", product_of_slopes(n)), notes[n - 1]});
  table.print();
}

void print_norms() {
  heading(fmt::format("Gradient norms in a stack of {} layers of {} units", depth, units));
  Table table({"activation, weights", "layer 1", "layer 4", "layer 7", "layer 10", "first / last"});
  for (const Stack& stack : stacks) {
    const std::vector<Scalar> norms = norms_of(stack);
    const auto cell = [](double value) { return fmt::format("{:.2g}", value); };
    table.row({stack.name, cell(norms[0]), cell(norms[3]), cell(norms[6]), cell(norms[9]),
               cell(norms.front() / norms.back())});
  }
  table.print();
}

void draw_functions() {
  struct Curve {
    std::string name;
    std::function<double(double)> value, slope;
  };
  const std::vector<Curve> curves = {
      {"step", step, step_derivative},
      {"sigmoid", sigmoid, [](double z) { return sigmoid_derivative(sigmoid(z)); }},
      {"tanh", [](double z) { return std::tanh(z); },
       [](double z) { return tanh_derivative(std::tanh(z)); }},
      {"ReLU", relu, relu_derivative},
      {"leaky ReLU (0.1)", [](double z) { return leaky_relu(z, 0.1); },
       [](double z) { return leaky_relu_derivative(z, 0.1); }}};

  Figure figure("04_activations/functions.svg",
                "Activations (above), slopes (below): only ReLU and leaky ReLU keep a slope of 1",
                1080, 460);
  figure.layout(2, static_cast<int>(curves.size()));
  for (const bool slopes : {false, true})
    for (const Curve& curve : curves) {
      Values zs, ys;
      for (int i = -500; i <= 500; ++i) {
        zs.push_back(i / 100.0);
        ys.push_back(slopes ? curve.slope(zs.back()) : curve.value(zs.back()));
      }
      Panel& panel = figure.panel(slopes ? "" : curve.name);
      panel.x_axis("z", {-5, 5}).x_tics({-4, 0, 4});
      panel.y_axis(curve.name == "step" ? (slopes ? "slope" : "output") : "",
                   slopes ? Range{-0.1, 1.1} : Range{-1.3, 2.3});
      panel.line(zs, ys, "", {.colour = slopes ? Colour::vermillion : Colour::blue});
    }
  show(figure);
}

// The way back runs from left to right, and each line is named where it ends: at layer 1.
void draw_norms() {
  Figure figure("04_activations/gradient_norms.svg",
                fmt::format("The way back: sigmoid loses {:.0f} powers of ten, tanh with large "
                            "weights grows {:.0f} times",
                            std::floor(-std::log10(first_by_last(sigmoid_xavier))),
                            first_by_last(tanh_large)),
                860, 460);
  Panel& panel = figure.panel();
  panel.x_axis("layer, from the last back to the first", {depth, 1});
  panel.y_axis("norm of the layer's gradient dw").log_y();
  for (const Stack& stack : stacks) {
    const std::vector<Scalar> first_to_last = norms_of(stack);
    Values layer, norms;
    for (int l = stack.layers; l >= 1; --l) {
      layer.push_back(l);
      norms.push_back(first_to_last[l - 1]);
    }
    // Leaky ReLU's line runs along ReLU's and shares its label.
    const bool shared = stack.name == leaky_he.name, wide = stack.name == relu_he.name;
    panel.line(layer, norms,
               shared ? ""
               : wide ? "ReLU and leaky ReLU, He"
                      : stack.name,
               {.width = wide ? 7 : 2.5, .shape = Shape::circle});
  }
  panel.key(Key::line_ends);
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("04 activations", [] {
    print_quarters();
    print_norms();
    draw_functions();
    draw_norms();
    return Headline{fmt::format("slopes {} {} {}", product_of_slopes(1), product_of_slopes(2),
                                product_of_slopes(3)),
                    "0.25 0.0625 0.015625"};
  });
}
