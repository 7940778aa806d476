// The remedies of chapter 09 once more, alone and in pairs, each at the strength that validation
// chooses for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "chapters/12_hyperparameters/experiment.hpp"

namespace gradus::hyperparameters {

// What a remedy may choose from.
struct Remedy {
  std::string name;
  Ranges ranges = {};
  bool batch_norm = false, augmentation = false;
};
std::vector<Remedy> remedies();      // all eight
std::vector<Remedy> few_remedies();  // of these four, for a quick run

struct Tournament {
  int images, epochs;  // of these images four fifths train, a fifth is for validation
  int draws, seeds;    // settings per remedy; each is tried with every seed
};
inline constexpr Tournament small_300{.images = 375, .epochs = 30, .draws = 3, .seeds = 3};
inline constexpr Tournament full_300{.images = 375, .epochs = 150, .draws = 8, .seeds = 5};
inline constexpr Tournament full_3000{.images = 3750, .epochs = 30, .draws = 8, .seeds = 3};

struct Remedied {
  Remedy remedy;
  Settings chosen;                 // by the mean validation accuracy of all seeds
  Spread validation, train, test;  // in %
};
std::vector<Remedied> tournament(const Tournament& plan, const std::vector<Remedy>& remedies,
                                 const MnistSet& set, const std::function<void()>& after_each = {});
const Remedied& result_of(const std::vector<Remedied>& results, const std::string& name);

}  // namespace gradus::hyperparameters
