// A multilayer perceptron that learns XOR.                      docs/02_xor_mlp.md
//
// One hidden layer of sigmoids bends the plane so that one straight line can part what a single
// perceptron cannot. Source: the notes 001; Rumelhart, Hinton and Williams (1986).
//
// N samples, D inputs, H hidden units, M outputs. Every gradient has the shape of what it is the
// gradient of.
#pragma once

#include <vector>

#include "common/matrix.hpp"
#include "common/random.hpp"
#include "common/require.hpp"

namespace gradus {

// σ(z) = 1 / (1 + e^-z).                                        range (0, 1)
Scalar sigmoid(Scalar z);

// σ'(z) from the output y = σ(z), which is all that the backward pass keeps: y (1 - y).
Scalar sigmoid_derivative(Scalar y);

// y = x w + b                        x (N,D)   w (D,M)   b (1,M)   y (N,M)
// Throws std::invalid_argument when shapes do not fit, as every function here does.
Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b);

// dx = dy w^T (N,D)    dw = x^T dy (D,M)    db = sum of dy over the samples (1,M)
// L is already a mean or a sum over the batch, so nothing here divides by N.
struct DenseGradients {
  Matrix dx, dw, db;
};
DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w);

// The network: h = σ(x w1 + b1), y = σ(h w2 + b2).
struct Mlp {
  Matrix w1;  // (D,H)
  Matrix w2;  // (H,M)
  Matrix b1;  // (1,H)
  Matrix b2;  // (1,M)
};

// What the forward pass leaves for the backward pass.
struct MlpActivations {
  Matrix h;  // (N,H)
  Matrix y;  // (N,M)
};
MlpActivations mlp_forward(const Mlp& net, const Matrix& x);

// Gradients of L = 1/2 Σ (y - t)^2, summed over samples and outputs; t (N,M).
Mlp mlp_backward(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t);

// Starts from uniform(-0.1, 0.1), drawn in the order w1, w2, b1, b2, then goes `epochs` times through the
// samples in their order and takes a step of gradient descent after each one (online learning).
struct MlpFit {
  Mlp net;
  std::vector<Scalar> loss;  // a value an epoch: L summed over its samples, each before its update
};
MlpFit mlp_fit(const Matrix& x, const Matrix& t, int hidden, int epochs, Scalar learning_rate,
               Random& random);

}  // namespace gradus
