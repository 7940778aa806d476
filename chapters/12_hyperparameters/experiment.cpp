#include "chapters/12_hyperparameters/experiment.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace gradus::hyperparameters {

// ---- the data ----

Data split_data(const MnistSet& set, int images, std::uint32_t seed, Scalar test_share) {
  Random random(seed);
  const Samples all =
      digits(set.train_images, set.train_labels, random.choice(set.train_images.count, images));
  const Split split = split_samples(images, test_share, 0.2, random);
  return {.train = take(all, split.train),
          .validation = take(all, split.validation),
          .test = take(all, split.test)};
}

// ---- settings over several seeds ----

void try_with(std::vector<Tried>& all, const Data& data, int epochs, std::uint32_t seed) {
  std::vector<Settings> settings;
  for (const Tried& one : all) settings.push_back(one.settings);
  const std::vector<Trial> trials =
      search(settings, data.train, data.validation, epochs, Random(seed));
  for (std::size_t i = 0; i < all.size(); ++i) all[i].trials.push_back(trials[i]);
  if (data.test.labels.empty()) return;
  const std::vector<Trial> tests = search(settings, data.train, data.test, epochs, Random(seed));
  for (std::size_t i = 0; i < all.size(); ++i) all[i].tests.push_back(tests[i]);
}

std::vector<Tried> untried(const std::vector<Settings>& settings) {
  std::vector<Tried> all;
  for (const Settings& s : settings) all.push_back({.settings = s, .trials = {}, .tests = {}});
  return all;
}

std::vector<Tried> try_all(const Plan& plan, const MnistSet& set, Judge judge,
                           const std::function<void()>& after_seed) {
  std::vector<Tried> all = untried(plan.settings);
  for (int seed = 0; seed < plan.seeds; ++seed) {
    Data data = split_data(set, plan_images, static_cast<std::uint32_t>(seed));
    if (judge == Judge::validation) data.test = {};
    try_with(all, data, plan_epochs, static_cast<std::uint32_t>(seed));
    if (after_seed) after_seed();
  }
  return all;
}

Trial tested(const Settings& settings, const Samples& train, const Samples& test, int epochs,
             std::uint32_t seed) {
  return search({settings}, train, test, epochs, Random(seed)).front();
}

std::vector<double> accuracies(const std::vector<Trial>& trials, Evaluation Trial::*of) {
  return column(trials, [of](const Trial& trial) { return 100 * double{(trial.*of).accuracy}; });
}

Spread validation_accuracy(const Tried& tried) { return spread_of(accuracies(tried.trials)); }
Spread test_accuracy(const Tried& tried) { return spread_of(accuracies(tried.tests)); }

int failures(const Tried& tried) {
  return static_cast<int>(std::ranges::count(tried.trials, true, &Trial::failed));
}

const Tried& best_of_means(const std::vector<Tried>& all) {
  std::vector<Trial> means;
  for (const Tried& one : all) {
    Trial mean{.settings = one.settings, .failed = failures(one) > 0};
    double loss = 0;
    for (const Trial& trial : one.trials) loss += double{trial.validation.loss};
    mean.validation = {.loss = Scalar(loss / static_cast<double>(one.trials.size())),
                       .accuracy = Scalar(validation_accuracy(one).mean / 100)};
    means.push_back(mean);
  }
  return all[best_of(means)];
}

// ---- one hyperparameter after the other ----

Plan learning_rate_plan(int seeds) {
  Choices choices;
  for (int half = -7; half <= 2; ++half)
    choices.learning_rates.push_back(Scalar(std::pow(10.0, half / 2.0)));
  return {.settings = grid(choices, plain), .seeds = seeds};
}

std::vector<LearningCurve> curves(const Settings& settings, const MnistSet& set, int images,
                                  int epochs, int seeds) {
  std::vector<LearningCurve> all(seeds);
  in_parallel(all.size(), [&](std::size_t i) {
    const auto seed = static_cast<std::uint32_t>(i);
    const Data data = split_data(set, images, seed);
    all[i] = learning_curve(settings, data.train, data.validation, epochs, Random(seed));
  });
  return all;
}

Course course_of(const std::vector<LearningCurve>& curves) {
  const auto mean = [&](auto samples, auto value, std::size_t epoch) {
    return mean_of(column(curves, [&](const LearningCurve& curve) {
      return double{(curve.*samples).at(epoch).*value};
    }));
  };
  using Curve = LearningCurve;
  using E = Evaluation;
  Course course;
  for (std::size_t epoch = 0; epoch < curves.front().train.size(); ++epoch) {
    course.epoch.push_back(static_cast<double>(epoch + 1));
    course.train_loss.push_back(mean(&Curve::train, &E::loss, epoch));
    course.validation_loss.push_back(mean(&Curve::validation, &E::loss, epoch));
    course.train_accuracy.push_back(100 * mean(&Curve::train, &E::accuracy, epoch));
    course.validation_accuracy.push_back(100 * mean(&Curve::validation, &E::accuracy, epoch));
  }
  return course;
}

int best_epoch_of(const Course& course) {
  LearningCurve curve;
  for (double loss : course.validation_loss)
    curve.validation.push_back({.loss = Scalar(loss), .accuracy = 0});
  return best_epoch(curve);
}

Plan batch_size_plan(int seeds) {
  const Choices choices{.learning_rates = {0.03, 0.1, 0.3}, .batch_sizes = batch_sizes};
  return {.settings = grid(choices, plain), .seeds = seeds};
}

const Tried& with_batch(const std::vector<Tried>& all, int batch_size, Scalar learning_rate) {
  return look_up(all, "trial of this batch size at this learning rate", [&](const Tried& one) {
    return one.settings.batch_size == batch_size && one.settings.learning_rate == learning_rate;
  });
}

const Tried& best_with_batch(const std::vector<Tried>& all, int batch_size) {
  std::vector<Tried> those;
  for (const Tried& one : all)
    if (one.settings.batch_size == batch_size) those.push_back(one);
  return with_batch(all, batch_size, best_of_means(those).settings.learning_rate);
}

int epochs_until_enough(const Settings& settings, const MnistSet& set, int seeds) {
  const Course course = course_of(curves(settings, set, plan_images, patience_in_epochs, seeds));
  const std::vector<double>& right = course.validation_accuracy;
  const auto first = std::ranges::find_if(right, [](double v) { return v >= enough; });
  return first == right.end() ? 0 : 1 + static_cast<int>(first - right.begin());
}

double seconds_per_epoch(const MnistSet& set, const Settings& settings) {
  const Samples samples = split_data(set, plan_images, 0).train;
  Training training = training_init(settings, Random(0));
  double quickest = 1e9;
#pragma omp parallel  // within it the products keep to one thread
#pragma omp single
  for (int epoch = 0; epoch < 5; ++epoch) {
    const auto begin = std::chrono::steady_clock::now();
    train_epoch(training, samples);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    quickest = std::min(quickest, seconds.count());
  }
  return quickest;
}

}  // namespace gradus::hyperparameters
