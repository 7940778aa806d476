// A network that reads handwritten digits.                           docs/11_mnist.md

#include "chapters/11_mnist/classifier.hpp"

#include <algorithm>

#include "chapters/03_gradient_descent/descent.hpp"
#include "chapters/07_optimizers/optimizers.hpp"
#include "common/require.hpp"

namespace gradus {

Matrix preprocess(const IdxImages& images) {
  Matrix x(images.count, images.rows * images.cols);
  require_same("preprocess: pixels, count rows cols", static_cast<int>(images.pixels.size()),
               x.size());
  for (int i = 0; i < x.size(); ++i) x.flat()[i] = Scalar(images.pixels[i]) / 255;
  return x;
}

// ---- the network ----

Network network_init(const std::vector<int>& units, Random& random) {
  require(units.size() >= 2, "network_init: units needs an input and an output");
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
  const NetworkGradient gradient = network_gradient(net, x, labels);
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    sgd_step(net.w[l], gradient.d.w[l], learning_rate);
    sgd_step(net.b[l], gradient.d.b[l], learning_rate);
  }
  return gradient.loss;
}

Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random) {
  const int N = x.rows();
  require_same("train_epoch: rows of x, labels", N, static_cast<int>(labels.size()));
  require(N > 0, "train_epoch: needs samples");
  Scalar sum = 0;
  for (const std::vector<int>& batch : epoch_batches(N, batch_size, random)) {
    std::vector<int> batch_labels;
    for (int n : batch) batch_labels.push_back(labels[n]);
    const Scalar count = static_cast<Scalar>(batch.size());
    sum += count * train_step(net, take_rows(x, batch), batch_labels, learning_rate);
  }
  return sum / N;
}

// ---- judging ----

std::vector<int> predict(const Network& net, const Matrix& x) {
  const Matrix z = network_forward(net, x);
  std::vector<int> classes;
  for (int n = 0; n < z.rows(); ++n)
    classes.push_back(static_cast<int>(std::ranges::max_element(z.row(n)) - z.row(n).begin()));
  return classes;
}

Scalar accuracy(const std::vector<int>& predicted, const std::vector<int>& labels) {
  require_same("accuracy: predictions, labels", static_cast<int>(predicted.size()),
               static_cast<int>(labels.size()));
  require(!labels.empty(), "accuracy: no samples");
  int right = 0;
  for (std::size_t n = 0; n < labels.size(); ++n) right += predicted[n] == labels[n];
  return static_cast<Scalar>(right) / static_cast<Scalar>(labels.size());
}

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  require_same("confusion_matrix: predictions, labels", static_cast<int>(predicted.size()),
               static_cast<int>(labels.size()));
  Matrix counts(classes, classes);
  for (std::size_t n = 0; n < labels.size(); ++n) {
    require(0 <= labels[n] && labels[n] < classes && 0 <= predicted[n] && predicted[n] < classes,
            "confusion_matrix: a label or a prediction lies outside 0 … classes - 1");
    counts(labels[n], predicted[n]) += 1;
  }
  return counts;
}

}  // namespace gradus
