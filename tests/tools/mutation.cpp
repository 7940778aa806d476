#include "tests/tools/mutation.hpp"

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

Built run_compiler(const std::vector<std::string>& argv) {
  Command command;
  command.argv = argv;
  const Outcome outcome = run(command);
  if (outcome.ok()) return {true, ""};
  return {false, outcome.output.empty() ? describe(outcome, command.deadline) : outcome.output};
}

}  // namespace

void precompile_headers(BuildArguments& arguments, const fs::path& folder) {
  const fs::path header = folder / "standard.hpp";
  std::string text;
  for (const char* name : {"algorithm", "cmath", "functional", "random", "span", "stdexcept",
                           "string", "utility", "vector"})
    text += std::string("#include <") + name + ">\n";
  write_text(header, text);
  std::vector<std::string> compile = {arguments.compiler};
  compile.insert(compile.end(), arguments.compile.begin(), arguments.compile.end());
  compile.insert(compile.end(),
                 {"-w", "-x", "c++-header", header.string(), "-o", header.string() + ".gch"});
  if (run_compiler(compile).ok)
    arguments.compile.insert(arguments.compile.end(), {"-include", header.string()});
}

Built build_copy(const BuildArguments& arguments, const fs::path& source, const fs::path& home,
                 const fs::path& executable) {
  fs::path object = executable;
  object += ".o";
  fs::remove(object);
  fs::remove(executable);
  std::vector<std::string> compile = {arguments.compiler};
  compile.insert(compile.end(), arguments.compile.begin(), arguments.compile.end());
  // -w: an edit that leaves a variable unused is still an edit that a student could make.
  compile.insert(compile.end(), {"-w", "-iquote", fs::absolute(home).string(), "-c",
                                 source.string(), "-o", object.string()});
  Built built = run_compiler(compile);
  if (!built.ok) return built;
  std::vector<std::string> link = {arguments.compiler, object.string()};
  link.insert(link.end(), arguments.link.begin(), arguments.link.end());
  link.insert(link.end(), {"-o", executable.string()});
  built = run_compiler(link);
  fs::remove(object);
  return built;
}

}  // namespace gradus
