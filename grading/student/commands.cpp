#include "grading/student/commands.hpp"

#include <fmt/core.h>

#include "grading/base/files.hpp"
#include "grading/student/editor.hpp"
#include "grading/student/stub_hints.hpp"
#include "grading/student/terminal.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr std::size_t kHintColumns = 92;

void print_hints(const StubFunction& function) {
  fmt::print("{}\n", bold(function.name));
  for (const std::string& text : function.hints)
    for (const std::string& line : folded(text, kHintColumns)) fmt::print("  {}\n", line);
  if (function.hints.empty()) fmt::print("  read its description in the header\n");
}

}  // namespace

int start(const Project& project, const Chapter& chapter) {
  const fs::path file = student_file(project, chapter);
  if (fs::exists(file) || fs::is_symlink(file))
    throw ToolError(fmt::format("{} is there already; nothing was changed", shown(project, file)));
  write_text(file, read_text(stub_file(project, chapter)));
  tell_editor(project);
  fmt::print(
      "write   {}\n"
      "read    docs/{}.md, and what each function must do: chapters/{}/{}.hpp\n"
      "check   ./gradus check {}, or at every save: ./gradus watch {}\n"
      "stuck?  ./gradus hint {}\n",
      bold(shown(project, file)), chapter.folder, chapter.folder, chapter.name, chapter.number,
      chapter.number, chapter.number);
  return 0;
}

int hint(const Project& project, const Chapter& chapter, const std::string& function) {
  const auto functions = stub_functions(read_text(stub_file(project, chapter)));
  if (function.empty()) {
    fmt::print("the functions of {}; ./gradus hint {} FUNCTION\n", chapter.folder, chapter.number);
    for (const StubFunction& each : functions) fmt::print("  {}\n", each.name);
    return 0;
  }
  bool found = false;
  for (const StubFunction& each : functions)
    if (each.name == function) return print_hints(each), 0;
  for (const StubFunction& each : functions)
    if (each.name.starts_with(function)) print_hints(each), found = true;
  if (!found)
    throw ToolError(fmt::format("{} has no function '{}'; ./gradus hint {} lists them",
                                chapter.folder, function, chapter.number));
  return 0;
}

fs::path started_file(const Project& project, const Chapter& chapter) {
  const fs::path file = student_file(project, chapter);
  if (!fs::is_regular_file(file))
    throw ToolError(
        fmt::format("no {}; ./gradus start {} makes it", shown(project, file), chapter.number));
  return file;
}

}  // namespace gradus
