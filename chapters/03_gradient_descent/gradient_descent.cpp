// Gradient descent: all samples a step, some of them, or one.          docs/03_gradient_descent.md

#include "chapters/03_gradient_descent/gradient_descent.hpp"

#include <algorithm>
#include <cmath>

#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- a straight line, and how wrong it is ----

// x_n w + b, in double whatever Scalar is.
static double predict(const LinearModel& model, const Matrix& x, int n) {
  double y = model.b;
  for (int d = 0; d < x.cols(); ++d) y += double{x(n, d)} * model.w(d, 0);
  return y;
}

Matrix linear_predict(const LinearModel& model, const Matrix& x) {
  require_shape("linear_predict: w", model.w, x.cols(), 1);
  Matrix y(x.rows(), 1);
  for (int n = 0; n < x.rows(); ++n) y(n, 0) = static_cast<Scalar>(predict(model, x, n));
  return y;
}

static void require_fit(const LinearModel& model, const Matrix& x, const Matrix& t) {
  require(x.rows() > 0, "linear regression: needs at least one sample");
  require_shape("linear regression: w", model.w, x.cols(), 1);
  require_shape("linear regression: t", t, x.rows(), 1);
}

Scalar linear_loss(const LinearModel& model, const Matrix& x, const Matrix& t) {
  require_fit(model, x, t);
  double sum = 0;
  for (int n = 0; n < x.rows(); ++n) {
    const double residual = predict(model, x, n) - t(n, 0);
    sum += residual * residual;
  }
  return static_cast<Scalar>(sum / (2.0 * x.rows()));
}

LinearModel linear_gradient(const LinearModel& model, const Matrix& x, const Matrix& t) {
  require_fit(model, x, t);
  const double N = x.rows();
  std::vector<double> dw(x.cols());
  double db = 0;
  for (int n = 0; n < x.rows(); ++n) {
    const double residual = predict(model, x, n) - t(n, 0);
    for (int d = 0; d < x.cols(); ++d) dw[d] += residual * x(n, d);
    db += residual;
  }
  LinearModel g{.w = Matrix(x.cols(), 1), .b = static_cast<Scalar>(db / N)};
  for (int d = 0; d < x.cols(); ++d) g.w(d, 0) = static_cast<Scalar>(dw[d] / N);
  return g;
}

// ---- descent ----

void descend(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  require_shape("descend: dw", dw, w.rows(), w.cols());
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) w(i, j) -= learning_rate * dw(i, j);
}

// One loop for all three: a step against the gradient over these samples.
static void step(Descent& d, const Matrix& x, const Matrix& t, Scalar learning_rate) {
  LinearModel model = d.path.back();
  const LinearModel gradient = linear_gradient(model, x, t);
  d.loss.push_back(linear_loss(model, x, t));
  descend(model.w, gradient.w, learning_rate);
  model.b -= learning_rate * gradient.b;
  d.path.push_back(model);
}

static Descent begin(const LinearModel& start, const Matrix& x, const Matrix& t,
                     Scalar learning_rate, int steps) {
  require_fit(start, x, t);
  require_finite("gradient descent: x", x);
  require_finite("gradient descent: t", t);
  require_finite("gradient descent: w of the start", start.w);
  require_finite("gradient descent: b of the start", start.b);
  require_not_negative("gradient descent: learning_rate", learning_rate);
  require_at_least("gradient descent: steps", steps, 0);
  return {.path = {start}, .loss = {}};
}

Descent batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                      Scalar learning_rate, int steps) {
  Descent d = begin(start, x, t, learning_rate, steps);
  for (int i = 0; i < steps; ++i) step(d, x, t, learning_rate);
  return d;
}

Descent mini_batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int batch_size, int steps, Random& random) {
  require_that(1 <= batch_size && batch_size <= x.rows(), "mini_batch_descent: batch_size",
               "at least 1 and at most the number of samples", batch_size);
  Descent d = begin(start, x, t, learning_rate, steps);
  for (int i = 0; i < steps; ++i) {
    const std::vector<int> batch = random.choice(x.rows(), batch_size);
    step(d, take_rows(x, batch), take_rows(t, batch), learning_rate);
  }
  return d;
}

Descent stochastic_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int steps, Random& random) {
  Descent d = begin(start, x, t, learning_rate, steps);
  for (int i = 0; i < steps; ++i) {
    const std::vector<int> sample = {static_cast<int>(random.randint(x.rows()))};
    step(d, take_rows(x, sample), take_rows(t, sample), learning_rate);
  }
  return d;
}

// ---- epochs ----

int iterations_per_epoch(int samples, int batch_size) {
  require_at_least("iterations_per_epoch: samples", samples, 0);
  require_at_least("iterations_per_epoch: batch_size", batch_size, 1);
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
    require_that(0 <= indices[i] && indices[i] < x.rows(), "take_rows: an index",
                 "a row of x, counted from 0", indices[i]);
    std::ranges::copy(x.row(indices[i]), rows.row(i).begin());
  }
  return rows;
}

Samples take(const Samples& samples, const std::vector<int>& indices) {
  require_same("take: rows of x, labels", samples.x.rows(),
               static_cast<int>(samples.labels.size()));
  Samples taken{.x = take_rows(samples.x, indices), .labels = {}};
  for (int n : indices) taken.labels.push_back(samples.labels[n]);
  return taken;
}

// ---- how long a step may be ----

static double trace(const Matrix& m) {
  double sum = 0;
  for (int i = 0; i < m.rows(); ++i) sum += m(i, i);
  return sum;
}

// The second derivatives of L, 1/N [x 1]^T [x 1], of inputs that are all divided by `scale`.
static Matrix second_derivatives(const Matrix& x, double scale) {
  const auto input = [&](int n, int d) { return (d < x.cols() ? x(n, d) : 1) / scale; };
  Matrix h(x.cols() + 1, x.cols() + 1);
  for (int i = 0; i < h.rows(); ++i)
    for (int j = 0; j < h.cols(); ++j) {
      double sum = 0;
      for (int n = 0; n < x.rows(); ++n) sum += input(n, i) * input(n, j);
      h(i, j) = static_cast<Scalar>(sum / x.rows());
    }
  return h;
}

// Multiplied by h again and again, a vector turns towards v, the direction of the largest
// curvature, the slower the closer the next curvature is. Squaring h 50 times multiplies 2^50
// times; what is left, p, holds v alone: p = c v v^T.
Scalar largest_curvature(const Matrix& x) {
  require(x.rows() > 0, "largest_curvature: needs at least one sample");
  require_finite("largest_curvature: x", x);
  double scale = 1;  // inputs are divided by the largest, so that no square overflows
  for (Scalar value : x.flat()) scale = std::max(scale, std::abs(double{value}));
  const Matrix h = second_derivatives(x, scale);

  Matrix p = h;
  for (int squarings = 0; squarings < 50; ++squarings) {
    const double size = trace(p);
    for (Scalar& value : p.flat()) value = static_cast<Scalar>(value / size);
    p = matmul(p, p);
  }

  double along_v = 0;  // c v^T h v; and the trace of p is c v^T v
  for (int i = 0; i < h.rows(); ++i)
    for (int j = 0; j < h.cols(); ++j) along_v += double{p(i, j)} * h(i, j);
  return static_cast<Scalar>(along_v / trace(p) * scale * scale);
}

}  // namespace gradus
