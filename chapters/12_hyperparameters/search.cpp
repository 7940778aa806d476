#include "chapters/12_hyperparameters/search.hpp"

#include <algorithm>
#include <cmath>

namespace gradus::hyperparameters {

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
  const Settings& chosen = trials[best_of(trials)].settings;
  result.test = tested(chosen, data.train, data.test, search_epochs, seed).validation;
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

static Contest contest(const MnistSet& set, std::uint32_t seed) {
  Random random(seed);
  const auto& [learning_rate, l2, dropout, hidden, sizes, optimizers] = contest_ranges;
  Choices choices;
  choices.learning_rates = three_of(learning_rate, true, random);
  choices.l2 = three_of(l2, true, random);
  choices.dropout = three_of(dropout, false, random);
  const Data data = split_data(set, contest_images, seed);
  const Samples test = first_digits(set.test_images, set.test_labels, 2000);
  const auto accuracy_of_best = [&](const std::vector<Trial>& trials) {
    const Settings& best = trials[best_of(trials)].settings;
    return 100 * double{tested(best, data.train, test, contest_epochs, seed).validation.accuracy};
  };
  const auto tried = [&](const std::vector<Settings>& settings) {
    return search(settings, data.train, data.validation, contest_epochs, Random(seed));
  };
  Contest result;
  result.grid = tried(grid(choices, small));
  result.random = tried(draws_of(contest_ranges, small, 27, random));
  result.grid_test = accuracy_of_best(result.grid);
  result.random_test = accuracy_of_best(result.random);
  return result;
}

std::vector<Contest> contests(const MnistSet& set, const std::function<void()>& after_each) {
  std::vector<Contest> all;
  for (std::uint32_t seed = 0; seed < contest_seeds; ++seed) {
    all.push_back(contest(set, seed));
    if (after_each) after_each();
  }
  return all;
}

}  // namespace gradus::hyperparameters
