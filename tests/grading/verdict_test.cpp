// Submissions and what they are worth; the hostile ones are in hostile_test.cpp.
#include <gtest/gtest.h>

#include "grading/grade.hpp"
#include "grading/sandbox.hpp"

namespace gradus {
namespace {

class VerdictTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    config = new GradingConfig(load_grading_config(GRADUS_GRADING_JSON));
    std::string complaint;
    const std::string mode = find_sandbox(complaint);
    if (!mode.empty()) grader = new Grader(*config, mode);
  }
  static void TearDownTestSuite() {
    delete grader;
    delete config;
  }
  void SetUp() override {
    if (grader == nullptr) GTEST_SKIP() << "no bubblewrap here";
  }

  // Chapter 01 with `before` above the namespace and `step` as the body of step().
  static Grade grade(const std::string& before, const std::string& step) {
    std::string source = read_text(config->reference(chapter()));
    const std::string head = "int step(Scalar t) {", name = "namespace gradus {";
    const std::size_t at = source.find(head);
    EXPECT_NE(at, std::string::npos);
    if (!step.empty())
      source.replace(at, head.size(), head + step + "}\nstatic int unused(Scalar t) {");
    source.insert(source.find(name), before + "\n");
    Submission submission;
    submission.name = "kim";
    submission.source = source;
    submission.chapter = &chapter();
    return grader->grade(submission, 1);
  }
  static const GradedChapter& chapter() { return *config->find("01"); }

  static void expect_problem(const Grade& grade, const std::string& words) {
    EXPECT_EQ(grade.verdict, Verdict::refused);
    EXPECT_EQ(grade.score, 0);
    EXPECT_NE(grade.problem.find(words), std::string::npos) << grade.problem << grade.details;
  }

  inline static GradingConfig* config = nullptr;
  inline static Grader* grader = nullptr;
};

TEST_F(VerdictTest, EveryReferenceIsWorth100AndEveryStubNothing) {
  for (const GradedChapter& one : config->chapters) EXPECT_EQ(grader->self_check(one), "");
}

TEST_F(VerdictTest, DiagnosticsNameTheStudentsFile) {
  const Grade result = grade("#line 1 \"/home/somebody/else.cpp\"\nnonsense;", "");
  expect_problem(result, "does not compile");
  EXPECT_NE(result.details.find("perceptron.cpp:1"), std::string::npos) << result.details;
  EXPECT_EQ(result.details.find("somebody"), std::string::npos) << result.details;
}

TEST_F(VerdictTest, AKnownMistakeIsNamed) {
  const Grade result = grade("", "return t > 0;");
  ASSERT_EQ(result.behaves_like.size(), 1u);
  EXPECT_NE(result.behaves_like[0].find("compares with 0"), std::string::npos);
}

}  // namespace
}  // namespace gradus
