// The digit classifier: write these functions. What each must do is described in mnist.hpp.
//
// From earlier chapters: take, epoch_batches, descend (03), network_gradient (06).

#include "chapters/11_mnist/mnist.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: network_gradient finds the loss and everything that descend needs. Biases learn as well.
// Hint: require_finite of common/require.hpp refuses NaN and infinity. When is it too late for the
// first layer, if the second one is refused?
Scalar train_step(Network&, const Samples&, Scalar) { throw NotImplemented("train_step"); }

// Hint: epoch_batches gives the indices of each batch, take its images and labels together.
// Hint: in the mean loss per sample a small last batch weighs by its size; add up in double.
// Hint: a wrong label or a NaN in the last sample must be found before the first step. What does a
// step with a learning rate of 0 change, and what does it refuse?
Scalar train_epoch(Network&, const Samples&, int, Scalar, Random&) {
  throw NotImplemented("train_epoch");
}

// Hint: the true class chooses the row. Count in whole numbers: a float stops at 2^24.
Matrix confusion_matrix(const std::vector<int>&, const std::vector<int>&, int) {
  throw NotImplemented("confusion_matrix");
}

}  // namespace gradus
