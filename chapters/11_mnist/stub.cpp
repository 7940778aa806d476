// The digit classifier: write these functions in work/, where `./gradus start 11` copies this file.
// What each must do is described in mnist.hpp.
//
// From earlier chapters: take, epoch_batches (03), softmax_cross_entropy, accuracy (05),
// optimizer_step, largest_gradient (07), deep_init, deep_inference, deep_gradient (08),
// l2_penalty_gradient, l1_penalty_gradient, dropout_masks, augment (09). parameters and gradients
// list everything that learns, in one order.

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: the training's own generator is a copy of `random`; which of the two may deep_init use?
// Hint: how many matrices does parameters list? Each has a state, empty before the first step.
Training training_init(const Settings&, const Random&) { throw NotImplemented("training_init"); }

// Hint: the order is masks, gradient, penalties, steps. Biases, γ and β have no penalty.
// Hint: ask for parameters(training.deep) after deep_gradient, which moves the running statistics.
// Hint: what must be put back if the gradient turns out to be infinite? deep_gradient has moved the
// running statistics by then, and dropout_masks the generator.
// Hint: require_finite of common/require.hpp refuses NaN and infinity.
Scalar train_step(Training&, const Samples&) { throw NotImplemented("train_step"); }

// Hint: epoch_batches gives the indices of each batch, take its images and labels together.
// Hint: in the mean loss per sample a small last batch weighs by its size; add up in double.
// Hint: a wrong label or a NaN in the last sample must be found before the first step.
Scalar train_epoch(Training&, const Samples&) { throw NotImplemented("train_epoch"); }

// Hint: a mean over parts is the sum of (mean of a part times its samples), divided by N.
Evaluation evaluate(const DeepNetwork&, const Samples&) { throw NotImplemented("evaluate"); }

// Hint: the true class chooses the row. Count in whole numbers: a float stops at 2^24.
Matrix confusion_matrix(const std::vector<int>&, const std::vector<int>&, int) {
  throw NotImplemented("confusion_matrix");
}

}  // namespace gradus
