// A student's chapter, checked: built with the chapter's tests and run, a line a claim.
//
//   check --chapter NN_name --build ARGS.json --root FOLDER --cache FOLDER [--score FILE]
//         [--deadline SECONDS] SOURCE
//   check --errors LOG --root FOLDER      the first compile errors of a build's log
//
// This is for the student's own eyes: it runs the code as it is and trusts it not to lie. Exit
// status: 0 every test passes, 1 something is wrong, 2 it can not be checked.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "tests/tools/arguments.hpp"
#include "tests/tools/compiler_errors.hpp"
#include "tests/tools/failure_text.hpp"
#include "tests/tools/files.hpp"
#include "tests/tools/gtest_run.hpp"
#include "tests/tools/mutation.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Setup {
  std::string chapter, number, root;
  BuildArguments build;
  fs::path source;
  milliseconds deadline;
};

// Empty, or what the compiler or the linker says.
std::string build(const Setup& setup, const fs::path& executable) {
  // As the student knows the file.
  fs::path shown = fs::relative(setup.source, setup.root);
  if (shown.empty() || *shown.begin() == "..") shown = setup.source;
  const std::string object = executable.string() + ".o";
  Command compile, link;
  compile.folder = setup.root;
  compile.argv = {setup.build.compiler};
  for (const std::string& flag : setup.build.compile)
    if (flag != "-w") compile.argv.push_back(flag);
  const std::vector<std::string> rest = {"-Werror=return-type", "-c", shown.string(), "-o", object};
  compile.argv.insert(compile.argv.end(), rest.begin(), rest.end());
  Outcome outcome = run(compile);
  if (!outcome.ok()) return first_errors(outcome.output, setup.root);
  link.argv = {setup.build.compiler, object};
  link.argv.insert(link.argv.end(), setup.build.link.begin(), setup.build.link.end());
  link.argv.insert(link.argv.end(), {"-o", executable.string()});
  outcome = run(link);
  return outcome.ok() ? "" : first_errors(outcome.output, setup.root);
}

// The tests with their points, as the reference has them; kept, as they change with the tests only.
std::vector<TestResult> all_tests(const Setup& setup, const fs::path& cache) {
  const fs::path report = cache / (setup.chapter + ".json");
  if (!fs::exists(report) || fs::last_write_time(report) < fs::last_write_time(setup.build.test)) {
    const TemporaryFolder folder;
    GtestOptions options;
    options.deadline = std::chrono::seconds(120);
    if (!run_gtest(setup.build.test, folder.path() / "report.json", options).finished)
      throw ToolError(fmt::format("{}: the reference's own tests do not end", setup.build.test));
    write_text(report, read_text(folder.path() / "report.json"));
  }
  return parse_gtest_report(read_text(report));
}

std::string how_it_stopped(const Outcome& outcome, milliseconds deadline) {
  if (outcome.timed_out)
    return fmt::format("did not end within {} s: does a loop never end?", deadline.count() / 1000);
  switch (outcome.signal) {
    case 0:
      return fmt::format("ended the whole program (exit status {}); a function must return",
                         outcome.exit_code);
    case SIGSEGV:
      return "crashed (segmentation fault): an index outside of its matrix or vector, or a "
             "function "
             "that calls itself without end?";
    case SIGFPE: return "crashed: a whole number was divided by 0";
    case SIGABRT: return "crashed (abort): an index outside of its vector, memory freed twice?";
    default: return fmt::format("crashed (signal {})", outcome.signal);
  }
}

// What became of each test, by name. A test that ends the program is set aside and the others run
// again; one that does not end takes the time of those that did not have their turn.
class Results {
 public:
  Results(const Setup& setup, const std::vector<TestResult>& tests) : setup_(setup) {
    for (const TestResult& test : tests) pending_.push_back(test.name);
  }

  void run(const fs::path& executable, const fs::path& report) {
    const Clock::time_point end = Clock::now() + setup_.deadline;
    while (!pending_.empty()) {
      GtestOptions options;
      options.deadline = std::chrono::duration_cast<milliseconds>(end - Clock::now());
      if (options.deadline <= milliseconds(0)) return;
      options.filter = fmt::format("{}", fmt::join(pending_, ":"));
      const GtestRun round = run_gtest(executable, report, options);
      if (round.finished) return take(round);
      const std::string test = stopped_in(round.outcome.output);
      const std::string why = how_it_stopped(round.outcome, setup_.deadline);
      const auto at = std::find(pending_.begin(), pending_.end(), test);
      if (at == pending_.end()) return stop("outside of every test the program " + why);
      add_failure(test, why);
      if (round.outcome.timed_out) return finish_before(executable, report, at);
      pending_.erase(at);
    }
  }

  // Nothing if the test had no turn.
  const TestResult* find(const std::string& test) const {
    const auto at = results_.find(test);
    return at == results_.end() ? nullptr : &at->second;
  }
  bool none() const { return results_.empty(); }
  const std::string& stopped() const { return stopped_; }

 private:
  void take(const GtestRun& round) {
    for (const TestResult& test : round.tests)
      if (test.ran) results_[test.name] = test;
    const int expected = failed_tests(round.tests).empty() ? 0 : 1;
    if (round.outcome.exit_code != expected)
      stop("after the tests the program " + how_it_stopped(round.outcome, setup_.deadline));
  }

  // Those that ended before the deadline did so quickly enough to be run once more.
  void finish_before(const fs::path& executable, const fs::path& report,
                     std::vector<std::string>::iterator stuck) {
    pending_.erase(stuck, pending_.end());
    if (pending_.empty()) return;
    GtestOptions options;
    options.deadline = milliseconds(2000);
    options.filter = fmt::format("{}", fmt::join(pending_, ":"));
    const GtestRun round = run_gtest(executable, report, options);
    if (round.finished) take(round);
  }

  void add_failure(const std::string& test, const std::string& why) {
    TestResult result;
    result.name = test;
    result.ran = true;
    result.failures = {why};
    results_[test] = result;
  }
  void stop(const std::string& why) { stopped_ = why; }

  const Setup& setup_;
  std::vector<std::string> pending_;
  std::map<std::string, TestResult> results_;
  std::string stopped_;
};

void print_failure(const Setup& setup, const TestResult& result) {
  for (const std::string& failure : result.failures)
    if (const std::optional<std::string> function = not_written(failure)) {
      fmt::print("      {} is not written yet; ./gradus hint {} {}\n", *function, setup.number,
                 *function);
      return;
    }
  if (result.failures.empty()) return;
  for (const std::string& line : shorten(result.failures.front(), setup.root))
    fmt::print("      {}\n", line);
}

// Prints a line a claim and the score; true if all pass.
bool print_results(const Setup& setup, const std::vector<TestResult>& tests, const Results& results,
                   const std::string& score_file) {
  int points = 0, all_points = 0, passed = 0;
  bool all_tried = true;
  for (const TestResult& test : tests) {
    const TestResult* result = results.find(test.name);
    const bool ok = result != nullptr && result->passed;
    all_points += test.points;
    if (ok) points += test.points;
    if (ok) ++passed;
    all_tried = all_tried && result != nullptr;
    if (results.none()) continue;  // one line below says why
    fmt::print("{}    {}\n", ok ? "ok" : result != nullptr ? "no" : "--", claim(test.name));
    if (result != nullptr && !ok) print_failure(setup, *result);
  }
  if (!results.stopped().empty()) fmt::print("no    {}\n", results.stopped());
  if (!all_tried && !results.none())
    fmt::print("--    marks what was not tried, because what ran before it did not end\n");
  const std::string score =
      fmt::format("{} of {}: {} of {} tests", points, all_points, passed, tests.size());
  fmt::print("score {}\n", score);
  if (!score_file.empty()) write_text(score_file, score + "\n");
  return passed == static_cast<int>(tests.size()) && results.stopped().empty();
}

int check(const Arguments& arguments) {
  if (arguments.rest().size() != 1) throw ToolError("one source file is wanted");
  Setup setup;
  setup.chapter = arguments.required("--chapter");
  setup.number = setup.chapter.substr(0, 2);
  setup.root = arguments.required("--root");
  setup.build = load_build_arguments(arguments.required("--build"));
  setup.source = arguments.rest().front();
  setup.deadline = std::chrono::seconds(arguments.number("--deadline").value_or(20));
  if (!fs::is_regular_file(setup.source))
    throw ToolError(fmt::format("{}: no such file", setup.source.string()));
  const std::vector<TestResult> tests = all_tests(setup, arguments.required("--cache"));
  const TemporaryFolder folder;
  const std::string errors = build(setup, folder.path() / "tests");
  if (!errors.empty()) {
    fmt::print("{}", errors);
    return 1;
  }
  Results results(setup, tests);
  results.run(folder.path() / "tests", folder.path() / "report.json");
  const std::string score = arguments.has("--score") ? arguments.required("--score") : "";
  return print_results(setup, tests, results, score) ? 0 : 1;
}

int run_check(int argc, char** argv) {
  const Arguments arguments(
      argc, argv,
      {"--chapter", "--build", "--root", "--cache", "--score", "--deadline", "--errors"}, {});
  if (!arguments.has("--errors")) return check(arguments);
  fmt::print("{}",
             first_errors(read_text(arguments.required("--errors")), arguments.required("--root")));
  return 1;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::run_check(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "check: {}\n", e.what());
    return 2;
  }
}
