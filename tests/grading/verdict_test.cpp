// Submissions and what they are worth; the hostile ones are in hostile_test.cpp.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>

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

// After the self-check the disk fills up; nobody gets a 0 for it. The disk is one of our own, in a
// namespace of our own, which only root may make.
TEST_F(VerdictTest, AFullDiskIsTheGradersFailure) {
  const TemporaryFolder place;
  if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", place.path().c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "no disk to fill";
  ASSERT_EQ(grader->self_check(chapter()), "");
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "/tmp" : before;
  ::setenv("TMPDIR", place.path().c_str(), 1);
  const Grade right = grade("", ""), wrong = grade("nonsense;", "");
  ::setenv("TMPDIR", kept.c_str(), 1);
  EXPECT_EQ(::umount(place.path().c_str()), 0);
  EXPECT_EQ(right.verdict, Verdict::grader_error) << right.problem << right.details;
  EXPECT_EQ(wrong.verdict, Verdict::grader_error) << wrong.problem << wrong.details;
}

TEST_F(VerdictTest, AKnownMistakeIsNamed) {
  const Grade result = grade("", "return t > 0;");
  ASSERT_EQ(result.behaves_like.size(), 1u);
  EXPECT_NE(result.behaves_like[0].find("compares with 0"), std::string::npos);
}

}  // namespace
}  // namespace gradus
