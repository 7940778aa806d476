#include "tests/tools/new_chapter/lacks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <sstream>

#include "grading/base/files.hpp"
#include "grading/student/stub_hints.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr int mutants_wanted = 12;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

// All of what `form` finds.
std::vector<std::smatch> matches(const std::string& text, const std::regex& form) {
  return {std::sregex_iterator(text.begin(), text.end(), form), std::sregex_iterator()};
}

// Is it a whole word there?
bool names(const std::string& text, const std::string& word) {
  return std::regex_search(text, std::regex("\\b" + word + "\\b"));
}

class Examination {
 public:
  Examination(const fs::path& root, const ChapterNames& chapter)
      : root_(root), chapter_(chapter), at_(places(chapter)) {}

  std::vector<Lack> all() {
    look_at_chapter();
    look_at_tests();
    look_at_page();
    look_at_lists();
    return std::move(lacks_);
  }

 private:
  void lack(const std::string& file, const std::string& what) { lacks_.push_back({file, what}); }

  // The text of a file that every chapter has; nothing, and a complaint, if this one has not.
  std::optional<std::string> wanted(const std::string& file) {
    if (!fs::exists(root_ / file)) {
      lack(file, "is missing");
      return std::nullopt;
    }
    const std::string text = read_text(root_ / file);
    look_for_todo(file, text);
    return text;
  }

  void look_for_todo(const std::string& file, const std::string& text) {
    static const std::regex todo("\\btodo", std::regex::icase);
    const std::vector<std::string> all = lines(text);
    const auto says = [](const std::string& line) { return std::regex_search(line, todo); };
    const auto count = std::ranges::count_if(all, says);
    if (count > 0)
      lack(file, fmt::format("still says TODO, first in line {}",
                             std::ranges::find_if(all, says) - all.begin() + 1));
  }

  void look_at_chapter() {
    if (const auto contract = wanted(at_.contract)) {
      functions_ = declared_functions(*contract);
      if (functions_.empty()) lack(at_.contract, "declares no function");
    }
    wanted(at_.reference);
    if (const auto stub = wanted(at_.stub)) look_at_stub(stub_functions(*stub));
    wanted(at_.demonstration);
    for (const std::string& file : {at_.experiment, at_.experiment_source, at_.float_tests})
      if (fs::exists(root_ / file)) wanted(file);
  }

  void look_at_stub(const std::vector<StubFunction>& stubs) {
    for (const std::string& function : functions_) {
      const auto stub = std::ranges::find(stubs, function, &StubFunction::name);
      if (stub == stubs.end())
        lack(at_.stub, fmt::format("has no {}", function));
      else if (stub->hints.empty())
        lack(at_.stub, fmt::format("has no hint for {}", function));
    }
  }

  void look_at_tests() {
    if (const auto tests = wanted(at_.tests)) {
      if (const int points = sum_of_points(*tests); points != 100)
        lack(at_.tests, fmt::format("its points add up to {}, not 100", points));
      for (const std::string& function : functions_)
        if (!names(*tests, function)) lack(at_.tests, fmt::format("does not test {}", function));
    }
    wanted(at_.claims);
    if (const auto mutants = wanted(at_.mutants)) {
      static const std::regex entry(R"("caught_by"\s*:)");
      if (const auto count = std::ssize(matches(*mutants, entry)); count < mutants_wanted)
        lack(at_.mutants, fmt::format("has {} mutants, {} are wanted", count, mutants_wanted));
    }
    wanted(at_.alternative);
    wanted(at_.second_alternative);
    if (const auto graded = wanted(at_.graded)) {
      const std::vector<std::string> served = graded_functions(*graded);
      for (const std::string& function : functions_)
        if (std::ranges::find(served, function) == served.end())
          lack(at_.graded, fmt::format("has no GRADUS_FUNCTION of {}", function));
    }
  }

  void look_at_page() {
    std::vector<std::string> figures;
    if (fs::is_directory(root_ / at_.plots))
      for (const auto& entry : fs::directory_iterator(root_ / at_.plots))
        figures.push_back(entry.path().filename().string());
    std::ranges::sort(figures);
    if (figures.empty()) lack(at_.plots + "/", "holds no figure");

    const auto page = wanted(at_.page);
    if (!page) return;
    for (const std::string& section : missing_sections(*page))
      lack(at_.page, fmt::format("has no section \"{}\" in its place", section));
    if (!has(*page, "$ ./gradus run " + chapter_.number))
      lack(at_.page, fmt::format("shows no output of ./gradus run {}", chapter_.number));
    for (const std::string& function : functions_)
      if (!names(*page, function)) lack(at_.page, fmt::format("does not name {}", function));
    for (const std::string& figure : figures)
      if (!has(*page, "(../" + at_.plots + "/" + figure + ")"))
        lack(at_.page, fmt::format("does not show {}/{}", at_.plots, figure));
  }

  // The files that speak of all chapters.
  void look_at_lists() {
    const auto& [folder, number, name] = chapter_;
    const auto text = [&](const char* file) { return read_text(root_ / file); };
    if (!has(text("CMakeLists.txt"), "gradus_chapter(" + folder))
      lack("CMakeLists.txt", fmt::format("has no gradus_chapter({})", folder));
    const std::regex row("\n\\| " + number + " \\| \\[[^\n]*\\(docs/" + folder + "\\.md\\)");
    if (!std::regex_search(text("README.md"), row))
      lack("README.md", "its table has no row for the chapter");
    if (!tells_of(text("CHANGELOG.md"), number))
      lack("CHANGELOG.md", fmt::format("has no line about chapter {}", number));
    if (!has(text("docs/lecture_map.md"), "(" + folder + ".md"))
      lack("docs/lecture_map.md", "leads no section of the notes to the chapter");
  }

  const fs::path root_;
  const ChapterNames chapter_;
  const Places at_;
  std::vector<std::string> functions_;
  std::vector<Lack> lacks_;
};

}  // namespace

// GRADUS_FUNCTION(std::vector<int>, predict, (const Matrix& z), z)
std::vector<std::string> graded_functions(const std::string& source) {
  static const std::regex line(R"(\bGRADUS_FUNCTION\([^(]*?\b(\w+)\s*,\s*\()");
  std::vector<std::string> functions;
  for (const std::smatch& match : matches(source, line)) functions.push_back(match[1].str());
  return functions;
}

int sum_of_points(const std::string& tests) {
  static const std::regex call(R"(\bpoints\((\d+)\))");
  int sum = 0;
  for (const std::smatch& match : matches(tests, call)) sum += std::stoi(match[1].str());
  return sum;
}

// An entry, from one "- " to the next, that speaks of chapters and of this number; 1.12 is none.
bool tells_of(const std::string& changelog, const std::string& number) {
  const std::regex counts("(^|[^0-9.])" + number + "([^0-9.]|\\.?$|\\.[^0-9])");
  std::string entry;
  const auto told = [&] { return has(entry, "hapter") && std::regex_search(entry, counts); };
  for (const std::string& line : lines(changelog)) {
    if (line.starts_with("- ") && told()) return true;
    if (line.starts_with("- ") || line.starts_with("#")) entry.clear();
    entry += line + " ";
  }
  return told();
}

std::vector<std::string> missing_sections(const std::string& page) {
  std::vector<std::string> headings, missing;
  for (const std::string& line : lines(page))
    if (line.starts_with("## ")) headings.push_back(line.substr(3));
  auto from = headings.begin();
  for (const std::string section :
       {"The question", "The mathematics", "The code", "What it prints", "The figures",
        "Where the notes are", "Try it yourself", "Where it leads"}) {
    const auto found = std::find_if(from, headings.end(), [&](const std::string& heading) {
      return heading.starts_with(section);
    });
    if (found == headings.end())
      missing.push_back(section);
    else
      from = found + 1;
  }
  return missing;
}

std::vector<Lack> lacks(const fs::path& root, const ChapterNames& chapter) {
  return Examination(root, chapter).all();
}

}  // namespace gradus
