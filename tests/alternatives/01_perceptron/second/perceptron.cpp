// Differs from the reference: samples and weights are std::valarrays, a sum is in long double and
// begins with the bias, a sample that is right is passed over; predict goes through columns.
#include "chapters/01_perceptron/perceptron.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <valarray>

namespace gradus {
namespace {

using Vector = std::valarray<Scalar>;
using Wide = long double;

void check(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument("perceptron: " + message);
}

void check_finite(const Matrix& m, const std::string& name) {
  for (const Scalar value : m.flat()) check(std::isfinite(value), name + " is not finite");
}

// The rows of x, each a vector of its own.
std::vector<Vector> rows_of(const Matrix& x) {
  std::vector<Vector> rows;
  rows.reserve(static_cast<std::size_t>(x.rows()));
  for (int n = 0; n < x.rows(); ++n) {
    Vector row(static_cast<std::size_t>(x.cols()));
    std::ranges::copy(x.row(n), std::begin(row));
    rows.push_back(row);
  }
  return rows;
}

int answer(const Vector& x, const Vector& w, Scalar b) {
  const Wide sum = std::inner_product(std::begin(x), std::end(x), std::begin(w), Wide{b},
                                      std::plus<Wide>(), std::multiplies<Wide>());
  return step(static_cast<Scalar>(sum));
}

}  // namespace

int step(Scalar t) {
  constexpr Scalar threshold = 1e-7;
  if (t > threshold) return 1;
  if (t <= threshold) return 0;
  throw std::invalid_argument("step: NaN lies on neither side");
}

PerceptronFit perceptron_fit(const Matrix& x, const std::vector<int>& y, int epochs,
                             Scalar learning_rate) {
  check(y.size() == static_cast<std::size_t>(x.rows()), "not as many labels as samples");
  for (const int label : y) check(label == 0 || label == 1, std::to_string(label) + " as a label");
  check_finite(x, "x");
  check(epochs >= 0, "fewer than no epochs");
  check(learning_rate >= 0 && std::isfinite(learning_rate), "the learning rate must be 0 or more");

  const std::vector<Vector> samples = rows_of(x);
  Vector w(Scalar{0}, static_cast<std::size_t>(x.cols()));
  PerceptronFit fit;
  while (epochs-- > 0) {
    fit.errors.push_back(0);
    for (std::size_t n = 0; n < samples.size(); ++n) {
      if (answer(samples[n], w, fit.b) == y[n]) continue;
      const Scalar towards = y[n] == 1 ? learning_rate : -learning_rate;
      w += towards * samples[n];
      fit.b += towards;
      ++fit.errors.back();
    }
  }
  fit.w = Matrix(1, x.cols());
  std::copy(std::begin(w), std::end(w), fit.w.flat().begin());
  return fit;
}

std::vector<int> perceptron_predict(const Matrix& x, const Matrix& w, Scalar b) {
  check(w.rows() == 1 && w.cols() == x.cols(), "w " + shape(w) + " does not fit x " + shape(x));
  check_finite(x, "x");
  check_finite(w, "w");
  check(std::isfinite(b), "b is not finite");

  std::vector<Wide> sums(static_cast<std::size_t>(x.rows()), b);
  for (int d = 0; d < x.cols(); ++d)
    for (int n = 0; n < x.rows(); ++n) sums[static_cast<std::size_t>(n)] += Wide{x(n, d)} * w(0, d);
  std::vector<int> labels;
  for (const Wide sum : sums) labels.push_back(step(static_cast<Scalar>(sum)));
  return labels;
}

}  // namespace gradus
