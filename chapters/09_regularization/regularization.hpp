// Regularization: learning less, so as to know more.                docs/09_regularization.md
//
// A network with more weights than samples can learn its samples by heart. Penalties on the
// weights, dropout, stopping early and new variants of the samples all make that harder.
// Sources: the notes 000, 001, 002, 003, 004; A. Hoerl and R. Kennard (1970) for ridge,
// R. Tibshirani (1996) for the L1 penalty, N. Srivastava et al. (2014) for dropout, L. Prechelt
// (1998) for early stopping.
//
// N samples, D inputs; sums are added up in double whatever Scalar is. All functions throw
// std::invalid_argument, with a message of one line, when shapes do not fit and for what they refuse,
// and then have changed nothing, the generator neither.
#pragma once

#include <limits>
#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/08_normalization/normalization.hpp"
#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// ---- lines ----

// The model of chapter 03 with the smallest Σ (y - t)^2 + α Σ w^2, found without descent; the bias is
// not penalized. x (N,D), t (N,1). Needs a sample and a finite α ≥ 0; refuses NaN and infinity, and,
// with α = 0, data that leave w open: no more samples than inputs, an input that never changes or that
// the others determine, all within the rounding of x. Inputs that differ by a ten-millionth do not
// leave it open. α > 0, however small, decides between all the w that fit equally well: for the one
// with the smallest Σ w^2.
LinearModel ridge(const Matrix& x, const Matrix& t, Scalar alpha);

// Ridge with α = 0.
LinearModel least_squares(const Matrix& x, const Matrix& t);

// ---- penalties on weights; biases go free. λ is finite and ≥ 0; NaN gives NaN ----

Scalar l2_penalty(const Matrix& w, Scalar lambda);           // λ/2 Σ w^2
Matrix l2_penalty_gradient(const Matrix& w, Scalar lambda);  // λ w

Scalar l1_penalty(const Matrix& w, Scalar lambda);           // λ Σ |w|
Matrix l1_penalty_gradient(const Matrix& w, Scalar lambda);  // λ sign(w), and 0 where w is 0

// Pulls each weight towards 0 by `amount`, and not beyond: w = sign(w) max(|w| - amount, 0). Taken
// after a step of descent, with amount = learning rate · λ, in place of the L1 gradient: weights
// become exactly 0, where the gradient would throw them to and fro. Needs a finite amount ≥ 0;
// refuses NaN and infinity in w.
void l1_shrink(Matrix& w, Scalar amount);

// ---- dropout ----

// Inverted dropout: an element is dropped with probability `rate`, and what stays is divided by
// 1 - rate, so that the mean stays. (rows,cols):
//
//   mask = 0 where random.uniform() < rate, else 1 / (1 - rate)
//
// One number is drawn for each element, row after row, also at a rate of 0. Needs 0 ≤ rate < 1 and
// sizes ≥ 0.
Matrix dropout_mask(int rows, int cols, Scalar rate, Random& random);

struct Dropout {
  Matrix y;     // x times mask, element by element
  Matrix mask;  // dropout_mask, shaped like x
};

// Needs 0 ≤ rate < 1; refuses NaN and infinity in x, of which a mask of 0 would make NaN.
Dropout dropout_forward(const Matrix& x, Scalar rate, Random& random);

// dx = dy mask: the units that were dropped get no gradient. Refuses NaN and infinity in dy.
Matrix dropout_backward(const Matrix& dy, const Matrix& mask);

// At test time all units work and nothing is scaled: x itself.
Matrix dropout_inference(const Matrix& x);

// What deep_gradient of chapter 08 takes: a dropout_mask (N, units) for each hidden layer, drawn in
// their order. Inputs and logits have none; deep_inference needs none. Needs a layer, N ≥ 0 and
// 0 ≤ rate < 1.
std::vector<Matrix> dropout_masks(const DeepNetwork& deep, int N, Scalar rate, Random& random);

// ---- early stopping ----

struct EarlyStopping {
  Scalar best = std::numeric_limits<Scalar>::infinity();  // the lowest validation loss so far
  int best_epoch = -1;
  int epoch = 0;  // how many losses were seen
};

// Takes the validation loss of the next epoch: true if training should stop, because `patience`
// epochs in a row have not been better than the best. Needs patience ≥ 1. NaN and infinity, of either
// sign, are never better.
bool should_stop(EarlyStopping& state, Scalar validation_loss, int patience);

// ---- augmentation: square images, one per row, (N, side²) with values 0 … 1 ----
// NaN and infinity are refused.

// Moved down and to the right by whole pixels, however many, the other way if negative; what comes in
// is 0.
Matrix shift_images(const Matrix& x, int down, int right);

// Turned counterclockwise about the middle. A pixel takes the value at the place where it came
// from, between four pixels by bilinear interpolation; beyond the edge all is 0. Whole turns change
// nothing, however many. Needs finite degrees.
Matrix rotate_images(const Matrix& x, Scalar degrees);

// Plus normal(0, deviation), drawn pixel after pixel, cut to 0 … 1. Needs a finite deviation ≥ 0.
Matrix add_noise(const Matrix& x, Scalar deviation, Random& random);

struct Augmentation {
  int shift = 2;        // at most this many pixels in each direction
  Scalar degrees = 10;  // at most this far, clockwise and counterclockwise
  Scalar noise = 0.05;  // its standard deviation
};

// A variant of each image. For one after the other: down and right from randint(-shift, shift + 1),
// the angle from uniform(-degrees, degrees), then the noise; turned first, then shifted. Needs finite
// options that are not negative.
Matrix augment(const Matrix& x, const Augmentation& options, Random& random);

// ---- three kinds of samples ----

struct Split {
  std::vector<int> train, validation, test;
};

// 0 … samples - 1 in the order of random.permutation(samples): first the test samples,
// `test_share` of all, then the validation samples, `validation_share` of the rest, both rounded to
// the nearest whole number, a half upwards; what is left is for training. Needs shares 0 … 1 and a
// training sample.
Split split_samples(int samples, Scalar test_share, Scalar validation_share, Random& random);

}  // namespace gradus
