// A class in a folder: correct, wrong and hostile submissions, a row each, the same rows however
// many are graded at a time.
//
// GRADUS_CLASS in the environment sets the size of the class.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "grading/sandbox.hpp"
#include "tests/grading/attack.hpp"
#include "tests/tools/mutation.hpp"

namespace gradus {
namespace {

std::size_t class_size() {
  const char* text = std::getenv("GRADUS_CLASS");
  return text == nullptr ? 3 : static_cast<std::size_t>(std::max(3, std::atoi(text)));
}

// A correct one, a wrong one and an attack in turn, over all chapters, mutants and attacks.
std::vector<Submission> make_class(const GradingConfig& config, std::size_t size) {
  const std::vector<Attack> attacks = load_attacks(config);
  std::vector<Submission> all;
  for (std::size_t i = 0; all.size() < size; ++i) {
    const GradedChapter& chapter = config.chapters[i % config.chapters.size()];
    const std::string reference = read_text(config.reference(chapter));
    Submission correct{"correct", reference, "", &chapter};
    const std::vector<Mutant> mutants = load_mutants(config.mutants(chapter));
    Submission wrong{"wrong", apply_mutant(reference, mutants[(7 * i) % mutants.size()]), "",
                     &chapter};
    const Attack& attack = attacks[(7 * i) % attacks.size()];
    Submission hostile = submission_of(config, attack);
    if (attack.score == "100") hostile.name = "harmless_and_correct";
    for (const Submission& one : {correct, wrong, hostile})
      if (all.size() < size) all.push_back(one);
  }
  return all;
}

std::string grade_class(const std::filesystem::path& folder, int jobs) {
  const TemporaryFolder place;
  const std::filesystem::path file = place.path() / "grades.csv";
  Command command;
  command.argv = {
      GRADUS_GRADE, "--batch", "--seed",   "5",           "--jobs",       fmt::format("{}", jobs),
      "--format",   "csv",     "--output", file.string(), folder.string()};
  command.deadline = std::chrono::hours(2);
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome.output;
  return outcome.ok() ? read_text(file) : "";
}

TEST(Class, HasTheSameRowsForOneAndTwoJobs) {
  const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  std::string complaint;
  if (find_sandbox(complaint).empty()) GTEST_SKIP() << "no bubblewrap here";
  const TemporaryFolder folder;
  const std::vector<Submission> submissions = make_class(config, class_size());
  for (std::size_t i = 0; i < submissions.size(); ++i)
    write_text(folder.path() / fmt::format("{:03}_{}", i, submissions[i].name) /
                   submissions[i].chapter->file,
               submissions[i].source);
  const std::string rows = grade_class(folder.path(), 1);
  EXPECT_EQ(rows, grade_class(folder.path(), 2));

  std::istringstream lines(rows);
  std::string line;
  std::getline(lines, line);  // the heading
  std::size_t count = 0;
  for (; std::getline(lines, line); ++count) {
    const bool correct = line.find("_correct\"") != std::string::npos;
    EXPECT_EQ(line.find("graded,100,") != std::string::npos, correct) << line;
    EXPECT_EQ(line.find("grader_error"), std::string::npos) << line;
  }
  EXPECT_EQ(count, submissions.size());
}

}  // namespace
}  // namespace gradus
