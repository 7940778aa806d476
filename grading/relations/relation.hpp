// The relation between what came and what was expected: "is 1/5 of what was expected". It needs no
// list of known mistakes.
//
// Who has made one mistake sees one relation in every call that fails. So a relation is named only
// where it explains every element of every comparison that failed, where no comparison that was
// right contradicts it, and where the numbers cannot agree by chance: zeros, ones and single numbers
// fit many relations, and where two fit, neither is named.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gradus {

struct Numbers {
  int rows = 1, cols = 1;
  std::vector<double> values;  // row by row

  double at(int row, int col) const {
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) +
                  static_cast<std::size_t>(col)];
  }
  bool operator==(const Numbers&) const = default;
};

// A number of the call that a factor may be: a size of an argument, or an argument itself.
struct Quantity {
  std::string name;  // "the number of rows of x", "learning_rate"
  double value = 0;
  bool is_size = false;
};

struct Argument {
  std::string name;
  Numbers numbers;
};

struct CallData {
  std::vector<Quantity> quantities;
  std::vector<Argument> arguments;
};

// One value that a function gave, and the right one.
struct Compared {
  Numbers got, expected;
  bool right = false;
  double tolerance = 0;                  // of each element; never below what rounding needs
  int test = 0;                          // comparisons of one test come in their order
  std::shared_ptr<const CallData> call;  // what is known of the call; may be nothing
  std::optional<Numbers> before;  // what it was before the call, if the call was to change it
  bool generator = false;         // a state of random numbers: equal or not, nothing between
};

// The predicate of a sentence about what came, without its end: "is 1/5 of what was expected";
// empty where nothing explains everything, or two relations do.
std::string relation(const std::vector<Compared>& all);

// Are they the same up to rounding?
bool same_numbers(const Numbers& a, const Numbers& b, double tolerance);

}  // namespace gradus
