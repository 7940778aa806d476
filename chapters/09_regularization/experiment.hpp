// What the demonstration shows and the claims assert: Anscombe's line, one weight and one layer;
// then a network of seven layers on 300 digits, with one remedy after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chapters/03_gradient_descent/experiment.hpp"
#include "chapters/06_initialization/experiment.hpp"
#include "chapters/09_regularization/regularization.hpp"
#include "common/runs.hpp"

namespace gradus::regularization {

// ---- Anscombe's first set, through which 004 draws its lines ----

gradient_descent::Data anscombe();
LinearModel anscombe_line(double alpha);  // ridge
std::vector<double> anscombe_slopes(std::vector<double> alphas);

// ---- one weight, one layer ----

// A weight under L1 alone, after 0, 1, … steps; amount is learning rate · λ.
struct Pulled {
  Scalar by_shrinking, by_gradient;
};
std::vector<Pulled> pull(Scalar weight, Scalar amount, int steps);

// What the next layer gets from 100 000 units of 1, on average; unscaled: from a mask of 0 and 1.
struct Signal {
  double unscaled, training, test;
};
Signal signal_under_dropout(Scalar rate, Random& random);

// ---- remedies ----

struct Remedy {
  std::string name;
  Scalar l2 = 0, l1 = 0, l1_by_gradient = 0;      // λ
  Scalar dropout = 0;                             // rate
  int patience = 0;                               // above 0: stops early
  bool fewer = false;                             // gives up the same samples, and does not stop
  bool augmentation = false, batch_norm = false;  // in each epoch; in each hidden layer
  Scalar learning_rate = 0.01;
};

inline const Remedy nothing{.name = "nothing"};
inline const Remedy weak_l2{.name = "L2, λ = 0.05", .l2 = 0.05};
inline const Remedy strong_l2{.name = "L2, λ = 0.1", .l2 = 0.1};
inline const Remedy l1{.name = "L1, λ = 0.005", .l1 = 0.005};
inline const Remedy l1_by_gradient{.name = "L1 by its gradient", .l1_by_gradient = 0.005};
inline const Remedy weak_dropout{.name = "dropout 0.1", .dropout = 0.1};
inline const Remedy strong_dropout{.name = "dropout 0.2", .dropout = 0.2};
inline const Remedy early_stopping{.name = "early stopping", .patience = 10};
inline const Remedy fewer_images{.name = "nothing, 240 images", .fewer = true};
inline const Remedy augmentation{.name = "augmentation", .augmentation = true};
inline const Remedy batch_normalization{.name = "batch norm", .batch_norm = true};

inline const std::vector<Remedy> remedies = {
    nothing,        weak_l2,        strong_l2,    l1,           l1_by_gradient,     weak_dropout,
    strong_dropout, early_stopping, fewer_images, augmentation, batch_normalization};
inline constexpr Scalar learning_rates[] = {0.01, 0.1, 0.5, 1};  // of nothing and batch norm

// The same remedy at another learning rate; at its own it keeps its name.
Remedy at_learning_rate(Remedy remedy, Scalar learning_rate);

// ---- one run ----

inline constexpr int every_fifth = 5;  // test image: enough here, and five times as quick

struct Evaluation {
  double loss = 0, accuracy = 0;  // the mean cross-entropy; a share 0 … 1
};

struct Run {
  DeepNetwork start, end;  // with early stopping the best
  int epochs = 0;          // that led to `end`
  bool exploded = false;   // the loss was no longer finite: nothing is evaluated
  Evaluation train, test;  // of `end`

  struct Look {  // after an epoch
    int epoch;
    Evaluation train, test;
  };
  std::vector<Look> looks;  // after epoch 1 and every `look_every`
};

// The seed chooses the 300 images, the first weights, the order of the samples and all the rest;
// without a remedy's own draws the same for all. look_every = 0 looks at the end only.
inline constexpr int usual_epochs = 201;
Run train(const Remedy& remedy, const MnistData& data, std::uint32_t seed,
          int epochs = usual_epochs, int look_every = 0);

// It has not learned its own images.
bool failed(const Run& run);

// Accuracies between training and test, in points of per cent.
double gap(const Run& run);

// ---- a remedy over several seeds ----

struct Result {
  Remedy remedy;
  std::vector<Run> runs;  // one per seed 0, 1, 2, …
};
using Results = std::vector<Result>;
const Result& result_of(const Results& results, const Remedy& remedy);

// To be trained: all remedies with 5 seeds, and with 3 those that have other learning rates, too.
Results usual_results();
int count_of_runs(const Results& results);

// Trains all runs, on all threads; each is the same on any. Calls after_each when one has ended.
void train_all(Results& results, const MnistData& data,
               const std::function<void()>& after_each = {}, int epochs = usual_epochs,
               int look_every = 0);

struct Averages {                        // over the seeds
  Spread train_accuracy, test_accuracy;  // in %
  double gap;                            // between their means
  double test_loss;
  Spread epochs;
  double start_length, length, zero_share;  // of the weights; the last in %
};
Averages averages_of(const Results& results, const Remedy& remedy);

// ---- what became of the weights, those of all layers together ----

double zero_share(const Network& net);

// In bins of 0.01 about 0: the heights are % of the weights.
initialization::Histogram weight_histogram(const Network& net);

}  // namespace gradus::regularization
