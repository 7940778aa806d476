// Hyperparameters: what training does not learn.                    docs/12_hyperparameters.md
//
// A learning rate, a batch size, a number of epochs are chosen before training, by training again
// and again and looking at samples that were not trained on: the validation samples. Which
// settings are tried, a grid or chance decides; the test samples are for the one that was chosen.
// Sources: note 003; J. Bergstra and Y. Bengio, Random search for hyper-parameter optimization
// (2012).
//
// All functions throw std::invalid_argument, with a message of one line, for what they refuse, and
// then have changed nothing, the generator neither. NaN and infinity are refused, also in x.
#pragma once

#include <vector>

#include "chapters/11_mnist/mnist.hpp"
#include "common/random.hpp"

namespace gradus {

// ---- which settings to try ----

// low ≤ value ≤ high; {0, 0} leaves what the base has.
struct Interval {
  Scalar low = 0, high = 0;
};

// Where random search looks. An empty list, too, leaves what the base has.
struct Ranges {
  Interval learning_rate = {}, l2 = {};       // drawn log-uniformly
  Interval dropout = {};                      // uniformly
  std::vector<std::vector<int>> hidden = {};  // sizes of the hidden layers, as {{100}, {64, 64}}
  std::vector<int> batch_sizes = {};
  std::vector<Optimizer> optimizers = {};
};

// e to the power of a uniform number between ln low and ln high, so that every decade is as likely
// as every other; where rounding leaves low … high, the nearer end. Draws one random.uniform();
// none if low = high. Needs finite 0 < low ≤ high.
Scalar log_uniform(Scalar low, Scalar high, Random& random);

// `base` with a value from each of the ranges, drawn in their order: learning_rate and l2 by
// log_uniform, dropout by random.uniform(low, high) or, where low = high, without a draw; of
// hidden, batch_sizes and optimizers the element random.randint(length of the list). Hidden layers
// stand between base's inputs and its classes, units.front() and units.back(). What leaves base's
// value draws nothing.
// Needs at least two units in base, intervals with low ≤ high, above 0 for log_uniform, below 1
// for dropout, and values in the lists as Settings has them.
Settings draw_settings(const Ranges& ranges, const Settings& base, Random& random);

// The values of a grid.
struct Choices {
  std::vector<Scalar> learning_rates = {}, l2 = {}, dropout = {};
  std::vector<std::vector<int>> hidden = {};
  std::vector<int> batch_sizes = {};
  std::vector<Optimizer> optimizers = {};
};

// `base` with every combination of the values, in the order of counting: learning_rates changes
// slowest, optimizers fastest. Without any values, base alone. Refuses what draw_settings refuses,
// but 0 is a value for learning_rates and l2.
std::vector<Settings> grid(const Choices& choices, const Settings& base);

// ---- trying them ----

// How well a network does while it is trained.
struct LearningCurve {
  std::vector<Evaluation> train = {}, validation = {};  // after the epochs 1, 2, …
  bool diverged = false;  // the next epoch had no finite loss: the curve ends here
};

// training_init with `random`, then train_epoch on `train`, `epochs` times; after each, evaluate
// on both kinds of samples. An epoch in which a step is refused, or after which a loss is not
// finite, ends it.
// Needs epochs ≥ 0 and at least one sample of each kind. What is wrong with settings or samples is
// refused before the first epoch, as chapter 11 would refuse it.
LearningCurve learning_curve(const Settings& settings, const Samples& train,
                             const Samples& validation, int epochs, const Random& random);

// The epoch, from 1 on, with the lowest validation loss, of several the first. Needs an epoch.
int best_epoch(const LearningCurve& curve);

// What became of one of the settings.
struct Trial {
  Settings settings = {};
  bool failed = false;  // it diverged: then the accuracies are 0 and the losses infinite
  Evaluation train = {}, validation = {};  // after the last epoch
};

// Trains each of the settings as learning_curve does, each from a copy of the same `random`, and
// evaluates it at the end. A training that diverges has failed and does not end the search. On all
// threads, one training per thread; the trials are in the order of the settings and the same on any
// number of threads. Refuses what learning_curve refuses, before the first training.
std::vector<Trial> search(const std::vector<Settings>& settings, const Samples& train,
                          const Samples& validation, int epochs, const Random& random);

// The number, from 0 on, of the trial with the highest validation accuracy; of several the one
// with the lowest validation loss, of several the first. Failed ones do not count, whatever they
// hold. Needs one that has not failed; refuses NaN and infinity in it.
int best_of(const std::vector<Trial>& trials);

}  // namespace gradus
