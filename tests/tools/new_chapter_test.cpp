// What ./gradus new finds in the texts of a chapter, and what it makes.
#include <gtest/gtest.h>

#include "grading/base/files.hpp"
#include "tests/tools/new_chapter/lacks.hpp"
#include "tests/tools/new_chapter/make.hpp"

namespace gradus {
namespace {

using Words = std::vector<std::string>;
const ChapterNames hyper = {"12_hyper_parameters", "12", "hyper_parameters"};

TEST(ChapterNames, AreTwoDigitsAndSmallLetters) {
  EXPECT_EQ(chapter_names("12_hyper_parameters").number, "12");
  EXPECT_EQ(chapter_names("12_hyper_parameters").name, "hyper_parameters");
  for (const char* bad : {"", "12", "12_", "1_x", "12 x", "12_hyper parameters", "12_Hyper",
                          "hyper", "123_x", "12_x/../y", "12_é", "12_x\n", "12_3d"})
    EXPECT_THROW(chapter_names(bad), ToolError) << bad;
}

TEST(DeclaredFunctions, AreThoseThatSomebodyMustWrite) {
  const std::string header = R"(
#pragma once
#define SQUARE(x) ((x) * (x))
namespace gradus {
// A comment (with parentheses); and a second one;
/* int hidden(int); */
struct Fit {
  Matrix w;
  int size() const;
  Scalar rate = limit(3);
};
enum class Kind { a, b };
inline constexpr int most = count(7);
inline int twice(int x) { return 2 * x; }
std::vector<std::vector<int>> batches(int samples,
                                      Random& random);  // of an epoch (03)
Scalar loss(const Fit& fit, Scalar from = 0, const std::vector<Matrix>& masks = {});
Scalar loss(const Matrix& x);
namespace inner {
void step(Matrix& w);
}
}  // namespace gradus
)";
  EXPECT_EQ(declared_functions(header), (Words{"batches", "loss", "step"}));
}

TEST(GradedFunctions, AreTheSecondWordOfEachLine) {
  EXPECT_EQ(graded_functions("GRADUS_STRUCT(Fit, w, b)\n"
                             "GRADUS_FUNCTION(std::vector<std::vector<int>>, batches, (int n), n)\n"
                             "GRADUS_FUNCTION(Scalar, loss,\n    (const Fit& fit),\n fit)\n"),
            (Words{"batches", "loss"}));
}

TEST(Points, AreAddedUp) {
  EXPECT_EQ(sum_of_points("TEST(A, B) {\n  points(60);\n}\nTEST(A, C) {\n  points(5);\n"), 65);
  EXPECT_EQ(sum_of_points("all_points(7); points(n)"), 0);
}

TEST(Changelog, TellsOfAChapterByItsNumber) {
  const std::string changelog =
      "# Changelog\n\n- Chapters 01 perceptron, 02 XOR,\n  and 11 MNIST in a first form.\n"
      "- `matmul` is 1.12 times as fast, 07 times.\n- Chapter 10. Chapter 09: 3.08\n";
  for (const char* told : {"01", "02", "11", "10", "09"}) EXPECT_TRUE(tells_of(changelog, told));
  for (const char* untold : {"12", "07", "08", "03"}) EXPECT_FALSE(tells_of(changelog, untold));
}

TEST(Sections, MustStandInTheirOrder) {
  const std::string page =
      "## The question\n## The mathematics\n## The code\n## What it prints\n## The figures\n"
      "## Where the notes are silent\n## Try it yourself\n## A proof\n## Where it leads\n";
  EXPECT_EQ(missing_sections(page), Words{});
  EXPECT_EQ(missing_sections("## The code\n" + page), Words{});
  const std::string early = "## Where it leads\n" + page.substr(0, page.find("## Where it leads"));
  EXPECT_EQ(missing_sections(early), Words{"Where it leads"});
  EXPECT_EQ(missing_sections("# The question\n").size(), 8u);
}

TEST(Templates, GetTheChaptersNames) {
  EXPECT_EQ(filled("@NUMBER@ @FOLDER@ @NAME@ @SUITE@Claims", hyper),
            "12 12_hyper_parameters hyper_parameters HyperParametersClaims");
  EXPECT_EQ(filled("@NUMBER@ @TITLE@\n@UNDERLINE@", hyper),
            "12 hyper parameters\n===================");
}

TEST(CMakeLine, StandsAfterTheChaptersOfSmallerNumbers) {
  const std::string first = "# gradus_chapter(NN_name)\nproject(x)\ngradus_chapter(01_a FLOAT)\n",
                    second = "gradus_chapter(11_b\n               USES 01_a)\n",
                    third = "gradus_chapter(13_c)\n", rest = "gradus_float_tests()\n";
  const std::string line = "gradus_chapter(12_hyper_parameters FLOAT)\n";
  EXPECT_EQ(with_chapter(first + second + third + rest, hyper),
            first + second + line + third + rest);
  EXPECT_EQ(with_chapter(first + rest, hyper), first + line + rest);
  EXPECT_EQ(with_chapter("project(x)\n" + third + rest, hyper),
            "project(x)\n" + line + third + rest);
  EXPECT_THROW(with_chapter("project(x)\n", hyper), ToolError);
}

}  // namespace
}  // namespace gradus
