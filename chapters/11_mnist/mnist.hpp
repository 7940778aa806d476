// A network that reads handwritten digits.                                     docs/11_mnist.md
//
// Nothing is new here but the size. A step is a gradient (06) and a descent along it (03), an epoch
// is a step for each batch (03); what is right is counted (05), here pair by pair.
// Sources: the notes 000, 003; Y. LeCun et al., Gradient-based learning applied to document
// recognition (1998), for the data.
//
// N images of D = 784 pixels, K = 10 classes. All functions throw std::invalid_argument, with a
// message of one line and before anything has changed, when shapes do not fit, for labels outside
// 0 … K-1, and for NaN or infinity in the network or in x.
#pragma once

#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// One step of gradient descent on the mean cross-entropy L of a batch, x (N,D):
//   w -= learning_rate ∂L/∂w,  b -= learning_rate ∂L/∂b       for every layer at once
// Returns L before the step. Needs a sample and a learning rate that is finite and ≥ 0. A step whose
// loss, or any of whose new weights, would be NaN or infinite is refused as a whole.
Scalar train_step(Network& net, const Samples& batch, Scalar learning_rate);

// One pass over all samples: a step for each of the batches that epoch_batches (03) draws. Returns
// the mean over the samples of the loss that their batch had before its step. Needs a sample and
// batch_size ≥ 1. What is wrong with any sample is refused before the first step. Where a step
// overflows on the way, those before it have been taken.
Scalar train_epoch(Network& net, const Samples& samples, int batch_size, Scalar learning_rate,
                   Random& random);

// (K,K): element (i, j) counts the samples of class i that were predicted as class j; K = classes,
// at least 1. Refuses labels and predictions outside 0 … K-1.
Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes);

}  // namespace gradus
