// What a chapter's tests are worth: the points of the tests that pass, of the points of all.
//
//   score [--expect POINTS] [--expect-passed TESTS] [--deadline SECONDS] EXECUTABLE
//
// A test says its points with RecordProperty("points", n). Skipped tests count as not passed.
// Exit status: 0 as expected, 1 not as expected, 2 the tests crashed or did not end.
#include <fmt/format.h>

#include "grading/base/files.hpp"
#include "tests/tools/arguments.hpp"
#include "tests/tools/gtest_run.hpp"

namespace gradus {
namespace {

GtestRun run_all(const std::string& executable, std::chrono::seconds deadline) {
  const TemporaryFolder folder;
  GtestOptions options;
  options.deadline = deadline;
  GtestRun run = run_gtest(executable, folder.path() / "report.json", options);
  const int expected = failed_tests(run.tests).empty() ? 0 : 1;
  if (!run.finished || run.outcome.exit_code != expected) {
    fmt::print(stderr, "{}", run.outcome.output);
    const std::string test = stopped_in(run.outcome.output);
    throw ToolError(fmt::format("{}: {}{}{}", executable, describe(run.outcome, options.deadline),
                                run.finished ? "" : " without a report",
                                test.empty() ? "" : ", in " + test));
  }
  if (run.tests.empty()) throw ToolError(fmt::format("{}: has no tests", executable));
  return run;
}

int run_score(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"--expect", "--expect-passed", "--deadline"}, {});
  if (arguments.rest().size() != 1) throw ToolError("one test executable is wanted");
  const std::optional<int> points_wanted = arguments.number("--expect");
  const std::optional<int> passed_wanted = arguments.number("--expect-passed");
  const std::chrono::seconds deadline(arguments.number("--deadline").value_or(300));
  const GtestRun run = run_all(arguments.rest().front(), deadline);

  int points = 0, all_points = 0, passed = 0;
  for (const TestResult& test : run.tests) {
    all_points += test.points;
    if (test.passed) points += test.points;
    if (test.passed) ++passed;
  }
  bool as_expected = true;
  const auto complain = [&](const std::string& what) {
    fmt::print("{}\n", what);
    as_expected = false;
  };
  if (points_wanted && points != *points_wanted)
    complain(fmt::format("expected {} points", *points_wanted));
  // A reference that scores 100 of 120 would hide that the chapter's points are wrong.
  if (points_wanted == 100 && all_points != 100)
    complain(fmt::format("the points of all tests add up to {}, not 100", all_points));
  if (points_wanted == 100 && !failed_tests(run.tests).empty())  // some may be worth no point
    complain(fmt::format("expected no failed test\n{}", run.outcome.output));
  if (passed_wanted && passed != *passed_wanted)
    complain(fmt::format("expected {} tests passed", *passed_wanted));
  if (!as_expected)
    for (const TestResult& test : run.tests)
      fmt::print("  {:<7} {:>3}  {}\n",
                 test.passed ? "passed"
                 : test.ran  ? "failed"
                             : "not run",
                 test.points, test.name);
  fmt::print("score {} of {}: {} of {} tests passed\n", points, all_points, passed,
             run.tests.size());
  return as_expected ? 0 : 1;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::run_score(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "score: {}\n", e.what());
    return 2;
  }
}
