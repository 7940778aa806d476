// Differs from the reference: samples are kept by columns, as std::valarrays, and a batch is picked
// out of them; λmax is found by bisection: λI - H has no negative pivot just where λ reaches it.
#include "chapters/03_gradient_descent/gradient_descent.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <valarray>

namespace gradus {
namespace {

using Column = std::valarray<double>;

void check(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument("gradient descent: " + message);
}

void check_finite(const Matrix& m, const std::string& name) {
  const bool finite = std::ranges::all_of(m.flat(), [](Scalar v) { return std::isfinite(v); });
  check(finite, name + " has NaN or infinity");
}

void check_weights(const Matrix& w, const Matrix& x) {
  check(w.rows() == x.cols() && w.cols() == 1, "w is " + shape(w) + " for x " + shape(x));
}

void check_problem(const LinearModel& model, const Matrix& x, const Matrix& t) {
  check_weights(model.w, x);
  check(t.rows() == x.rows() && t.cols() == 1, "t is " + shape(t) + " for x " + shape(x));
  check(x.rows() > 0, "there are no samples");
}

Column column(const Matrix& m, int j) {
  Column values(static_cast<std::size_t>(m.rows()));
  for (int n = 0; n < m.rows(); ++n) values[static_cast<std::size_t>(n)] = m(n, j);
  return values;
}

// Samples by columns: inputs[d] holds input d of every sample.
struct Table {
  std::vector<Column> inputs;
  Column targets;
};

Table table_of(const Matrix& x, const Matrix& t) {
  Table table{.inputs = {}, .targets = column(t, 0)};
  for (int d = 0; d < x.cols(); ++d) table.inputs.push_back(column(x, d));
  return table;
}

// The samples with these indices.
Table picked(const Table& table, const std::vector<int>& indices) {
  std::valarray<std::size_t> places(indices.size());
  std::ranges::copy(indices, std::begin(places));
  Table some{.inputs = {}, .targets = table.targets[places]};
  for (const Column& input : table.inputs) some.inputs.emplace_back(input[places]);
  return some;
}

// y - t of all samples.
Column residuals(const LinearModel& model, const Table& table) {
  Column sums(double{model.b}, table.targets.size());
  for (std::size_t d = 0; d < table.inputs.size(); ++d)
    sums += double{model.w(static_cast<int>(d), 0)} * table.inputs[d];
  return sums - table.targets;
}

double mean(const Column& values) { return values.sum() / static_cast<double>(values.size()); }

Scalar loss_of(const Column& residual) {
  return static_cast<Scalar>(mean(residual * residual) / 2);
}

LinearModel gradient_of(const Column& residual, const Table& table) {
  LinearModel g{.w = Matrix(static_cast<int>(table.inputs.size()), 1),
                .b = static_cast<Scalar>(mean(residual))};
  for (std::size_t d = 0; d < table.inputs.size(); ++d)
    g.w(static_cast<int>(d), 0) = static_cast<Scalar>(mean(residual * table.inputs[d]));
  return g;
}

void check_descent(const LinearModel& start, const Matrix& x, const Matrix& t, Scalar rate,
                   int steps) {
  check_problem(start, x, t);
  check_finite(x, "x");
  check_finite(t, "t");
  check_finite(start.w, "w");
  check(std::isfinite(start.b), "b is not finite");
  check(std::isfinite(rate) && rate >= 0, "the learning rate must be finite and not negative");
  check(steps >= 0, "the number of steps is negative");
}

// The descent over the batches that next_batch() gives, one for each step.
template <typename NextBatch>
Descent walk(const LinearModel& start, Scalar rate, int steps, NextBatch next_batch) {
  Descent d{.path = {start}, .loss = {}};
  for (int i = 0; i < steps; ++i) {
    const Table& batch = next_batch();
    LinearModel model = d.path.back();
    const Column residual = residuals(model, batch);
    const LinearModel gradient = gradient_of(residual, batch);
    descend(model.w, gradient.w, rate);
    model.b -= rate * gradient.b;
    d.path.push_back(std::move(model));
    d.loss.push_back(loss_of(residual));
  }
  return d;
}

}  // namespace

// ---- a straight line, and how wrong it is ----

Matrix linear_predict(const LinearModel& model, const Matrix& x) {
  check_weights(model.w, x);
  const Column y = residuals(model, table_of(x, Matrix(x.rows(), 1)));
  Matrix result(x.rows(), 1);
  std::copy(std::begin(y), std::end(y), result.flat().begin());
  return result;
}

Scalar linear_loss(const LinearModel& model, const Matrix& x, const Matrix& t) {
  check_problem(model, x, t);
  return loss_of(residuals(model, table_of(x, t)));
}

LinearModel linear_gradient(const LinearModel& model, const Matrix& x, const Matrix& t) {
  check_problem(model, x, t);
  const Table table = table_of(x, t);
  return gradient_of(residuals(model, table), table);
}

// ---- descent ----

void descend(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  check(dw.rows() == w.rows() && dw.cols() == w.cols(), "dw is " + shape(dw) + ", w " + shape(w));
  for (int j = w.cols(); j-- > 0;)
    for (int i = w.rows(); i-- > 0;) w(i, j) += -learning_rate * dw(i, j);
}

Descent batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                      Scalar learning_rate, int steps) {
  check_descent(start, x, t, learning_rate, steps);
  const Table all = table_of(x, t);
  return walk(start, learning_rate, steps, [&]() -> const Table& { return all; });
}

Descent mini_batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int batch_size, int steps, Random& random) {
  check_descent(start, x, t, learning_rate, steps);
  check(batch_size >= 1 && batch_size <= x.rows(), "no batches of " + std::to_string(batch_size));
  const Table all = table_of(x, t);
  return walk(start, learning_rate, steps,
              [&] { return picked(all, random.choice(x.rows(), batch_size)); });
}

Descent stochastic_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int steps, Random& random) {
  check_descent(start, x, t, learning_rate, steps);
  const Table all = table_of(x, t);
  return walk(start, learning_rate, steps,
              [&] { return picked(all, {static_cast<int>(random.randint(x.rows()))}); });
}

// ---- epochs ----

int iterations_per_epoch(int samples, int batch_size) {
  check(samples >= 0 && batch_size >= 1, "no samples or no batches of this number");
  const std::div_t full = std::div(samples, batch_size);
  return full.rem == 0 ? full.quot : full.quot + 1;
}

std::vector<std::vector<int>> epoch_batches(int samples, int batch_size, Random& random) {
  check(samples >= 0 && batch_size >= 1, "no samples or no batches of this number");
  std::vector<std::vector<int>> batches;
  for (const int n : random.permutation(samples)) {
    if (batches.empty() || batches.back().size() == static_cast<std::size_t>(batch_size))
      batches.emplace_back();
    batches.back().push_back(n);
  }
  return batches;
}

Matrix take_rows(const Matrix& x, const std::vector<int>& indices) {
  if (!indices.empty()) {
    const auto [least, most] = std::ranges::minmax(indices);
    check(least >= 0 && most < x.rows(), "an index lies outside the rows of " + shape(x));
  }
  Matrix taken(static_cast<int>(indices.size()), x.cols());
  for (int j = 0; j < x.cols(); ++j)
    for (int i = 0; i < taken.rows(); ++i) taken(i, j) = x(indices[static_cast<std::size_t>(i)], j);
  return taken;
}

Samples take(const Samples& samples, const std::vector<int>& indices) {
  check(samples.labels.size() == static_cast<std::size_t>(samples.x.rows()),
        std::to_string(samples.labels.size()) + " labels for x " + shape(samples.x));
  Samples taken{.x = take_rows(samples.x, indices), .labels = std::vector<int>(indices.size())};
  std::ranges::transform(indices, taken.labels.begin(), [&](int index) {
    return samples.labels[static_cast<std::size_t>(index)];
  });
  return taken;
}

// ---- how long a step may be ----

namespace {

using Square = std::vector<std::vector<double>>;

// 1/N [x 1]^T [x 1] of inputs and ones times 2^-exponent, its lower half.
Square second_derivatives(const Matrix& x, int exponent) {
  std::vector<Column> columns;
  for (int d = 0; d < x.cols(); ++d) columns.push_back(column(x, d));
  columns.emplace_back(1.0, static_cast<std::size_t>(x.rows()));
  for (Column& values : columns)
    for (double& value : values) value = std::ldexp(value, -exponent);
  Square h(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) h[i].push_back(mean(columns[i] * columns[j]));
  return h;
}

// Is λ above every eigenvalue of h? Then elimination of λI - h meets positive pivots only.
bool lies_above(double lambda, const Square& h) {
  Square a = h;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) a[i][j] = (i == j ? lambda : 0) - h[i][j];
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (!(a[k][k] > 0)) return false;
    for (std::size_t i = k + 1; i < a.size(); ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k + 1; j <= i; ++j) a[i][j] -= factor * a[j][k];
    }
  }
  return true;
}

}  // namespace

Scalar largest_curvature(const Matrix& x) {
  check(x.rows() > 0, "there are no samples");
  check_finite(x, "x");
  double largest = 1;
  for (const Scalar value : x.flat()) largest = std::fmax(largest, std::abs(value));
  const int exponent = std::ilogb(largest);
  const Square h = second_derivatives(x, exponent);

  double low = 0, high = 0;  // λmax is at least the largest diagonal element, at most their sum
  for (std::size_t d = 0; d < h.size(); ++d) {
    low = std::max(low, h[d][d]);
    high += h[d][d];
  }
  for (double middle = std::midpoint(low, high); low < middle && middle < high;
       middle = std::midpoint(low, high))
    (lies_above(middle, h) ? high : low) = middle;
  return static_cast<Scalar>(std::ldexp(high, 2 * exponent));
}

}  // namespace gradus
