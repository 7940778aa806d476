#include <fmt/format.h>

#include "grading/clean.hpp"
#include "grading/report.hpp"

namespace gradus {
namespace {

std::string indented(const std::string& text, const char* margin) {
  std::string result = margin;
  for (char c : text) {
    result += c;
    if (c == '\n') result += margin;
  }
  return result + "\n";
}

}  // namespace

std::string report_text(const Grade& grade) {
  std::string text = fmt::format("{}  chapter {}  seed {}\n", clean_line(grade.name, 80),
                                 grade.chapter.empty() ? "?" : grade.chapter, grade.seed);
  if (grade.unsafe) text += fmt::format("{}\n", kUnsafeStamp);
  text += "\n";
  for (const TestOutcome& test : grade.tests) {
    text += fmt::format("  {:<4} {:>3}/{:<3} {}\n", test.passed ? "ok" : "no",
                        test.passed ? test.points : 0, test.points, clean_line(test.name));
    if (!test.message.empty()) text += indented(clean(test.message, 6, 200), "               ");
  }
  if (!grade.problem.empty()) text += fmt::format("  {}\n", clean_line(grade.problem));
  if (!grade.details.empty()) text += indented(clean(grade.details), "    | ");
  if (!grade.behaves_like.empty()) text += "\n";
  for (const std::string& line : grade.behaves_like)
    text += fmt::format("  behaves like: {}\n", clean_line(line));
  if (grade.verdict == Verdict::grader_error) return text + "\n  grader_error: no score\n";
  return text + fmt::format("\n  {} of {} points\n", grade.score, grade.out_of);
}

}  // namespace gradus
