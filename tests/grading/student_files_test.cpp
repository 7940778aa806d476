// The student's files: hints from stubs, scores, chapters, what an editor needs.
#include <gtest/gtest.h>

#include <algorithm>

#include "grading/base/files.hpp"
#include "grading/student/editor.hpp"
#include "grading/student/progress.hpp"
#include "grading/student/stub_hints.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using Lines = std::vector<std::string>;

// A project of two chapters, with a space, a # and Korean letters in its path.
class StudentFiles : public ::testing::Test {
 protected:
  StudentFiles() : root_(temporary_.path() / "my # 단계") {
    make_chapter("01_first", "one");
    make_chapter("02_second", "second");
  }

  void make_chapter(const std::string& folder, const std::string& name) const {
    const fs::path chapter = root_ / "chapters" / folder;
    write_text(chapter / "stub.cpp", "// Write.\n\n#include \"chapters/" + folder + "/" + name +
                                         ".hpp\"\n#include \"common/require.hpp\"\n");
    write_text(chapter / "main.cpp",
               "// 01: what " + name + " is.      docs/" + folder + ".md\n#include <x>\n");
    write_text(chapter / "experiment.cpp", "");
  }
  Project project(const std::string& work = "") const { return find_project(root_, work); }

  TemporaryFolder temporary_;
  fs::path root_;
};

TEST_F(StudentFiles, ChaptersAreFoundByNumberAndByName) {
  const Project project = this->project();
  ASSERT_EQ(project.chapters.size(), 2u);
  for (const char* wanted : {"1", "01", "01_first"})
    EXPECT_EQ(find_chapter(project, wanted).folder, "01_first");
  EXPECT_EQ(project.chapters[0].name, "one");
  EXPECT_EQ(project.chapters[0].title, "what one is");
  for (const char* wanted : {"", "3", "001", "first"})
    EXPECT_THROW(find_chapter(project, wanted), ToolError) << wanted;
}

// Tests too, whichever checkout ccache compiled them for.
TEST_F(StudentFiles, AreNamedFromTheFolderOfTheProject) {
  EXPECT_STREQ(__FILE__, "tests/grading/student_files_test.cpp");
  const Project project = this->project();
  EXPECT_EQ(shown(project, project.root / __FILE__), __FILE__);
}

TEST_F(StudentFiles, AreInWorkOrWhereTheStudentSays) {
  const Project inside = project(), outside = project(temporary_.path() / "mine"),
                relative = project("./other/");
  const Chapter& chapter = inside.chapters[0];
  EXPECT_EQ(shown(inside, student_file(inside, chapter)), "work/01_first/one.cpp");
  EXPECT_EQ(shown(relative, student_file(relative, chapter)), "other/01_first/one.cpp");
  EXPECT_EQ(shown(outside, student_file(outside, chapter)),
            (temporary_.path() / "mine/01_first/one.cpp").string());
}

TEST_F(StudentFiles, TheBestScoreStays) {
  const fs::path folder = root_ / "work";
  EXPECT_FALSE(best_score(folder));
  for (int points : {30, 80, 0, 79}) keep_score(folder, {points, 100});
  EXPECT_EQ(best_score(folder)->points, 80);
  EXPECT_EQ(read_text(folder / ".score"), "best 80 of 100\nlast 79 of 100\n");
  for (const char* damaged : {"", "best", "best 101 of 100\n", "best -1 of 100\n", "\xff\xfe"}) {
    write_text(folder / ".score", damaged);
    EXPECT_FALSE(best_score(folder)) << damaged;
  }
  keep_score(folder, {5, 100});
  EXPECT_EQ(best_score(folder)->points, 5);
}

TEST_F(StudentFiles, WhatComesNextFollowsFromWhatIsDone) {
  const Project project = this->project();
  const Chapter &first = project.chapters[0], &second = project.chapters[1];
  EXPECT_EQ(next_chapter(project), &first);
  EXPECT_EQ(command_for(project, first), "./gradus start 01");
  write_text(student_file(project, second), "");
  EXPECT_EQ(next_chapter(project), &second) << "what is started";
  EXPECT_EQ(command_for(project, second), "./gradus check 02");
  write_text(student_file(project, first), "");
  keep_score(student_file(project, first).parent_path(), {100, 100});
  EXPECT_EQ(next_chapter(project, &first), &second);
  keep_score(student_file(project, second).parent_path(), {100, 100});
  EXPECT_EQ(next_chapter(project), nullptr);
}

TEST_F(StudentFiles, TheRunCommandQuotesWhatAShellWouldSplit) {
  EXPECT_EQ(run_command(project(), project().chapters[0]), "./gradus run 01 --with work");
  EXPECT_EQ(run_command(project("my work"), project().chapters[0]),
            "./gradus run 01 --with \"my work\"");
}

TEST_F(StudentFiles, AnEditorIsToldOnce) {
  tell_editor(project());
  const std::string inside = read_text(root_ / "work/compile_flags.txt");
  EXPECT_TRUE(inside.starts_with("-std=c++20\n")) << inside;
  EXPECT_TRUE(inside.ends_with("\n-I..\n")) << inside;
  const std::string mine = temporary_.path() / "mine";
  tell_editor(project(mine));
  EXPECT_TRUE(read_text(mine + "/compile_flags.txt").ends_with("\n-I" + root_.string() + "\n"));
  write_text(mine + "/compile_flags.txt", "the student's\n");
  tell_editor(project(mine));
  EXPECT_EQ(read_text(mine + "/compile_flags.txt"), "the student's\n");
}

// ---- stubs ----

std::string names_in(const std::string& source) {
  std::string names;
  for (const StubFunction& function : stub_functions(source)) names += function.name + " ";
  return names;
}

TEST(StubHints, BelongToTheFunctionsBelowThem) {
  const auto functions = stub_functions(
      "// Write these.\n\n"
      "// Hint: one line,\r\n// and another.\r\n// Hint: a second hint.\r\n"
      "int f(int) { throw NotImplemented(\"f\"); }\r\n"
      "Matrix g(const Matrix&,\n         int) {\n  throw NotImplemented(\"g\");\n}\n\n"
      "// Not a hint.\nvoid h() { throw NotImplemented(\"h\"); }\n"
      "// Hint: of k.\nvoid k() {\n  throw NotImplemented (\n \"k\");\n}");
  ASSERT_EQ(functions.size(), 4u);
  const Lines shared = {"one line, and another.", "a second hint."};
  EXPECT_EQ(functions[0].hints, shared);
  EXPECT_EQ(functions[1].name, "g");
  EXPECT_EQ(functions[1].hints, shared);
  EXPECT_EQ(functions[2].hints, Lines{});
  EXPECT_EQ(functions[3].hints, Lines{"of k."});
}

TEST(StubHints, CommentsAndTextsAreNoFunctions) {
  EXPECT_EQ(names_in("// throw NotImplemented(\"a\");\n/* NotImplemented(\"b\")\n */ int x;"), "");
  EXPECT_EQ(
      names_in("auto t = \"NotImplemented(\\\"a\\\")\"; auto r = R\"x(NotImplemented(\"b\"))x\";"),
      "");
  EXPECT_EQ(names_in("int n = 1'000; char q = '\"'; throw NotImplemented(\"c\");"), "c ");
  EXPECT_EQ(names_in("NotImplemented; (\"d\"); f(\"e\");"), "");
}

TEST(StubHints, WhatIsCutOffDoesNoHarm) {
  const std::string whole =
      "// Hint: x\nint f() { throw NotImplemented(\"f\\n\"); } /* */ R\"(a)\" '\\''";
  for (std::size_t size = 0; size <= whole.size(); ++size)
    EXPECT_LE(stub_functions(whole.substr(0, size)).size(), 1u);
}

TEST(StubHints, EveryFunctionOfEveryStubHasSome) {
  int stubs = 0;
  for (const auto& chapter : fs::directory_iterator(fs::path(GRADUS_ROOT) / "chapters")) {
    const std::string source = read_text(chapter.path() / "stub.cpp");
    const auto functions = stub_functions(source);
    EXPECT_FALSE(functions.empty()) << chapter.path();
    for (const StubFunction& function : functions)
      EXPECT_FALSE(function.hints.empty()) << chapter.path() << ": " << function.name;
    std::size_t written = 0;
    for (std::size_t at = 0; (at = source.find("NotImplemented(\"", at)) != std::string::npos; ++at)
      ++written;
    EXPECT_EQ(functions.size(), written) << chapter.path();
    ++stubs;
  }
  EXPECT_GE(stubs, 11);
}

}  // namespace
}  // namespace gradus
