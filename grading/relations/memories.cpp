// What came is nothing new: one number again and again, an argument, an earlier answer, or the right
// answer with fewer digits.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "grading/relations/evidence.hpp"
#include "grading/relations/kinds.hpp"

namespace gradus {
namespace {

using All = std::vector<Compared>;

// Was something asked before in the same test, and is it no longer what was expected? The place of
// the call before, or of the first.
std::optional<std::size_t> earlier(const All& all, std::size_t i, bool first) {
  std::optional<std::size_t> found;
  for (std::size_t k = 0; k < i; ++k)
    if (all[k].test == all[i].test && !(first && found)) found = k;
  return found;
}

Prediction answer(bool first) {
  return [first](const All& all, std::size_t i) -> std::optional<Numbers> {
    const auto place = earlier(all, i, first);
    if (!place) return std::nullopt;
    return all[*place].got;
  };
}

// Any of the numbers that came, for a look at whether all are the same.
std::optional<double> the_only_number(const All& all) {
  std::optional<double> only;
  for (const Compared& one : all) {
    if (one.right && one.got.values.empty()) continue;
    for (double value : one.got.values) {
      if (!only) only = value;
      if (value != *only && !(std::isnan(value) && std::isnan(*only))) return std::nullopt;
    }
  }
  return only;
}

bool left_as_it_was(const All& all) {
  bool moved = false;
  for (const Compared& one : all) {
    if (!one.before || !(one.right || one.got == *one.before)) return false;
    moved = moved || (!one.right && !same_numbers(one.expected, *one.before, one.tolerance));
    if (one.right && !(one.got == *one.before)) return false;
  }
  return moved;
}

std::optional<Numbers> argument_of(const Compared& one, const std::string& name) {
  if (!one.call) return std::nullopt;
  const auto at = std::ranges::find(one.call->arguments, name, &Argument::name);
  if (at == one.call->arguments.end()) return std::nullopt;
  return at->numbers;
}

std::vector<std::string> equal_arguments(const All& all) {
  const Compared& wrong = *std::ranges::find(all, false, &Compared::right);
  std::vector<std::string> names;
  if (!wrong.call) return names;
  for (const Argument& argument : wrong.call->arguments) {
    const Prediction same = [&](const All& list, std::size_t i) {
      return argument_of(list[i], argument.name);
    };
    if (explains(all, same, 2)) names.push_back(argument.name);
  }
  return names;
}

}  // namespace

Predicates constants(const All& all) {
  const std::optional<double> only = the_only_number(all);
  if (!only) return {};
  const Prediction again = [&](const All& list, std::size_t i) -> std::optional<Numbers> {
    Numbers result = list[i].expected;
    std::ranges::fill(result.values, *only);
    return result;
  };
  if (!explains(all, again, 2, true)) return {};
  char text[64];
  std::snprintf(text, sizeof text, "is %.4g everywhere", *only);
  return {*only == 0 ? "is 0 everywhere" : std::isnan(*only) ? "is NaN everywhere" : text};
}

Predicates memories(const All& all) {
  if (left_as_it_was(all)) return {"is left as it was"};
  if (std::ranges::any_of(all, &Compared::generator)) return {};
  Predicates found;
  const std::vector<std::string> names = equal_arguments(all);
  if (!names.empty()) found.push_back("is " + names[0] + ", as it was given");
  if (names.size() > 1) found.push_back("is " + names[1] + ", as it was given");
  // An argument that is the same from call to call comes again by itself.
  if (!names.empty()) return found;
  if (explains(all, answer(false), 2))
    found.push_back("is what came from the call before");
  else if (explains(all, answer(true), 2))
    found.push_back("is what came from the first call");
  return found;
}

Predicates digits(const All& all) {
  Evidence evidence;
  double worst = 0;
  bool floats = true;
  for (const Compared& one : all) {
    if (!same_shape(one.got, one.expected) || one.generator) return {};
    for (std::size_t i = 0; i < one.got.values.size(); ++i) {
      const double got = one.got.values[i], right = one.expected.values[i];
      if (close(got, right, 0)) continue;
      const double error = std::abs(got - right) / std::abs(right);
      if (!(error < 1e-6)) return {};
      if (one.right) continue;
      worst = std::max(worst, error);
      floats = floats && got == static_cast<double>(static_cast<float>(got));
      evidence.add(right, 0);
    }
  }
  if (worst < 1e-9 || !evidence.enough(3)) return {};
  return {floats ? "is right to the 7 digits of a float only"
                 : "is right to about 7 digits only, as with a float on the way"};
}

}  // namespace gradus
