// Differs from the reference: the backward pass is a recursion that goes up through the layers and
// comes back with the gradient, a batch is a list of row numbers, pixels are transformed through a
// table, weights are drawn one by one, and everything is checked in another order.
#include "chapters/11_mnist/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

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

void step_down(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  std::ranges::transform(w.flat(), dw.flat(), w.flat().begin(), [=](Scalar weight, Scalar slope) {
    return std::fma(-learning_rate, slope, weight);
  });
}

// Training of the layers from one on: up with their input, back with the gradient by that input.
class Step {
 public:
  Step(Network& net, const std::vector<int>& labels, Scalar learning_rate)
      : net_(net), labels_(labels), learning_rate_(learning_rate) {}

  Matrix through(std::size_t layer, const Matrix& input) {
    const Matrix z = dense_forward(input, net_.w[layer], net_.b[layer]);
    const Matrix dz = layer + 1 == net_.w.size()
                          ? at_the_top(z)
                          : relu_backward(through(layer + 1, relu_forward(z)), z);
    const DenseGradients gradients = dense_backward(dz, input, net_.w[layer]);
    step_down(net_.b[layer], gradients.db, learning_rate_);
    step_down(net_.w[layer], gradients.dw, learning_rate_);
    return gradients.dx;
  }

  Scalar loss() const { return loss_; }

 private:
  Matrix at_the_top(const Matrix& logits) {
    const LossGradient top = softmax_cross_entropy(logits, labels_);
    loss_ = top.loss;
    return top.dz;
  }

  Network& net_;
  const std::vector<int>& labels_;
  Scalar learning_rate_, loss_ = 0;
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
  const int size = images.rows * images.cols;
  const auto expected = static_cast<std::size_t>(images.count) * static_cast<std::size_t>(size);
  if (images.pixels.size() != expected)
    complain(std::to_string(expected) + " pixels expected, not " +
             std::to_string(images.pixels.size()));
  Matrix x(images.count, size);
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
  Step step(net, labels, learning_rate);
  step.through(0, x);
  return step.loss();
}

Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random) {
  if (batch_size < 1) complain("a batch holds at least one sample");
  if (labels.empty()) complain("there is nothing to learn from");
  if (std::ssize(labels) != x.rows()) complain("there must be one label for each row of x");

  const std::vector<int> order = random.permutation(x.rows());
  Scalar mean = 0;
  for (std::span<const int> left = order; !left.empty();) {
    const auto batch = left.first(std::min(left.size(), static_cast<std::size_t>(batch_size)));
    left = left.subspan(batch.size());
    const Scalar share = static_cast<Scalar>(batch.size()) / static_cast<Scalar>(order.size());
    mean += share * train_step(net, rows_of(x, batch), labels_of(labels, batch), learning_rate);
  }
  return mean;
}

// ---- judging ----

std::vector<int> predict(const Network& net, const Matrix& x) {
  const Matrix logits = network_forward(net, x);
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
  const int wrong = std::inner_product(predicted.begin(), predicted.end(), labels.begin(), 0,
                                       std::plus<>(), std::not_equal_to<>());
  return 1 - static_cast<Scalar>(wrong) / static_cast<Scalar>(predicted.size());
}

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  const auto unknown = [classes](int label) { return label < 0 || label >= classes; };
  if (std::ranges::any_of(predicted, unknown)) complain("a prediction is no class");
  if (std::ranges::any_of(labels, unknown)) complain("a label is no class");
  need_pairs(predicted, labels);
  Matrix counts(classes, classes);
  auto guess = predicted.begin();
  for (int label : labels) ++counts(label, *guess++);
  return counts;
}

}  // namespace gradus
