// The student's way: what ./gradus start, check, watch, hint and list do.
//
//   student start | check | watch NN
//   student hint NN [FUNCTION]
//   student list
//   student needs COMMAND...    for ./gradus: the chapter whose tests that command runs, if any
//   student errors LOG          the first compile errors of a build's log
//
// It is run in the project's folder. Exit status: 0 all is well, 1 something is wrong with the
// student's file, 2 that can not be done.
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "grading/base/files.hpp"
#include "grading/interrupt.hpp"
#include "grading/student/check.hpp"
#include "grading/student/commands.hpp"
#include "grading/student/compiler_errors.hpp"
#include "grading/student/progress.hpp"
#include "grading/student/watch.hpp"

namespace gradus {
namespace {

using Words = std::span<const std::string>;

const Chapter& one_chapter(const Project& project, const std::string& command, Words words) {
  if (words.size() != 1) throw ToolError(fmt::format("which chapter? ./gradus {} NN", command));
  return find_chapter(project, words[0]);
}

void refuse_options(const std::string& command, Words words) {
  for (const std::string& word : words)
    if (word.starts_with('-'))
      throw ToolError(fmt::format("{}: unknown option {}; see ./gradus help", command, word));
}

int needs(const Project& project, const std::string& command, Words words) {
  refuse_options(command, words);
  if (command != "check" && command != "watch") return 0;
  const Chapter& chapter = one_chapter(project, command, words);
  started_file(project, chapter);
  fmt::print("{}\n", chapter.number);
  return 0;
}

int check_at_every_save(const Project& project, const Chapter& chapter) {
  catch_interrupts();
  watch(started_file(project, chapter), [&] { check(project, chapter); });
  return 0;
}

int check_once(const Project& project, const Chapter& chapter) {
  catch_interrupts();
  const int status = check(project, chapter);
  return interrupted != 0 ? 130 : status;  // as a shell has it
}

int print_hint(const Project& project, Words words) {
  if (words.empty() || words.size() > 2)
    throw ToolError("of which function? ./gradus hint NN [FUNCTION]");
  return hint(project, find_chapter(project, words[0]), words.size() == 2 ? words[1] : "");
}

int obey(Words words) {
  const char* work = std::getenv("GRADUS_WORK");
  const Project project =
      find_project(std::filesystem::current_path(), work == nullptr ? "" : work);
  const std::string command = words.empty() ? "" : words[0];
  words = words.empty() ? words : words.subspan(1);
  if (command == "needs") return words.empty() ? 0 : needs(project, words[0], words.subspan(1));
  refuse_options(command, words);
  if (command == "start") return start(project, one_chapter(project, command, words));
  if (command == "check") return check_once(project, one_chapter(project, command, words));
  if (command == "watch") return check_at_every_save(project, one_chapter(project, command, words));
  if (command == "hint") return print_hint(project, words);
  if (command == "errors" && words.size() == 1) {
    fmt::print("{}", first_errors(read_text(words[0]), project.root.string()));
    return 1;
  }
  if (command != "list" || !words.empty())
    throw ToolError(fmt::format("{} takes nothing else; see ./gradus help", command));
  print_list(project);
  return 0;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const int status = gradus::obey(words);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw gradus::ToolError(
          fmt::format("the output can not be written: {}", std::strerror(errno)));
    return status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
}
