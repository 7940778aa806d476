// Generators that a submission has held. A test that goes on drawing from one must get numbers that
// nobody chose: what comes back is believed only if it is what was given, some draws later.
#pragma once

#include <concepts>
#include <tuple>
#include <vector>

#include "grading/codec.hpp"

namespace gradus::wire {

// Calls f with each Random in a value, however deep.
template <typename T, typename F>
void each_generator(const T& value, const F& f) {
  if constexpr (std::same_as<T, Random>) {
    f(value);
  } else if constexpr (Struct<const T>) {
    std::apply([&](const auto&... member) { (each_generator(member, f), ...); }, fields(value));
  } else if constexpr (is_vector<T>) {
    if constexpr (!Number<typename T::value_type>)
      for (const auto& element : value) each_generator(element, f);
  }
}

// Is `later` one of the given states after some draws, or none? No contract function makes a
// hundred million.
bool goes_on(const std::vector<RandomState>& given, const RandomState& later);

}  // namespace gradus::wire
