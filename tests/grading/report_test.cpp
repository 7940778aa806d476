// Reports of grades in which every text is hostile.
#include "grading/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gradus {
namespace {

using nlohmann::json;

const char* const kHostile = "=cmd()|x\x1b[2J<script>alert(1)</script>]]>\"&\xff\r\n@SUM(1)";

Grade hostile() {
  Grade grade;
  grade.name = kHostile;
  grade.chapter = "01_perceptron";
  grade.verdict = Verdict::graded;
  grade.score = 40;
  grade.seed = 7;
  grade.tests = {{"Step.IsRight", 40, true, ""}, {"Step.IsWrong", 60, false, kHostile}};
  grade.behaves_like = {"the step compares with 0"};
  return grade;
}

bool has_control(const std::string& text) {
  return std::ranges::any_of(text,
                             [](unsigned char c) { return (c < 32 && c != '\n') || c == 127; });
}

TEST(Report, TextNamesTheMistakeAndTheScore) {
  const std::string text = report_text(hostile());
  EXPECT_FALSE(has_control(text));
  EXPECT_NE(text.find("behaves like: the step compares with 0"), std::string::npos);
  EXPECT_NE(text.find("40 of 100 points"), std::string::npos);
  EXPECT_NE(text.find("seed 7"), std::string::npos);
}

TEST(Report, GradescopeAddsUp) {
  const json report = json::parse(report_gradescope(hostile()));
  EXPECT_EQ(report.at("score"), 40);
  int sum = 0;
  for (const json& test : report.at("tests")) sum += test.at("score").get<int>();
  EXPECT_EQ(sum, 40);
  EXPECT_FALSE(has_control(report.dump()));
  EXPECT_EQ(report.at("output_format"), "text");
}

TEST(Report, ExercismIsOfVersionThree) {
  const json report = json::parse(report_exercism(hostile()));
  EXPECT_EQ(report.at("version"), 3);
  EXPECT_EQ(report.at("status"), "fail");
  EXPECT_EQ(report.at("tests").at(0).at("status"), "pass");
  EXPECT_NE(report.at("tests").at(1).at("message").get<std::string>().find("behaves like"),
            std::string::npos);
}

TEST(Report, JunitHoldsNoMarkupOfOthers) {
  const std::string report = report_junit({hostile()});
  EXPECT_FALSE(has_control(report));
  EXPECT_EQ(report.find("<script"), std::string::npos);
  EXPECT_EQ(report.find("]]>"), std::string::npos);
  EXPECT_NE(report.find("failures=\"1\""), std::string::npos);
}

TEST(Report, CsvIsOneLineAGradeWithoutFormulas) {
  const std::string report = report_csv({hostile(), hostile()});
  EXPECT_EQ(std::ranges::count(report, '\n'), 3);
  EXPECT_NE(report.find("\n\"'=cmd()|x"), std::string::npos);
}

TEST(Report, AGraderThatFailedGivesNoScore) {
  Grade grade = hostile();
  grade.verdict = Verdict::grader_error;
  grade.tests.clear();
  grade.problem = "no sandbox";
  EXPECT_FALSE(json::parse(report_gradescope(grade)).contains("score"));
  EXPECT_EQ(json::parse(report_exercism(grade)).at("status"), "error");
  EXPECT_NE(report_csv({grade}).find(",grader_error,,"), std::string::npos);
  EXPECT_EQ(report_text(grade).find("of 100 points"), std::string::npos);
  EXPECT_NE(report_junit({grade}).find("errors=\"1\""), std::string::npos);
}

TEST(Report, UnsafeIsStampedOnAll) {
  Grade grade = hostile();
  grade.unsafe = true;
  for (const std::string& report :
       {report_text(grade), report_gradescope(grade), report_exercism(grade), report_junit({grade}),
        report_csv({grade})})
    EXPECT_NE(report.find("UNSAFE"), std::string::npos) << report;
}

}  // namespace
}  // namespace gradus
