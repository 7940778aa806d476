// Every known mistake, handed in: it costs points and is called by its name.
#include <gtest/gtest.h>

#include <algorithm>

#include "grading/grade.hpp"
#include "grading/sandbox.hpp"
#include "tests/tools/mutation.hpp"

namespace gradus {
namespace {

TEST(Mutants, LosePointsAndAreDiagnosed) {
  const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  std::string complaint;
  const std::string mode = find_sandbox(complaint);
  if (mode.empty()) GTEST_SKIP() << "no bubblewrap here";
  Grader grader(config, mode);
  for (const GradedChapter& chapter : config.chapters) {
    const std::string source = read_text(config.reference(chapter));
    for (const Mutant& mutant : load_mutants(config.mutants(chapter))) {
      if (mutant.id == "threads_race") continue;  // only two threads show it; a worker has one
      Submission submission;
      submission.name = mutant.id;
      submission.source = apply_mutant(source, mutant);
      submission.chapter = &chapter;
      const Grade grade = grader.grade(submission, 3);
      EXPECT_EQ(grade.verdict, Verdict::graded) << mutant.id << ": " << grade.problem;
      EXPECT_LT(grade.score, 100) << mutant.id;
      EXPECT_NE(std::ranges::find(grade.behaves_like, mutant.diagnosis), grade.behaves_like.end())
          << chapter.number() << " " << mutant.id << ": not named";
    }
  }
}

}  // namespace
}  // namespace gradus
