// Differs from the reference: statistics of a column are running means, which no sum can make too
// large; min-max counts from the nearer end of the range; the backward pass takes away first the
// mean and then what points along x̂; in inference batch norms are folded into weights and biases;
// a deep network's layers are objects that remember what they saw.
#include "chapters/08_normalization/normalization.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <vector>

#include "chapters/05_losses/losses.hpp"
#include "common/matmul.hpp"

namespace gradus {
namespace {

void check(bool fine, const char* complaint) {
  if (!fine) throw std::invalid_argument(complaint);
}

bool finite(double v) { return std::abs(v) <= std::numeric_limits<Scalar>::max(); }

void check_finite(const Matrix& m) {
  check(std::ranges::all_of(m.flat(), [](Scalar v) { return finite(v); }),
        "NaN or infinity where a number is needed");
}

void check_features(const Matrix& row, const Matrix& x) {
  check(row.rows() == 1 && row.cols() == x.cols(), "one number per feature is needed");
}

void check_norm(const BatchNorm& norm, const Matrix& x) {
  check_features(norm.gamma, x);
  check_features(norm.beta, x);
  check_features(norm.mean, x);
  check_features(norm.variance, x);
}

void check_epsilon(Scalar epsilon) {
  check(epsilon > 0 && finite(epsilon), "epsilon is not a finite number above 0");
}

// ---- statistics of a column ----

// The mean of value(0) … value(N - 1), moved a bit by each. Of equal values it is the value itself.
template <class Value>
double running_mean(int N, const Value& value) {
  double mean = 0;
  for (int n = 0; n < N; ++n) {
    const double count = n + 1;
    mean = n == 0 ? value(n) : mean + (value(n) / count - mean / count);
  }
  return mean;
}

double mean_of(const Matrix& x, int d) {
  return running_mean(x.rows(), [&](int n) { return double{x(n, d)}; });
}

double variance_of(const Matrix& x, int d, double mean) {
  return running_mean(x.rows(), [&](int n) {
    const double distance = x(n, d) - mean;
    return distance * distance;
  });
}

}  // namespace

// ---- data ----

MinMax min_max_fit(const Matrix& x) {
  check(x.rows() >= 1, "no samples to fit");
  check_finite(x);
  MinMax fit{Matrix(1, x.cols()), Matrix(1, x.cols())};
  std::ranges::copy(x.row(0), fit.low.flat().begin());
  std::ranges::copy(x.row(0), fit.high.flat().begin());
  for (int d = 0; d < x.cols(); ++d)
    for (int n = x.rows() - 1; n > 0; --n) {
      if (x(n, d) < fit.low(0, d)) fit.low(0, d) = x(n, d);
      if (x(n, d) > fit.high(0, d)) fit.high(0, d) = x(n, d);
    }
  return fit;
}

// Halves of the new range, since all of it may be too long for a number. Each half ends at the
// middle, whatever is rounded.
Matrix min_max_apply(const MinMax& fit, const Matrix& x, Scalar from, Scalar to) {
  check_features(fit.low, x);
  check_features(fit.high, x);
  check_finite(x);
  check(finite(from) && finite(to) && from < to,
        "the new range goes up from one number to another");
  const Scalar half = to / 2 - from / 2, middle = from + half;
  Matrix y(x.rows(), x.cols());
  for (int d = 0; d < x.cols(); ++d) {
    const Scalar low = fit.low(0, d), high = fit.high(0, d), range = high - low;
    check(range >= 0 && finite(range), "a feature goes up from low to high");
    for (int n = 0; n < x.rows(); ++n) {
      const Scalar above = x(n, d) - low, below = high - x(n, d);
      if (range == 0)
        y(n, d) = from;
      else if (above < below)
        y(n, d) = std::min(middle, from + 2 * (above / range) * half);
      else
        y(n, d) = std::max(middle, to - 2 * (below / range) * half);
    }
  }
  check_finite(y);
  return y;
}

// Distances are measured in the largest of them.
Standardization standardize_fit(const Matrix& x) {
  check(x.rows() >= 1, "no samples to fit");
  check_finite(x);
  Standardization fit{Matrix(1, x.cols()), Matrix(1, x.cols())};
  for (int d = 0; d < x.cols(); ++d) {
    const double mean = mean_of(x, d);
    double unit = 0;
    for (int n = 0; n < x.rows(); ++n) unit = std::max(unit, std::abs(x(n, d) / 2 - mean / 2));
    const double square = running_mean(x.rows(), [&](int n) {
      const double half_distance = x(n, d) / 2 - mean / 2;
      return unit > 0 ? (half_distance / unit) * (half_distance / unit) : 0;
    });
    fit.mean(0, d) = static_cast<Scalar>(mean);
    fit.deviation(0, d) = static_cast<Scalar>(2 * unit * std::sqrt(square));
  }
  return fit;
}

Matrix standardize_apply(const Standardization& fit, const Matrix& x) {
  check_features(fit.deviation, x);
  check_features(fit.mean, x);
  check_finite(fit.deviation);
  check_finite(x);
  check(std::ranges::all_of(fit.deviation.flat(), [](Scalar v) { return v >= 0; }),
        "a standard deviation is not negative");
  Matrix z(x.rows(), x.cols());
  for (int d = 0; d < x.cols(); ++d) {
    const Scalar unit = fit.deviation(0, d) > 0 ? fit.deviation(0, d) : Scalar(1);
    for (int n = 0; n < x.rows(); ++n) z(n, d) = (x(n, d) - fit.mean(0, d)) / unit;
  }
  check_finite(z);
  return z;
}

// ---- batch normalization ----

BatchNorm batch_norm_init(int features) {
  check(features > 0, "no features to normalize");
  BatchNorm norm;
  norm.gamma = norm.variance = Matrix(1, features, 1);
  norm.beta = norm.mean = Matrix(1, features, 0);
  return norm;
}

BatchNormForward batch_norm_forward(BatchNorm& norm, const Matrix& x) {
  check_norm(norm, x);
  check(x.rows() > 1, "a single sample has no variance");
  check(0 <= norm.momentum && norm.momentum <= 1, "momentum is not a share");
  check_epsilon(norm.epsilon);
  check_finite(x);
  const int N = x.rows(), D = x.cols();
  const Scalar momentum = norm.momentum;
  BatchNormForward f{Matrix(N, D), Matrix(N, D), Matrix(1, D)};
  Matrix mean(1, D), variance(1, D);  // the running ones, moved
  for (int d = 0; d < D; ++d) {
    const double batch_mean = mean_of(x, d), batch_variance = variance_of(x, d, batch_mean);
    const double unbiased = batch_variance + batch_variance / (N - 1);
    check(finite(batch_mean) && finite(unbiased), "the variance of a feature is infinite");
    mean(0, d) = static_cast<Scalar>(std::lerp(norm.mean(0, d), batch_mean, momentum));
    variance(0, d) = static_cast<Scalar>(std::lerp(norm.variance(0, d), unbiased, momentum));
    const double inverse = 1 / std::sqrt(batch_variance + norm.epsilon);
    f.inverse(0, d) = inverse;
    for (int n = 0; n < N; ++n) {
      f.x_hat(n, d) = inverse * (x(n, d) - batch_mean);
      f.y(n, d) = norm.beta(0, d) + f.x_hat(n, d) * norm.gamma(0, d);
    }
  }
  norm.mean = mean;
  norm.variance = variance;
  return f;
}

BatchNormGradients batch_norm_backward(const Matrix& dy, const BatchNorm& norm,
                                       const BatchNormForward& forward) {
  check_norm(norm, dy);
  check_features(forward.inverse, dy);
  check(shape(forward.x_hat) == shape(dy), "x_hat has not the shape of dy");
  const int N = dy.rows(), D = dy.cols();
  BatchNormGradients g{Matrix(N, D), Matrix(1, D), Matrix(1, D)};
  for (int d = 0; d < D; ++d) {
    const double mean = mean_of(dy, d);
    const double along =
        running_mean(N, [&](int n) { return double{dy(n, d)} * forward.x_hat(n, d); });
    g.dbeta(0, d) = mean * N;
    g.dgamma(0, d) = along * N;
    for (int n = 0; n < N; ++n) {
      const double left = (dy(n, d) - mean) - along * forward.x_hat(n, d);
      g.dx(n, d) = left * norm.gamma(0, d) * forward.inverse(0, d);
    }
  }
  return g;
}

Matrix batch_norm_inference(const BatchNorm& norm, const Matrix& x) {
  check_norm(norm, x);
  check_epsilon(norm.epsilon);
  Matrix y = x;
  for (int d = 0; d < x.cols(); ++d) {
    const Scalar slope = norm.gamma(0, d) / std::sqrt(norm.variance(0, d) + norm.epsilon);
    for (int n = 0; n < x.rows(); ++n)
      y(n, d) = norm.beta(0, d) + slope * (x(n, d) - norm.mean(0, d));
  }
  return y;
}

// ---- a deep network ----

DeepNetwork deep_init(const std::vector<int>& units, Init init, bool batch_norm, Random& random) {
  DeepNetwork deep;
  deep.net = network_init(units, init, random);
  if (batch_norm)
    for (auto count = units.begin() + 1; count != units.end() - 1; ++count)
      deep.norms.push_back(batch_norm_init(*count));
  return deep;
}

namespace {

void check_deep(const DeepNetwork& deep) {
  check(!deep.net.w.empty(), "a network needs at least one layer");
  check(deep.net.w.size() == deep.net.b.size(), "a layer has weights and biases");
  check(deep.norms.empty() || deep.norms.size() == deep.net.w.size() - 1,
        "every hidden layer has a batch norm, or none has");
}

}  // namespace

//   γ (a w + b - mean) / √(variance + ε) + β  =  a (w s) + (b - mean) s + β
Matrix deep_inference(const DeepNetwork& deep, const Matrix& x) {
  check_deep(deep);
  Network folded = deep.net;
  for (std::size_t l = 0; l < deep.norms.size(); ++l) {
    const BatchNorm& norm = deep.norms[l];
    Matrix &w = folded.w[l], &b = folded.b[l];
    check_features(b, w);
    b = batch_norm_inference(norm, b);
    for (int j = 0; j < w.cols(); ++j) {
      const Scalar s = norm.gamma(0, j) / std::sqrt(norm.variance(0, j) + norm.epsilon);
      for (int i = 0; i < w.rows(); ++i) w(i, j) *= s;
    }
  }
  return network_forward(folded, x);
}

namespace {

Matrix product_of_elements(const Matrix& a, const Matrix& b) {
  check(shape(a) == shape(b), "a mask has not the shape of its layer");
  Matrix c(a.rows(), a.cols());
  std::ranges::transform(a.flat(), b.flat(), c.flat().begin(), std::multiplies<Scalar>());
  return c;
}

// One dense layer, with all that follows it up to the next, on its way forward and back.
class Layer {
 public:
  Layer(const Matrix& w, const Matrix& b) : w_(w), b_(b) {}
  void normalize_with(BatchNorm& norm) { norm_ = &norm; }
  void mask_with(const Matrix& mask) { mask_ = &mask; }

  Matrix dense(const Matrix& a) {
    input_ = a;
    Matrix z = matmul(a, w_);
    check_features(b_, z);
    for (int n = 0; n < z.rows(); ++n)
      std::ranges::transform(z.row(n), b_.row(0), z.row(n).begin(), std::plus<Scalar>());
    return z;
  }
  Matrix activate(const Matrix& z) {
    z_ = z;
    if (norm_) {
      normalized_ = batch_norm_forward(*norm_, z);
      z_ = normalized_.y;
    }
    const Matrix a = relu_forward(z_);
    return mask_ ? product_of_elements(a, *mask_) : a;
  }

  Matrix activate_back(const Matrix& da) {
    const Matrix dz = relu_backward(mask_ ? product_of_elements(da, *mask_) : da, z_);
    if (!norm_) return dz;
    const BatchNormGradients g = batch_norm_backward(dz, *norm_, normalized_);
    dgamma = g.dgamma;
    dbeta = g.dbeta;
    return g.dx;
  }
  Matrix dense_back(const Matrix& dz) {
    dw = matmul_tn(input_, dz);
    db = matmul(Matrix(1, dz.rows(), 1), dz);
    return matmul_nt(dz, w_);
  }

  Matrix dw, db, dgamma, dbeta;

 private:
  const Matrix &w_, &b_;
  BatchNorm* norm_ = nullptr;
  const Matrix* mask_ = nullptr;
  Matrix input_, z_;
  BatchNormForward normalized_;
};

}  // namespace

DeepGradient deep_gradient(DeepNetwork& deep, const Matrix& x, const std::vector<int>& labels,
                           const std::vector<Matrix>& masks) {
  check_deep(deep);
  check(masks.empty() || masks.size() == deep.net.w.size() - 1,
        "every hidden layer has a mask, or none has");
  std::vector<BatchNorm> moved = deep.norms;
  std::vector<Layer> layers;
  for (std::size_t l = 0; l < deep.net.w.size(); ++l) {
    layers.emplace_back(deep.net.w[l], deep.net.b[l]);
    if (l < moved.size()) layers[l].normalize_with(moved[l]);
    if (l < masks.size()) layers[l].mask_with(masks[l]);
  }

  Matrix signal = layers.front().dense(x);
  for (std::size_t l = 1; l < layers.size(); ++l)
    signal = layers[l].dense(layers[l - 1].activate(signal));
  const LossGradient top = softmax_cross_entropy(signal, labels);
  signal = layers.back().dense_back(top.dz);
  for (std::size_t l = layers.size() - 1; l > 0; --l)
    signal = layers[l - 1].dense_back(layers[l - 1].activate_back(signal));

  DeepGradient g;
  g.loss = top.loss;
  for (const Layer& layer : layers) {
    g.d.w.push_back(layer.dw);
    g.d.b.push_back(layer.db);
  }
  for (std::size_t l = 0; l < moved.size(); ++l) {
    g.dgamma.push_back(layers[l].dgamma);
    g.dbeta.push_back(layers[l].dbeta);
  }
  deep.norms = moved;
  return g;
}

}  // namespace gradus
