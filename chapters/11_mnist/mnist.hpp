// A network that reads handwritten digits.                                     docs/11_mnist.md
//
// Nothing is new here but the size. A step is a gradient (08) with units dropped on the way (09),
// penalties (09) and an optimizer (07); an epoch is a step for each batch (03); what is right is
// counted (05), here pair by pair.
// Sources: the notes 000, 003; Y. LeCun et al., Gradient-based learning applied to document
// recognition (1998), for the data.
//
// N images of D = 784 pixels, K = 10 classes. All functions throw std::invalid_argument, with a
// message of one line and before anything has changed, when shapes do not fit, for labels outside
// 0 … K-1, for settings outside their domains, and for NaN or infinity in the network or in x.
#pragma once

#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/07_optimizers/optimizers.hpp"
#include "chapters/08_normalization/normalization.hpp"
#include "chapters/09_regularization/regularization.hpp"
#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// How a network is made and trained.
struct Settings {
  std::vector<int> units = {784, 100, 10};  // inputs, hidden layers, classes
  Init init = Init::he;
  bool batch_norm = false;  // in each hidden layer
  Scalar dropout = 0;       // the rate, in each hidden layer: 0 ≤ rate < 1
  Scalar l2 = 0, l1 = 0;    // λ of the penalties on the weights, finite and ≥ 0
  Optimizer optimizer = Optimizer::sgd;
  Scalar learning_rate = 0.1;                                          // finite and ≥ 0
  int batch_size = 100;                                                // ≥ 1
  Augmentation augmentation = {.shift = 0, .degrees = 0, .noise = 0};  // of each batch; 0: none
};

// A network in training: all that the next epoch depends on, and so what a checkpoint holds.
struct Training {
  Settings settings;
  DeepNetwork deep;
  std::vector<OptimizerState> states;  // one per matrix that learns: weights, biases, γ, β
  Random random = Random(0);           // orders the samples and drops units
  int epoch = 0;                       // how many are done
};

// deep_init (08) of the settings, whose numbers are drawn from `random`; training goes on with the
// generator as it is then. Refuses settings outside their domains.
Training training_init(const Settings& settings, const Random& random);

// One step on a batch, x (N,D), which the settings' batch_size does not limit:
//   masks = dropout_masks, drawn only if dropout > 0
//   d     = deep_gradient of the batch's mean cross-entropy L under these masks
//   dw   += λ2 w + λ1 sign(w)                           for weights, not for biases, γ and β
//   optimizer_step for every matrix that learns, each with a state of its own
// Returns L, without the penalties, as it was before the step. Needs a sample, and two with batch
// norm. A step whose loss is not finite, or with an element of a gradient that is not or lies beyond
// the largest_gradient of 07, is refused as a whole: also the running statistics and the generator
// stay. The numbers in a state are looked at by optimizer_step alone: where NaN was put into one, the
// matrices before it have moved when it is refused.
Scalar train_step(Training& training, const Samples& batch);

// One pass over all samples: a step for each of the batches that epoch_batches (03) draws, of the
// settings' batch_size. With an augmentation that is not all 0, the step sees what augment (09) makes
// of the batch, drawn just before. Counts the epoch, and returns the mean over the samples of the L that their
// batch had before its step. Needs a sample; with batch norm, no batch of one. What is wrong with any
// sample is refused before the first step. Where a step is refused on the way, those before it have
// been taken.
Scalar train_epoch(Training& training, const Samples& samples);

struct Evaluation {
  Scalar loss;      // the mean cross-entropy
  Scalar accuracy;  // the share whose largest logit, the first of equal ones, is their label's
};

// How well a network does on samples, as after training: running statistics, no masks. Needs a sample.
// Goes through them a thousand at a time: the hidden layers of 60 000 would take a lot of memory.
Evaluation evaluate(const DeepNetwork& deep, const Samples& samples);

// (K,K): element (i, j) counts the samples of class i that were predicted as class j; K = classes,
// at least 1. Refuses labels and predictions outside 0 … K-1.
Matrix confusion_matrix(const std::vector<int>& predicted, const std::vector<int>& labels,
                        int classes);

}  // namespace gradus
