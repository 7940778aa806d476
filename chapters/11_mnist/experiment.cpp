#include "chapters/11_mnist/experiment.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>

#include "common/runs.hpp"

namespace gradus::mnist {

Samples training_samples(const Model& model, const MnistData& data) {
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

std::string names_of_models() {
  std::string names;
  for (const Model& model : models()) names += (names.empty() ? "" : ", ") + model.name;
  return names;
}

const Model& model_of(const std::string& name) {
  return look_up(models(), "model '" + name + "'; there are " + names_of_models(),
                 [&](const Model& model) { return model.name == name; });
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

void train_all(std::vector<Run>& runs, const MnistData& data,
               const std::function<void(const Run&)>& after_epoch) {
  std::mutex one_at_a_time;
  std::atomic<bool> failed = false;
  const auto go_on = [&](const Run& run) {
    const std::lock_guard lock(one_at_a_time);
    if (!failed && after_epoch) after_epoch(run);
    return !failed;
  };
  in_parallel(runs.size(), [&](std::size_t i) {
    const Model& model = runs[i].model;
    const int look_every = model.epochs > 100 ? 10 : 1;
    try {
      train(runs[i], training_samples(model, data), data.test, model.epochs, look_every, go_on);
    } catch (...) {
      failed = true;  // the others end after their epoch
      throw;
    }
  });
}

const Run& run_of(const std::vector<Run>& runs, const Model& model) {
  return look_up(runs, "run of " + model.name,
                 [&](const Run& run) { return run.model.name == model.name; });
}

double gap(const Run& run) {
  return 100 * (double{run.epochs.back().train.accuracy} - double{run.epochs.back().test.accuracy});
}

}  // namespace gradus::mnist
