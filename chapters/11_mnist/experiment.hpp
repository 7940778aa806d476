// What the demonstration of chapter 11 shows and its claims assert: the lecture's networks on
// MNIST, trained side by side, and how much they read after each epoch.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/11_mnist/mnist.hpp"

namespace gradus::mnist {

// ---- the networks ----

struct Model {
  std::string name;  // what --model takes
  Settings settings;
  int images = 60000;  // the first so many of the training set, or all that there are
  int repeated = 0;    // of these, the first so many twice
  int epochs = 10;     // of the demonstration
  std::optional<int> full_epochs = {};  // of --full, where they are others
};

// 784-100-10, the smallest that reads 97 %.
inline const Model plain{.name = "plain", .settings = {.learning_rate = 0.2}, .epochs = 12};

// The three models of note 003.
inline const Model model_1{.name = "model-1",
                           .settings = {.units = {784, 100, 100, 100, 100, 10},
                                        .batch_norm = true,
                                        .dropout = 0.2,
                                        .l2 = 0.1,
                                        .optimizer = Optimizer::sgd,
                                        .learning_rate = 1e-2,
                                        .batch_size = 256},
                           .images = 10000,
                           .epochs = 40,
                           .full_epochs = 1000};
inline const Model model_2{.name = "model-2",
                           .settings = {.units = {784, 100, 100, 100, 100, 10},
                                        .batch_norm = true,
                                        .dropout = 0.5,
                                        .l2 = 0.15,
                                        .optimizer = Optimizer::adam,
                                        .learning_rate = 1e-3,
                                        .batch_size = 100},
                           .images = 10000,
                           .epochs = 40,
                           .full_epochs = 1000};
inline const Model model_3{.name = "model-3",
                           .settings = {.units = {784, 256, 100, 100, 10},
                                        .batch_norm = true,
                                        .optimizer = Optimizer::adam,
                                        .learning_rate = 1e-2,
                                        .batch_size = 100},
                           .images = 20000,
                           .epochs = 40,
                           .full_epochs = 1000};

// The overfitting of note 000, with its first 1000 images twice; what dropout, and what the
// repetition does to it; and its larger network.
inline const Model overfitting{.name = "overfitting",
                               .settings = {.units = {784, 256, 256, 10},
                                            .optimizer = Optimizer::adam,
                                            .learning_rate = 1e-3,
                                            .batch_size = 128},
                               .repeated = 1000,
                               .epochs = 6,
                               .full_epochs = 20};
Model with_dropout(Model model, Scalar rate);  // "overfitting-dropout"
Model without_penalty(Model model);            // "model-1-no-penalty"
Model without_repetition(Model model);         // "overfitting-no-repetition"
inline const Model dropout_1200{.name = "dropout-1200",
                                .settings = {.units = {784, 1200, 1200, 10},
                                             .dropout = 0.5,
                                             .optimizer = Optimizer::adam,
                                             .learning_rate = 1e-3,
                                             .batch_size = 128},
                                .epochs = 1,
                                .full_epochs = 20};

// Underfitting: too few units to tell ten digits apart, and enough of them, stopped too soon.
inline const Model too_small{
    .name = "too-small",
    .settings = {.units = {784, 2, 10}, .optimizer = Optimizer::adam, .learning_rate = 1e-3},
    .images = 10000,
    .epochs = 20};
inline const Model too_short{
    .name = "too-short", .settings = {.learning_rate = 1e-2}, .images = 10000, .epochs = 1};

// The opposite: so few images that it learns them by heart.
inline const Model too_few{
    .name = "too-few",
    .settings = {.units = {784, 256, 256, 10}, .optimizer = Optimizer::adam, .learning_rate = 1e-3},
    .images = 1000,
    .epochs = 20};

// The best network here: other variants of the images in every epoch.
inline const Model best{.name = "best",
                        .settings = {.units = {784, 512, 256, 10},
                                     .batch_norm = true,
                                     .optimizer = Optimizer::adam,
                                     .learning_rate = 2e-3,
                                     .batch_size = 256,
                                     .augmentation = {.shift = 1, .degrees = 10, .noise = 0}},
                        .epochs = 8,
                        .full_epochs = 20};

// All of them. model_of refuses a name that none has, and names those that there are.
const std::vector<Model>& models();
std::string names_of_models();
const Model& model_of(const std::string& name);

// ---- a run ----

struct Epoch {
  int number;              // 1, 2, …
  Scalar loss;             // the mean while it went on, units dropped
  Evaluation train, test;  // after it
};

struct Run {
  Model model;
  Training training;
  std::vector<Epoch> epochs;  // those after which was looked
  int timed = 0;              // epochs trained since the start or the last resume, in
  double seconds = 0;         // so many seconds, without looking
};

Samples training_samples(const Model& model, const MnistData& data);

// Before the first epoch.
Run start(const Model& model, std::uint32_t seed);

// Trains up to `epochs` in all, looks after each `look_every` and after the last, and calls
// after_epoch after each: false ends the run.
void train(Run& run, const Samples& samples, const Samples& test, int epochs, int look_every = 1,
           const std::function<bool(const Run&)>& after_epoch = {});

// Trains each up to its model's epochs, on all threads, one run a thread: the same results on any
// number. Looks after every epoch, of more than 100 after every tenth. Calls after_epoch for one of
// them at a time. What one of them throws ends all, and is thrown again.
void train_all(std::vector<Run>& runs, const MnistData& data,
               const std::function<void(const Run&)>& after_epoch = {});

const Run& run_of(const std::vector<Run>& runs, const Model& model);

// Accuracies between training and test, in points of per cent.
double gap(const Run& run);

}  // namespace gradus::mnist
