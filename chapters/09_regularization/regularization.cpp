// Regularization: learning less, so as to know more.                docs/09_regularization.md

#include "chapters/09_regularization/regularization.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- lines ----

// The solution of a s = b by elimination, a (D,D) and b (D,1). On the diagonal of x^T x + α I stands
// how much each input varies; elimination takes away what the inputs before it explain. A share of
// at most `rounding` that is left is left by rounding.
static Matrix solve(Matrix a, Matrix b, Scalar rounding) {
  const int D = a.rows();
  const Matrix before = a;
  for (int i = 0; i < D; ++i) {
    require(a(i, i) > rounding * before(i, i), "ridge: the data leave w open; take a larger alpha");
    for (int r = i + 1; r < D; ++r) {
      const Scalar factor = a(r, i) / a(i, i);
      for (int c = i; c < D; ++c) a(r, c) -= factor * a(i, c);
      b(r, 0) -= factor * b(i, 0);
    }
  }
  for (int i = D; i-- > 0;) {
    for (int c = i + 1; c < D; ++c) b(i, 0) -= a(i, c) * b(c, 0);
    b(i, 0) /= a(i, i);
  }
  return b;
}

// Counted from the first row, so that a column that never changes has exactly that value as mean.
static Matrix column_means(const Matrix& x) {
  Matrix mean(1, x.cols());
  for (int d = 0; d < x.cols(); ++d) {
    for (int n = 1; n < x.rows(); ++n) mean(0, d) += (x(n, d) - x(0, d)) / x.rows();
    mean(0, d) += x(0, d);
  }
  return mean;
}

static Matrix centred(const Matrix& x, const Matrix& mean) {
  Matrix c = x;
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) c(n, d) -= mean(0, d);
  return c;
}

LinearModel ridge(const Matrix& x, const Matrix& t, Scalar alpha) {
  require(x.rows() > 0, "ridge: needs at least one sample");
  require_shape("ridge: t", t, x.rows(), 1);
  require_finite("ridge: x", x);
  require_finite("ridge: t", t);
  require(std::isfinite(alpha) && alpha >= 0, "ridge: alpha must be finite and not negative");

  // With x and t centred, the best bias is 0: it drops out, and out of the penalty.
  const Matrix x_mean = column_means(x), t_mean = column_means(t);
  const Matrix xc = centred(x, x_mean), tc = centred(t, t_mean);
  Matrix a = matmul_tn(xc, xc);  // x^T x + α I                          (D,D)
  for (int d = 0; d < a.rows(); ++d) a(d, d) += alpha;
  const Scalar rounding = 16 * (x.rows() + x.cols()) * std::numeric_limits<Scalar>::epsilon();
  LinearModel model{.w = solve(a, matmul_tn(xc, tc), rounding), .b = t_mean(0, 0)};
  for (int d = 0; d < a.rows(); ++d) model.b -= x_mean(0, d) * model.w(d, 0);
  return model;
}

LinearModel least_squares(const Matrix& x, const Matrix& t) { return ridge(x, t, 0); }

// ---- penalties ----

Scalar l2_penalty(const Matrix& w, Scalar lambda) {
  Scalar sum = 0;
  for (Scalar v : w.flat()) sum += v * v;
  return lambda / 2 * sum;
}

Matrix l2_penalty_gradient(const Matrix& w, Scalar lambda) {
  Matrix g = w;
  for (Scalar& v : g.flat()) v *= lambda;
  return g;
}

Scalar l1_penalty(const Matrix& w, Scalar lambda) {
  Scalar sum = 0;
  for (Scalar v : w.flat()) sum += std::abs(v);
  return lambda * sum;
}

static Scalar sign(Scalar v) { return v > 0 ? Scalar(1) : v < 0 ? Scalar(-1) : Scalar(0); }

Matrix l1_penalty_gradient(const Matrix& w, Scalar lambda) {
  Matrix g = w;
  for (Scalar& v : g.flat()) v = lambda * sign(v);
  return g;
}

void l1_shrink(Matrix& w, Scalar amount) {
  require(amount >= 0, "l1_shrink: amount must not be negative");
  for (Scalar& v : w.flat()) v = sign(v) * std::max(std::abs(v) - amount, Scalar(0));
}

// ---- dropout ----

Dropout dropout_forward(const Matrix& x, Scalar rate, Random& random) {
  require(0 <= rate && rate < 1, "dropout_forward: rate must be at least 0 and less than 1");
  Dropout d{.y = x, .mask = Matrix(x.rows(), x.cols())};
  for (int n = 0; n < x.rows(); ++n)
    for (int j = 0; j < x.cols(); ++j) {
      d.mask(n, j) = random.uniform() < rate ? 0 : 1 / (1 - rate);
      d.y(n, j) *= d.mask(n, j);
    }
  return d;
}

Matrix dropout_backward(const Matrix& dy, const Matrix& mask) {
  require_shape("dropout_backward: mask", mask, dy.rows(), dy.cols());
  Matrix dx = dy;
  for (int n = 0; n < dx.rows(); ++n)
    for (int j = 0; j < dx.cols(); ++j) dx(n, j) *= mask(n, j);
  return dx;
}

Matrix dropout_inference(const Matrix& x) { return x; }

// ---- early stopping ----

bool should_stop(EarlyStopping& state, Scalar validation_loss, int patience) {
  require(patience >= 1, "should_stop: patience must be at least 1");
  if (validation_loss < state.best) {
    state.best = validation_loss;
    state.best_epoch = state.epoch;
  }
  state.epoch += 1;
  return state.epoch - 1 - state.best_epoch >= patience;
}

// ---- augmentation ----

static int side_of(const Matrix& x) {
  const int side = static_cast<int>(std::lround(std::sqrt(x.cols())));
  require_same("images: columns of x, side times side", x.cols(), side * side);
  return side;
}

// The pixel in this row and column, 0 outside.
static Scalar pixel(std::span<const Scalar> image, int side, int row, int col) {
  const bool inside = 0 <= row && row < side && 0 <= col && col < side;
  return inside ? image[static_cast<std::size_t>(row) * side + col] : Scalar(0);
}

Matrix shift_images(const Matrix& x, int down, int right) {
  const int side = side_of(x);
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int row = 0; row < side; ++row)
      for (int col = 0; col < side; ++col)
        y(n, row * side + col) = pixel(x.row(n), side, row - down, col - right);
  return y;
}

Matrix rotate_images(const Matrix& x, Scalar degrees) {
  const int side = side_of(x);
  require(std::isfinite(degrees), "rotate_images: degrees must be finite");
  const Scalar angle = degrees * std::numbers::pi_v<Scalar> / 180, middle = Scalar(side - 1) / 2;
  const Scalar cosine = std::cos(angle), sine = std::sin(angle);
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int row = 0; row < side; ++row)
      for (int col = 0; col < side; ++col) {
        // Where did this pixel come from? Rows count downwards.
        const Scalar down = row - middle, right = col - middle;
        const Scalar from_row = middle + cosine * down + sine * right;
        const Scalar from_col = middle - sine * down + cosine * right;
        const int r = static_cast<int>(std::floor(from_row)),
                  c = static_cast<int>(std::floor(from_col));
        const Scalar v = from_row - r, u = from_col - c;  // how far to the next pixel, 0 … 1
        const auto image = x.row(n);
        y(n, row * side + col) = (1 - v) * (1 - u) * pixel(image, side, r, c) +
                                 (1 - v) * u * pixel(image, side, r, c + 1) +
                                 v * (1 - u) * pixel(image, side, r + 1, c) +
                                 v * u * pixel(image, side, r + 1, c + 1);
      }
  return y;
}

Matrix add_noise(const Matrix& x, Scalar deviation, Random& random) {
  require(deviation >= 0, "add_noise: a deviation is not negative");
  Matrix y = x;
  for (Scalar& v : y.flat())
    v = std::clamp(static_cast<Scalar>(v + random.normal(0, deviation)), Scalar(0), Scalar(1));
  return y;
}

Matrix augment(const Matrix& x, const Augmentation& options, Random& random) {
  side_of(x);  // refuses what is no square, also when there are no images
  require(options.shift >= 0 && options.degrees >= 0 && options.noise >= 0,
          "augment: shift, degrees and noise are not negative");
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n) {
    const int down = static_cast<int>(random.randint(-options.shift, options.shift + 1));
    const int right = static_cast<int>(random.randint(-options.shift, options.shift + 1));
    const Scalar angle = static_cast<Scalar>(random.uniform(-options.degrees, options.degrees));
    Matrix image = shift_images(rotate_images(take_rows(x, {n}), angle), down, right);
    image = add_noise(image, options.noise, random);
    std::ranges::copy(image.row(0), y.row(n).begin());
  }
  return y;
}

// ---- three kinds of samples ----

Split split_samples(int samples, Scalar test_share, Scalar validation_share, Random& random) {
  require(0 <= test_share && test_share <= 1 && 0 <= validation_share && validation_share <= 1,
          "split_samples: shares must be 0 … 1");
  require(samples >= 0, "split_samples: samples must not be negative");
  const int test = static_cast<int>(std::lround(test_share * samples));
  const int validation = static_cast<int>(std::lround(validation_share * (samples - test)));
  require(test + validation < samples, "split_samples: nothing is left for training");
  const std::vector<int> order = random.permutation(samples);
  const auto first = order.begin();
  return {.train = {first + test + validation, order.end()},
          .validation = {first + test, first + test + validation},
          .test = {first, first + test}};
}

}  // namespace gradus
