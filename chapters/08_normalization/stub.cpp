// Normalization: write these functions in work/, where `./gradus start 08` copies this file. What
// each must do is described in normalization.hpp.

#include "chapters/08_normalization/normalization.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: begin with the first sample. What would a start at 0 do to a feature that is never below 5?
MinMax min_max_fit(const Matrix&) { throw NotImplemented("min_max_fit"); }

// Hint: first move low to 0, then stretch, then move to `from`. Where does the division fail?
// Hint: look at fit, never at the smallest and largest value of this x.
// Hint: from + (to - from) * 1 may be rounded, and is then not `to`. std::lerp knows.
Matrix min_max_apply(const MinMax&, const Matrix&, Scalar, Scalar) {
  throw NotImplemented("min_max_apply");
}

// Hint: two passes: first all means, then the squares of what differs from them.
// Hint: 0.1 + 0.1 + 0.1, divided by 3, is not 0.1. How do you see that a feature never changes?
// Hint: the square of 1e-200 is 0. In which unit are all squares between 0 and 1?
Standardization standardize_fit(const Matrix&) { throw NotImplemented("standardize_fit"); }

// Hint: test data are moved and divided by what training data were.
Matrix standardize_apply(const Standardization&, const Matrix&) {
  throw NotImplemented("standardize_apply");
}

// Hint: before any training, y should be x̂: which γ and β leave it alone?
BatchNorm batch_norm_init(int) { throw NotImplemented("batch_norm_init"); }

// Hint: this batch alone is normalized by its own statistics; the running ones only listen.
// Hint: two variances, one by N and one by N - 1. Read in the header which goes where.
// Hint: what NaN in x would make of the running statistics must be known before they change.
BatchNormForward batch_norm_forward(BatchNorm&, const Matrix&) {
  throw NotImplemented("batch_norm_forward");
}

// Hint: an x changes its own x̂, and through mean and variance all the others: three terms.
// Hint: dγ and dβ are sums over the batch. Can you use them again for the means?
BatchNormGradients batch_norm_backward(const Matrix&, const BatchNorm&, const BatchNormForward&) {
  throw NotImplemented("batch_norm_backward");
}

// Hint: one line per number. Which statistics does a single sample have?
Matrix batch_norm_inference(const BatchNorm&, const Matrix&) {
  throw NotImplemented("batch_norm_inference");
}

// Hint: chapter 06 makes the weights. Which layers have a ReLU, and so a normalization before it?
DeepNetwork deep_init(const std::vector<int>&, Init, bool, Random&) {
  throw NotImplemented("deep_init");
}

// Hint: network_forward of chapter 06, with one line more. `norms` may be empty.
Matrix deep_inference(const DeepNetwork&, const Matrix&) { throw NotImplemented("deep_inference"); }

// Hint: begin with network_gradient of chapter 06. Each step forward has its step back.
// Hint: what did the ReLU look at, the z before the normalization or the one after it?
// Hint: what is multiplied by a mask on the way forward is multiplied by it on the way back.
// Hint: a label outside is found at the end. Which running statistics may have moved by then?
DeepGradient deep_gradient(DeepNetwork&, const Matrix&, const std::vector<int>&,
                           const std::vector<Matrix>&) {
  throw NotImplemented("deep_gradient");
}

}  // namespace gradus
