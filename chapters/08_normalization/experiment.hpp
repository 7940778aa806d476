// What the demonstration shows and the claims assert: no part of the contract.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "chapters/03_gradient_descent/experiment.hpp"
#include "chapters/08_normalization/normalization.hpp"

namespace gradus::normalization {

// ---- data ----

// The 1000 values of note 004: np.random.seed(42); np.random.normal(10, 5, 1000)
std::vector<double> lecture_values();
Matrix column(const std::vector<double>& values);

// (200,2): normal(10, 1) and normal(1000, 50).
Matrix two_features(std::uint32_t seed);

Matrix z_scores(const Matrix& x);
Matrix squares(Matrix x);

// Of one feature: mean, standard deviation, and skewness, the mean cube of the z-scores; 0 for a
// bell.
struct Moments {
  double mean = 0, deviation = 0, skewness = 0;
};
Moments moments_of(const Matrix& x, int d);

// What the notes' batch_normalization does: one mean and one variance over all elements.
Matrix normalized_as_printed(const Matrix& x, Scalar gamma, Scalar beta);

// A batch norm that has seen the values ten times, in batches of 100.
BatchNorm norm_of(const std::vector<double>& values);

// Chapter 03's line with z-scores for x: its valley is round.
gradient_descent::Data standardized(gradient_descent::Data data);

// ---- what a gradient check sees of wrong backward passes ----

enum class Backward { right, zeros, no_variance_path, dbeta_mean, no_mean_path };

// N random samples of one feature, and dy; γ is 1.5, β -0.5.
struct SmallBatch {
  Matrix x, dy;
  BatchNorm norm;
};
SmallBatch small_batch(int N, std::uint32_t seed);

// dx and dβ of L = Σ dy y: what this version says, and whether a gradient check finds both right.
BatchNormGradients claimed(Backward version, const SmallBatch& batch);
bool passes(Backward version, const SmallBatch& batch);

// Of the batches of seeds 0 … 19: how many pass, and the largest |dx| of them all.
const int small_batches = 20;
int count_passing(Backward version, int N);
double largest_dx(int N);

// ---- MNIST, 784-100-100-100-100-100-10, from any scale of the weights ----

struct Settings {
  double weight_scale = 0;  // the standard deviation of all first weights
  bool batch_norm = false;
  double learning_rate = 0.01, epsilon = 1e-5;
  int epochs = 20;
  std::uint32_t seed = 0;
};
inline const double he_scale = std::sqrt(2.0 / 100);  // of He initialization for 100 inputs
DeepNetwork scaled_network(const Settings& settings, Random& random);

// 16 weight scales, evenly in the exponent: 1, 0.541, … 0.0001.
std::vector<double> weight_scales();

// Of each epoch, after it: the loss is the mean of its batches', each before its step; the accuracy
// is that on the images of training, by running statistics.
struct Run {
  Settings settings;
  std::vector<double> loss = {}, accuracy = {};
  DeepNetwork deep = {};
};

// Batches of 100 in random order. The same seed gives the same weights (times the scale) and the
// same batches, with and without batch norm. Where the loss is no longer finite, nothing moves any
// more.
Run train(const Samples& images, const Settings& settings);

// Each of the settings without batch norm and then with it, whatever they say.
std::vector<Run> train_without_and_with(const Samples& images,
                                        const std::vector<Settings>& settings);

const Run& run_of(const std::vector<Run>& runs, double weight_scale, bool batch_norm);

// From how many scales training comes to more than a third of the images.
int scales_that_train(const std::vector<Run>& runs, bool batch_norm);

// The first epoch, counted from 1, with a mean loss below the goal; 0 if there is none.
int epochs_to(const Run& run, double goal);

// The accuracy of deep_inference; 0 where training has exploded and there are no answers.
double accuracy_on(const Samples& images, const DeepNetwork& deep);

}  // namespace gradus::normalization
