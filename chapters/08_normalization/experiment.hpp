// What the demonstration shows and the claims assert: no part of the contract.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/03_gradient_descent/experiment.hpp"
#include "chapters/04_activations/activations.hpp"
#include "chapters/05_losses/losses.hpp"
#include "chapters/06_initialization/digits.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "chapters/08_normalization/normalization.hpp"

namespace gradus {

// ---- the 1000 values of note 004 ----

// np.random.seed(42); np.random.normal(10, 5, 1000)
inline std::vector<double> lecture_values() {
  Random random(42);
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(random.normal(10, 5));
  return values;
}

inline Matrix column(const std::vector<double>& values) {
  Matrix x(static_cast<int>(values.size()), 1);
  for (int n = 0; n < x.rows(); ++n) x(n, 0) = static_cast<Scalar>(values[n]);
  return x;
}

// What the notes' batch_normalization does: one mean and one variance over all elements.
inline Matrix normalized_as_printed(const Matrix& x, Scalar gamma, Scalar beta) {
  double mean = 0, variance = 0;
  for (Scalar v : x.flat()) mean += v / x.size();
  for (Scalar v : x.flat()) variance += (v - mean) * (v - mean) / x.size();
  Matrix y = x;
  for (Scalar& v : y.flat())
    v = static_cast<Scalar>(gamma * (v - mean) / std::sqrt(variance + 1e-8) + beta);
  return y;
}

// Of one feature: mean, standard deviation, and skewness, the mean cube of the z-scores; 0 for a bell.
struct Moments {
  double mean = 0, deviation = 0, skewness = 0;
};
inline Moments moments_of(const Matrix& x, int d) {
  Moments s;
  for (int n = 0; n < x.rows(); ++n) s.mean += x(n, d) / double(x.rows());
  for (int n = 0; n < x.rows(); ++n) s.deviation += std::pow(x(n, d) - s.mean, 2) / x.rows();
  s.deviation = std::sqrt(s.deviation);
  for (int n = 0; n < x.rows(); ++n)
    s.skewness += std::pow((x(n, d) - s.mean) / s.deviation, 3) / x.rows();
  return s;
}

// ---- the valley of chapter 03 ----

inline Data standardized(Data data) {
  data.x = standardize_apply(standardize_fit(data.x), data.x);
  return data;
}

// With one input the two curvatures sum to the mean of x^2, plus 1 for the bias.
inline double smallest_curvature(const Matrix& x) {
  double sum = 1;
  for (Scalar v : x.flat()) sum += double(v) * v / x.rows();
  return sum - largest_curvature(x);
}

// ---- MNIST, 784-100-100-100-100-100-10, from any scale of the weights ----

struct DeepSettings {
  double weight_scale = 0;  // the standard deviation of all first weights
  bool batch_norm = false;
  double rate = 0.01, epsilon = 1e-5;
  int epochs = 20;
  std::uint32_t seed = 0;
};

// Five hidden layers, dense → batch norm → ReLU, and a dense layer for the logits. Without batch
// norm `norms` is empty.
struct DeepNet {
  Network dense;
  std::vector<BatchNorm> norms;
  Scalar epsilon;
};

inline DeepNet deep_net(const DeepSettings& settings, Random& random) {
  const int units[] = {784, 100, 100, 100, 100, 100, 10};
  DeepNet net{.dense = {}, .norms = {}, .epsilon = static_cast<Scalar>(settings.epsilon)};
  const Scalar scale = static_cast<Scalar>(settings.weight_scale);
  for (int l = 0; l < 6; ++l) {
    net.dense.w.push_back(normal_init(units[l], units[l + 1], scale, random));
    net.dense.b.push_back(Matrix(1, units[l + 1]));
    if (settings.batch_norm && l < 5) net.norms.push_back(batch_norm_init(units[l + 1]));
  }
  return net;
}

// Logits as at test time, with running statistics.
inline Matrix deep_logits(const DeepNet& net, Matrix a) {
  for (std::size_t l = 0; l < 6; ++l) {
    a = dense_forward(a, net.dense.w[l], net.dense.b[l]);
    if (l == 5) break;
    if (!net.norms.empty()) a = batch_norm_inference(net.norms[l], a, net.epsilon);
    a = relu_forward(a);
  }
  return a;
}

// Without sgd_step's refusal of NaN: where training explodes, the figure is to show it.
inline void descend(Matrix& w, const Matrix& dw, Scalar rate) {
  for (int i = 0; i < w.size(); ++i) w.flat()[i] -= rate * dw.flat()[i];
}

// One step of plain descent; returns the loss of the batch before it. Changes nothing but running
// statistics when the loss is not finite.
inline Scalar deep_step(DeepNet& net, const Matrix& x, const std::vector<int>& labels,
                        Scalar rate) {
  const bool normal = !net.norms.empty();
  std::vector<Matrix> a = {x}, z;         // of each layer: its input; what goes into its ReLU
  std::vector<BatchNormForward> kept(5);  // for the backward pass
  for (std::size_t l = 0; l < 6; ++l) {
    z.push_back(dense_forward(a[l], net.dense.w[l], net.dense.b[l]));
    if (l == 5) break;
    if (normal) {
      kept[l] = batch_norm_forward(net.norms[l], z[l], Scalar(0.1), net.epsilon);
      z[l] = kept[l].y;
    }
    a.push_back(relu_forward(z[l]));
  }
  const LossGradient loss = softmax_cross_entropy(z[5], labels);
  if (!std::isfinite(loss.loss)) return loss.loss;

  Matrix d = loss.dz;
  for (std::size_t l = 6; l-- > 0;) {
    if (l < 5) d = relu_backward(d, z[l]);
    if (l < 5 && normal) {
      BatchNormGradients g = batch_norm_backward(d, net.norms[l], kept[l]);
      descend(net.norms[l].gamma, g.dgamma, rate);
      descend(net.norms[l].beta, g.dbeta, rate);
      d = std::move(g.dx);
    }
    DenseGradients g = dense_backward(d, a[l], net.dense.w[l]);
    descend(net.dense.w[l], g.dw, rate);
    descend(net.dense.b[l], g.db, rate);
    d = std::move(g.dx);
  }
  return loss.loss;
}

// NaN and infinity are never right.
inline double right_share(const Matrix& logits, const std::vector<int>& labels) {
  int right = 0;
  for (int n = 0; n < logits.rows(); ++n) {
    const auto row = logits.row(n);
    const auto best = std::ranges::max_element(row);
    right += std::isfinite(*best) && best - row.begin() == labels[n];
  }
  return 1.0 * right / logits.rows();
}

// One entry per epoch, after it: the loss is the mean of its batches', each before its step.
struct Training {
  std::vector<double> loss, accuracy;
  DeepNet net;
};

// Epochs of batches of 100 in random order. The same seed gives the same weights (times the scale)
// and the same batches, with and without batch norm. Where the loss is no longer finite, nothing
// moves any more.
inline Training train_deep(const Digits& images, const DeepSettings& settings) {
  Random random(settings.seed);
  Training training{.loss = {}, .accuracy = {}, .net = deep_net(settings, random)};
  for (int epoch = 0; epoch < settings.epochs; ++epoch) {
    double loss = 0;
    const auto batches = epoch_batches(images.x.rows(), 100, random);
    for (const std::vector<int>& batch : batches) {
      std::vector<int> labels;
      for (int n : batch) labels.push_back(images.labels[n]);
      loss += deep_step(training.net, take_rows(images.x, batch), labels,
                        static_cast<Scalar>(settings.rate));
    }
    training.loss.push_back(loss / static_cast<double>(batches.size()));
    training.accuracy.push_back(right_share(deep_logits(training.net, images.x), images.labels));
  }
  return training;
}

// The first epoch, counted from 1, with a mean loss below the goal; 0 if there is none.
inline int epochs_to(const Training& training, double goal) {
  for (std::size_t e = 0; e < training.loss.size(); ++e)
    if (training.loss[e] < goal) return static_cast<int>(e) + 1;
  return 0;
}

// 16 standard deviations of the first weights, evenly in the exponent: 1, 0.541, … 0.0001.
inline std::vector<double> weight_scales() {
  std::vector<double> scales;
  for (int i = 0; i < 16; ++i) scales.push_back(std::pow(10.0, -4.0 * i / 15));
  return scales;
}

// The standard deviation of He initialization for 100 inputs.
inline const double he_scale = std::sqrt(2.0 / 100);

}  // namespace gradus
