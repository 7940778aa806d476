#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "grading/clean.hpp"
#include "grading/report.hpp"

namespace gradus {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// Above the tests: the stamp, the problem, what it behaves like, the seed.
std::string summary(const Grade& grade) {
  std::string text;
  if (grade.unsafe) text += std::string(kUnsafeStamp) + "\n";
  if (grade.verdict == Verdict::grader_error) text += "grader_error: no score\n";
  if (!grade.problem.empty()) text += clean_line(grade.problem) + "\n";
  if (!grade.details.empty()) text += clean(grade.details) + "\n";
  for (const std::string& line : grade.behaves_like)
    text += "behaves like: " + clean_line(line) + "\n";
  return text + fmt::format("chapter {}, seed {}", grade.chapter, grade.seed);
}

}  // namespace

// https://gradescope-autograders.readthedocs.io/en/latest/specs/
std::string report_gradescope(const Grade& grade) {
  ordered_json json;
  // Without a score Gradescope takes the sum of the tests: a grader that failed writes neither, and
  // Gradescope then shows "the autograder failed to execute correctly".
  if (grade.verdict != Verdict::grader_error) json["score"] = grade.score;
  json["output"] = summary(grade);
  json["output_format"] = "text";
  json["test_output_format"] = "text";
  json["test_name_format"] = "text";
  if (grade.verdict == Verdict::grader_error) return dump(json);
  json["tests"] = ordered_json::array();
  for (const TestOutcome& test : grade.tests)
    json["tests"].push_back({{"name", clean_line(test.name)},
                             {"score", test.passed ? test.points : 0},
                             {"max_score", test.points},
                             {"status", test.passed ? "passed" : "failed"},
                             {"output", clean(test.message, 6, 200)}});
  return dump(json);
}

// https://exercism.org/docs/building/tooling/test-runners/interface
std::string report_exercism(const Grade& grade) {
  ordered_json json;
  json["version"] = 3;
  const bool ran = grade.verdict == Verdict::graded;
  json["status"] = !ran ? "error" : grade.score == grade.out_of ? "pass" : "fail";
  // Not shown when tests ran, except as the message of each below.
  if (!ran || grade.unsafe) json["message"] = summary(grade);
  json["tests"] = ordered_json::array();
  std::string hint;
  for (const std::string& line : grade.behaves_like) hint += "\nbehaves like: " + clean_line(line);
  for (const TestOutcome& test : grade.tests) {
    ordered_json entry = {{"name", clean_line(test.name)},
                          {"status", test.passed ? "pass" : "fail"},
                          {"test_code", ""}};
    if (!test.passed) entry["message"] = clean(test.message, 6, 200) + hint;
    json["tests"].push_back(entry);
  }
  return dump(json);
}

}  // namespace gradus
