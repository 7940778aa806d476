#include "grading/relations/evidence.hpp"

#include <algorithm>
#include <cmath>

namespace gradus {
namespace {

double largest(const Numbers& numbers) {
  double most = 0;
  for (double value : numbers.values)
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  return most;
}

// No relation asks for more different numbers.
constexpr std::size_t kEnoughNumbers = 32;

// Has it at most three decimals?
bool plain(double value) {
  const double thousands = value * 1000;
  return std::abs(thousands - std::round(thousands)) < 1e-6;
}

// The number, rounded so that two which differ by noise are one.
double rounded(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 6);
  return std::round(value / unit) * unit;
}

}  // namespace

double allowance(const Compared& one) {
  return std::max({one.tolerance, 1e-12 * largest(one.expected), 1e-300});
}

bool close(double a, double b, double absolute) {
  if (!std::isfinite(a) || !std::isfinite(b)) return a == b || (std::isnan(a) && std::isnan(b));
  return std::abs(a - b) <= std::max(absolute, 1e-9 * std::max(std::abs(a), std::abs(b)));
}

bool same_shape(const Numbers& a, const Numbers& b) {
  return a.rows == b.rows && a.cols == b.cols && a.values.size() == b.values.size();
}

bool same_numbers(const Numbers& a, const Numbers& b, double tolerance) {
  if (!same_shape(a, b)) return false;
  const double scale = 1e-12 * std::min(largest(a), largest(b));
  return std::ranges::equal(a.values, b.values, [&](double x, double y) {
    return close(x, y, std::max(tolerance, scale));
  });
}

void Evidence::add(double value, double noise) {
  const double size = std::abs(value);
  if (!std::isfinite(value) || size <= 100 * noise) return;
  std::set<double>& numbers = plain(size) ? plain_ : odd_;
  if (numbers.size() < kEnoughNumbers) numbers.insert(rounded(size));
}

bool explains(const std::vector<Compared>& all, const Prediction& predicted, std::size_t odd,
              bool constant) {
  Evidence of_expected, of_predicted;
  bool any = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Compared& one = all[i];
    const std::optional<Numbers> numbers = predicted(all, i);
    if (!numbers && one.right) continue;
    if (!numbers || !same_shape(*numbers, one.got)) return false;
    const double noise = allowance(one);
    const double grown = std::max(1.0, largest(*numbers) / std::max(largest(one.expected), 1e-300));
    for (std::size_t k = 0; k < numbers->values.size(); ++k)
      if (!close(numbers->values[k], one.got.values[k], noise * std::min(grown, 1e3))) return false;
    if (one.right) continue;
    any = true;
    const bool other_shape = !same_shape(*numbers, one.expected);
    for (std::size_t k = 0; k < numbers->values.size() && k < one.expected.values.size(); ++k) {
      const double right = one.expected.values[k], wrong = numbers->values[k];
      if (!other_shape && std::abs(right - wrong) <= 100 * noise) continue;
      of_expected.add(right, noise);
      of_predicted.add(wrong, noise);
    }
  }
  return any && (constant ? of_expected : of_predicted).enough(odd);
}

}  // namespace gradus
