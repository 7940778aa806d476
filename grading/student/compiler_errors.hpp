// What a compiler or linker said, shortened to what a student can use.
#pragma once

#include <string>

namespace gradus {

// One plain sentence on the first error, if it is a usual mistake, then the first errors (three at
// most), each with the lines of code that the compiler shows; warnings, notes and the program's own
// folder `root` in front of file names left out. Functions that the linker misses or finds twice become
// a line each. What is not understood is kept, its first lines.
std::string first_errors(const std::string& messages, const std::string& root);

}  // namespace gradus
