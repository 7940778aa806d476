// Differs from the reference: softmax is e^(z - logsumexp), softplus goes by the sign of z, losses
// are pairwise sums of terms, and what is checked first, and its words, are others.
#include "chapters/05_losses/losses.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>

#include "chapters/02_xor_mlp/xor_mlp.hpp"

namespace gradus {
namespace {

void demand(bool truth, const std::string& otherwise) {
  if (!truth) throw std::invalid_argument(otherwise);
}

void demand_same_shape(const Matrix& a, const Matrix& b) {
  const bool same = a.cols() == b.cols() && a.rows() == b.rows();
  demand(same, "two matrices must have one shape, not " + shape(a) + " and " + shape(b));
}

void demand_samples(const Matrix& m) { demand(m.rows() != 0, "an empty batch has no mean"); }

void demand_class(int label, int classes) {
  const bool known = label >= 0 && label < classes;
  demand(known, std::to_string(label) + " is none of " + std::to_string(classes) + " classes");
}

// Half and half: the error grows with the logarithm of the number of terms.
Scalar pairwise_sum(std::span<const Scalar> terms) {
  if (terms.empty()) return 0;
  if (terms.size() == 1) return terms.front();
  const std::size_t half = terms.size() / 2;
  return pairwise_sum(terms.first(half)) + pairwise_sum(terms.subspan(half));
}

// f(a_i, b_i) for all elements, as a matrix.
template <class Function>
Matrix zip(const Matrix& a, const Matrix& b, Function f) {
  demand_same_shape(a, b);
  Matrix result(a.rows(), a.cols());
  std::transform(a.flat().begin(), a.flat().end(), b.flat().begin(), result.flat().begin(), f);
  return result;
}

Scalar square_of_difference(Scalar a, Scalar b) { return (a - b) * (a - b); }

// ln Σ_j e^z_j: the largest logit stands for itself, all others for the distance that they add.
Scalar log_sum_exp(std::span<const Scalar> z) {
  const auto largest = std::max_element(z.begin(), z.end());
  Scalar others = 0;
  for (auto it = z.begin(); it != z.end(); ++it)
    if (it != largest) others += std::exp(*it - *largest);
  return *largest + std::log1p(others);
}

// -ln σ(z), by cases of the sign: no exponential exceeds 1.
Scalar surprise(Scalar z) {
  if (z < 0) return std::log1p(std::exp(z)) - z;
  return std::log1p(std::exp(-z));
}

}  // namespace

// ---- squared error ----

Scalar squared_error(const Matrix& o, const Matrix& t) {
  return Scalar{0.5} * pairwise_sum(zip(o, t, square_of_difference).flat());
}

Matrix squared_error_backward(const Matrix& o, const Matrix& t) {
  return zip(o, t, std::minus<Scalar>());
}

Scalar mean_squared_error(const Matrix& o, const Matrix& t) {
  const Matrix squares = zip(o, t, square_of_difference);
  demand(squares.size() != 0, "the mean of no elements");
  return pairwise_sum(squares.flat()) / static_cast<Scalar>(squares.size());
}

Matrix mean_squared_error_backward(const Matrix& o, const Matrix& t) {
  const Scalar half_count = static_cast<Scalar>(o.size()) / 2;
  return zip(o, t, [=](Scalar output, Scalar target) { return (output - target) / half_count; });
}

// ---- classes ----

Matrix one_hot(const std::vector<int>& labels, int classes) {
  for (int label : labels) demand_class(label, classes);
  Matrix rows(static_cast<int>(labels.size()), classes);
  for (int n = 0; n < rows.rows(); ++n)
    for (int k = 0; k < classes; ++k) rows(n, k) = labels[static_cast<std::size_t>(n)] == k ? 1 : 0;
  return rows;
}

Matrix softmax(const Matrix& z) {
  demand(z.cols() != 0, "probabilities of no classes cannot sum to 1");
  Matrix p(z.rows(), z.cols());
  for (int n = 0; n < z.rows(); ++n)
    std::ranges::transform(z.row(n), p.row(n).begin(),
                           [all = log_sum_exp(z.row(n))](Scalar v) { return std::exp(v - all); });
  return p;
}

Scalar cross_entropy(const Matrix& p, const Matrix& q) {
  const Matrix terms = zip(p, q, [](Scalar truth, Scalar prediction) {
    if (truth == 0) return Scalar{0};
    const Scalar floor = std::numeric_limits<Scalar>::min();
    return truth * std::log(1 / (prediction < floor ? floor : prediction));
  });
  demand_samples(p);
  return pairwise_sum(terms.flat()) / static_cast<Scalar>(p.rows());
}

// ---- loss and gradient in one ----

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  for (int label : labels) demand_class(label, z.cols());
  demand_samples(z);
  const std::size_t count = labels.size();
  demand(count == static_cast<std::size_t>(z.rows()), "each row of z needs one label");

  const Matrix truth = one_hot(labels, z.cols());
  const auto share = [count](Scalar p, Scalar t) { return (p - t) / static_cast<Scalar>(count); };
  std::vector<Scalar> losses;
  for (int n = 0; n < z.rows(); ++n)
    losses.push_back(log_sum_exp(z.row(n)) - z(n, labels[static_cast<std::size_t>(n)]));
  return {pairwise_sum(losses) / static_cast<Scalar>(count), zip(softmax(z), truth, share)};
}

LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t) {
  const auto loss = [](Scalar logit, Scalar target) {  // 1 - σ(z) = σ(-z); 0 times ln 0 is left out
    Scalar sum = 0;
    if (target != 0) sum += target * surprise(logit);
    if (target != 1) sum += (1 - target) * surprise(-logit);
    return sum;
  };
  const auto slope = [samples = static_cast<Scalar>(z.rows())](Scalar logit, Scalar target) {
    return sigmoid(logit) / samples - target / samples;
  };
  const Matrix losses = zip(z, t, loss);
  demand_samples(z);
  return {pairwise_sum(losses.flat()) / static_cast<Scalar>(z.rows()), zip(z, t, slope)};
}

}  // namespace gradus
