// A multilayer perceptron that learns XOR.                           docs/02_xor_mlp.md

#include "chapters/02_xor_mlp/xor_mlp.hpp"

#include <cmath>
#include <utility>

#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

Scalar sigmoid(Scalar z) { return 1 / (1 + std::exp(-z)); }

Scalar sigmoid_derivative(Scalar y) { return y * (1 - y); }

// ---- the dense layer ----

Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b) {
  require_same("dense_forward: columns of x, rows of w", x.cols(), w.rows());
  require_shape("dense_forward: b", b, 1, w.cols());
  Matrix y = matmul(x, w);
  for (int n = 0; n < y.rows(); ++n)
    for (int m = 0; m < y.cols(); ++m) y(n, m) += b(0, m);
  return y;
}

static Matrix sum_of_rows(const Matrix& dy) {
  std::vector<double> sum(dy.cols());
  for (int n = 0; n < dy.rows(); ++n)
    for (int m = 0; m < dy.cols(); ++m) sum[m] += dy(n, m);
  Matrix row(1, dy.cols());
  for (int m = 0; m < dy.cols(); ++m) row(0, m) = static_cast<Scalar>(sum[m]);
  return row;
}

DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w) {
  require_same("dense_backward: columns of x, rows of w", x.cols(), w.rows());
  require_shape("dense_backward: dy", dy, x.rows(), w.cols());
  DenseGradients g = dense_backward_first(dy, x);
  g.dx = matmul_nt(dy, w);
  return g;
}

DenseGradients dense_backward_first(const Matrix& dy, const Matrix& x) {
  require_same("dense_backward_first: rows of dy, rows of x", dy.rows(), x.rows());
  DenseGradients g;
  g.dw = matmul_tn(x, dy);
  g.db = sum_of_rows(dy);
  return g;
}

// ---- the network ----

Mlp mlp_init(int inputs, int hidden, int outputs, Random& random) {
  require_at_least("mlp_init: inputs", inputs, 1);
  require_at_least("mlp_init: hidden", hidden, 1);
  require_at_least("mlp_init: outputs", outputs, 1);
  Mlp net;
  net.w1 = random.uniform_matrix(-0.1, 0.1, inputs, hidden);
  net.w2 = random.uniform_matrix(-0.1, 0.1, hidden, outputs);
  net.b1 = random.uniform_matrix(-0.1, 0.1, 1, hidden);
  net.b2 = random.uniform_matrix(-0.1, 0.1, 1, outputs);
  return net;
}

// Each layer must take what the one before gives.
static void require_layers(const Mlp& net, const Matrix& x) {
  require_same("mlp: columns of x, rows of w1", x.cols(), net.w1.rows());
  require_shape("mlp: b1", net.b1, 1, net.w1.cols());
  require_same("mlp: columns of w1, rows of w2", net.w1.cols(), net.w2.rows());
  require_shape("mlp: b2", net.b2, 1, net.w2.cols());
}

// σ(x w + b)
static Matrix sigmoid_layer(const Matrix& x, const Matrix& w, const Matrix& b) {
  Matrix y = dense_forward(x, w, b);
  for (Scalar& value : y.flat()) value = sigmoid(value);
  return y;
}

MlpActivations mlp_forward(const Mlp& net, const Matrix& x) {
  require_layers(net, x);
  MlpActivations a;
  a.h = sigmoid_layer(x, net.w1, net.b1);
  a.y = sigmoid_layer(a.h, net.w2, net.b2);
  return a;
}

Mlp mlp_backward(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t) {
  require_layers(net, x);
  require_shape("mlp_backward: h", a.h, x.rows(), net.w1.cols());
  require_shape("mlp_backward: y", a.y, x.rows(), net.w2.cols());
  require_shape("mlp_backward: t", t, x.rows(), net.w2.cols());

  Matrix dz2 = a.y;  // ∂L/∂z2 = (y - t) σ'(z2)                     (N,M)
  for (int n = 0; n < t.rows(); ++n)
    for (int m = 0; m < t.cols(); ++m)
      dz2(n, m) = (a.y(n, m) - t(n, m)) * sigmoid_derivative(a.y(n, m));
  DenseGradients output = dense_backward(dz2, a.h, net.w2);

  Matrix dz1 = std::move(output.dx);  // ∂L/∂z1 = ∂L/∂h σ'(z1)      (N,H)
  for (int n = 0; n < dz1.rows(); ++n)
    for (int j = 0; j < dz1.cols(); ++j) dz1(n, j) *= sigmoid_derivative(a.h(n, j));
  DenseGradients hidden = dense_backward_first(dz1, x);
  return {std::move(hidden.dw), std::move(output.dw), std::move(hidden.db), std::move(output.db)};
}

// ---- training ----

// 1/2 Σ (y - t)^2
static double half_squared_error(const Matrix& y, const Matrix& t) {
  double sum = 0;
  for (int n = 0; n < t.rows(); ++n)
    for (int m = 0; m < t.cols(); ++m) {
      const double error = double{y(n, m)} - t(n, m);
      sum += error * error;
    }
  return sum / 2;
}

// w -= learning_rate dw
static void descend(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) w(i, j) -= learning_rate * dw(i, j);
}

// Each row of m as a matrix of its own.
static std::vector<Matrix> split_rows(const Matrix& m) {
  std::vector<Matrix> rows;
  for (int n = 0; n < m.rows(); ++n) {
    rows.emplace_back(1, m.cols());
    for (int j = 0; j < m.cols(); ++j) rows[n](0, j) = m(n, j);
  }
  return rows;
}

MlpFit mlp_fit(const Mlp& start, const Matrix& x, const Matrix& t, int epochs,
               Scalar learning_rate) {
  require_layers(start, x);
  require_shape("mlp_fit: t", t, x.rows(), start.w2.cols());
  require_finite("mlp_fit: x", x);
  require_finite("mlp_fit: t", t);
  for (const Matrix* weights : {&start.w1, &start.w2, &start.b1, &start.b2})
    require_finite("mlp_fit: start", *weights);
  require_at_least("mlp_fit: epochs", epochs, 0);
  require_not_negative("mlp_fit: learning_rate", learning_rate);

  const std::vector<Matrix> inputs = split_rows(x), targets = split_rows(t);
  MlpFit fit{.net = start, .loss = {}};
  for (int epoch = 0; epoch < epochs; ++epoch) {
    double loss = 0;
    for (int n = 0; n < x.rows(); ++n) {
      const MlpActivations a = mlp_forward(fit.net, inputs[n]);
      const Mlp gradients = mlp_backward(fit.net, inputs[n], a, targets[n]);
      loss += half_squared_error(a.y, targets[n]);
      descend(fit.net.w1, gradients.w1, learning_rate);
      descend(fit.net.w2, gradients.w2, learning_rate);
      descend(fit.net.b1, gradients.b1, learning_rate);
      descend(fit.net.b2, gradients.b2, learning_rate);
    }
    fit.loss.push_back(static_cast<Scalar>(loss));
  }
  return fit;
}

}  // namespace gradus
