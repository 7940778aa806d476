// Do two replies say the same?
#pragma once

#include <string>

namespace gradus {

// The same shape of values, numbers within 1e-9 of each other (relative; NaN is like NaN), or
// exceptions of the same kind, whatever their messages.
bool same_reply(const std::string& a, const std::string& b);

}  // namespace gradus
