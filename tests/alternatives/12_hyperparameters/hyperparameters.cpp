// Differs from the reference: a grid is counted like a number whose digits have different bases, a
// search is a learning curve for each of the settings, one after the other, and the best trial is
// the first one after sorting.
#include "chapters/12_hyperparameters/hyperparameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

namespace gradus {
namespace {

[[noreturn]] void complain(const std::string& about) { throw std::invalid_argument(about); }

bool is_number(Scalar v) { return v - v == 0; }

void need(bool ok, const char* about) {
  if (!ok) complain(about);
}

void need_layers(const std::vector<std::vector<int>>& hidden, const std::vector<int>& batch_sizes,
                 const Settings& base) {
  need(base.units.size() >= 2, "the base has no layer");
  for (const auto& layers : hidden)
    need(std::ranges::all_of(layers, [](int n) { return n > 0; }), "a layer without units");
  need(std::ranges::all_of(batch_sizes, [](int n) { return n > 0; }), "a batch without samples");
}

void need_interval(const Interval& i, bool logarithmic, Scalar below) {
  need(is_number(i.low) && is_number(i.high), "an interval has two numbers as ends");
  need(i.low >= 0 && i.low <= i.high && i.high < below, "an interval lies outside its domain");
  if (logarithmic) need(i.low > 0 || i.high == 0, "0 has no logarithm");
}

bool is_there(const Interval& i) { return i.high > 0; }

std::vector<int> around(const std::vector<int>& hidden, const Settings& base) {
  std::vector<int> units(hidden.size() + 2);
  units.front() = base.units.front();
  std::ranges::copy(hidden, units.begin() + 1);
  units.back() = base.units.back();
  return units;
}

void need_samples(const Samples& samples, int inputs, int classes) {
  need(!samples.labels.empty(), "there are no samples");
  need(samples.x.rows() == static_cast<int>(samples.labels.size()), "an image, a label");
  need(samples.x.cols() == inputs, "the samples do not fit the first layer");
  const auto [low, high] = std::ranges::minmax(samples.labels);
  need(low >= 0 && high < classes, "a label is no class");
  need(std::ranges::all_of(samples.x.flat(), is_number), "the samples hold NaN or infinity");
}

// All that a training refuses, whatever becomes of it.
Training begin(const Settings& s, const Samples& train, const Samples& validation, int epochs,
               const Random& random) {
  need(epochs >= 0, "fewer than no epochs");
  Training training = training_init(s, random);
  need_samples(train, s.units.front(), s.units.back());
  need_samples(validation, s.units.front(), s.units.back());
  if (s.batch_norm && s.units.size() > 2) {
    const int last = train.x.rows() % s.batch_size;
    need(s.batch_size != 1 && last != 1, "batch norm needs two samples in a batch");
  }
  const Augmentation& a = s.augmentation;
  if (a.shift != 0 || a.degrees != 0 || a.noise != 0) {
    Random other(1);
    augment(take(train, {0}).x, a, other);
  }
  return training;
}

std::optional<Evaluation> look(const DeepNetwork& deep, const Samples& samples) try {
  const Evaluation seen = evaluate(deep, samples);
  return is_number(seen.loss) ? std::optional(seen) : std::nullopt;
} catch (const std::invalid_argument&) {
  return std::nullopt;
}

bool one_epoch(Training& training, const Samples& samples) try {
  return is_number(train_epoch(training, samples));
} catch (const std::invalid_argument&) {
  return false;
}

}  // namespace

Scalar log_uniform(Scalar low, Scalar high, Random& random) {
  need(is_number(low) && is_number(high), "log_uniform: two numbers, please");
  need(0 < low && low <= high, "log_uniform: 0 < low <= high");
  if (low == high) return high;
  const double u = random.uniform();
  const double exponent = (1 - u) * std::log(double{low}) + u * std::log(double{high});
  return std::max(low, std::min(high, static_cast<Scalar>(std::exp(exponent))));
}

Settings draw_settings(const Ranges& ranges, const Settings& base, Random& random) {
  const Scalar beyond = std::numeric_limits<Scalar>::infinity();
  need_interval(ranges.learning_rate, true, beyond);
  need_interval(ranges.l2, true, beyond);
  need_interval(ranges.dropout, false, 1);
  need_layers(ranges.hidden, ranges.batch_sizes, base);
  const auto index = [&random](const auto& list) { return random.randint(std::ssize(list)); };
  Settings drawn(base);
  for (const auto& [interval, value] :
       {std::pair(ranges.learning_rate, &drawn.learning_rate), std::pair(ranges.l2, &drawn.l2)})
    if (is_there(interval)) *value = log_uniform(interval.low, interval.high, random);
  if (const auto [low, high] = ranges.dropout; high > 0) {
    drawn.dropout = low;
    if (low != high) drawn.dropout = static_cast<Scalar>(random.uniform(low, high));
    if (drawn.dropout > high) drawn.dropout = high;
  }
  if (!ranges.hidden.empty()) drawn.units = around(ranges.hidden[index(ranges.hidden)], base);
  if (!ranges.batch_sizes.empty()) drawn.batch_size = ranges.batch_sizes[index(ranges.batch_sizes)];
  if (!ranges.optimizers.empty()) drawn.optimizer = ranges.optimizers[index(ranges.optimizers)];
  return drawn;
}

std::vector<Settings> grid(const Choices& choices, const Settings& base) {
  for (const auto* list : {&choices.learning_rates, &choices.l2, &choices.dropout})
    for (Scalar v : *list) need(is_number(v) && v >= 0, "a value is negative or no number");
  for (Scalar rate : choices.dropout) need(rate < 1, "nothing would be left");
  need_layers(choices.hidden, choices.batch_sizes, base);
  const std::size_t bases[] = {choices.learning_rates.size(), choices.l2.size(),
                               choices.dropout.size(),        choices.hidden.size(),
                               choices.batch_sizes.size(),    choices.optimizers.size()};
  std::size_t count = 1;
  for (std::size_t b : bases) count *= std::max<std::size_t>(b, 1);
  std::vector<Settings> all(count, base);
  for (std::size_t number = 0; number < count; ++number) {
    std::size_t rest = number, digits[6] = {};
    for (int place = 6; place-- > 0;)
      if (bases[place] > 0) {
        digits[place] = rest % bases[place];
        rest /= bases[place];
      }
    Settings& s = all[number];
    if (bases[0] > 0) s.learning_rate = choices.learning_rates[digits[0]];
    if (bases[1] > 0) s.l2 = choices.l2[digits[1]];
    if (bases[2] > 0) s.dropout = choices.dropout[digits[2]];
    if (bases[3] > 0) s.units = around(choices.hidden[digits[3]], base);
    if (bases[4] > 0) s.batch_size = choices.batch_sizes[digits[4]];
    if (bases[5] > 0) s.optimizer = choices.optimizers[digits[5]];
  }
  return all;
}

LearningCurve learning_curve(const Settings& settings, const Samples& train,
                             const Samples& validation, int epochs, const Random& random) {
  Training training = begin(settings, train, validation, epochs, random);
  LearningCurve curve;
  while (static_cast<int>(curve.train.size()) < epochs && !curve.diverged) {
    curve.diverged = true;
    if (!one_epoch(training, train)) break;
    const auto known = look(training.deep, train), fresh = look(training.deep, validation);
    if (!known || !fresh) break;
    curve.diverged = false;
    curve.train.push_back(*known);
    curve.validation.push_back(*fresh);
  }
  return curve;
}

int best_epoch(const LearningCurve& curve) {
  need(!curve.validation.empty(), "no epoch, no best one");
  int best = 0;
  for (int i = 0; i < std::ssize(curve.validation); ++i) {
    need(is_number(curve.validation[i].loss), "a loss is no number");
    if (curve.validation[i].loss < curve.validation[best].loss) best = i;
  }
  return best + 1;
}

std::vector<Trial> search(const std::vector<Settings>& settings, const Samples& train,
                          const Samples& validation, int epochs, const Random& random) {
  for (const Settings& s : settings) begin(s, train, validation, epochs, random);
  std::vector<Trial> trials;
  for (const Settings& s : settings) {
    Trial trial{.settings = s};
    if (epochs == 0) {
      const Training untrained = begin(s, train, validation, epochs, random);
      const auto known = look(untrained.deep, train), fresh = look(untrained.deep, validation);
      trial.failed = !known || !fresh;
      if (!trial.failed) trial.train = *known, trial.validation = *fresh;
    } else {
      const LearningCurve curve = learning_curve(s, train, validation, epochs, random);
      trial.failed = curve.diverged;
      if (!curve.diverged) {
        trial.train = curve.train.back();
        trial.validation = curve.validation.back();
      }
    }
    if (trial.failed)
      trial.train =
          trial.validation = {.loss = std::numeric_limits<Scalar>::infinity(), .accuracy = 0};
    trials.push_back(trial);
  }
  return trials;
}

int best_of(const std::vector<Trial>& trials) {
  std::vector<int> order(trials.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](int i) { return trials[i].failed; });
  need(!order.empty(), "nothing to choose from");
  for (int i : order)
    need(is_number(trials[i].validation.accuracy) && is_number(trials[i].validation.loss),
         "NaN can't be compared");
  std::ranges::stable_sort(order, {}, [&](int i) {
    return std::tuple(-trials[i].validation.accuracy, trials[i].validation.loss);
  });
  return order.front();
}

}  // namespace gradus
