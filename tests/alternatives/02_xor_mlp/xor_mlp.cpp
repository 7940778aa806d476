// Differs from the reference: sigmoid has a formula for each sign of z, sums are compensated (Kahan), nothing
// calls matmul, gradients are accumulated sample by sample, and every weight is drawn by itself.
#include "chapters/02_xor_mlp/xor_mlp.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

namespace gradus {
namespace {

void ensure(bool fits, const std::string& complaint) {
  if (!fits) throw std::invalid_argument(complaint);
}

bool has_shape(const Matrix& m, int rows, int cols) { return m.rows() == rows && m.cols() == cols; }

bool all_finite(const Matrix& m) {
  return std::ranges::none_of(m.flat(), [](Scalar v) { return std::isnan(v) || std::isinf(v); });
}

// A sum that carries along what rounding took from it (W. Kahan, 1965).
class Sum {
 public:
  explicit Sum(double start = 0) : total_(start) {}
  void operator+=(double term) {
    const double corrected = term - lost_;
    const double next = total_ + corrected;
    lost_ = (next - total_) - corrected;
    total_ = next;
  }
  operator Scalar() const { return static_cast<Scalar>(total_); }

 private:
  double total_, lost_ = 0;
};

// y_m = b_m + Σ_d x_d w_dm for one sample, the last input first.
void dense_sample(std::span<const Scalar> x, const Matrix& w, const Matrix& b,
                  std::span<Scalar> y) {
  for (int m = w.cols() - 1; m >= 0; --m) {
    Sum sum(b(0, m));
    for (int d = w.rows() - 1; d >= 0; --d) sum += x[static_cast<std::size_t>(d)] * w(d, m);
    y[static_cast<std::size_t>(m)] = sum;
  }
}

// Slope of a sigmoid layer times what arrives from above: dz = dy σ', in the place of dy.
void through_sigmoid(Matrix& dy, const Matrix& y) {
  std::ranges::transform(dy.flat(), y.flat(), dy.flat().begin(),
                         [](Scalar d, Scalar out) { return d * sigmoid_derivative(out); });
}

void squash(Matrix& z) { std::ranges::transform(z.flat(), z.flat().begin(), sigmoid); }

Matrix drawn(int rows, int cols, Random& random) {
  Matrix m(rows, cols);
  std::ranges::generate(m.flat(), [&] { return static_cast<Scalar>(random.uniform(-0.1, 0.1)); });
  return m;
}

void ensure_chain(const Mlp& net, const Matrix& x) {
  ensure(net.w1.rows() == x.cols() && has_shape(net.b1, 1, net.w1.cols()) &&
             net.w2.rows() == net.w1.cols() && has_shape(net.b2, 1, net.w2.cols()),
         "a layer does not take what the one before gives");
}

Matrix row_of(const Matrix& m, int n) {
  Matrix one(1, m.cols());
  std::ranges::copy(m.row(n), one.flat().begin());
  return one;
}

}  // namespace

// e^-|z| never overflows.
Scalar sigmoid(Scalar z) {
  const Scalar small = std::exp(-std::abs(z));
  return (std::signbit(z) ? small : Scalar{1}) / (1 + small);
}

Scalar sigmoid_derivative(Scalar y) {
  const Scalar rest = 1 - y;
  return rest * y;
}

// ---- the dense layer ----

Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b) {
  ensure(has_shape(b, 1, w.cols()), "the bias " + shape(b) + " is no row as wide as w");
  ensure(x.cols() == w.rows(), "x " + shape(x) + " cannot be multiplied by w " + shape(w));
  Matrix y(x.rows(), w.cols());
  for (int n = 0; n < x.rows(); ++n) dense_sample(x.row(n), w, b, y.row(n));
  return y;
}

DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w) {
  ensure(has_shape(dy, x.rows(), w.cols()), "dy " + shape(dy) + " is not shaped like the output");
  ensure(x.cols() == w.rows(), "x " + shape(x) + " was no input of a layer w " + shape(w));
  DenseGradients g{.dx = Matrix(x.rows(), x.cols()),
                   .dw = Matrix(w.rows(), w.cols()),
                   .db = Matrix(1, w.cols())};
  std::vector<Sum> db(static_cast<std::size_t>(w.cols()));
  for (int n = 0; n < x.rows(); ++n)
    for (int m = 0; m < w.cols(); ++m) {
      db[static_cast<std::size_t>(m)] += dy(n, m);
      for (int d = 0; d < w.rows(); ++d) {
        g.dx(n, d) += dy(n, m) * w(d, m);
        g.dw(d, m) += dy(n, m) * x(n, d);
      }
    }
  std::ranges::copy(db, g.db.flat().begin());
  return g;
}

// Weights of 0 find a dx of 0, which is thrown away.
DenseGradients dense_backward_first(const Matrix& dy, const Matrix& x) {
  DenseGradients g = dense_backward(dy, x, Matrix(x.cols(), dy.cols()));
  g.dx = {};
  return g;
}

// ---- the network ----

Mlp mlp_init(int inputs, int hidden, int outputs, Random& random) {
  ensure(inputs > 0 && hidden > 0 && outputs > 0, "a layer without units");
  // A braced list is evaluated from left to right, which is the order of the members: w1 w2 b1 b2.
  return Mlp{drawn(inputs, hidden, random), drawn(hidden, outputs, random),
             drawn(1, hidden, random), drawn(1, outputs, random)};
}

MlpActivations mlp_forward(const Mlp& net, const Matrix& x) {
  ensure_chain(net, x);
  Matrix h = dense_forward(x, net.w1, net.b1);
  squash(h);
  Matrix y = dense_forward(h, net.w2, net.b2);
  squash(y);
  return {h, y};
}

Mlp mlp_backward(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t) {
  ensure_chain(net, x);
  for (const Matrix* m : {&a.y, &t})
    ensure(has_shape(*m, x.rows(), net.w2.cols()), shape(*m) + " is not shaped like the outputs");
  ensure(has_shape(a.h, x.rows(), net.w1.cols()), "x is not the batch of these activations");
  Matrix delta = a.y;
  std::ranges::transform(a.y.flat(), t.flat(), delta.flat().begin(), std::minus<Scalar>());
  through_sigmoid(delta, a.y);
  DenseGradients above = dense_backward(delta, a.h, net.w2);
  through_sigmoid(above.dx, a.h);
  const DenseGradients below = dense_backward(above.dx, x, net.w1);
  return {.w1 = below.dw, .w2 = above.dw, .b1 = below.db, .b2 = above.db};
}

// ---- training ----

MlpFit mlp_fit(const Mlp& start, const Matrix& x, const Matrix& t, int epochs,
               Scalar learning_rate) {
  ensure(epochs >= 0, "the number of epochs is negative");
  ensure(all_finite(t) && all_finite(x), "x and t must be numbers, neither NaN nor infinite");
  ensure_chain(start, x);
  ensure(has_shape(t, x.rows(), start.w2.cols()), "x and t must have a row for each sample");
  for (Matrix Mlp::*part : {&Mlp::w1, &Mlp::b1, &Mlp::w2, &Mlp::b2})
    ensure(all_finite(start.*part), "a weight is not a finite number");
  ensure(std::isfinite(learning_rate) && !(learning_rate < 0), "no such learning rate");

  Mlp net = start;
  std::vector<Scalar> losses(static_cast<std::size_t>(epochs));
  for (Scalar& loss : losses) {
    Sum sum;
    for (int n = 0; n < x.rows(); ++n) {
      const Matrix input = row_of(x, n), target = row_of(t, n);
      const MlpActivations a = mlp_forward(net, input);
      for (int m = 0; m < t.cols(); ++m) sum += std::pow(double{target(0, m)} - a.y(0, m), 2) / 2;
      const Mlp gradient = mlp_backward(net, input, a, target);
      for (Matrix Mlp::*part : {&Mlp::b2, &Mlp::b1, &Mlp::w2, &Mlp::w1})
        std::ranges::transform((net.*part).flat(), (gradient.*part).flat(),
                               (net.*part).flat().begin(),
                               [=](Scalar w, Scalar dw) { return w - learning_rate * dw; });
    }
    loss = sum;
  }
  return {net, losses};
}

}  // namespace gradus
