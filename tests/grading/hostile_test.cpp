// Attacks on the grader: none gains a point, and none disturbs the submission after it. With GRADUS_DAY in
// the environment half of them, on the next day the others.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "grading/build.hpp"
#include "grading/grade.hpp"
#include "grading/sandbox.hpp"
#include "tests/grading/attack.hpp"
#include "tests/tools/day.hpp"

namespace gradus {
namespace {

const GradingConfig& config() {
  static const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  return config;
}

class HostileTest : public ::testing::TestWithParam<Attack> {
 protected:
  static void SetUpTestSuite() {
    std::string complaint;
    const std::string mode = find_sandbox(complaint);
    // What an attack behaves like is a matter of grading_parity; here a few known mistakes will do.
    if (!mode.empty())
      grader = std::make_unique<Grader>(config(), mode, false,
                                        [](std::size_t i) { return i % 25 == 0; });
  }
  static void TearDownTestSuite() { grader.reset(); }
  void SetUp() override {
    if (!grader) GTEST_SKIP() << "no bubblewrap here";
  }

  // What is left of the reference without these functions.
  static int left_without(const GradedChapter& chapter, const std::set<std::string>& functions) {
    static std::map<std::pair<std::string, std::set<std::string>>, int> known;
    const auto key = std::pair(chapter.folder, functions);
    if (!known.contains(key)) {
      const Grade grade = grader->grade(without(config(), chapter, functions), 1);
      EXPECT_EQ(grade.verdict, Verdict::graded) << grade.problem << grade.details;
      EXPECT_LT(grade.score, 100);
      known[key] = grade.score;
    }
    return known[key];
  }

  static std::string everything(const Grade& grade) {
    std::string text = grade.problem + "\n" + grade.details;
    for (const TestOutcome& test : grade.tests) text += "\n" + test.message;
    return text;
  }

  inline static std::unique_ptr<Grader> grader;
};

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = load_attacks(config());
  return all;
}

TEST_P(HostileTest, GainsNothing) {
  const Attack& attack = GetParam();
  const auto place = std::ranges::find(attacks(), attack.name, &Attack::name) - attacks().begin();
  // By fours, since CTest runs each fourth in a process of its own.
  if (!in_turn(static_cast<std::size_t>(place) / 4, 2)) GTEST_SKIP() << "on another day";
  const Submission submission = submission_of(config(), attack);
  const Grade grade = grader->grade(submission, 1);
  EXPECT_EQ(to_string(grade.verdict), attack.verdict) << everything(grade);
  EXPECT_NE(everything(grade).find(attack.says), std::string::npos)
      << "does not say \"" << attack.says << "\": " << everything(grade);
  if (attack.verdict == "refused" || attack.score == "0") {
    EXPECT_EQ(grade.score, 0);
  } else if (attack.score == "100") {
    EXPECT_EQ(grade.score, 100) << everything(grade);
  } else if (attack.score == "below 100") {
    EXPECT_LT(grade.score, 100);
  } else {
    EXPECT_LE(grade.score, left_without(*submission.chapter, attack.replaces))
        << "more than without the functions";
  }

  Submission next;
  next.name = "next";
  next.chapter = config().find("01");
  next.source = read_text(config().reference(*next.chapter));
  EXPECT_EQ(grader->grade(next, 1).score, 100) << "the next submission is disturbed";
}

INSTANTIATE_TEST_SUITE_P(All, HostileTest, ::testing::ValuesIn(attacks()),
                         [](const auto& info) { return info.param.name; });

// Who refuses every argument has not understood a single one.
TEST(Hostile, RefusingEverythingIsWorthNothing) {
  std::string complaint;
  const std::string mode = find_sandbox(complaint);
  if (mode.empty()) GTEST_SKIP() << "no bubblewrap here";
  for (const GradedChapter& chapter : config().chapters) {
    std::string source = "#include <stdexcept>\n" + read_text(config().stub(chapter));
    const std::string from = "throw NotImplemented(", to = "throw std::invalid_argument(";
    for (std::size_t at = 0; (at = source.find(from, at)) != std::string::npos;)
      source.replace(at, from.size(), to);
    // Built and run as the grader does; nobody needs a diagnosis.
    const TemporaryFolder folder;
    const BuiltWorker built = build_worker(config(), chapter, source, folder.path(), mode);
    ASSERT_TRUE(built.ok) << chapter.folder << ": " << built.problem << built.details;
    const TestRun run = run_tests(chapter, folder.path() / "worker", folder.path(), {mode, 1});
    EXPECT_EQ(run.error, "");
    EXPECT_FALSE(run.tests.empty());
    for (const TestRecord& test : run.tests)
      EXPECT_FALSE(test.passed) << chapter.folder << ": " << test.name;
  }
}

}  // namespace
}  // namespace gradus
