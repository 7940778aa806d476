// Losses: what training makes small.                                 docs/05_losses.md
//
// Squared error asks how far an output is from its target; cross-entropy asks how surprised the
// model is by the truth. At an output that is confidently wrong only the second one still pushes.
// Sources: the notes 000, 001; J. Bridle (1990) for softmax with cross-entropy.
//
// N samples, K classes or outputs. Logarithms are natural. All functions throw
// std::invalid_argument, with a message of one line, when shapes do not fit, a mean when there is
// nothing to take it of, and for what they refuse. NaN in an argument gives NaN: a loss, or its
// element or row of a gradient; what answers with classes refuses it. Sums over the batch are taken
// in double, whatever Scalar is; ε is Scalar's.
#pragma once

#include <vector>

#include "common/matrix.hpp"

namespace gradus {

// ---- squared error: outputs o and targets t, both (N,K) ----

// 1/2 Σ (t - o)^2, a sum over all elements, as the notes write it. Gradient by o: o - t.
Scalar squared_error(const Matrix& o, const Matrix& t);
Matrix squared_error_backward(const Matrix& o, const Matrix& t);

// The mean of (t - o)^2 over all N K elements, as PyTorch's MSELoss. Gradient by o: 2 (o - t) / NK.
Scalar mean_squared_error(const Matrix& o, const Matrix& t);
Matrix mean_squared_error_backward(const Matrix& o, const Matrix& t);

// ---- classes ----

// Labels 0 … K-1 as rows of 0 with a single 1: (N,K). Refuses labels outside, and K below 1.
Matrix one_hot(const std::vector<int>& labels, int classes);

// p_nk = e^z_nk / Σ_j e^z_nj: each row of z becomes positive numbers that sum to 1. However large
// the logits are, the relative error of p_k is at most about (K + |z_k - max z|) ε.
// A logit of -∞ rules its class out, a single +∞ all others, as in the limit. Where there is no
// limit, beside a second +∞ or if all are -∞, p is NaN.
Matrix softmax(const Matrix& z);

// H(p, q) = -Σ_k p_k ln q_k, the mean over the rows of p, the truth, and q, the prediction: both
// of probabilities 0 … 1, others are refused. 0 ln 0 counts as 0. A prediction q below the smallest
// normal Scalar is replaced by it, so the loss is large and finite where the truth has p > 0.
Scalar cross_entropy(const Matrix& p, const Matrix& q);

// ---- loss and gradient in one ----

struct LossGradient {
  Scalar loss;  // the mean over the batch
  Matrix dz;    // ∂loss/∂z, shaped like z
};

// Cross-entropy of softmax(z) against integer labels, one per row: dz = (softmax(z) - one_hot) / N.
// In one piece because then neither needs to lose a digit: a row's loss and each element of dz have
// softmax's small relative error, even where p_label rounds to 1 (logits 40 and 0: loss 4.2e-18,
// dz ∓4.2e-18) or to 0 (0 and 10 000: loss 10 000). Infinite logits as in softmax: a label of p = 0
// has loss ∞, one of p = 1 has loss 0. Refuses labels outside 0 … K-1.
LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels);

// The same for one sigmoid per output, o = σ(z), and targets t in [0, 1], both (N,K); other targets
// are refused. loss = -Σ [t ln o + (1 - t) ln(1 - o)] / N, dz = (o - t) / N.
// The relative error of each term of the loss is a few ε whatever z is; that of dz, which is the
// difference (1 - t) o - t (1 - o), is a few ε of the larger side, so of dz itself for t = 0 and 1.
// z = ±∞ gives the limit: for t = 1 a loss of 0 and ∞, dz = 0 and -1/N.
LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t);

// ---- right or wrong ----

// The class with the largest logit of each row, the first of equal ones; z (N,K), K at least 1.
// Softmax keeps the order, so it need not be taken. ±∞ are numbers here; NaN is refused.
std::vector<int> predict(const Matrix& z);

// The share of rows whose predicted class is the label, 0 … 1: what we want, but it has no gradient,
// so a loss is what is made small. Refuses NaN, labels outside 0 … K-1, and no rows at all.
Scalar accuracy(const Matrix& z, const std::vector<int>& labels);

}  // namespace gradus
