// Differs from the reference: softmax is 1 / (1 + the odds against a class), softplus goes by the
// sign of z, losses are pairwise sums, and what is checked first, and its words, are others.
#include "chapters/05_losses/losses.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

#include "chapters/02_xor_mlp/xor_mlp.hpp"

namespace gradus {
namespace {

constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();

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
double pairwise_sum(std::span<const Scalar> terms) {
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

// NaN, or infinities of which no limit can be told.
bool no_limit(std::span<const Scalar> z) {
  const auto is = [](Scalar wanted) { return [=](Scalar v) { return v == wanted; }; };
  return std::ranges::any_of(z, [](Scalar v) { return std::isnan(v); }) ||
         std::ranges::count_if(z, is(infinity)) > 1 || std::ranges::all_of(z, is(-infinity));
}

// (1 - p_k) / p_k: how much more the other classes have.
double odds_against(std::span<const Scalar> z, std::size_t k) {
  if (no_limit(z)) return std::numeric_limits<double>::quiet_NaN();
  if (z[k] == -infinity) return infinity;
  double odds = 0;
  for (std::size_t j = 0; j < z.size(); ++j)
    if (j != k) odds += std::exp(double{z[j]} - z[k]);
  return odds;
}

// -ln p_k from the odds; where these are beyond a double, from the logits.
double surprise(std::span<const Scalar> z, std::size_t k) {
  const double odds = odds_against(z, k);
  if (odds < infinity || std::isnan(odds)) return std::log1p(odds);
  const double largest = std::ranges::max(z);
  double sum = 0;
  for (const double v : z) sum += v == largest ? 1 : std::exp(v - largest);
  return largest - z[k] + std::log(sum);
}

// Probabilities are 0 … 1; NaN may pass.
void demand_probabilities(const Matrix& m) {
  for (const Scalar v : m.flat()) demand(!(v < 0) && !(v > 1), std::to_string(v) + " is none");
}

// -ln σ(z), by cases of the sign: no exponential exceeds 1.
Scalar surprise(Scalar z) {
  if (z < 0) return std::log1p(std::exp(z)) - z;
  return std::log1p(std::exp(-z));
}

}  // namespace

// ---- squared error ----

Scalar squared_error(const Matrix& o, const Matrix& t) {
  return static_cast<Scalar>(0.5 * pairwise_sum(zip(o, t, square_of_difference).flat()));
}

Matrix squared_error_backward(const Matrix& o, const Matrix& t) {
  return zip(o, t, std::minus<Scalar>());
}

Scalar mean_squared_error(const Matrix& o, const Matrix& t) {
  const Matrix squares = zip(o, t, square_of_difference);
  demand(squares.size() != 0, "the mean of no elements");
  return static_cast<Scalar>(pairwise_sum(squares.flat()) / squares.size());
}

Matrix mean_squared_error_backward(const Matrix& o, const Matrix& t) {
  const Scalar half_count = static_cast<Scalar>(o.size()) / 2;
  return zip(o, t, [=](Scalar output, Scalar target) { return (output - target) / half_count; });
}

// ---- classes ----

Matrix one_hot(const std::vector<int>& labels, int classes) {
  demand(classes > 0, "no classes");
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
    for (int k = 0; k < z.cols(); ++k)
      p(n, k) = static_cast<Scalar>(1 / (1 + odds_against(z.row(n), static_cast<std::size_t>(k))));
  return p;
}

Scalar cross_entropy(const Matrix& p, const Matrix& q) {
  demand_probabilities(p);
  demand_probabilities(q);
  const Matrix terms = zip(p, q, [](Scalar truth, Scalar prediction) {
    if (truth == 0 && prediction >= 0) return Scalar{0};
    const Scalar floor = std::numeric_limits<Scalar>::min();
    return -truth * std::log(prediction < floor ? floor : prediction);
  });
  demand_samples(p);
  return static_cast<Scalar>(pairwise_sum(terms.flat()) / p.rows());
}

// ---- loss and gradient in one ----

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  for (int label : labels) demand_class(label, z.cols());
  demand_samples(z);
  const std::size_t count = labels.size();
  demand(count == static_cast<std::size_t>(z.rows()), "each row of z needs one label");

  Matrix dz = softmax(z);
  std::vector<Scalar> losses;
  for (int n = 0; n < z.rows(); ++n) {
    const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(n)]);
    losses.push_back(static_cast<Scalar>(surprise(z.row(n), label)));
    const double odds = odds_against(z.row(n), label);  // p - 1 = -odds / (1 + odds)
    dz(n, static_cast<int>(label)) =
        odds == infinity ? -1 : static_cast<Scalar>(-odds / (1 + odds));
  }
  for (Scalar& value : dz.flat()) value /= static_cast<Scalar>(count);
  return {static_cast<Scalar>(pairwise_sum(losses) / static_cast<double>(count)), dz};
}

LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t) {
  const auto loss = [](Scalar logit, Scalar target) {  // 1 - σ(z) = σ(-z); 0 times ln 0 is left out
    Scalar sum = 0;
    if (target != 0) sum += target * surprise(logit);
    if (target != 1) sum += (1 - target) * surprise(-logit);
    return sum;
  };
  const auto slope = [samples = static_cast<Scalar>(z.rows())](Scalar logit, Scalar target) {
    const Scalar e = std::exp(-std::abs(logit)), small = e / (1 + e);  // σ(-|z|)
    return (logit < 0 ? small - target : (1 - target) - small) / samples;
  };
  const Matrix losses = zip(z, t, loss);
  demand_samples(z);
  demand_probabilities(t);
  return {static_cast<Scalar>(pairwise_sum(losses.flat()) / z.rows()), zip(z, t, slope)};
}

// ---- right or wrong ----

std::vector<int> predict(const Matrix& z) {
  demand(z.cols() != 0, "no classes to choose from");
  std::vector<int> winners(static_cast<std::size_t>(z.rows()));
  for (int n = z.rows(); n-- > 0;)
    for (int k = z.cols(); k-- > 0;) {  // from the last class, so that the first of equals stays
      demand(z(n, k) == z(n, k), "NaN is neither larger nor smaller");
      int& winner = winners[static_cast<std::size_t>(n)];
      if (k == z.cols() - 1 || z(n, k) >= z(n, winner)) winner = k;
    }
  return winners;
}

Scalar accuracy(const Matrix& z, const std::vector<int>& labels) {
  demand(labels.size() == static_cast<std::size_t>(z.rows()), "each row of z needs one label");
  demand_samples(z);
  for (int label : labels) demand_class(label, z.cols());
  const double right = std::inner_product(labels.begin(), labels.end(), predict(z).begin(), 0.0,
                                          std::plus<>(), std::equal_to<>());
  return static_cast<Scalar>(right / static_cast<double>(labels.size()));
}

}  // namespace gradus
