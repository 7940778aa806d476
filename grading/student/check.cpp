#include "grading/student/check.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "grading/base/files.hpp"
#include "grading/interrupt.hpp"
#include "grading/student/commands.hpp"
#include "grading/student/compile.hpp"
#include "grading/student/editor.hpp"
#include "grading/student/report.hpp"
#include "grading/student/terminal.hpp"

namespace gradus {
namespace {

// GRADUS_DEADLINE: seconds for one test; all together have eight times as many.
Deadlines deadlines() {
  const char* wanted = std::getenv("GRADUS_DEADLINE");
  int seconds = wanted == nullptr ? 5 : 0;
  const std::string_view text = wanted == nullptr ? "" : wanted;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole =
      wanted == nullptr || (error == std::errc() && end == text.data() + text.size());
  if (!whole || seconds < 1 || seconds > 86'400)
    throw ToolError("GRADUS_DEADLINE must be a whole number of seconds, at least 1");
  return {std::chrono::seconds(seconds), std::chrono::seconds(8 * seconds)};
}

// Something to look at for the second that a check takes.
void say_on_terminal(const char* text) {
  if (!on_terminal()) return;
  fmt::print("\r\033[K{}", text);
  std::fflush(stdout);
}

}  // namespace

int check(const Project& project, const Chapter& chapter) {
  const std::filesystem::path file = started_file(project, chapter);
  const Deadlines seconds = deadlines();
  const TemporaryFolder folder;
  Checked checked = {file, folder.path() / "tests", {}};
  tell_editor(project);
  say_on_terminal("compiling ...");
  const std::string errors = build_tests(project, chapter, file, checked.program, &interrupted);
  say_on_terminal(interrupted != 0 || !errors.empty() ? "" : "testing ...");
  if (interrupted != 0) return 1;
  if (!errors.empty()) {
    fmt::print("{}", errors);
    return 1;
  }
  checked.results = run_tests(checked.program, folder.path(), seconds, &interrupted);
  say_on_terminal("");
  if (interrupted != 0) return 1;
  keep_score(file.parent_path(), score_of(checked.results));
  return print_report(project, chapter, checked) ? 0 : 1;
}

}  // namespace gradus
