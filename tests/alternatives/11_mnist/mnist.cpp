// Differs from the reference: a step is taken by a copy of the whole training, which takes the place of
// the old one when nothing was refused; penalties are added weight by weight, a batch is a view of the
// order, the samples are judged all at once, and pairs are tallied in a map.
#include "chapters/11_mnist/mnist.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"

namespace gradus {
namespace {

[[noreturn]] void complain(const std::string& about) { throw std::invalid_argument(about); }

bool is_number(Scalar v) { return v - v == 0; }

void need_numbers(const Matrix& m, const char* what) {
  if (!std::ranges::all_of(m.flat(), is_number))
    complain(std::string(what) + " holds NaN or infinity");
}

void need_network(DeepNetwork deep) {
  for (const Matrix* m : parameters(deep)) need_numbers(*m, "what learns");
  for (const BatchNorm& norm : deep.norms) {
    need_numbers(norm.mean, "a running mean");
    need_numbers(norm.variance, "a running variance");
  }
}

// One for each matrix that learns; what is not remembered yet has no shape.
void need_states(Training training) {
  const std::vector<Matrix*> all = parameters(training.deep);
  if (training.states.size() != all.size()) complain("a state is missing");
  for (const OptimizerState& state : training.states) {
    const Matrix& w = *all[static_cast<std::size_t>(&state - training.states.data())];
    for (const Matrix& m : {state.direction, state.squares})
      if (m.size() > 0 && (m.rows() != w.rows() || m.cols() != w.cols()))
        complain("a state does not fit its matrix");
  }
}

bool from_zero(Scalar v) { return v >= 0 && is_number(v); }

void need_sense(const Settings& s) {
  if (!from_zero(s.dropout) || s.dropout >= 1) complain("dropout is a rate below 1");
  if (!from_zero(s.l1) || !from_zero(s.l2)) complain("a penalty is a number from 0 on");
  if (!from_zero(s.learning_rate)) complain("a learning rate is a number from 0 on");
  if (s.batch_size < 1) complain("a batch holds at least one sample");
  if (s.augmentation.shift < 0 || !from_zero(s.augmentation.degrees) ||
      !from_zero(s.augmentation.noise))
    complain("an augmentation is made of numbers from 0 on");
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

Training training_init(const Settings& settings, const Random& random) {
  need_sense(settings);
  Random draws = random;
  DeepNetwork deep = deep_init(settings.units, settings.init, settings.batch_norm, draws);
  const std::size_t states = 2 * (deep.net.w.size() + deep.norms.size());
  return {settings, std::move(deep), std::vector<OptimizerState>(states), draws, 0};
}

Scalar train_step(Training& training, const Samples& batch) {
  need_sense(training.settings);
  need_network(training.deep);
  need_numbers(batch.x, "the batch");
  need_states(training);
  Training next = training;
  const Settings& s = next.settings;
  DeepGradient g =
      s.dropout > 0
          ? deep_gradient(next.deep, batch.x, batch.labels,
                          dropout_masks(next.deep, batch.x.rows(), s.dropout, next.random))
          : deep_gradient(next.deep, batch.x, batch.labels);
  if (!is_number(g.loss)) complain("the loss is no number");
  for (std::size_t l = 0; l < g.d.w.size(); ++l)
    for (int i = 0; i < g.d.w[l].size(); ++i) {
      const Scalar w = training.deep.net.w[l].flat()[i];
      g.d.w[l].flat()[i] += s.l2 * w + (w > 0 ? s.l1 : w < 0 ? -s.l1 : 0);
    }
  const auto w = parameters(next.deep);
  const auto dw = gradients(g);
  for (std::size_t i = w.size(); i-- > 0;) {
    for (Scalar v : dw[i]->flat())
      if (!(std::abs(v) <= largest_gradient)) complain("a gradient is too large");
    optimizer_step(s.optimizer, *w[i], *dw[i], next.states[i], s.learning_rate);
  }
  training = std::move(next);
  return g.loss;
}

Scalar train_epoch(Training& training, const Samples& samples) {
  const Settings s = training.settings;
  const int N = samples.x.rows();
  need_sense(s);
  if (s.batch_size < 1) complain("a batch holds at least one sample");
  evaluate(training.deep, samples);  // finds whatever does not fit, before the first step
  need_states(training);
  if (!training.deep.norms.empty() && (N - 1) % s.batch_size == 0)
    complain("a batch of one has no variance");

  const bool varied =
      s.augmentation.shift != 0 || s.augmentation.degrees != 0 || s.augmentation.noise != 0;
  int side = 0;
  while (side * side < samples.x.cols()) ++side;
  if (varied && side * side != samples.x.cols()) complain("only square images can be varied");
  const std::vector<int> order = training.random.permutation(N);
  double mean = 0;
  for (std::span<const int> left = order; !left.empty();) {
    const auto which = left.first(std::min(left.size(), static_cast<std::size_t>(s.batch_size)));
    left = left.subspan(which.size());
    Samples batch = those(samples, which);
    if (varied) batch.x = augment(batch.x, s.augmentation, training.random);
    const double share = static_cast<double>(which.size()) / static_cast<double>(order.size());
    mean += share * train_step(training, batch);
  }
  training.epoch += 1;
  return static_cast<Scalar>(mean);
}

// ---- judging ----

Evaluation evaluate(const DeepNetwork& deep, const Samples& samples) {
  need_network(deep);
  need_numbers(samples.x, "x");
  const Matrix z = deep_inference(deep, samples.x);
  return {softmax_cross_entropy(z, samples.labels).loss, accuracy(z, samples.labels)};
}

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
