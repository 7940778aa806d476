#include "tests/tools/new_chapter/places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

// Comments and lines for the preprocessor are left out.
std::string code_of(const std::string& source) {
  static const std::regex noise(R"(//[^\n]*|/\*[^]*?\*/|(^|\n)\s*#[^\n]*)");
  return std::regex_replace(source, noise, "\n");
}

// "Matrix dense_forward(const Matrix& x" declares dense_forward; what has a = before its first
// parenthesis is a value.
std::string function_name(const std::string& declaration) {
  static const std::regex form(R"(^[^(=]*?([A-Za-z_]\w*)\s*\([^]*)");
  std::smatch match;
  return std::regex_match(declaration, match, form) ? match[1].str() : "";
}

}  // namespace

ChapterNames chapter_names(const std::string& folder) {
  static const std::regex form("[0-9][0-9]_[a-z][a-z0-9_]*");
  if (!std::regex_match(folder, form))
    throw ToolError(fmt::format(
        "'{}' is no chapter's name: two digits, _, then small letters, digits and _, as in "
        "12_hyperparameters",
        folder));
  return {folder, folder.substr(0, 2), folder.substr(3)};
}

std::vector<ChapterNames> all_chapters(const fs::path& root) {
  static const std::regex form("[0-9][0-9]_.*");
  std::vector<ChapterNames> chapters;
  for (const auto& entry : fs::directory_iterator(root / "chapters")) {
    const std::string folder = entry.path().filename().string();
    if (entry.is_directory() && std::regex_match(folder, form))
      chapters.push_back({folder, folder.substr(0, 2), folder.substr(3)});
  }
  std::ranges::sort(chapters, {}, &ChapterNames::folder);
  return chapters;
}

Places places(const ChapterNames& chapter) {
  const auto& [folder, number, name] = chapter;
  const std::string home = "chapters/" + folder + "/";
  return {.contract = home + name + ".hpp",
          .reference = home + name + ".cpp",
          .stub = home + "stub.cpp",
          .demonstration = home + "main.cpp",
          .experiment = home + "experiment.hpp",
          .experiment_source = home + "experiment.cpp",
          .tests = "tests/chapters/" + folder + "_test.cpp",
          .claims = "tests/claims/" + folder + "_claims.cpp",
          .mutants = "tests/mutants/" + folder + ".json",
          .alternative = "tests/alternatives/" + folder + "/" + name + ".cpp",
          .second_alternative = "tests/alternatives/" + folder + "/second/" + name + ".cpp",
          .graded = "grading/chapters/" + folder + ".cpp",
          .float_tests = "tests/float/" + folder + "_float.cpp",
          .page = "docs/" + folder + ".md",
          .plots = "plots/" + folder};
}

std::vector<std::string> declared_functions(const std::string& header) {
  std::vector<std::string> functions;
  std::string declaration;
  int parentheses = 0, braces = 0;  // braces of what is not a namespace
  for (char c : code_of(header)) {
    const bool between = parentheses == 0 && braces == 0;  // of declarations
    if (c == '(') ++parentheses;
    if (c == ')') --parentheses;
    if (c == '{' && parentheses == 0) {
      if (!between || declaration.find("namespace") == std::string::npos) ++braces;
      declaration.clear();
    } else if (c == '}' && parentheses == 0) {
      if (braces > 0) --braces;
      declaration.clear();
    } else if (c == ';' && between) {
      const std::string name = function_name(declaration);
      if (!name.empty() && std::ranges::find(functions, name) == functions.end())
        functions.push_back(name);
      declaration.clear();
    } else if (braces == 0) {
      declaration += c;
    }
  }
  return functions;
}

}  // namespace gradus
