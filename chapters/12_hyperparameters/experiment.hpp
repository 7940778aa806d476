// What the demonstration shows and the claims assert: one hyperparameter after the other. Random
// and grid search are in search.hpp, the remedies of chapter 09 in remedies.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/12_hyperparameters/hyperparameters.hpp"
#include "common/runs.hpp"

namespace gradus::hyperparameters {

// ---- the data ----

struct Data {
  Samples train, validation, test;
};

// As note 003 cuts: of `images` that the seed takes from the 60 000 a quarter for the test, a
// fifth of the rest for validation.
Data split_data(const MnistSet& set, int images, std::uint32_t seed, Scalar test_share = 0.25);

// ---- settings over several seeds ----

// One of the settings, with one seed after the other: which images, which first weights.
struct Tried {
  Settings settings;
  std::vector<Trial> trials;  // judged by the validation samples
  std::vector<Trial> tests;   // the same trainings, judged by the test samples; or none
};

// What is tried, with how many seeds; on so many images, so long.
struct Plan {
  std::vector<Settings> settings;
  int seeds;
};
inline constexpr int plan_images = 3000, plan_epochs = 5;
enum class Judge { validation, validation_and_test };

std::vector<Tried> untried(const std::vector<Settings>& settings);
// search with this seed on these data; judges by the test samples, too, if there are any.
void try_with(std::vector<Tried>& all, const Data& data, int epochs, std::uint32_t seed);

std::vector<Tried> try_all(const Plan& plan, const MnistSet& set, Judge judge,
                           const std::function<void()>& after_seed = {});

// One of the settings once more, judged by the test samples: they are the trial's `validation`.
Trial tested(const Settings& settings, const Samples& train, const Samples& test, int epochs,
             std::uint32_t seed);

// Accuracies in %.
std::vector<double> accuracies(const std::vector<Trial>& trials,
                               Evaluation Trial::*of = &Trial::validation);
Spread validation_accuracy(const Tried& tried);
Spread test_accuracy(const Tried& tried);
int failures(const Tried& tried);

// best_of (the contract) of the means over the seeds; who failed with one seed has failed.
const Tried& best_of_means(const std::vector<Tried>& all);

// ---- one hyperparameter after the other ----

inline const Settings plain = {.units = {784, 64, 10}, .learning_rate = 0.1, .batch_size = 32};

// Half decades from 0.0003 to 10.
Plan learning_rate_plan(int seeds);

// Few images, so that there is something to learn by heart.
inline const Settings by_heart = {
    .units = {784, 128, 10}, .optimizer = Optimizer::adam, .learning_rate = 1e-3, .batch_size = 32};
inline constexpr int by_heart_images = 1000, by_heart_epochs = 60;

// One with each seed.
std::vector<LearningCurve> curves(const Settings& settings, const MnistSet& set, int images,
                                  int epochs, int seeds);

// The mean over the curves, by epoch.
struct Course {
  std::vector<double> epoch, train_loss, validation_loss, train_accuracy, validation_accuracy;
};
Course course_of(const std::vector<LearningCurve>& curves);
int best_epoch_of(const Course& course);  // best_epoch (the contract) of the mean

inline const std::vector<int> batch_sizes = {4, 16, 64, 256};
Plan batch_size_plan(int seeds);  // each with several learning rates
// Of this batch size, at this learning rate, and at the one that validation chooses.
const Tried& with_batch(const std::vector<Tried>& all, int batch_size, Scalar learning_rate);
const Tried& best_with_batch(const std::vector<Tried>& all, int batch_size);

// How many epochs each batch size takes, at that learning rate of its own, until 85 % of the
// validation samples are right; 0 if more than `patience_in_epochs`. The mean curve of the seeds.
inline constexpr double enough = 85;
inline constexpr int patience_in_epochs = 30;
int epochs_until_enough(const Settings& settings, const MnistSet& set, int seeds);

// The seconds of an epoch on one thread, on as many images: the quickest of five.
double seconds_per_epoch(const MnistSet& set, const Settings& settings);

}  // namespace gradus::hyperparameters
