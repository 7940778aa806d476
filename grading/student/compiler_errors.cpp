#include "grading/student/compiler_errors.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "grading/student/compiler_words.hpp"
#include "grading/student/text.hpp"

namespace gradus {
namespace {

constexpr std::size_t kErrors = 3;
constexpr int kCodeLines = 3;  // of an error: the line, the mark below it, what to write instead
constexpr std::size_t kLines = 6;  // of what is not understood
constexpr const char* kOwnMain =
    "your file defines main(), but the tests have their own: remove it\n";

// "file.cpp:3:5: error: ...", and never the "error:" inside of a line of code.
bool starts_error(const std::string& line) {
  if (line.empty() || line[0] == ' ') return false;
  const std::size_t at = std::min(line.find(": error: "), line.find(": fatal error: "));
  if (at == std::string::npos) return false;
  const std::size_t end = line.find_last_not_of("0123456789", at - 1);
  return end != std::string::npos && end + 1 < at && line[end] == ':';
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

// Without what nobody wrote: std::vector<int, std::allocator<int> > is std::vector<int>.
std::string without_allocators(std::string symbol) {
  const std::string begin = ", std::allocator<";
  for (std::size_t at; (at = symbol.find(begin)) != std::string::npos;) {
    std::size_t end = at + begin.size();
    for (int open = 1; end < symbol.size() && open > 0; ++end)
      open += symbol[end] == '<' ? 1 : symbol[end] == '>' ? -1 : 0;
    if (end < symbol.size() && symbol[end] == ' ') ++end;
    symbol.erase(at, end - at);
  }
  return symbol;
}

std::string readable_symbol(std::string symbol) {
  symbol = without(symbol, "gradus::");
  symbol = without(symbol, "[abi:cxx11]");
  symbol = without_allocators(without(symbol, "__cxx11::"));
  const std::string text = "std::basic_string<char, std::char_traits<char>>";
  for (std::size_t at; (at = symbol.find(text)) != std::string::npos;)
    symbol.replace(at, text.size(), "std::string");
  return symbol;
}

// What stands in quotes behind `words`, each once: "undefined reference to `gradus::step(double)'".
std::vector<std::string> symbols_behind(const std::string& messages, const std::string& words) {
  std::vector<std::string> symbols;
  for (std::size_t at = messages.find(words); at != std::string::npos;
       at = messages.find(words, at + 1)) {
    std::size_t from = at + words.size();
    for (const char* open : {":", " ", "`", "'", "‘"})
      if (messages.compare(from, std::string(open).size(), open) == 0)
        from += std::string(open).size();
    std::string symbol = messages.substr(from, messages.find('\n', from) - from);
    for (const char* close : {"'", "’", ";"}) symbol = symbol.substr(0, symbol.find(close));
    symbol = readable_symbol(symbol);
    if (std::ranges::find(symbols, symbol) == symbols.end()) symbols.push_back(symbol);
  }
  return symbols;
}

std::vector<std::string> link_errors(const std::string& messages) {
  std::vector<std::string> errors;
  for (const char* words : {"multiple definition of", "duplicate symbol"})
    for (const std::string& symbol : symbols_behind(messages, words)) {
      if (symbol == "main" || symbol == "_main") return {std::string(kOwnMain)};
      errors.push_back(symbol + " is defined twice\n");
    }
  for (const char* words : {"undefined reference to", "undefined symbol:"})
    for (const std::string& symbol : symbols_behind(messages, words))
      errors.push_back(symbol + " is missing: the header declares it with these arguments\n");
  return errors;
}

}  // namespace

std::string first_errors(const std::string& messages, const std::string& root) {
  const std::string text = without(messages, root + "/");
  const std::vector<std::string> lines = lines_of(text);
  std::vector<std::string> errors = compile_errors(lines);
  if (errors.empty()) errors = link_errors(text);
  const bool understood = !errors.empty();
  std::string result = plain_words(lines);
  if (!result.empty()) result += "\n";
  for (std::size_t i = 0; i < std::min(errors.size(), kErrors); ++i) result += errors[i];
  for (std::size_t i = 0; !understood && i < std::min(lines.size(), kLines); ++i)
    result += lines[i] + "\n";
  return result;
}

}  // namespace gradus
