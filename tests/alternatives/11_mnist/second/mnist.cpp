// Differs from the reference: everything is looked at before it is used and nothing needs to be put
// back, since a step works on copies of the norms and of the generator; samples are judged one by one,
// the losses of an epoch are collected and added up at its end, and the table is a product of one-hot
// rows.
#include "chapters/11_mnist/mnist.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {
namespace {

void sound(const Settings& s) {
  require_below_one("dropout", s.dropout);
  for (Scalar v : {s.l2, s.l1, s.learning_rate, s.augmentation.degrees, s.augmentation.noise})
    require_not_negative("a setting", v);
  require_at_least("batch size", s.batch_size, 1);
  require_at_least("shift", s.augmentation.shift, 0);
}

void sound(const DeepNetwork& deep) {
  for (std::size_t l = 0; l < deep.net.w.size(); ++l) {
    require_finite("weights", deep.net.w[l]);
    require_finite("biases", deep.net.b[l]);
  }
  for (const BatchNorm& norm : deep.norms) {
    require_finite("gamma", norm.gamma);
    require_finite("beta", norm.beta);
    require_finite("running mean", norm.mean);
    require_finite("running variance", norm.variance);
  }
}

void sound(const std::vector<OptimizerState>& states, DeepNetwork deep) {
  const std::vector<Matrix*> w = parameters(deep);
  require(states.size() == w.size(), "a state for each matrix");
  for (std::size_t i = 0; i < w.size(); ++i) {
    const auto& [direction, squares, steps] = states[i];
    if (direction.size() > 0) require_shape("a direction", direction, w[i]->rows(), w[i]->cols());
    if (squares.size() > 0) require_shape("squares", squares, w[i]->rows(), w[i]->cols());
  }
}

int classes_of(const DeepNetwork& deep) {
  require(!deep.net.b.empty(), "a network without layers");
  return deep.net.b.back().cols();
}

void known(const std::vector<int>& labels, int classes) {
  for (int label : labels) require(label >= 0 && label < classes, "a label that is no class");
}

}  // namespace

Training training_init(const Settings& settings, const Random& random) {
  sound(settings);
  Training t{.settings = settings, .deep = {}, .states = {}, .random = random};
  t.deep = deep_init(settings.units, settings.init, settings.batch_norm, t.random);
  for (std::size_t i = 0; i < parameters(t.deep).size(); ++i) t.states.emplace_back();
  return t;
}

Scalar train_step(Training& training, const Samples& batch) {
  const Settings s = training.settings;
  sound(s);
  sound(training.deep);
  DeepNetwork deep = training.deep;
  Random random = training.random;
  std::vector<Matrix> masks;
  if (s.dropout > 0) masks = dropout_masks(deep, batch.x.rows(), s.dropout, random);
  DeepGradient g = deep_gradient(deep, batch.x, batch.labels, masks);
  require_finite("the loss", g.loss);
  for (std::size_t l = g.d.w.size(); l-- > 0;) {
    const Matrix pull1 = l1_penalty_gradient(deep.net.w[l], s.l1);
    const Matrix pull2 = l2_penalty_gradient(deep.net.w[l], s.l2);
    for (int i = 0; i < pull1.rows(); ++i)
      for (int j = 0; j < pull1.cols(); ++j) g.d.w[l](i, j) += pull1(i, j) + pull2(i, j);
  }
  const std::vector<const Matrix*> dw = gradients(g);
  for (const Matrix* d : dw)
    for (Scalar v : d->flat())
      require(std::abs(v) <= largest_gradient, "a gradient that no optimizer takes");
  std::vector<OptimizerState> states = training.states;
  require(states.size() == dw.size(), "a state for each matrix");
  const std::vector<Matrix*> w = parameters(deep);
  for (std::size_t i = 0; i < w.size(); ++i)
    optimizer_step(s.optimizer, *w[i], *dw[i], states[i], s.learning_rate);
  training.deep = std::move(deep);
  training.states = std::move(states);
  training.random = random;
  return g.loss;
}

Scalar train_epoch(Training& training, const Samples& samples) {
  const Settings s = training.settings;
  sound(s);
  evaluate(training.deep, samples);
  sound(training.states, training.deep);
  const int N = samples.x.rows();
  const auto batches_of = [&](Random& random) { return epoch_batches(N, s.batch_size, random); };
  if (!training.deep.norms.empty()) {
    Random rehearsal(0);
    for (const auto& batch : batches_of(rehearsal))
      require(batch.size() > 1, "batch norm with a batch of one");
  }
  const Augmentation& a = s.augmentation;
  const bool augments = a.shift > 0 || a.degrees > 0 || a.noise > 0;
  Random unused(0);
  if (augments) augment(Matrix(1, samples.x.cols()), a, unused);  // images that are not square
  std::vector<double> losses;
  for (const auto& batch : batches_of(training.random)) {
    Samples seen = take(samples, batch);
    if (augments) seen.x = augment(seen.x, a, training.random);
    const Scalar loss = train_step(training, seen);
    losses.insert(losses.end(), batch.size(), loss);
  }
  training.epoch = training.epoch + 1;
  return static_cast<Scalar>(std::accumulate(losses.begin(), losses.end(), 0.0) / N);
}

Evaluation evaluate(const DeepNetwork& deep, const Samples& samples) {
  sound(deep);
  require_finite("x", samples.x);
  known(samples.labels, classes_of(deep));
  const int N = samples.x.rows();
  require(N > 0, "no samples");
  require_same("images, labels", N, static_cast<int>(samples.labels.size()));
  double loss = 0;
  int right = 0;
  for (int n = 0; n < N; ++n) {
    const Samples one = take(samples, {n});
    const Matrix z = deep_inference(deep, one.x);
    loss += softmax_cross_entropy(z, one.labels).loss;
    right += predict(z) == one.labels;
  }
  return {.loss = static_cast<Scalar>(loss / N),
          .accuracy = static_cast<Scalar>(double(right) / N)};
}

Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes) {
  require_at_least("classes", classes, 1);
  require_same("predictions, labels", static_cast<int>(predicted.size()),
               static_cast<int>(labels.size()));
  known(predicted, classes);
  known(labels, classes);
  if (labels.empty()) return Matrix(classes, classes);
  return matmul_tn(one_hot(labels, classes), one_hot(predicted, classes));
}

}  // namespace gradus
