// Hyperparameters: what training does not learn.                    docs/12_hyperparameters.md

#include "chapters/12_hyperparameters/hyperparameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "common/require.hpp"
#include "common/runs.hpp"

namespace gradus {

constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();

// ---- which settings to try ----

Scalar log_uniform(Scalar low, Scalar high, Random& random) {
  require_positive("log_uniform: low", low);
  require_positive("log_uniform: high", high);
  require(low <= high, "log_uniform: low must not be above high");
  if (low == high) return low;
  const double drawn = std::exp(random.uniform(std::log(double{low}), std::log(double{high})));
  return std::clamp(static_cast<Scalar>(drawn), low, high);
}

static std::vector<int> with_hidden(const Settings& base, const std::vector<int>& hidden) {
  std::vector<int> units = {base.units.front()};
  units.insert(units.end(), hidden.begin(), hidden.end());
  units.push_back(base.units.back());
  return units;
}

static void require_lists(const Settings& base, const std::vector<std::vector<int>>& hidden,
                          const std::vector<int>& batch_sizes) {
  require_at_least("settings: units of the base", static_cast<int>(base.units.size()), 2);
  for (const std::vector<int>& layers : hidden)
    for (int units : layers) require_at_least("settings: units of a hidden layer", units, 1);
  for (int size : batch_sizes) require_at_least("settings: batch_size", size, 1);
}

static bool given(const Interval& interval) { return interval.low != 0 || interval.high != 0; }

static void require_interval(const char* what, const Interval& interval) {
  require_not_negative(what, interval.low);
  require_not_negative(what, interval.high);
  require_that(interval.low <= interval.high, what, "low ≤ high", interval.low);
}

static void require_log_interval(const char* what, const Interval& interval) {
  require_interval(what, interval);
  if (given(interval)) require_positive(what, interval.low);
}

static void require_ranges(const Ranges& ranges, const Settings& base) {
  require_log_interval("draw_settings: learning_rate", ranges.learning_rate);
  require_log_interval("draw_settings: l2", ranges.l2);
  require_interval("draw_settings: dropout", ranges.dropout);
  require_below_one("draw_settings: dropout", ranges.dropout.high);
  require_lists(base, ranges.hidden, ranges.batch_sizes);
}

static Scalar uniform_of(const Interval& interval, Random& random) {
  const auto [low, high] = interval;
  return low == high ? low : std::min(static_cast<Scalar>(random.uniform(low, high)), high);
}

// One of the list; if it is empty, what is there.
template <class T>
static T one_of(const std::vector<T>& list, const T& there, Random& random) {
  return list.empty() ? there : list[random.randint(static_cast<int>(list.size()))];
}

Settings draw_settings(const Ranges& ranges, const Settings& base, Random& random) {
  require_ranges(ranges, base);
  const auto& [learning_rate, l2, dropout, hidden, batch_sizes, optimizers] = ranges;
  Settings s = base;
  if (given(learning_rate))
    s.learning_rate = log_uniform(learning_rate.low, learning_rate.high, random);
  if (given(l2)) s.l2 = log_uniform(l2.low, l2.high, random);
  if (given(dropout)) s.dropout = uniform_of(dropout, random);
  if (!hidden.empty()) s.units = with_hidden(base, one_of(hidden, {}, random));
  s.batch_size = one_of(batch_sizes, base.batch_size, random);
  s.optimizer = one_of(optimizers, base.optimizer, random);
  return s;
}

static void require_choices(const Choices& choices, const Settings& base) {
  for (Scalar rate : choices.learning_rates) require_not_negative("grid: learning rate", rate);
  for (Scalar lambda : choices.l2) require_not_negative("grid: l2", lambda);
  for (Scalar rate : choices.dropout) require_below_one("grid: dropout", rate);
  require_lists(base, choices.hidden, choices.batch_sizes);
}

// Every one of `all` with each of the values set in it, which changes faster than all before.
template <class T, class Set>
static void combine(std::vector<Settings>& all, const std::vector<T>& values, Set set) {
  if (values.empty()) return;
  std::vector<Settings> combined;
  for (const Settings& one : all)
    for (const T& value : values) set(combined.emplace_back(one), value);
  all = combined;
}

std::vector<Settings> grid(const Choices& choices, const Settings& base) {
  require_choices(choices, base);
  std::vector<Settings> all = {base};
  combine(all, choices.learning_rates, [](Settings& s, Scalar v) { s.learning_rate = v; });
  combine(all, choices.l2, [](Settings& s, Scalar v) { s.l2 = v; });
  combine(all, choices.dropout, [](Settings& s, Scalar v) { s.dropout = v; });
  combine(all, choices.hidden, [](Settings& s, const auto& v) { s.units = with_hidden(s, v); });
  combine(all, choices.batch_sizes, [](Settings& s, int v) { s.batch_size = v; });
  combine(all, choices.optimizers, [](Settings& s, Optimizer v) { s.optimizer = v; });
  return all;
}

// ---- trying them ----

static void require_samples(const char* what, const Samples& samples, const Settings& settings) {
  require_at_least(what, samples.x.rows(), 1);
  require_same(what, samples.x.rows(), static_cast<int>(samples.labels.size()));
  require_same(what, samples.x.cols(), settings.units.front());
  for (int label : samples.labels)
    require_that(0 <= label && label < settings.units.back(), what, "labels of 0 … K-1", label);
  require_finite(what, samples.x);
}

// training_init, where all that can be known beforehand is as it must be.
static Training ready(const Settings& settings, const Samples& train, const Samples& validation,
                      int epochs, const Random& random) {
  require_at_least("training: epochs", epochs, 0);
  const Training training = training_init(settings, random);
  require_samples("training: the training samples", train, settings);
  require_samples("training: the validation samples", validation, settings);
  const int N = train.x.rows(), size = settings.batch_size;
  require(training.deep.norms.empty() || (size > 1 && N % size != 1),
          "training: batch norm takes no batch of one sample; choose another batch_size");
  Random copy = random;
  const auto [shift, degrees, noise] = settings.augmentation;
  if (shift > 0 || degrees > 0 || noise > 0)  // refuses images that are not square
    augment(take(train, {0}).x, settings.augmentation, copy);
  return training;
}

// One epoch; false if it has no finite loss.
static bool learned(Training& training, const Samples& samples) {
  try {
    return std::isfinite(train_epoch(training, samples));
  } catch (const std::invalid_argument&) {  // a step was refused: what else is wrong, `ready` knows
    return false;
  }
}

// False if a loss is not finite.
static bool judged(const DeepNetwork& deep, const Samples& samples, Evaluation& evaluation) {
  try {
    evaluation = evaluate(deep, samples);
    return std::isfinite(evaluation.loss);
  } catch (const std::invalid_argument&) {  // the last step has made a weight infinite
    return false;
  }
}

LearningCurve learning_curve(const Settings& settings, const Samples& train,
                             const Samples& validation, int epochs, const Random& random) {
  Training training = ready(settings, train, validation, epochs, random);
  LearningCurve curve;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    Evaluation on_train{}, on_validation{};
    curve.diverged = !(learned(training, train) && judged(training.deep, train, on_train) &&
                       judged(training.deep, validation, on_validation));
    if (curve.diverged) break;
    curve.train.push_back(on_train);
    curve.validation.push_back(on_validation);
  }
  return curve;
}

int best_epoch(const LearningCurve& curve) {
  require(!curve.validation.empty(), "best_epoch: the curve has no epoch");
  for (const Evaluation& e : curve.validation) require_finite("best_epoch: a loss", e.loss);
  const auto best = std::ranges::min_element(curve.validation, {}, &Evaluation::loss);
  return 1 + static_cast<int>(best - curve.validation.begin());
}

static Trial tried(Training training, const Samples& train, const Samples& validation, int epochs) {
  Trial trial{.settings = training.settings};
  for (int epoch = 0; epoch < epochs && !trial.failed; ++epoch)
    trial.failed = !learned(training, train);
  trial.failed = trial.failed || !judged(training.deep, train, trial.train) ||
                 !judged(training.deep, validation, trial.validation);
  if (trial.failed) trial.train = trial.validation = {.loss = infinity, .accuracy = 0};
  return trial;
}

std::vector<Trial> search(const std::vector<Settings>& settings, const Samples& train,
                          const Samples& validation, int epochs, const Random& random) {
  std::vector<Training> trainings;
  for (const Settings& s : settings)
    trainings.push_back(ready(s, train, validation, epochs, random));
  std::vector<Trial> trials(settings.size());
  in_parallel(trials.size(), [&](std::size_t i) {
    trials[i] = tried(std::move(trainings[i]), train, validation, epochs);
  });
  return trials;
}

int best_of(const std::vector<Trial>& trials) {
  const Trial* best = nullptr;
  for (const Trial& trial : trials) {
    if (trial.failed) continue;
    const auto [loss, accuracy] = trial.validation;
    require_share("best_of: a validation accuracy", accuracy);
    require_finite("best_of: a validation loss", loss);
    if (best == nullptr || accuracy > best->validation.accuracy ||
        (accuracy == best->validation.accuracy && loss < best->validation.loss))
      best = &trial;
  }
  require(best != nullptr, "best_of: no trial that has not failed");
  return static_cast<int>(best - trials.data());
}

}  // namespace gradus
