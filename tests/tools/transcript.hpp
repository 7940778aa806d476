// What a page says that a command prints, against what it does print.
#pragma once

#include <string>
#include <vector>

namespace gradus {

struct Comparison {
  bool same = false;
  int line = 0;      // of the first difference, counted from 0 in what was expected
  std::string diff;  // the lines around it, "  " common, "- " expected, "+ " got
};

// An expected line "..." stands for any number of lines, none included. With within > 0, numbers
// may be off by that fraction of the expected one, and runs of blanks count as one blank, since a
// number that changes its width moves what stands beside it.
Comparison compare(const std::vector<std::string>& expected, const std::vector<std::string>& got,
                   double within);

bool same_line(const std::string& expected, const std::string& got, double within);

}  // namespace gradus
