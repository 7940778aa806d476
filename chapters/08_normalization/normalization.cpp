// Normalization: of the data, and within the network.               docs/08_normalization.md

#include "chapters/08_normalization/normalization.hpp"

#include <algorithm>
#include <cmath>

#include "common/require.hpp"

namespace gradus {

// ---- statistics of columns ----

// The first sample, and the mean of what all differ from it: a feature that never changes has its
// own value as mean, to the last bit. Its plain mean may be rounded, and then its deviation is not 0.
static Matrix column_means(const Matrix& x) {
  Matrix mean(1, x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) mean(0, d) += (x(n, d) - x(0, d)) / x.rows();
  for (int d = 0; d < x.cols(); ++d) mean(0, d) += x(0, d);
  return mean;
}

// 1/N Σ (x - mean)^2
static Matrix column_variances(const Matrix& x, const Matrix& mean) {
  Matrix variance(1, x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d)
      variance(0, d) += (x(n, d) - mean(0, d)) * (x(n, d) - mean(0, d)) / x.rows();
  return variance;
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
  require(from < to, "min_max_apply: from must be less than to");
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) {
      const Scalar range = fit.high(0, d) - fit.low(0, d);
      y(n, d) = range == 0 ? from : from + (to - from) * (x(n, d) - fit.low(0, d)) / range;
    }
  return y;
}

Standardization standardize_fit(const Matrix& x) {
  require(x.rows() > 0, "standardize_fit: needs at least one sample");
  require_finite("standardize_fit: x", x);
  Standardization fit;
  fit.mean = column_means(x);
  fit.deviation = column_variances(x, fit.mean);
  for (Scalar& v : fit.deviation.flat()) v = std::sqrt(v);
  return fit;
}

Matrix standardize_apply(const Standardization& fit, const Matrix& x) {
  require_shape("standardize_apply: mean", fit.mean, 1, x.cols());
  require_shape("standardize_apply: deviation", fit.deviation, 1, x.cols());
  Matrix z(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) {
      const Scalar deviation = fit.deviation(0, d) == 0 ? 1 : fit.deviation(0, d);
      z(n, d) = (x(n, d) - fit.mean(0, d)) / deviation;
    }
  return z;
}

// ---- batch normalization ----

BatchNorm batch_norm_init(int features) {
  require(features > 0, "batch_norm_init: needs at least one feature");
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

BatchNormForward batch_norm_forward(BatchNorm& norm, const Matrix& x, Scalar momentum,
                                    Scalar epsilon) {
  require_features(norm, x);
  require(x.rows() >= 2, "batch_norm_forward: a batch of one has no variance; needs at least 2");
  const int N = x.rows(), D = x.cols();
  const Matrix mean = column_means(x);
  const Matrix variance = column_variances(x, mean);

  BatchNormForward f{Matrix(N, D), Matrix(N, D), Matrix(1, D)};
  for (int d = 0; d < D; ++d) f.inverse(0, d) = 1 / std::sqrt(variance(0, d) + epsilon);
  for (int n = 0; n < N; ++n)
    for (int d = 0; d < D; ++d) {
      f.x_hat(n, d) = (x(n, d) - mean(0, d)) * f.inverse(0, d);
      f.y(n, d) = norm.gamma(0, d) * f.x_hat(n, d) + norm.beta(0, d);
    }

  for (int d = 0; d < D; ++d) {
    const Scalar unbiased = variance(0, d) * N / (N - 1);
    norm.mean(0, d) += momentum * (mean(0, d) - norm.mean(0, d));
    norm.variance(0, d) += momentum * (unbiased - norm.variance(0, d));
  }
  return f;
}

BatchNormGradients batch_norm_backward(const Matrix& dy, const BatchNorm& norm,
                                       const BatchNormForward& forward) {
  const int N = dy.rows(), D = dy.cols();
  require_features(norm, dy);
  require_shape("batch_norm_backward: x_hat", forward.x_hat, N, D);
  require_shape("batch_norm_backward: inverse", forward.inverse, 1, D);

  BatchNormGradients g{Matrix(N, D), Matrix(1, D), Matrix(1, D)};
  for (int n = 0; n < N; ++n)
    for (int d = 0; d < D; ++d) {
      g.dgamma(0, d) += dy(n, d) * forward.x_hat(n, d);
      g.dbeta(0, d) += dy(n, d);
    }
  // γ is the same for the whole column: mean(γ dy) = γ dβ / N, mean(γ dy x̂) = γ dγ / N.
  for (int n = 0; n < N; ++n)
    for (int d = 0; d < D; ++d)
      g.dx(n, d) = norm.gamma(0, d) * forward.inverse(0, d) *
                   (dy(n, d) - g.dbeta(0, d) / N - forward.x_hat(n, d) * g.dgamma(0, d) / N);
  return g;
}

Matrix batch_norm_inference(const BatchNorm& norm, const Matrix& x, Scalar epsilon) {
  require_features(norm, x);
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d)
      y(n, d) = norm.gamma(0, d) * (x(n, d) - norm.mean(0, d)) /
                    std::sqrt(norm.variance(0, d) + epsilon) +
                norm.beta(0, d);
  return y;
}

}  // namespace gradus
