// Correct versions written differently, tests/alternatives/NN_name/name.cpp, are worth 100 as well.
#include <gtest/gtest.h>

#include "grading/grade.hpp"
#include "grading/sandbox.hpp"

namespace gradus {
namespace {

TEST(Alternatives, AreWorth100) {
  const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  std::string complaint;
  const std::string mode = find_sandbox(complaint);
  if (mode.empty()) GTEST_SKIP() << "no bubblewrap here";
  Grader grader(config, mode);
  for (const GradedChapter& chapter : config.chapters)
    for (std::uint32_t seed : {1u, 2u}) {
      const auto file = config.root / "tests/alternatives" / chapter.folder / chapter.file;
      const Grade grade = grader.grade(read_submission(config, file, &chapter), seed);
      EXPECT_EQ(grade.score, 100) << chapter.folder << ", seed " << seed << ": " << grade.problem
                                  << grade.details;
      for (const TestOutcome& test : grade.tests)
        EXPECT_TRUE(test.passed) << test.name << ": " << test.message;
    }
}

}  // namespace
}  // namespace gradus
