#include "common/random.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

#include "common/require.hpp"

namespace gradus {

double Random::uniform(double low, double high) {
  require(std::isfinite(high - low), "Random::uniform: low, high and high - low must be finite");
  const double a = static_cast<double>(engine_() >> 5);           // 27 bits
  const double b = static_cast<double>(engine_() >> 6);           // 26 bits
  const double unit = (a * 67108864.0 + b) / 9007199254740992.0;  // (a 2^26 + b) / 2^53
  return low + (high - low) * unit;
}

double Random::normal(double mean, double deviation) {
  require_finite("Random::normal: mean", mean);
  require_not_negative("Random::normal: standard deviation", deviation);
  if (has_spare_) {
    has_spare_ = false;
    return mean + deviation * spare_;
  }
  double x, y, r2;  // a point in the unit disc, not its centre
  do {
    x = 2 * uniform() - 1;
    y = 2 * uniform() - 1;
    r2 = x * x + y * y;
  } while (r2 >= 1 || r2 == 0);
  const double stretch = std::sqrt(-2 * std::log(r2) / r2);
  spare_ = stretch * x;
  has_spare_ = true;
  return mean + deviation * (stretch * y);
}

// 0 … max, both included: draw as many bits as max has and draw again while they exceed it.
std::uint64_t Random::masked(std::uint64_t max) {
  if (max == 0) return 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(max);
  const bool wide = max > std::numeric_limits<std::uint32_t>::max();
  while (true) {
    std::uint64_t bits = engine_();
    if (wide) bits = bits << 32 | engine_();
    if ((bits & mask) <= max) return bits & mask;
  }
}

std::int64_t Random::randint(std::int64_t low, std::int64_t high) {
  if (low >= high)
    throw std::invalid_argument("Random::randint: low must be less than high, but they are " +
                                std::to_string(low) + " and " + std::to_string(high));
  const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + masked(span - 1));
}

std::vector<int> Random::permutation(int n) {
  require_at_least("Random::permutation: n", n, 0);
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  shuffle(std::span(order));
  return order;
}

std::vector<int> Random::choice(int n, int count) {
  require_at_least("Random::choice: n", n, 0);
  require_at_least("Random::choice: count", count, 0);
  if (count > n)
    throw std::invalid_argument("Random::choice: cannot take " + std::to_string(count) +
                                " different numbers of " + std::to_string(n));
  std::vector<int> order = permutation(n);
  order.resize(static_cast<std::size_t>(count));
  return order;
}

Matrix Random::uniform_matrix(double low, double high, int rows, int cols) {
  Matrix m(rows, cols);
  for (Scalar& value : m.flat()) value = static_cast<Scalar>(uniform(low, high));
  return m;
}

Matrix Random::normal_matrix(double mean, double deviation, int rows, int cols) {
  Matrix m(rows, cols);
  for (Scalar& value : m.flat()) value = static_cast<Scalar>(normal(mean, deviation));
  return m;
}

}  // namespace gradus
