// Text that a stranger wrote, made fit to be shown: on a terminal, in a web page, in a spreadsheet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gradus {

// Only line ends and what can be seen: control characters, escape sequences, invisible marks,
// bidirectional overrides and bytes that are no UTF-8 become '?', tabs a space. Long lines and long texts end
// in "...".
std::string clean(std::string_view text, std::size_t lines = 30, std::size_t line_length = 240);

// The same on one line.
std::string clean_line(std::string_view text, std::size_t length = 240);

std::string escape_xml(std::string_view text);  // for HTML too: & < > " '

// A CSV field in quotes. One that a spreadsheet would take for a formula gets a ' in front.
std::string escape_csv(std::string_view text);

}  // namespace gradus
