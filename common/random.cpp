#include "common/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

#include "common/require.hpp"

namespace gradus {

// ---- the Mersenne Twister: 624 words of 32 bits ----

static constexpr int word_count = 624;

Random::Random(std::uint32_t seed) {
  auto& words = state_.words;
  words[0] = seed;
  for (std::uint32_t i = 1; i < word_count; ++i)
    words[i] = 1812433253 * (words[i - 1] ^ words[i - 1] >> 30) + i;
}

Random::Random(const RandomState& state) : state_(state) {
  require_at_least("Random: position", state.position, 0);
  require(state.position <= word_count, "Random: position: must be at most 624");
}

// The new word in the place of a: of one bit of a, 31 bits of the word after it, and `far`, the
// word 397 places further. Plain loops over all words at once, which compilers turn into vectors.
static std::uint32_t twist(std::uint32_t a, std::uint32_t after, std::uint32_t far) {
  const std::uint32_t mixed = (a & 0x80000000) | (after & 0x7fffffff);
  return far ^ mixed >> 1 ^ (mixed % 2 ? 0x9908b0df : 0);
}

void Random::make_words() {
  std::uint32_t* const w = state_.words.data();
  for (int i = 0; i < word_count - 397; ++i) w[i] = twist(w[i], w[i + 1], w[i + 397]);
  for (int i = word_count - 397; i < word_count - 1; ++i)
    w[i] = twist(w[i], w[i + 1], w[i + 397 - word_count]);
  w[word_count - 1] = twist(w[word_count - 1], w[0], w[396]);
  state_.position = 0;
}

// The bits of a word are mixed once more on its way out.
static std::uint32_t temper(std::uint32_t word) {
  word ^= word >> 11;
  word ^= word << 7 & 0x9d2c5680;
  word ^= word << 15 & 0xefc60000;
  return word ^ word >> 18;
}

std::uint32_t Random::next_word() {
  if (state_.position == word_count) make_words();
  return temper(state_.words[state_.position++]);
}

// ---- uniform ----

// 53 bits of two words, as a number of [0, 1).
static double unit(std::uint32_t first, std::uint32_t second) {
  const double a = static_cast<int>(first >> 5);     // 27 bits
  const double b = static_cast<int>(second >> 6);    // 26 bits
  return (a * 67108864.0 + b) / 9007199254740992.0;  // (a 2^26 + b) / 2^53
}

double Random::uniform(double low, double high) {
  require(std::isfinite(high - low), "Random::uniform: low, high and high - low must be finite");
  const std::uint32_t first = next_word();
  return low + (high - low) * unit(first, next_word());
}

void Random::fill_uniform(std::span<double> values) {
  while (!values.empty()) {
    // As many as the words at hand make. Of an odd number of words one is left, and goes with the
    // first of the next 624.
    const std::size_t pairs = (word_count - state_.position) / 2;
    const std::size_t count = std::min(values.size(), pairs);
    const std::uint32_t* const words = state_.words.data() + state_.position;
    for (std::size_t i = 0; i < count; ++i)
      values[i] = unit(temper(words[2 * i]), temper(words[2 * i + 1]));
    state_.position += static_cast<int>(2 * count);
    values = values.subspan(count);
    if (!values.empty()) {
      values[0] = uniform();
      values = values.subspan(1);
    }
  }
}

// ---- the others ----

double Random::normal(double mean, double deviation) {
  require_finite("Random::normal: mean", mean);
  require_not_negative("Random::normal: standard deviation", deviation);
  if (state_.has_spare) {
    state_.has_spare = false;
    return mean + deviation * state_.spare;
  }
  double x, y, r2;  // a point in the unit disc, not its centre
  do {
    x = 2 * uniform() - 1;
    y = 2 * uniform() - 1;
    r2 = x * x + y * y;
  } while (r2 >= 1 || r2 == 0);
  const double stretch = std::sqrt(-2 * std::log(r2) / r2);
  state_.spare = stretch * x;
  state_.has_spare = true;
  return mean + deviation * (stretch * y);
}

// 0 … max, both included: draw as many bits as max has and draw again while they exceed it.
std::uint64_t Random::masked(std::uint64_t max) {
  if (max == 0) return 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(max);
  const bool wide = max > std::numeric_limits<std::uint32_t>::max();
  while (true) {
    std::uint64_t bits = next_word();
    if (wide) bits = bits << 32 | next_word();
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
