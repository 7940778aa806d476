// Activation functions: write these functions in work/, where `./gradus start 04` copies this file.
// What each must do is described in activations.hpp.
//
// From earlier chapters: step (01), sigmoid and sigmoid_derivative (02). From common: matmul,
// matmul_tn, matmul_nt, require_shape, require_finite.

#include "chapters/04_activations/activations.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: how steep is a step, to its left and to its right? (Here and below NaN must stay NaN.)
Scalar step_derivative(Scalar) { throw NotImplemented("step_derivative"); }

// Hint: the argument is the output tanh(z); no exponential is needed. For y near 1 the square is
// rounded just where it matters: which product is 1 - y^2?
Scalar tanh_derivative(Scalar) { throw NotImplemented("tanh_derivative"); }

// Hint: one comparison each. Mind what happens at exactly 0, and that every comparison with NaN is
// false: which way round must it be asked, so that NaN stays NaN?
Scalar relu(Scalar) { throw NotImplemented("relu"); }
Scalar relu_derivative(Scalar) { throw NotImplemented("relu_derivative"); }
Scalar leaky_relu(Scalar, Scalar) { throw NotImplemented("leaky_relu"); }
Scalar leaky_relu_derivative(Scalar, Scalar) { throw NotImplemented("leaky_relu_derivative"); }

// Hint: forward applies the function to each element; backward multiplies each element of dy by
// the slope there. Look twice at what the second argument is: z or y.
Matrix step_forward(const Matrix&) { throw NotImplemented("step_forward"); }
Matrix step_backward(const Matrix&, const Matrix&) { throw NotImplemented("step_backward"); }

// Hint: σ of every element, as in chapter 02; the slope of σ can be told from y alone.
Matrix sigmoid_forward(const Matrix&) { throw NotImplemented("sigmoid_forward"); }
Matrix sigmoid_backward(const Matrix&, const Matrix&) { throw NotImplemented("sigmoid_backward"); }

// Hint: std::tanh. The formula (e^2z - 1) / (e^2z + 1) is NaN at z = 1000: infinity by infinity.
Matrix tanh_forward(const Matrix&) { throw NotImplemented("tanh_forward"); }
Matrix tanh_backward(const Matrix&, const Matrix&) { throw NotImplemented("tanh_backward"); }

// Hint: what was not let through forward is not let through backward.
Matrix relu_forward(const Matrix&) { throw NotImplemented("relu_forward"); }
Matrix relu_backward(const Matrix&, const Matrix&) { throw NotImplemented("relu_backward"); }

// Hint: the same as ReLU, but what is negative is let through a little, forward and backward.
Matrix leaky_relu_forward(const Matrix&, Scalar) { throw NotImplemented("leaky_relu_forward"); }
Matrix leaky_relu_backward(const Matrix&, const Matrix&, Scalar) {
  throw NotImplemented("leaky_relu_backward");
}

// Hint: a switch over f. Two of the functions go back from the output, the others from the input.
Matrix activation_forward(Activation, const Matrix&) { throw NotImplemented("activation_forward"); }
Matrix activation_backward(Activation, const Matrix&, const Matrix&, const Matrix&) {
  throw NotImplemented("activation_backward");
}

// Hint: go forward and keep z and a of every layer; then go back from the last layer: first
// through the activation (dz), then dw = a^T dz of which the norm is wanted, then da = dz w^T.
// The square of 1e-200 is 0, and so is its root: std::hypot(a, b) is sqrt(a^2 + b^2) without that.
std::vector<Scalar> gradient_norms(Activation, const std::vector<Matrix>&, const Matrix&,
                                   const Matrix&) {
  throw NotImplemented("gradient_norms");
}

}  // namespace gradus
