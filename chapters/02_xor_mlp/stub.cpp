// The XOR network: write these functions in work/, where `./gradus start 02` copies this file. What
// each must do is described in xor_mlp.hpp.
//
// common/matmul.hpp has the products: matmul(a, b), matmul_tn(a, b) for a^T b, matmul_nt(a, b) for
// a b^T.

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: std::exp of <cmath>, with the sign that makes it small where σ is near 1.
Scalar sigmoid(Scalar) { throw NotImplemented("sigmoid"); }

// Hint: its argument is the output y, not z. No exponential is needed.
Scalar sigmoid_derivative(Scalar) { throw NotImplemented("sigmoid_derivative"); }

// Hint: one product, then b is added to every row. Check the shapes first (common/require.hpp).
Matrix dense_forward(const Matrix&, const Matrix&, const Matrix&) {
  throw NotImplemented("dense_forward");
}

// Hint: of the three products only one gives each of dx, dw the shape that it must have.
// Hint: b was added to every row, so db collects from every row.
DenseGradients dense_backward(const Matrix&, const Matrix&, const Matrix&) {
  throw NotImplemented("dense_backward");
}

// Hint: two of the three gradients of dense_backward. No weight is needed for them.
DenseGradients dense_backward_first(const Matrix&, const Matrix&) {
  throw NotImplemented("dense_backward_first");
}

// Hint: look at the three sizes first. Then Random::uniform_matrix, four times, in
// the order of the header.
Mlp mlp_init(int, int, int, Random&) { throw NotImplemented("mlp_init"); }

// Hint: twice the same: a dense layer, then σ on every element.
MlpActivations mlp_forward(const Mlp&, const Matrix&) { throw NotImplemented("mlp_forward"); }

// Hint: from the end to the beginning: ∂L/∂y = y - t; through σ, times σ'; through the dense layer,
// dense_backward; and the same again for the hidden layer, whose x is data: dense_backward_first.
Mlp mlp_backward(const Mlp&, const Matrix&, const MlpActivations&, const Matrix&) {
  throw NotImplemented("mlp_backward");
}

// Hint: forward, backward and four updates for one sample at a time; all four gradients are found
// before the first weight changes.
MlpFit mlp_fit(const Mlp&, const Matrix&, const Matrix&, int, Scalar) {
  throw NotImplemented("mlp_fit");
}

}  // namespace gradus
