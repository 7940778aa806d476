#include "grading/grade.hpp"

#include <fmt/format.h>

#include <numeric>
#include <set>

#include "grading/build.hpp"
#include "grading/clean.hpp"
#include "grading/diagnose.hpp"
#include "grading/sandbox.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr int kThreads = 4;

// By the clock, of one submission.
constexpr std::chrono::seconds kDiagnosisTime{30};

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
TestRun run_patiently(const GradedChapter& chapter, const fs::path& folder,
                      const TestOptions& options) {
  TestRun first = run_tests(chapter, folder / "worker", folder, options);
  return was_late(first) ? run_tests(chapter, folder / "worker", folder, options) : first;
}

// On one thread, where nothing may depend on the calls before; and what is right there and may have
// more, on several as well.
TestRun run_all(const GradedChapter& chapter, const fs::path& folder, const BuiltWorker& built,
                TestOptions options) {
  TestRun run = run_patiently(chapter, folder, options);
  if (!run.error.empty() || score_of(run.tests) < 100 || !built.may_start_threads) return run;
  options.threads = kThreads;
  TestRun again = run_patiently(chapter, folder, options);
  for (TestRecord& test : again.tests)
    if (!test.passed && !test.failures.empty())
      test.failures.front() =
          fmt::format("on {} threads: {}", options.threads, test.failures.front());
  return again;
}

// A source of ours, built and tested: nothing is assumed of it.
struct Ours {
  bool built = false;
  std::string problem;  // of the build, of the run or of the first test that fails
  std::vector<TestRecord> tests;

  int score() const { return score_of(tests); }
};

Ours try_ours(const GradingConfig& config, const GradedChapter& chapter, const fs::path& file,
              const std::string& mode) {
  const TemporaryFolder folder;
  const BuiltWorker built = build_worker(config, chapter, read_text(file), folder.path(), mode);
  if (!built.ok)
    return {
        false, built.problem + (built.details.empty() ? "" : ": " + clean_line(built.details)), {}};
  const TestRun run = run_all(chapter, folder.path(), built, {mode});
  Ours ours{true, run.error, run.tests};
  for (const TestRecord& test : ours.tests)
    if (!test.passed && ours.problem.empty() && !test.failures.empty())
      ours.problem = clean_line(test.name + ": " + test.failures.front());
  return ours;
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
               Sample sample)
    : config_(config),
      mode_(mode),
      check_first_(check_first),
      mutants_(config, mode, std::move(sample)) {}

std::string Grader::check(const GradedChapter& chapter) {
  const Ours full = try_ours(config_, chapter, config_.reference(chapter), mode_);
  if (!full.built)
    return fmt::format("the reference of chapter {} cannot be built: {}", chapter.number(),
                       full.problem);
  if (full.score() != 100)
    return fmt::format("the reference of chapter {} scores {}, not 100: {}", chapter.number(),
                       full.score(), full.problem);
  for (const TestRecord& test : full.tests) points_[chapter.folder][test.name] = test.points;
  const Ours none = try_ours(config_, chapter, config_.stub(chapter), mode_);
  if (!none.built || none.tests.empty())
    return fmt::format("the stub of chapter {} does not run: {}", chapter.number(), none.problem);
  if (none.score() != 0)
    return fmt::format("the stub of chapter {} scores {}, not 0", chapter.number(), none.score());
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

// A machine whose disk or memory is full compiles nothing. Whoever is refused must know that the
// reference was compiled at the same time, in the same place.
BuiltWorker Grader::build(const Submission& submission, const fs::path& folder) {
  const GradedChapter& chapter = *submission.chapter;
  const BuiltWorker built = build_worker(config_, chapter, submission.source, folder, mode_);
  if (built.ok) return built;
  const TemporaryFolder other;
  const BuiltWorker ours =
      build_worker(config_, chapter, read_text(config_.reference(chapter)), other.path(), mode_);
  if (!ours.ok)
    throw ToolError(fmt::format("the reference of chapter {} cannot be built: {} {}",
                                chapter.number(), ours.problem, ours.details));
  for (const char* words : {"No space left", "quota", "bwrap", "Cannot allocate", "Input/output"})
    if (built.details.find(words) != std::string::npos)  // and meanwhile there is room again?
      return build_worker(config_, chapter, submission.source, folder, mode_);
  return built;
}

// "Behaves like", within its time; the known mistakes that it needs are built before.
std::vector<std::string> Grader::diagnose_within(const GradedChapter& chapter, const TestRun& run,
                                                 const Asked& submission) {
  std::set<std::string> failed;
  for (const TestRecord& test : run.tests)
    if (!test.passed) failed.insert(test.name);
  const ChapterWorkers known = mutants_.of(chapter, failed);
  const wire::Budget budget(kDiagnosisTime);
  try {
    return diagnose(known, run.tests, submission);
  } catch (const wire::OutOfTime&) {
    return {};
  }
}

Grade Grader::judge(const Submission& submission, Grade grade) {
  const GradedChapter& chapter = *submission.chapter;
  const auto failed = [&](const std::string& problem) {
    grade.verdict = Verdict::grader_error;
    grade.problem = problem;
    return grade;
  };
  if (check_first_ && !self_check(chapter).empty()) return failed(self_check(chapter));
  const TemporaryFolder folder;
  const BuiltWorker built = build(submission, folder.path());
  TestRun run;
  if (built.ok) run = run_all(chapter, folder.path(), built, {mode_, grade.seed});
  if (!built.ok || !run.error.empty() || score_of(run.tests) != 100) {
    // Whose fault is it? Only a grader that gives the reference its 100 may say.
    const std::string broken = self_check(chapter);
    if (!broken.empty() || !run.error.empty()) return failed(broken.empty() ? run.error : broken);
  }
  grade.verdict = built.ok ? Verdict::graded : Verdict::refused;
  grade.problem = built.problem;
  grade.details = built.details;
  for (TestRecord& test : run.tests) {
    if (test.points == 0) test.points = points_of(chapter, test.name);
    grade.tests.push_back(outcome_of(test));
  }
  grade.score = score_of(run.tests);
  if (built.ok && grade.score < 100)
    grade.behaves_like = diagnose_within(chapter, run, {folder.path() / "worker", mode_});
  return grade;
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
    return judge(submission, grade);
  } catch (const std::exception& error) {
    grade.verdict = Verdict::grader_error;
    grade.problem = clean_line(error.what());
    return grade;
  }
}

}  // namespace gradus
