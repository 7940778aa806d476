// Differs from the reference: ridge solves the equations of w and b at once, nothing centred, by
// Gauss and Jordan with pivots; gradients, masks and pieces are filled element by element; pictures
// are turned by weighing every pixel around by its distance, and what is checked first, and its
// words, are others.
#include "chapters/09_regularization/regularization.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <stdexcept>
#include <string>

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

// The table [a | c] becomes [1 | solution]. Rows and columns of a are scaled to a diagonal of 1
// first, so that a pivot tells by its size whether it is more than rounding.
Matrix gauss_jordan(Matrix table) {
  const int D = table.rows();
  std::vector<Scalar> scale(static_cast<std::size_t>(D));
  for (int i = 0; i < D; ++i) {
    demand(table(i, i) > 0, "an input that is always 0 has no weight");
    scale[i] = std::sqrt(table(i, i));
  }
  for (int i = 0; i < D; ++i) {
    for (int j = 0; j < D; ++j) table(i, j) /= scale[i] * scale[j];
    table(i, D) /= scale[i];
  }
  for (int i = 0; i < D; ++i) {
    int pivot = i;
    for (int r = i + 1; r < D; ++r)
      if (std::abs(table(r, i)) > std::abs(table(pivot, i))) pivot = r;
    demand(std::abs(table(pivot, i)) > 1e-13, "many lines fit equally well");
    std::ranges::swap_ranges(table.row(i), table.row(pivot));
    const Scalar by = table(i, i);
    for (Scalar& v : table.row(i)) v /= by;
    for (int r = 0; r < D; ++r) {
      const Scalar factor = table(r, i);
      if (r != i)
        for (int c = 0; c <= D; ++c) table(r, c) -= factor * table(i, c);
    }
  }
  Matrix solution(D, 1);
  for (int i = 0; i < D; ++i) solution(i, 0) = table(i, D) / scale[i];
  return solution;
}

int side_length(const Matrix& x) {
  int side = 0;
  while (side * side < x.cols()) ++side;
  demand(side * side == x.cols(), std::to_string(x.cols()) + " pixels make no square");
  return side;
}

int nearest(Scalar value) { return static_cast<int>(std::floor(value + Scalar(0.5))); }

}  // namespace

LinearModel ridge(const Matrix& x, const Matrix& t, Scalar alpha) {
  demand(alpha >= 0 && alpha < std::numeric_limits<Scalar>::infinity(), "alpha is 0 or more");
  demand(t.cols() == 1 && t.rows() == x.rows(), "one target a sample");
  demand(x.rows() != 0, "no samples");
  demand(finite(x) && finite(t), "only finite numbers");
  const int D = x.cols();
  const auto input = [&](int n, int d) { return d < D ? x(n, d) : Scalar(1); };  // the last is b's
  Matrix table(D + 1, D + 2);
  for (int i = 0; i <= D; ++i) {
    for (int j = 0; j <= D; ++j)
      for (int n = 0; n < x.rows(); ++n) table(i, j) += input(n, i) * input(n, j);
    for (int n = 0; n < x.rows(); ++n) table(i, D + 1) += input(n, i) * t(n, 0);
    if (i < D) table(i, i) += alpha;
  }
  const Matrix solution = gauss_jordan(table);
  LinearModel model{.w = Matrix(D, 1), .b = solution(D, 0)};
  for (int d = 0; d < D; ++d) model.w(d, 0) = solution(d, 0);
  return model;
}

LinearModel least_squares(const Matrix& x, const Matrix& t) { return ridge(x, t, Scalar(0)); }

Scalar l2_penalty(const Matrix& w, Scalar lambda) {
  Scalar penalty = 0;
  for (int i = w.rows() - 1; i >= 0; --i)
    for (int j = 0; j < w.cols(); ++j) penalty += Scalar(0.5) * lambda * w(i, j) * w(i, j);
  return penalty;
}

Matrix l2_penalty_gradient(const Matrix& w, Scalar lambda) {
  return each(w, [=](Scalar v) { return v * lambda; });
}

Scalar l1_penalty(const Matrix& w, Scalar lambda) {
  Scalar penalty = 0;
  for (int j = 0; j < w.cols(); ++j)
    for (int i = 0; i < w.rows(); ++i) penalty += lambda * std::max(w(i, j), -w(i, j));
  return penalty;
}

Matrix l1_penalty_gradient(const Matrix& w, Scalar lambda) {
  return each(w, [=](Scalar v) { return v == 0 ? 0 : std::copysign(lambda, v); });
}

void l1_shrink(Matrix& w, Scalar amount) {
  demand(!(amount < 0) && !std::isnan(amount), "the amount is 0 or more");
  w = each(w, [=](Scalar v) { return v - std::clamp(v, -amount, amount); });
}

Dropout dropout_forward(const Matrix& x, Scalar rate, Random& random) {
  demand(rate >= 0 && rate < 1, "a rate of " + std::to_string(rate));
  const Scalar scale = 1 / (1 - rate);
  const Matrix mask = each(x, [&](Scalar) { return random.uniform() >= rate ? scale : Scalar(0); });
  Matrix y(x.rows(), x.cols());
  std::ranges::transform(x.flat(), mask.flat(), y.flat().begin(), std::multiplies<Scalar>());
  return {y, mask};
}

Matrix dropout_backward(const Matrix& dy, const Matrix& mask) {
  demand(shape(dy) == shape(mask), "dy " + shape(dy) + " and mask " + shape(mask));
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
  if (state.best > validation_loss) {
    state.best = validation_loss;
    state.best_epoch = now;
    return false;
  }
  return now >= state.best_epoch + patience;
}

// Every pixel is carried to its new place.
Matrix shift_images(const Matrix& x, int down, int right) {
  const int side = side_length(x);
  Matrix y(x.rows(), x.cols());
  for (int d = 0; d < x.cols(); ++d) {
    const int row = d / side + down, col = d % side + right;
    if (row < 0 || row >= side || col < 0 || col >= side) continue;
    for (int n = 0; n < x.rows(); ++n) y(n, row * side + col) = x(n, d);
  }
  return y;
}

Matrix rotate_images(const Matrix& x, Scalar degrees) {
  const int side = side_length(x);
  demand(std::isfinite(degrees), "turned by what angle?");
  const Scalar turn = degrees / 180 * std::numbers::pi_v<Scalar>;
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
  demand(deviation >= 0, "a deviation of " + std::to_string(deviation));
  return each(x, [&](Scalar v) {
    const Scalar noisy = v + deviation * static_cast<Scalar>(random.normal());
    return std::min(Scalar(1), std::max(Scalar(0), noisy));
  });
}

Matrix augment(const Matrix& x, const Augmentation& options, Random& random) {
  side_length(x);
  demand(!(options.shift < 0 || options.degrees < 0 || options.noise < 0), "options below 0");
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n) {
    Matrix image(1, x.cols());
    for (int d = 0; d < x.cols(); ++d) image(0, d) = x(n, d);
    const auto down = random.randint(2 * options.shift + 1) - options.shift;
    const auto right = random.randint(2 * options.shift + 1) - options.shift;
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
  const int test = nearest(test_share * samples);
  const int validation = nearest(validation_share * (samples - test));
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
