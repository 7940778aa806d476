// One submission from its text to its grade.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "grading/build.hpp"
#include "grading/config.hpp"
#include "grading/diagnose.hpp"
#include "grading/mutant_workers.hpp"
#include "grading/run_tests.hpp"
#include "grading/submission.hpp"

namespace gradus {

// graded: the tests ran. refused: nothing that could be run was handed in, and that is worth 0.
// grader_error: the grader could not do its work; there is no score.
enum class Verdict { graded, refused, grader_error };
std::string to_string(Verdict verdict);

struct TestOutcome {
  std::string name;
  int points = 0;
  bool passed = false;
  std::string message;  // the first failure
};

struct Grade {
  std::string name, chapter;
  Verdict verdict = Verdict::grader_error;
  int score = 0, out_of = 100;
  std::uint32_t seed = 0;
  std::string problem, details;  // of refused and grader_error
  std::vector<TestOutcome> tests;
  std::vector<std::string> behaves_like;
  bool unsafe = false;
};

class Grader {
 public:
  // With `check_first` even a full score counts only after the chapter's self_check. With `sample` only
  // those mutants of a list are known whose place it says yes to: for tests of other things.
  Grader(const GradingConfig& config, const std::string& mode, bool check_first = false,
         Sample sample = {});

  // Never throws: what goes wrong is in the verdict.
  Grade grade(const Submission& submission, std::uint32_t seed);

  // The reference must score 100 and the stub 0; what is wrong otherwise. Once a chapter and run.
  std::string self_check(const GradedChapter& chapter);

  // Builds the workers of all of the chapter's mutants, which failing submissions need.
  std::size_t known_mistakes(const GradedChapter& chapter) {
    return mutants_.all_of(chapter).mutants.size();
  }

 private:
  Grade judge(const Submission& submission, Grade grade);
  BuiltWorker build(const Submission& submission, const std::filesystem::path& folder);
  std::vector<std::string> diagnose_within(const GradedChapter& chapter, const TestRun& run,
                                           const Asked& submission);
  std::string check(const GradedChapter& chapter);
  int points_of(const GradedChapter& chapter, const std::string& test);

  const GradingConfig& config_;
  std::string mode_;
  bool check_first_;
  MutantWorkers mutants_;
  std::mutex mutex_;
  std::map<std::string, std::string> checked_;
  std::map<std::string, std::map<std::string, int>> points_;  // chapter → test → points
};

}  // namespace gradus
