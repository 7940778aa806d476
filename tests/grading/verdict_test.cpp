// Submissions from honest to hostile, and what they are worth.
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
  static Grade grade(const std::string& before, const std::string& step, bool whole = true) {
    std::string source = read_text(config->reference(chapter()));
    const std::string head = "int step(Scalar t) {", name = "namespace gradus {";
    const std::size_t at = source.find(head);
    EXPECT_NE(at, std::string::npos);
    if (!step.empty())
      source.replace(at, head.size(),
                     whole ? head + step + "}\nstatic int unused(Scalar t) {" : step);
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
  static void expect_message(const Grade& grade, const std::string& words) {
    EXPECT_EQ(grade.verdict, Verdict::graded) << grade.problem << grade.details;
    EXPECT_LT(grade.score, 100);
    bool said = false;
    for (const TestOutcome& test : grade.tests)
      said = said || test.message.find(words) != std::string::npos;
    EXPECT_TRUE(said) << (grade.tests.empty() ? "" : grade.tests[0].message);
    EXPECT_EQ(VerdictTest::grade("", "").score, 100) << "the next one is not disturbed";
  }

  inline static GradingConfig* config = nullptr;
  inline static Grader* grader = nullptr;
};

TEST_F(VerdictTest, EveryReferenceIsWorth100AndEveryStubNothing) {
  for (const GradedChapter& one : config->chapters) EXPECT_EQ(grader->self_check(one), "");
}

TEST_F(VerdictTest, ExitInsteadOfReturning) {
  expect_message(grade("#include <cstdlib>", "std::exit(0);"), "exited with status 0");
}

TEST_F(VerdictTest, ExitBeforeAnything) {
  const Grade result = grade("#include <unistd.h>\nstruct A { A() { _exit(0); } } a;", "");
  expect_message(result, "exited with status 0");
  EXPECT_EQ(result.score, 0);
}

TEST_F(VerdictTest, CrashIsNamed) {
  expect_message(grade("", "*(volatile int*)nullptr = 1; return t > 0;"), "signal 11");
}

TEST_F(VerdictTest, ForgedAndUnaskedReplies) {
  const std::string include = "#include <unistd.h>\n";
  expect_message(grade(include + "struct A { A() { write(3, \"\\4\\0\\0\\0abcd\", 8); } } a;", ""),
                 "nobody had asked for");
  expect_message(grade(include, "write(3, \"\\x09\\0\\0\\0ABCDEFGHx\", 13); return t > 0;"),
                 "nobody had asked for");
  expect_message(grade(include, "write(3, \"\\377\\377\\377\\377\", 4); return t > 0;"),
                 "longer than any");
}

TEST_F(VerdictTest, NothingOutsideIsInReach) {
  expect_message(grade("#include <cstdio>\n#include <stdexcept>",
                       "throw std::runtime_error(std::fopen(\"/etc/passwd\", \"r\") || "
                       "std::fopen(\"/worker\", \"r\") ? \"open\" : \"shut\");"),
                 "shut");
  expect_message(grade("#include <sys/socket.h>\n#include <unistd.h>\n#include <stdexcept>",
                       "throw std::runtime_error(socket(AF_INET, SOCK_STREAM, 0) >= 0 || "
                       "fork() >= 0 ? \"open\" : \"shut\");"),
                 "shut");
}

TEST_F(VerdictTest, MemoryEnds) {
  expect_message(
      grade("#include <vector>",
            "for (std::vector<std::vector<char>> all;;) all.emplace_back(1 << 26, 'x');"),
      "bad_alloc");
}

TEST_F(VerdictTest, OwnMainAndMissingFunctionsAreNamed) {
  expect_problem(grade("int main() {}", ""), "defines main");
  expect_problem(grade("", "int steps(Scalar t); static int other(Scalar t) {", false),
                 "does not define step");
}

TEST_F(VerdictTest, NothingOutsideCanBeCompiledIn) {
  expect_problem(grade("#include \"/etc/passwd\"", ""), "does not compile");
  expect_problem(grade("asm(\".incbin \\\"/etc/passwd\\\"\");", ""), "does not compile");
  expect_problem(grade("#include \"chapters/01_perceptron/perceptron.cpp\"", ""),
                 "does not compile");
  expect_problem(grade("#include \"/dev/zero\"", ""), "does not compile");
}

TEST_F(VerdictTest, DiagnosticsNameTheStudentsFile) {
  const Grade result = grade("#line 1 \"/home/somebody/else.cpp\"\nnonsense;", "");
  expect_problem(result, "does not compile");
  EXPECT_NE(result.details.find("perceptron.cpp:1"), std::string::npos) << result.details;
  EXPECT_EQ(result.details.find("somebody"), std::string::npos) << result.details;
}

TEST_F(VerdictTest, RightOnTheFirstCallOnly) {
  const Grade result = grade("", "static int n; return n++ > 0 ? 7 : t > 1e-7;");
  EXPECT_EQ(result.verdict, Verdict::graded);
  EXPECT_LT(result.score, 30);
}

TEST_F(VerdictTest, AKnownMistakeIsNamed) {
  const Grade result = grade("", "return t > 0;");
  ASSERT_EQ(result.behaves_like.size(), 1u);
  EXPECT_NE(result.behaves_like[0].find("compares with 0"), std::string::npos);
}

}  // namespace
}  // namespace gradus
