#include "chapters/06_initialization/experiment.hpp"

#include <cmath>
#include <limits>
#include <span>

#include "chapters/06_initialization/parameters.hpp"
#include "common/matmul.hpp"
#include "common/runs.hpp"

namespace gradus::initialization {

std::string name_of(Init init) {
  switch (init) {
    case Init::zeros: return "zeros";
    case Init::uniform: return "uniform(-1, 1)";
    case Init::normal: return "N(0, 1)";
    case Init::small_normal: return "N(0, 0.01²)";
    case Init::xavier: return "Xavier";
    case Init::glorot: return "Glorot";
    case Init::he: return "He";
  }
  return "";
}

std::string name_of(Activation f) {
  return f == Activation::sigmoid ? "sigmoid" : f == Activation::tanh ? "tanh" : "ReLU";
}

// ---- ten layers ----

struct Layers {
  Matrix x;
  std::vector<Matrix> w;
};

static Layers draw_ten(Init init, std::uint32_t seed) {
  Random random(seed);
  Layers layers{.x = random.normal_matrix(0, 1, 1000, 100), .w = {}};
  for (int l = 0; l < 10; ++l) layers.w.push_back(weight_init(init, 100, 100, random));
  return layers;
}

Stack ten_layers(Init init, Activation f, std::uint32_t seed) {
  const Layers layers = draw_ten(init, seed);
  return {init, f, stack_activations(f, layers.w, layers.x)};
}

double gradient_ratio(Init init, Activation f, std::uint32_t seed) {
  const Layers layers = draw_ten(init, seed);
  const Matrix dy = Random(seed + 100).normal_matrix(0, 0.001, 1000, 100);
  const std::vector<Scalar> norms = gradient_norms(f, layers.w, layers.x, dy);
  return double{norms.front()} / double{norms.back()};
}

double deviation_by_input(const Matrix& a) {
  double sum = 0;
  for (int j = 0; j < a.cols(); ++j) {
    Matrix unit(a.rows(), 1);
    for (int n = 0; n < a.rows(); ++n) unit(n, 0) = a(n, j);
    sum += standard_deviation(unit);
  }
  return sum / a.cols();
}

Histogram histogram_of(const Matrix& a, double low, double high, int bins) {
  Histogram h;
  for (int i = 0; i <= bins; ++i) h.edges.push_back(low + (high - low) * i / bins);
  const auto counts = histogram(a, static_cast<Scalar>(low), static_cast<Scalar>(high), bins);
  h.heights.assign(counts.begin(), counts.end());
  return h;
}

double deviation_of_z(double of_weights, std::uint32_t seed) {
  Random random(seed);
  const Matrix x = random.normal_matrix(0, 1, 1000, 784);
  const Matrix w = normal_init(784, 100, static_cast<Scalar>(of_weights), random);
  return standard_deviation(matmul(x, w));
}

// ---- MNIST ----

double Run::loss_before(std::size_t step) const {
  if (loss.size() < step) return std::numeric_limits<double>::quiet_NaN();
  return mean_of(std::span(loss).subspan(step - 50, 50));
}

Run train(Init init, const Samples& samples, int steps, std::uint32_t seed) {
  Random random(seed);
  Run run{init, network_init({784, 100, 100, 100, 100, 10}, init, random), {}};
  const std::vector<std::vector<int>> batches = epoch_batches(samples.x.rows(), 128, random);
  for (int step = 0; step < steps; ++step) {
    const Samples batch = take(samples, batches.at(static_cast<std::size_t>(step)));
    const NetworkGradient g = network_gradient(run.net, batch.x, batch.labels);
    if (!std::isfinite(g.loss)) break;
    descend_all(parameters(run.net), gradients(g.d), Scalar(0.1));
    run.loss.push_back(g.loss);
  }
  return run;
}

std::vector<Run> train_all(const std::vector<Init>& inits, const Samples& samples,
                           std::uint32_t seed) {
  std::vector<Run> runs;
  for (Init init : inits) runs.push_back({init, {}, {}});
  in_parallel(runs.size(),
              [&](std::size_t i) { runs[i] = train(runs[i].init, samples, all_steps, seed); });
  return runs;
}

const Run& run_of(const std::vector<Run>& runs, Init init) {
  return look_up(runs, "run from " + name_of(init), [&](const Run& r) { return r.init == init; });
}

}  // namespace gradus::initialization
