// A network that reads handwritten digits.                           docs/11_mnist.md
//
// Nothing is new here but the size: batches of an epoch (03), softmax with cross-entropy (05), He's
// start and a deep network (06), steps of gradient descent (07), and images instead of four corners
// of a square.
// Source: the notes 000, 003; Y. LeCun et al., Gradient-based learning applied to document
// recognition (1998), for the data.
//
// N images, D = 784 pixels, K = 10 classes. All functions throw std::invalid_argument, with a
// message of one line, when shapes do not fit and for what they refuse.
#pragma once

#include <vector>

#include "chapters/06_initialization/initialization.hpp"
#include "common/matrix.hpp"
#include "common/mnist.hpp"
#include "common/random.hpp"

namespace gradus {

// Pixels 0 … 255 as 0 … 1, one image a row: (N,D).
Matrix preprocess(const IdxImages& images);

// The Network of chapter 06. units: {784, 100, 10} makes two layers, with He's weights drawn layer
// after layer, and biases of zero. Needs at least two entries, all above 0.
Network network_init(const std::vector<int>& units, Random& random);

// One step of gradient descent, on every weight and bias, on the mean cross-entropy of a batch. Returns the loss before the step.
Scalar train_step(Network& net, const Matrix& x, const std::vector<int>& labels,
                  Scalar learning_rate);

// One pass over all samples, a step for each of the batches that epoch_batches (03) draws. Returns
// the mean loss a sample, each before its step. Needs samples and a batch size above 0.
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
