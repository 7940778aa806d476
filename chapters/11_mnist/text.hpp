// How the tables and figures of chapter 11 write what they show.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "chapters/11_mnist/experiment.hpp"

namespace gradus::mnist {

inline std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

// "784-100-10"
inline std::string layers(const std::vector<int>& units) {
  return fmt::format("{}", fmt::join(units, "-"));
}

inline std::string line_of(const Epoch& epoch) {
  return fmt::format("epoch {:2}   loss {:.4f}   accuracy: train {}, test {}", epoch.number,
                     epoch.loss, percent(epoch.train.accuracy), percent(epoch.test.accuracy));
}

}  // namespace gradus::mnist
