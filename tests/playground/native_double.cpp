// Stations 01 to 05, whose chapters compute in double.
#include <fmt/ranges.h>

#include "chapters/01_perceptron/perceptron.hpp"
#include "chapters/02_xor_mlp/experiment.hpp"
#include "chapters/03_gradient_descent/experiment.hpp"
#include "chapters/04_activations/experiment.hpp"
#include "chapters/05_losses/experiment.hpp"
#include "tests/playground/native.hpp"

using namespace gradus;
using playground::Expected;

namespace {

double plain(double v) { return v + 0.0; }  // -0 is 0, as common/report.hpp's number() prints it

void gates() {
  const std::vector<std::vector<int>> labels = {
      {0, 0, 0, 1}, {0, 1, 1, 1}, {1, 1, 1, 0}, {0, 1, 1, 0}};
  for (double rate : {0.2, 0.05, 1.0}) {
    const Expected page{"01", fmt::format("rate={}&steps=8", rate)};
    for (std::size_t g = 0; g < labels.size(); ++g) {
      const PerceptronFit fit =
          perceptron_fit({{0, 0}, {0, 1}, {1, 0}, {1, 1}}, labels[g], 8, rate);
      page.cell(fmt::format("w{}", g), "[{:.4g} {:.4g}]", plain(fit.w(0, 0)), plain(fit.w(0, 1)));
      page.cell(fmt::format("b{}", g), "{:.4g}", plain(fit.b));
      page.cell(fmt::format("first{}", g), "{}", fmt::join(fit.errors, " "));
      page.cell(fmt::format("last{}", g), "{}", fit.errors.back());
    }
  }
}

void xor_outputs() {
  for (std::uint32_t seed : {0u, 1u, 4u, 17u}) {
    const MlpFit fit = xor_mlp::train(seed);
    const Expected page{"02", fmt::format("seed={}&steps=10000", seed)};
    const Matrix y = mlp_forward(fit.net, xor_mlp::inputs).y;
    for (int n = 0; n < 4; ++n) page.cell(fmt::format("y{}", n), "{:.4f}", y(n, 0));
    page.cell("loss", "{:.4g}", fit.loss.back());
  }
  for (std::uint32_t seed : {5u, 6u, 7u}) {
    Random random(seed);
    const Mlp start = mlp_init(2, 5, 1, random);
    const MlpFit fit = mlp_fit(start, xor_mlp::inputs, xor_mlp::targets, 3000, 1.5);
    const Expected page{"02", fmt::format("seed={}&hidden=5&rate=1.5&steps=3000", seed)};
    const Matrix y = mlp_forward(fit.net, xor_mlp::inputs).y;
    for (int n = 0; n < 4; ++n) page.cell(fmt::format("y{}", n), "{:.4f}", y(n, 0));
  }
}

void descents() {
  namespace chapter = gradient_descent;
  for (std::uint32_t seed : {0u, 1u, 2u})
    for (int batch : {1, 10, 100, 1000}) {
      const chapter::Data data = chapter::noisy_line(seed);
      Random random(seed);
      const LinearModel end =
          chapter::descend_by(batch, chapter::origin(), data, 0.1, 200, random).path.back();
      const Expected page{"03", fmt::format("seed={}&batch={}&steps=200", seed, batch)};
      page.cell("w", "{:.4f}", end.w(0, 0));
      page.cell("b", "{:.4f}", end.b);
      page.cell("excess", "{:.4g}", chapter::excess(end, chapter::minimum_of(data), data));
      page.cell("ceiling", "{:.4g}", 2 / largest_curvature(data.x));
    }
}

void stacks() {
  using activations::xavier;
  for (std::uint32_t seed : {0u, 1u, 2u})
    for (double scale : {1.0, 3.0}) {
      const Expected page{"04", fmt::format("seed={}&scale={}&steps=10", seed, scale)};
      for (Activation f : {Activation::sigmoid, Activation::tanh, Activation::relu}) {
        const auto norms =
            activations::norms_of({.name = "", .f = f, .deviation = scale * xavier}, seed);
        for (int l : {1, 4, 7, 10})
          page.cell(fmt::format("norm{}-{}", static_cast<int>(f), l), "{:.2g}",
                    norms[static_cast<std::size_t>(l - 1)]);
        page.cell(fmt::format("ratio{}", static_cast<int>(f)), "{:.2g}",
                  norms.front() / norms.back());
      }
    }
}

void units() {
  using losses::Loss;
  for (double z : {-8.0, -4.0, -2.0}) {
    const Expected start{"05", fmt::format("z={}", z)},
        end{"05", fmt::format("z={}&steps=1000", z)};
    for (Loss loss : {Loss::squared_error, Loss::cross_entropy}) {
      const int i = loss == Loss::squared_error ? 0 : 1;
      const LossGradient g = losses::sigmoid_loss(loss, {{z}}, {{1}});
      start.cell(fmt::format("o{}", i), "{:.4g}", sigmoid(z));
      start.cell(fmt::format("loss{}", i), "{:.4g}", g.loss);
      start.cell(fmt::format("slope{}", i), "{:.4g}", g.dz(0, 0));
      const losses::Run run = losses::train_unit(loss, z, 1000);
      const int steps = losses::steps_to(run, 0.9);
      end.cell(fmt::format("goal{}", i), "{}", steps < 0 ? "–" : fmt::format("{}", steps));
      end.cell(fmt::format("o{}", i), "{:.4g}", run.outputs.back());
    }
  }
}

}  // namespace

int main() {
  gates();
  xor_outputs();
  descents();
  stacks();
  units();
}
