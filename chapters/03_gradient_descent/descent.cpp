// Gradient descent: all samples a step, some of them, or one.          docs/03_gradient_descent.md

#include "chapters/03_gradient_descent/descent.hpp"

#include <algorithm>
#include <cmath>

#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- a straight line, and how wrong it is ----

Matrix linear_predict(const LinearModel& model, const Matrix& x) {
  require_shape("linear_predict: w", model.w, x.cols(), 1);
  Matrix y = matmul(x, model.w);
  for (int n = 0; n < y.rows(); ++n) y(n, 0) += model.b;
  return y;
}

// y - t
static Matrix errors(const LinearModel& model, const Matrix& x, const Matrix& t) {
  require(x.rows() > 0, "linear regression: needs at least one sample");
  require_shape("linear regression: t", t, x.rows(), 1);
  Matrix e = linear_predict(model, x);
  for (int n = 0; n < e.rows(); ++n) e(n, 0) -= t(n, 0);
  return e;
}

Scalar linear_loss(const LinearModel& model, const Matrix& x, const Matrix& t) {
  const Matrix e = errors(model, x, t);
  Scalar sum = 0;
  for (int n = 0; n < e.rows(); ++n) sum += e(n, 0) * e(n, 0);
  return sum / (2 * x.rows());
}

LinearModel linear_gradient(const LinearModel& model, const Matrix& x, const Matrix& t) {
  const Matrix e = errors(model, x, t);
  const Scalar N = x.rows();
  LinearModel g{.w = matmul_tn(x, e), .b = 0};
  for (int d = 0; d < g.w.rows(); ++d) g.w(d, 0) /= N;
  for (int n = 0; n < e.rows(); ++n) g.b += e(n, 0) / N;
  return g;
}

Scalar largest_curvature(const Matrix& x) {
  require(x.rows() > 0, "largest_curvature: needs at least one sample");
  Matrix x1(x.rows(), x.cols() + 1, 1);  // [x 1]
  for (int n = 0; n < x.rows(); ++n) std::ranges::copy(x.row(n), x1.row(n).begin());
  Matrix h = matmul_tn(x1, x1);  // N times the second derivatives, (D+1,D+1)

  // λmax^m ≤ trace(h^m) ≤ (D+1) λmax^m: the m-th root of the trace tends to λmax. Here m = 2^40,
  // by squaring; h is divided by its trace each time, and the logarithms of the traces are kept.
  Scalar log_root = 0;  // ln trace(h^m) / m
  for (double m = 1; m < 1e12; m *= 2) {
    Scalar trace = 0;
    for (int i = 0; i < h.rows(); ++i) trace += h(i, i);
    log_root += std::log(trace) / m;
    for (Scalar& value : h.flat()) value /= trace;
    h = matmul(h, h);
  }
  return std::exp(log_root) / x.rows();
}

// ---- one loop for all three ----

// w -= learning_rate dw
static void descend(LinearModel& model, const LinearModel& gradient, Scalar learning_rate) {
  for (int d = 0; d < model.w.rows(); ++d) model.w(d, 0) -= learning_rate * gradient.w(d, 0);
  model.b -= learning_rate * gradient.b;
}

// A step against the gradient over these samples.
static void step(Descent& d, const Matrix& x, const Matrix& t, Scalar learning_rate) {
  LinearModel model = d.path.back();
  d.loss.push_back(linear_loss(model, x, t));
  descend(model, linear_gradient(model, x, t), learning_rate);
  d.path.push_back(model);
}

static Descent begin(const LinearModel& start, const Matrix& x, const Matrix& t, int steps) {
  require_finite("gradient descent: x", x);
  require_finite("gradient descent: t", t);
  require(steps >= 0, "gradient descent: steps must not be negative");
  errors(start, x, t);  // refuses shapes that do not fit, even without a step
  return {.path = {start}, .loss = {}};
}

Descent batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                      Scalar learning_rate, int steps) {
  Descent d = begin(start, x, t, steps);
  for (int i = 0; i < steps; ++i) step(d, x, t, learning_rate);
  return d;
}

Descent mini_batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int batch_size, int steps, Random& random) {
  require(1 <= batch_size && batch_size <= x.rows(),
          "mini_batch_descent: batch_size must be 1 … the number of samples");
  Descent d = begin(start, x, t, steps);
  for (int i = 0; i < steps; ++i) {
    const std::vector<int> batch = random.choice(x.rows(), batch_size);
    step(d, take_rows(x, batch), take_rows(t, batch), learning_rate);
  }
  return d;
}

Descent stochastic_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int steps, Random& random) {
  Descent d = begin(start, x, t, steps);
  for (int i = 0; i < steps; ++i) {
    const std::vector<int> sample = {static_cast<int>(random.randint(x.rows()))};
    step(d, take_rows(x, sample), take_rows(t, sample), learning_rate);
  }
  return d;
}

// ---- epochs ----

int iterations_per_epoch(int samples, int batch_size) {
  require(samples >= 0, "iterations_per_epoch: samples must not be negative");
  require(batch_size >= 1, "iterations_per_epoch: batch_size must be at least 1");
  return samples / batch_size + (samples % batch_size > 0);
}

std::vector<std::vector<int>> epoch_batches(int samples, int batch_size, Random& random) {
  std::vector<std::vector<int>> batches(iterations_per_epoch(samples, batch_size));
  const std::vector<int> order = random.permutation(samples);
  for (int i = 0; i < samples; ++i) batches[i / batch_size].push_back(order[i]);
  return batches;
}

Matrix take_rows(const Matrix& x, const std::vector<int>& indices) {
  Matrix rows(static_cast<int>(indices.size()), x.cols());
  for (int i = 0; i < rows.rows(); ++i) {
    require(0 <= indices[i] && indices[i] < x.rows(), "take_rows: there is no such row");
    std::ranges::copy(x.row(indices[i]), rows.row(i).begin());
  }
  return rows;
}

}  // namespace gradus
