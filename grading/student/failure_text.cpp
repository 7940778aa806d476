#include "grading/student/failure_text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "grading/student/text.hpp"

namespace gradus {
namespace {

constexpr std::size_t kFailureLines = 6;
constexpr std::size_t kFailureWidth = 160;

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

// One side of an equality: an expression and what it is. 101u that is 101 is just 101.
struct Side {
  std::string expression, value;

  bool is_number() const {
    return expression.substr(0, expression.find_last_not_of("uUlLfF") + 1) == value;
  }
};

// EXPECT_EQ: "Expected equality of these values:", an expression, perhaps "Which is: value", and
// the same once more. Takes away the lines that it understood.
std::string equality(std::vector<std::string>& lines) {
  Side sides[2];
  std::size_t at = 1;
  for (Side& side : sides) {
    if (at >= lines.size()) return "";
    side.expression = lines[at++];
    if (at < lines.size() && lines[at].starts_with("Which is: "))
      side.value = lines[at++].substr(10);
    if (side.is_number()) side = {side.value, ""};
  }
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(at));
  std::string text = sides[0].expression;
  if (!sides[0].value.empty()) text += " is " + sides[0].value;
  text += ", but must equal " + sides[1].expression;
  if (!sides[1].value.empty()) text += ", which is " + sides[1].value;
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

bool is_truth(const std::vector<std::string>& lines) {
  return lines.size() >= 3 && lines[0].starts_with("Value of: ") &&
         lines[1].starts_with("Actual: ") && lines[2].starts_with("Expected: ");
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
  const std::size_t end = failure.find(" is not written yet");
  if (end == std::string::npos) return std::nullopt;
  std::size_t from = end;
  while (from > 0 && in_name(failure[from - 1])) --from;
  return from == end ? std::nullopt : std::optional(failure.substr(from, end - from));
}

std::vector<std::string> shorten(const std::string& failure) {
  std::vector<std::string> lines;
  for (const std::string& line : lines_of(failure))
    if (!trimmed(line).empty()) lines.push_back(shortened(trimmed(line), kFailureWidth));
  if (lines.empty()) return {"fails, and the test does not say why"};
  if (lines[0].starts_with("Expected equality of these values:")) {
    const std::string text = equality(lines);
    if (!text.empty()) lines.insert(lines.begin(), text);
  } else if (is_truth(lines)) {
    lines.insert(lines.begin(), truth(lines));
  }
  if (lines.size() > kFailureLines) {
    lines.resize(kFailureLines - 1);
    lines.push_back("...");
  }
  return lines;
}

std::string exception_text(const std::string& failure) {
  const std::string begin = "C++ exception with description \"";
  const std::size_t end = failure.rfind("\" thrown in ");
  if (!failure.starts_with(begin) || end == std::string::npos || end < begin.size())
    return "threw what is no std::exception";
  std::string what = failure.substr(begin.size(), end - begin.size());
  std::ranges::replace(what, '\n', ' ');
  return trimmed(what).empty() ? "threw an exception without a message"
                               : "threw: " + shortened(trimmed(what), kFailureWidth);
}

}  // namespace gradus
