#include "tests/tools/transcript.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

namespace gradus {
namespace {

constexpr std::size_t kBefore = 2;  // common lines shown
constexpr std::size_t kAfter = 4;   // differing lines shown of each side

struct Token {
  std::string text;
  bool number = false;
};

bool is_digit(const std::string& line, std::size_t i) {
  return i < line.size() && std::isdigit(static_cast<unsigned char>(line[i])) != 0;
}

// Whether what stands before position i makes digits there part of a name, as in sha256.
bool in_name(const std::string& line, std::size_t i) {
  return i > 0 &&
         (std::isalnum(static_cast<unsigned char>(line[i - 1])) != 0 || line[i - 1] == '_');
}

// The end of the decimal number that begins at i; i itself if none does.
std::size_t number_end(const std::string& line, std::size_t i) {
  if (in_name(line, i)) return i;
  std::size_t at = i;
  if (line[at] == '-' || line[at] == '+') ++at;
  if (!is_digit(line, at)) return i;
  while (is_digit(line, at)) ++at;
  if (at < line.size() && line[at] == '.' && is_digit(line, at + 1))
    for (++at; is_digit(line, at);) ++at;
  if (at < line.size() && (line[at] == 'e' || line[at] == 'E')) {
    std::size_t power = at + 1;
    if (power < line.size() && (line[power] == '-' || line[power] == '+')) ++power;
    if (is_digit(line, power))
      for (at = power; is_digit(line, at);) ++at;
  }
  return at;
}

// Numbers, single blanks for runs of blanks, and single other characters.
std::vector<Token> tokens(const std::string& line) {
  std::vector<Token> result;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t end = number_end(line, i);
    if (end > i) {
      result.push_back({line.substr(i, end - i), true});
      i = end;
    } else if (line[i] == ' ' || line[i] == '\t') {
      result.push_back({" ", false});
      while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
    } else {
      result.push_back({line.substr(i++, 1), false});
    }
  }
  if (!result.empty() && result.front().text == " ") result.erase(result.begin());
  return result;
}

bool same_token(const Token& expected, const Token& got, double within) {
  if (expected.text == got.text) return true;
  if (!expected.number || !got.number) return false;
  const double wanted = std::strtod(expected.text.c_str(), nullptr);
  const double value = std::strtod(got.text.c_str(), nullptr);
  return std::isfinite(wanted) && std::abs(value - wanted) <= within * std::abs(wanted);
}

std::string draw(const std::vector<std::string>& expected, const std::vector<std::string>& got,
                 std::size_t e, std::size_t g) {
  std::string diff;
  const auto add = [&](const char* mark, const std::string& line) { diff += mark + line + "\n"; };
  const auto add_some = [&](const char* mark, const std::vector<std::string>& lines,
                            std::size_t from) {
    for (std::size_t i = from; i < std::min(lines.size(), from + kAfter); ++i) add(mark, lines[i]);
    if (lines.size() > from + kAfter)
      add(mark, "(and " + std::to_string(lines.size() - from - kAfter) + " more)");
    if (from >= lines.size()) add(mark, "(the end)");
  };
  for (std::size_t i = g - std::min(g, kBefore); i < g; ++i) add("  ", got[i]);
  add_some("- ", expected, e);
  add_some("+ ", got, g);
  return diff;
}

}  // namespace

bool same_line(const std::string& expected, const std::string& got, double within) {
  if (within == 0) return expected == got;
  const std::vector<Token> a = tokens(expected);
  const std::vector<Token> b = tokens(got);
  const auto same = [&](const Token& x, const Token& y) { return same_token(x, y, within); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

Comparison compare(const std::vector<std::string>& expected, const std::vector<std::string>& got,
                   double within) {
  // As for '*' in file names: on a mismatch the last "..." swallows one line more.
  std::size_t e = 0, g = 0, after_dots = 0, swallowed = 0;
  std::size_t worst_e = 0, worst_g = 0;
  bool dots = false;
  while (g < got.size() || e < expected.size()) {
    if (e < expected.size() && expected[e] == "...") {
      dots = true;
      after_dots = ++e;
      swallowed = g;
    } else if (e < expected.size() && g < got.size() && same_line(expected[e], got[g], within)) {
      ++e;
      ++g;
    } else {
      if (e > worst_e) {
        worst_e = e;
        worst_g = g;
      }
      if (!dots || swallowed >= got.size())
        return {false, static_cast<int>(worst_e), draw(expected, got, worst_e, worst_g)};
      g = ++swallowed;
      e = after_dots;
    }
  }
  return {true, 0, ""};
}

}  // namespace gradus
