// Differs from the reference: softmax and its loss are made of log-probabilities, p = e^l, loss -l
// and p - 1 = expm1(l); sigmoid's loss is |z| times its wrong weight, plus log1p(e^-|z|);
// cross_entropy is a compensated sum; accuracy asks for each label whether anything beats it.
#include "chapters/05_losses/losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>

namespace gradus {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

void check(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument("losses: " + message);
}

void check_same_shape(const Matrix& a, const Matrix& b) {
  check(a.rows() == b.rows() && a.cols() == b.cols(), shape(a) + " does not match " + shape(b));
}

void check_some(int count) { check(count > 0, "there is nothing to take the mean of"); }

void check_labels(const std::vector<int>& labels, int classes) {
  if (labels.empty()) return;
  const auto [least, most] = std::ranges::minmax(labels);
  check(least >= 0 && most < classes, "a label is none of the classes");
}

void check_probabilities(const Matrix& m) {
  const auto outside = [](Scalar v) { return v < 0 || v > 1; };
  check(std::ranges::none_of(m.flat(), outside), "a probability is none");
}

// Σ (o - t)^2, by columns.
long double sum_of_squares(const Matrix& o, const Matrix& t) {
  long double sum = 0;
  for (int k = 0; k < o.cols(); ++k)
    for (int n = 0; n < o.rows(); ++n) {
      const long double residual = static_cast<long double>(o(n, k)) - t(n, k);
      sum += residual * residual;
    }
  return sum;
}

// ln p_k of one row of logits. With the largest first taken away, ln Σ e^z is log1p of what the
// other classes add to its 1.
std::vector<double> log_softmax(std::span<const Scalar> z) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  std::vector<double> l(z.size());
  double others = 0;
  for (std::size_t k = z.size(); k-- > 0;) {
    if (k == top) continue;
    l[k] = double{z[k]} - z[top];
    others += std::exp(l[k]);
  }
  l[top] = z[top] > -infinity ? 0 : not_a_number;  // all are -∞, or the largest is NaN
  const double log_sum = std::log1p(others) + l[top];
  for (double& value : l) value -= log_sum;
  return l;
}

}  // namespace

// ---- squared error ----

Scalar squared_error(const Matrix& o, const Matrix& t) {
  check_same_shape(o, t);
  return static_cast<Scalar>(sum_of_squares(o, t) / 2);
}

Matrix squared_error_backward(const Matrix& o, const Matrix& t) {
  check_same_shape(o, t);
  Matrix d(o.rows(), o.cols());
  for (int k = 0; k < o.cols(); ++k)
    for (int n = 0; n < o.rows(); ++n) d(n, k) = -(t(n, k) - o(n, k));
  return d;
}

Scalar mean_squared_error(const Matrix& o, const Matrix& t) {
  check_same_shape(o, t);
  check_some(o.size());
  return static_cast<Scalar>(sum_of_squares(o, t) / o.size());
}

Matrix mean_squared_error_backward(const Matrix& o, const Matrix& t) {
  check_same_shape(o, t);
  check_some(o.size());
  Matrix d = squared_error_backward(o, t);
  const auto count = static_cast<Scalar>(o.size());
  for (Scalar& value : d.flat()) value = 2 * value / count;
  return d;
}

// ---- classes ----

Matrix one_hot(const std::vector<int>& labels, int classes) {
  check(classes >= 1, "there are no classes");
  check_labels(labels, classes);
  Matrix t(static_cast<int>(labels.size()), classes);
  auto row_start = t.flat().begin();
  for (const int label : labels) {
    row_start[label] = 1;
    row_start += classes;
  }
  return t;
}

Matrix softmax(const Matrix& z) {
  check(z.cols() > 0, "there are no classes");
  Matrix p(z.rows(), z.cols());
  for (int n = 0; n < z.rows(); ++n)
    std::ranges::transform(log_softmax(z.row(n)), p.row(n).begin(),
                           [](double l) { return static_cast<Scalar>(std::exp(l)); });
  return p;
}

Scalar cross_entropy(const Matrix& p, const Matrix& q) {
  check_same_shape(p, q);
  check_some(p.rows());
  check_probabilities(p);
  check_probabilities(q);
  constexpr Scalar smallest = std::numeric_limits<Scalar>::min();
  double sum = 0, lost = 0;  // what rounding took from the sum
  for (int i = 0; i < p.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const double prediction = std::max(q.flat()[place], smallest);  // NaN, the first, stays
    const double term = -p.flat()[place] * std::log(prediction) - lost;
    const double next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return static_cast<Scalar>(sum / p.rows());
}

// ---- loss and gradient in one ----

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  check(labels.size() == static_cast<std::size_t>(z.rows()), "not as many labels as rows");
  check_some(z.rows());
  check_labels(labels, z.cols());
  long double loss = 0;
  Matrix dz(z.rows(), z.cols());
  for (int n = z.rows(); n-- > 0;) {
    const std::vector<double> l = log_softmax(z.row(n));
    const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(n)]);
    loss -= l[label];
    for (std::size_t k = 0; k < l.size(); ++k) {
      const double residual = k == label ? std::expm1(l[k]) : std::exp(l[k]);
      dz(n, static_cast<int>(k)) = static_cast<Scalar>(residual / z.rows());
    }
  }
  return {.loss = static_cast<Scalar>(loss / z.rows()), .dz = dz};
}

// For z > 0:  t ln(1 + e^-z) + (1 - t) (z + ln(1 + e^-z)) = (1 - t) z + ln(1 + e^-z), and for z < 0
// the same with t and 1 - t exchanged. A weight of 0 leaves out even an infinite z.
LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t) {
  check_same_shape(z, t);
  check_some(z.rows());
  check_probabilities(t);
  long double loss = 0;
  Matrix dz(z.rows(), z.cols());
  for (int k = 0; k < z.cols(); ++k)
    for (int n = 0; n < z.rows(); ++n) {
      const double size = std::abs(z(n, k)), e = std::exp(-size);
      const double yes = t(n, k), no = 1 - yes;
      const double wrong = z(n, k) > 0 ? no : yes;
      loss += (wrong == 0 ? 0 : wrong * size) + std::log1p(e);
      const double residual = z(n, k) > 0 ? no - yes * e : no * e - yes;  // times 1 + e
      dz(n, k) = static_cast<Scalar>(residual / (1 + e) / z.rows());
    }
  return {.loss = static_cast<Scalar>(loss / z.rows()), .dz = dz};
}

// ---- right or wrong ----

namespace {

void check_logits(const Matrix& z) {
  check(z.cols() > 0, "there are no classes");
  check(std::ranges::none_of(z.flat(), [](Scalar v) { return std::isnan(v); }), "a logit is NaN");
}

// Would predict() answer this class? None before it is as large, none behind it larger.
bool wins(std::span<const Scalar> z, std::size_t k) {
  const auto is_less = [&](Scalar other) { return other < z[k]; };
  const auto is_not_larger = [&](Scalar other) { return other <= z[k]; };
  return std::ranges::all_of(z.first(k), is_less) &&
         std::ranges::all_of(z.subspan(k + 1), is_not_larger);
}

}  // namespace

// Class after class, each against the best so far of all rows.
std::vector<int> predict(const Matrix& z) {
  check_logits(z);
  std::vector<int> best(static_cast<std::size_t>(z.rows()), 0);
  for (int k = 1; k < z.cols(); ++k)
    for (int n = 0; n < z.rows(); ++n) {
      int& leader = best[static_cast<std::size_t>(n)];
      if (z(n, k) > z(n, leader)) leader = k;
    }
  return best;
}

Scalar accuracy(const Matrix& z, const std::vector<int>& labels) {
  check(labels.size() == static_cast<std::size_t>(z.rows()), "not as many labels as rows");
  check_some(z.rows());
  check_labels(labels, z.cols());
  check_logits(z);
  int right = 0;
  for (int n = 0; n < z.rows(); ++n) {
    const int label = labels[static_cast<std::size_t>(n)];
    if (wins(z.row(n), static_cast<std::size_t>(label))) ++right;
  }
  return static_cast<Scalar>(static_cast<double>(right) / z.rows());
}

}  // namespace gradus
