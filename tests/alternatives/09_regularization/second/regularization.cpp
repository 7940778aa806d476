// Differs from the reference: ridge mirrors columns (Householder), first those of the inputs, then
// what the samples see of w, then that with √α below it; penalties are summed in halves; pictures
// are turned by complex numbers, with the four weights of a pixel found once for all images, and
// moved in pieces of rows; noise is drawn about the pixel itself.
#include "chapters/09_regularization/regularization.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <iterator>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace gradus {
namespace {

void check(bool fine, const char* complaint) {
  if (!fine) throw std::invalid_argument(complaint);
}

bool finite(double v) { return std::abs(v) <= std::numeric_limits<Scalar>::max(); }

bool not_negative(double v) { return v >= 0 && finite(v); }

void check_finite(const Matrix& m) {
  for (Scalar v : m.flat()) check(finite(v), "NaN or infinity where a number is needed");
}

// ---- lines ----

using Column = std::vector<double>;
using Columns = std::vector<Column>;

// √(Σ v^2), without the square of anything large or small.
double length(std::span<const double> c) {
  double sum = 0;
  for (double v : c) sum = std::hypot(sum, v);
  return sum;
}

double product(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// A table of columns, A = Q R: Q is a chain of mirrors, R a triangle. Columns are taken in an order
// that is found on the way; rows in that of their size, the largest first, which keeps small rows
// as precise as large ones.
class Mirrors {
 public:
  explicit Mirrors(const Columns& columns) : r_(columns), taken_(columns.size()) {
    std::iota(taken_.begin(), taken_.end(), 0);
    rows_.resize(columns.empty() ? 0 : columns[0].size());
    std::iota(rows_.begin(), rows_.end(), 0);
    Column size(rows_.size());
    for (const Column& c : columns)
      for (std::size_t i = 0; i < c.size(); ++i) size[i] = std::max(size[i], std::abs(c[i]));
    std::ranges::stable_sort(rows_,
                             [&](std::size_t i, std::size_t j) { return size[i] > size[j]; });
    for (Column& c : r_) c = sorted(c);
  }

  std::size_t count() const { return mirrors_.size(); }
  std::size_t taken(std::size_t k) const { return taken_[k]; }  // the number of the k-th column

  // How much of the k-th column no mirror has moved into the triangle yet.
  double left(std::size_t k) const { return length(std::span(r_[k]).subspan(count())); }

  // y with R y = c, for as many columns as there are mirrors.
  Column solve(Column c) const {
    c.resize(count());
    for (std::size_t k = count(); k-- > 0;) {
      c[k] /= r_[k][k];
      for (std::size_t i = 0; i < k; ++i) c[i] -= r_[k][i] * c[k];
    }
    return c;
  }
  Column solve_for(std::size_t k) const { return solve(r_[k]); }

  // Takes this column, of those that are left, as the next one.
  void take(std::size_t column) {
    const std::size_t k = count();
    std::swap(r_[k], r_[column]);
    std::swap(taken_[k], taken_[column]);
    const double size = left(k);
    Column mirror(rows_.size());
    for (std::size_t i = k; i < mirror.size(); ++i) mirror[i] = r_[k][i] / size;
    mirror[k] += std::copysign(1, mirror[k]);
    const double its_length = length(mirror);
    for (double& v : mirror) v /= its_length;
    for (std::size_t other = k; other < r_.size(); ++other) reflect(mirror, r_[other]);
    mirrors_.push_back(std::move(mirror));
  }

  void take_all() {
    while (count() < r_.size()) {
      std::size_t longest = count();
      for (std::size_t k = count(); k < r_.size(); ++k)
        if (left(k) > left(longest)) longest = k;
      take(longest);
    }
  }

  Column forward(const Column& c) const {  // Q^T c
    Column result = sorted(c);
    for (const Column& mirror : mirrors_) reflect(mirror, result);
    return result;
  }

  Column back(Column c) const {  // Q c, with zeros below c
    c.resize(rows_.size());
    for (std::size_t k = count(); k-- > 0;) reflect(mirrors_[k], c);
    Column result(c.size());
    for (std::size_t i = 0; i < c.size(); ++i) result[rows_[i]] = c[i];
    return result;
  }

 private:
  static void reflect(const Column& mirror, Column& c) {
    const double twice = 2 * product(mirror, c);
    for (std::size_t i = 0; i < c.size(); ++i) c[i] -= twice * mirror[i];
  }
  Column sorted(const Column& c) const {
    Column result;
    for (std::size_t row : rows_) result.push_back(c[row]);
    return result;
  }

  Columns r_, mirrors_;
  std::vector<std::size_t> taken_, rows_;
};

double mean_of(const Column& c) {
  double mean = 0;
  for (std::size_t i = 0; i < c.size(); ++i) mean += (c[i] - mean) / static_cast<double>(i + 1);
  return mean;
}

Column centred(Column c) {
  for (int twice = 0; twice < 2; ++twice) {
    const double mean = mean_of(c);
    for (double& v : c) v -= mean;
  }
  return c;
}

Column column_of(const Matrix& m, int d) {
  Column c(static_cast<std::size_t>(m.rows()));
  for (int n = 0; n < m.rows(); ++n) c[static_cast<std::size_t>(n)] = m(n, d);
  return c;
}

// Takes the inputs that the others do not determine, best known ones first. What is left of an
// input is compared with the rounding of all that it and its copy in the others are made of.
Mirrors independent(const Columns& inputs, const Columns& as_given) {
  Mirrors mirrors(inputs);
  const std::size_t N = inputs.empty() ? 0 : inputs[0].size(), D = inputs.size();
  const double rounding = static_cast<double>(D + 8) * std::numeric_limits<Scalar>::epsilon();
  while (mirrors.count() < std::min(D, N - 1)) {
    double best = 1;
    std::size_t next = D;
    for (std::size_t k = mirrors.count(); k < D; ++k) {
      const Column shares = mirrors.solve_for(k);
      Column made_of(N);
      for (std::size_t n = 0; n < N; ++n) {
        made_of[n] = std::abs(as_given[mirrors.taken(k)][n]);
        for (std::size_t i = 0; i < shares.size(); ++i)
          made_of[n] += std::abs(shares[i] * as_given[mirrors.taken(i)][n]);
      }
      const double known = mirrors.left(k) / (rounding * length(made_of));
      if (known > best) best = known, next = k;
    }
    if (next == D) break;
    mirrors.take(next);
  }
  return mirrors;
}

}  // namespace

LinearModel ridge(const Matrix& x, const Matrix& t, Scalar alpha) {
  check(x.rows() >= 1, "ridge: no samples");
  check(t.rows() == x.rows() && t.cols() == 1, "ridge: t is not one target per sample");
  check(not_negative(alpha), "ridge: alpha is not a finite number from 0 on");
  check_finite(x);
  check_finite(t);
  Columns as_given, inputs;
  for (int d = 0; d < x.cols(); ++d) {
    as_given.push_back(column_of(x, d));
    inputs.push_back(centred(as_given.back()));
  }
  const Column targets = column_of(t, 0);
  const std::size_t D = inputs.size();
  const Mirrors samples = independent(inputs, as_given);
  const std::size_t rank = samples.count();
  check(alpha > 0 || rank == D, "ridge: more than one w fits; alpha above 0 would choose");
  Column w(D);
  if (alpha == 0) {
    const Column in_order = samples.solve(samples.forward(centred(targets)));
    for (std::size_t k = 0; k < D; ++k) w[samples.taken(k)] = in_order[k];
  } else if (rank > 0) {
    // The samples see w by `rank` views of it. In the space of these views it is w = Q y.
    Columns views(rank, Column(D));
    for (std::size_t d = 0; d < D; ++d) {
      const Column seen = samples.forward(inputs[d]);
      for (std::size_t k = 0; k < rank; ++k) views[k][d] = seen[k];
    }
    Mirrors space(views);
    space.take_all();
    // The smallest |views w - c|^2 + α |w|^2, as one table with √α below.
    Columns table(rank, Column(2 * rank));
    for (std::size_t k = 0; k < rank; ++k) {
      const Column view = space.forward(views[k]);
      for (std::size_t i = 0; i < rank; ++i) table[i][k] = view[i];
      table[k][rank + k] = std::sqrt(double{alpha});
    }
    Column c = samples.forward(centred(targets));
    c.resize(rank);
    c.resize(2 * rank);
    Mirrors penalized(table);
    penalized.take_all();
    const Column in_order = penalized.solve(penalized.forward(c));
    Column y(rank);
    for (std::size_t k = 0; k < rank; ++k) y[penalized.taken(k)] = in_order[k];
    w = space.back(y);
  }

  Column errors = targets;
  LinearModel model{.w = Matrix(x.cols(), 1), .b = 0};
  for (std::size_t d = 0; d < D; ++d) {
    model.w.flat()[d] = static_cast<Scalar>(w[d]);
    for (std::size_t n = 0; n < errors.size(); ++n) errors[n] -= w[d] * as_given[d][n];
  }
  model.b = static_cast<Scalar>(mean_of(errors));
  check_finite(model.w);
  return model;
}

LinearModel least_squares(const Matrix& x, const Matrix& t) { return ridge(x, t, 0); }

// ---- penalties ----

namespace {

// Σ term(w), of the first half and of the second.
template <class Term>
double sum_of(std::span<const Scalar> w, const Term& term) {
  if (w.size() <= 1) return w.empty() ? 0 : term(double{w[0]});
  const std::size_t half = w.size() / 2;
  return sum_of(w.first(half), term) + sum_of(w.subspan(half), term);
}

}  // namespace

Scalar l2_penalty(const Matrix& w, Scalar lambda) {
  check(not_negative(lambda), "lambda is not a finite number from 0 on");
  const double half = double{lambda} / 2;
  return static_cast<Scalar>(sum_of(w.flat(), [=](double v) { return (half * v) * v; }));
}

Matrix l2_penalty_gradient(const Matrix& w, Scalar lambda) {
  check(not_negative(lambda), "lambda is not a finite number from 0 on");
  Matrix g(w.rows(), w.cols());
  for (int j = 0; j < w.cols(); ++j)
    for (int i = 0; i < w.rows(); ++i) g(i, j) = lambda * w(i, j);
  return g;
}

Scalar l1_penalty(const Matrix& w, Scalar lambda) {
  check(not_negative(lambda), "lambda is not a finite number from 0 on");
  const double factor = lambda;
  return static_cast<Scalar>(sum_of(w.flat(), [=](double v) { return std::abs(factor * v); }));
}

Matrix l1_penalty_gradient(const Matrix& w, Scalar lambda) {
  check(not_negative(lambda), "lambda is not a finite number from 0 on");
  Matrix g(w.rows(), w.cols());
  for (int j = 0; j < w.cols(); ++j)
    for (int i = 0; i < w.rows(); ++i) {
      const Scalar v = w(i, j);
      const int sign = static_cast<int>(v > 0) - static_cast<int>(v < 0);
      g(i, j) = std::isnan(v) ? v : sign * lambda;
    }
  return g;
}

void l1_shrink(Matrix& w, Scalar amount) {
  check(not_negative(amount), "l1_shrink: amount is not a finite number from 0 on");
  check_finite(w);
  for (Scalar& v : w.flat()) {
    if (v > amount)
      v -= amount;
    else if (v < -amount)
      v += amount;
    else
      v = 0;
  }
}

// ---- dropout ----

namespace {

void check_rate(Scalar rate) {
  check(0 <= rate && rate < 1, "a dropout rate is 0 or more, below 1");
}

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix c = a;
  for (int j = 0; j < c.cols(); ++j)
    for (int i = 0; i < c.rows(); ++i) c(i, j) *= b(i, j);
  return c;
}

}  // namespace

Matrix dropout_mask(int rows, int cols, Scalar rate, Random& random) {
  check_rate(rate);
  check(std::min(rows, cols) >= 0, "a mask of negative size");
  const Scalar kept = 1 / (1 - rate);
  Matrix mask(rows, cols, kept);
  for (Scalar& v : mask.flat())
    if (random.uniform() < rate) v = 0;
  return mask;
}

Dropout dropout_forward(const Matrix& x, Scalar rate, Random& random) {
  check_rate(rate);
  check_finite(x);
  Dropout dropout;
  dropout.mask = dropout_mask(x.rows(), x.cols(), rate, random);
  dropout.y = times(x, dropout.mask);
  return dropout;
}

Matrix dropout_backward(const Matrix& dy, const Matrix& mask) {
  check(dy.rows() == mask.rows() && dy.cols() == mask.cols(), "the mask of another layer");
  check_finite(dy);
  return times(mask, dy);
}

Matrix dropout_inference(const Matrix& x) { return Matrix(x); }

std::vector<Matrix> dropout_masks(const DeepNetwork& deep, int N, Scalar rate, Random& random) {
  check_rate(rate);
  check(N >= 0, "less than no samples");
  check(deep.net.w.size() >= 1, "a network without layers");
  std::vector<Matrix> masks;
  std::transform(deep.net.w.begin(), deep.net.w.end() - 1, std::back_inserter(masks),
                 [&](const Matrix& w) { return dropout_mask(N, w.cols(), rate, random); });
  return masks;
}

// ---- early stopping ----

bool should_stop(EarlyStopping& state, Scalar validation_loss, int patience) {
  check(patience >= 1, "should_stop: patience is at least 1");
  const bool better = finite(validation_loss) && validation_loss < state.best;
  if (better) {
    state.best = validation_loss;
    state.best_epoch = state.epoch;
  }
  ++state.epoch;
  const int not_better_since = state.epoch - (state.best_epoch + 1);
  return !better && not_better_since >= patience;
}

// ---- augmentation ----

namespace {

int check_images(const Matrix& x) {
  const int side = static_cast<int>(std::lround(std::sqrt(double(x.cols()))));
  check(side * side == x.cols(), "images are not squares");
  check_finite(x);
  return side;
}

}  // namespace

Matrix shift_images(const Matrix& x, int down, int right) {
  const std::int64_t side = check_images(x), aside = right;
  // The columns of the new picture that come from within the old one.
  const std::int64_t first = std::max<std::int64_t>(aside, 0), last = std::min(side + aside, side);
  Matrix y(x.rows(), x.cols(), 0);
  if (first >= last) return y;
  for (int n = 0; n < x.rows(); ++n)
    for (std::int64_t row = 0; row < side; ++row) {
      const std::int64_t from = row - down;
      if (from < 0 || from >= side) continue;
      const auto old_row =
          x.row(n).subspan(static_cast<std::size_t>(from * side), static_cast<std::size_t>(side));
      std::copy_n(old_row.begin() + (first - aside), last - first,
                  y.row(n).begin() + (row * side + first));
    }
  return y;
}

Matrix rotate_images(const Matrix& x, Scalar degrees) {
  const int side = check_images(x);
  check(finite(degrees), "rotate_images: no finite angle");
  struct Part {
    int to, from;
    double weight;
  };
  std::vector<Part> parts;
  const double angle = std::fmod(double{degrees}, 360.0) * (std::numbers::pi / 180);
  const std::complex<double> turned_back(std::cos(angle), -std::sin(angle));
  const double middle = (side - 1) / 2.0;
  for (int to = 0; to < x.cols(); ++to) {
    // Right is the real direction, up the imaginary one.
    const std::complex<double> place(to % side - middle, middle - to / side);
    const std::complex<double> origin = place * turned_back;
    const double col = middle + origin.real(), row = middle - origin.imag();
    const double left = std::floor(col), top = std::floor(row);
    for (double r : {top, top + 1})
      for (double c : {left, left + 1}) {
        if (r < 0 || r >= side || c < 0 || c >= side) continue;
        const double weight = (1 - std::abs(row - r)) * (1 - std::abs(col - c));
        parts.push_back({to, static_cast<int>(r) * side + static_cast<int>(c), weight});
      }
  }
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (const Part& part : parts)
      y(n, part.to) += static_cast<Scalar>(part.weight) * x(n, part.from);
  return y;
}

Matrix add_noise(const Matrix& x, Scalar deviation, Random& random) {
  check(not_negative(deviation), "add_noise: the deviation is not a finite number from 0 on");
  check_finite(x);
  Matrix y(x.rows(), x.cols());
  std::ranges::transform(x.flat(), y.flat().begin(), [&](Scalar pixel) {
    return static_cast<Scalar>(std::clamp(random.normal(pixel, deviation), 0.0, 1.0));
  });
  return y;
}

Matrix augment(const Matrix& x, const Augmentation& options, Random& random) {
  check_images(x);
  check(options.shift >= 0, "augment: shift is negative");
  check(not_negative(options.degrees), "augment: degrees are not a finite number from 0 on");
  check(not_negative(options.noise), "augment: noise is not a finite number from 0 on");
  Matrix variants(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n) {
    Matrix image(1, x.cols());
    std::ranges::copy(x.row(n), image.row(0).begin());
    const std::int64_t most = options.shift;
    const std::int64_t down = random.randint(-most, most + 1);
    const std::int64_t right = random.randint(-most, most + 1);
    const double share = random.uniform();
    const double angle = std::lerp(-double{options.degrees}, double{options.degrees}, share);
    image = rotate_images(image, static_cast<Scalar>(angle));
    image = shift_images(image, static_cast<int>(down), static_cast<int>(right));
    image = add_noise(image, options.noise, random);
    std::ranges::copy(image.row(0), variants.row(n).begin());
  }
  return variants;
}

// ---- three kinds of samples ----

Split split_samples(int samples, Scalar test_share, Scalar validation_share, Random& random) {
  check(samples >= 1, "split_samples: no samples");
  check(test_share >= 0 && test_share <= 1, "split_samples: test_share is not 0 … 1");
  check(validation_share >= 0 && validation_share <= 1,
        "split_samples: validation_share is not 0 … 1");
  const double test = std::round(double{test_share} * samples);
  const double validation = std::round(double{validation_share} * (samples - test));
  check(test + validation < samples, "split_samples: no sample to train with");
  std::vector<int> rest = random.permutation(samples);
  const auto take_from_front = [&rest](double count) {
    const auto end = rest.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<int> taken(rest.begin(), end);
    rest.erase(rest.begin(), end);
    return taken;
  };
  Split split;
  split.test = take_from_front(test);
  split.validation = take_from_front(validation);
  split.train = rest;
  return split;
}

}  // namespace gradus
