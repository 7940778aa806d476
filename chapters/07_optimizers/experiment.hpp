// What the demonstration draws and the claims assert: all seven optimizers on a ravine, on a
// straight line through points, and on MNIST. Not part of the contract.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/06_initialization/digits.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "chapters/07_optimizers/optimizers.hpp"

namespace gradus {

enum class Optimizer { sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw };

inline constexpr Optimizer all_optimizers[] = {
    Optimizer::sgd,     Optimizer::momentum, Optimizer::nesterov, Optimizer::adagrad,
    Optimizer::rmsprop, Optimizer::adam,     Optimizer::adamw};

inline std::string name(Optimizer optimizer) {
  static const char* const names[] = {"SGD",     "momentum", "Nesterov", "AdaGrad",
                                      "RMSProp", "Adam",     "AdamW"};
  return names[static_cast<int>(optimizer)];
}

// What any of them remembers about one matrix of weights.
struct Memory {
  MomentumState momentum;
  AdaGradState adagrad;
  RmsPropState rmsprop;
  AdamState adam;
};

inline void take_step(Optimizer optimizer, Matrix& w, const Matrix& dw, Memory& memory,
                      Scalar rate) {
  switch (optimizer) {
    case Optimizer::sgd: return sgd_step(w, dw, rate);
    case Optimizer::momentum: return momentum_step(w, dw, memory.momentum, rate);
    case Optimizer::nesterov: return nesterov_step(w, dw, memory.momentum, rate);
    case Optimizer::adagrad: return adagrad_step(w, dw, memory.adagrad, rate);
    case Optimizer::rmsprop: return rmsprop_step(w, dw, memory.rmsprop, rate);
    case Optimizer::adam: return adam_step(w, dw, memory.adam, rate);
    case Optimizer::adamw: return adamw_step(w, dw, memory.adam, rate);
  }
}

// The size of each step by these gradients, where w begins at 0 every time: only the state counts.
inline std::vector<double> step_sizes(Optimizer optimizer, const std::vector<double>& gradients,
                                      Scalar rate) {
  Memory memory;
  std::vector<double> sizes;
  for (double g : gradients) {
    Matrix w(1, 1);
    take_step(optimizer, w, {{static_cast<Scalar>(g)}}, memory, rate);
    sizes.push_back(std::abs(w(0, 0)));
  }
  return sizes;
}

// ---- the ravine x^2/20 + y^2, twenty times as steep across as along ----

inline Scalar ravine(Scalar x, Scalar y) { return x * x / 20 + y * y; }
inline Matrix ravine_gradient(const Matrix& w) { return {{w(0, 0) / 10, 2 * w(0, 1)}}; }

struct Path {
  std::vector<double> x, y;  // the start and where each step led
};

inline Path descend_ravine(Optimizer optimizer, Scalar rate, Scalar x, Scalar y, int steps) {
  Matrix w = {{x, y}};
  Memory memory;
  Path path{{x}, {y}};
  for (int i = 0; i < steps; ++i) {
    take_step(optimizer, w, ravine_gradient(w), memory, rate);
    path.x.push_back(w(0, 0));
    path.y.push_back(w(0, 1));
  }
  return path;
}

inline double loss_at_the_end(Optimizer optimizer, Scalar rate) {
  const Path path = descend_ravine(optimizer, rate, -7, 2, 30);
  return path.x.back() * path.x.back() / 20 + path.y.back() * path.y.back();
}

// Of 105 rates from 0.01 to 4, each 6 % above the one before: where 30 steps from (-7, 2) end lowest.
inline Scalar best_rate_on_the_ravine(Optimizer optimizer) {
  Scalar best = Scalar(0.01);
  for (int i = 0; i < 105; ++i) {
    const Scalar rate = static_cast<Scalar>(0.01 * std::pow(10.0, i / 40.0));
    if (loss_at_the_end(optimizer, rate) < loss_at_the_end(optimizer, best)) best = rate;
  }
  return best;
}

// ---- a straight line through points ----

struct Line {
  Matrix x, t;  // (N,1) both
};

// t = 2 x - 1 and noise, at N places between 0 and 2.
inline Line points_on_a_line(int N, Random& random) {
  Line line{random.uniform_matrix(0, 2, N, 1), Matrix(N, 1)};
  for (int n = 0; n < N; ++n)
    line.t(n, 0) = 2 * line.x(n, 0) - 1 + static_cast<Scalar>(random.normal(0, 0.3));
  return line;
}

// The line with the lowest loss: w is the covariance of x and t by the variance of x.
inline LinearModel best_line(const Line& line) {
  double x = 0, t = 0, covariance = 0, variance = 0;
  for (int n = 0; n < line.x.rows(); ++n) {
    x += line.x(n, 0) / line.x.rows();
    t += line.t(n, 0) / line.x.rows();
  }
  for (int n = 0; n < line.x.rows(); ++n) {
    covariance += (line.x(n, 0) - x) * (line.t(n, 0) - t);
    variance += (line.x(n, 0) - x) * (line.x(n, 0) - x);
  }
  const double w = covariance / variance;
  return {{{static_cast<Scalar>(w)}}, static_cast<Scalar>(t - w * x)};
}

// The model at the start and after each step; w and b have a memory each.
inline std::vector<LinearModel> fit_line(Optimizer optimizer, Scalar rate, const Line& line,
                                         const LinearModel& start, int steps) {
  std::vector<LinearModel> models = {start};
  Memory of_w, of_b;
  for (int i = 0; i < steps; ++i) {
    LinearModel model = models.back();
    const LinearModel gradient = linear_gradient(model, line.x, line.t);
    take_step(optimizer, model.w, gradient.w, of_w, rate);
    Matrix b = {{model.b}};
    take_step(optimizer, b, {{gradient.b}}, of_b, rate);
    model.b = b(0, 0);
    models.push_back(model);
  }
  return models;
}

// ---- MNIST ----

// The usual rates: PyTorch's defaults, and 0.01 where it has none.
inline Scalar usual_rate(Optimizer optimizer) {
  const bool small = optimizer == Optimizer::rmsprop || optimizer == Optimizer::adam ||
                     optimizer == Optimizer::adamw;
  return small ? Scalar(0.001) : Scalar(0.01);
}

// The rates that all of them are tried with.
inline constexpr double rates_on_mnist[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};

inline Network he_network(const std::vector<int>& units, Random& random) {
  Network net;
  for (std::size_t l = 1; l < units.size(); ++l) {
    net.w.push_back(he_init(units[l - 1], units[l], random));
    net.b.push_back(Matrix(1, units[l]));
  }
  return net;
}

// The loss of each batch of 128, before its step, in one epoch cut short after `steps` batches. The
// same seed gives every optimizer the same start and the same batches. From a loss that is not
// finite on, all losses are infinite.
inline std::vector<double> train_on_mnist(Optimizer optimizer, Scalar rate, const MnistSet& set,
                                          std::uint32_t seed, int steps) {
  Random random(seed);
  Network net = he_network({784, 100, 100, 10}, random);
  std::vector<Memory> of_w(net.w.size()), of_b(net.b.size());
  const auto batches = epoch_batches(set.train_images.count, 128, random);
  std::vector<double> losses;
  for (int i = 0; i < steps; ++i) {
    const Digits batch = take_digits(set.train_images, set.train_labels, batches[i]);
    const NetworkGradient g = network_gradient(net, batch.x, batch.labels);
    if (!std::isfinite(g.loss)) break;
    losses.push_back(g.loss);
    for (std::size_t l = 0; l < net.w.size(); ++l) {
      take_step(optimizer, net.w[l], g.d.w[l], of_w[l], rate);
      take_step(optimizer, net.b[l], g.d.b[l], of_b[l], rate);
    }
  }
  losses.resize(static_cast<std::size_t>(steps), std::numeric_limits<double>::infinity());
  return losses;
}

// The mean of the last `count` values.
inline double mean_of_last(const std::vector<double>& values, int count) {
  double sum = 0;
  for (std::size_t i = values.size() - count; i < values.size(); ++i) sum += values[i];
  return sum / count;
}

}  // namespace gradus
