#include <fmt/format.h>

#include "grading/clean.hpp"
#include "grading/report.hpp"

namespace gradus {

std::string csv_heading() {
  return "submission,chapter,verdict,score,seed,failed,behaves_like,problem,unsafe\n";
}

std::string csv_row(const Grade& grade) {
  std::string failed, like;
  for (const TestOutcome& test : grade.tests)
    if (!test.passed) failed += (failed.empty() ? "" : " ") + test.name;
  for (const std::string& line : grade.behaves_like) like += (like.empty() ? "" : " | ") + line;
  const auto field = [](const std::string& value) { return escape_csv(clean_line(value, 1000)); };
  // No score at all where the grader failed: an empty field is no 0.
  const bool scored = grade.verdict != Verdict::grader_error;
  return fmt::format("{},{},{},{},{},{},{},{},{}\n", field(grade.name), field(grade.chapter),
                     to_string(grade.verdict), scored ? std::to_string(grade.score) : "",
                     grade.seed, field(failed), field(like), field(grade.problem),
                     grade.unsafe ? "UNSAFE" : "");
}

std::string report_csv(const std::vector<Grade>& grades) {
  std::string text = csv_heading();
  for (const Grade& grade : grades) text += csv_row(grade);
  return text;
}

}  // namespace gradus
