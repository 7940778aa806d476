#include "grading/clean.hpp"

#include <algorithm>
#include <cstdint>

namespace gradus {
namespace {

// The length of the UTF-8 sequence that starts here, 0 if there is none. Sets its code point.
std::size_t sequence(std::string_view text, char32_t& point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80            ? 1
                             : first >> 5 == 0b110   ? 2
                             : first >> 4 == 0b1110  ? 3
                             : first >> 3 == 0b11110 ? 4
                                                     : 0;
  if (length == 0 || length > text.size()) return 0;
  point = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 0b10) return 0;
    point = point << 6 | (byte(i) & 0x3fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < smallest[length] || point > 0x10ffff || surrogate ? 0 : length;
}

bool printable(char32_t point) {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
  // Marks that hide text or turn its direction, and what XML forbids.
  return !(point >= 0x200b && point <= 0x200f) && !(point >= 0x2028 && point <= 0x202e) &&
         !(point >= 0x2060 && point <= 0x206f) && point != 0xfeff && (point & 0xfffe) != 0xfffe;
}

std::string replace_all(std::string_view text, std::string_view special,
                        const std::string_view* replacements) {
  std::string result;
  for (char c : text) {
    const std::size_t which = special.find(c);
    if (which == std::string_view::npos)
      result += c;
    else
      result += replacements[which];
  }
  return result;
}

}  // namespace

std::string clean(std::string_view text, std::size_t lines, std::size_t line_length) {
  std::string result;
  std::size_t line = 1, column = 0;
  for (std::size_t at = 0; at < text.size();) {
    char32_t point = 0;
    const std::size_t length = sequence(text.substr(at), point);
    const std::string_view piece = text.substr(at, length == 0 ? 1 : length);
    at += piece.size();
    if (point == '\n' && length == 1) {
      if (line++ == lines) return result + "\n...";
      result += '\n';
      column = 0;
    } else if (point == '\r' && length == 1) {
      continue;
    } else if (column++ < line_length) {
      result += point == '\t' ? " " : length > 0 && printable(point) ? piece : "?";
    } else if (column == line_length + 1) {
      result += "...";
    }
  }
  return result;
}

std::string clean_line(std::string_view text, std::size_t length) {
  std::string joined = clean(text, 8, length);
  std::ranges::replace(joined, '\n', ' ');
  return clean(joined, 1, length);
}

std::string escape_xml(std::string_view text) {
  static constexpr std::string_view replacements[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  return replace_all(text, "&<>\"'", replacements);
}

std::string escape_csv(std::string_view text) {
  static constexpr std::string_view doubled[] = {"\"\""};
  std::string field = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r|%").find(text[0]) != std::string_view::npos)
    field += '\'';
  field += replace_all(text, "\"", doubled);
  return field + "\"";
}

}  // namespace gradus
