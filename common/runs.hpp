// What experiments share: one of many runs by what it is, something of each, their mean and spread,
// and many at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <numeric>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus {

// The first of `all` for which is(it). If there is none, throws std::invalid_argument, "no " + what.
template <class T, class Is>
const T& look_up(const std::vector<T>& all, const std::string& what, Is is) {
  const auto found = std::ranges::find_if(all, is);
  if (found == all.end()) throw std::invalid_argument("no " + what);
  return *found;
}

// What `of` takes of each: column(epochs, &Epoch::number).
template <class Items, class Of>
std::vector<double> column(const Items& items, Of of) {
  std::vector<double> values;
  for (const auto& item : items) values.push_back(std::invoke(of, item));
  return values;
}

// from, from + 1, …: so many. The x of what was kept after each step.
inline std::vector<double> counted(std::size_t count, double from = 0) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), from);
  return numbers;
}

template <class Values>
double mean_of(const Values& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::ranges::size(values));
}

struct Spread {
  double mean = 0, deviation = 0;  // the standard deviation, √(1/n Σ (v - mean)^2)
};

inline Spread spread_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  const auto square = [mean](double v) { return (v - mean) * (v - mean); };
  return {.mean = mean, .deviation = std::sqrt(mean_of(column(values, square)))};
}

// body(0) … body(n - 1), on all threads, in any order. What one of them throws is thrown again when
// those that had begun have ended; the others do not begin. (Nothing may leave a thread: that would
// end the program.)
inline void in_parallel(std::size_t n, const std::function<void(std::size_t)>& body) {
  std::exception_ptr problem;
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < n; ++i) {
    bool go_on = true;
#pragma omp critical(in_parallel)
    go_on = !problem;
    if (!go_on) continue;
    try {
      body(i);
    } catch (...) {
#pragma omp critical(in_parallel)
      problem = std::current_exception();
    }
  }
  if (problem) std::rethrow_exception(problem);
}

}  // namespace gradus
