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

struct Range {
  char32_t first, last;
};

// What nobody sees: control characters, what Unicode calls default ignorable (fillers, joiners, marks
// that turn the direction, tags, selectors), line separators, the empty Braille pattern, and what
// stands for no character at all.
constexpr Range kUnseen[] = {
    {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
    {0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x2800, 0x2800},
    {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x13430, 0x1345f}, {0x1bca0, 0x1bca3},
    {0x1d159, 0x1d159}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

bool printable(char32_t point) {
  const auto holds = [&](const Range& range) {
    return point >= range.first && point <= range.last;
  };
  return std::ranges::none_of(kUnseen, holds) && (point & 0xfffe) != 0xfffe;
}

// What a spreadsheet takes for the start of a formula, in its narrow, small and wide forms. Blanks in
// front, of any width, do not count.
bool starts_formula(std::string_view text) {
  constexpr std::u32string_view blanks = U" \t\r\n\u00a0\u1680\u202f\u205f\u3000";
  constexpr std::u32string_view starts =
      U"=+-@|%\u2212\uff1d\uff0b\uff0d\uff20\uff5c\uff05\ufe66\ufe62\ufe63\ufe6b\ufe6a\u207a"
      U"\u207b\u207c\u208a\u208b\u208c";
  if (text.starts_with('\t') || text.starts_with('\r')) return true;
  while (!text.empty()) {
    char32_t point = 0;
    const std::size_t length = sequence(text, point);
    if (length == 0) return false;
    const bool wide_blank = point >= 0x2000 && point <= 0x200a;
    if (!wide_blank && blanks.find(point) == blanks.npos) return starts.find(point) != starts.npos;
    text.remove_prefix(length);
  }
  return false;
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
  if (starts_formula(text)) field += '\'';
  field += replace_all(text, "\"", doubled);
  return field + "\"";
}

}  // namespace gradus
