// What the parts of the IDX reader share: refusals, and the names of files that are something else.
#pragma once

#include <cstdint>
#include <locale>
#include <span>
#include <sstream>
#include <string>

#include "common/mnist.hpp"

namespace gradus {

template <class... Parts>
[[noreturn]] void refuse(const std::string& file, const Parts&... parts) {
  std::ostringstream problem;
  problem.imbue(std::locale::classic());  // 60000, not 60,000, wherever the program runs
  (problem << ... << parts);
  throw DataError(file, problem.str());
}

// 0x00000803, as the four bytes of a magic number are written.
std::string hex(std::uint32_t number);

// What a file is that is no IDX file of bytes, with what helps: "is a web page (HTML): ...".
// "" when nobody knows. Some signs of a file are at its start and one at byte 257.
std::string foreign_file(std::span<const std::uint8_t> bytes);

}  // namespace gradus
