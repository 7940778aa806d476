#include "grading/student/compiler_words.hpp"

#include <algorithm>
#include <regex>

#include "grading/student/compiler_rules.hpp"
#include "grading/student/text.hpp"

namespace gradus {
namespace {

using Lines = std::vector<std::string>;

struct Error {
  std::string message;  // behind "error: ", in plain quotes
  std::string code;     // the line of the file
  std::string notes;    // all that follows, up to the next error
};

std::string plain_quotes(std::string text) {
  for (const char* quote : {"‘", "’"})
    for (std::size_t at; (at = text.find(quote)) != std::string::npos;) text.replace(at, 3, "'");
  return without(without(text, "gradus::"), "[-fpermissive]");
}

bool in_students_file(const std::string& line) {
  return !line.starts_with("/usr/") && !line.starts_with("common/") &&
         !line.starts_with("chapters/") && !line.starts_with("/gradus/");
}

std::string code_of(const std::string& line) {
  const std::size_t bar = line.find(" | ");
  return bar == std::string::npos ? line : line.substr(bar + 3);
}

// "file.cpp:3:5: error: ...".
std::size_t error_at(const std::string& line) {
  if (line.empty() || line[0] == ' ') return std::string::npos;
  const std::size_t plain = line.find(": error: "), fatal = line.find(": fatal error: ");
  return std::min(plain, fatal);
}

std::vector<Error> errors_of(const Lines& lines) {
  std::vector<Error> errors;
  bool inside = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t at = error_at(lines[i]);
    if (at != std::string::npos) {
      inside = in_students_file(lines[i]);
      if (errors.empty() && !inside) return {};  // the first is not the student's
      if (!inside) continue;
      const std::string message = lines[i].substr(lines[i].find("error: ", at) + 7);
      errors.push_back({plain_quotes(shortened(message, 400)),
                        i + 1 < lines.size() ? code_of(lines[i + 1]) : "", ""});
    } else if (inside) {
      errors.back().notes += plain_quotes(shortened(lines[i], 400)) + "\n";
    }
  }
  return errors;
}

// "std::sqrt needs #include <cmath>", or that a name belongs to std.
std::string of_the_library(const Error& error) {
  static const std::regex member(
      R"('([\w]+)' is not a member of 'std'|no (?:member|template|type) named '(\w+)' in namespace 'std'|'(\w+)' in namespace 'std' does not name)");
  static const std::regex bare(
      R"('(\w+)' was not declared|'(\w+)' does not name a|(?:undeclared identifier|no template named|unknown type name) '(\w+)')");
  static const std::regex used(R"(std::(\w+))");
  std::smatch match;
  const bool missing = std::regex_search(error.message, match, member);
  const bool no_std =
      !missing && contains(error.message, "'std'") && std::regex_search(error.code, match, used);
  const bool unnamed = !missing && !no_std && std::regex_search(error.message, match, bare);
  if (!missing && !no_std && !unnamed) return "";
  std::string name;
  for (std::size_t i = 1; i < match.size(); ++i) name += match[i].str();
  const auto header = library_headers().find(name);
  if (unnamed && header == library_headers().end()) return "";
  if (unnamed)
    return name + " belongs to the standard library: write std::" + name + ", with #include <" +
           header->second + ">";
  if (header == library_headers().end())
    return "std has no " + name + ", or its #include is missing";
  return "std::" + name + " needs #include <" + header->second + "> at the top of the file";
}

// Clang says why a call fits no function only in its notes.
std::string of_a_call(const Error& error) {
  if (!contains(error.message, "no matching function for call to '") &&
      !contains(error.message, "no matching function for call to '"))
    return "";
  static const std::regex wanted(
      R"(requires (?:at least )?(\d+) arguments?, but (\d+)|expects (\d+) arguments?, (\d+) provided|requires (single) argument '\w+', but (\d+|no))");
  std::smatch match;
  if (contains(error.notes, "would lose const qualifier") ||
      contains(error.notes, "discards qualifiers"))
    return "something const is given to a function that may change it: take a copy, or let the "
           "function take it by const reference";
  if (!std::regex_search(error.notes, match, wanted))
    return "no function of this name takes these arguments: compare their types, one by one";
  const bool single = match[5].matched;
  const int needs = single ? 1 : std::stoi(match[1].str() + match[3].str());
  const std::string given = match[2].str() + match[4].str() + match[6].str();
  const int has = given == "no" ? 0 : std::stoi(given);
  return has < needs ? "this call has fewer arguments than the function has parameters"
                     : "this call has more arguments than the function has parameters";
}

// if (a > 1 {
std::string of_brackets(const Error& error) {
  const auto open = std::ranges::count(error.code, '('),
             closed = std::ranges::count(error.code, ')');
  if (!error.message.starts_with("expected ") || open == closed) return "";
  return open > closed ? "a closing bracket ) is missing in this line"
                       : "there is a closing bracket ) too many in this line, or a ( too few";
}

// Matrix outside of its namespace.
std::string of_the_namespace(const Error& error) {
  static const std::regex known(
      R"('(Matrix|Scalar|Random|matmul|require)' (?:does not name|was not declared)|(?:type name|identifier) '(Matrix|Scalar|Random|matmul|require)')");
  std::smatch match;
  if (!std::regex_search(error.message, match, known)) return "";
  return match[1].str() + match[2].str() +
         " is unknown here: does this stand inside of namespace gradus { }, and is its header "
         "included?";
}

std::string by_rule(const Error& error) {
  for (const CompilerRule& rule : compiler_rules()) {
    std::smatch match;
    if (std::regex_search(error.message, match, std::regex(rule.pattern)))
      return match.format(rule.sentence);
  }
  return "";
}

}  // namespace

std::string plain_words(const Lines& lines) {
  const std::vector<Error> errors = errors_of(lines);
  if (errors.empty()) return "";
  for (const Error& error : errors)  // Clang says it last, and something else first
    if (error.message.starts_with("expected '}'") &&
        !contains(errors[0].message, "missing terminating"))
      return by_rule(error);
  for (const auto look : {of_the_library, of_a_call, of_the_namespace, of_brackets, by_rule})
    if (const std::string words = look(errors[0]); !words.empty()) return words;
  return "";
}

}  // namespace gradus
