#include "tests/tools/failure_text.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>
#include <utility>

namespace gradus {
namespace {

constexpr std::size_t kLines = 6;
constexpr std::size_t kWidth = 160;

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

// Names that are written in their own way, as tests write them and as people do.
const std::vector<std::pair<std::string, std::string>> kNames = {{"PyTorchs", "PyTorch's"},
                                                                 {"PyTorch", "PyTorch"},
                                                                 {"NumPys", "NumPy's"},
                                                                 {"NumPy", "NumPy"},
                                                                 {"ReLU", "ReLU"},
                                                                 {"Relu", "ReLU"},
                                                                 {"Xor", "XOR"},
                                                                 {"Nand", "NAND"},
                                                                 {"NaN", "NaN"},
                                                                 {"Hes", "He's"}};

// Which of them stands in `name` at `at`, as a word of its own.
std::optional<std::pair<std::string, std::string>> own_name(const std::string& name,
                                                            std::size_t at) {
  for (const auto& [written, shown] : kNames) {
    if (name.compare(at, written.size(), written) != 0) continue;
    const std::size_t end = at + written.size();
    if (end == name.size() || !lower(name[end])) return std::pair{written, shown};
  }
  return std::nullopt;
}

std::string in_sentence(std::string word) {
  const bool acronym = word.size() > 1 && upper(word[1]);
  const bool letter = word.size() == 1 && word != "A";  // "one row for each N"
  if (!acronym && !letter)
    word[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
  return word;
}

std::string trimmed(const std::string& line) {
  const std::size_t from = line.find_first_not_of(" \t"), to = line.find_last_not_of(" \t\r");
  if (from == std::string::npos) return "";
  std::string text = line.substr(from, to - from + 1);
  if (text.size() > kWidth) {
    std::size_t end = kWidth;  // not inside of a letter of several bytes
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + " ...";
  }
  return text;
}

bool starts(const std::string& line, const char* with) { return line.rfind(with, 0) == 0; }

// EXPECT_EQ: "Expected equality of these values:", an expression, perhaps "Which is: value", and
// the same once more. Removes what it understood.
std::string equality(std::vector<std::string>& lines) {
  std::string sides[2], values[2];
  std::size_t at = 1;
  for (int side = 0; side < 2; ++side) {
    if (at >= lines.size()) return "";
    sides[side] = lines[at++];
    if (at < lines.size() && starts(lines[at], "Which is: ")) values[side] = lines[at++].substr(10);
  }
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(at));
  std::string text = sides[0];
  if (!values[0].empty()) text += " is " + values[0];
  text += ", but must equal " + sides[1];
  if (!values[1].empty()) text += ", which is " + values[1];
  return text;
}

// EXPECT_TRUE: "Value of: expression", "Actual: false (why)", "Expected: true".
std::string truth(std::vector<std::string>& lines) {
  const std::string expression = lines[0].substr(10), actual = lines[1];
  const std::string wanted = lines[2].substr(10);
  lines.erase(lines.begin(), lines.begin() + 3);
  const std::size_t open = actual.find('(');
  if (open == std::string::npos || actual.back() != ')') return expression + " is not " + wanted;
  lines.insert(lines.begin(), actual.substr(open + 1, actual.size() - open - 2));
  return expression;
}

}  // namespace

std::string claim(const std::string& test) {
  std::vector<std::string> words;
  bool open = false;  // the last word may go on
  for (std::size_t i = 0; i < test.size(); ++i) {
    if (const auto name = own_name(test, i)) {
      words.push_back(name->second);
      i += name->first.size() - 1;
      open = false;
      continue;
    }
    const bool letter = std::isalnum(static_cast<unsigned char>(test[i])) != 0;
    const bool after_lower = i > 0 && upper(test[i]) && !upper(test[i - 1]);
    const bool before_lower = upper(test[i]) && i + 1 < test.size() && lower(test[i + 1]);
    if (letter && (!open || after_lower || before_lower)) words.emplace_back();
    if (letter) words.back() += test[i];
    open = letter;
  }
  std::string text;
  for (const std::string& word : words) {
    const bool own = std::any_of(kNames.begin(), kNames.end(),
                                 [&](const auto& name) { return name.second == word; });
    text += text.empty() ? word : " " + (own ? word : in_sentence(word));
  }
  return text;
}

std::optional<std::string> not_written(const std::string& failure) {
  static const std::regex pattern("([A-Za-z_][A-Za-z_0-9]*) is not written yet");
  std::smatch match;
  if (!std::regex_search(failure, match, pattern)) return std::nullopt;
  return match[1].str();
}

std::vector<std::string> shorten(const std::string& failure, const std::string& root) {
  std::vector<std::string> lines;
  std::istringstream in(failure);
  for (std::string line; std::getline(in, line);)
    if (!trimmed(line).empty()) lines.push_back(trimmed(line));
  std::string where;
  if (!lines.empty()) {
    static const std::regex location("(.*:[0-9]+|unknown file)");
    if (std::regex_match(lines[0], location)) {
      where = lines[0] == "unknown file" ? "" : lines[0];
      if (starts(where, (root + "/").c_str())) where.erase(0, root.size() + 1);
      lines.erase(lines.begin());
    }
  }
  static const std::regex thrown("C\\+\\+ exception with description \"(.*)\" thrown in .*");
  std::smatch match;
  if (!lines.empty() && std::regex_match(lines[0], match, thrown))
    lines[0] = "threw: " + match[1].str();
  else if (!lines.empty() && starts(lines[0], "Expected equality of these values:")) {
    const std::string text = equality(lines);
    if (!text.empty()) lines.insert(lines.begin(), text);
  } else if (lines.size() >= 3 && starts(lines[0], "Value of: ") && starts(lines[1], "Actual: ") &&
             starts(lines[2], "Expected: "))
    lines.insert(lines.begin(), truth(lines));
  if (lines.size() > kLines) {
    lines.resize(kLines - 1);
    lines.push_back("...");
  }
  if (!where.empty()) lines.push_back(where);
  return lines;
}

}  // namespace gradus
