// Regularization: write these functions in work/, where `./gradus start 09` copies this file. What
// each must do is described in regularization.hpp.

#include "chapters/09_regularization/regularization.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: set the derivatives by b and by w to 0. What does the first one say about the means?
// Hint: with x and t centred, w solves (x^T x + α I) w = x^T t. Elimination passes most of the tests,
// but x^T x squares how much alike two inputs are: what differs by 1e-7 differs by 1e-14 there.
// Hint: with one input it is a division. Turn two inputs that are correlated into two mixtures that are
// not, by half of atan(2 a·b / (a·a - b·b)), as often as needed: then each mixture is a division.
LinearModel ridge(const Matrix&, const Matrix&, Scalar) { throw NotImplemented("ridge"); }

// Hint: one line.
LinearModel least_squares(const Matrix&, const Matrix&) { throw NotImplemented("least_squares"); }

// Hint: the half is there for the sake of the gradient.
Scalar l2_penalty(const Matrix&, Scalar) { throw NotImplemented("l2_penalty"); }

// Hint: half of a square, differentiated.
Matrix l2_penalty_gradient(const Matrix&, Scalar) { throw NotImplemented("l2_penalty_gradient"); }

// Hint: no half here: there is no square to cancel it.
Scalar l1_penalty(const Matrix&, Scalar) { throw NotImplemented("l1_penalty"); }

// Hint: the pull does not depend on how large a weight is, only on its sign. There are three of them,
// and NaN, which has none.
Matrix l1_penalty_gradient(const Matrix&, Scalar) { throw NotImplemented("l1_penalty_gradient"); }

// Hint: what should become of a weight that is nearer to 0 than amount?
void l1_shrink(Matrix&, Scalar) { throw NotImplemented("l1_shrink"); }

// Hint: one number of random.uniform() per element, also where the rate is 0. Whatever is refused must
// be refused before the first number is drawn.
Matrix dropout_mask(int, int, Scalar, Random&) { throw NotImplemented("dropout_mask"); }

// Hint: dropout_mask, times x. Is x all numbers? Ask before you draw.
Dropout dropout_forward(const Matrix&, Scalar, Random&) { throw NotImplemented("dropout_forward"); }

// Hint: y = x mask, element by element. What is its derivative by x?
Matrix dropout_backward(const Matrix&, const Matrix&) { throw NotImplemented("dropout_backward"); }

// Hint: the scaling was done in training. What is left to do?
Matrix dropout_inference(const Matrix&) { throw NotImplemented("dropout_inference"); }

// Hint: deep.net.w[l] is (units before, units): which of the two does the mask of layer l have? The
// last layer is not hidden, and all masks come from the one generator that you were handed.
std::vector<Matrix> dropout_masks(const DeepNetwork&, int, Scalar, Random&) {
  throw NotImplemented("dropout_masks");
}

// Hint: how far back lies the best epoch? Epochs count from 0, and before the first one best_epoch
// is -1. As good as the best is not better, and neither is NaN.
bool should_stop(EarlyStopping&, Scalar, int) { throw NotImplemented("should_stop"); }

// Hint: go through the pixels of the result and ask of each where it came from.
// Hint: row - down can leave the range of int. How far is far enough?
Matrix shift_images(const Matrix&, int, int) { throw NotImplemented("shift_images"); }

// Hint: the middle of side pixels is (side - 1) / 2. To find where a pixel came from, turn it back.
// Hint: rows count downwards: check with 90 degrees, where the right edge becomes the top.
// Hint: the place lies between two rows and two columns; the nearer one counts more.
// Hint: 1e300 degrees are also an angle between -180 and 180: std::remainder.
Matrix rotate_images(const Matrix&, Scalar) { throw NotImplemented("rotate_images"); }

// Hint: std::clamp. What does it make of infinity?
Matrix add_noise(const Matrix&, Scalar, Random&) { throw NotImplemented("add_noise"); }

// Hint: one image at a time (take_rows of chapter 03), with draws of its own, in the order that
// regularization.hpp gives.
Matrix augment(const Matrix&, const Augmentation&, Random&) { throw NotImplemented("augment"); }

// Hint: two numbers first, then one permutation cut into three pieces. The validation samples are a
// share of what the test samples have left.
Split split_samples(int, Scalar, Scalar, Random&) { throw NotImplemented("split_samples"); }

}  // namespace gradus
