// What the demonstration shows and the claims assert.

#include "chapters/11_mnist/experiment.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <numeric>
#include <stdexcept>

#include "chapters/05_losses/losses.hpp"

namespace gradus::mnist {

// ---- the data ----

Data load_data(const std::string& folder) {
  Data data{.set = read_mnist(folder), .test = {}};
  data.test = all_digits(data.set.test_images, data.set.test_labels);
  return data;
}

Samples training_samples(const Model& model, const Data& data) {
  const IdxImages& images = data.set.train_images;
  const int count = std::min(model.images, images.count);
  std::vector<int> indices(count + std::min(model.repeated, count));
  std::iota(indices.begin(), indices.begin() + count, 0);
  std::iota(indices.begin() + count, indices.end(), 0);
  return digits(images, data.set.train_labels, indices);
}

// ---- the networks ----

Model with_dropout(Model model, Scalar rate) {
  model.name += "-dropout";
  model.settings.dropout = rate;
  return model;
}

Model without_penalty(Model model) {
  model.name += "-no-penalty";
  model.settings.l2 = model.settings.l1 = 0;
  return model;
}

Model without_repetition(Model model) {
  model.name += "-no-repetition";
  model.repeated = 0;
  return model;
}

const std::vector<Model>& models() {
  static const std::vector<Model> all = {plain,
                                         model_1,
                                         without_penalty(model_1),
                                         model_2,
                                         model_3,
                                         too_small,
                                         too_short,
                                         too_few,
                                         overfitting,
                                         with_dropout(overfitting, 0.5),
                                         without_repetition(overfitting),
                                         dropout_1200,
                                         best};
  return all;
}

const Model& model_of(const std::string& name) {
  std::string names;
  for (const Model& model : models()) {
    if (model.name == name) return model;
    names += (names.empty() ? "" : ", ") + model.name;
  }
  throw std::invalid_argument("no model '" + name + "'; there are " + names);
}

// ---- a run ----

Run start(const Model& model, std::uint32_t seed) {
  return {.model = model, .training = training_init(model.settings, Random(seed)), .epochs = {}};
}

void train(Run& run, const Samples& samples, const Samples& test, int epochs, int look_every,
           const std::function<bool(const Run&)>& after_epoch) {
  using Clock = std::chrono::steady_clock;
  while (run.training.epoch < epochs) {
    const auto begin = Clock::now();
    const Scalar loss = train_epoch(run.training, samples);
    run.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    run.timed += 1;
    const int epoch = run.training.epoch;
    if (epoch % look_every == 0 || epoch == epochs)
      run.epochs.push_back({.number = epoch,
                            .loss = loss,
                            .train = evaluate(run.training.deep, samples),
                            .test = evaluate(run.training.deep, test)});
    if (after_epoch && !after_epoch(run)) return;
  }
}

void train_all(std::vector<Run>& runs, const Data& data,
               const std::function<void(const Run&)>& after_epoch) {
  std::exception_ptr problem;  // none may leave a thread
#pragma omp parallel for schedule(dynamic)
  for (Run& run : runs) {
    try {
      const int look_every = run.model.epochs > 100 ? 10 : 1;
      train(run, training_samples(run.model, data), data.test, run.model.epochs, look_every,
            [&](const Run& now) {
              bool go_on = false;
#pragma omp critical
              {
                if (!problem && after_epoch) after_epoch(now);
                go_on = !problem;
              }
              return go_on;
            });
    } catch (...) {
#pragma omp critical
      problem = std::current_exception();
    }
  }
  if (problem) std::rethrow_exception(problem);
}

const Run& run_of(const std::vector<Run>& runs, const Model& model) {
  for (const Run& run : runs)
    if (run.model.name == model.name) return run;
  throw std::invalid_argument("no run of " + model.name);
}

double gap(const Run& run) {
  return 100 * (double{run.epochs.back().train.accuracy} - double{run.epochs.back().test.accuracy});
}

}  // namespace gradus::mnist
