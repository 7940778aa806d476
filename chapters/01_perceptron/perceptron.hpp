// The perceptron.                                                    docs/01_perceptron.md
//
// One artificial neuron: a weighted sum, then a step. It learns by correcting itself after each
// sample that it gets wrong, and it can draw one straight line, no more.
// Source: F. Rosenblatt, The Perceptron (1958); the notes 001.
//
// N samples, D inputs. All functions throw std::invalid_argument, with a message of one line, when
// shapes do not fit and for what they refuse, before anything else. All refuse NaN.
#pragma once

#include <vector>

#include "common/matrix.hpp"

namespace gradus {

// 1 if t > 1e-7, else 0.
// Not t > 0: the sums below are rounded, and 0.1 + 0.2 - 0.3 is 5.6e-17, not 0.
// Refuses NaN, which is neither above nor below. Infinity is above, minus infinity is not.
int step(Scalar t);

struct PerceptronFit {
  Matrix w;  // (1,D)
  Scalar b = 0;
  std::vector<int> errors;  // one entry per epoch: how many samples were wrong when they came
};

// Learns from x (N,D) and y, N labels of 0 or 1, starting from zero weights. An epoch goes through
// the samples in their order, and after each one
//
//   error = y_n - step(x_n · w + b)        -1, 0 or 1
//   w    += learning_rate error x_n
//   b    += learning_rate error
//
// Refuses labels other than 0 and 1, NaN or infinity in x, a negative number of epochs, and a
// learning rate that is not finite or negative.
PerceptronFit perceptron_fit(const Matrix& x, const std::vector<int>& y, int epochs,
                             Scalar learning_rate);

// step(x_n · w + b) for each row of x (N,D); w (1,D). Refuses NaN and infinity in x, w and b.
std::vector<int> perceptron_predict(const Matrix& x, const Matrix& w, Scalar b);

}  // namespace gradus
