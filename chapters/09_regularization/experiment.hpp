// What the demonstration shows and the claims assert: a network of seven layers on 300 digits, with
// one remedy after the other. Not part of the contract.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/09_regularization/regularization.hpp"

namespace gradus::regularization {

// ---- Anscombe's first set, of which 004 draws the lines ----

struct Points {
  Matrix x, t;  // (11,1) both
};
Points anscombe();

// ---- remedies ----

struct Remedy {
  std::string name;
  Scalar l2 = 0, l1 = 0, l1_by_gradient = 0;      // λ
  Scalar dropout = 0;                             // rate
  int patience = 0;                               // above 0: stops early
  bool fewer = false;                             // gives up the same samples, and does not stop
  bool augmentation = false, batch_norm = false;  // in each epoch; in each hidden layer
  Scalar learning_rate = Scalar(0.01);
};

inline const Remedy nothing{.name = "nothing"};
inline const Remedy weak_l2{.name = "L2, λ = 0.05", .l2 = Scalar(0.05)};
inline const Remedy strong_l2{.name = "L2, λ = 0.1", .l2 = Scalar(0.1)};
inline const Remedy l1{.name = "L1, λ = 0.005", .l1 = Scalar(0.005)};
inline const Remedy l1_by_gradient{.name = "L1 by its gradient", .l1_by_gradient = Scalar(0.005)};
inline const Remedy weak_dropout{.name = "dropout 0.1", .dropout = Scalar(0.1)};
inline const Remedy strong_dropout{.name = "dropout 0.2", .dropout = Scalar(0.2)};
inline const Remedy early_stopping{.name = "early stopping", .patience = 10};
inline const Remedy fewer_images{.name = "nothing, 240 images", .fewer = true};
inline const Remedy augmentation{.name = "augmentation", .augmentation = true};
inline const Remedy batch_normalization{.name = "batch norm", .batch_norm = true};

// The same remedy at another learning rate; at its own it keeps its name.
Remedy at_rate(Remedy remedy, double learning_rate);

// ---- one training ----

struct Data {
  MnistSet set;  // the training images are taken from
  Samples test;  // every fifth of the 10 000 test images: enough here, and five times as quick
};
Data load_data();

struct Score {
  double accuracy = 0, loss = 0;  // a share 0 … 1; the mean cross-entropy
};

struct Run {
  DeepNetwork start, end;  // with early stopping the best
  int epochs = 0;          // that led to `end`
  bool exploded = false;   // the loss was no longer finite: no scores
  Score train, test;       // of `end`

  struct Look {  // after an epoch
    int epoch;
    Score train, test;
  };
  std::vector<Look> looks;  // in every epoch that was asked for
};

// The seed chooses the 300 images, the first weights, the order of the samples and all the rest;
// without a remedy's own draws the same for all. look_every = 0 looks at the end only.
inline constexpr int usual_epochs = 201;
Run train(const Remedy& remedy, const Data& data, std::uint32_t seed, int epochs = usual_epochs,
          int look_every = 0);

// It has not learned its own images.
bool failed(const Run& run);

// ---- a remedy over several seeds ----

struct Result {
  Remedy remedy;
  std::vector<Run> runs;  // one per seed 0, 1, 2, …
};

// Fills in the runs, one on each thread; each is the same on any. Calls after_each when one has ended.
void train_all(std::vector<Result>& results, const Data& data,
               const std::function<void()>& after_each, int epochs = usual_epochs,
               int look_every = 0);

const Result& result_of(const std::vector<Result>& results, const Remedy& remedy);

struct Summary {
  double mean = 0, deviation = 0;  // the standard deviation
};
Summary over_seeds(const Result& result, const std::function<double(const Run&)>& value);
Summary train_accuracy(const Result& result);  // in %
Summary test_accuracy(const Result& result);   // in %
double gap(const Result& result);              // between their means

// ---- what became of the weights ----

double zero_share(const Network& net);
double length(const Network& net);  // √(Σ w^2) over all layers

// The share of all weights in each of `bins` intervals from low to high.
std::vector<double> weight_histogram(const Network& net, double low, double high, int bins);

}  // namespace gradus::regularization
