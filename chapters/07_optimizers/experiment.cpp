#include "chapters/07_optimizers/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "chapters/06_initialization/parameters.hpp"
#include "common/runs.hpp"

namespace gradus::optimizers {

Scalar usual_learning_rate(Optimizer optimizer) {
  const bool small = optimizer == Optimizer::rmsprop || optimizer == Optimizer::adam ||
                     optimizer == Optimizer::adamw;
  return small ? Scalar(0.001) : Scalar(0.01);
}

std::vector<double> step_sizes(Optimizer optimizer, const std::vector<double>& gradients,
                               Scalar learning_rate) {
  OptimizerState state;
  std::vector<double> sizes;
  for (double g : gradients) {
    Matrix w(1, 1);
    optimizer_step(optimizer, w, {{static_cast<Scalar>(g)}}, state, learning_rate);
    sizes.push_back(std::abs(w(0, 0)));
  }
  return sizes;
}

std::vector<double> factors(Optimizer optimizer, const std::vector<double>& gradients,
                            Scalar learning_rate) {
  std::vector<double> factors = step_sizes(optimizer, gradients, learning_rate);
  for (std::size_t t = 0; t < factors.size(); ++t) factors[t] /= gradients[t];
  return factors;
}

double Run::mean_loss(int batch) const {
  return mean_of(std::span(loss).subspan(static_cast<std::size_t>(batch) - 20, 20));
}

// ---- the ravine ----

double ravine(double x, double y, double s) { return x * x / 20 + s * y * y; }

Run descend_ravine(Optimizer optimizer, Scalar learning_rate, Scalar x, Scalar y, int steps,
                   Scalar s) {
  Matrix w = {{x, y}};
  OptimizerState state;
  Run run{optimizer, learning_rate, {ravine(x, y, s)}, {x}, {y}};
  for (int step = 0; step < steps && std::isfinite(run.loss.back()); ++step) {
    const Matrix dw = {{w(0, 0) / 10, 2 * s * w(0, 1)}};
    optimizer_step(optimizer, w, dw, state, learning_rate);
    const double loss = ravine(w(0, 0), w(0, 1), s);
    run.loss.push_back(loss > 1e30 ? std::numeric_limits<double>::infinity() : loss);
    run.x.push_back(w(0, 0));
    run.y.push_back(w(0, 1));
  }
  return run;
}

Run best_on_the_ravine(Optimizer optimizer, Scalar s) {
  std::vector<Run> runs;
  for (int i = 0; i < 105; ++i) {
    const Scalar learning_rate = static_cast<Scalar>(0.01 * std::pow(10.0, i / 40.0));
    runs.push_back(descend_ravine(optimizer, learning_rate, -7, 2, 30, s));
  }
  return *std::ranges::min_element(runs, {}, [](const Run& run) { return run.loss.back(); });
}

std::vector<Run> runs_on_the_ravine() {
  std::vector<Run> runs;
  const auto add = [&](Optimizer optimizer, double learning_rate) {
    runs.push_back(descend_ravine(optimizer, static_cast<Scalar>(learning_rate), -7, 2, 30));
  };
  add(Optimizer::sgd, 0.95);
  add(Optimizer::momentum, 0.1);
  add(Optimizer::adagrad, 1.5);
  add(Optimizer::adam, 0.3);
  return runs;
}

int crossings(const std::vector<double>& path) {
  int crossings = 0;
  for (std::size_t i = 1; i < path.size(); ++i) crossings += path[i] * path[i - 1] < 0;
  return crossings;
}

// ---- a straight line through points ----

gradient_descent::Data points_on_a_line(Random& random) {
  return gradient_descent::noisy_line(40, {.w = {{2}}, .b = -1}, 0.3, random);
}

static Run fit_line(Optimizer optimizer, const gradient_descent::Data& line,
                    const LinearModel& start, int steps) {
  const Scalar learning_rate = 0.1;
  Matrix w = start.w, b = {{start.b}};
  OptimizerState of_w, of_b;
  Run run{optimizer, learning_rate, {linear_loss(start, line.x, line.t)}, {w(0, 0)}, {b(0, 0)}};
  for (int step = 0; step < steps; ++step) {
    const LinearModel gradient = linear_gradient({w, b(0, 0)}, line.x, line.t);
    optimizer_step(optimizer, w, gradient.w, of_w, learning_rate);
    optimizer_step(optimizer, b, {{gradient.b}}, of_b, learning_rate);
    run.loss.push_back(linear_loss({w, b(0, 0)}, line.x, line.t));
    run.x.push_back(w(0, 0));
    run.y.push_back(b(0, 0));
  }
  return run;
}

std::vector<Run> race(const gradient_descent::Data& line, const LinearModel& start, int steps) {
  std::vector<Run> runs;
  for (Optimizer optimizer : all_optimizers)
    runs.push_back(fit_line(optimizer, line, start, steps));
  return runs;
}

// ---- MNIST ----

Run train(Optimizer optimizer, Scalar learning_rate, const Samples& samples, std::uint32_t seed) {
  Random random(seed);
  Network net = network_init({784, 100, 100, 10}, Init::he, random);
  const std::vector<Matrix*> all = parameters(net);
  std::vector<OptimizerState> states(all.size());
  const std::vector<std::vector<int>> order = epoch_batches(samples.x.rows(), 128, random);
  Run run{optimizer, learning_rate, {}, {}, {}};
  for (int i = 0; i < batches; ++i) {
    const Samples batch = take(samples, order.at(static_cast<std::size_t>(i)));
    const NetworkGradient g = network_gradient(net, batch.x, batch.labels);
    if (!std::isfinite(g.loss)) break;
    run.loss.push_back(g.loss);
    const std::vector<const Matrix*> d = gradients(g.d);
    for (std::size_t m = 0; m < all.size(); ++m)
      optimizer_step(optimizer, *all[m], *d[m], states[m], learning_rate);
  }
  run.loss.resize(batches, std::numeric_limits<double>::infinity());
  return run;
}

std::vector<Run> train_all(const Samples& samples, std::uint32_t seed) {
  std::vector<Run> runs;
  for (Optimizer optimizer : on_mnist)
    for (double learning_rate : learning_rates)
      runs.push_back({optimizer, static_cast<Scalar>(learning_rate), {}, {}, {}});
  in_parallel(runs.size(), [&](std::size_t i) {
    runs[i] = train(runs[i].optimizer, runs[i].learning_rate, samples, seed);
  });
  return runs;
}

const Run& run_of(const std::vector<Run>& runs, Optimizer optimizer, double learning_rate) {
  return look_up(runs, "run of " + name_of(optimizer) + " at this learning rate",
                 [&](const Run& run) {
                   return run.optimizer == optimizer &&
                          run.learning_rate == static_cast<Scalar>(learning_rate);
                 });
}

const Run& best_of(const std::vector<Run>& runs, Optimizer optimizer) {
  return *std::ranges::min_element(runs, {}, [&](const Run& run) {
    return run.optimizer == optimizer ? run.mean_loss(batches)
                                      : std::numeric_limits<double>::infinity();
  });
}

}  // namespace gradus::optimizers
