// Correct versions written differently are worth 100 as well: tests/alternatives/NN_name/name.cpp, and
// others in folders beside it, as tests/alternatives/NN_name/second/name.cpp. With GRADUS_DAY in the
// environment one of two, on the next day the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "grading/grade.hpp"
#include "grading/sandbox.hpp"
#include "tests/tools/day.hpp"

namespace gradus {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> alternatives(const fs::path& folder, const std::string& file) {
  std::vector<fs::path> all = {folder / file};
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) all.push_back(entry.path() / file);
  std::ranges::sort(all);
  std::vector<fs::path> todays;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (in_turn(i, 2)) todays.push_back(all[i]);
  return todays;
}

TEST(Alternatives, AreWorth100) {
  const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  std::string complaint;
  const std::string mode = find_sandbox(complaint);
  if (mode.empty()) GTEST_SKIP() << "no bubblewrap here";
  Grader grader(config, mode);
  std::uint32_t seed = 0;  // another for each; tests/scripts/seeds.sh has many
  for (const GradedChapter& chapter : config.chapters)
    for (const fs::path& file :
         alternatives(config.root / "tests/alternatives" / chapter.folder, chapter.file)) {
      const Grade grade = grader.grade(read_submission(config, file, &chapter), ++seed);
      EXPECT_EQ(grade.score, 100) << file << ", seed " << seed << ": " << grade.problem
                                  << grade.details;
      for (const TestOutcome& test : grade.tests)
        EXPECT_TRUE(test.passed) << test.name << ": " << test.message;
    }
}

}  // namespace
}  // namespace gradus
