// Differs from the reference: works on one feature after the other, with sums in the order of the
// features; finds constant features by their ends; backward goes back step by step through
// centring, variance and root; inference folds everything into one factor and one offset per
// feature; a deep network's layer calls the layer above, and goes back when that returns: nothing
// is kept in lists.
#include "chapters/08_normalization/normalization.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"

namespace gradus {
namespace {

using Column = std::vector<double>;

void demand(bool truth, const std::string& otherwise) {
  if (!truth) throw std::invalid_argument(otherwise);
}

void demand_row(const Matrix& m, int features) {
  demand(m.cols() == features && m.rows() == 1, "a row of statistics has shape " + shape(m));
}

void demand_row_each(const BatchNorm& norm, int features) {
  for (const Matrix* m : {&norm.variance, &norm.mean, &norm.beta, &norm.gamma})
    demand_row(*m, features);
}

void demand_numbers(const Matrix& x) {
  for (Scalar v : x.flat()) demand(v - v == 0, "data must be finite numbers");
}

void demand_data(const Matrix& x) {
  demand_numbers(x);
  demand(x.rows() != 0, "there must be a sample");
}

void demand_epsilon(Scalar epsilon) {
  demand(epsilon > 0 && epsilon - epsilon == 0, "epsilon must be a number above 0");
}

Column column_of(const Matrix& x, int d) {
  Column c;
  for (int n = 0; n < x.rows(); ++n) c.push_back(x(n, d));
  return c;
}

void set_column(Matrix& x, int d, const Column& c) {
  for (int n = 0; n < x.rows(); ++n) x(n, d) = c[n];
}

double sum_of(const Column& c) { return std::accumulate(c.begin(), c.end(), 0.0); }

double product_of(const Column& a, const Column& b) {
  return std::inner_product(a.rbegin(), a.rend(), b.rbegin(), 0.0);
}

struct Ends {
  double low, high;
};
Ends ends_of(const Column& c) {
  const auto [low, high] = std::minmax_element(c.begin(), c.end());
  return {*low, *high};
}

// What is left when the mean is taken away, and the mean.
struct Centred {
  Column rest;
  double mean;
};
Centred centre(Column c) {
  const double mean = sum_of(c) / static_cast<double>(c.size());
  for (double& v : c) v -= mean;
  return {c, mean};
}

}  // namespace

// ---- data ----

MinMax min_max_fit(const Matrix& x) {
  demand_data(x);
  MinMax fit{Matrix(1, x.cols()), Matrix(1, x.cols())};
  for (int d = 0; d < x.cols(); ++d) {
    const Ends ends = ends_of(column_of(x, d));
    fit.low(0, d) = ends.low;
    fit.high(0, d) = ends.high;
  }
  return fit;
}

Matrix min_max_apply(const MinMax& fit, const Matrix& x, Scalar from, Scalar to) {
  demand(to > from && to - to == 0 && from - from == 0, "the range must have a width");
  demand_numbers(x);
  demand_row(fit.high, x.cols());
  demand_row(fit.low, x.cols());
  Matrix y(x.rows(), x.cols(), from);
  for (int d = 0; d < x.cols(); ++d) {
    const Scalar low = fit.low(0, d), high = fit.high(0, d);
    demand(high >= low && high - low - (high - low) == 0, "a range from low to high");
    if (low == high) continue;
    for (int n = 0; n < x.rows(); ++n) {
      const Scalar part = (x(n, d) - low) / (high - low), value = from + part * (to - from);
      if (part == 1)
        y(n, d) = to;
      else
        y(n, d) = part < 1 ? std::min(value, to) : std::max(value, to);
    }
  }
  demand_numbers(y);
  return y;
}

Standardization standardize_fit(const Matrix& x) {
  demand_data(x);
  Standardization fit{Matrix(1, x.cols()), Matrix(1, x.cols())};
  for (int d = 0; d < x.cols(); ++d) {
    const Column c = column_of(x, d);
    const Ends ends = ends_of(c);
    const auto [rest, mean] = centre(c);
    const bool constant = ends.low == ends.high;
    fit.mean(0, d) = constant ? ends.low : mean;
    double deviation = 0;  // hypot squares nothing that is too large or too small to be squared
    for (double v : rest) deviation = std::hypot(deviation, v);
    fit.deviation(0, d) = constant ? 0 : deviation / std::sqrt(static_cast<double>(c.size()));
  }
  demand_numbers(fit.deviation);  // nor is one whose mean is none
  return fit;
}

Matrix standardize_apply(const Standardization& fit, const Matrix& x) {
  demand_row(fit.deviation, x.cols());
  demand_row(fit.mean, x.cols());
  demand_numbers(fit.deviation);
  demand_numbers(x);
  for (Scalar v : fit.deviation.flat()) demand(v >= 0, "deviations are not below 0");
  Matrix z = x;
  for (int d = 0; d < x.cols(); ++d)
    for (int n = 0; n < x.rows(); ++n) {
      z(n, d) -= fit.mean(0, d);
      if (fit.deviation(0, d) > 0) z(n, d) /= fit.deviation(0, d);
    }
  demand_numbers(z);
  return z;
}

// ---- batch normalization ----

BatchNorm batch_norm_init(int features) {
  demand(features >= 1, "there must be a feature");
  const Matrix zeros(1, features), ones(1, features, 1);
  return {ones, zeros, zeros, ones, Scalar(0.1), Scalar(1e-5)};
}

BatchNormForward batch_norm_forward(BatchNorm& norm, const Matrix& x) {
  const auto [momentum, epsilon] = std::pair{norm.momentum, norm.epsilon};
  demand(x.rows() > 1, "one sample has no spread");
  demand(!(momentum < 0) && momentum <= 1, "a momentum from 0 to 1");
  demand_epsilon(epsilon);
  demand_row_each(norm, x.cols());
  demand_numbers(x);
  for (int d = 0; d < x.cols(); ++d) {
    const Column rest = centre(column_of(x, d)).rest;
    const double squares = product_of(rest, rest);
    demand(squares - squares == 0, "values too far apart");
  }
  BatchNormForward f{x, x, Matrix(1, x.cols())};
  for (int d = 0; d < x.cols(); ++d) {
    auto [rest, mean] = centre(column_of(x, d));
    const double squares = product_of(rest, rest), N = x.rows();
    const double root = std::sqrt(squares / N + epsilon);
    f.inverse(0, d) = 1 / root;
    for (double& v : rest) v /= root;
    set_column(f.x_hat, d, rest);
    for (double& v : rest) v = v * norm.gamma(0, d) + norm.beta(0, d);
    set_column(f.y, d, rest);
    norm.mean(0, d) = (1 - momentum) * norm.mean(0, d) + momentum * mean;
    norm.variance(0, d) = (1 - momentum) * norm.variance(0, d) + momentum * squares / (N - 1);
  }
  return f;
}

BatchNormGradients batch_norm_backward(const Matrix& dy, const BatchNorm& norm,
                                       const BatchNormForward& forward) {
  demand_row(forward.inverse, dy.cols());
  demand(forward.x_hat.rows() == dy.rows() && forward.x_hat.cols() == dy.cols(),
         "x_hat and dy have shapes " + shape(forward.x_hat) + " and " + shape(dy));
  demand_row_each(norm, dy.cols());
  const double N = dy.rows();
  BatchNormGradients g{dy, Matrix(1, dy.cols()), Matrix(1, dy.cols())};
  for (int d = 0; d < dy.cols(); ++d) {
    const Column dy_d = column_of(dy, d), x_hat = column_of(forward.x_hat, d);
    g.dbeta(0, d) = sum_of(dy_d);
    g.dgamma(0, d) = product_of(dy_d, x_hat);

    // x̂ = r i, with the rest r = x - mean, the variance v = Σ r^2 / N and i = (v + ε)^(-1/2).
    const double i = forward.inverse(0, d);
    Column dr(dy_d.size());
    double di = 0;
    for (std::size_t n = 0; n < dr.size(); ++n) {
      const double dx_hat = dy_d[n] * norm.gamma(0, d);
      dr[n] = dx_hat * i;
      di += dx_hat * x_hat[n] / i;
    }
    const double dv = -di * i * i * i / 2;
    for (std::size_t n = 0; n < dr.size(); ++n) dr[n] += dv * 2 * (x_hat[n] / i) / N;
    set_column(g.dx, d, centre(dr).rest);  // the mean's path takes the mean away
  }
  return g;
}

Matrix batch_norm_inference(const BatchNorm& norm, const Matrix& x) {
  demand_row_each(norm, x.cols());
  demand_epsilon(norm.epsilon);
  Matrix y = x;
  for (int d = 0; d < x.cols(); ++d) {
    const Scalar factor = norm.gamma(0, d) / std::sqrt(norm.variance(0, d) + norm.epsilon);
    const Scalar offset = norm.beta(0, d) - factor * norm.mean(0, d);
    for (int n = 0; n < x.rows(); ++n) y(n, d) = factor * x(n, d) + offset;
  }
  return y;
}

// ---- a deep network ----

DeepNetwork deep_init(const std::vector<int>& units, Init init, bool batch_norm, Random& random) {
  DeepNetwork deep{network_init(units, init, random), {}};
  if (!batch_norm) return deep;
  for (std::size_t l = 0; l + 1 < deep.net.b.size(); ++l)
    deep.norms.push_back(batch_norm_init(deep.net.b[l].cols()));
  return deep;
}

namespace {

void demand_layers(const DeepNetwork& deep) {
  const std::size_t layers = deep.net.w.size();
  demand(layers >= 1, "a network has a layer");
  demand(deep.net.b.size() == layers, "each layer has weights and biases");
  demand(deep.norms.empty() || deep.norms.size() + 1 == layers,
         "each hidden layer has a batch norm, or none has");
}

// One batch on its way through one network, up and down again.
struct Journey {
  DeepNetwork& deep;
  const std::vector<int>& labels;
  const std::vector<Matrix>& masks;
  DeepGradient g = {};

  // From the input of layer l and all above it, the gradient by that input.
  Matrix through(std::size_t l, const Matrix& a) {
    const Matrix& w = deep.net.w[l];
    Matrix z = dense_forward(a, w, deep.net.b[l]);
    DenseGradients dense = dense_backward(
        l + 1 == deep.net.w.size() ? from_loss(z) : from_above(l, std::move(z)), a, w);
    g.d.w[l] = std::move(dense.dw);
    g.d.b[l] = std::move(dense.db);
    return std::move(dense.dx);
  }

  Matrix from_loss(const Matrix& logits) {
    LossGradient top = softmax_cross_entropy(logits, labels);
    g.loss = top.loss;
    return std::move(top.dz);
  }

  // The gradient by z of a hidden layer, from what lies above it.
  Matrix from_above(std::size_t l, Matrix z) {
    BatchNormForward normalized;
    if (!deep.norms.empty()) {
      normalized = batch_norm_forward(deep.norms[l], z);
      z = normalized.y;
    }
    Matrix factor(z.rows(), z.cols(), 1);  // ReLU's slope times the mask
    if (!masks.empty()) factor = masks[l];
    demand(factor.rows() == z.rows() && factor.cols() == z.cols(),
           "a mask has the shape " + shape(factor) + ", its layer " + shape(z));
    for (int n = 0; n < z.rows(); ++n)
      for (int j = 0; j < z.cols(); ++j) {
        if (z(n, j) <= 0) z(n, j) = factor(n, j) = 0;
        z(n, j) *= factor(n, j);
      }
    Matrix dy = through(l + 1, z);
    for (int n = 0; n < z.rows(); ++n)
      for (int j = 0; j < z.cols(); ++j) dy(n, j) *= factor(n, j);
    if (deep.norms.empty()) return dy;
    BatchNormGradients back = batch_norm_backward(dy, deep.norms[l], normalized);
    g.dgamma[l] = std::move(back.dgamma);
    g.dbeta[l] = std::move(back.dbeta);
    return std::move(back.dx);
  }
};

}  // namespace

Matrix deep_inference(const DeepNetwork& deep, const Matrix& x) {
  demand_layers(deep);
  Matrix a = x;
  for (std::size_t l = 0;; ++l) {
    a = dense_forward(a, deep.net.w[l], deep.net.b[l]);
    if (l + 1 == deep.net.w.size()) return a;
    if (!deep.norms.empty()) a = batch_norm_inference(deep.norms[l], a);
    for (Scalar& v : a.flat())
      if (v < 0) v = 0;
  }
}

DeepGradient deep_gradient(DeepNetwork& deep, const Matrix& x, const std::vector<int>& labels,
                           const std::vector<Matrix>& masks) {
  demand_layers(deep);
  const std::size_t layers = deep.net.w.size(), norms = deep.norms.size();
  demand(masks.empty() || masks.size() + 1 == layers, "each hidden layer has a mask, or none has");
  DeepNetwork moved = deep;
  Journey journey{.deep = moved, .labels = labels, .masks = masks};
  journey.g.d = {std::vector<Matrix>(layers), std::vector<Matrix>(layers)};
  journey.g.dgamma = journey.g.dbeta = std::vector<Matrix>(norms);
  journey.through(0, x);
  deep = std::move(moved);
  return std::move(journey.g);
}

}  // namespace gradus
