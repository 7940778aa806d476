// A network that reads handwritten digits.                                     docs/11_mnist.md

#include "chapters/11_mnist/mnist.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- before anything changes ----

static void require_classes(const char* what, const std::vector<int>& labels, int classes) {
  for (int label : labels) require_that(0 <= label && label < classes, what, "0 … K-1", label);
}

static void require_network(const DeepNetwork& deep) {
  require(!deep.net.b.empty(), "training: the network has no layer");
  for (const Matrix& w : deep.net.w) require_finite("training: w", w);
  for (const Matrix& b : deep.net.b) require_finite("training: b", b);
  for (const BatchNorm& norm : deep.norms)
    for (const Matrix* m : {&norm.gamma, &norm.beta, &norm.mean, &norm.variance})
      require_finite("training: batch norm", *m);
}

static void require_settings(const Settings& s) {
  require_below_one("settings: dropout", s.dropout);
  require_not_negative("settings: l2", s.l2);
  require_not_negative("settings: l1", s.l1);
  require_not_negative("settings: learning_rate", s.learning_rate);
  require_at_least("settings: batch_size", s.batch_size, 1);
  require_at_least("settings: augmentation.shift", s.augmentation.shift, 0);
  require_not_negative("settings: augmentation.degrees", s.augmentation.degrees);
  require_not_negative("settings: augmentation.noise", s.augmentation.noise);
}

// ---- training ----

Training training_init(const Settings& settings, const Random& random) {
  require_settings(settings);
  Training t{.settings = settings, .deep = {}, .states = {}, .random = random};
  t.deep = deep_init(settings.units, settings.init, settings.batch_norm, t.random);
  t.states.resize(parameters(t.deep).size());
  return t;
}

// λ2 w + λ1 sign(w) for the weights of each layer.
static void add_penalties(Network& d, const Network& net, const Settings& s) {
  const auto add = [](Matrix& sum, const Matrix& more) {
    for (int i = 0; i < sum.size(); ++i) sum.flat()[i] += more.flat()[i];
  };
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    if (s.l2 > 0) add(d.w[l], l2_penalty_gradient(net.w[l], s.l2));
    if (s.l1 > 0) add(d.w[l], l1_penalty_gradient(net.w[l], s.l1));
  }
}

// Whether every optimizer takes this gradient.
static bool takeable(const DeepGradient& g) {
  int beyond = g.loss < std::numeric_limits<Scalar>::infinity() ? 0 : 1;  // NaN is below nothing
  for (const Matrix* d : gradients(g))
    for (Scalar v : d->flat()) beyond += !(std::abs(v) <= largest_gradient);
  return beyond == 0;
}

// Settings, network and states, each by itself and beside the others.
static void require_training(Training& t) {
  require_settings(t.settings);
  require_network(t.deep);
  const std::vector<Matrix*> w = parameters(t.deep);
  require(t.states.size() == w.size(), "training: needs one state per matrix that learns");
  for (std::size_t i = 0; i < w.size(); ++i)
    for (const Matrix* m : {&t.states[i].direction, &t.states[i].squares})
      if (m->size() > 0) require_shape("training: a state", *m, w[i]->rows(), w[i]->cols());
}

Scalar train_step(Training& training, const Samples& batch) {
  const Settings& s = training.settings;
  require_training(training);

  Random random = training.random;  // it and the running statistics stay if the step is refused
  const std::vector<BatchNorm> norms = training.deep.norms;
  std::vector<Matrix> masks;
  if (s.dropout > 0) masks = dropout_masks(training.deep, batch.x.rows(), s.dropout, random);
  DeepGradient g = deep_gradient(training.deep, batch.x, batch.labels, masks);
  add_penalties(g.d, training.deep.net, s);
  if (!takeable(g)) {
    training.deep.norms = norms;
    require(false,
            "train_step: the loss or its gradient is not finite, or far too large; a smaller "
            "learning rate may help");
  }
  const std::vector<Matrix*> w = parameters(training.deep);
  const std::vector<const Matrix*> dw = gradients(g);
  for (std::size_t i = 0; i < w.size(); ++i)
    optimizer_step(s.optimizer, *w[i], *dw[i], training.states[i], s.learning_rate);
  training.random = random;
  return g.loss;
}

Scalar train_epoch(Training& training, const Samples& samples) {
  const Settings& s = training.settings;
  const int N = samples.x.rows();
  require_at_least("train_epoch: samples", N, 1);
  require_finite("train_epoch: x", samples.x);
  require_training(training);
  evaluate(training.deep, take(samples, {0}));  // refuses shapes that do not fit
  require_classes("train_epoch: a label", samples.labels, training.deep.net.b.back().cols());
  require(training.deep.norms.empty() || (s.batch_size > 1 && N % s.batch_size != 1),
          "train_epoch: batch norm takes no batch of one sample; choose another batch_size");

  const auto [shift, degrees, noise] = s.augmentation;
  const bool augments = shift > 0 || degrees > 0 || noise > 0;
  Random tried = training.random;
  if (augments) augment(take(samples, {0}).x, s.augmentation, tried);  // refuses what is no square
  double sum = 0;  // of N losses: a float would lose digits
  for (const std::vector<int>& indices : epoch_batches(N, s.batch_size, training.random)) {
    Samples batch = take(samples, indices);
    if (augments) batch.x = augment(batch.x, s.augmentation, training.random);
    sum += double{train_step(training, batch)} * batch.x.rows();
  }
  ++training.epoch;
  return static_cast<Scalar>(sum / N);
}

// ---- judging ----

Evaluation evaluate(const DeepNetwork& deep, const Samples& samples) {
  const int N = samples.x.rows();
  require_at_least("evaluate: samples", N, 1);
  require_network(deep);
  require_finite("evaluate: x", samples.x);
  require_classes("evaluate: a label", samples.labels, deep.net.b.back().cols());
  double loss = 0, right = 0;
  for (int first = 0; first < N; first += 1000) {
    std::vector<int> indices(std::min(1000, N - first));
    std::iota(indices.begin(), indices.end(), first);
    const Samples part = take(samples, indices);
    const Matrix z = deep_inference(deep, part.x);
    loss += double{softmax_cross_entropy(z, part.labels).loss} * part.x.rows();
    right += std::round(double{accuracy(z, part.labels)} * part.x.rows());  // a whole number
  }
  return {.loss = Scalar(loss / N), .accuracy = Scalar(right / N)};
}

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
