// Losses: what training makes small.                                 docs/05_losses.md

#include "chapters/05_losses/losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- squared error ----

Scalar squared_error(const Matrix& o, const Matrix& t) {
  require_shape("squared_error: t", t, o.rows(), o.cols());
  Scalar sum = 0;
  for (int n = 0; n < o.rows(); ++n)
    for (int k = 0; k < o.cols(); ++k) sum += (t(n, k) - o(n, k)) * (t(n, k) - o(n, k));
  return sum / 2;
}

Matrix squared_error_backward(const Matrix& o, const Matrix& t) {
  require_shape("squared_error_backward: t", t, o.rows(), o.cols());
  Matrix d = o;
  for (int n = 0; n < o.rows(); ++n)
    for (int k = 0; k < o.cols(); ++k) d(n, k) -= t(n, k);
  return d;
}

Scalar mean_squared_error(const Matrix& o, const Matrix& t) {
  require(o.size() > 0, "mean_squared_error: nothing to take the mean of");
  return 2 * squared_error(o, t) / o.size();
}

Matrix mean_squared_error_backward(const Matrix& o, const Matrix& t) {
  Matrix d = squared_error_backward(o, t);
  for (Scalar& value : d.flat()) value *= Scalar{2} / o.size();
  return d;
}

// ---- classes ----

static void require_labels(const char* message, const std::vector<int>& labels, int classes) {
  for (int label : labels) require(0 <= label && label < classes, message);
}

Matrix one_hot(const std::vector<int>& labels, int classes) {
  require_labels("one_hot: a label lies outside 0 … classes - 1", labels, classes);
  const int N = static_cast<int>(labels.size());
  Matrix t(N, classes);
  for (int n = 0; n < N; ++n) t(n, labels[n]) = 1;
  return t;
}

Matrix softmax(const Matrix& z) {
  require(z.cols() > 0, "softmax: z has no classes");
  Matrix p = z;
  for (int n = 0; n < z.rows(); ++n) {
    // e^(z - max) is at most 1, and the factor e^-max cancels in the quotient.
    const Scalar max = std::ranges::max(z.row(n));
    Scalar sum = 0;
    for (Scalar& value : p.row(n)) {
      value = std::exp(value - max);
      sum += value;
    }
    for (Scalar& value : p.row(n)) value /= sum;
  }
  return p;
}

Scalar cross_entropy(const Matrix& p, const Matrix& q) {
  require_shape("cross_entropy: q", q, p.rows(), p.cols());
  require(p.rows() > 0, "cross_entropy: no sample to take the mean of");
  const Scalar smallest = std::numeric_limits<Scalar>::min();
  Scalar sum = 0;
  for (int n = 0; n < p.rows(); ++n)
    for (int k = 0; k < p.cols(); ++k)
      if (p(n, k) != 0) sum -= p(n, k) * std::log(std::max(q(n, k), smallest));
  return sum / p.rows();
}

// ---- loss and gradient in one ----

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  require_same("softmax_cross_entropy: rows of z, labels", z.rows(),
               static_cast<int>(labels.size()));
  require(z.rows() > 0, "softmax_cross_entropy: no sample to take the mean of");
  require_labels("softmax_cross_entropy: a label lies outside the columns of z", labels, z.cols());
  const int N = z.rows();
  LossGradient result{.loss = 0, .dz = softmax(z)};
  for (int n = 0; n < N; ++n) {
    // -ln p = max + ln Σ_j e^(z_j - max) - z_label
    const Scalar max = std::ranges::max(z.row(n));
    Scalar sum = 0;
    for (Scalar value : z.row(n)) sum += std::exp(value - max);
    result.loss += (max - z(n, labels[n]) + std::log(sum)) / N;

    result.dz(n, labels[n]) -= 1;
    for (Scalar& value : result.dz.row(n)) value /= N;
  }
  return result;
}

LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t) {
  require_shape("sigmoid_cross_entropy: t", t, z.rows(), z.cols());
  require(z.rows() > 0, "sigmoid_cross_entropy: no sample to take the mean of");
  const int N = z.rows();
  LossGradient result{.loss = 0, .dz = z};
  for (int n = 0; n < N; ++n)
    for (int k = 0; k < z.cols(); ++k) {
      // -ln σ(z) = ln(1 + e^-z), written so that the exponential never overflows.
      const Scalar softplus =
          std::max(z(n, k), Scalar{0}) + std::log1p(std::exp(-std::abs(z(n, k))));
      result.loss += (softplus - t(n, k) * z(n, k)) / N;
      result.dz(n, k) = (sigmoid(z(n, k)) - t(n, k)) / N;
    }
  return result;
}

}  // namespace gradus
