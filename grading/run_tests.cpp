#include "grading/run_tests.hpp"

#include <fmt/format.h>

#include "tests/tools/files.hpp"
#include "tests/tools/process.hpp"

namespace fs = std::filesystem;

namespace gradus {

TestRun run_tests(const GradedChapter& chapter, const fs::path& worker, const fs::path& folder,
                  const std::string& mode, std::uint32_t seed) {
  TestRun all;
  std::string skip;
  for (int round = 0;; ++round) {
    const fs::path file = folder / fmt::format("record{}", round);
    fs::remove(file);
    Command command;
    command.argv = {chapter.tests.string(),
                    "--worker",
                    fs::absolute(worker).string(),
                    "--mode",
                    mode,
                    "--record",
                    fs::absolute(file).string()};
    if (!skip.empty()) command.argv.insert(command.argv.end(), {"--skip", skip});
    command.environment = {fmt::format("GRADUS_SEED={}", seed), "LC_ALL=C"};
    command.deadline = std::chrono::seconds(300);
    command.output = 4096;
    const Outcome outcome = run(command);
    Records records = read_records(file);
    for (TestRecord& test : records.tests) {
      skip += (skip.empty() ? "" : ":") + test.name;
      all.tests.push_back(std::move(test));
    }
    if (records.finished) return all;
    const std::string how = describe(outcome, command.deadline);
    if (records.running.empty()) {
      all.error = fmt::format("the tests of chapter {} do not run ({})", chapter.number(), how);
      return all;
    }
    skip += (skip.empty() ? "" : ":") + records.running;
    all.tests.push_back(
        {records.running, 0, false, {"the test could not go on with what came back: " + how}, {}});
  }
}

}  // namespace gradus
