// Do two replies say the same?
#pragma once

#include <string>

namespace gradus {

// How close numbers must be. What cancels leaves some 1e-16 of numbers of usual size, or nothing.
enum class Closeness {
  usual,     // within 1e-9 of each other, relative, or both such rests
  relative,  // within 1e-9, rests too
  exact
};

// The same shape of values, numbers so close (NaN is like NaN), or exceptions of the same kind, whatever
// their messages.
bool same_reply(const std::string& a, const std::string& b, Closeness closeness = Closeness::usual);

}  // namespace gradus
