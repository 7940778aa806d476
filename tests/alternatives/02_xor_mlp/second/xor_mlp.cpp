// Differs from the reference: sigmoid goes by tanh above 0, its slope by one fused multiply-add,
// products are pairwise sums of row by row, db is the gradient of an input of ones, and training
// works in place on vectors of one sample, without the functions on matrices.
#include "chapters/02_xor_mlp/xor_mlp.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

namespace gradus {
namespace {

using Vector = std::vector<Scalar>;

void expect(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument(message);
}

void expect_shape(const std::string& name, const Matrix& m, int rows, int cols) {
  expect(m.rows() == rows && m.cols() == cols, name + " has the wrong shape, " + shape(m));
}

void expect_numbers(const std::string& name, const Matrix& m) {
  for (const Scalar value : m.flat()) expect(std::isfinite(value), name + " is not all numbers");
}

// Σ a_i b_i: the sum of the first half plus that of the second.
double dot(std::span<const Scalar> a, std::span<const Scalar> b) {
  if (a.size() <= 8)
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0, std::plus<double>(),
                              std::multiplies<double>());
  const std::size_t half = a.size() / 2;
  return dot(a.first(half), b.first(half)) + dot(a.subspan(half), b.subspan(half));
}

Matrix transposed(const Matrix& m) {
  Matrix t(m.cols(), m.rows());
  for (int j = 0; j < m.cols(); ++j)
    for (int i = 0; i < m.rows(); ++i) t(j, i) = m(i, j);
  return t;
}

// c_ij = row i of a times row j of b.
Matrix rows_by_rows(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.rows());
  for (int j = 0; j < b.rows(); ++j)
    for (int i = 0; i < a.rows(); ++i) c(i, j) = static_cast<Scalar>(dot(a.row(i), b.row(j)));
  return c;
}

void expect_network(const Mlp& net, const Matrix& x) {
  expect_shape("w1", net.w1, x.cols(), net.w1.cols());
  expect_shape("b1", net.b1, 1, net.w1.cols());
  expect_shape("w2", net.w2, net.w1.cols(), net.w2.cols());
  expect_shape("b2", net.b2, 1, net.w2.cols());
}

Matrix sigmoids(const Matrix& z) {
  Matrix y(z.rows(), z.cols());
  std::ranges::transform(z.flat(), y.flat().begin(), sigmoid);
  return y;
}

Matrix uniform_weights(int rows, int cols, Random& random) {
  const double low = -0.1, high = 0.1;
  std::vector<double> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  random.fill_uniform(values);
  Matrix m(rows, cols);
  std::ranges::transform(values, m.flat().begin(), [=](double value) {
    return static_cast<Scalar>(low + (high - low) * value);
  });
  return m;
}

}  // namespace

// σ(z) = (1 + tanh(z/2)) / 2, which loses digits only where it is small; there e^z is small, too.
Scalar sigmoid(Scalar z) {
  if (z < 0) return std::exp(z) / (1 + std::exp(z));
  return (1 + std::tanh(z / 2)) / 2;
}

// y - y^2, rounded once.
Scalar sigmoid_derivative(Scalar y) { return std::fma(-y, y, y); }

// ---- the dense layer ----

Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b) {
  expect_shape("w", w, x.cols(), w.cols());
  expect_shape("b", b, 1, w.cols());
  Matrix y = rows_by_rows(x, transposed(w));
  for (int n = 0; n < y.rows(); ++n)
    std::ranges::transform(y.row(n), b.row(0), y.row(n).begin(), std::plus<Scalar>());
  return y;
}

DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w) {
  expect_shape("w", w, x.cols(), w.cols());
  expect_shape("dy", dy, x.rows(), w.cols());
  DenseGradients g = dense_backward_first(dy, x);
  g.dx = rows_by_rows(dy, w);
  return g;
}

// The bias is the weight of one more input, which is 1 in every sample.
DenseGradients dense_backward_first(const Matrix& dy, const Matrix& x) {
  expect_shape("dy", dy, x.rows(), dy.cols());
  const Matrix errors = transposed(dy), ones(1, x.rows(), 1);
  return {.dx = {}, .dw = rows_by_rows(transposed(x), errors), .db = rows_by_rows(ones, errors)};
}

// ---- the network ----

Mlp mlp_init(int inputs, int hidden, int outputs, Random& random) {
  expect(std::min({inputs, hidden, outputs}) >= 1, "a network has at least one unit in each layer");
  const Matrix w1 = uniform_weights(inputs, hidden, random);
  const Matrix w2 = uniform_weights(hidden, outputs, random);
  const Matrix b1 = uniform_weights(1, hidden, random);
  const Matrix b2 = uniform_weights(1, outputs, random);
  return {.w1 = w1, .w2 = w2, .b1 = b1, .b2 = b2};
}

MlpActivations mlp_forward(const Mlp& net, const Matrix& x) {
  expect_network(net, x);
  const Matrix h = sigmoids(dense_forward(x, net.w1, net.b1));
  return {.h = h, .y = sigmoids(dense_forward(h, net.w2, net.b2))};
}

Mlp mlp_backward(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t) {
  expect_network(net, x);
  expect_shape("h", a.h, x.rows(), net.w1.cols());
  expect_shape("y", a.y, x.rows(), net.w2.cols());
  expect_shape("t", t, x.rows(), net.w2.cols());

  Matrix dz2(t.rows(), t.cols());
  for (int m = 0; m < t.cols(); ++m)
    for (int n = 0; n < t.rows(); ++n)
      dz2(n, m) = sigmoid_derivative(a.y(n, m)) * (a.y(n, m) - t(n, m));
  Matrix dz1 = rows_by_rows(dz2, net.w2);
  for (int j = 0; j < dz1.cols(); ++j)
    for (int n = 0; n < dz1.rows(); ++n) dz1(n, j) *= sigmoid_derivative(a.h(n, j));
  const DenseGradients first = dense_backward_first(dz1, x);
  const DenseGradients second = dense_backward_first(dz2, a.h);
  return {.w1 = first.dw, .w2 = second.dw, .b1 = first.db, .b2 = second.db};
}

// ---- training ----

namespace {

// y = σ(x w + b), from the bias on.
Vector activate(std::span<const Scalar> x, const Matrix& w, const Matrix& b) {
  Vector y(b.flat().begin(), b.flat().end());
  for (int d = 0; d < w.rows(); ++d) {
    const Scalar input = x[static_cast<std::size_t>(d)];
    std::ranges::transform(y, w.row(d), y.begin(),
                           [=](Scalar sum, Scalar weight) { return sum + input * weight; });
  }
  std::ranges::transform(y, y.begin(), sigmoid);
  return y;
}

// The step of a layer that saw x, given ∂L/∂z.
void correct(Matrix& w, Matrix& b, std::span<const Scalar> x, const Vector& dz, Scalar rate) {
  for (int m = 0; m < w.cols(); ++m) {
    const Scalar error = dz[static_cast<std::size_t>(m)];
    b(0, m) -= rate * error;
    for (int d = 0; d < w.rows(); ++d) w(d, m) -= rate * (error * x[static_cast<std::size_t>(d)]);
  }
}

// One step after one sample. Returns the sample's loss before it.
double learn(Mlp& net, std::span<const Scalar> x, std::span<const Scalar> t, Scalar rate) {
  const Vector h = activate(x, net.w1, net.b1), y = activate(h, net.w2, net.b2);
  double loss = 0;
  Vector dz2(y.size()), dz1(h.size());
  for (std::size_t m = 0; m < y.size(); ++m) {
    const double error = double{y[m]} - t[m];
    loss += 0.5 * error * error;
    dz2[m] = static_cast<Scalar>(error * sigmoid_derivative(y[m]));
  }
  for (std::size_t j = 0; j < h.size(); ++j)
    dz1[j] =
        static_cast<Scalar>(dot(net.w2.row(static_cast<int>(j)), dz2) * sigmoid_derivative(h[j]));
  correct(net.w1, net.b1, x, dz1, rate);
  correct(net.w2, net.b2, h, dz2, rate);
  return loss;
}

}  // namespace

MlpFit mlp_fit(const Mlp& start, const Matrix& x, const Matrix& t, int epochs,
               Scalar learning_rate) {
  expect_network(start, x);
  expect_shape("t", t, x.rows(), start.w2.cols());
  expect_numbers("x", x);
  expect_numbers("t", t);
  expect_numbers("w1", start.w1);
  expect_numbers("w2", start.w2);
  expect_numbers("b1", start.b1);
  expect_numbers("b2", start.b2);
  expect(epochs >= 0, "epochs: " + std::to_string(epochs) + " is negative");
  expect(std::isfinite(learning_rate) && learning_rate >= 0, "the learning rate must be 0 or more");

  MlpFit fit{.net = start, .loss = {}};
  while (fit.loss.size() < static_cast<std::size_t>(epochs)) {
    double sum = 0;
    for (int n = 0; n < x.rows(); ++n) sum += learn(fit.net, x.row(n), t.row(n), learning_rate);
    fit.loss.push_back(static_cast<Scalar>(sum));
  }
  return fit;
}

}  // namespace gradus
