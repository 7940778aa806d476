// Random: NumPy's legacy generator, number for number.
//
// Random(42) gives what np.random.seed(42) gives, so a chapter and the notebook of the lecture
// print the same numbers. Source: M. Matsumoto and T. Nishimura, Mersenne Twister (1998), and the
// documented algorithms of numpy.random.RandomState, which NumPy has frozen for good.
//
// What cannot be drawn throws std::invalid_argument before a number is taken from the generator.
//
// The distributions of <random> appear nowhere: their results differ between standard libraries.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "common/matrix.hpp"

namespace gradus {

// All that the next numbers depend on: saved and put back, a generator goes on where it was.
//                                                       np.random.get_state()
struct RandomState {
  std::array<std::uint32_t, 624> words{};  // of the Mersenne Twister, which makes 624 at a time
  int position = 624;                      // of the next word, 0 … 624; at 624 new ones are made
  bool has_spare = false;                  // the polar method makes two Gaussians at a time
  double spare = 0;
  bool operator==(const RandomState&) const = default;
};

class Random {
 public:
  explicit Random(std::uint32_t seed);

  // Goes on from a state. Refuses a position outside 0 … 624.
  explicit Random(const RandomState& state);
  const RandomState& state() const { return state_; }

  // [low, high), 53 random bits; (high, low] if low is the larger, as in NumPy. Refuses NaN,
  // infinity and a distance beyond the largest double.    np.random.uniform(low, high)
  double uniform(double low = 0, double high = 1);

  // What uniform() would give one after the other, faster.     np.random.random_sample(size)
  void fill_uniform(std::span<double> values);

  // Gaussian, by Marsaglia's polar method. Refuses a standard deviation below 0, NaN and infinity.
  //                                                       np.random.normal(mean, deviation)
  double normal(double mean = 0, double deviation = 1);

  // An integer of low … high - 1, every one equally likely.   np.random.randint(low, high)
  std::int64_t randint(std::int64_t low, std::int64_t high);
  std::int64_t randint(std::int64_t high) { return randint(0, high); }

  // 0 … n - 1 in random order.                            np.random.permutation(n)
  std::vector<int> permutation(int n);

  // count different numbers of 0 … n - 1.                 np.random.choice(n, count, replace=False)
  std::vector<int> choice(int n, int count);

  // In place.                                             np.random.shuffle(values)
  template <typename T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[masked(i)]);
  }

  // Whole matrices, filled row after row.                np.random.uniform(low, high, (rows, cols))
  Matrix uniform_matrix(double low, double high, int rows, int cols);
  Matrix normal_matrix(double mean, double deviation, int rows, int cols);

 private:
  void make_words();
  std::uint32_t next_word();
  std::uint64_t masked(std::uint64_t max);

  RandomState state_;
};

}  // namespace gradus
