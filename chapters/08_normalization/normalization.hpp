// Normalization: of the data, and within the network.               docs/08_normalization.md
//
// Inputs of different size make the loss a long valley. Normalizing them makes it round; batch
// normalization does the same to the input of every layer, at every step.
// Sources: the notes 001, 003, 004; S. Ioffe and C. Szegedy (2015) for batch normalization.
//
// x is (N,D): N samples, D features, and every statistic is one of a column, added up in double
// whatever Scalar is. All functions throw std::invalid_argument, with a message of one line, when
// shapes do not fit and for what they refuse, and then have changed nothing.
#pragma once

#include <vector>

#include "chapters/06_initialization/initialization.hpp"
#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// ---- data: fitted on the training data, then applied to all data ----

struct MinMax {
  Matrix low, high;  // (1,D) smallest and largest value of each feature
};

// Needs at least one sample; refuses NaN and infinity.
MinMax min_max_fit(const Matrix& x);

// Each feature's range low … high becomes from … to: low becomes exactly `from` and high exactly
// `to`, what lies between keeps its order, and a value beyond the range lands beyond. A feature
// whose low is its high becomes `from`, whatever its value. Needs finite from < to and low ≤ high
// with a finite difference; refuses NaN and infinity, also as a result (x of 1e308 in a range of
// 1e-9). The notes take 0 … 1 and -1 … 1.
Matrix min_max_apply(const MinMax& fit, const Matrix& x, Scalar from = 0, Scalar to = 1);

struct Standardization {
  Matrix mean, deviation;  // (1,D); the standard deviation, √(1/N Σ (x - mean)^2), as np.std
};

// A feature that never changes has exactly its value as mean, and deviation 0: no rounding. Values
// of 1e-200 and of 1e200, whose squares are not numbers any more, have their deviations as well.
// Needs at least one sample; refuses NaN and infinity.
Standardization standardize_fit(const Matrix& x);

// (x - mean) / deviation: z-scores. A deviation of 0 counts as 1, so a feature that never changed
// becomes 0, and not 0/0. Refuses NaN and infinity in x and as a result, and a deviation below 0.
Matrix standardize_apply(const Standardization& fit, const Matrix& x);

// ---- batch normalization ----

struct BatchNorm {
  Matrix gamma, beta;  // (1,D) learned: standard deviation and mean of each feature of the output
  Matrix mean, variance;  // (1,D) running statistics, for inference
  Scalar momentum = 0.1;  // 0 … 1, how far running statistics move: 1 leaves only the batch's
  Scalar epsilon = 1e-5;  // ε > 0: a feature that never changes is not divided by 0
};

// γ = 1, β = 0; running mean 0 and variance 1. Needs at least one feature.
BatchNorm batch_norm_init(int features);

// What the backward pass needs again.
struct BatchNormForward {
  Matrix y;        // (N,D)
  Matrix x_hat;    // (N,D) normalized: (x - mean) / √(variance + ε)
  Matrix inverse;  // (1,D) 1 / √(variance + ε)
};

// y = γ x̂ + β with mean and variance 1/N Σ (x - mean)^2 of this batch. Then the running statistics
// move towards the batch's, m = (1 - momentum) m + momentum (batch's); the variance that they move
// towards is 1/(N-1) Σ (x - mean)^2, as in PyTorch. Needs momentum 0 … 1 and ε > 0. Refuses a batch
// of 1, whose x̂ is 0 whatever x is, and what would spoil the running statistics for good: NaN and
// infinity in x, and values so large that their variance is infinite.
BatchNormForward batch_norm_forward(BatchNorm& norm, const Matrix& x);

// From dy (N,D): dγ = Σ dy x̂, dβ = Σ dy, and with g = γ dy, means over the batch:
//   dx = (g - mean(g) - x̂ mean(g x̂)) / √(variance + ε)
// Mean and variance depend on every x, which is where the last two terms come from. NaN in dy gives
// NaN in its feature.
struct BatchNormGradients {
  Matrix dx;             // (N,D)
  Matrix dgamma, dbeta;  // (1,D)
};
BatchNormGradients batch_norm_backward(const Matrix& dy, const BatchNorm& norm,
                                       const BatchNormForward& forward);

// y = γ (x - mean) / √(variance + ε) + β with the running statistics: a sample's output does not
// depend on its company. Nothing is changed. Needs ε > 0; NaN gives NaN.
Matrix batch_norm_inference(const BatchNorm& norm, const Matrix& x);

// ---- a deep network with batch normalization ----

// The Network of chapter 06 with a batch normalization between each hidden dense layer and its
// ReLU, or with none at all. a_0 = x (N,D):
//
//   hidden layer   a_{l+1} = relu(batch norm of a_l w_l + b_l) · mask_l
//   last layer     logits  = a_l w_l + b_l                                   (N,K)
struct DeepNetwork {
  Network net;
  std::vector<BatchNorm> norms;  // one per hidden layer, in their order, or none
};

// network_init, then a batch_norm_init for each hidden layer if batch_norm: they draw nothing.
DeepNetwork deep_init(const std::vector<int>& units, Init init, bool batch_norm, Random& random);

// Logits of x as after training: running statistics, no masks. Nothing is changed; NaN gives NaN.
Matrix deep_inference(const DeepNetwork& deep, const Matrix& x);

// The mean softmax cross-entropy of a batch against integer labels, and its gradient by everything
// that learns.
struct DeepGradient {
  Scalar loss;
  Network d;                          // by weights and biases, shaped like the network
  std::vector<Matrix> dgamma, dbeta;  // (1, units) one per batch normalization
};

// Normalizes by the statistics of the batch and moves the running ones, once, as batch_norm_forward
// does; weights, biases, γ and β stay. A mask (N, units) multiplies what the ReLU of its hidden
// layer lets through, and on the way back its gradient: one per hidden layer, in their order, or
// none. Chapter 09 drops units with them. Refuses what batch_norm_forward and softmax_cross_entropy
// refuse, and then no running statistics have moved, in no layer; other NaN gives NaN.
DeepGradient deep_gradient(DeepNetwork& deep, const Matrix& x, const std::vector<int>& labels,
                           const std::vector<Matrix>& masks = {});

}  // namespace gradus
