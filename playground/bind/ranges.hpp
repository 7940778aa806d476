// The few algorithms of <algorithm>'s std::ranges that the chapters use, for a standard library that has
// none yet: libc++ before 15, which Debian's Emscripten 3.1.6 brings. Included before everything else
// (CMakeLists.txt); with a newer Emscripten it is empty.
#pragma once

#include <version>

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 15000
#include <algorithm>
#include <functional>
#include <iterator>

namespace std::ranges {  // NOLINT: what the standard will put there

template <class Range, class Out>
void copy(const Range& range, Out out) {
  std::copy(range.begin(), range.end(), out);
}

template <class Range>
auto max(const Range& range) {
  return *std::max_element(range.begin(), range.end());
}

template <class Range>
auto max_element(const Range& range) {
  return std::max_element(range.begin(), range.end());
}

template <class Range, class Less = std::less<>, class Of = std::identity>
auto min_element(Range&& range, Less less = {}, Of of = {}) {
  return std::min_element(range.begin(), range.end(), [&](const auto& a, const auto& b) {
    return less(std::invoke(of, a), std::invoke(of, b));
  });
}

template <class Range, class Value>
auto count(const Range& range, const Value& value) {
  return std::count(range.begin(), range.end(), value);
}

template <class Range, class Is>
auto count_if(const Range& range, Is is) {
  return std::count_if(range.begin(), range.end(), is);
}

template <class Range, class Is>
bool all_of(const Range& range, Is is) {
  return std::all_of(range.begin(), range.end(), is);
}

template <class Range, class Is>
auto find_if(Range&& range, Is is) {
  return std::find_if(range.begin(), range.end(), is);
}

}  // namespace std::ranges
#endif
