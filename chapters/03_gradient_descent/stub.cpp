// Gradient descent: write these functions in work/, where `./gradus start 03` copies this file.
// What each must do is described in gradient_descent.hpp.

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: a row of x times the column w, summed in double; the bias goes onto every row.
Matrix linear_predict(const LinearModel&, const Matrix&) { throw NotImplemented("linear_predict"); }

// Hint: one residual per sample, squared, summed in double. There are two reasons to divide: the
// mean, the half.
Scalar linear_loss(const LinearModel&, const Matrix&, const Matrix&) {
  throw NotImplemented("linear_loss");
}

// Hint: differentiate the loss of one sample by w and by b on paper; then take the mean.
// Hint: w has one row per input, so has its gradient. The bias is a weight whose input is always 1.
LinearModel linear_gradient(const LinearModel&, const Matrix&, const Matrix&) {
  throw NotImplemented("linear_gradient");
}

// Hint: one element of w after another, each against its own element of dw. Look at both shapes
// first, and at nothing else: a run that explodes must go on.
void descend(Matrix&, const Matrix&, Scalar) { throw NotImplemented("descend"); }

// Hint: the order within a step: write down the loss, take the gradient of w and of b, then move:
// w by descend.
// Hint: path is one longer than loss.
Descent batch_descent(const LinearModel&, const Matrix&, const Matrix&, Scalar, int) {
  throw NotImplemented("batch_descent");
}

// Hint: only what the gradient is taken over is new; take_rows picks it. Draw within the loop.
Descent mini_batch_descent(const LinearModel&, const Matrix&, const Matrix&, Scalar, int, int,
                           Random&) {
  throw NotImplemented("mini_batch_descent");
}

// Hint: a batch of one sample. What is the mean over one?
Descent stochastic_descent(const LinearModel&, const Matrix&, const Matrix&, Scalar, int, Random&) {
  throw NotImplemented("stochastic_descent");
}

// Hint: a division of integers drops the rest; a rest is a batch, too.
int iterations_per_epoch(int, int) { throw NotImplemented("iterations_per_epoch"); }

// Hint: one permutation for the whole epoch. To which batch does its place i belong?
std::vector<std::vector<int>> epoch_batches(int, int, Random&) {
  throw NotImplemented("epoch_batches");
}

// Hint: row i of the result is row indices[i] of x. Look at every index before you use it.
Matrix take_rows(const Matrix&, const std::vector<int>&) { throw NotImplemented("take_rows"); }

// Hint: take_rows picks the rows; each label goes with its row. As many labels as rows?
Samples take(const Samples&, const std::vector<int>&) { throw NotImplemented("take"); }

// Hint: begin with the matrix of second derivatives. The column of ones is a part of it.
// Hint: multiply a vector by it again and again: which direction grows most, and by how much? Take
// care that the first vector is not one that never grows.
// Hint: two curvatures that differ by a millionth need millions of multiplications. The square of
// the matrix multiplies twice, the square of that four times. Divide by something in between.
Scalar largest_curvature(const Matrix&) { throw NotImplemented("largest_curvature"); }

}  // namespace gradus
