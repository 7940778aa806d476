// When does a relation hold, and not by chance?
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "grading/relations/relation.hpp"

namespace gradus {

// What may lie between two numbers that are the same: rounding, or what the test allows.
double allowance(const Compared& one);
bool close(double a, double b, double absolute);

// Different numbers, told apart by their size. Those of paper and pencil, 0.25 or 3, meet each other
// by chance; two others do not.
class Evidence {
 public:
  void add(double value, double noise);  // beyond some tens it is enough
  bool enough(std::size_t odd) const {
    return odd_.size() >= odd || odd_.size() + plain_.size() >= 2 * odd;
  }

 private:
  std::set<double> odd_, plain_;
};

// What a mistake makes of one comparison; nothing where it says nothing, as about the call before the
// first. `which` is its place in the list.
using Prediction =
    std::function<std::optional<Numbers>(const std::vector<Compared>& all, std::size_t which)>;

// Does the prediction give what came, wherever something is wrong, and contradict nothing that was
// right? `odd` is how many numbers must agree that do not by chance: predicted ones, where they are not
// the right ones. With `constant` what came may be one number again and again, and what was expected counts.
bool explains(const std::vector<Compared>& all, const Prediction& predicted, std::size_t odd,
              bool constant = false);

bool same_shape(const Numbers& a, const Numbers& b);

}  // namespace gradus
