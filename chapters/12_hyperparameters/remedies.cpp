#include "chapters/12_hyperparameters/remedies.hpp"

#include "chapters/12_hyperparameters/search.hpp"

namespace gradus::hyperparameters {

std::vector<Remedy> remedies() {
  const Interval rate = {3e-4, 1e-2}, lambda = {1e-5, 3e-2}, dropped = {0.1, 0.6};
  return {
      {.name = "nothing", .ranges = {.learning_rate = rate}},
      {.name = "L2", .ranges = {.learning_rate = rate, .l2 = lambda}},
      {.name = "dropout", .ranges = {.learning_rate = rate, .dropout = dropped}},
      {.name = "batch norm", .ranges = {.learning_rate = rate}, .batch_norm = true},
      {.name = "augmentation", .ranges = {.learning_rate = rate}, .augmentation = true},
      {.name = "dropout, L2", .ranges = {.learning_rate = rate, .l2 = lambda, .dropout = dropped}},
      {.name = "dropout, batch norm",
       .ranges = {.learning_rate = rate, .dropout = dropped},
       .batch_norm = true},
      {.name = "dropout, augmented",
       .ranges = {.learning_rate = rate, .dropout = dropped},
       .augmentation = true}};
}

std::vector<Remedy> few_remedies() {
  std::vector<Remedy> few;
  for (const Remedy& remedy : remedies())
    for (const char* name : {"nothing", "dropout", "augmentation", "dropout, augmented"})
      if (remedy.name == name) few.push_back(remedy);
  return few;
}

static std::vector<Settings> draws_for(const Remedy& remedy, int count) {
  const Settings base{.units = {784, 100, 100, 10},
                      .batch_norm = remedy.batch_norm,
                      .optimizer = Optimizer::adam,
                      .batch_size = 50};
  Random random(0);
  std::vector<Settings> drawn = draws_of(remedy.ranges, base, count, random);
  if (remedy.augmentation)
    for (int i = 0; i < count; ++i)
      drawn[i].augmentation = {.shift = 1 + i % 3, .degrees = Scalar(5 + 5 * (i % 3)), .noise = 0};
  return drawn;
}

std::vector<Remedied> tournament(const Tournament& plan, const std::vector<Remedy>& remedies,
                                 const MnistSet& set, const std::function<void()>& after_each) {
  std::vector<Data> seeds;
  for (int seed = 0; seed < plan.seeds; ++seed)
    seeds.push_back(split_data(set, plan.images, static_cast<std::uint32_t>(seed), 0));
  // What no seed trains on or chooses by.
  const Samples test = first_digits(set.test_images, set.test_labels, 5000);
  std::vector<Remedied> results;
  for (const Remedy& remedy : remedies) {
    std::vector<Tried> all = untried(draws_for(remedy, plan.draws));
    for (std::uint32_t seed = 0; const Data& data : seeds) try_with(all, data, plan.epochs, seed++);
    const Tried& best = best_of_means(all);
    std::vector<Trial> tests(seeds.size());
    in_parallel(tests.size(), [&](std::size_t i) {
      tests[i] =
          tested(best.settings, seeds[i].train, test, plan.epochs, static_cast<std::uint32_t>(i));
    });
    results.push_back({.remedy = remedy,
                       .chosen = best.settings,
                       .validation = validation_accuracy(best),
                       .train = spread_of(accuracies(tests, &Trial::train)),
                       .test = spread_of(accuracies(tests))});
    if (after_each) after_each();
  }
  return results;
}

const Remedied& result_of(const std::vector<Remedied>& results, const std::string& name) {
  return look_up(results, "result of " + name,
                 [&](const Remedied& result) { return result.remedy.name == name; });
}

}  // namespace gradus::hyperparameters
