// 02: a hidden layer learns XOR.                                         docs/02_xor_mlp.md

#include <fmt/format.h>

#include <cmath>

#include "chapters/01_perceptron/draw_classes.hpp"
#include "chapters/02_xor_mlp/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::xor_mlp;

namespace {

std::string output_text(const Mlp& net, int n) {
  return fmt::format("{:.4f}", mlp_forward(net, inputs).y(n, 0));
}

void print_outputs() {
  heading("Outputs after 10 000 epochs, learning rate 0.2");
  const std::vector<std::uint32_t> seeds = {0, 1, 4};
  std::vector<Mlp> nets;
  for (std::uint32_t seed : seeds) nets.push_back(train(seed).net);
  Table table({"input", "target", "seed 0", "seed 1", "seed 4", "the notes"});
  const std::vector<std::string> notes = {"0.0425", "0.9524", "0.9522", "0.0610"};
  for (int n = 0; n < 4; ++n)
    table.row({fmt::format("{} {}", inputs(n, 0), inputs(n, 1)), number(targets(n, 0)),
               output_text(nets[0], n), output_text(nets[1], n), output_text(nets[2], n),
               notes[n]});
  table.print();
}

void count_successes() {
  int learned = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) learned += is_learned(train(seed).net);
  fmt::print("\n{} of the seeds 0 to 99 learn XOR; the others rest on a plateau\n", learned);
}

void draw_loss() {
  Figure figure("02_xor_mlp/loss.svg",
                "The loss rests near its start for thousands of epochs, then falls");
  Panel& panel = figure.panel();
  panel.x_axis("epoch", {0, 10000}).y_axis("loss of an epoch, ½ Σ (y − t)²", {0.003, 1}).log_y();
  for (std::uint32_t seed : {0u, 1u, 4u, 17u}) {
    const std::vector<Scalar> loss = train(seed).loss;
    Values epochs, values;
    for (std::size_t e = 0; e < loss.size(); e += 50) {
      epochs.push_back(static_cast<double>(e + 1));
      values.push_back(loss[e]);
    }
    panel.line(epochs, values, fmt::format("seed {}{}", seed, seed == 17 ? ": stuck" : ""),
               {.dashed = seed == 17});
  }
  panel.key(Key::line_ends);
  show(figure);
}

// The four samples at the places given by the rows of `at`, coloured by target.
void draw_samples(Panel& panel, const Matrix& at) {
  const std::vector<int> labels(targets.flat().begin(), targets.flat().end());
  perceptron::draw_classes(panel, at, labels, "target", Colour::black);
}

// Each sample's inputs, written below it.
void name_samples(Panel& panel, const Matrix& at, const Names& names) {
  for (int n = 0; n < 4; ++n) panel.text(at(n, 0), at(n, 1) - 0.11, names[n], Align::centre);
}

void draw_decision(const Mlp& net) {
  Figure figure("02_xor_mlp/decision_surface.png", "A band between two lines answers 1", 640, 520);
  const Grid surface = tabulate(81, 81, {-0.5, 1.5}, {-0.5, 1.5}, [&](double x0, double x1) {
    return mlp_forward(net, {{x0, x1}}).y(0, 0);
  });
  Panel& panel = figure.panel();
  panel.x_axis("x₀", {-0.5, 1.5}).y_axis("x₁", {-0.5, 1.5}).square();
  panel.heat(surface, Palette::diverging, {0, 1}).colour_bar("output y");
  panel.contour(surface, {0.5}, {.colour = Colour::black, .width = 2});
  draw_samples(panel, inputs);
  show(figure);
}

void draw_hidden(const Mlp& net) {
  Figure figure("02_xor_mlp/hidden_layer.svg",
                "The hidden layer folds the square so that one line separates the targets", 860,
                440);
  figure.layout(1, 2).shared_key();
  Panel& before = figure.panel("inputs");
  before.x_axis("x₀", {-0.2, 1.2}).y_axis("x₁", {-0.2, 1.2}).square();
  draw_samples(before, inputs);
  name_samples(before, inputs, {"0 0", "0 1", "1 0", "1 1"});

  const Matrix h = mlp_forward(net, inputs).h;
  const bool one_spot = std::hypot(h(1, 0) - h(2, 0), h(1, 1) - h(2, 1)) < 0.03;
  Panel& after =
      figure.panel(one_spot ? "hidden outputs: two samples on one spot" : "hidden outputs");
  after.x_axis("h₀", {-0.2, 1.2}).y_axis("h₁", {-0.2, 1.2}).square();
  const auto boundary = [&](double h0) {
    return -(net.w2(0, 0) * h0 + net.b2(0, 0)) / net.w2(1, 0);
  };
  after.line({-0.2, 1.2}, {boundary(-0.2), boundary(1.2)}, "y = 0.5", {.colour = Colour::grey});
  draw_samples(after, h);
  name_samples(after, h, {"0 0", one_spot ? "0 1 and 1 0" : "0 1", one_spot ? "" : "1 0", "1 1"});
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("02 xor mlp", [] {
    print_outputs();
    count_successes();
    draw_loss();
    const Mlp net = train(4).net;
    draw_decision(net);
    draw_hidden(net);
    return Headline{fmt::format("XOR {} {} {} {}", output_text(net, 0), output_text(net, 1),
                                output_text(net, 2), output_text(net, 3)),
                    "0.0425 0.9524 0.9522 0.0610"};
  });
}
