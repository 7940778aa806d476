// Differs from the reference: the backward pass is a recursion that goes up through the layers and
// comes back with the gradient, a batch is a list of row numbers, pixels are transformed through a
// table, weights are drawn one by one, and everything is checked in another order.
#include "chapters/11_mnist/mnist.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/04_activations/activations.hpp"
#include "chapters/05_losses/losses.hpp"

namespace gradus {
namespace {

[[noreturn]] void complain(const std::string& about) { throw std::invalid_argument(about); }

// The brightness of each of the 256 bytes.
std::array<Scalar, 256> brightness() {
  std::array<Scalar, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte)
    table[byte] = static_cast<Scalar>(byte) * (Scalar{1} / 255);
  return table;
}

void need_numbers(const Matrix& m, const char* what) {
  const bool all = std::ranges::all_of(m.flat(), [](Scalar v) { return v - v == 0; });
  if (!all) complain(std::string(what) + " holds NaN or infinity");
}

void need_numbers(const Network& net, const char* what) {
  for (const std::vector<Matrix>& part : {net.w, net.b})
    for (const Matrix& m : part) need_numbers(m, what);
}

void need_rate(Scalar rate) {
  if (!(rate >= 0) || rate - rate != 0) complain("a learning rate is a number from 0 on");
}

void step_down(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  std::ranges::transform(w.flat(), dw.flat(), w.flat().begin(), [=](Scalar weight, Scalar slope) {
    return std::fma(-learning_rate, slope, weight);
  });
}

// Up through the layers with the input of each, and back with the gradient by that input.
class Pass {
 public:
  Pass(const Network& net, const std::vector<int>& labels)
      : net_(net), labels_(labels), slopes_(net) {}

  Matrix through(std::size_t layer, const Matrix& input) {
    const Matrix z = dense_forward(input, net_.w[layer], net_.b[layer]);
    const Matrix dz = layer + 1 == net_.w.size()
                          ? at_the_top(z)
                          : relu_backward(through(layer + 1, relu_forward(z)), z);
    DenseGradients gradients = dense_backward(dz, input, net_.w[layer]);
    slopes_.b[layer] = std::move(gradients.db);
    slopes_.w[layer] = std::move(gradients.dw);
    return std::move(gradients.dx);
  }

  Scalar loss() const { return loss_; }
  const Network& slopes() const { return slopes_; }

 private:
  Matrix at_the_top(const Matrix& logits) {
    const LossGradient top = softmax_cross_entropy(logits, labels_);
    loss_ = top.loss;
    return top.dz;
  }

  const Network& net_;
  const std::vector<int>& labels_;
  Network slopes_;
  Scalar loss_ = 0;
};

// Those rows of x, in that order.
Matrix rows_of(const Matrix& x, std::span<const int> which) {
  Matrix chosen(static_cast<int>(which.size()), x.cols());
  auto to = chosen.flat().begin();
  for (int n : which) to = std::ranges::copy(x.row(n), to).out;
  return chosen;
}

std::vector<int> labels_of(const std::vector<int>& labels, std::span<const int> which) {
  std::vector<int> chosen;
  std::ranges::transform(which, std::back_inserter(chosen),
                         [&](int n) { return labels[static_cast<std::size_t>(n)]; });
  return chosen;
}

void need_pairs(const std::vector<int>& predicted, const std::vector<int>& labels) {
  if (predicted.size() != labels.size()) complain("every sample needs a prediction and a label");
}

}  // namespace

Matrix preprocess(const IdxImages& images) {
  if (std::min({images.count, images.rows, images.cols}) < 0) complain("less than no pixels");
  // Divided step by step: products of three ints may overflow.
  const std::size_t rows = images.rows, cols = images.cols, count = images.count;
  const std::size_t size = rows * cols;
  const bool fits = size == 0 || count == 0
                        ? images.pixels.empty() && size <= std::numeric_limits<int>::max()
                        : images.pixels.size() % size == 0 && images.pixels.size() / size == count;
  if (!fits) complain("the pixels do not fill the images");
  Matrix x(images.count, static_cast<int>(size));
  std::ranges::transform(images.pixels, x.flat().begin(),
                         [table = brightness()](std::uint8_t pixel) { return table[pixel]; });
  return x;
}

// ---- the network ----

Network network_init(const std::vector<int>& units, Random& random) {
  if (std::ranges::any_of(units, [](int count) { return count < 1; }))
    complain("a layer without units passes nothing on");
  if (units.size() < 2) complain("there must be inputs and outputs");
  Network net;
  for (auto from = units.begin(), to = from + 1; to != units.end(); ++from, ++to) {
    const double deviation = std::sqrt(2.0) / std::sqrt(*from);
    Matrix& w = net.w.emplace_back(*from, *to);
    std::ranges::generate(w.flat(),
                          [&] { return static_cast<Scalar>(deviation * random.normal()); });
    net.b.emplace_back(1, *to);
  }
  return net;
}

// ---- training ----

Scalar train_step(Network& net, const Matrix& x, const std::vector<int>& labels,
                  Scalar learning_rate) {
  need_rate(learning_rate);
  if (net.w.empty()) complain("a network without layers learns nothing");
  need_numbers(net, "the network");
  need_numbers(x, "the batch");
  Pass pass(net, labels);
  pass.through(0, x);
  if (pass.loss() - pass.loss() != 0) complain("the loss is no number");
  need_numbers(pass.slopes(), "the gradient");
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    step_down(net.b[l], pass.slopes().b[l], learning_rate);
    step_down(net.w[l], pass.slopes().w[l], learning_rate);
  }
  return pass.loss();
}

Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random) {
  if (batch_size < 1) complain("a batch holds at least one sample");
  if (labels.empty()) complain("there is nothing to learn from");
  if (std::ssize(labels) != x.rows()) complain("there must be one label for each row of x");
  need_rate(learning_rate);
  need_numbers(x, "x");
  // A step of length 0 on all samples finds whatever does not fit, before the first real one.
  Network trial = net;
  train_step(trial, x, labels, 0);

  const std::vector<int> order = random.permutation(x.rows());
  double mean = 0;
  for (std::span<const int> left = order; !left.empty();) {
    const auto batch = left.first(std::min(left.size(), static_cast<std::size_t>(batch_size)));
    left = left.subspan(batch.size());
    const double share = static_cast<double>(batch.size()) / static_cast<double>(order.size());
    mean += share * train_step(net, rows_of(x, batch), labels_of(labels, batch), learning_rate);
  }
  return static_cast<Scalar>(mean);
}

// ---- judging ----

std::vector<int> predict(const Network& net, const Matrix& x) {
  need_numbers(x, "x");
  need_numbers(net, "the network");
  const Matrix logits = network_forward(net, x);
  need_numbers(logits, "a row of logits");
  std::vector<int> classes(static_cast<std::size_t>(x.rows()), 0);
  for (int n = 0; n < logits.rows(); ++n)
    for (int k = 1; k < logits.cols(); ++k) {
      int& best = classes[static_cast<std::size_t>(n)];
      if (logits(n, best) < logits(n, k)) best = k;
    }
  return classes;
}

Scalar accuracy(const std::vector<int>& predicted, const std::vector<int>& labels) {
  if (predicted.empty()) complain("the accuracy of no predictions");
  need_pairs(predicted, labels);
  if (std::min(std::ranges::min(predicted), std::ranges::min(labels)) < 0)
    complain("classes are counted from 0");
  const int wrong = std::inner_product(predicted.begin(), predicted.end(), labels.begin(), 0,
                                       std::plus<>(), std::not_equal_to<>());
  return static_cast<Scalar>(1 - wrong / static_cast<double>(predicted.size()));
}

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  if (classes < 1) complain("there must be a class");
  const auto unknown = [classes](int label) { return label < 0 || label >= classes; };
  if (std::ranges::any_of(predicted, unknown)) complain("a prediction is no class");
  if (std::ranges::any_of(labels, unknown)) complain("a label is no class");
  need_pairs(predicted, labels);
  Matrix counts(classes, classes);
  std::map<std::pair<int, int>, long> tally;
  for (std::size_t n = 0; n < labels.size(); ++n) ++tally[{labels[n], predicted[n]}];
  for (const auto& [pair, times] : tally)
    counts(pair.first, pair.second) = static_cast<Scalar>(times);
  return counts;
}

}  // namespace gradus
