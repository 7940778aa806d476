// Differs from the reference: the backward pass is a recursion that goes up through the layers and
// comes back with the gradient, a step is checked before it is taken, not after, a batch is a view
// of the order, and pairs are tallied in a map.
#include "chapters/11_mnist/mnist.hpp"

#include <algorithm>
#include <cmath>
#include <map>
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

bool is_number(Scalar v) { return v - v == 0; }

void need_numbers(const Matrix& m, const char* what) {
  if (!std::ranges::all_of(m.flat(), is_number))
    complain(std::string(what) + " holds NaN or infinity");
}

void need_rate(Scalar rate) {
  if (!(rate >= 0) || !is_number(rate)) complain("a learning rate is a number from 0 on");
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

// Calls step(weight, slope) for every number that learns.
template <class Step>
void for_each_weight(Network& net, const Network& slopes, Step step) {
  for (auto part : {&Network::b, &Network::w})
    for (std::size_t l = 0; l < net.w.size(); ++l)
      for (int i = 0; i < (net.*part)[l].size(); ++i)
        step((net.*part)[l].flat()[i], (slopes.*part)[l].flat()[i]);
}

Samples those(const Samples& samples, std::span<const int> which) {
  Samples chosen{Matrix(static_cast<int>(which.size()), samples.x.cols()), {}};
  auto to = chosen.x.flat().begin();
  for (int n : which) {
    to = std::ranges::copy(samples.x.row(n), to).out;
    chosen.labels.push_back(samples.labels[static_cast<std::size_t>(n)]);
  }
  return chosen;
}

}  // namespace

// ---- training ----

Scalar train_step(Network& net, const Samples& batch, Scalar learning_rate) {
  need_rate(learning_rate);
  if (net.w.empty()) complain("a network without layers learns nothing");
  need_numbers(batch.x, "the batch");
  Pass pass(net, batch.labels);
  pass.through(0, batch.x);
  if (!is_number(pass.loss())) complain("the loss is no number");
  for_each_weight(net, pass.slopes(), [&](const Scalar& weight, Scalar slope) {
    if (!is_number(std::fma(-learning_rate, slope, weight)))
      complain("the step would leave the numbers");
  });
  for_each_weight(net, pass.slopes(), [&](Scalar& weight, Scalar slope) {
    weight = std::fma(-learning_rate, slope, weight);
  });
  return pass.loss();
}

Scalar train_epoch(Network& net, const Samples& samples, int batch_size, Scalar learning_rate,
                   Random& random) {
  if (batch_size < 1) complain("a batch holds at least one sample");
  need_rate(learning_rate);
  // A step of length 0 on all samples finds whatever does not fit, before the first real one.
  Network trial = net;
  train_step(trial, samples, 0);

  const std::vector<int> order = random.permutation(samples.x.rows());
  double mean = 0;
  for (std::span<const int> left = order; !left.empty();) {
    const auto batch = left.first(std::min(left.size(), static_cast<std::size_t>(batch_size)));
    left = left.subspan(batch.size());
    const double share = static_cast<double>(batch.size()) / static_cast<double>(order.size());
    mean += share * train_step(net, those(samples, batch), learning_rate);
  }
  return static_cast<Scalar>(mean);
}

// ---- judging ----

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  if (classes < 1) complain("there must be a class");
  const auto unknown = [classes](int label) { return label < 0 || label >= classes; };
  if (std::ranges::any_of(predicted, unknown)) complain("a prediction is no class");
  if (std::ranges::any_of(labels, unknown)) complain("a label is no class");
  if (predicted.size() != labels.size()) complain("every sample needs a prediction and a label");
  Matrix counts(classes, classes);
  std::map<std::pair<int, int>, long> tally;
  for (std::size_t n = 0; n < labels.size(); ++n) ++tally[{labels[n], predicted[n]}];
  for (const auto& [pair, times] : tally)
    counts(pair.first, pair.second) = static_cast<Scalar>(times);
  return counts;
}

}  // namespace gradus
