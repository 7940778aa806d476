#include "grading/build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "grading/clean.hpp"
#include "grading/interrupt.hpp"
#include "grading/sandbox.hpp"
#include "grading/student/compiler_words.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr std::uintmax_t kMaxObject = std::uintmax_t{16} << 20;

// Where things stand in the workshop, or with --unsafe, where there is no workshop, outside.
class Places {
 public:
  explicit Places(Workshop& workshop) : workshop_(workshop) {}

  std::string read(const fs::path& here, const std::string& there) {
    if (workshop_.mode == kDirect) return here.string();
    workshop_.read_only.emplace_back(here, there);
    return there;
  }
  std::string write(const std::string& name) const {
    return workshop_.mode == kDirect ? (workshop_.output / name).string() : "/out/" + name;
  }

 private:
  Workshop& workshop_;
};

// A compiler that a submission keeps busy runs out of processor time long before this. What takes
// longer by the clock has met a machine that stood still, and is tried once more.
Outcome run_tool(const Workshop& workshop, const std::vector<std::string>& tool) {
  Command command;
  command.argv = workshop_command(workshop, tool);
  command.folder = workshop.output;
  command.deadline = std::chrono::seconds(60);
  command.output = std::size_t{64} << 10;
  command.stop = &interrupted;
  const Outcome first = run(command);
  if (interrupted != 0) throw Interrupted();
  return first.timed_out ? run(command) : first;
}

// With #line a file can pretend that its errors are somebody else's. Whatever a diagnostic names
// that is neither a header of the system nor of the project is the student's file.
std::string show_diagnostics(const std::string& output, const GradedChapter& chapter) {
  static const std::regex place(R"(^([^\s:][^:]*):(\d+:)(\d+:)? )");
  std::istringstream lines(output);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    // std::regex recurses for each character, and a template's name can have thousands.
    line = clean(line, 1, 400);
    std::smatch match;
    if (std::regex_search(line, match, place)) {
      const std::string file = match[1];
      if (file.starts_with("/gradus/"))
        line.erase(0, 8);
      else if (!file.starts_with("/usr/"))
        line.replace(0, file.size(), chapter.file);
    }
    result += line + "\n";
  }
  result = clean(result, 24, 240);
  while (result.ends_with('\n')) result.pop_back();
  return result;
}

// "undefined reference to `gradus::mlp_fit(...)'", each name once.
std::string named(const std::string& output, const char* pattern) {
  const std::regex expression(pattern);
  std::set<std::string> names;
  std::string list;
  for (std::sregex_iterator it(output.begin(), output.end(), expression), end; it != end; ++it) {
    std::string name = (*it)[1].str();
    if (name.starts_with("gradus::")) name.erase(0, 8);
    name = name.substr(0, name.find('('));
    if (names.size() < 4 && names.insert(name).second) list += (list.empty() ? "" : ", ") + name;
  }
  return clean_line(list, 160);
}

std::string stopped(const Outcome& outcome) {
  const std::string& text = outcome.output;
  if (outcome.timed_out || text.find("CPU time limit") != std::string::npos ||
      text.find("signal terminated program") != std::string::npos || outcome.exit_code == 128 + 9 ||
      outcome.exit_code == 128 + 24)
    return "the compiler ran out of its time or memory";
  if (text.find("File size limit") != std::string::npos ||
      text.find("file too big") != std::string::npos ||
      text.find("File too large") != std::string::npos || outcome.exit_code == 128 + 25)
    return "what the compiler makes of it is too large";
  if (text.find("out of memory") != std::string::npos ||
      text.find("virtual memory exhausted") != std::string::npos ||
      text.find("bad_alloc") != std::string::npos)
    return "the compiler ran out of its time or memory";
  return "";
}

// The names of OpenMP's, POSIX's and C++'s functions stand in the object; what names none of those that start
// threads has one.
bool names_threads(const fs::path& object) {
  const std::string names = read_text(object);
  for (const char* name : {"GOMP_", "kmpc_", "omp_", "thread", "thrd", "async"})
    if (names.find(name) != std::string::npos) return true;
  return false;
}

BuiltWorker compile(const GradingConfig& config, const GradedChapter& chapter,
                    const fs::path& source, const fs::path& folder, const std::string& mode) {
  Workshop workshop{mode, {}, folder, config.compiler};
  Places places(workshop);
  const std::string input = places.read(source, "/student/" + chapter.file);
  std::vector<std::string> tool = {config.compiler};
  tool.insert(tool.end(), config.compile.begin(), config.compile.end());
  tool.insert(tool.end(), {"-w", "-pipe", "-fmax-errors=5", "-fno-diagnostics-color",
                           "-I" + places.read(config.include, "/gradus"), "-c", input, "-o",
                           places.write("submission.o")});
  const Outcome outcome = run_tool(workshop, tool);
  std::error_code error;
  if (outcome.ok() && fs::file_size(folder / "submission.o", error) > kMaxObject && !error)
    return {false, "what the compiler makes of it is too large", ""};
  if (outcome.ok() && !error) return {true, "", "", names_threads(folder / "submission.o")};
  const std::string why = stopped(outcome);
  if (!why.empty())
    return {false, chapter.file + ": " + why, show_diagnostics(outcome.output, chapter)};
  BuiltWorker result{false, chapter.file + " does not compile",
                     show_diagnostics(outcome.output, chapter)};
  const std::string words = plain_words(lines_of(result.details));
  if (!words.empty()) result.problem += ": " + words;
  return result;
}

BuiltWorker link(const GradingConfig& config, const GradedChapter& chapter, const fs::path& folder,
                 const std::string& mode) {
  Workshop workshop{mode, {}, folder, config.compiler};
  Places places(workshop);
  // No plugin: an object could ask it to compile once more, outside of the flags above.
  std::vector<std::string> tool = {config.compiler,
                                   "-static",
                                   "-fno-lto",
                                   "-o",
                                   places.write("worker"),
                                   places.write("submission.o")};
  if (std::ranges::count(config.compile, "-fopenmp") > 0) tool.push_back("-fopenmp");
  if (config.compiler.find("clang") == std::string::npos) tool.push_back("-fno-use-linker-plugin");
  for (std::size_t i = 0; i < chapter.link.size(); ++i)
    tool.push_back(places.read(
        chapter.link[i], fmt::format("/gradus/{}{}", i, chapter.link[i].extension().string())));
  const Outcome outcome = run_tool(workshop, tool);
  if (outcome.ok() && fs::exists(folder / "worker")) return {true, "", ""};

  BuiltWorker result;
  const std::string twice =
      named(outcome.output, R"((?:multiple definition of [`']|duplicate symbol: )([^'\n]{1,200}))");
  const std::string missing =
      named(outcome.output, R"((?:undefined reference to [`']|undefined symbol: )([^'\n]{1,200}))");
  const std::string why = stopped(outcome);
  if (!twice.empty())
    result.problem = chapter.file + " defines " + twice + ", which is there already";
  else if (!missing.empty())
    result.problem = chapter.file + " does not define " + missing + " as in its header";
  else
    result = {false, chapter.file + ": " + (why.empty() ? "cannot be linked" : why),
              show_diagnostics(outcome.output, chapter)};
  return result;
}

}  // namespace

BuiltWorker build_worker(const GradingConfig& config, const GradedChapter& chapter,
                         const std::string& source, const fs::path& folder,
                         const std::string& mode) {
  const fs::path output = folder / "out", file = folder / chapter.file;
  fs::create_directories(output);
  write_text(file, source);
  const BuiltWorker built = compile(config, chapter, file, output, mode);
  if (!built.ok) return built;
  const BuiltWorker linked = link(config, chapter, output, mode);
  if (!linked.ok) return linked;
  fs::rename(output / "worker", folder / "worker");
  return built;
}

}  // namespace gradus
