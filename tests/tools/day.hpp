// What a day tries of many of a kind, where trying all of them takes too long for every change.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace gradus {

// With GRADUS_DAY=D in the environment, D a whole number, the i-th is tried on one day of so many: on
// those with D mod days = i mod days. Without it, always.
inline bool in_turn(std::size_t i, std::size_t days) {
  const char* text = std::getenv("GRADUS_DAY");
  if (text == nullptr || *text == 0) return true;
  const std::string_view number = text;
  std::size_t day = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), day);
  if (error != std::errc{} || end != number.data() + number.size())
    throw std::invalid_argument("GRADUS_DAY: must be a whole number, but is " +
                                std::string(number));
  return day % days == i % days;
}

}  // namespace gradus
