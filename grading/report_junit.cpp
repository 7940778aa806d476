#include <fmt/format.h>

#include <algorithm>

#include "grading/clean.hpp"
#include "grading/report.hpp"

namespace gradus {
namespace {

std::string attribute(const std::string& text) { return escape_xml(clean_line(text)); }

std::string property(const char* name, const std::string& value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, attribute(value));
}

std::string suite(const Grade& grade) {
  const bool ran = grade.verdict == Verdict::graded;
  const auto failed = std::ranges::count(grade.tests, false, &TestOutcome::passed);
  std::string text = fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n    <properties>\n",
      attribute(grade.name), grade.tests.size() + (ran ? 0 : 1), failed, ran ? 0 : 1);
  text += property("chapter", grade.chapter);
  text += property("verdict", to_string(grade.verdict));
  if (grade.verdict != Verdict::grader_error)
    text += property("score", std::to_string(grade.score));
  text += property("seed", std::to_string(grade.seed));
  if (grade.unsafe) text += property("unsafe", kUnsafeStamp);
  for (const std::string& line : grade.behaves_like) text += property("behaves_like", line);
  text += "    </properties>\n";
  if (!ran)
    text += fmt::format(
        "    <testcase name=\"submission\"><error message=\"{}\">{}</error></testcase>\n",
        attribute(grade.problem), escape_xml(clean(grade.details)));
  for (const TestOutcome& test : grade.tests) {
    text += fmt::format("    <testcase name=\"{}\"", attribute(test.name));
    text += test.passed
                ? "/>\n"
                : fmt::format("><failure message=\"{}\"/></testcase>\n", attribute(test.message));
  }
  return text + "  </testsuite>\n";
}

}  // namespace

std::string report_junit(const std::vector<Grade>& grades) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Grade& grade : grades) text += suite(grade);
  return text + "</testsuites>\n";
}

}  // namespace gradus
