// What the demonstration shows and the claims assert: all seven optimizers on a ravine, on a
// straight line through points, and on MNIST. No part of the contract.
#pragma once

#include <cstdint>
#include <vector>

#include "chapters/03_gradient_descent/experiment.hpp"
#include "chapters/07_optimizers/names.hpp"
#include "chapters/07_optimizers/optimizers.hpp"

namespace gradus::optimizers {

inline constexpr Optimizer all_optimizers[] = {
    Optimizer::sgd,     Optimizer::momentum, Optimizer::nesterov, Optimizer::adagrad,
    Optimizer::rmsprop, Optimizer::adam,     Optimizer::adamw};

// PyTorch's defaults, and 0.01 where it has none.
Scalar usual_learning_rate(Optimizer optimizer);

// The size of each step by these gradients, where w begins at 0 every time: only the state counts.
std::vector<double> step_sizes(Optimizer optimizer, const std::vector<double>& gradients,
                               Scalar learning_rate);

// What each of these gradients is multiplied by.
std::vector<double> factors(Optimizer optimizer, const std::vector<double>& gradients,
                            Scalar learning_rate);

struct Run {
  Optimizer optimizer;
  Scalar learning_rate;
  std::vector<double> loss;  // at the start and after each step; on MNIST of each batch, before its
                             // step, and infinite from the first loss on that is not finite
  std::vector<double> x, y;  // of two weights: where they were, at the start and after each step

  double mean_loss(int batch) const;  // of the 20 batches up to this one, counted from 1
};

// ---- the ravine x^2/20 + s y^2: with s = 1 twenty times as steep across as along, with 1/20 a bowl ----

double ravine(double x, double y, double s = 1);

// Ends early with an infinite loss once it is above 1e30: what has left the ravine does not come back.
Run descend_ravine(Optimizer optimizer, Scalar learning_rate, Scalar x, Scalar y, int steps,
                   Scalar s = 1);

// Of 105 learning rates from 0.01 to 4, each 6 % above the one before: the run from (-7, 2) that
// ends lowest after 30 steps.
Run best_on_the_ravine(Optimizer optimizer, Scalar s = 1);

// The four of the figure, 30 steps from (-7, 2), with learning rates that show their manner.
std::vector<Run> runs_on_the_ravine();

// How often a coordinate changes its sign.
int crossings(const std::vector<double>& path);

// ---- a straight line through points ----

// t = 2 x - 1 and noise, at 40 places between 0 and 2.
gradient_descent::Data points_on_a_line(Random& random);

// All seven, with a learning rate of 0.1. In these runs x and y are w and b, each with a state of
// its own.
std::vector<Run> race(const gradient_descent::Data& line, const LinearModel& start, int steps);

// ---- MNIST, 784-100-100-10 with He initialization ----

// The learning rates that all of them are tried with.
inline const std::vector<double> learning_rates = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};

inline constexpr int batches = 300;

// One epoch of batches of 128, cut short after 300. The same seed gives every optimizer the same
// start and the same batches.
Run train(Optimizer optimizer, Scalar learning_rate, const Samples& samples, std::uint32_t seed);

inline constexpr Optimizer on_mnist[] = {Optimizer::sgd, Optimizer::momentum, Optimizer::adagrad,
                                         Optimizer::rmsprop, Optimizer::adam};

// Each of these five with each learning rate.
std::vector<Run> train_all(const Samples& samples, std::uint32_t seed);

const Run& run_of(const std::vector<Run>& runs, Optimizer optimizer, double learning_rate);

// The run of the learning rate that ends lowest.
const Run& best_of(const std::vector<Run>& runs, Optimizer optimizer);

}  // namespace gradus::optimizers
