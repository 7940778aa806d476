// What the page must show, from the chapters' own experiments: one line a number,
//
//   station <tab> settings in the address <tab> name of the cell <tab> text
#pragma once

#include <fmt/format.h>

#include <string>

namespace gradus::playground {

struct Expected {
  std::string station, address;
  template <class... Arguments>
  void cell(const std::string& name, fmt::format_string<Arguments...> text,
            Arguments&&... arguments) const {
    fmt::print("{}\t{}\t{}\t{}\n", station, address, name,
               fmt::format(text, std::forward<Arguments>(arguments)...));
  }
};

}  // namespace gradus::playground
