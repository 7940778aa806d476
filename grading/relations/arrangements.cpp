// The right numbers in the wrong places.
#include <algorithm>
#include <cmath>

#include "grading/relations/evidence.hpp"
#include "grading/relations/kinds.hpp"

namespace gradus {
namespace {

using All = std::vector<Compared>;

Numbers transposed(const Numbers& m) {
  Numbers result{m.cols, m.rows, {}};
  for (int j = 0; j < m.cols; ++j)
    for (int i = 0; i < m.rows; ++i) result.values.push_back(m.at(i, j));
  return result;
}

std::optional<Numbers> transpose(const All& all, std::size_t i) {
  const Numbers& m = all[i].expected;
  if (m.rows == 1 && m.cols == 1) return m;
  return transposed(m);
}

// The transpose's numbers in a matrix of the right shape.
std::optional<Numbers> column_by_column(const All& all, std::size_t i) {
  const Numbers& m = all[i].expected;
  Numbers result = transposed(m);
  result.rows = m.rows;
  result.cols = m.cols;
  return result;
}

// Drawn or written down the columns.
std::optional<Numbers> filled_down(const All& all, std::size_t i) {
  Numbers turned = all[i].expected;
  std::swap(turned.rows, turned.cols);
  return transposed(turned);
}

// Rows, or columns as the rows of the transpose.
Numbers turned(const Numbers& m, bool columns) { return columns ? transposed(m) : m; }

std::vector<double> row_of(const Numbers& m, int row) {
  std::vector<double> values;
  for (int j = 0; j < m.cols; ++j) values.push_back(m.at(row, j));
  return values;
}

// Where each row of `got` stands in `expected`; empty unless it is a permutation that is clear.
std::vector<int> order_of(const Numbers& got, const Numbers& expected, double noise) {
  std::vector<int> places;
  for (int i = 0; i < got.rows; ++i) {
    int found = -1;
    for (int k = 0; k < expected.rows; ++k)
      if (std::ranges::equal(row_of(got, i), row_of(expected, k),
                             [&](double a, double b) { return close(a, b, noise); })) {
        if (found >= 0) return {};  // two rows are alike
        found = k;
      }
    if (found < 0 || std::ranges::find(places, found) != places.end()) return {};
    places.push_back(found);
  }
  return places;
}

bool reversed(const std::vector<int>& places) {
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i] != static_cast<int>(places.size() - 1 - i)) return false;
  return true;
}

// Are the rows right, each in some place? Sets whether they are reversed in all.
bool permuted(const All& all, bool columns, bool& all_reversed) {
  Evidence evidence;
  std::size_t most = 0;
  all_reversed = true;
  for (const Compared& one : all) {
    if (!same_shape(one.got, one.expected)) return false;
    const Numbers got = turned(one.got, columns), expected = turned(one.expected, columns);
    const double noise = allowance(one);
    if (got.rows > 1024) return false;
    if (one.right) {
      // A right answer of which the order matters contradicts.
      const std::vector<int> places = order_of(expected, expected, noise);
      if (places.size() >= 3) return false;
      continue;
    }
    const std::vector<int> places = order_of(got, expected, noise);
    if (places.empty()) return false;
    most = std::max(most, places.size());
    all_reversed = all_reversed && reversed(places);
    for (double value : one.expected.values) evidence.add(value, noise);
  }
  return most >= 3 && evidence.enough(3);
}

}  // namespace

Predicates arrangements(const All& all) {
  Predicates found;
  bool turns = true, upright = true;
  for (const Compared& one : all) {
    const bool vector = one.expected.rows == 1 || one.expected.cols == 1;
    if (!one.right && vector && one.got.rows == one.expected.rows) turns = false;
    if (!one.right && !vector) upright = false;
  }
  if (turns && explains(all, transpose, 2))
    found.push_back(upright ? "has the right numbers, but columns in place of rows"
                            : "is the transpose of what was expected");
  else if (turns && explains(all, column_by_column, 2))
    found.push_back("has the right numbers in the order of the transpose");
  else if (turns && explains(all, filled_down, 2))
    found.push_back("has the right numbers, filled in column by column");
  if (!found.empty()) return found;
  for (const bool columns : {false, true}) {
    bool backwards = false;
    if (!permuted(all, columns, backwards)) continue;
    const std::string what = columns ? "columns" : "rows";
    found.push_back(backwards ? "has the right " + what + ", but the last one first"
                              : "has the right " + what + ", but in another order");
  }
  return found;
}

}  // namespace gradus
