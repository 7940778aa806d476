// Normalization: of the data, and within the network.               docs/08_normalization.md

#include "chapters/08_normalization/normalization.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- statistics of columns: one number per feature, in double whatever Scalar is ----

using Row = std::vector<double>;

// The first sample, and the mean of what all differ from it: a feature that never changes has its
// own value as mean, to the last bit. A plain mean may be rounded, and the deviation then not 0.
static Row column_means(const Matrix& x) {
  Row mean(x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) mean[d] += double{x(n, d)} - double{x(0, d)};
  for (int d = 0; d < x.cols(); ++d) mean[d] = x(0, d) + mean[d] / x.rows();
  return mean;
}

// 1/N Σ (x - mean)^2
static Row column_variances(const Matrix& x, const Row& mean) {
  Row variance(x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) variance[d] += (x(n, d) - mean[d]) * (x(n, d) - mean[d]);
  for (double& v : variance) v /= x.rows();
  return variance;
}

// The root of that. The square of 1e-200 is 0, that of 1e200 infinity; measured in its largest
// value, a feature has squares from 0 to 1.
static double deviation_of(const Matrix& x, int d, double mean) {
  double largest = 0, sum = 0;
  for (int n = 0; n < x.rows(); ++n) largest = std::max(largest, std::abs(x(n, d) - mean));
  if (largest == 0) return 0;
  for (int n = 0; n < x.rows(); ++n) {
    const double part = (x(n, d) - mean) / largest;
    sum += part * part;
  }
  return largest * std::sqrt(sum / x.rows());
}

// ---- data ----

MinMax min_max_fit(const Matrix& x) {
  require(x.rows() > 0, "min_max_fit: needs at least one sample");
  require_finite("min_max_fit: x", x);
  MinMax fit{Matrix(1, x.cols()), Matrix(1, x.cols())};
  for (int d = 0; d < x.cols(); ++d) fit.low(0, d) = fit.high(0, d) = x(0, d);
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) {
      fit.low(0, d) = std::min(fit.low(0, d), x(n, d));
      fit.high(0, d) = std::max(fit.high(0, d), x(n, d));
    }
  return fit;
}

Matrix min_max_apply(const MinMax& fit, const Matrix& x, Scalar from, Scalar to) {
  require_shape("min_max_apply: low", fit.low, 1, x.cols());
  require_shape("min_max_apply: high", fit.high, 1, x.cols());
  require_finite("min_max_apply: from", from);
  require_finite("min_max_apply: to", to);
  require(from < to, "min_max_apply: from must be less than to");
  require_finite("min_max_apply: x", x);
  for (int d = 0; d < x.cols(); ++d)
    require_not_negative("min_max_apply: high - low", fit.high(0, d) - fit.low(0, d));

  Matrix y(x.rows(), x.cols(), from);
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) {
      const Scalar range = fit.high(0, d) - fit.low(0, d);
      // std::lerp: from + (to - from) * part, but exactly `to` where part is 1.
      if (range > 0) y(n, d) = std::lerp(from, to, (x(n, d) - fit.low(0, d)) / range);
    }
  require_finite("min_max_apply: y", y);  // x too far from the data
  return y;
}

Standardization standardize_fit(const Matrix& x) {
  require(x.rows() > 0, "standardize_fit: needs at least one sample");
  require_finite("standardize_fit: x", x);
  const Row mean = column_means(x);
  Standardization fit{Matrix(1, x.cols()), Matrix(1, x.cols())};
  for (int d = 0; d < x.cols(); ++d) {
    fit.mean(0, d) = mean[d];
    fit.deviation(0, d) = deviation_of(x, d, mean[d]);
  }
  require_finite("standardize_fit: deviation", fit.deviation);
  return fit;
}

Matrix standardize_apply(const Standardization& fit, const Matrix& x) {
  require_shape("standardize_apply: mean", fit.mean, 1, x.cols());
  require_shape("standardize_apply: deviation", fit.deviation, 1, x.cols());
  for (Scalar v : fit.deviation.flat()) require_not_negative("standardize_apply: deviation", v);
  require_finite("standardize_apply: x", x);
  Matrix z(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) {
      const Scalar deviation = fit.deviation(0, d) == 0 ? 1 : fit.deviation(0, d);
      z(n, d) = (x(n, d) - fit.mean(0, d)) / deviation;
    }
  require_finite("standardize_apply: z", z);  // x too far from the data
  return z;
}

// ---- batch normalization ----

BatchNorm batch_norm_init(int features) {
  require_at_least("batch_norm_init: features", features, 1);
  return {.gamma = Matrix(1, features, 1),
          .beta = Matrix(1, features),
          .mean = Matrix(1, features),
          .variance = Matrix(1, features, 1)};
}

static void require_features(const BatchNorm& norm, const Matrix& x) {
  require_shape("batch norm: gamma", norm.gamma, 1, x.cols());
  require_shape("batch norm: beta", norm.beta, 1, x.cols());
  require_shape("batch norm: running mean", norm.mean, 1, x.cols());
  require_shape("batch norm: running variance", norm.variance, 1, x.cols());
}

BatchNormForward batch_norm_forward(BatchNorm& norm, const Matrix& x) {
  require_features(norm, x);
  require(x.rows() >= 2, "batch_norm_forward: a batch of one has no variance; needs at least 2");
  require_share("batch_norm_forward: momentum", norm.momentum);
  require_positive("batch_norm_forward: epsilon", norm.epsilon);
  const Scalar momentum = norm.momentum;
  const int N = x.rows(), D = x.cols();
  const Row mean = column_means(x), variance = column_variances(x, mean);

  BatchNorm moved = norm;  // what NaN in x would spoil for good
  for (int d = 0; d < D; ++d) {
    const double unbiased = variance[d] * N / (N - 1);
    moved.mean(0, d) = (1 - momentum) * norm.mean(0, d) + momentum * mean[d];
    moved.variance(0, d) = (1 - momentum) * norm.variance(0, d) + momentum * unbiased;
  }
  require_finite("batch_norm_forward: running mean, moved by x", moved.mean);
  require_finite("batch_norm_forward: running variance, moved by x", moved.variance);

  BatchNormForward f{Matrix(N, D), Matrix(N, D), Matrix(1, D)};
  for (int d = 0; d < D; ++d) f.inverse(0, d) = 1 / std::sqrt(variance[d] + norm.epsilon);
  for (int n = 0; n < N; ++n)
    for (int d = 0; d < D; ++d) {
      f.x_hat(n, d) = (x(n, d) - mean[d]) * f.inverse(0, d);
      f.y(n, d) = norm.gamma(0, d) * f.x_hat(n, d) + norm.beta(0, d);
    }
  norm = std::move(moved);
  return f;
}

BatchNormGradients batch_norm_backward(const Matrix& dy, const BatchNorm& norm,
                                       const BatchNormForward& forward) {
  const int N = dy.rows(), D = dy.cols();
  require_features(norm, dy);
  require_shape("batch_norm_backward: x_hat", forward.x_hat, N, D);
  require_shape("batch_norm_backward: inverse", forward.inverse, 1, D);

  Row dgamma(D), dbeta(D);
  for (int n = 0; n < N; ++n)
    for (int d = 0; d < D; ++d) {
      dgamma[d] += double{dy(n, d)} * forward.x_hat(n, d);
      dbeta[d] += dy(n, d);
    }
  BatchNormGradients g{Matrix(N, D), Matrix(1, D), Matrix(1, D)};
  std::ranges::copy(dgamma, g.dgamma.flat().begin());
  std::ranges::copy(dbeta, g.dbeta.flat().begin());
  // γ is the same for the whole column: mean(γ dy) = γ dβ / N, mean(γ dy x̂) = γ dγ / N.
  for (int d = 0; d < D; ++d) dbeta[d] /= N, dgamma[d] /= N;
  for (int n = 0; n < N; ++n)
    for (int d = 0; d < D; ++d)
      g.dx(n, d) = norm.gamma(0, d) * forward.inverse(0, d) *
                   (dy(n, d) - dbeta[d] - forward.x_hat(n, d) * dgamma[d]);
  return g;
}

Matrix batch_norm_inference(const BatchNorm& norm, const Matrix& x) {
  require_features(norm, x);
  require_positive("batch_norm_inference: epsilon", norm.epsilon);
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d)
      y(n, d) = norm.gamma(0, d) * (x(n, d) - norm.mean(0, d)) /
                    std::sqrt(norm.variance(0, d) + norm.epsilon) +
                norm.beta(0, d);
  return y;
}

// ---- a deep network ----

DeepNetwork deep_init(const std::vector<int>& units, Init init, bool batch_norm, Random& random) {
  DeepNetwork deep{.net = network_init(units, init, random), .norms = {}};
  for (std::size_t l = 1; batch_norm && l + 1 < units.size(); ++l)
    deep.norms.push_back(batch_norm_init(units[l]));
  return deep;
}

static void require_deep(const DeepNetwork& deep, std::size_t masks) {
  const std::size_t layers = deep.net.w.size();
  require(layers > 0 && deep.net.b.size() == layers,
          "deep network: needs at least one layer, and as many b as w");
  const auto one_each = [&](const char* what, std::size_t count) {
    require_that(count == 0 || count == layers - 1, what, "none, or one per hidden layer",
                 static_cast<double>(count));
  };
  one_each("deep network: norms", deep.norms.size());
  one_each("deep_gradient: masks", masks);
}

Matrix deep_inference(const DeepNetwork& deep, const Matrix& x) {
  require_deep(deep, 0);
  const auto& [net, norms] = deep;
  Matrix z = dense_forward(x, net.w[0], net.b[0]);
  for (std::size_t l = 1; l < net.w.size(); ++l) {
    if (!norms.empty()) z = batch_norm_inference(norms[l - 1], z);
    z = dense_forward(relu_forward(z), net.w[l], net.b[l]);
  }
  return z;
}

static void multiply(Matrix& m, const Matrix& mask) {
  require_shape("deep_gradient: mask", mask, m.rows(), m.cols());
  for (int n = 0; n < m.rows(); ++n)
    for (int j = 0; j < m.cols(); ++j) m(n, j) *= mask(n, j);
}

// What the forward pass finds and the backward pass needs again: of each hidden layer what goes into
// its ReLU and what comes out of it, as the next layer's input; and the logits.
struct DeepActivations {
  std::vector<Matrix> z, a;
  std::vector<BatchNormForward> normalized;  // without y, which is z
  Matrix logits;
};

static DeepActivations deep_forward(const Network& net, std::vector<BatchNorm>& norms,
                                    const Matrix& x, const std::vector<Matrix>& masks) {
  DeepActivations f;
  Matrix z = dense_forward(x, net.w[0], net.b[0]);
  for (std::size_t l = 0; l + 1 < net.w.size(); ++l) {
    if (!norms.empty()) {
      f.normalized.push_back(batch_norm_forward(norms[l], z));
      z = std::move(f.normalized[l].y);
    }
    f.a.push_back(relu_forward(z));
    if (!masks.empty()) multiply(f.a[l], masks[l]);
    f.z.push_back(std::move(z));
    z = dense_forward(f.a[l], net.w[l + 1], net.b[l + 1]);
  }
  f.logits = std::move(z);
  return f;
}

DeepGradient deep_gradient(DeepNetwork& deep, const Matrix& x, const std::vector<int>& labels,
                           const std::vector<Matrix>& masks) {
  require_deep(deep, masks.size());
  const Network& net = deep.net;
  const std::size_t layers = net.w.size();
  std::vector<BatchNorm> norms = deep.norms;  // put back when nothing is left to refuse
  const auto [z, a, normalized, logits] = deep_forward(net, norms, x, masks);
  auto [loss, dz] = softmax_cross_entropy(logits, labels);

  // Backward: each layer hands its dx to the layer below, through mask, ReLU and normalization.
  DeepGradient g{.loss = loss,
                 .d = {std::vector<Matrix>(layers), std::vector<Matrix>(layers)},
                 .dgamma = std::vector<Matrix>(norms.size()),
                 .dbeta = std::vector<Matrix>(norms.size())};
  for (std::size_t l = layers; l-- > 0;) {
    DenseGradients dense =
        l == 0 ? dense_backward_first(dz, x) : dense_backward(dz, a[l - 1], net.w[l]);
    g.d.w[l] = std::move(dense.dw);
    g.d.b[l] = std::move(dense.db);
    if (l == 0) break;
    if (!masks.empty()) multiply(dense.dx, masks[l - 1]);
    dz = relu_backward(dense.dx, z[l - 1]);
    if (norms.empty()) continue;
    BatchNormGradients norm = batch_norm_backward(dz, norms[l - 1], normalized[l - 1]);
    dz = std::move(norm.dx);
    g.dgamma[l - 1] = std::move(norm.dgamma);
    g.dbeta[l - 1] = std::move(norm.dbeta);
  }
  deep.norms = std::move(norms);
  return g;
}

}  // namespace gradus
