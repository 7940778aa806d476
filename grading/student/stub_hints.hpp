// What a stub says: its functions, in their order, and the hints above each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus {

struct StubFunction {
  std::string name;
  std::vector<std::string> hints;
};

// A function is what throws NotImplemented("its name"). Its hints are the comments above it that
// begin with "Hint:"; functions without an empty line between them share those above the first.
// Comments and texts that only look like code are no functions, so that this reads a student's file
// too: there, the functions that are not written yet.
std::vector<StubFunction> stub_functions(std::string_view source);

}  // namespace gradus
