// What the demonstration shows and the claims assert.

#include "chapters/12_hyperparameters/experiment.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace gradus::hyperparameters {

// ---- the data ----

Data split_data(const MnistSet& set, int images, std::uint32_t seed) {
  Random random(seed);
  const Samples all =
      digits(set.train_images, set.train_labels, random.choice(set.train_images.count, images));
  const Split split = split_samples(images, 0.25, 0.2, random);
  return {.train = take(all, split.train),
          .validation = take(all, split.validation),
          .test = take(all, split.test)};
}

// ---- settings over several seeds ----

Spread spread_of(const std::vector<double>& values) {
  const double count = static_cast<double>(values.size());
  Spread s;
  for (double v : values) s.mean += v / count;
  for (double v : values) s.deviation += (v - s.mean) * (v - s.mean) / count;
  s.deviation = std::sqrt(s.deviation);
  return s;
}

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
    Data data = split_data(set, plan.images, static_cast<std::uint32_t>(seed));
    if (judge == Judge::validation) data.test = {};
    try_with(all, data, plan.epochs, static_cast<std::uint32_t>(seed));
    if (after_seed) after_seed();
  }
  return all;
}

std::vector<double> accuracies(const std::vector<Trial>& trials, Evaluation Trial::*of) {
  std::vector<double> values;
  for (const Trial& trial : trials) values.push_back(100 * double{(trial.*of).accuracy});
  return values;
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

static constexpr int plan_images = 3000;

Plan learning_rate_plan(int seeds) {
  Choices choices;
  for (int half = -7; half <= 2; ++half)
    choices.learning_rates.push_back(Scalar(std::pow(10.0, half / 2.0)));
  return {.settings = grid(choices, plain), .images = plan_images, .epochs = 5, .seeds = seeds};
}

std::vector<LearningCurve> curves(const Settings& settings, const MnistSet& set, int images,
                                  int epochs, int seeds) {
  std::vector<LearningCurve> all(seeds);
#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < seeds; ++i) {
    const auto seed = static_cast<std::uint32_t>(i);
    const Data data = split_data(set, images, seed);
    all[i] = learning_curve(settings, data.train, data.validation, epochs, Random(seed));
  }
  return all;
}

Course mean_of(const std::vector<LearningCurve>& curves) {
  const auto mean = [&](auto samples, auto value, std::size_t epoch) {
    std::vector<double> values;
    for (const LearningCurve& curve : curves) values.push_back((curve.*samples).at(epoch).*value);
    return spread_of(values).mean;
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
  return {.settings = grid(choices, plain), .images = plan_images, .epochs = 5, .seeds = seeds};
}

const Tried& with_batch(const std::vector<Tried>& all, int batch_size, Scalar learning_rate) {
  for (const Tried& one : all)
    if (one.settings.batch_size == batch_size && one.settings.learning_rate == learning_rate)
      return one;
  throw std::invalid_argument("this batch size was not tried at this learning rate");
}

const Tried& best_with_batch(const std::vector<Tried>& all, int batch_size) {
  std::vector<Tried> those;
  for (const Tried& one : all)
    if (one.settings.batch_size == batch_size) those.push_back(one);
  return with_batch(all, batch_size, best_of_means(those).settings.learning_rate);
}

int epochs_until_enough(const Settings& settings, const MnistSet& set, int seeds) {
  const Course course = mean_of(curves(settings, set, plan_images, patience_in_epochs, seeds));
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

// ---- a search ----

std::vector<Settings> draws_of(const Ranges& ranges, const Settings& base, int count,
                               Random& random) {
  std::vector<Settings> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(draw_settings(ranges, base, random));
  return drawn;
}

Search random_search(const MnistSet& set, int draws, std::uint32_t seed) {
  const Ranges ranges{.learning_rate = {1e-4, 1},
                      .l2 = {1e-6, 1e-2},
                      .dropout = {0, 0.5},
                      .hidden = {{32}, {64}, {128}, {64, 64}, {128, 64}},
                      .batch_sizes = {16, 32, 64, 128},
                      .optimizers = {Optimizer::sgd, Optimizer::momentum, Optimizer::adam}};
  const Data data = split_data(set, search_images, seed);
  Random random(seed);
  const std::vector<Settings> settings = draws_of(ranges, plain, draws, random);
  std::vector<Trial> trials =
      search(settings, data.train, data.validation, search_epochs, Random(seed));
  Search result;
  const Settings chosen = trials[best_of(trials)].settings;
  result.test =
      search({chosen}, data.train, data.test, search_epochs, Random(seed)).front().validation;
  while (std::ranges::count(trials, false, &Trial::failed) > 0) {
    const int best = best_of(trials);
    result.trials.push_back(trials[best]);
    trials.erase(trials.begin() + best);
  }
  result.trials.insert(result.trials.end(), trials.begin(), trials.end());
  return result;
}

// ---- chance against grid ----

static const Ranges contest_ranges{
    .learning_rate = {1e-4, 10}, .l2 = {1e-6, 1e-1}, .dropout = {0, 0.7}};

// Three points at the same distance, the first one somewhere in the first third.
static std::vector<Scalar> three_of(const Interval& interval, bool log, Random& random) {
  const double start = random.uniform(0, 1.0 / 3);
  const double low = log ? std::log(interval.low) : interval.low;
  const double high = log ? std::log(interval.high) : interval.high;
  std::vector<Scalar> points;
  for (int i = 0; i < 3; ++i) {
    const double at = low + (start + i / 3.0) * (high - low);
    points.push_back(Scalar(log ? std::exp(at) : at));
  }
  return points;
}

Contest contest(const MnistSet& set, std::uint32_t seed) {
  Random random(seed);
  const auto& [learning_rate, l2, dropout, hidden, sizes, optimizers] = contest_ranges;
  Choices choices;
  choices.learning_rates = three_of(learning_rate, true, random);
  choices.l2 = three_of(l2, true, random);
  choices.dropout = three_of(dropout, false, random);
  const Data data = split_data(set, contest_images, seed);
  const Samples test = first_digits(set.test_images, set.test_labels, 2000);
  const auto tested = [&](const std::vector<Trial>& trials) {
    const Settings& best = trials[best_of(trials)].settings;
    const auto again = search({best}, data.train, test, contest_epochs, Random(seed));
    return 100 * double{again.front().validation.accuracy};
  };
  const auto tried = [&](const std::vector<Settings>& settings) {
    return search(settings, data.train, data.validation, contest_epochs, Random(seed));
  };
  Contest result;
  result.grid = tried(grid(choices, small));
  result.random = tried(draws_of(contest_ranges, small, 27, random));
  result.grid_test = tested(result.grid);
  result.random_test = tested(result.random);
  return result;
}

std::vector<Contest> contests(const MnistSet& set, int seeds,
                              const std::function<void()>& after_each) {
  std::vector<Contest> all;
  for (int seed = 0; seed < seeds; ++seed) {
    all.push_back(contest(set, static_cast<std::uint32_t>(seed)));
    if (after_each) after_each();
  }
  return all;
}

}  // namespace gradus::hyperparameters
