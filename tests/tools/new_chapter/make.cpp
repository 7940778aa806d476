#include "tests/tools/new_chapter/make.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

const fs::path templates = "tests/tools/new_chapter/templates";

// Which template a file begins as.
std::vector<std::pair<std::string, std::string>> first_forms(const Places& p) {
  return {{"contract.hpp.in", p.contract},
          {"reference.cpp.in", p.reference},
          {"stub.cpp.in", p.stub},
          {"main.cpp.in", p.demonstration},
          {"experiment.hpp.in", p.experiment},
          {"experiment.cpp.in", p.experiment_source},
          {"test.cpp.in", p.tests},
          {"claims.cpp.in", p.claims},
          {"mutants.json.in", p.mutants},
          {"alternative.cpp.in", p.alternative},
          {"alternative.cpp.in", p.second_alternative},
          {"graded.cpp.in", p.graded},
          {"float.cpp.in", p.float_tests},
          {"page.md.in", p.page}};
}

// hyper_parameters: HyperParameters
std::string suite(const std::string& name) {
  std::string joined;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '_') continue;
    const bool first = i == 0 || name[i - 1] == '_';
    const auto c = static_cast<unsigned char>(name[i]);
    joined += static_cast<char>(first ? std::toupper(c) : c);
  }
  return joined;
}

// The chapter's name becomes a namespace in gradus, so it must be no other word there.
bool is_a_word_of_cpp(const std::string& name) {
  static const std::set<std::string> words = {
      "alignas",  "alignof",  "and",           "asm",         "auto",     "bool",     "break",
      "case",     "catch",    "char",          "class",       "concept",  "const",    "continue",
      "decltype", "default",  "delete",        "do",          "double",   "else",     "enum",
      "explicit", "export",   "extern",        "false",       "float",    "for",      "friend",
      "goto",     "if",       "inline",        "int",         "long",     "mutable",  "namespace",
      "new",      "not",      "nullptr",       "operator",    "or",       "private",  "protected",
      "public",   "register", "requires",      "return",      "short",    "signed",   "sizeof",
      "static",   "std",      "struct",        "switch",      "template", "testing",  "this",
      "throw",    "true",     "try",           "typedef",     "typeid",   "typename", "union",
      "unsigned", "using",    "virtual",       "void",        "volatile", "while",    "wire",
      "xor",      "gradus",   "static_assert", "thread_local"};
  return words.contains(name);
}

void require_free(const fs::path& root, const ChapterNames& chapter) {
  for (const ChapterNames& other : all_chapters(root)) {
    if (other.number == chapter.number)
      throw ToolError(fmt::format("chapter {} is there: {}", chapter.number, other.folder));
    if (other.name == chapter.name)
      throw ToolError(fmt::format("{} is the name of chapter {}", chapter.name, other.number));
  }
  if (is_a_word_of_cpp(chapter.name))
    throw ToolError(fmt::format("{} can not be the name of a namespace", chapter.name));
  for (const char* folder : {"chapters", "common"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".hpp") continue;
      if (std::ranges::count(declared_functions(read_text(entry.path())), chapter.name) > 0)
        throw ToolError(
            fmt::format("{} is the name of a function, in {}: it can not be that of "
                        "the chapter's namespace as well",
                        chapter.name, entry.path().lexically_relative(root).string()));
    }
  for (const auto& [form, file] : first_forms(places(chapter)))
    if (fs::exists(root / file)) throw ToolError(fmt::format("{} is there", file));
}

}  // namespace

std::string filled(std::string text, const ChapterNames& chapter) {
  std::string title = chapter.name;
  std::ranges::replace(title, '_', ' ');
  const std::pair<std::string, std::string> words[] = {
      {"@FOLDER@", chapter.folder},
      {"@NUMBER@", chapter.number},
      {"@NAME@", chapter.name},
      {"@SUITE@", suite(chapter.name)},
      {"@TITLE@", title},
      {"@UNDERLINE@", std::string(chapter.number.size() + 1 + title.size(), '=')}};
  for (const auto& [word, meaning] : words)
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += meaning.size())
      text.replace(at, word.size(), meaning);
  return text;
}

std::string with_chapter(const std::string& cmake, const ChapterNames& chapter) {
  const std::string call = "\ngradus_chapter(";
  std::size_t place = std::string::npos;
  for (std::size_t at = 0; (at = cmake.find(call, at)) != std::string::npos;) {
    const std::string number = cmake.substr(at + call.size(), 2);
    if (place == std::string::npos) place = at + 1;
    at = cmake.find(')', at);
    if (number < chapter.number) place = cmake.find('\n', at) + 1;
  }
  if (place == std::string::npos) throw ToolError("CMakeLists.txt: has no line for a chapter");
  return std::string(cmake).insert(place,
                                   fmt::format("gradus_chapter({} FLOAT)\n", chapter.folder));
}

std::vector<std::string> make_chapter(const fs::path& root, const ChapterNames& chapter) {
  require_free(root, chapter);
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [form, file] : first_forms(places(chapter)))
    files.emplace_back(file, filled(read_text(root / templates / form), chapter));
  files.emplace_back("CMakeLists.txt", with_chapter(read_text(root / "CMakeLists.txt"), chapter));
  std::vector<std::string> written;
  for (const auto& [file, text] : files) {
    write_text(root / file, text);
    written.push_back(file);
  }
  return written;
}

}  // namespace gradus
