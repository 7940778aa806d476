// `check` and `grade` agree: what one finds worth 100, the other does too, and what one finds wrong.
//
// Every mutant of a sample of each chapter is tried in both, and called by its name where it is graded;
// and what tests/parity/ holds: mistakes that show in a program where all tests share one memory and
// several threads, and correct code that is odd.
// The sample is one of 180, with GRADUS_DAY another one every day. With GRADUS_EVERY=1 in the environment
// it is every mutant, which takes hours.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "grading/grade.hpp"
#include "grading/sandbox.hpp"
#include "tests/grading/attack.hpp"
#include "tests/tools/day.hpp"
#include "tests/tools/gtest_run.hpp"
#include "tests/tools/mutation.hpp"

namespace gradus {
namespace {

// Is the i-th mutant of a list one of the sample?
bool chosen(std::size_t i) {
  const char* text = std::getenv("GRADUS_EVERY");
  if (text != nullptr) return i % static_cast<std::size_t>(std::max(1, std::atoi(text))) == 0;
  return std::getenv("GRADUS_DAY") != nullptr ? in_turn(i, 180) : i % 180 == 0;
}

const GradingConfig& config() {
  static const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  return config;
}

Grader* grader() {
  static const std::unique_ptr<Grader> one = [] {
    std::string complaint;
    const std::string mode = find_sandbox(complaint);
    return mode.empty() ? nullptr : std::make_unique<Grader>(config(), mode, false, chosen);
  }();
  return one.get();
}

// As `check` tries a file: linked with the chapter's tests, in one process, on all threads.
bool right_in_check(const GradedChapter& chapter, const std::string& source) {
  const std::filesystem::path list =
      std::filesystem::path(GRADUS_BUILD) / "mutants" / (chapter.folder + ".args");
  BuildArguments arguments = load_build_arguments(list);
  arguments.compile.insert(arguments.compile.end(), {"-DGRADUS_CHECKED", "-D_GLIBCXX_ASSERTIONS"});
  const TemporaryFolder folder;
  write_text(folder.path() / chapter.file, source);
  const Built built =
      build_copy(arguments, folder.path() / chapter.file, config().reference(chapter).parent_path(),
                 folder.path() / "tests");
  EXPECT_TRUE(built.ok) << built.messages;
  if (!built.ok) return false;
  GtestOptions options;
  options.deadline = std::chrono::minutes(3);
  const GtestRun run = run_gtest(folder.path() / "tests", folder.path() / "report.json", options);
  return run.finished && run.outcome.exit_code == 0 && failed_tests(run.tests).empty();
}

std::string everything(const Grade& grade) {
  std::string text = grade.problem + "\n" + grade.details;
  for (const TestOutcome& test : grade.tests)
    if (!test.passed) text += "\n" + test.name + ": " + test.message;
  return text;
}

// Tried in both; returns the grade.
Grade expect_parity(const Submission& submission) {
  const Grade grade = grader()->grade(submission, 3);
  EXPECT_EQ(grade.verdict, Verdict::graded) << everything(grade);
  EXPECT_EQ(grade.score == 100, right_in_check(*submission.chapter, submission.source))
      << submission.name << " scores " << grade.score << everything(grade);
  return grade;
}

// By its own name. What no replay of some calls repeats: as a function that remembers, if it does; not at all if
// threads add in whatever order they come.
bool named(const Grade& grade, const Mutant& mutant) {
  if (mutant.replace.find("reduction(") != std::string::npos) return true;
  const bool remembers = mutant.replace.find("static ") != std::string::npos;
  return std::ranges::any_of(grade.behaves_like, [&](const std::string& line) {
    return line == mutant.diagnosis ||
           (remembers && line.find("kept from call to call") != std::string::npos);
  });
}

class ParityOfMutants : public ::testing::TestWithParam<std::string> {};

TEST_P(ParityOfMutants, CheckAndGradeAgree) {
  if (grader() == nullptr) GTEST_SKIP() << "no bubblewrap here";
  const GradedChapter& chapter = *config().find(GetParam());
  std::vector<Mutant> mutants = load_mutants(config().mutants(chapter));
  std::erase_if(mutants, [&](const Mutant& mutant) {
    return std::filesystem::path(mutant.file).filename() != chapter.file;
  });
  const std::string source = read_text(config().reference(chapter));
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (!chosen(i)) continue;
    const Grade grade =
        expect_parity({mutants[i].id, apply_mutant(source, mutants[i]), "", &chapter});
    EXPECT_LT(grade.score, 100) << mutants[i].id;
    EXPECT_TRUE(named(grade, mutants[i]))
        << mutants[i].id << " is not called \"" << mutants[i].diagnosis << '"';
  }
}

std::vector<std::string> folders() {
  std::vector<std::string> names;
  for (const GradedChapter& chapter : config().chapters) names.push_back(chapter.folder);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Chapters, ParityOfMutants, ::testing::ValuesIn(folders()),
                         [](const auto& info) { return "of_" + info.param; });

class ParityOfOddities : public ::testing::TestWithParam<Attack> {};

TEST_P(ParityOfOddities, CheckAndGradeAgree) {
  if (grader() == nullptr) GTEST_SKIP() << "no bubblewrap here";
  const Attack& oddity = GetParam();
  const Grade grade = expect_parity(submission_of(config(), oddity));
  EXPECT_EQ(grade.score == 100, oddity.score == "100") << everything(grade);
  EXPECT_NE(everything(grade).find(oddity.says), std::string::npos) << everything(grade);
}

INSTANTIATE_TEST_SUITE_P(All, ParityOfOddities,
                         ::testing::ValuesIn(load_attacks(config(), "tests/parity")),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gradus
