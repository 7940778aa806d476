// A network that reads handwritten digits.                           docs/11_mnist.md
//
// Nothing is new here but the size: dense layers (02), ReLU between them (04), softmax with
// cross-entropy at the end (05), and mini-batches of images instead of four corners of a square.
// Source: the notes 000, 003; Y. LeCun et al., Gradient-based learning applied to document
// recognition (1998), for the data.
//
// N images, D = 784 pixels, K = 10 classes. All functions throw std::invalid_argument, with a
// message of one line, when shapes do not fit and for what they refuse.
#pragma once

#include <vector>

#include "common/matrix.hpp"
#include "common/mnist.hpp"
#include "common/random.hpp"

namespace gradus {

// Pixels 0 … 255 as 0 … 1, one image a row: (N,D).
Matrix preprocess(const IdxImages& images);

// Layer l is a dense layer w[l], b[l]; ReLU follows each but the last, whose outputs are logits.
struct Network {
  std::vector<Matrix> w;  // (units before, units)
  std::vector<Matrix> b;  // (1, units)
};

// units: {784, 100, 10} makes two layers. Weights from normal(0, sqrt(2 / units before)), drawn
// layer after layer, each row after row; biases zero (He et al., 2015). Needs at least two entries,
// all above 0.
Network network_init(const std::vector<int>& units, Random& random);

// Logits (N,K).
Matrix network_forward(const Network& net, const Matrix& x);

// One step of gradient descent, w -= learning_rate dw and b -= learning_rate db, on the mean
// cross-entropy of a batch. Returns the loss before the step.
Scalar train_step(Network& net, const Matrix& x, const std::vector<int>& labels,
                  Scalar learning_rate);

// One pass over all samples in a new order, Random::permutation, in batches of batch_size; the
// last batch may be smaller. Returns the mean loss a sample. Needs samples and a batch size above 0.
Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random);

// The class with the largest logit, for each row.
std::vector<int> predict(const Network& net, const Matrix& x);

// The share of predictions that are right, 0 … 1. Needs at least one.
Scalar accuracy(const std::vector<int>& predicted, const std::vector<int>& labels);

// (K,K): element (i, j) counts the samples of class i that were predicted as class j. Refuses
// labels and predictions outside 0 … classes - 1.
Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes);

}  // namespace gradus
