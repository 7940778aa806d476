#include "grading/run_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "grading/interrupt.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using std::chrono::milliseconds;

Command test_command(const GradedChapter& chapter, const fs::path& worker, const fs::path& file,
                     const std::string& skip, const TestOptions& options) {
  Command command;
  command.argv = {chapter.tests.string(),
                  "--worker",
                  fs::absolute(worker).string(),
                  "--mode",
                  options.mode,
                  "--record",
                  fs::absolute(file).string(),
                  "--threads",
                  fmt::format("{}", options.threads)};
  if (!skip.empty()) command.argv.insert(command.argv.end(), {"--skip", skip});
  command.environment = {fmt::format("GRADUS_SEED={}", options.seed), "LC_ALL=C"};
  const auto left = options.end - std::chrono::steady_clock::now();
  command.deadline = std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(left));
  command.output = 4096;
  command.stop = &interrupted;
  return command;
}

std::string why_it_stopped(const Outcome& outcome, const Command& command) {
  if (outcome.signal == SIGALRM)
    return fmt::format("the test did not end within {} s with what came back", kTestSeconds);
  return "the test could not go on with what came back: " + describe(outcome, command.deadline);
}

}  // namespace

TestRun run_tests(const GradedChapter& chapter, const fs::path& worker, const fs::path& folder,
                  const TestOptions& options) {
  TestRun all;
  std::string skip;
  for (int round = 0;; ++round) {
    const fs::path file = folder / fmt::format("record{}", round);
    fs::remove(file);
    const Command command = test_command(chapter, worker, file, skip, options);
    const Outcome outcome = run(command);
    if (interrupted != 0) throw Interrupted();
    Records records = read_records(file);
    for (TestRecord& test : records.tests) {
      skip += (skip.empty() ? "" : ":") + test.name;
      all.tests.push_back(std::move(test));
    }
    if (records.finished) return all;
    if (outcome.timed_out) {
      const std::string name = records.running.empty() ? "all tests" : records.running;
      all.tests.push_back(
          {name,
           0,
           false,
           {fmt::format("no end of all tests together within {} s: what comes after "
                        "this one was not tried",
                        kSubmissionTime.count())},
           {}});
      return all;
    }
    if (records.running.empty() || outcome.exit_code == kGraderFailed) {
      all.error =
          fmt::format("the tests of chapter {} do not run ({}{}{})", chapter.number(),
                      describe(outcome, command.deadline), outcome.output.empty() ? "" : ": ",
                      outcome.output.substr(0, outcome.output.find('\n')));
      return all;
    }
    skip += (skip.empty() ? "" : ":") + records.running;
    all.tests.push_back({records.running, 0, false, {why_it_stopped(outcome, command)}, {}});
  }
}

}  // namespace gradus
