// Right but for one row, one column, or what lies beyond a size.
#include <algorithm>
#include <set>
#include <utility>

#include "grading/relations/evidence.hpp"
#include "grading/relations/kinds.hpp"

namespace gradus {
namespace {

using All = std::vector<Compared>;

// Which rows, or columns, hold something wrong.
std::vector<bool> wrong_lines(const Compared& one, bool columns) {
  const int lines = columns ? one.got.cols : one.got.rows;
  std::vector<bool> wrong(static_cast<std::size_t>(lines));
  const double noise = allowance(one);
  for (int i = 0; i < one.got.rows; ++i)
    for (int j = 0; j < one.got.cols; ++j)
      if (!close(one.got.at(i, j), one.expected.at(i, j), noise))
        wrong[static_cast<std::size_t>(columns ? j : i)] = true;
  return wrong;
}

void add_right_ones(const Compared& one, Evidence& evidence) {
  const double noise = allowance(one);
  for (std::size_t i = 0; i < one.got.values.size(); ++i)
    if (close(one.got.values[i], one.expected.values[i], noise))
      evidence.add(one.expected.values[i], noise);
}

// Is only the first, or the last, line wrong? That of three lines or more just this one is wrong
// must be seen; where others of such a size are right, in several sizes.
bool only_at(const All& all, bool columns, bool last) {
  Evidence evidence;
  std::set<std::pair<int, int>> sizes;
  bool elsewhere_right = false;
  for (const Compared& one : all) {
    if (!same_shape(one.got, one.expected)) return false;
    const std::vector<bool> wrong = wrong_lines(one, columns);
    const auto count = std::ranges::count(wrong, true);
    elsewhere_right = elsewhere_right || (one.right && wrong.size() >= 3);
    if (one.right) continue;
    if (count != 1 || !(last ? wrong.back() : wrong.front())) return false;
    if (wrong.size() < 3) continue;
    sizes.emplace(one.got.rows, one.got.cols);
    add_right_ones(one, evidence);
  }
  return sizes.size() >= (elsewhere_right ? 3 : 1) && evidence.enough(3);
}

// The number of lines that are right, before all others are wrong; 0 if that is not so.
int right_until(const All& all, bool columns) {
  Evidence evidence;
  std::ptrdiff_t limit = 0, longest_right = 0;
  for (const Compared& one : all) {
    if (!same_shape(one.got, one.expected)) return 0;
    const std::vector<bool> wrong = wrong_lines(one, columns);
    if (one.right) {
      longest_right = std::max(longest_right, std::ssize(wrong));
      continue;
    }
    const std::ptrdiff_t first = std::ranges::find(wrong, true) - wrong.begin();
    if (std::find(wrong.begin() + first, wrong.end(), false) != wrong.end()) return 0;
    if (first < 3 || std::ssize(wrong) - first < 2 || (limit != 0 && first != limit)) return 0;
    limit = first;
    add_right_ones(one, evidence);
  }
  return longest_right <= limit && evidence.enough(3) ? static_cast<int>(limit) : 0;
}

}  // namespace

Predicates edges(const All& all) {
  const bool flat = std::ranges::all_of(all, [](const Compared& one) {
    return one.right || one.expected.rows == 1 || one.expected.cols == 1;
  });
  Predicates found;
  for (const bool last : {false, true}) {
    const bool row = only_at(all, false, last), column = only_at(all, true, last);
    const std::string which = last ? "last" : "first";
    const bool one = (row && column) || flat;
    if (row || column)
      found.push_back("is wrong in its " + which +
                      (one   ? " element"
                       : row ? " row"
                             : " column") +
                      " only");
  }
  if (!found.empty()) return found;
  for (const bool columns : {false, true})
    if (const int limit = right_until(all, columns); limit > 0)
      found.push_back("is right in its first " + std::to_string(limit) +
                      (flat      ? " elements"
                       : columns ? " columns"
                                 : " rows") +
                      " only");
  return found;
}

}  // namespace gradus
