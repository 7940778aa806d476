// Losses: write these functions. What each must do stands in losses.hpp.

#include "chapters/05_losses/losses.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: differences, squares, a sum, a half. Squared error is a sum, mean squared error a mean.
Scalar squared_error(const Matrix&, const Matrix&) { throw NotImplemented("squared_error"); }

// Hint: the 1/2 and the 2 of the square cancel.
Matrix squared_error_backward(const Matrix&, const Matrix&) {
  throw NotImplemented("squared_error_backward");
}

// Hint: a mean over all elements, and no half. Read in losses.hpp what it is divided by.
Scalar mean_squared_error(const Matrix&, const Matrix&) {
  throw NotImplemented("mean_squared_error");
}

// Hint: what the loss is divided by, its gradient is divided by.
Matrix mean_squared_error_backward(const Matrix&, const Matrix&) {
  throw NotImplemented("mean_squared_error_backward");
}

// Hint: a matrix of zeros, then a single 1 in each row.
Matrix one_hot(const std::vector<int>&, int) { throw NotImplemented("one_hot"); }

// Hint: e^10000 is infinite. What happens to the quotient if the same number is taken from every
// logit of a row? Which number makes every exponential at most 1?
Matrix softmax(const Matrix&) { throw NotImplemented("softmax"); }

// Hint: a truth of 0 adds nothing, whatever the prediction is; ln 0 must not be met.
Scalar cross_entropy(const Matrix&, const Matrix&) { throw NotImplemented("cross_entropy"); }

// Hint: do not take the logarithm of softmax(z): where p is 0 after rounding, it is lost. Take the
// logarithm on paper first.
// Hint: the gradient is short: probabilities minus truth, by N.
LossGradient softmax_cross_entropy(const Matrix&, const std::vector<int>&) {
  throw NotImplemented("softmax_cross_entropy");
}

// Hint: -ln σ(z) = ln(1 + e^-z), and for very negative z that is -z. std::log1p(x) is ln(1 + x).
LossGradient sigmoid_cross_entropy(const Matrix&, const Matrix&) {
  throw NotImplemented("sigmoid_cross_entropy");
}

}  // namespace gradus
