// Differs from the reference: a grid is a loop in a loop for each list, samples are tried out on a
// network of zeros, a curve is a recursion over the epochs, and a search trains the settings from
// the last to the first.
#include "chapters/12_hyperparameters/hyperparameters.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "common/require.hpp"

namespace gradus {
namespace {

constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();

void check_value(Scalar v, Scalar limit) {
  if (!(v >= 0 && v < limit)) throw std::invalid_argument("a value lies outside its domain");
}

void check_counts(const std::vector<int>& counts) {
  for (int count : counts) require_at_least("settings: a count", count, 1);
}

Settings hiding(Settings s, const std::vector<int>& hidden) {
  s.units.erase(s.units.begin() + 1, s.units.end() - 1);
  s.units.insert(s.units.begin() + 1, hidden.begin(), hidden.end());
  return s;
}

// What a log-uniform range makes of `value`.
void draw_into(Scalar& value, const Interval& range, Random& random) {
  if (range.low > 0) value = log_uniform(range.low, range.high, random);
}

// Everything that is wrong beforehand, found with a network of these sizes that holds only zeros:
// what it refuses, the samples are to blame for.
void try_out(const Settings& settings, const Samples& samples) {
  const int N = samples.x.rows();
  require_at_least("samples", N, 1);
  require_same("labels", static_cast<int>(samples.labels.size()), N);
  Settings harmless = settings;
  harmless.init = Init::zeros;
  harmless.batch_norm = false;
  harmless.learning_rate = harmless.l1 = harmless.l2 = harmless.dropout = 0;
  harmless.batch_size = N;
  Training training = training_init(harmless, Random(0));
  evaluate(training.deep, samples);  // refuses labels and NaN in any sample
}

Training prepared(const Settings& settings, const Samples& train, const Samples& validation,
                  int epochs, const Random& random) {
  require(epochs >= 0, "training: epochs must not be negative");
  const Training training = training_init(settings, random);
  try_out(settings, train);
  try_out(settings, validation);
  const Augmentation& a = settings.augmentation;
  Random mine = random;
  if (a.shift + a.degrees + a.noise > 0) augment(take(train, {0}).x, a, mine);
  if (!training.deep.norms.empty())
    for (int first = 0; first < train.x.rows(); first += settings.batch_size)
      require_at_least("training: samples of a batch under batch norm",
                       std::min(settings.batch_size, train.x.rows() - first), 2);
  return training;
}

// Runs what may diverge.
bool survives(const std::function<Scalar()>& loss) {
  try {
    return std::abs(loss()) < kInfinity;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

bool seen(Evaluation& e, const DeepNetwork& deep, const Samples& samples) {
  return survives([&] { return (e = evaluate(deep, samples)).loss; });
}

void go_on(LearningCurve& curve, Training& training, const Samples& train,
           const Samples& validation, int epochs) {
  if (epochs == 0) return;
  Evaluation known{}, fresh{};
  if (!survives([&] { return train_epoch(training, train); }) ||
      !seen(known, training.deep, train) || !seen(fresh, training.deep, validation)) {
    curve.diverged = true;
    return;
  }
  curve.train.emplace_back(known);
  curve.validation.emplace_back(fresh);
  go_on(curve, training, train, validation, epochs - 1);
}

template <class T, class Rest>
void with_each(const std::vector<T>& values, T Settings::*member, Settings s, Rest rest) {
  if (values.empty()) return rest(s);
  for (const T& value : values) {
    s.*member = value;
    rest(s);
  }
}

}  // namespace

Scalar log_uniform(Scalar low, Scalar high, Random& random) {
  if (!(low > 0) || !(high >= low) || high == kInfinity)
    throw std::invalid_argument("log_uniform: needs 0 < low <= high < infinity");
  if (!(low < high)) return low;
  const Scalar v = Scalar(std::exp(random.uniform(std::log(double(low)), std::log(double(high)))));
  return v < low ? low : v > high ? high : v;
}

Settings draw_settings(const Ranges& ranges, const Settings& base, Random& random) {
  for (const Interval& i : {ranges.learning_rate, ranges.l2, ranges.dropout}) {
    check_value(i.low, kInfinity);
    check_value(i.high, kInfinity);
    require(i.low <= i.high, "an interval is turned round");
  }
  for (const Interval& i : {ranges.learning_rate, ranges.l2})
    require(i.high == 0 || i.low > 0, "0 has no logarithm");
  check_value(ranges.dropout.high, 1);
  for (const auto& hidden : ranges.hidden) check_counts(hidden);
  check_counts(ranges.batch_sizes);
  require(base.units.size() > 1, "the base needs inputs and classes");

  Settings s = base;
  draw_into(s.learning_rate, ranges.learning_rate, random);
  draw_into(s.l2, ranges.l2, random);
  const auto [low, high] = ranges.dropout;
  if (high > 0) s.dropout = low < high ? std::min(Scalar(random.uniform(low, high)), high) : high;
  if (const int n = static_cast<int>(ranges.hidden.size()))
    s = hiding(s, ranges.hidden[random.randint(n)]);
  if (const int n = static_cast<int>(ranges.batch_sizes.size()))
    s.batch_size = ranges.batch_sizes[random.randint(n)];
  if (const int n = static_cast<int>(ranges.optimizers.size()))
    s.optimizer = ranges.optimizers[random.randint(n)];
  return s;
}

std::vector<Settings> grid(const Choices& c, const Settings& base) {
  require(base.units.size() > 1, "grid: the base needs inputs and classes");
  for (Scalar v : c.learning_rates) check_value(v, kInfinity);
  for (Scalar v : c.l2) check_value(v, kInfinity);
  for (Scalar v : c.dropout) check_value(v, 1);
  for (const auto& hidden : c.hidden) check_counts(hidden);
  check_counts(c.batch_sizes);
  std::vector<std::vector<int>> units;
  for (const auto& hidden : c.hidden) units.push_back(hiding(base, hidden).units);
  std::vector<Settings> all;
  using S = Settings;
  with_each(c.learning_rates, &S::learning_rate, base, [&](const S& a) {
    with_each(c.l2, &S::l2, a, [&](const S& b) {
      with_each(c.dropout, &S::dropout, b, [&](const S& d) {
        with_each(units, &S::units, d, [&](const S& e) {
          with_each(c.batch_sizes, &S::batch_size, e, [&](const S& f) {
            with_each(c.optimizers, &S::optimizer, f, [&](const S& g) { all.push_back(g); });
          });
        });
      });
    });
  });
  return all;
}

LearningCurve learning_curve(const Settings& settings, const Samples& train,
                             const Samples& validation, int epochs, const Random& random) {
  Training training = prepared(settings, train, validation, epochs, random);
  LearningCurve curve;
  go_on(curve, training, train, validation, epochs);
  return curve;
}

int best_epoch(const LearningCurve& curve) {
  Scalar lowest = kInfinity;
  int best = 0, epoch = 0;
  for (const Evaluation& e : curve.validation) {
    ++epoch;
    require_finite("best_epoch: loss", double{e.loss});
    if (e.loss >= lowest) continue;
    lowest = e.loss;
    best = epoch;
  }
  if (best == 0) throw std::invalid_argument("best_epoch: no epoch");
  return best;
}

std::vector<Trial> search(const std::vector<Settings>& settings, const Samples& train,
                          const Samples& validation, int epochs, const Random& random) {
  for (const Settings& s : settings) prepared(s, train, validation, epochs, random);
  std::vector<Trial> trials(settings.size());
  for (std::size_t i = settings.size(); i-- > 0;) {
    Training training = prepared(settings[i], train, validation, epochs, random);
    Trial& trial = trials[i];
    trial.settings = settings[i];
    bool sound = true;
    while (sound && training.epoch < epochs)
      sound = survives([&] { return train_epoch(training, train); });
    sound = sound && seen(trial.train, training.deep, train) &&
            seen(trial.validation, training.deep, validation);
    trial.failed = !sound;
    if (!sound) trial.train = trial.validation = {.loss = kInfinity, .accuracy = 0};
  }
  return trials;
}

int best_of(const std::vector<Trial>& trials) {
  int best = -1;
  for (int i = static_cast<int>(trials.size()); i-- > 0;) {
    if (trials[i].failed) continue;
    const Evaluation& mine = trials[i].validation;
    require_share("best_of: accuracy", double{mine.accuracy});
    require_finite("best_of: loss", double{mine.loss});
    const bool better = best < 0 || mine.accuracy > trials[best].validation.accuracy;
    const bool equal = !better && mine.accuracy == trials[best].validation.accuracy;
    if (better || (equal && mine.loss <= trials[best].validation.loss)) best = i;
  }
  if (best < 0) throw std::invalid_argument("best_of: all have failed");
  return best;
}

}  // namespace gradus
