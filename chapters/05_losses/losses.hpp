// Losses: what training makes small.                                 docs/05_losses.md
//
// Squared error asks how far an output is from its target; cross-entropy asks how surprised the
// model is by the truth. At an output that is confidently wrong only the second one still pushes.
// Sources: the notes 000, 001; J. Bridle (1990) for softmax with cross-entropy.
//
// N samples, K classes or outputs. Logarithms are natural. All functions throw
// std::invalid_argument, with a message of one line, when shapes do not fit, a mean when there is
// nothing to take it of, and for what they refuse.
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

// Labels 0 … K-1 as rows of 0 with a single 1: (N,K). Refuses labels outside.
Matrix one_hot(const std::vector<int>& labels, int classes);

// p_nk = e^z_nk / Σ_j e^z_nj: each row of z becomes positive numbers that sum to 1. Stays finite
// for logits of ±10 000.
Matrix softmax(const Matrix& z);

// H(p, q) = -Σ_k p_k ln q_k, the mean over the rows of p, the truth, and q, the prediction.
// 0 ln 0 counts as 0. Where the truth has p > 0, a prediction q below the smallest normal Scalar is
// replaced by it, so the loss is large and finite.
Scalar cross_entropy(const Matrix& p, const Matrix& q);

// ---- loss and gradient in one ----

struct LossGradient {
  Scalar loss;  // the mean over the batch
  Matrix dz;    // ∂loss/∂z, shaped like z
};

// Cross-entropy of softmax(z) against integer labels, one a row: dz = (softmax(z) - one_hot) / N.
// In one piece because ln(softmax(z)) need not lose a digit, whatever z is:
// ln p_k = z_k - max z - ln Σ_j e^(z_j - max z). Refuses labels outside 0 … K-1.
LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels);

// The same for one sigmoid an output, o = σ(z), and targets t in [0, 1], both (N,K):
// loss = -Σ [t ln o + (1 - t) ln(1 - o)] / N, dz = (σ(z) - t) / N. Loses no digit either, whatever z
// is: σ(-10 000) is 0 after rounding, and yet its -ln is 10 000.
LossGradient sigmoid_cross_entropy(const Matrix& z, const Matrix& t);

}  // namespace gradus
