// Regularization: learning less, so as to know more.                docs/09_regularization.md

#include "chapters/09_regularization/regularization.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "common/require.hpp"

namespace gradus {

// ---- penalties ----

Scalar l2_penalty(const Matrix& w, Scalar lambda) {
  require_not_negative("l2_penalty: lambda", lambda);
  double sum = 0;
  for (Scalar v : w.flat()) sum += 0.5 * lambda * v * v;
  return sum;
}

Matrix l2_penalty_gradient(const Matrix& w, Scalar lambda) {
  require_not_negative("l2_penalty_gradient: lambda", lambda);
  Matrix g = w;
  for (Scalar& v : g.flat()) v *= lambda;
  return g;
}

Scalar l1_penalty(const Matrix& w, Scalar lambda) {
  require_not_negative("l1_penalty: lambda", lambda);
  double sum = 0;
  for (Scalar v : w.flat()) sum += double{lambda} * std::abs(v);
  return sum;
}

// 1, -1, or what v is: 0 or NaN.
static Scalar sign(Scalar v) { return v > 0 ? 1 : v < 0 ? -1 : v; }

Matrix l1_penalty_gradient(const Matrix& w, Scalar lambda) {
  require_not_negative("l1_penalty_gradient: lambda", lambda);
  Matrix g = w;
  for (Scalar& v : g.flat()) v = lambda * sign(v);
  return g;
}

void l1_shrink(Matrix& w, Scalar amount) {
  require_not_negative("l1_shrink: amount", amount);
  require_finite("l1_shrink: w", w);
  for (Scalar& v : w.flat()) v = sign(v) * std::max(std::abs(v) - amount, Scalar(0));
}

// ---- dropout ----

Matrix dropout_mask(int rows, int cols, Scalar rate, Random& random) {
  require_below_one("dropout_mask: rate", rate);
  Matrix mask(rows, cols);
  std::vector<double> u(mask.size());
  random.fill_uniform(u);
  for (int i = 0; i < mask.size(); ++i) mask.flat()[i] = u[i] < rate ? 0 : 1 / (1 - rate);
  return mask;
}

Dropout dropout_forward(const Matrix& x, Scalar rate, Random& random) {
  require_finite("dropout_forward: x", x);
  Dropout d{.y = x, .mask = dropout_mask(x.rows(), x.cols(), rate, random)};
  for (int n = 0; n < x.rows(); ++n)
    for (int j = 0; j < x.cols(); ++j) d.y(n, j) *= d.mask(n, j);
  return d;
}

Matrix dropout_backward(const Matrix& dy, const Matrix& mask) {
  require_shape("dropout_backward: mask", mask, dy.rows(), dy.cols());
  require_finite("dropout_backward: dy", dy);
  Matrix dx = dy;
  for (int n = 0; n < dx.rows(); ++n)
    for (int j = 0; j < dx.cols(); ++j) dx(n, j) *= mask(n, j);
  return dx;
}

Matrix dropout_inference(const Matrix& x) { return x; }

std::vector<Matrix> dropout_masks(const DeepNetwork& deep, int N, Scalar rate, Random& random) {
  require(!deep.net.w.empty(), "dropout_masks: the network needs at least one layer");
  require_at_least("dropout_masks: N", N, 0);
  require_below_one("dropout_masks: rate", rate);
  std::vector<Matrix> masks;
  for (std::size_t l = 0; l + 1 < deep.net.w.size(); ++l)
    masks.push_back(dropout_mask(N, deep.net.w[l].cols(), rate, random));
  return masks;
}

// ---- early stopping ----

bool should_stop(EarlyStopping& state, Scalar validation_loss, int patience) {
  require_at_least("should_stop: patience", patience, 1);
  if (std::isfinite(validation_loss) && validation_loss < state.best) {
    state.best = validation_loss;
    state.best_epoch = state.epoch;
  }
  state.epoch += 1;
  return state.epoch - 1 - state.best_epoch >= patience;
}

// ---- augmentation ----

static int side_of(const Matrix& x) {
  const int side = static_cast<int>(std::sqrt(x.cols()));
  require_same("images: columns of x, side times side", x.cols(), side * side);
  require_finite("images: x", x);
  return side;
}

// The pixel in this row and column, 0 outside.
static Scalar pixel(std::span<const Scalar> image, int side, int row, int col) {
  const bool inside = 0 <= row && row < side && 0 <= col && col < side;
  return inside ? image[static_cast<std::size_t>(row) * side + col] : Scalar(0);
}

Matrix shift_images(const Matrix& x, int down, int right) {
  const int side = side_of(x);
  down = std::clamp(down, -side, side);  // further is out of the picture as well
  right = std::clamp(right, -side, side);
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int row = 0; row < side; ++row)
      for (int col = 0; col < side; ++col)
        y(n, row * side + col) = pixel(x.row(n), side, row - down, col - right);
  return y;
}

Matrix rotate_images(const Matrix& x, Scalar degrees) {
  const int side = side_of(x);
  require_finite("rotate_images: degrees", degrees);
  const Scalar angle = std::remainder(degrees, 360) * std::numbers::pi / 180;  // no whole turns
  const Scalar middle = Scalar(side - 1) / 2;
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
  require_not_negative("add_noise: deviation", deviation);
  require_finite("add_noise: x", x);
  Matrix y = x;
  for (Scalar& v : y.flat())
    v = std::clamp(static_cast<Scalar>(v + random.normal(0, deviation)), Scalar(0), Scalar(1));
  return y;
}

Matrix augment(const Matrix& x, const Augmentation& options, Random& random) {
  side_of(x);  // refuses what is no square image before anything is drawn
  require_at_least("augment: shift", options.shift, 0);
  require_not_negative("augment: degrees", options.degrees);
  require_not_negative("augment: noise", options.noise);
  const std::int64_t shift = options.shift;  // the largest int has a next one here
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n) {
    const int down = static_cast<int>(random.randint(-shift, shift + 1));
    const int right = static_cast<int>(random.randint(-shift, shift + 1));
    const Scalar angle = options.degrees * random.uniform(-1, 1);
    Matrix image = shift_images(rotate_images(take_rows(x, {n}), angle), down, right);
    image = add_noise(image, options.noise, random);
    std::ranges::copy(image.row(0), y.row(n).begin());
  }
  return y;
}

// ---- three kinds of samples ----

Split split_samples(int samples, Scalar test_share, Scalar validation_share, Random& random) {
  require_at_least("split_samples: samples", samples, 1);
  require_share("split_samples: test_share", test_share);
  require_share("split_samples: validation_share", validation_share);
  // In double: above 2^24 float no longer knows every whole number.
  const int test = static_cast<int>(std::lround(double{test_share} * samples));
  const int validation = static_cast<int>(std::lround(double{validation_share} * (samples - test)));
  require(test + validation < samples, "split_samples: nothing is left for training");
  const std::vector<int> order = random.permutation(samples);
  const auto first = order.begin();
  return {.train = {first + test + validation, order.end()},
          .validation = {first + test, first + test + validation},
          .test = {first, first + test}};
}

// ---- lines ----
//
// With x and t counted from their means, a line with one input is a division: Σ x t / (Σ x^2 + α).
// Inputs that are not correlated do not disturb each other: each is such a division. Inputs that are
// correlated are turned, two at a time, into mixtures that are not (M. Hestenes, 1958).

static const Scalar epsilon = std::numeric_limits<Scalar>::epsilon();

// √(Σ v^2), also where the squares of 1e200 are infinite and those of 1e-200 are 0.
static double length(std::span<const Scalar> values) {
  double largest = 0, sum = 0;
  for (double v : values) largest = std::max(largest, std::abs(v));
  for (double v : values) sum += largest == 0 ? 0 : (v / largest) * (v / largest);
  return largest * std::sqrt(sum);
}

// Takes the mean away, and then what rounding has left of it.
static void centre(std::span<Scalar> values) {
  for (int time = 0; time < 2; ++time) {
    double mean = 0;
    for (double v : values) mean += v / static_cast<double>(values.size());
    for (Scalar& v : values) v -= mean;
  }
}

// Turns two mixtures, each its values in N samples and then its parts, until the values have no
// correlation. False if they had none.
static bool separate(std::span<Scalar> a, std::span<Scalar> b, int N) {
  const double a_length = length(a.first(N)), b_length = length(b.first(N));
  if (a_length == 0 || b_length == 0) return false;
  double correlation = 0;
  for (int n = 0; n < N; ++n) correlation += (a[n] / a_length) * (b[n] / b_length);
  if (std::abs(correlation) <= 8 * epsilon + N * 2e-16) return false;  // what rounding leaves
  const double angle = std::atan(2 * correlation / (a_length / b_length - b_length / a_length)) / 2;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double before = a[i];
    a[i] = cosine * before + sine * b[i];
    b[i] = cosine * b[i] - sine * before;
  }
  return true;
}

// Of the inputs, D mixtures without correlation, (D, N + D): in each row the values and the parts.
static Matrix uncorrelated(const Matrix& x) {
  const int N = x.rows(), D = x.cols();
  Matrix m(D, N + D);
  for (int d = 0; d < D; ++d) {
    for (int n = 0; n < N; ++n) m(d, n) = x(n, d);
    centre(m.row(d).first(N));
    m(d, N + d) = 1;
  }
  bool turned = true;
  for (int sweep = 0; turned && sweep < 100; ++sweep) {
    turned = false;
    for (int a = 0; a < D; ++a)
      for (int b = a + 1; b < D; ++b) turned |= separate(m.row(a), m.row(b), N);
  }
  return m;
}

// Has a mixture become so small beside what it is made of that rounding explains it?
static bool is_rounding(double size, std::span<const Scalar> parts, const Matrix& x) {
  Matrix made_of(1, x.rows());
  for (int n = 0; n < x.rows(); ++n)
    for (int d = 0; d < x.cols(); ++d) made_of(0, n) += std::abs(parts[d] * x(n, d));
  return size <= (x.cols() + 8) * epsilon * length(made_of.flat());
}

LinearModel ridge(const Matrix& x, const Matrix& t, Scalar alpha) {
  require(x.rows() > 0, "ridge: needs at least one sample");
  require_shape("ridge: t", t, x.rows(), 1);
  require_finite("ridge: x", x);
  require_finite("ridge: t", t);
  require_not_negative("ridge: alpha", alpha);
  const int N = x.rows(), D = x.cols();
  const Matrix mixtures = uncorrelated(x);
  Matrix tc = t;
  centre(tc.flat());
  std::vector<double> w(D);
  for (int m = 0; m < D; ++m) {
    const auto values = mixtures.row(m).first(N), parts = mixtures.row(m).last(D);
    const double size = length(values);
    if (is_rounding(size, parts, x)) {  // only a penalty says what its weight is: 0
      require(alpha > 0, "ridge: the data leave w open; take a larger alpha");
      continue;
    }
    double slope = 0;
    for (int n = 0; n < N; ++n) slope += values[n] / size * tc(n, 0);
    slope /= size + alpha / size;
    for (int d = 0; d < D; ++d) w[d] += slope * parts[d];
  }

  double b = 0;  // the errors of the best bias add up to 0
  for (int n = 0; n < N; ++n) {
    b += t(n, 0) / double(N);
    for (int d = 0; d < D; ++d) b -= w[d] * x(n, d) / N;
  }
  LinearModel model{.w = Matrix(D, 1), .b = static_cast<Scalar>(b)};
  std::ranges::copy(w, model.w.flat().begin());
  require_finite("ridge: w", model.w);
  return model;
}

LinearModel least_squares(const Matrix& x, const Matrix& t) { return ridge(x, t, 0); }

}  // namespace gradus
