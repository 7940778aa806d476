// A network that reads handwritten digits.                                     docs/11_mnist.md

#include "chapters/11_mnist/mnist.hpp"

#include "common/require.hpp"

namespace gradus {

static void require_classes(const char* what, const std::vector<int>& labels, int classes) {
  for (int label : labels) require_that(0 <= label && label < classes, what, "0 … K-1", label);
}

// ---- training ----

Scalar train_step(Network& net, const Samples& batch, Scalar learning_rate) {
  require_not_negative("train_step: learning_rate", learning_rate);
  require_finite("train_step: x", batch.x);
  const auto [loss, d] = network_gradient(net, batch.x, batch.labels);
  require_finite("train_step: the loss", loss);

  Network stepped = net;  // so that a step is taken as a whole or not at all
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    descend(stepped.w[l], d.w[l], learning_rate);
    descend(stepped.b[l], d.b[l], learning_rate);
    require_finite("train_step: w after the step", stepped.w[l]);
    require_finite("train_step: b after the step", stepped.b[l]);
  }
  net = std::move(stepped);
  return loss;
}

Scalar train_epoch(Network& net, const Samples& samples, int batch_size, Scalar learning_rate,
                   Random& random) {
  const int N = samples.x.rows();
  require_at_least("train_epoch: samples", N, 1);
  require_not_negative("train_epoch: learning_rate", learning_rate);
  require_finite("train_epoch: x", samples.x);
  train_step(net, take(samples, {0}), 0);  // refuses what does not fit, and moves nothing
  require_classes("train_epoch: a label", samples.labels, net.b.back().cols());

  double sum = 0;  // of N losses: a float would lose digits
  for (const std::vector<int>& batch : epoch_batches(N, batch_size, random)) {
    const Scalar loss = train_step(net, take(samples, batch), learning_rate);
    sum += double{loss} * static_cast<double>(batch.size());
  }
  return static_cast<Scalar>(sum / N);
}

// ---- judging ----

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  require_same("confusion_matrix: predictions, labels", static_cast<int>(predicted.size()),
               static_cast<int>(labels.size()));
  require_at_least("confusion_matrix: classes", classes, 1);
  require_classes("confusion_matrix: a label", labels, classes);
  require_classes("confusion_matrix: a prediction", predicted, classes);
  Matrix matrix(classes, classes);
  std::vector<int> counts(matrix.size());  // a float stops counting at 2^24
  for (std::size_t n = 0; n < labels.size(); ++n) ++counts[labels[n] * classes + predicted[n]];
  for (int i = 0; i < matrix.size(); ++i) matrix.flat()[i] = static_cast<Scalar>(counts[i]);
  return matrix;
}

}  // namespace gradus
