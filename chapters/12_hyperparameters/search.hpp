// Random search, and random search beside grid search.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "chapters/12_hyperparameters/experiment.hpp"

namespace gradus::hyperparameters {

// ---- a search ----

struct Search {
  std::vector<Trial> trials;  // from the best on; failed ones last
  Evaluation test;            // of the best, which was trained once more for it
};
inline constexpr int search_images = 3000, search_epochs = 6;
std::vector<Settings> draws_of(const Ranges& ranges, const Settings& base, int count,
                               Random& random);
Search random_search(const MnistSet& set, int draws, std::uint32_t seed);

// ---- chance against grid ----

// Three hyperparameters, of which one matters most: learning rate, λ, dropout. Both searches try
// 27 settings: 3 · 3 · 3 of a grid, which each seed puts down elsewhere, or 27 draws.
struct Contest {
  std::vector<Trial> grid, random;
  double grid_test, random_test;  // in %, of the best of each, on 2000 test images
};
inline const Settings small = {.units = {784, 32, 10}, .learning_rate = 0.1, .batch_size = 32};
inline constexpr int contest_images = 1000, contest_epochs = 5;
inline constexpr int contest_seeds = 8;
std::vector<Contest> contests(const MnistSet& set, const std::function<void()>& after_each = {});

}  // namespace gradus::hyperparameters
