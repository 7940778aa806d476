// What came is what was expected, times or plus something.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "grading/relations/evidence.hpp"
#include "grading/relations/kinds.hpp"

namespace gradus {
namespace {

using All = std::vector<Compared>;

// The factor of a call by the number of it that it is.
struct Form {
  const char* text;  // with {} for the name
  double (*of)(double);
  bool of_sizes;  // of sizes and of numbers; else of numbers only
};

const Form kForms[] = {
    {"is what was expected times {}", [](double q) { return q; }, true},
    {"is what was expected divided by {}", [](double q) { return 1 / q; }, true},
    {"is what was expected times the root of {}", [](double q) { return std::sqrt(q); }, true},
    {"is what was expected divided by the root of {}", [](double q) { return 1 / std::sqrt(q); },
     true},
    {"is what was expected times 1 - {}", [](double q) { return 1 - q; }, false},
    {"is what was expected divided by 1 - {}", [](double q) { return 1 / (1 - q); }, false},
};

Numbers scaled(const Numbers& numbers, double factor) {
  Numbers result = numbers;
  for (double& value : result.values) value *= factor;
  return result;
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

bool whole(double value) { return std::abs(value - std::round(value)) < 1e-9 * std::abs(value); }

// "twice", "1/5 of", "-3 times".
std::string in_words(double factor) {
  if (std::abs(factor - 2) < 1e-9) return "is twice what was expected";
  if (std::abs(factor - 0.5) < 1e-9) return "is half of what was expected";
  if (factor > 0 && factor < 1 && whole(1 / factor))
    return "is 1/" + short_number(std::round(1 / factor)) + " of what was expected";
  return "is " + short_number(factor) + " times what was expected";
}

// The ratio at the largest element that is wrong; 0 if there is none.
double ratio(const All& all) {
  double most = 0, factor = 0;
  for (const Compared& one : all) {
    if (one.right || !same_shape(one.got, one.expected)) continue;
    for (std::size_t i = 0; i < one.got.values.size(); ++i) {
      const double size = std::abs(one.expected.values[i]);
      if (!std::isfinite(size) || size <= most) continue;
      most = size;
      factor = one.got.values[i] / one.expected.values[i];
    }
  }
  return std::isfinite(factor) ? factor : 0;
}

double value_of(const Compared& one, const std::string& quantity) {
  if (!one.call) return std::nan("");
  const auto at = std::ranges::find(one.call->quantities, quantity, &Quantity::name);
  return at == one.call->quantities.end() ? std::nan("") : at->value;
}

// Sizes that are equal in all calls, and not always the same, are one by contract: the rows of x and
// those of dy.
bool are_one(const All& all, const std::string& a, const std::string& b) {
  bool varies = false;
  for (const Compared& one : all) {
    if (value_of(one, a) != value_of(one, b)) return false;
    varies = varies || value_of(one, a) != value_of(all[0], a);
  }
  return varies;
}

struct Named {
  std::string quantity, text;
};

std::string with_name(std::string text, const std::string& name) {
  return text.replace(text.find("{}"), 2, name);
}

std::vector<Named> named_factors(const All& all) {
  std::vector<Named> found;
  const Compared& wrong = *std::ranges::find(all, false, &Compared::right);
  if (!wrong.call) return found;
  for (const Quantity& quantity : wrong.call->quantities)
    for (const Form& form : kForms) {
      if (quantity.is_size && !form.of_sizes) continue;
      const Prediction times = [&](const All& list, std::size_t i) -> std::optional<Numbers> {
        const double factor = form.of(value_of(list[i], quantity.name));
        if (std::isnan(factor)) return std::nullopt;  // infinite where it is divided by no rows
        return scaled(list[i].expected, factor);
      };
      if (!explains(all, times, 2)) continue;
      const bool known = std::ranges::any_of(
          found, [&](const Named& other) { return are_one(all, other.quantity, quantity.name); });
      if (!known) found.push_back({quantity.name, with_name(form.text, quantity.name)});
    }
  return found;
}

Predicates sums(const All& all) {
  const Compared& first = *std::ranges::find(all, false, &Compared::right);
  if (!same_shape(first.got, first.expected) || first.got.values.empty()) return {};
  const double more = first.got.values[0] - first.expected.values[0];
  if (!std::isfinite(more) || std::abs(more) < 1e-6) return {};
  const Prediction plus = [&](const All& list, std::size_t i) -> std::optional<Numbers> {
    Numbers result = list[i].expected;
    for (double& value : result.values) value += more;
    return result;
  };
  if (!explains(all, plus, 3)) return {};
  return {"is " + short_number(std::abs(more)) + (more > 0 ? " more" : " less") +
          " than expected, in every element"};
}

// What a call changes in place: how far it went, beside how far it should have gone.
All steps_of(const All& all) {
  All steps;
  for (const Compared& one : all) {
    if (!one.before || one.generator || !same_shape(*one.before, one.got) ||
        !same_shape(one.got, one.expected))
      return {};
    Compared step = one;
    step.before.reset();
    step.tolerance = allowance(one) * 10;
    for (std::size_t i = 0; i < one.got.values.size(); ++i) {
      step.got.values[i] -= one.before->values[i];
      step.expected.values[i] -= one.before->values[i];
    }
    steps.push_back(step);
  }
  return steps;
}

Predicates factors_of(const All& all) {
  const double factor = ratio(all);
  if (factor == 0 || std::abs(factor - 1) < 1e-4) return {};
  const Prediction times = [&](const All& list, std::size_t i) -> std::optional<Numbers> {
    return scaled(list[i].expected, factor);
  };
  const bool everyday = factor == -1 || factor == 2 || factor == 0.5;
  const bool minus = std::abs(factor + 1) < 1e-9;
  const bool constant = explains(all, times, everyday || minus ? 2 : 3);
  if (constant && minus) return {"has the wrong sign, in every element"};
  const std::vector<Named> named = named_factors(all);
  if (constant) {
    std::string text = in_words(factor);
    const bool two = std::abs(factor - 2) < 1e-9 || std::abs(factor - 0.5) < 1e-9;
    if (named.size() == 1 && !two)
      text = named[0].text + ", " +
             short_number(
                 value_of(*std::ranges::find(all, false, &Compared::right), named[0].quantity));
    return {text};
  }
  if (named.size() == 1) return {named[0].text};
  return {};
}

}  // namespace

Predicates factors(const All& all) {
  Predicates found = factors_of(all);
  const Predicates added = sums(all);
  found.insert(found.end(), added.begin(), added.end());
  const All steps = steps_of(all);
  if (steps.empty()) return found;
  for (std::string text : factors_of(steps)) {
    const std::size_t end = text.find("what was expected");
    if (text.starts_with("has the wrong sign"))
      text = "moves in the opposite direction";
    else if (end != std::string::npos)
      text = "moves by a step that " + text;
    found.push_back(text);
  }
  return found;
}

}  // namespace gradus
