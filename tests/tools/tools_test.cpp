// The parts that the test tools share, and score.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "tests/tools/arguments.hpp"
#include "tests/tools/gtest_run.hpp"
#include "tests/tools/tools_fixture.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

Outcome bash(const std::string& text, std::chrono::milliseconds deadline = std::chrono::seconds(9),
             std::size_t output = 1 << 20) {
  Command command;
  command.argv = {"bash", "-c", text};
  command.deadline = deadline;
  command.output = output;
  command.environment = {"GRADUS_WORD=new"};
  return run(command);
}

TEST(Process, KeepsBothOutputsAndTheExitStatus) {
  const Outcome outcome = bash("echo out; echo err >&2; echo $GRADUS_WORD; exit 3");
  EXPECT_EQ(outcome.output, "out\nerr\nnew\n");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.signal, 0);
}

TEST(Process, HasNoInput) { EXPECT_EQ(bash("cat; echo end").output, "end\n"); }

TEST(Process, TellsASignalFromAnExit) {
  const Outcome outcome = bash("kill -SEGV $$");
  EXPECT_EQ(outcome.signal, 11);
  EXPECT_EQ(outcome.exit_code, 139);
}

TEST(Process, EndsAtItsDeadlineWithAllItStarted) {
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = bash("sleep 60 & sleep 60", std::chrono::milliseconds(300));
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Process, DoesNotWaitForWhatItLeavesBehind) {
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = bash("sleep 60 & echo done");
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.output, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Process, KeepsTheBeginningAndTheEndOfAFlood) {
  const Outcome outcome = bash("echo first; seq 1000000; echo last", std::chrono::seconds(9), 4096);
  EXPECT_LT(outcome.output.size(), 5000u);
  EXPECT_EQ(outcome.output.rfind("first\n1\n2\n", 0), 0u);
  EXPECT_EQ(last_line(outcome.output), "last");
}

TEST(Process, LimitsMemory) {
  Command command;
  command.argv = {"bash", "-c", "x=$(head -c 400000000 /dev/zero | tr '\\0' a)"};
  command.memory = std::size_t{100} << 20;
  EXPECT_FALSE(run(command).ok());
}

TEST(Process, SaysWhatCanNotBeRun) {
  Command command;
  command.argv = {"/nowhere/program"};
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.exit_code, 127);
  EXPECT_EQ(outcome.output, "/nowhere/program: can not be run\n");
}

TEST(Files, AreReplacedAsAWhole) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a" / "b.txt";
  write_text(file, "one");
  write_text(file, "two");
  EXPECT_EQ(read_text(file), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), {}), 1);
  EXPECT_THROW(read_text(folder.path()), ToolError);
  EXPECT_THROW(read_text(folder.path() / "none"), ToolError);
}

TEST(Arguments, RefuseWhatTheyDoNotKnow) {
  for (const char* word : {"12x", "-1", "", " 1", "1.5"}) EXPECT_FALSE(parse_number(word)) << word;
  EXPECT_EQ(parse_number("12"), 12);
  EXPECT_EQ(run_tool("score", {"--expcet", "3", "x"}).exit_code, 2);
  EXPECT_EQ(run_tool("score", {}).exit_code, 2);
}

TEST(GtestReport, FindsTheTestThatWasRunning) {
  EXPECT_EQ(stopped_in("[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n[ RUN      ] A.C\nx"), "A.C");
  EXPECT_EQ(stopped_in("[ RUN      ] A.B\n[  FAILED  ] A.B (0 ms)\n"), "");
  EXPECT_EQ(stopped_in(""), "");
  EXPECT_EQ(stopped_in("[ RUN      ] A.B"), "A.B");
}

TEST(GtestReport, RefusesWhatIsNone) {
  EXPECT_THROW(parse_gtest_report("{}"), ToolError);
  EXPECT_THROW(parse_gtest_report(""), ToolError);
}

// One tiny executable for all tests of score; --gtest_filter can't reach it, so an environment
// variable chooses what goes wrong.
class Score : public testing::Test {
 protected:
  static constexpr const char* kSource = R"(
#include <gtest/gtest.h>
#include <cmath>
#include <cstdlib>
bool chosen(const char* what) {
  const char* word = std::getenv("SCORE_TEST");
  return word != nullptr && std::string(word) == what;
}
TEST(A, Sixty) {
  RecordProperty("points", 60);
  EXPECT_LT(chosen("nan") ? std::nan("") : 0.0, 1.0) << "\xff bytes";
  if (chosen("crash")) std::abort();
  if (chosen("exit")) std::exit(0);
  if (chosen("skip")) GTEST_SKIP();
}
TEST(A, Forty) { RecordProperty("points", chosen("more") ? 50 : chosen("word") ? -1 : 40); }
TEST(A, None) { EXPECT_FALSE(chosen("none")) << "worth nothing"; }
)";

  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    const fs::path source = folder_->path() / "score_sample.cpp";
    write_text(source, kSource);
    compile_test(source, folder_->path() / "score_sample.o");
    link_test({(folder_->path() / "score_sample.o").string()}, folder_->path() / "score_sample");
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Outcome score(const std::string& what, const std::string& options = "") {
    Command command;
    command.argv = {"env", "SCORE_TEST=" + what, std::string(GRADUS_TOOLS_DIR) + "/score"};
    append(command.argv, words(options));
    command.argv.push_back((folder_->path() / "score_sample").string());
    return run(command);
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
};

TEST_F(Score, AddsThePointsOfPassedTests) {
  const Outcome outcome = score("", "--expect;100;--expect-passed;3");
  EXPECT_EQ(outcome.output, "score 100 of 100: 3 of 3 tests passed\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(Score, IsLowerWhenATestFails) {
  EXPECT_EQ(score("nan").output, "score 40 of 100: 2 of 3 tests passed\n");
  EXPECT_EQ(score("nan", "--expect;40;--expect-passed;2").exit_code, 0);
  const Outcome outcome = score("nan", "--expect;100");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has_text(outcome.output, "expected 100 points\n")) << outcome.output;
  EXPECT_TRUE(has_text(outcome.output, "failed   60  A.Sixty\n")) << outcome.output;
}

// A test that is worth no point may fail below 100, but not at 100; what it says is shown.
TEST_F(Score, WantsAllTestsPassedForAHundred) {
  EXPECT_EQ(score("none").output, "score 100 of 100: 2 of 3 tests passed\n");
  const Outcome outcome = score("none", "--expect;100");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has_text(outcome.output, "expected no failed test\n")) << outcome.output;
  EXPECT_TRUE(has_text(outcome.output, "worth nothing")) << outcome.output;
}

TEST_F(Score, DoesNotCountASkippedTest) {
  EXPECT_EQ(last_line(score("skip").output), "score 40 of 100: 2 of 3 tests passed");
  EXPECT_EQ(score("skip", "--expect-passed;3").exit_code, 1);
}

TEST_F(Score, WantsAHundredInAll) {
  EXPECT_EQ(score("more").exit_code, 0);
  const Outcome outcome = score("more", "--expect;100");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has_text(outcome.output, "add up to 110, not 100")) << outcome.output;
}

TEST_F(Score, IsAnErrorWithoutAReport) {
  EXPECT_TRUE(has_text(score("crash").output, "signal 6 without a report, in A.Sixty"));
  EXPECT_EQ(score("crash").exit_code, 2);
  EXPECT_EQ(score("exit", "--expect;0").exit_code, 2);
  EXPECT_EQ(score("word").exit_code, 2);
  EXPECT_EQ(run_tool("score", {"/nowhere/tests"}).exit_code, 2);
}

}  // namespace
}  // namespace gradus
