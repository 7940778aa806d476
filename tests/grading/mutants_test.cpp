// Every known mistake, handed in: it costs points and is called by its name.
//
// All of them take a quarter of an hour, so the build has a sample tested; with GRADUS_EVERY=1 in the
// environment it is every one.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "grading/diagnose.hpp"
#include "grading/run_tests.hpp"
#include "grading/sandbox.hpp"

namespace gradus {
namespace {

std::size_t every() {
  const char* text = std::getenv("GRADUS_EVERY");
  return text == nullptr ? 100 : static_cast<std::size_t>(std::max(1, std::atoi(text)));
}

const GradingConfig& config() {
  static const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  return config;
}

class MutantsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(MutantsTest, LosePointsAndAreDiagnosed) {
  std::string complaint;
  const std::string mode = find_sandbox(complaint);
  if (mode.empty()) GTEST_SKIP() << "no bubblewrap here";
  const GradedChapter& chapter = *config().find(GetParam());
  MutantWorkers workers(config(), mode, every());
  const ChapterWorkers known = workers.all_of(chapter);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // GoogleTest's expectations, one at a time
  const auto work = [&] {
    for (std::size_t i; (i = next++) < known.mutants.size();) {
      const MutantWorker& mutant = known.mutants[i];
      const TemporaryFolder folder;
      const TestRun run = run_tests(chapter, mutant.executable, folder.path(), {mode, 3});
      const std::vector<std::string> names = diagnose(known, run.tests);
      int lost = 0;
      for (const TestRecord& test : run.tests) lost += test.passed ? 0 : test.points;
      const std::lock_guard lock(mutex);
      EXPECT_EQ(run.error, "") << mutant.id;
      EXPECT_GT(lost, 0) << mutant.id << " scores 100";
      EXPECT_NE(std::ranges::find(names, mutant.diagnosis), names.end())
          << mutant.id << ": not named";
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(work);
  work();
}

std::vector<std::string> folders() {
  std::vector<std::string> names;
  for (const GradedChapter& chapter : config().chapters) names.push_back(chapter.folder);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Chapters, MutantsTest, ::testing::ValuesIn(folders()),
                         [](const auto& info) { return "of_" + info.param; });

}  // namespace
}  // namespace gradus
