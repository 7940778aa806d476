// Small things that are done with text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// A line ends with \n or \r\n.
std::vector<std::string> lines_of(std::string_view text);

std::string trimmed(std::string_view text);
std::string without(std::string text, std::string_view part);
bool contains(std::string_view text, std::string_view part);

void append(std::vector<std::string>& list, const std::vector<std::string>& more);

// A letter, a digit or _.
bool in_name(char c);

// At most `bytes` long, and no letter of several bytes cut.
std::string shortened(const std::string& text, std::size_t bytes);

// How many columns it takes on a terminal: letters of the notes' formulas have two bytes and one
// column.
std::size_t width(std::string_view text);

// Broken between words so that no line is wider than `columns`.
std::vector<std::string> folded(const std::string& text, std::size_t columns);

// What a program printed, for a terminal: nothing in it moves the cursor or sets a colour.
std::string printable(std::string_view line);

}  // namespace gradus
