// Hyperparameters: write these functions in work/, where `./gradus start 12` copies this file. What
// each must do is described in hyperparameters.hpp.
//
// From earlier chapters: take (03), augment (09), training_init, train_epoch, evaluate (11).

#include "chapters/12_hyperparameters/hyperparameters.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: 0.001, 0.01, 0.1: in which scale are their distances equal? Draw there, and come back.
// Hint: exp(log(0.1)) is not always 0.1. std::clamp.
Scalar log_uniform(Scalar, Scalar, Random&) { throw NotImplemented("log_uniform"); }

// Hint: start from a copy of base, and look at each range before you draw the first number.
// Hint: {0, 0} and an empty list draw nothing. dropout from {0.2, 0.2} is 0.2, without a draw.
// Hint: units are base.units.front(), the hidden layers, base.units.back().
Settings draw_settings(const Ranges&, const Settings&, Random&) {
  throw NotImplemented("draw_settings");
}

// Hint: begin with a list that holds base alone. For each list of values: every entry so far, once
// with each of the values. Which list must come last?
std::vector<Settings> grid(const Choices&, const Settings&) { throw NotImplemented("grid"); }

// Hint: train_epoch and evaluate throw std::invalid_argument where a step is refused or a weight is
// infinite. They throw the same for samples that do not fit: find those before the first epoch.
// Hint: labels and x of all samples of both kinds, the columns of x, a batch norm that would get a
// batch of one sample, an augmentation of images that are not square: one augment of one sample
// finds that.
// Hint: neither NaN nor infinity is a loss: std::isfinite.
LearningCurve learning_curve(const Settings&, const Samples&, const Samples&, int, const Random&) {
  throw NotImplemented("learning_curve");
}

// Hint: epochs count from 1, vectors from 0.
int best_epoch(const LearningCurve&) { throw NotImplemented("best_epoch"); }

// Hint: what is wrong with the last of the settings must be found before the first is trained.
// Hint: an exception must not leave an OpenMP loop: catch it inside.
// Hint: trials[i] is for the thread that has i. Nothing else is shared but what nobody changes.
std::vector<Trial> search(const std::vector<Settings>&, const Samples&, const Samples&, int,
                          const Random&) {
  throw NotImplemented("search");
}

// Hint: what is the best so far before the first trial? It may have failed.
int best_of(const std::vector<Trial>&) { throw NotImplemented("best_of"); }

}  // namespace gradus
