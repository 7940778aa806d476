// Differs from the reference: no matrix products and no copies of rows, all sums go from sample to
// sample; one Walker makes the steps of all three descents over lists of sample numbers; λmax is
// the largest diagonal element after Jacobi's rotations; batches are slices between two iterators.
#include "chapters/03_gradient_descent/gradient_descent.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace gradus {
namespace {

using Numbers = std::vector<int>;  // of samples

void demand(bool truth, const std::string& otherwise) {
  if (!truth) throw std::invalid_argument(otherwise);
}

Numbers first_numbers(int count) {
  Numbers numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

void demand_weights(const Matrix& w, const Matrix& x) {
  demand(w.cols() == 1 && w.rows() == x.cols(), shape(w) + " weights for inputs " + shape(x));
}

void demand_problem(const LinearModel& model, const Matrix& x, const Matrix& t) {
  demand_weights(model.w, x);
  demand(x.rows() != 0, "no samples, no mean");
  demand(t.cols() == 1 && t.rows() == x.rows(), shape(t) + " targets for inputs " + shape(x));
}

void demand_numbers(std::span<const Scalar> numbers) {
  for (Scalar v : numbers) demand(std::isfinite(v), "finite numbers, and those only");
}

double predict_one(const LinearModel& model, std::span<const Scalar> sample) {
  const auto w = model.w.flat();
  return std::inner_product(w.begin(), w.end(), sample.begin(), double{model.b});
}

// The loss and its gradient over the samples with these numbers.
std::pair<Scalar, LinearModel> look(const LinearModel& model, const Matrix& x, const Matrix& t,
                                    const Numbers& batch) {
  const double share = 1.0 / static_cast<double>(batch.size());
  double loss = 0, db = 0;
  std::vector<double> dw(static_cast<std::size_t>(x.cols()), 0);
  for (int n : batch) {
    const auto sample = x.row(n);
    const double residual = predict_one(model, sample) - t(n, 0);
    loss += share * residual * residual / 2;
    db += share * residual;
    std::ranges::transform(dw, sample, dw.begin(), [=](double sum, double input) {
      return sum + share * residual * input;
    });
  }
  LinearModel slope{.w = Matrix(x.cols(), 1), .b = static_cast<Scalar>(db)};
  std::ranges::copy(dw, slope.w.flat().begin());
  return {static_cast<Scalar>(loss), slope};
}

class Walker {
 public:
  Walker(const LinearModel& start, const Matrix& x, const Matrix& t, Scalar rate)
      : x_(x), t_(t), rate_(rate), way_{.path = {start}, .loss = {}} {
    demand_problem(start, x, t);
    for (std::span<const Scalar> numbers : {x.flat(), t.flat(), start.w.flat()})
      demand_numbers(numbers);
    demand_numbers(std::vector<Scalar>{start.b, rate});
    demand(rate >= 0, "a rate below 0 climbs");
  }

  // As many steps, each over the batch that next() gives.
  Descent walk(int steps, const std::function<Numbers()>& next) {
    demand(steps >= 0, "nobody can walk " + std::to_string(steps) + " steps");
    while (steps-- > 0) go(next());
    return std::move(way_);
  }

 private:
  void go(const Numbers& batch) {
    LinearModel here = way_.path.back();
    const auto [loss, slope] = look(here, x_, t_, batch);
    here.b = std::fma(-rate_, slope.b, here.b);
    for (int d = 0; d < x_.cols(); ++d) here.w(d, 0) -= rate_ * slope.w(d, 0);
    way_.loss.push_back(loss);
    way_.path.push_back(std::move(here));
  }

  const Matrix& x_;
  const Matrix& t_;
  Scalar rate_;
  Descent way_;
};

// Turns axes p and q of the symmetric h so that h_pq becomes 0. Returns true, for the loop.
bool rotate(Matrix& h, int p, int q) {
  const Scalar angle = std::atan2(2 * h(p, q), h(p, p) - h(q, q)) / 2;
  const auto turn = [c = std::cos(angle), s = std::sin(angle)](Scalar& a, Scalar& b) {
    a = c * a + s * std::exchange(b, c * b - s * a);
  };
  for (int i = 0; i < h.rows(); ++i) turn(h(i, p), h(i, q));
  for (int j = 0; j < h.cols(); ++j) turn(h(p, j), h(q, j));
  h(p, q) = h(q, p) = 0;
  return true;
}

}  // namespace

Matrix linear_predict(const LinearModel& model, const Matrix& x) {
  demand_weights(model.w, x);
  Matrix y(x.rows(), 1);
  for (int n = 0; n < x.rows(); ++n) y(n, 0) = predict_one(model, x.row(n));
  return y;
}

Scalar linear_loss(const LinearModel& model, const Matrix& x, const Matrix& t) {
  demand_problem(model, x, t);
  return look(model, x, t, first_numbers(x.rows())).first;
}

LinearModel linear_gradient(const LinearModel& model, const Matrix& x, const Matrix& t) {
  demand_problem(model, x, t);
  return look(model, x, t, first_numbers(x.rows())).second;
}

Scalar largest_curvature(const Matrix& x) {
  demand(x.rows() != 0, "no samples, no curvature");
  demand_numbers(x.flat());
  const int ones = x.cols();  // the last row and column belong to the bias
  const auto input = [&](int n, int d) { return d == ones ? Scalar{1} : x(n, d); };
  Matrix h(ones + 1, ones + 1);
  for (int i = 0; i <= ones; ++i)
    for (int j = 0; j <= ones; ++j)
      for (int n = 0; n < x.rows(); ++n) h(i, j) += input(n, i) * input(n, j) / x.rows();

  Scalar nothing = 0;  // beside the sum of the eigenvalues
  for (int d = 0; d <= ones; ++d) nothing += h(d, d) * std::numeric_limits<Scalar>::epsilon();
  for (bool turned = true; std::exchange(turned, false);)
    for (int p = 0; p < ones; ++p)
      for (int q = p + 1; q <= ones; ++q)
        if (std::abs(h(p, q)) > nothing) turned = rotate(h, p, q);
  Scalar largest = 0;
  for (int d = 0; d <= ones; ++d) largest = std::fmax(largest, h(d, d));
  return largest;
}

void descend(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  demand(w.rows() == dw.rows() && w.cols() == dw.cols(), shape(dw) + " cannot move " + shape(w));
  std::ranges::transform(w.flat(), dw.flat(), w.flat().begin(), [=](Scalar here, Scalar slope) {
    return std::fma(-learning_rate, slope, here);
  });
}

Descent batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                      Scalar learning_rate, int steps) {
  return Walker(start, x, t, learning_rate).walk(steps, [all = first_numbers(x.rows())] {
    return all;
  });
}

Descent mini_batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int batch_size, int steps, Random& random) {
  Walker walker(start, x, t, learning_rate);
  demand(batch_size > 0, "a batch needs a sample");
  demand(batch_size <= x.rows(), "a batch larger than all there is");
  return walker.walk(steps, [&] { return random.choice(x.rows(), batch_size); });
}

Descent stochastic_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int steps, Random& random) {
  const auto one = [&] { return Numbers{static_cast<int>(random.randint(x.rows()))}; };
  return Walker(start, x, t, learning_rate).walk(steps, one);
}

int iterations_per_epoch(int samples, int batch_size) {
  demand(batch_size > 0, "batches hold at least one sample");
  demand(samples >= 0, "fewer than no samples");
  return samples == 0 ? 0 : 1 + (samples - 1) / batch_size;
}

std::vector<std::vector<int>> epoch_batches(int samples, int batch_size, Random& random) {
  std::vector<std::vector<int>> batches;
  int left = iterations_per_epoch(samples, batch_size);
  const Numbers order = random.permutation(samples);
  for (auto from = order.begin(); left > 0; --left) {
    const auto to = left == 1 ? order.end() : from + batch_size;
    batches.emplace_back(from, to);
    from = to;
  }
  return batches;
}

Matrix take_rows(const Matrix& x, const std::vector<int>& indices) {
  for (int index : indices)
    demand(index >= 0 && index < x.rows(), "row " + std::to_string(index) + " of " + shape(x));
  Matrix taken(static_cast<int>(indices.size()), x.cols());
  auto place = taken.flat().begin();
  for (int index : indices) place = std::ranges::copy(x.row(index), place).out;
  return taken;
}

Samples take(const Samples& samples, const std::vector<int>& indices) {
  const std::vector<int>& labels = samples.labels;
  demand(static_cast<int>(labels.size()) == samples.x.rows(), "every sample needs one label");
  std::vector<int> taken(indices.size());
  Matrix rows = take_rows(samples.x, indices);
  std::ranges::transform(indices, taken.begin(), [&](int index) { return labels.at(index); });
  return {std::move(rows), std::move(taken)};
}

}  // namespace gradus
