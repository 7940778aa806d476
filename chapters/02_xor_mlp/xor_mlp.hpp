// A multilayer perceptron that learns XOR.                           docs/02_xor_mlp.md
//
// A hidden layer of sigmoids bends the plane until one straight line separates what a
// single perceptron cannot. Backpropagation finds the bend.
// Source: D. Rumelhart, G. Hinton, R. Williams, Learning representations by back-propagating
// errors (1986); the notes 001.
//
// N samples, D inputs, H hidden units, M outputs. A gradient dw is ∂L/∂w and is shaped like w.
// All functions throw std::invalid_argument, with a message of one line, when shapes do not fit and
// for what they refuse, before anything else. NaN gives NaN, except in mlp_fit, which refuses it.
#pragma once

#include <vector>

#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// σ(z) = 1 / (1 + e^-z), between 0 and 1, to 14 digits also where it is tiny: σ(-40) = 4.248e-18.
// (Below z = -709, in float -88, e^-z overflows and σ is 0.) For large z it rounds to 1: where
// 1 - σ(z) is needed, take σ(-z), which is the same number and has all its digits.
Scalar sigmoid(Scalar z);

// σ'(z) from the output y = σ(z), which is all that the backward pass needs: y (1 - y), to 14
// digits for the y that it is given. (Not y - y^2: near y = 1 that loses digits.)
Scalar sigmoid_derivative(Scalar y);

// Dense layer: y = x w + b.             x (N,D)   w (D,M)   b (1,M)   y (N,M)
Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b);

// From dy (N,M):   dx = dy w^T (N,D)   dw = x^T dy (D,M)   db = sum of dy over the batch (1,M)
// L is already a sum or a mean over the batch, so nothing here divides by N. db sums in double.
struct DenseGradients {
  Matrix dx, dw, db;
};
DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w);

// The same for a network's first layer, without dx, which stays empty: x is data, nobody asks for its
// gradient, and it would be a third of the work.
DenseGradients dense_backward_first(const Matrix& dy, const Matrix& x);

// The network: h = σ(x w1 + b1), y = σ(h w2 + b2).
struct Mlp {
  Matrix w1;  // (D,H)
  Matrix w2;  // (H,M)
  Matrix b1;  // (1,H)
  Matrix b2;  // (1,M)
};

// Every weight from uniform(-0.1, 0.1), drawn in the order w1, w2, b1, b2. Each size is at least 1.
Mlp mlp_init(int inputs, int hidden, int outputs, Random& random);

// What the forward pass finds and the backward pass needs again.
struct MlpActivations {
  Matrix h;  // (N,H)
  Matrix y;  // (N,M)
};
MlpActivations mlp_forward(const Mlp& net, const Matrix& x);

// The gradients of L = 1/2 Σ (y - t)^2, a sum over samples and outputs; t (N,M).
Mlp mlp_backward(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t);

struct MlpFit {
  Mlp net;
  std::vector<Scalar> loss;  // one entry per epoch: the sum of its samples' L, each before
                             // its step, in double
};

// Online gradient descent from `start`: an epoch goes through the samples in their order and takes
// the step  w -= learning_rate dw  after each one. Refuses NaN and infinity in start, x and t, a
// learning rate that is not finite or negative, and a negative number of epochs.
MlpFit mlp_fit(const Mlp& start, const Matrix& x, const Matrix& t, int epochs,
               Scalar learning_rate);

}  // namespace gradus
