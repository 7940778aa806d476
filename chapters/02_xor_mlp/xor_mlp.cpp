#include "chapters/02_xor_mlp/xor_mlp.hpp"

#include <cmath>

#include "common/matmul.hpp"

namespace gradus {

Scalar sigmoid(Scalar z) { return 1 / (1 + std::exp(-z)); }

Scalar sigmoid_derivative(Scalar y) { return y * (1 - y); }

Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b) {
  require_shape("dense_forward: b", b, 1, w.cols());
  Matrix y = matmul(x, w);
  for (int n = 0; n < y.rows(); ++n)
    for (int m = 0; m < y.cols(); ++m) y(n, m) += b(0, m);
  return y;
}

DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w) {
  DenseGradients g{matmul_nt(dy, w), matmul_tn(x, dy), Matrix(1, dy.cols())};
  for (int n = 0; n < dy.rows(); ++n)
    for (int m = 0; m < dy.cols(); ++m) g.db(0, m) += dy(n, m);
  return g;
}
static Matrix sigmoid_layer(const Matrix& x, const Matrix& w, const Matrix& b) {
  Matrix y = dense_forward(x, w, b);
  for (Scalar& v : y.flat()) v = sigmoid(v);
  return y;
}

MlpActivations mlp_forward(const Mlp& net, const Matrix& x) {
  MlpActivations a;
  a.h = sigmoid_layer(x, net.w1, net.b1);
  a.y = sigmoid_layer(a.h, net.w2, net.b2);
  return a;
}

Mlp mlp_backward(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t) {
  Matrix dz2 = a.y;
  for (int n = 0; n < t.rows(); ++n)
    for (int m = 0; m < t.cols(); ++m) dz2(n, m) = (a.y(n, m) - t(n, m)) * sigmoid_derivative(a.y(n, m));
  DenseGradients out = dense_backward(dz2, a.h, net.w2);
  Matrix dz1 = std::move(out.dx);
  for (int n = 0; n < dz1.rows(); ++n)
    for (int m = 0; m < dz1.cols(); ++m) dz1(n, m) *= sigmoid_derivative(a.h(n, m));
  DenseGradients hidden = dense_backward(dz1, x, net.w1);
  return {hidden.dw, out.dw, hidden.db, out.db};
}
static void descend(Matrix& p, const Matrix& dp, Scalar rate) {
  for (int i = 0; i < p.rows(); ++i)
    for (int j = 0; j < p.cols(); ++j) p(i, j) -= rate * dp(i, j);
}
MlpFit mlp_fit(const Matrix& x, const Matrix& t, int hidden, int epochs, Scalar learning_rate,
               Random& random) {
  MlpFit fit;
  Mlp& net = fit.net;
  net.w1 = random.uniform_matrix(-0.1, 0.1, x.cols(), hidden);
  net.w2 = random.uniform_matrix(-0.1, 0.1, hidden, t.cols());
  net.b1 = random.uniform_matrix(-0.1, 0.1, 1, hidden);
  net.b2 = random.uniform_matrix(-0.1, 0.1, 1, t.cols());
  for (int e = 0; e < epochs; ++e) {
    for (int n = 0; n < x.rows(); ++n) {
      Matrix xn(1, x.cols());
      Matrix tn(1, t.cols());
      for (int d = 0; d < x.cols(); ++d) xn(0, d) = x(n, d);
      for (int d = 0; d < t.cols(); ++d) tn(0, d) = t(n, d);
      MlpActivations a = mlp_forward(net, xn);
      Mlp g = mlp_backward(net, xn, a, tn);
      descend(net.w1, g.w1, learning_rate);
      descend(net.w2, g.w2, learning_rate);
      descend(net.b1, g.b1, learning_rate);
      descend(net.b2, g.b2, learning_rate);
    }
  }
  return fit;
}
}  // namespace gradus
