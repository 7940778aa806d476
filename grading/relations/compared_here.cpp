#include "grading/relations/compared_here.hpp"

#include <algorithm>

namespace gradus {
namespace {

constexpr std::size_t kMostNumbers = std::size_t{1} << 20;

struct Line {
  int line;
  Compared one;
};

struct Memory {
  bool on = false, full = false;
  std::size_t numbers = 0;
  std::vector<Line> lines;
  bool blamed = false;
  Line first{0, {}};  // that failed, if `blamed`
};

Memory& memory() {
  static Memory memory;
  return memory;
}

bool single(const Compared& one) {
  return one.expected.values.size() == 1 && one.got.values.size() == 1;
}

// The comparisons of the line where the test failed.
std::vector<Compared> of_line() {
  std::vector<Compared> all;
  for (const Line& entry : memory().lines)
    if (entry.line == memory().first.line) all.push_back(entry.one);
  return all;
}

// All single numbers of the test.
std::vector<Compared> single_ones() {
  std::vector<Compared> all;
  for (const Line& entry : memory().lines)
    if (single(entry.one)) all.push_back(entry.one);
  return all;
}

// What failed first was right when the same was expected before.
bool right_before(const std::vector<Compared>& all) {
  const auto wrong = std::ranges::find(all, false, &Compared::right);
  return std::any_of(all.begin(), wrong, [&](const Compared& one) {
    return one.expected.values.size() > 2 && one.expected == wrong->expected;
  });
}

}  // namespace

void begin_comparisons() {
  memory() = {};
  memory().on = true;
}

bool remembers_comparisons() { return memory().on && !memory().full; }

void remember_comparison(int line, Compared one) {
  memory().numbers += one.got.values.size() + one.expected.values.size();
  memory().full = memory().numbers > kMostNumbers;  // part of it would say too much
  if (memory().full)
    memory().lines.clear();
  else
    memory().lines.push_back({line, std::move(one)});
}

void comparison_failed() {
  Memory& here = memory();
  const bool first =
      std::ranges::count_if(here.lines, [](const Line& entry) { return !entry.one.right; }) == 1;
  if (here.blamed || !first || here.lines.back().one.right) return;
  here.blamed = true;
  here.first = here.lines.back();
}

std::string sentence_of_comparisons() {
  if (!memory().blamed || memory().full) return "";
  const std::vector<Compared> all = of_line();
  if (right_before(all))
    return "here the same was expected before, and it came: is something kept from call to call?";
  std::string predicate = relation(all);
  if (!predicate.empty()) return "what came " + predicate;
  if (!single(memory().first.one)) return "";
  predicate = relation(single_ones());
  return predicate.empty() ? "" : "in this test, each number that came " + predicate;
}

}  // namespace gradus
