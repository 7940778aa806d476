#include "tests/tools/compiler_errors.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace gradus {
namespace {

constexpr std::size_t kErrors = 3;
constexpr int kCodeLines = 3;  // of an error: the line, the mark below it, what to write instead
constexpr std::size_t kLines = 6;  // of what is not understood

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string without(std::string text, const std::string& part) {
  if (part.empty()) return text;
  for (std::size_t at; (at = text.find(part)) != std::string::npos;) text.erase(at, part.size());
  return text;
}

bool contains(const std::string& line, const char* part) {
  return line.find(part) != std::string::npos;
}

// "file.cpp:3:5: error: ...", and never the "error:" inside of a line of code.
bool starts_error(const std::string& line) {
  static const std::regex error("^[^ ].*:[0-9]+(:[0-9]+)?: (fatal )?error: .*");
  return std::regex_match(line, error);
}

// GCC shows code behind "  12 | ", Clang as it stands, indented.
bool is_code(const std::string& line) { return !line.empty() && line[0] == ' '; }

// An error inside of the standard library: the line from which it was reached.
std::string origin(const std::vector<std::string>& lines, std::size_t error) {
  for (std::size_t i = error; i-- > 0 && !starts_error(lines[i]) && !is_code(lines[i]);)
    if (contains(lines[i], "required from here")) return lines[i];
  return "";
}

std::vector<std::string> compile_errors(const std::vector<std::string>& lines) {
  std::vector<std::string> errors;
  for (std::size_t i = 0; i < lines.size() && errors.size() < kErrors; ++i) {
    if (!starts_error(lines[i])) continue;
    std::string error;
    const std::string from = origin(lines, i);
    if (!from.empty()) error += from + "\n";
    error += lines[i] + "\n";
    for (int n = 0; n < kCodeLines && i + 1 < lines.size() && is_code(lines[i + 1]); ++n)
      error += lines[++i] + "\n";
    errors.push_back(error);
  }
  return errors;
}

std::string readable_symbol(std::string symbol) {
  symbol = without(symbol, "gradus::");
  symbol = without(symbol, "[abi:cxx11]");
  static const std::regex text("std::(__cxx11::)?basic_string<char, [^()]*?> >"),
      allocator(", std::allocator<[^<>]*> ?");
  symbol = std::regex_replace(symbol, text, "std::string");
  return std::regex_replace(symbol, allocator, "");
}

std::vector<std::string> link_errors(const std::string& messages) {
  static const std::regex missing("undefined (?:reference to|symbol:) [`'‘]*([^'’\n]+)"),
      twice("(?:multiple definition of|duplicate symbol:) [`'‘]*([^'’\n;]+)");
  const auto collect = [&](const std::regex& pattern, const char* before, const char* after) {
    std::vector<std::string> result;
    std::set<std::string> seen;
    for (std::sregex_iterator at(messages.begin(), messages.end(), pattern), end; at != end; ++at) {
      const std::string symbol = readable_symbol((*at)[1]);
      if (seen.insert(symbol).second) result.push_back(before + symbol + after + "\n");
    }
    return result;
  };
  std::vector<std::string> errors = collect(twice, "", " is defined twice");
  const std::vector<std::string> more =
      collect(missing, "", " is missing: the header declares it with these arguments");
  errors.insert(errors.end(), more.begin(), more.end());
  return errors;
}

}  // namespace

std::string first_errors(const std::string& messages, const std::string& root) {
  const std::string text = without(messages, root + "/");
  const std::vector<std::string> lines = lines_of(text);
  std::vector<std::string> errors = compile_errors(lines);
  if (errors.empty()) errors = link_errors(text);
  const bool understood = !errors.empty();
  std::string result;
  for (std::size_t i = 0; i < std::min(errors.size(), kErrors); ++i) result += errors[i];
  for (std::size_t i = 0; !understood && i < std::min(lines.size(), kLines); ++i)
    result += lines[i] + "\n";
  return result;
}

}  // namespace gradus
