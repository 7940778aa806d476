// A network that reads handwritten digits.                           docs/11_mnist.md

#include "chapters/11_mnist/classifier.hpp"

#include <algorithm>
#include <cmath>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/04_activations/activations.hpp"
#include "chapters/05_losses/losses.hpp"
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
  for (int count : units) require(count > 0, "network_init: every layer needs units");
  Network net;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    net.w.push_back(random.normal_matrix(0, std::sqrt(2.0 / units[l]), units[l], units[l + 1]));
    net.b.push_back(Matrix(1, units[l + 1]));
  }
  return net;
}

Matrix network_forward(const Network& net, const Matrix& x) {
  Matrix z = dense_forward(x, net.w[0], net.b[0]);
  for (std::size_t l = 1; l < net.w.size(); ++l)
    z = dense_forward(relu_forward(z), net.w[l], net.b[l]);
  return z;
}

// ---- training ----

// w -= learning_rate dw
static void descend(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) w(i, j) -= learning_rate * dw(i, j);
}

Scalar train_step(Network& net, const Matrix& x, const std::vector<int>& labels,
                  Scalar learning_rate) {
  // Forward: z_l = a_l w_l + b_l and a_{l+1} = relu(z_l), all of them kept.
  const std::size_t layers = net.w.size();
  std::vector<Matrix> a = {x}, z;
  for (std::size_t l = 0; l < layers; ++l) {
    z.push_back(dense_forward(a[l], net.w[l], net.b[l]));
    if (l + 1 < layers) a.push_back(relu_forward(z[l]));
  }
  auto [loss, dz] = softmax_cross_entropy(z.back(), labels);

  // Backward: each layer hands on its dx before its own weights change.
  for (std::size_t l = layers; l-- > 0;) {
    const DenseGradients g = dense_backward(dz, a[l], net.w[l]);
    if (l > 0) dz = relu_backward(g.dx, z[l - 1]);
    descend(net.w[l], g.dw, learning_rate);
    descend(net.b[l], g.db, learning_rate);
  }
  return loss;
}

Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random) {
  require_same("train_epoch: rows of x, labels", x.rows(), static_cast<int>(labels.size()));
  require(x.rows() > 0 && batch_size > 0, "train_epoch: needs samples and a batch size above 0");
  const int N = x.rows();
  const std::vector<int> order = random.permutation(N);
  Scalar sum = 0;
  for (int first = 0; first < N; first += batch_size) {
    const int count = std::min(batch_size, N - first);
    Matrix batch(count, x.cols());
    std::vector<int> batch_labels(count);
    for (int n = 0; n < count; ++n) {
      std::ranges::copy(x.row(order[first + n]), batch.row(n).begin());
      batch_labels[n] = labels[order[first + n]];
    }
    sum += count * train_step(net, batch, batch_labels, learning_rate);
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
