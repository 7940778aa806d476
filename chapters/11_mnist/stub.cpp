// The digit classifier: write these functions. What each must do stands in classifier.hpp.
//
// From earlier chapters: dense_forward, dense_backward (02), relu_forward, relu_backward (04),
// softmax_cross_entropy (05).

#include "chapters/11_mnist/classifier.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: image n is row n; its pixels follow each other as they do in the file.
Matrix preprocess(const IdxImages&) { throw NotImplemented("preprocess"); }

// Hint: Random::normal_matrix takes a standard deviation, not a variance.
Network network_init(const std::vector<int>&, Random&) { throw NotImplemented("network_init"); }

// Hint: no ReLU after the last layer: logits may be negative.
Matrix network_forward(const Network&, const Matrix&) { throw NotImplemented("network_forward"); }

// Hint: forward, keeping every z and a; the loss with its dz; then layer by layer backwards. A
// layer's dx needs its weights as they were in the forward pass.
Scalar train_step(Network&, const Matrix&, const std::vector<int>&, Scalar) {
  throw NotImplemented("train_step");
}

// Hint: images and labels must be shuffled alike: permute indices, not data.
// Hint: the mean loss a sample weighs a small last batch by its size.
Scalar train_epoch(Network&, const Matrix&, const std::vector<int>&, int, Scalar, Random&) {
  throw NotImplemented("train_epoch");
}

// Hint: softmax is not needed to find the largest probability.
std::vector<int> predict(const Network&, const Matrix&) { throw NotImplemented("predict"); }

// Hint: mind the division of integers.
Scalar accuracy(const std::vector<int>&, const std::vector<int>&) {
  throw NotImplemented("accuracy");
}

// Hint: the true class chooses the row.
Matrix confusion_matrix(const std::vector<int>&, const std::vector<int>&, int) {
  throw NotImplemented("confusion_matrix");
}

}  // namespace gradus
