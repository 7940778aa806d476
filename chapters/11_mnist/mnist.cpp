// A network that reads handwritten digits.                           docs/11_mnist.md

#include "chapters/11_mnist/mnist.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/07_optimizers/optimizers.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- what is refused ----

static void require_finite(const std::string& what, const Network& net) {
  for (const Matrix& w : net.w) require_finite((what + ": w").c_str(), w);
  for (const Matrix& b : net.b) require_finite((what + ": b").c_str(), b);
}

static void require_pairs(const char* what, std::size_t a, std::size_t b) {
  require_same(what, static_cast<int>(a), static_cast<int>(b));
}

static void require_classes(const char* what, const std::vector<int>& labels, int classes) {
  for (int k : labels) require_that(0 <= k && k < classes, what, "0 … classes - 1", k);
}

// ---- the images ----

Matrix preprocess(const IdxImages& images) {
  const auto& [count, rows, cols, pixels] = images;
  require(count >= 0 && rows >= 0 && cols >= 0,
          "preprocess: count, rows, cols: must not be negative");
  const long long D = 1LL * rows * cols;
  require(D <= std::numeric_limits<int>::max(), "preprocess: rows cols: too large");
  require(count * D == std::ssize(pixels), "preprocess: pixels: must be count rows cols of them");
  Matrix x(count, static_cast<int>(D));
  for (int i = 0; i < x.size(); ++i) x.flat()[i] = Scalar(pixels[i]) / 255;
  return x;
}

// ---- the network ----

Network network_init(const std::vector<int>& units, Random& random) {
  require(units.size() >= 2, "network_init: units: needs an input and an output");
  for (int n : units) require_at_least("network_init: units", n, 1);
  Network net;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    net.w.push_back(he_init(units[l], units[l + 1], random));
    net.b.push_back(Matrix(1, units[l + 1]));
  }
  return net;
}

// ---- training ----

Scalar train_step(Network& net, const Matrix& x, const std::vector<int>& labels,
                  Scalar learning_rate) {
  require_not_negative("train_step: learning_rate", learning_rate);
  require_finite("train_step: x", x);
  require_finite("train_step: the network", net);
  const NetworkGradient gradient = network_gradient(net, x, labels);
  require_finite("train_step: the loss", gradient.loss);
  require_finite("train_step: the gradient", gradient.d);
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    sgd_step(net.w[l], gradient.d.w[l], learning_rate);
    sgd_step(net.b[l], gradient.d.b[l], learning_rate);
  }
  return gradient.loss;
}

Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random) {
  const int N = x.rows();
  require_pairs("train_epoch: rows of x, labels", N, labels.size());
  require(N > 0, "train_epoch: needs samples");
  require_at_least("train_epoch: batch_size", batch_size, 1);
  require_not_negative("train_epoch: learning_rate", learning_rate);
  require_finite("train_epoch: x", x);
  require_finite("train_epoch: the network", net);
  const int K = network_forward(net, take_rows(x, {0})).cols();
  require_classes("train_epoch: labels", labels, K);

  double sum = 0;  // of the losses of N samples: a float would lose digits
  for (const std::vector<int>& batch : epoch_batches(N, batch_size, random)) {
    std::vector<int> batch_labels;
    for (int n : batch) batch_labels.push_back(labels[n]);
    const double count = static_cast<double>(batch.size());
    sum += count * train_step(net, take_rows(x, batch), batch_labels, learning_rate);
  }
  return static_cast<Scalar>(sum / N);
}

// ---- judging ----

std::vector<int> predict(const Network& net, const Matrix& x) {
  require_finite("predict: x", x);
  require_finite("predict: the network", net);
  const Matrix z = network_forward(net, x);
  require_finite("predict: the logits", z);
  require_at_least("predict: classes", z.cols(), 1);
  std::vector<int> classes;
  for (int n = 0; n < z.rows(); ++n)
    classes.push_back(static_cast<int>(std::ranges::max_element(z.row(n)) - z.row(n).begin()));
  return classes;
}

Scalar accuracy(const std::vector<int>& predicted, const std::vector<int>& labels) {
  require_pairs("accuracy: predictions, labels", predicted.size(), labels.size());
  require(!labels.empty(), "accuracy: no samples");
  require_classes("accuracy: labels", labels, std::numeric_limits<int>::max());
  require_classes("accuracy: predictions", predicted, std::numeric_limits<int>::max());
  double right = 0;
  for (std::size_t n = 0; n < labels.size(); ++n) right += predicted[n] == labels[n];
  return static_cast<Scalar>(right / static_cast<double>(labels.size()));
}

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  require_pairs("confusion_matrix: predictions, labels", predicted.size(), labels.size());
  require_at_least("confusion_matrix: classes", classes, 1);
  require_classes("confusion_matrix: labels", labels, classes);
  require_classes("confusion_matrix: predictions", predicted, classes);
  Matrix matrix(classes, classes);
  std::vector<int> counts(matrix.size());  // a float stops counting at 2^24
  for (std::size_t n = 0; n < labels.size(); ++n) ++counts[labels[n] * classes + predicted[n]];
  for (int i = 0; i < matrix.size(); ++i) matrix.flat()[i] = static_cast<Scalar>(counts[i]);
  return matrix;
}

}  // namespace gradus
