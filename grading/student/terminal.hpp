// Colours, where somebody sees them.
#pragma once

#include <string>

namespace gradus {

// Standard output is a terminal.
bool on_terminal();

// The text in a colour if standard output is a terminal that has some and NO_COLOR is not set.
std::string green(const std::string& text);
std::string red(const std::string& text);
std::string yellow(const std::string& text);
std::string bold(const std::string& text);

}  // namespace gradus
