// Differs from the reference: ridge makes perpendicular columns by Gram and Schmidt, first of the
// inputs, then of what the samples see of w, then of that above √α; gradients, masks and pieces are
// filled element by element; pictures are turned by weighing every pixel around by its distance, and
// what is checked first, and its words, are others.
#include "chapters/09_regularization/regularization.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus {
namespace {

void demand(bool truth, const std::string& otherwise) {
  if (!truth) throw std::invalid_argument(otherwise);
}

Matrix each(const Matrix& m, const std::function<Scalar(Scalar)>& f) {
  Matrix result(m.rows(), m.cols());
  std::ranges::transform(m.flat(), result.flat().begin(), f);
  return result;
}

bool finite(const Matrix& m) {
  return std::ranges::all_of(m.flat(), [](Scalar v) { return std::isfinite(v); });
}

using Column = std::vector<double>;

double product(const Column& a, const Column& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void subtract(Column& from, double times, const Column& what) {
  for (std::size_t i = 0; i < from.size(); ++i) from[i] -= times * what[i];
}

double norm(const Column& c) { return std::sqrt(product(c, c)); }

// Perpendicular columns of length 1 that span the given ones, and the ones that they were made of:
// always the one of which the largest share is left, until that share is rounding.
struct Basis {
  std::vector<Column> q;
  std::vector<std::size_t> made_of;
};
Basis perpendicular(const std::vector<Column>& columns, double rounding) {
  Basis basis;
  std::vector<Column> left = columns;
  while (basis.q.size() < columns.size()) {
    std::size_t best = 0;
    double share = 0;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const double length = norm(columns[k]), now = length > 0 ? norm(left[k]) / length : 0;
      if (now > share) share = now, best = k;
    }
    if (share <= rounding) break;
    Column q = left[best];
    for (int twice = 0; twice < 2; ++twice) {
      for (const Column& other : basis.q) subtract(q, product(q, other), other);
      const double length = norm(q);
      for (double& v : q) v /= length;
    }
    for (Column& c : left) subtract(c, product(c, q), q);
    basis.q.push_back(q);
    basis.made_of.push_back(best);
  }
  return basis;
}

// The y with the smallest |A y - c|; the columns of A are independent.
Column solve(const std::vector<Column>& columns, const Column& c) {
  const Basis basis = perpendicular(columns, 0);
  Column y(columns.size());
  for (std::size_t k = columns.size(); k-- > 0;) {
    double rest = product(basis.q[k], c);
    for (std::size_t l = k + 1; l < columns.size(); ++l) {
      const std::size_t other = basis.made_of[l];
      rest -= product(basis.q[k], columns[other]) * y[other];
    }
    const std::size_t own = basis.made_of[k];
    y[own] = rest / product(basis.q[k], columns[own]);
  }
  return y;
}

double mean_of(const Column& c) {
  return std::accumulate(c.begin(), c.end(), 0.0) / static_cast<double>(c.size());
}

Column centred_column(const Matrix& m, int d) {
  Column c;
  for (int n = 0; n < m.rows(); ++n) c.push_back(m(n, d));
  double largest = 0;
  for (double v : c) largest = std::max(largest, std::abs(v));
  for (int twice = 0; twice < 2; ++twice) {
    const double mean = mean_of(c);
    for (double& v : c) v -= mean;
  }
  for (double& v : c)
    if (std::abs(v) < 4 * std::numeric_limits<Scalar>::epsilon() * largest) v = 0;
  return c;
}

int side_length(const Matrix& x) {
  int side = 0;
  while (side * side < x.cols()) ++side;
  demand(side * side == x.cols(), std::to_string(x.cols()) + " pixels make no square");
  demand(finite(x), "only finite pixels");
  return side;
}

int nearest(double value) { return static_cast<int>(std::floor(value + 0.5)); }

void demand_lambda(Scalar lambda) {
  demand(lambda >= 0 && std::isfinite(lambda), "a lambda below 0 or without end");
}

}  // namespace

LinearModel ridge(const Matrix& x, const Matrix& t, Scalar alpha) {
  demand(alpha >= 0 && alpha < std::numeric_limits<Scalar>::infinity(), "alpha is 0 or more");
  demand(t.cols() == 1 && t.rows() == x.rows(), "one target a sample");
  demand(x.rows() != 0, "no samples");
  demand(finite(x) && finite(t), "only finite numbers");
  std::vector<Column> inputs;
  double unit = 0;
  for (int d = 0; d < x.cols(); ++d) {
    inputs.push_back(centred_column(x, d));
    for (double v : inputs.back()) unit = std::max(unit, std::abs(v));
  }
  if (unit == 0) unit = 1;
  for (Column& c : inputs)
    for (double& v : c) v /= unit;
  const Basis seen = perpendicular(inputs, 64 * std::numeric_limits<Scalar>::epsilon());
  const std::size_t rank = seen.q.size(), D = inputs.size();
  demand(rank == D || alpha > 0, "many lines fit equally well");

  // Only w in the span of what the samples see: w = Σ y p.
  std::vector<Column> views(rank, Column(D));
  for (std::size_t r = 0; r < rank; ++r)
    for (std::size_t d = 0; d < D; ++d) views[r][d] = product(seen.q[r], inputs[d]);
  const Basis span = perpendicular(views, 0);
  std::vector<Column> stacked(rank, Column(2 * rank));
  Column target(2 * rank);
  for (std::size_t r = 0; r < rank; ++r) {
    for (std::size_t k = 0; k < rank; ++k) stacked[k][r] = product(views[r], span.q[k]);
    stacked[r][rank + r] = std::sqrt(double{alpha}) / unit;
    target[r] = product(seen.q[r], centred_column(t, 0));
  }
  const Column y = solve(stacked, target);
  LinearModel model{.w = Matrix(x.cols(), 1), .b = 0};
  for (std::size_t d = 0; d < D; ++d) {
    double w = 0;
    for (std::size_t k = 0; k < rank; ++k) w += y[k] * span.q[k][d] / unit;
    model.w(static_cast<int>(d), 0) = w;
  }
  Column errors;
  for (int n = 0; n < x.rows(); ++n) {
    errors.push_back(t(n, 0));
    for (int d = 0; d < x.cols(); ++d) errors.back() -= model.w(d, 0) * x(n, d);
  }
  model.b = mean_of(errors);
  return model;
}

LinearModel least_squares(const Matrix& x, const Matrix& t) { return ridge(x, t, Scalar(0)); }

Scalar l2_penalty(const Matrix& w, Scalar lambda) {
  demand_lambda(lambda);
  double penalty = 0;
  for (int i = w.rows() - 1; i >= 0; --i)
    for (int j = 0; j < w.cols(); ++j) penalty += 0.5 * w(i, j) * lambda * w(i, j);
  return penalty;
}

Matrix l2_penalty_gradient(const Matrix& w, Scalar lambda) {
  demand_lambda(lambda);
  return each(w, [=](Scalar v) { return v * lambda; });
}

Scalar l1_penalty(const Matrix& w, Scalar lambda) {
  demand_lambda(lambda);
  double penalty = 0;
  for (int j = 0; j < w.cols(); ++j)
    for (int i = 0; i < w.rows(); ++i)
      penalty += w(i, j) < 0 ? -lambda * w(i, j) : lambda * w(i, j);
  return penalty;
}

Matrix l1_penalty_gradient(const Matrix& w, Scalar lambda) {
  demand_lambda(lambda);
  return each(w, [=](Scalar v) { return v == 0 || std::isnan(v) ? v : std::copysign(lambda, v); });
}

void l1_shrink(Matrix& w, Scalar amount) {
  demand(amount >= 0 && std::isfinite(amount), "the amount is 0 or more");
  demand(finite(w), "only finite weights");
  w = each(w, [=](Scalar v) { return v - std::clamp(v, -amount, amount); });
}

namespace {

void demand_rate(Scalar rate) {
  demand(rate >= 0 && rate < 1, "a rate of " + std::to_string(rate));
}

// Thrown like a coin for each unit, and scaled when all have been thrown.
Matrix coins(int rows, int cols, Scalar rate, Random& random) {
  Matrix mask(rows, cols);
  for (int n = 0; n < rows; ++n)
    for (int j = 0; j < cols; ++j) mask(n, j) = random.uniform() >= rate;
  return each(mask, [&](Scalar kept) { return kept / (1 - rate); });
}

}  // namespace

Matrix dropout_mask(int rows, int cols, Scalar rate, Random& random) {
  demand_rate(rate);
  demand(rows >= 0 && cols >= 0, "sizes below 0");
  return coins(rows, cols, rate, random);
}

// One long row of coins for all layers, cut into masks.
std::vector<Matrix> dropout_masks(const DeepNetwork& deep, int N, Scalar rate, Random& random) {
  demand_rate(rate);
  demand(N >= 0 && !deep.net.w.empty(), "no network, or less than no samples");
  std::vector<Matrix> masks;
  int units = 0;
  for (const Matrix& w : deep.net.w) {
    masks.push_back(Matrix(N, w.cols()));
    units += N * w.cols();
  }
  units -= masks.back().size();
  masks.pop_back();
  const Matrix all = coins(1, units, rate, random);
  auto next = all.flat().begin();
  for (Matrix& mask : masks)
    for (Scalar& v : mask.flat()) v = *next++;
  return masks;
}

Dropout dropout_forward(const Matrix& x, Scalar rate, Random& random) {
  demand_rate(rate);
  demand(finite(x), "only finite units");
  const Matrix mask = coins(x.rows(), x.cols(), rate, random);
  Matrix y(x.rows(), x.cols());
  std::ranges::transform(x.flat(), mask.flat(), y.flat().begin(), std::multiplies<Scalar>());
  return {y, mask};
}

Matrix dropout_backward(const Matrix& dy, const Matrix& mask) {
  demand(shape(dy) == shape(mask), "dy " + shape(dy) + " and mask " + shape(mask));
  demand(finite(dy), "only finite gradients");
  Matrix dx(dy.rows(), dy.cols());
  std::ranges::transform(dy.flat(), mask.flat(), dx.flat().begin(), std::multiplies<Scalar>());
  return dx;
}

Matrix dropout_inference(const Matrix& x) {
  return each(x, [](Scalar v) { return v; });
}

bool should_stop(EarlyStopping& state, Scalar validation_loss, int patience) {
  demand(patience > 0, "a patience of " + std::to_string(patience));
  const int now = state.epoch++;
  if (state.best > validation_loss && validation_loss - validation_loss == 0) {
    state.best = validation_loss;
    state.best_epoch = now;
    return false;
  }
  return now - patience >= state.best_epoch;
}

// Every pixel is carried to its new place.
Matrix shift_images(const Matrix& x, int down, int right) {
  const int side = side_length(x);
  Matrix y(x.rows(), x.cols());
  for (int d = 0; d < x.cols(); ++d) {
    const long long row = d / side + std::int64_t{down}, col = d % side + std::int64_t{right};
    if (row < 0 || row >= side || col < 0 || col >= side) continue;
    for (int n = 0; n < x.rows(); ++n) y(n, static_cast<int>(row * side + col)) = x(n, d);
  }
  return y;
}

Matrix rotate_images(const Matrix& x, Scalar degrees) {
  const int side = side_length(x);
  demand(std::isfinite(degrees), "turned by what angle?");
  const Scalar turn = std::fmod(degrees, Scalar(360)) / 180 * std::numbers::pi_v<Scalar>;
  Matrix y(x.rows(), x.cols());
  for (int d = 0; d < x.cols(); ++d) {
    const Scalar right = d % side - Scalar(0.5) * (side - 1);
    const Scalar up = Scalar(0.5) * (side - 1) - d / side;
    const Scalar col = right * std::cos(turn) + up * std::sin(turn) + Scalar(0.5) * (side - 1);
    const Scalar row = Scalar(0.5) * (side - 1) - up * std::cos(turn) + right * std::sin(turn);
    for (int from = 0; from < x.cols(); ++from) {
      const Scalar height = 1 - std::abs(row - from / side),
                   width = 1 - std::abs(col - from % side);
      if (height <= 0 || width <= 0) continue;
      for (int n = 0; n < x.rows(); ++n) y(n, d) += height * width * x(n, from);
    }
  }
  return y;
}

Matrix add_noise(const Matrix& x, Scalar deviation, Random& random) {
  demand(deviation >= 0 && std::isfinite(deviation), "a deviation below 0 or without end");
  demand(finite(x), "only finite pixels");
  return each(x, [&](Scalar v) {
    const Scalar noisy = v + deviation * static_cast<Scalar>(random.normal());
    return std::min(Scalar(1), std::max(Scalar(0), noisy));
  });
}

Matrix augment(const Matrix& x, const Augmentation& options, Random& random) {
  side_length(x);
  demand(options.shift >= 0 && options.degrees >= 0 && options.noise >= 0, "options below 0");
  demand(std::isfinite(options.degrees) && std::isfinite(options.noise), "options without end");
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n) {
    Matrix image(1, x.cols());
    for (int d = 0; d < x.cols(); ++d) image(0, d) = x(n, d);
    const std::int64_t places = 2 * std::int64_t{options.shift} + 1;
    const auto down = random.randint(places) - options.shift;
    const auto right = random.randint(places) - options.shift;
    const double angle = options.degrees * (2 * random.uniform() - 1);
    image = rotate_images(image, static_cast<Scalar>(angle));
    image = shift_images(image, static_cast<int>(down), static_cast<int>(right));
    image = add_noise(image, options.noise, random);
    for (int d = 0; d < x.cols(); ++d) y(n, d) = image(0, d);
  }
  return y;
}

Split split_samples(int samples, Scalar test_share, Scalar validation_share, Random& random) {
  for (Scalar share : {test_share, validation_share})
    demand(share >= 0 && share <= 1, "a share of " + std::to_string(share));
  demand(samples > 0, "no samples");
  const int test = nearest(double{test_share} * samples);
  const int validation = nearest(double{validation_share} * (samples - test));
  demand(samples - test - validation > 0, "no sample to train on");
  Split split;
  for (int sample : random.permutation(samples)) {
    if (static_cast<int>(split.test.size()) < test)
      split.test.push_back(sample);
    else if (static_cast<int>(split.validation.size()) < validation)
      split.validation.push_back(sample);
    else
      split.train.push_back(sample);
  }
  return split;
}

}  // namespace gradus
