// What the demonstration shows and the claims assert: no part of the contract.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "common/matmul.hpp"

namespace gradus {

enum class Start { zeros, uniform, normal, small, xavier, glorot, he };

inline std::string name_of(Start start) {
  switch (start) {
    case Start::zeros: return "zeros";
    case Start::uniform: return "uniform(-1, 1)";
    case Start::normal: return "N(0, 1)";
    case Start::small: return "N(0, 0.01²)";
    case Start::xavier: return "Xavier";
    case Start::glorot: return "Glorot";
    case Start::he: return "He";
  }
  return "";
}

inline Matrix draw(Start start, int n_in, int n_out, Random& random) {
  switch (start) {
    case Start::zeros: return zeros_init(n_in, n_out);
    case Start::uniform: return uniform_init(n_in, n_out, random);
    case Start::normal: return normal_init(n_in, n_out, 1, random);
    case Start::small: return normal_init(n_in, n_out, Scalar(0.01), random);
    case Start::xavier: return xavier_init(n_in, n_out, random);
    case Start::glorot: return glorot_init(n_in, n_out, random);
    case Start::he: return he_init(n_in, n_out, random);
  }
  return {};
}

// ---- ten layers of 100 units, 1000 inputs from N(0, 1) ----

struct Layers {
  Matrix x;               // (1000,100), drawn first
  std::vector<Matrix> w;  // then w_1 … w_10, each (100,100)
};

inline Layers ten_layers(Start start, std::uint32_t seed) {
  Random random(seed);
  Layers layers{.x = random.normal_matrix(0, 1, 1000, 100), .w = {}};
  for (int l = 0; l < 10; ++l) layers.w.push_back(draw(start, 100, 100, random));
  return layers;
}

inline std::vector<Matrix> activations(Start start, Activation f, std::uint32_t seed) {
  const Layers layers = ten_layers(start, seed);
  return stack_activations(f, layers.w, layers.x);
}

// The norm of layer 1's gradient divided by that of layer 10, for a random gradient at the output.
inline double gradient_ratio(Start start, Activation f, std::uint32_t seed) {
  const Layers layers = ten_layers(start, seed);
  const Matrix dy = Random(seed + 100).normal_matrix(0, 0.001, 1000, 100);
  const std::vector<Scalar> norms = gradient_norms(f, layers.w, layers.x, dy);
  return double{norms.front()} / double{norms.back()};
}

// The share of the elements that fulfil the condition.
template <typename Condition>
double share(const Matrix& a, Condition condition) {
  return static_cast<double>(std::ranges::count_if(a.flat(), condition)) / a.size();
}

// How much the answers depend on the input: the standard deviation of one unit over the samples, the
// mean over the units. That of the whole matrix also counts how the units differ from each other.
inline double deviation_by_input(const Matrix& a) {
  double sum = 0;
  for (int j = 0; j < a.cols(); ++j) {
    Matrix unit(a.rows(), 1);
    for (int n = 0; n < a.rows(); ++n) unit(n, 0) = a(n, j);
    sum += standard_deviation(unit);
  }
  return sum / a.cols();
}

// ---- MNIST, 784-100-100-100-100-10 ----

inline Digits load_digits() {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  return first_digits(set.train_images, set.train_labels, set.train_images.count);
}

inline Network five_layers(Start start, Random& random) {
  const int units[] = {784, 100, 100, 100, 100, 10};
  Network net;
  for (int l = 0; l < 5; ++l) {
    net.w.push_back(draw(start, units[l], units[l + 1], random));
    net.b.push_back(Matrix(1, units[l + 1]));
  }
  return net;
}

inline void descend(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  for (int i = 0; i < w.size(); ++i) w.flat()[i] -= learning_rate * dw.flat()[i];
}

const int training_steps = 300;

// The loss of each step's batch before the step: gradient descent with learning rate 0.1 on batches
// of 128, in random order. Ends early when the loss is no longer finite.
inline std::vector<Scalar> train(Network& net, const Digits& digits, int steps, Random& random) {
  const int batch_size = 128;
  const std::vector<int> order = random.permutation(digits.x.rows());
  std::vector<Scalar> losses;
  for (int step = 0; step < steps; ++step) {
    Matrix x(batch_size, digits.x.cols());
    std::vector<int> labels;
    for (int n = 0; n < batch_size; ++n) {
      const int image = order.at(step * batch_size + n);
      std::ranges::copy(digits.x.row(image), x.row(n).begin());
      labels.push_back(digits.labels[image]);
    }
    const NetworkGradient g = network_gradient(net, x, labels);
    if (!std::isfinite(g.loss)) break;
    for (std::size_t l = 0; l < net.w.size(); ++l) {
      descend(net.w[l], g.d.w[l], Scalar(0.1));
      descend(net.b[l], g.d.b[l], Scalar(0.1));
    }
    losses.push_back(g.loss);
  }
  return losses;
}

inline std::vector<Scalar> train_from(Start start, const Digits& digits, int steps,
                                      std::uint32_t seed) {
  Random random(seed);
  Network net = five_layers(start, random);
  return train(net, digits, steps, random);
}

}  // namespace gradus
