#include "tests/tools/mutant_trial.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "grading/base/files.hpp"
#include "tests/tools/gtest_run.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr std::size_t kMemory = std::size_t{8} << 30;
constexpr int kCompilerLines = 6;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string first_lines(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  std::string line;
  for (int i = 0; i < kCompilerLines && std::getline(lines, line); ++i) result += "\n    " + line;
  return result;
}

// A copy of one source file, edited or not, with the executable made from it, or from the file that
// includes it.
class Copy {
 public:
  Copy(const TrialSetup& setup, const std::string& id, const std::string& file,
       const std::string& compiled)
      : setup_(setup),
        folder_(setup.work / id),
        original_(setup.root / file),
        compiled_(compiled == file ? folder_ / file : setup.root / compiled) {
    source_ = folder_ / file;
    if (fs::exists(source_) && fs::equivalent(source_, original_))
      throw ToolError(fmt::format("{}: is the source itself, not a copy", source_.string()));
  }
  // The sources stay, to look at; a hundred executables would fill the disk.
  ~Copy() {
    std::error_code ignored;
    fs::remove(executable(), ignored);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  Built build(const std::string& text) {
    write_text(source_, text);
    const fs::path home = compiled_ == source_ ? original_.parent_path() : folder_;
    return build_copy(setup_.build, compiled_, home, executable());
  }

  GtestRun run(const std::string& filter) {
    GtestOptions options;
    options.filter = filter;
    options.deadline = setup_.deadline;
    options.memory = setup_.build.sanitized() ? 0 : kMemory;
    return run_gtest(executable(), folder_ / "report.json", options);
  }

 private:
  fs::path executable() const { return folder_ / "mutant"; }

  const TrialSetup& setup_;
  fs::path folder_, original_, compiled_, source_;
};

// What went wrong in a run, a name for each test; empty if nothing did.
std::vector<std::string> failures(const GtestRun& run, std::chrono::milliseconds deadline) {
  std::vector<std::string> names = failed_tests(run.tests);
  const bool expected = run.outcome.exit_code == (names.empty() ? 0 : 1);
  if (run.finished && expected) return names;
  const std::string test = run.finished ? "" : stopped_in(run.outcome.output);
  names.push_back(fmt::format("{} ({})", test.empty() ? "outside of any test" : test,
                              describe(run.outcome, deadline)));
  return names;
}

// Whether the named test failed, crashed or hung in this run.
bool catches(const GtestRun& run, const std::string& test) {
  if (!run.finished) return stopped_in(run.outcome.output) == test;
  return contains(failed_tests(run.tests), test);
}

Trial judge(Copy& copy, const TrialSetup& setup, const Mutant& mutant) {
  const auto caught = [&](const GtestRun& run) {
    std::string how;
    if (!run.finished) how = fmt::format(" ({})", describe(run.outcome, setup.deadline));
    return Trial{Verdict::Caught, "by " + mutant.caught_by + how};
  };
  // The named test alone decides nearly always, in a fraction of the time of the whole run, and
  // no other test can hang or crash before its turn.
  const GtestRun alone = copy.run(mutant.caught_by);
  if (!alone.finished || catches(alone, mutant.caught_by)) return caught(alone);
  const GtestRun whole = copy.run("*");
  if (catches(whole, mutant.caught_by)) return caught(whole);
  const std::vector<std::string> others = failures(whole, setup.deadline);
  if (others.empty())
    return {Verdict::Survived, fmt::format("{} passes: {}", mutant.caught_by, mutant.diagnosis)};
  return {Verdict::CaughtElsewhere,
          fmt::format("{} passes, but not {}", mutant.caught_by, fmt::join(others, ", "))};
}

// If the link arguments are stale, the mutants would be tried on other tests than the project runs.
void check_same_tests(const TrialSetup& setup, const std::vector<TestResult>& tests) {
  std::vector<std::string> expected = list_gtest(setup.build.test);
  std::vector<std::string> got;
  for (const TestResult& test : tests) got.push_back(test.name);
  std::sort(expected.begin(), expected.end());
  std::sort(got.begin(), got.end());
  if (got != expected)
    throw ToolError(fmt::format("{}: has other tests than its link arguments make: build it again",
                                setup.build.test));
}

}  // namespace

std::vector<std::string> check_reference(const TrialSetup& setup,
                                         const std::vector<Mutant>& mutants) {
  std::map<std::string, std::string> files;  // and what is compiled
  for (const Mutant& mutant : mutants) files[mutant.file] = mutant.compiled;
  std::vector<std::string> passed;
  for (const auto& [file, compiled] : files) {
    Copy copy(setup, "_reference", file, compiled);
    const Built built = copy.build(read_text(setup.root / file));
    if (!built.ok)
      throw ToolError(
          fmt::format("the unedited {} does not build{}", file, first_lines(built.messages)));
    const GtestRun run = copy.run("*");
    const std::vector<std::string> failed = failures(run, setup.deadline);
    if (!failed.empty())
      throw ToolError(fmt::format("the unedited {} fails {}", file, fmt::join(failed, ", ")));
    check_same_tests(setup, run.tests);
    passed.clear();
    for (const TestResult& test : run.tests)
      if (test.passed) passed.push_back(test.name);
  }
  return passed;
}

Trial try_mutant(const TrialSetup& setup, const Mutant& mutant) {
  if (!contains(setup.tests, mutant.caught_by))
    return {Verdict::NoSuchTest,
            fmt::format("{} is not among the tests that the reference passes", mutant.caught_by)};
  std::string edited;
  try {
    edited = apply_mutant(read_text(setup.root / mutant.file), mutant);
  } catch (const ToolError& e) {
    return {Verdict::NoMatch, e.what()};
  }
  Copy copy(setup, mutant.id, mutant.file, mutant.compiled);
  const Built built = copy.build(edited);
  if (!built.ok) return {Verdict::DidNotCompile, first_lines(built.messages)};
  return judge(copy, setup, mutant);
}

}  // namespace gradus
