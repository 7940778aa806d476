// The line of the student's file behind an address of the program.
#pragma once

#include <filesystem>
#include <string>

#include "grading/student/results.hpp"

namespace gradus {

struct Place {
  std::string function;  // perceptron_fit
  int line = 0;
};

// The innermost of these calls that is in `source`. With line 0 if none is, or if there is no
// addr2line.
Place find_place(const std::filesystem::path& program, const Addresses& addresses,
                 const std::filesystem::path& source);

// The same from what addr2line -a -f -C -i says.
Place parse_places(const std::string& text, const std::filesystem::path& source);

}  // namespace gradus
