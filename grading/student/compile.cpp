#include "grading/student/compile.hpp"

#include "grading/base/build_arguments.hpp"
#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "grading/student/compiler_errors.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

std::string run_compiler(const Project& project, const std::vector<std::string>& argv,
                         const volatile std::sig_atomic_t* stop) {
  Command command;
  command.argv = argv;
  command.folder = project.root;
  command.stop = stop;
  const Outcome outcome = run(command);
  if (outcome.ok()) return "";
  const std::string errors = first_errors(outcome.output, project.root.string());
  return errors.empty() ? "the compiler failed: " + describe(outcome, command.deadline) + "\n"
                        : errors;
}

}  // namespace

std::string build_tests(const Project& project, const Chapter& chapter, const fs::path& source,
                        const fs::path& program, const volatile std::sig_atomic_t* stop) {
  const BuildArguments arguments =
      load_build_arguments(project.build / "mutants" / (chapter.folder + ".args"));
  const std::string object = program.string() + ".o";
  std::vector<std::string> compile = {arguments.compiler};
  for (const std::string& flag : arguments.compile)
    if (flag != "-w") compile.push_back(flag);
  // With lines for what goes wrong, and an index outside is said, as it is by the grader.
  append(compile, {"-g1", "-Werror=return-type", "-DGRADUS_CHECKED", "-D_GLIBCXX_ASSERTIONS", "-c",
                   shown(project, source), "-o", object});
  std::string errors = run_compiler(project, compile, stop);
  if (!errors.empty()) return errors;
  std::vector<std::string> link = {arguments.compiler, object};
  append(link, lines_of(read_text(project.build / "student" / "reporter.objects")));
  append(link, arguments.link);
#ifdef __linux__
  append(link, {"-ldl"});  // for older C libraries
#endif
  append(link, {"-o", program.string()});
  return run_compiler(project, link, stop);
}

}  // namespace gradus
