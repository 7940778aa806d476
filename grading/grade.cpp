#include "grading/grade.hpp"

#include <fmt/format.h>

#include <numeric>

#include "grading/build.hpp"
#include "grading/clean.hpp"
#include "grading/diagnose.hpp"
#include "grading/sandbox.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

TestOutcome outcome_of(const TestRecord& record) {
  return {record.name, record.points, record.passed,
          record.failures.empty() ? "" : clean(record.failures.front(), 6, 200)};
}

int score_of(const std::vector<TestRecord>& tests) {
  int score = 0;
  for (const TestRecord& test : tests) score += test.passed ? test.points : 0;
  return score;
}

bool was_late(const TestRun& run) {
  for (const TestRecord& test : run.tests)
    for (const wire::Call& call : test.calls)
      if (call.answer.fate == wire::Answer::late) return true;
  return false;
}

// Once more if a call was not answered in time: a program that hangs does so again, a machine that
// stood still does not.
TestRun run_patiently(const GradedChapter& chapter, const fs::path& folder, const std::string& mode,
                      std::uint32_t seed) {
  TestRun first = run_tests(chapter, folder / "worker", folder, mode, seed);
  return was_late(first) ? run_tests(chapter, folder / "worker", folder, mode, seed) : first;
}

// What a source of ours scores; -1 with a problem if it cannot even be built.
int score_ours(const GradingConfig& config, const GradedChapter& chapter, const fs::path& source,
               const std::string& mode, std::string& problem, std::vector<TestRecord>& tests) {
  const TemporaryFolder folder;
  const BuiltWorker built = build_worker(config, chapter, read_text(source), folder.path(), mode);
  if (!built.ok) {
    problem = built.problem + (built.details.empty() ? "" : ": " + clean_line(built.details));
    return -1;
  }
  const TestRun run = run_patiently(chapter, folder.path(), mode, 1);
  problem = run.error;
  tests = run.tests;
  for (const TestRecord& test : tests)
    if (!test.passed && problem.empty() && !test.failures.empty())
      problem = clean_line(test.name + ": " + test.failures.front());
  return score_of(tests);
}

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::graded: return "graded";
    case Verdict::refused: return "refused";
    case Verdict::grader_error: break;
  }
  return "grader_error";
}

Grader::Grader(const GradingConfig& config, const std::string& mode, bool check_first,
               std::size_t mutants_every)
    : config_(config),
      mode_(mode),
      check_first_(check_first),
      mutants_(config, mode, mutants_every) {}

std::string Grader::check(const GradedChapter& chapter) {
  std::string problem;
  std::vector<TestRecord> tests;
  const int full = score_ours(config_, chapter, config_.reference(chapter), mode_, problem, tests);
  if (full < 0)
    return fmt::format("the reference of chapter {} cannot be built: {}", chapter.number(),
                       problem);
  if (full != 100)
    return fmt::format("the reference of chapter {} scores {}, not 100: {}", chapter.number(), full,
                       problem);
  for (const TestRecord& test : tests) points_[chapter.folder][test.name] = test.points;
  const int none = score_ours(config_, chapter, config_.stub(chapter), mode_, problem, tests);
  if (none != 0)
    return fmt::format("the stub of chapter {} scores {}, not 0", chapter.number(), none);
  return "";
}

std::string Grader::self_check(const GradedChapter& chapter) {
  const std::lock_guard lock(mutex_);
  const auto known = checked_.find(chapter.folder);
  if (known != checked_.end()) return known->second;
  return checked_[chapter.folder] = check(chapter);
}

// What a test is worth that ended before it could say so.
int Grader::points_of(const GradedChapter& chapter, const std::string& test) {
  const std::lock_guard lock(mutex_);
  return points_[chapter.folder][test];
}

void Grader::judge(const Submission& submission, Grade& grade) {
  const GradedChapter& chapter = *submission.chapter;
  if (check_first_ && !self_check(chapter).empty()) {
    grade.problem = self_check(chapter);
    return;
  }
  const TemporaryFolder folder;
  const BuiltWorker built = build_worker(config_, chapter, submission.source, folder.path(), mode_);
  TestRun run;
  if (built.ok) run = run_patiently(chapter, folder.path(), mode_, grade.seed);
  if (built.ok && run.error.empty() && score_of(run.tests) == 100) {
    grade.verdict = Verdict::graded;
  } else {
    // Whose fault is it? Only a grader that gives the reference its 100 may say.
    const std::string broken = self_check(chapter);
    if (!broken.empty() || !run.error.empty()) {
      grade.problem = broken.empty() ? run.error : broken;
      return;
    }
    grade.verdict = built.ok ? Verdict::graded : Verdict::refused;
    grade.problem = built.problem;
    grade.details = built.details;
  }
  for (TestRecord& test : run.tests) {
    if (test.points == 0) test.points = points_of(chapter, test.name);
    grade.tests.push_back(outcome_of(test));
  }
  grade.score = score_of(run.tests);
  if (built.ok && grade.score < 100) grade.behaves_like = diagnose(mutants_.of(chapter), run.tests);
}

Grade Grader::grade(const Submission& submission, std::uint32_t seed) {
  Grade grade;
  grade.name = submission.name;
  grade.seed = seed;
  grade.unsafe = mode_ == kDirect;
  if (submission.chapter != nullptr) grade.chapter = submission.chapter->folder;
  if (!submission.refused.empty()) {
    grade.verdict = Verdict::refused;
    grade.problem = submission.refused;
    return grade;
  }
  try {
    judge(submission, grade);
  } catch (const std::exception& error) {
    grade.verdict = Verdict::grader_error;
    grade.problem = clean_line(error.what());
  }
  if (grade.verdict == Verdict::grader_error) grade.score = 0;
  return grade;
}

}  // namespace gradus
