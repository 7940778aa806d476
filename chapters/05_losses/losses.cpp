// Losses: what training makes small.                                 docs/05_losses.md

#include "chapters/05_losses/losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "common/require.hpp"

namespace gradus {

static const Scalar infinity = std::numeric_limits<Scalar>::infinity();

// ---- squared error ----

// Σ (o - t)^2, in double whatever Scalar is: a float sum of a million terms is off by percents.
static double sum_of_squares(const Matrix& o, const Matrix& t) {
  double sum = 0;
  for (int n = 0; n < o.rows(); ++n)
    for (int k = 0; k < o.cols(); ++k) {
      const double residual = double{o(n, k)} - t(n, k);
      sum += residual * residual;
    }
  return sum;
}

Scalar squared_error(const Matrix& o, const Matrix& t) {
  require_shape("squared_error: t", t, o.rows(), o.cols());
  return Scalar(sum_of_squares(o, t) / 2);
}

Matrix squared_error_backward(const Matrix& o, const Matrix& t) {
  require_shape("squared_error_backward: t", t, o.rows(), o.cols());
  Matrix d = o;
  for (int n = 0; n < o.rows(); ++n)
    for (int k = 0; k < o.cols(); ++k) d(n, k) -= t(n, k);
  return d;
}

Scalar mean_squared_error(const Matrix& o, const Matrix& t) {
  require_shape("mean_squared_error: t", t, o.rows(), o.cols());
  require(o.size() > 0, "mean_squared_error: nothing to take the mean of");
  return Scalar(sum_of_squares(o, t) / o.size());
}

Matrix mean_squared_error_backward(const Matrix& o, const Matrix& t) {
  require_shape("mean_squared_error_backward: t", t, o.rows(), o.cols());
  Matrix d = squared_error_backward(o, t);
  for (Scalar& value : d.flat()) value *= Scalar{2} / o.size();
  return d;
}

// ---- classes ----

static void require_labels(const char* message, const std::vector<int>& labels, int classes) {
  for (int label : labels) require(0 <= label && label < classes, message);
}

// Each element is 0 … 1 or NaN, which makes the loss NaN.
static void require_probabilities(const char* what, const Matrix& m) {
  for (Scalar value : m.flat())
    if (!std::isnan(value)) require_share(what, value);
}

Matrix one_hot(const std::vector<int>& labels, int classes) {
  require_at_least("one_hot: classes", classes, 1);
  require_labels("one_hot: a label lies outside 0 … classes - 1", labels, classes);
  const int N = static_cast<int>(labels.size());
  Matrix t(N, classes);
  for (int n = 0; n < N; ++n) t(n, labels[n]) = 1;
  return t;
}

// One row of logits as e^(z_k - max z): at most 1, so that nothing overflows, and the factor e^-max
// cancels in every quotient.
static std::vector<double> exponentials(std::span<const Scalar> z) {
  const auto largest = std::ranges::max_element(z) - z.begin();
  std::vector<double> e(z.size());
  for (std::size_t k = 0; k < z.size(); ++k) e[k] = std::exp(double{z[k]} - z[largest]);
  if (z[largest] == infinity) e[largest] = 1;  // ∞ - ∞ is NaN, and a second ∞ stays so
  return e;
}

Matrix softmax(const Matrix& z) {
  require(z.cols() > 0, "softmax: z has no classes");
  Matrix p(z.rows(), z.cols());
  for (int n = 0; n < z.rows(); ++n) {
    const std::vector<double> e = exponentials(z.row(n));
    const double sum = std::accumulate(e.begin(), e.end(), 0.0);
    for (int k = 0; k < z.cols(); ++k) p(n, k) = Scalar(e[k] / sum);
  }
  return p;
}

Scalar cross_entropy(const Matrix& p, const Matrix& q) {
  require_shape("cross_entropy: q", q, p.rows(), p.cols());
  require(p.rows() > 0, "cross_entropy: no sample to take the mean of");
  require_probabilities("cross_entropy: p", p);
  require_probabilities("cross_entropy: q", q);
  const Scalar smallest = std::numeric_limits<Scalar>::min();
  double sum = 0;
  for (int n = 0; n < p.rows(); ++n)
    for (int k = 0; k < p.cols(); ++k) {
      const double prediction = q(n, k) < smallest ? smallest : q(n, k);  // NaN stays NaN
      sum -= p(n, k) * std::log(prediction);
    }
  return Scalar(sum / p.rows());
}

// ---- loss and gradient in one ----

// Σ e_k over all classes but the label.
static double sum_of_others(const std::vector<double>& e, int label) {
  double sum = 0;
  for (int k = 0; k < static_cast<int>(e.size()); ++k)
    if (k != label) sum += e[k];
  return sum;
}

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  require_same("softmax_cross_entropy: rows of z, labels", z.rows(),
               static_cast<int>(labels.size()));
  require(z.rows() > 0, "softmax_cross_entropy: no sample to take the mean of");
  require_labels("softmax_cross_entropy: a label lies outside the columns of z", labels, z.cols());
  const int N = z.rows();
  double loss = 0;
  Matrix dz(N, z.cols());
  for (int n = 0; n < N; ++n) {
    const int label = labels[n];
    const std::vector<double> e = exponentials(z.row(n));
    const double others = sum_of_others(e, label), all = e[label] + others;

    // -ln p_label = ln(all / e_label). Where the label is the largest, all is 1 + others, and
    // log1p(others) keeps the digits of a small loss; elsewhere -ln e_label is max - z_label.
    if (e[label] == 1)
      loss += std::log1p(others);
    else
      loss += std::ranges::max(z.row(n)) - double{z(n, label)} + std::log(all);

    // dz = p - t. At the label p - 1 = e_label / all - 1 = -others / all: nothing cancels.
    for (int k = 0; k < z.cols(); ++k) dz(n, k) = Scalar((k == label ? -others : e[k]) / all / N);
  }
  return {.loss = Scalar(loss / N), .dz = dz};
}

// ln(1 + e^z) = -ln σ(-z), written so that the exponential is at most 1. log1p(x) is ln(1 + x), but
// does not round 1 + x first.
static double softplus(double z) { return (z > 0 ? z : 0) + std::log1p(std::exp(-std::abs(z))); }

LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t) {
  require_shape("sigmoid_cross_entropy: t", t, z.rows(), z.cols());
  require(z.rows() > 0, "sigmoid_cross_entropy: no sample to take the mean of");
  require_probabilities("sigmoid_cross_entropy: t", t);
  const int N = z.rows();
  double loss = 0;
  Matrix dz(N, z.cols());
  for (int n = 0; n < N; ++n)
    for (int k = 0; k < z.cols(); ++k) {
      // t (-ln o) + (1 - t) (-ln(1 - o)): no term is negative, so nothing cancels. A weight of 0
      // leaves its term out, even an infinite one.
      const Scalar yes = t(n, k), no = 1 - yes;
      if (yes != 0) loss += yes * softplus(-z(n, k));
      if (no != 0) loss += no * softplus(z(n, k));

      // o - t = (1 - t) o - t (1 - o), with σ(-z) for 1 - o: from z = 37 on o itself rounds to 1.
      dz(n, k) = (no * sigmoid(z(n, k)) - yes * sigmoid(-z(n, k))) / N;
    }
  return {.loss = Scalar(loss / N), .dz = dz};
}

// ---- right or wrong ----

std::vector<int> predict(const Matrix& z) {
  require(z.cols() > 0, "predict: z has no classes");
  for (Scalar value : z.flat()) require(!std::isnan(value), "predict: a logit is NaN");
  std::vector<int> classes;
  for (int n = 0; n < z.rows(); ++n)
    classes.push_back(static_cast<int>(std::ranges::max_element(z.row(n)) - z.row(n).begin()));
  return classes;
}

Scalar accuracy(const Matrix& z, const std::vector<int>& labels) {
  require_same("accuracy: rows of z, labels", z.rows(), static_cast<int>(labels.size()));
  require(z.rows() > 0, "accuracy: no sample to take the share of");
  require_labels("accuracy: a label lies outside the columns of z", labels, z.cols());
  const std::vector<int> classes = predict(z);
  int right = 0;
  for (int n = 0; n < z.rows(); ++n) right += classes[n] == labels[n];
  return Scalar(double(right) / z.rows());
}

}  // namespace gradus
