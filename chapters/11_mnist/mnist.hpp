// A network that reads handwritten digits.                           docs/11_mnist.md
//
// Nothing is new here but the size: the batches of an epoch (03), softmax with cross-entropy (05), He
// initialization and a deep network (06), steps of gradient descent (07), and images instead of the
// four corners of a square.
// Source: the notes 000, 003; Y. LeCun et al., Gradient-based learning applied to document
// recognition (1998), for the data.
//
// N images, D = 784 pixels, K = 10 classes. All functions throw std::invalid_argument, with a
// message of one line and before anything has changed, when shapes do not fit, for labels outside
// 0 … K-1 and for NaN or infinity in the network or in x.
#pragma once

#include <vector>

#include "chapters/06_initialization/initialization.hpp"
#include "common/matrix.hpp"
#include "common/mnist.hpp"
#include "common/random.hpp"

namespace gradus {

// Pixels 0 … 255 as 0 … 1, one image per row: (N,D). Refuses pixels that do not fill the images
// exactly.
Matrix preprocess(const IdxImages& images);

// The Network of chapter 06. units: {784, 100, 10} makes two layers, with He weights drawn layer
// after layer, and biases of zero. Needs at least two entries, all above 0.
Network network_init(const std::vector<int>& units, Random& random);

// One step of gradient descent, on every weight and bias, on the mean cross-entropy of a batch.
// Returns the loss before the step. The learning rate is finite and not negative. A loss or a
// gradient that is NaN or infinite is refused as well, before any weight has changed.
Scalar train_step(Network& net, const Matrix& x, const std::vector<int>& labels,
                  Scalar learning_rate);

// One pass over all samples, a step for each of the batches that epoch_batches (03) draws. Returns
// the mean loss per sample, each before its step. Needs samples and a batch size above 0. Where the
// loss becomes infinite on the way, the steps before that one have been taken.
Scalar train_epoch(Network& net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                   Scalar learning_rate, Random& random);

// The class with the largest logit, for each row. Refuses logits that are NaN or infinite: no class
// is the largest then.
std::vector<int> predict(const Network& net, const Matrix& x);

// The share of predictions that are right, 0 … 1. Needs at least one; labels are not negative.
Scalar accuracy(const std::vector<int>& predicted, const std::vector<int>& labels);

// (K,K): element (i, j) counts the samples of class i that were predicted as class j. Refuses
// labels and predictions outside 0 … classes - 1; classes is at least 1.
Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes);

}  // namespace gradus
