// The digit classifier: write these functions. What each must do is described in mnist.hpp.
//
// From earlier chapters: epoch_batches, take_rows (03), he_init, network_forward, network_gradient (06),
// sgd_step (07).

#include "chapters/11_mnist/mnist.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: image n is row n; its pixels follow each other as they do in the file.
// Hint: rows times cols may be larger than an int.
Matrix preprocess(const IdxImages&) { throw NotImplemented("preprocess"); }

// Hint: he_init makes the weights of one layer. How many inputs has each layer?
Network network_init(const std::vector<int>&, Random&) { throw NotImplemented("network_init"); }

// Hint: network_gradient finds the loss and everything that sgd_step needs. Biases learn as well.
// Hint: require_finite of common/require.hpp refuses NaN and infinity. Look at the loss and at all
// gradients before the first sgd_step.
Scalar train_step(Network&, const Matrix&, const std::vector<int>&, Scalar) {
  throw NotImplemented("train_step");
}

// Hint: images and labels must be shuffled alike: epoch_batches gives indices for both.
// Hint: in the mean loss per sample a small last batch weighs by its size; add up in double.
// Hint: a wrong label or a NaN in the last sample must be found before the first step.
Scalar train_epoch(Network&, const Matrix&, const std::vector<int>&, int, Scalar, Random&) {
  throw NotImplemented("train_epoch");
}

// Hint: softmax is not needed to find the largest probability. What does a comparison with NaN say?
std::vector<int> predict(const Network&, const Matrix&) { throw NotImplemented("predict"); }

// Hint: mind the division of integers.
Scalar accuracy(const std::vector<int>&, const std::vector<int>&) {
  throw NotImplemented("accuracy");
}

// Hint: the true class chooses the row. Count in whole numbers: a float stops at 2^24.
Matrix confusion_matrix(const std::vector<int>&, const std::vector<int>&, int) {
  throw NotImplemented("confusion_matrix");
}

}  // namespace gradus
