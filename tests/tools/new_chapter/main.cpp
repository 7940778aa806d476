// A new chapter: ./gradus new.
//
//   new_chapter NN_name          makes its files, a small form of each that builds and runs
//   new_chapter --check [NN...]  says what chapters still lack, all of them unless some are named
//
// It is run in the project's folder. Exit status: 0 done, or nothing is lacking, 1 something is
// lacking, 2 that can not be done.
#include <fmt/format.h>

#include <algorithm>

#include "grading/base/files.hpp"
#include "tests/tools/new_chapter/lacks.hpp"
#include "tests/tools/new_chapter/make.hpp"

namespace gradus {
namespace {

using Words = std::vector<std::string>;

// 1, 01 and 01_perceptron all mean 01_perceptron.
ChapterNames find(const std::vector<ChapterNames>& chapters, const std::string& wanted) {
  const std::string number = wanted.size() == 1 ? "0" + wanted : wanted;
  for (const ChapterNames& chapter : chapters)
    if (chapter.number == number || chapter.folder == wanted) return chapter;
  throw ToolError(fmt::format("no chapter '{}' in chapters/", wanted));
}

int check(const std::filesystem::path& root, const Words& wanted) {
  std::vector<ChapterNames> chapters = all_chapters(root);
  if (!wanted.empty()) {
    std::vector<ChapterNames> chosen;
    for (const std::string& word : wanted) chosen.push_back(find(chapters, word));
    chapters = chosen;
  }
  int status = 0;
  for (const ChapterNames& chapter : chapters) {
    const std::vector<Lack> lacking = lacks(root, chapter);
    for (const auto& [file, what] : lacking) fmt::print("{}: {}\n", file, what);
    if (lacking.empty())
      fmt::print("{}: nothing is lacking\n", chapter.folder);
    else
      fmt::print("{}: {} lacking\n", chapter.folder,
                 lacking.size() == 1 ? "1 thing is" : fmt::format("{} things are", lacking.size()));
    if (!lacking.empty()) status = 1;
  }
  return status;
}

int make(const std::filesystem::path& root, const std::string& folder) {
  const ChapterNames chapter = chapter_names(folder);
  for (const std::string& file : make_chapter(root, chapter)) fmt::print("{}\n", file);
  fmt::print("next: ./gradus run {0}; what is still to write says ./gradus new --check {0}\n",
             chapter.number);
  return 0;
}

int obey(const Words& words) {
  const std::filesystem::path root = std::filesystem::current_path();
  if (!words.empty() && words[0] == "--check") return check(root, {words.begin() + 1, words.end()});
  if (words.size() != 1) throw ToolError("which chapter? ./gradus new NN_name");
  return make(root, words[0]);
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::obey({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
}
