// What the demonstration shows and the claims assert: a network of seven layers on 300 digits, with
// one remedy after the other. Not part of the contract.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "chapters/06_initialization/digits.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "chapters/07_optimizers/optimizers.hpp"
#include "chapters/08_normalization/normalization.hpp"
#include "chapters/09_regularization/regularization.hpp"

namespace gradus {

// ---- Anscombe's first set, of which 004 draws the lines ----

struct Line {
  Matrix x, t;  // (11,1) both
};

inline Line anscombe() {
  return {{{10}, {8}, {13}, {9}, {11}, {14}, {6}, {4}, {12}, {7}, {5}},
          {{8.04f},
           {6.95f},
           {7.58f},
           {8.81f},
           {8.33f},
           {9.96f},
           {7.24f},
           {4.26f},
           {10.84f},
           {4.82f},
           {5.68f}}};
}

// ---- remedies ----

inline constexpr Scalar learning_rate = 0.01f;

struct Remedy {
  std::string name;
  Scalar l2 = 0, l1 = 0, l1_by_gradient = 0;  // λ
  Scalar dropout = 0;                         // rate
  int patience = 0;                           // above 0: stops early
  bool fewer = false;                         // gives up the same samples, and does not stop
  bool variants = false, norms = false;       // augmentation; batch normalization
  Scalar rate = learning_rate;
};

inline const Remedy nothing{.name = "nothing"};
inline const Remedy weak_l2{.name = "L2, λ = 0.05", .l2 = 0.05f};
inline const Remedy strong_l2{.name = "L2, λ = 0.1", .l2 = 0.1f};
inline const Remedy l1{.name = "L1, λ = 0.005", .l1 = 0.005f};
inline const Remedy l1_by_gradient{.name = "L1 by its gradient", .l1_by_gradient = 0.005f};
inline const Remedy weak_dropout{.name = "dropout 0.1", .dropout = 0.1f};
inline const Remedy strong_dropout{.name = "dropout 0.2", .dropout = 0.2f};
inline const Remedy early_stopping{.name = "early stopping", .patience = 10};
inline const Remedy fewer_images{.name = "nothing, 240 images", .fewer = true};
inline const Remedy augmentation{.name = "augmentation", .variants = true};
inline const Remedy batch_normalization{.name = "batch norm", .norms = true};

// The setting that makes it overfit.
inline constexpr int samples = 300, batch_size = 100, usual_epochs = 201;

// The same at another learning rate.
inline Remedy at_rate(Remedy remedy, double rate) {
  if (static_cast<Scalar>(rate) == remedy.rate) return remedy;
  remedy.name += ", rate " + std::to_string(rate);
  remedy.rate = static_cast<Scalar>(rate);
  return remedy;
}

// Noise takes most of the time and gains nothing here.
inline const Augmentation variants{.shift = 2, .degrees = 10, .noise = 0};

// ---- digits ----

inline Digits take(const Digits& digits, const std::vector<int>& indices) {
  Digits taken{take_rows(digits.x, indices), {}};
  for (int index : indices) taken.labels.push_back(digits.labels[index]);
  return taken;
}

struct Data {
  MnistSet set;  // the training images are taken from
  Digits test;   // every fifth of the 10 000 test images: enough here, and five times as quick
};

inline Data load_data() {
  Data data{.set = read_mnist(GRADUS_ROOT "/data/mnist"), .test = {}};
  std::vector<int> indices;
  for (int i = 0; i < data.set.test_images.count; i += 5) indices.push_back(i);
  data.test = take_digits(data.set.test_images, data.set.test_labels, indices);
  return data;
}

// ---- a network with dropout or batch normalization in its hidden layers ----

struct Deep {
  Network net;
  std::vector<BatchNorm> norms;  // one per hidden layer, or none
};

inline Deep seven_layers(bool norms, Random& random) {
  const int units[] = {784, 100, 100, 100, 100, 100, 100, 10};
  Deep deep;
  for (int l = 0; l < 7; ++l) {
    deep.net.w.push_back(he_init(units[l], units[l + 1], random));
    deep.net.b.push_back(Matrix(1, units[l + 1]));
    if (norms && l < 6) deep.norms.push_back(batch_norm_init(units[l + 1]));
  }
  return deep;
}

// At test time: all units, and the running statistics.
inline Matrix logits(const Deep& deep, Matrix a) {
  const std::size_t layers = deep.net.w.size();
  for (std::size_t l = 0; l < layers; ++l) {
    a = dense_forward(a, deep.net.w[l], deep.net.b[l]);
    if (l + 1 == layers) break;
    if (!deep.norms.empty()) a = batch_norm_inference(deep.norms[l], a);
    a = dropout_inference(relu_forward(a));
  }
  return a;
}

struct Score {
  double accuracy = 0, loss = 0;  // a share 0 … 1, NaN is never right; the mean cross-entropy
};

inline Score score(const Deep& deep, const Digits& digits) {
  const Matrix z = logits(deep, digits.x);
  int right = 0;
  for (int n = 0; n < z.rows(); ++n) {
    const auto best = std::ranges::max_element(z.row(n));
    right += std::isfinite(*best) && best - z.row(n).begin() == digits.labels[n];
  }
  return {static_cast<double>(right) / z.rows(), softmax_cross_entropy(z, digits.labels).loss};
}

// What the way forward leaves for the way back: a[l] goes into layer l, z[l] comes out of it.
struct Passage {
  std::vector<Matrix> a, z, mask;
  std::vector<BatchNormForward> normed;
};

inline Passage forward(Deep& deep, const Matrix& x, Scalar rate, Random& random) {
  const std::size_t layers = deep.net.w.size();
  Passage p{.a = {x}, .z = {}, .mask = {}, .normed = {}};
  for (std::size_t l = 0; l < layers; ++l) {
    p.z.push_back(dense_forward(p.a[l], deep.net.w[l], deep.net.b[l]));
    if (l + 1 == layers) break;
    if (!deep.norms.empty()) {
      p.normed.push_back(batch_norm_forward(deep.norms[l], p.z[l]));
      p.z[l] = p.normed[l].y;
    }
    p.a.push_back(relu_forward(p.z[l]));
    if (rate > 0) {
      Dropout d = dropout_forward(p.a[l + 1], rate, random);
      p.a[l + 1] = std::move(d.y);
      p.mask.push_back(std::move(d.mask));
    }
  }
  return p;
}

inline void add(Matrix& sum, const Matrix& more) {
  for (int i = 0; i < sum.size(); ++i) sum.flat()[i] += more.flat()[i];
}

// One step of descent. The penalties pull at weights only. False, and no step, where training has
// exploded: a logit is not finite.
inline bool descend(Deep& deep, const Digits& batch, const Remedy& remedy, Random& random) {
  auto& [net, norms] = deep;
  const Passage p = forward(deep, batch.x, remedy.dropout, random);
  if (!std::ranges::all_of(p.z.back().flat(), [](Scalar v) { return std::isfinite(v); }))
    return false;
  Matrix dz = softmax_cross_entropy(p.z.back(), batch.labels).dz;
  for (std::size_t l = net.w.size(); l-- > 0;) {
    DenseGradients g = dense_backward(dz, p.a[l], net.w[l]);
    if (l > 0) {
      if (remedy.dropout > 0) g.dx = dropout_backward(g.dx, p.mask[l - 1]);
      dz = relu_backward(g.dx, p.z[l - 1]);
      if (!norms.empty()) {
        const BatchNormGradients n = batch_norm_backward(dz, norms[l - 1], p.normed[l - 1]);
        dz = n.dx;
        sgd_step(norms[l - 1].gamma, n.dgamma, remedy.rate);
        sgd_step(norms[l - 1].beta, n.dbeta, remedy.rate);
      }
    }
    if (remedy.l2 > 0) add(g.dw, l2_penalty_gradient(net.w[l], remedy.l2));
    if (remedy.l1_by_gradient > 0) add(g.dw, l1_penalty_gradient(net.w[l], remedy.l1_by_gradient));
    sgd_step(net.w[l], g.dw, remedy.rate);
    sgd_step(net.b[l], g.db, remedy.rate);
    if (remedy.l1 > 0) l1_shrink(net.w[l], remedy.rate * remedy.l1);
  }
  return true;
}

// ---- one training ----

struct Trial {
  Deep start, deep;  // the first weights and the last; with early stopping the best
  int epochs = 0;    // that led to `deep`
  bool exploded = false;
  Score train, test;       // of `deep`
  std::vector<double> at;  // epochs, and the scores then, where it was told to look
  std::vector<Score> trains, tests;
};

// The seed chooses the 300 images, the first weights, the order of the samples and all the rest;
// without a remedy's own draws the same for all. look_every = 0 looks at the end only.
inline Trial train(const Remedy& remedy, const Data& data, std::uint32_t seed,
                   int epochs = usual_epochs, int look_every = 0) {
  Random random(seed), remedys_own(seed + 1000);
  const MnistSet& set = data.set;
  Digits digits = take_digits(set.train_images, set.train_labels,
                              random.choice(set.train_images.count, samples));
  Trial trial;
  trial.deep = trial.start = seven_layers(remedy.norms, random);
  Digits validation;
  if (remedy.patience > 0 || remedy.fewer) {  // a fifth of the samples is given up
    const Split split = split_samples(samples, 0, 0.2f, remedys_own);
    validation = take(digits, split.validation);
    digits = take(digits, split.train);
  }
  Deep deep = trial.start;
  EarlyStopping state;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    Digits seen = digits;
    if (remedy.variants) seen.x = augment(digits.x, variants, remedys_own);
    for (const auto& indices : epoch_batches(seen.x.rows(), batch_size, random))
      trial.exploded |= !descend(deep, take(seen, indices), remedy, remedys_own);
    if (trial.exploded) break;
    if (look_every > 0 && (epoch == 1 || epoch % look_every == 0)) {
      trial.at.push_back(epoch);
      trial.trains.push_back(score(deep, digits));
      trial.tests.push_back(score(deep, data.test));
    }
    if (remedy.patience == 0) continue;
    const Scalar loss = static_cast<Scalar>(score(deep, validation).loss);
    const bool stop = should_stop(state, loss, remedy.patience);
    if (state.best_epoch == epoch - 1) trial.deep = deep;
    if (stop) break;
  }
  if (remedy.patience == 0) trial.deep = std::move(deep);
  trial.epochs = remedy.patience > 0 ? state.best_epoch + 1 : epochs;
  trial.train = score(trial.deep, digits);
  trial.test = score(trial.deep, data.test);
  return trial;
}

// What a remedy came to, one training per seed.
struct Result {
  Remedy remedy;
  std::vector<Trial> trials;
};

inline const Result& result_of(const std::vector<Result>& results, const Remedy& remedy) {
  for (const Result& result : results)
    if (result.remedy.name == remedy.name) return result;
  throw std::invalid_argument("no result of " + remedy.name);
}

// ---- what became of the weights ----

inline double zero_share(const Network& net) {
  double zeros = 0, all = 0;
  for (const Matrix& w : net.w) {
    zeros += static_cast<double>(std::ranges::count(w.flat(), Scalar(0)));
    all += w.size();
  }
  return zeros / all;
}

// √(Σ w^2) over all layers.
inline double length(const Network& net) {
  double squares = 0;
  for (const Matrix& w : net.w)
    for (Scalar v : w.flat()) squares += double{v} * double{v};
  return std::sqrt(squares);
}

struct Summary {
  double mean = 0, deviation = 0;  // the standard deviation
};

inline Summary summary(const std::vector<double>& values) {
  Summary s;
  for (double v : values) s.mean += v / static_cast<double>(values.size());
  for (double v : values)
    s.deviation += (v - s.mean) * (v - s.mean) / static_cast<double>(values.size());
  s.deviation = std::sqrt(s.deviation);
  return s;
}

}  // namespace gradus
