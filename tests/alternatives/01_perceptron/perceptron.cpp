// Differs from the reference: the bias is weight D of an input that is always 1, a sum runs from
// its last term to its first, weights change only after a mistake, and predict transforms rows.
#include "chapters/01_perceptron/perceptron.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <span>
#include <stdexcept>

namespace gradus {
namespace {

using Row = std::span<const Scalar>;

[[noreturn]] void refuse(const char* why) { throw std::invalid_argument(why); }

// One neuron. Its last weight is the bias.
class Neuron {
 public:
  explicit Neuron(int inputs) : weights_(static_cast<std::size_t>(inputs) + 1, Scalar{0}) {}
  Neuron(Row w, Scalar b) : weights_(w.begin(), w.end()) { weights_.push_back(b); }

  int fires(Row x) const {
    return step(std::inner_product(x.rbegin(), x.rend(), std::next(weights_.rbegin()), bias()));
  }

  // w~ += change x~
  void move(Scalar change, Row x) {
    std::transform(x.begin(), x.end(), weights_.begin(), weights_.begin(),
                   [=](Scalar input, Scalar weight) { return weight + change * input; });
    weights_.back() += change;
  }

  Scalar bias() const { return weights_.back(); }

  Matrix inputs_weights() const {
    Matrix w(1, static_cast<int>(weights_.size()) - 1);
    std::copy_n(weights_.begin(), w.size(), w.flat().begin());
    return w;
  }

 private:
  std::vector<Scalar> weights_;
};

bool is_number(Scalar value) { return std::isfinite(value); }

bool all_numbers(const Matrix& m) { return std::ranges::all_of(m.flat(), is_number); }

void check_training_set(const Matrix& x, const std::vector<int>& y) {
  const auto is_label = [](int label) { return label == 0 || label == 1; };
  if (!std::ranges::all_of(y, is_label)) refuse("a label is neither 0 nor 1");
  if (!all_numbers(x)) refuse("an input is NaN or infinite");
  if (std::ssize(y) != x.rows()) refuse("there must be one label for each row of x");
}

}  // namespace

int step(Scalar t) {
  if (t != t) refuse("not a number, so neither 0 nor 1");
  return static_cast<int>(t > Scalar{1e-7});
}

PerceptronFit perceptron_fit(const Matrix& x, const std::vector<int>& y, int epochs,
                             Scalar learning_rate) {
  if (epochs < 0) refuse("cannot learn for less than 0 epochs");
  if (!is_number(learning_rate) || learning_rate < 0) refuse("a learning rate is 0 or above");
  check_training_set(x, y);

  Neuron neuron(x.cols());
  // Corrects the neuron if it is wrong about sample n; says whether it was.
  const auto correct = [&](int n) {
    const int target = y[static_cast<std::size_t>(n)];
    if (neuron.fires(x.row(n)) == target) return false;
    neuron.move(target == 1 ? learning_rate : -learning_rate, x.row(n));
    return true;
  };

  std::vector<int> errors(static_cast<std::size_t>(epochs), 0);
  for (int& wrong : errors)
    for (int n = 0; n < x.rows(); ++n)
      if (correct(n)) ++wrong;
  return {neuron.inputs_weights(), neuron.bias(), errors};
}

std::vector<int> perceptron_predict(const Matrix& x, const Matrix& w, Scalar b) {
  if (w.rows() != 1) refuse("the weights must be a single row");
  if (w.cols() != x.cols()) refuse("there must be a weight for each column of x");
  if (!all_numbers(x) || !all_numbers(w) || !is_number(b)) refuse("only numbers can be weighed");

  const Neuron neuron(w.row(0), b);
  std::vector<int> samples(static_cast<std::size_t>(x.rows())), labels(samples.size());
  std::iota(samples.begin(), samples.end(), 0);
  std::ranges::transform(samples, labels.begin(), [&](int n) { return neuron.fires(x.row(n)); });
  return labels;
}

}  // namespace gradus
