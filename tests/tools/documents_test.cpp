// The document checker, tried on made-up pages.
#include <gtest/gtest.h>

#include "grading/base/files.hpp"
#include "tests/tools/tools_fixture.hpp"
#include "tests/tools/transcript.hpp"

namespace gradus {
namespace {

struct Checked {
  int exit_code = 0;
  std::string output;
  std::string page;  // afterwards
};

Checked check(const std::string& page, const std::vector<std::string>& options = {}) {
  const TemporaryFolder folder;
  write_text(folder.path() / "page.md", page);
  std::vector<std::string> arguments = {"--root", folder.path().string(), "page.md"};
  append(arguments, options);
  const Outcome outcome = run_tool("documents", arguments);
  return {outcome.exit_code, outcome.output, read_text(folder.path() / "page.md")};
}

Checked check_block(const std::string& lines, const std::string& info = "console") {
  return check("```" + info + "\n" + lines + "```\n");
}

TEST(Documents, AreAsPrinted) {
  const Checked checked = check(
      "# Title\n```console\n$ echo one; echo two >&2  \none\ntwo  \n\n"
      "$ echo $GRADUS_DOCUMENTS; ls\n1\npage.md\n$ true\n```\n");
  EXPECT_EQ(checked.output, "3 commands in 1 files: all as printed\n");
  EXPECT_EQ(checked.exit_code, 0);
}

TEST(Documents, ShowTheFirstDifference) {
  const Checked checked = check_block("$ seq 9\n1\n2\n3\n4\n5\nsix\n7\n8\n9\n");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_EQ(checked.output,
            "page.md:2: $ seq 9\n"
            "  prints something else from line 8 on (- expected, + got)\n"
            "      4\n      5\n"
            "    - six\n    - 7\n    - 8\n    - 9\n"
            "    + 6\n    + 7\n    + 8\n    + 9\n"
            "1 commands in 1 files: 1 differ\n");
}

TEST(Documents, WantNeitherMoreNorFewerLines) {
  EXPECT_EQ(check_block("$ seq 2\n1\n").exit_code, 1);
  EXPECT_EQ(check_block("$ seq 2\n1\n2\n3\n").exit_code, 1);
  EXPECT_EQ(check_block("$ echo\n").exit_code, 0);  // blanks at the end do not count
  EXPECT_EQ(check_block("$ echo x\n").exit_code, 1);
}

TEST(Documents, LetDotsStandForAnyLines) {
  EXPECT_EQ(check_block("$ seq 9\n1\n...\n9\n").exit_code, 0);
  EXPECT_EQ(check_block("$ seq 2\n1\n...\n2\n...\n").exit_code, 0);
  EXPECT_EQ(check_block("$ seq 9\n...\n3\n4\n...\n9\n").exit_code, 0);
  EXPECT_EQ(check_block("$ printf 'a\\nb\\na\\nc\\n'\n...\na\nc\n").exit_code, 0);
  EXPECT_EQ(check_block("$ seq 9\n1\n...\n8\n").exit_code, 1);
  EXPECT_EQ(check_block("$ seq 9\n...\n4\n3\n...\n").exit_code, 1);
}

TEST(Documents, RefuseABlockThatExpectsNothing) {
  EXPECT_EQ(check_block("$ seq 9\n...\n").exit_code, 2);
  EXPECT_EQ(check_block("$ seq 9\n...\n$ seq 2\n1\n2\n").exit_code, 0);
  EXPECT_EQ(check_block("no command\n").exit_code, 2);
  EXPECT_EQ(check_block("").exit_code, 2);
}

TEST(Documents, LetNumbersDifferWithinAFraction) {
  const std::string line = "$ echo 'loss -1.005e-3,  at 99.2% of sha256'\n";
  EXPECT_EQ(check_block(line + "loss -1.0e-3, at 100% of sha256\n", "console within=1%").exit_code,
            0);
  EXPECT_EQ(check_block(line + "loss -1.0e-3, at 100% of sha256\n").exit_code, 1);
  EXPECT_EQ(
      check_block(line + "loss -1.0e-3, at 100% of sha256\n", "console within=0.1%").exit_code, 1);
  EXPECT_EQ(check_block("$ echo x\nx\n", "console within=1").exit_code, 2);
  EXPECT_EQ(check_block("$ echo x\nx\n", "console wihtin=1%").exit_code, 2);
}

TEST(Documents, CompareNumbersAsNumbersOnly) {
  EXPECT_TRUE(same_line("a 100", "a 101", 0.01));
  EXPECT_FALSE(same_line("a 100", "a 102", 0.01));
  EXPECT_FALSE(same_line("a 100", "b 100", 0.01));
  EXPECT_FALSE(same_line("a256", "a257", 0.01));  // a name
  EXPECT_FALSE(same_line("100", "100 100", 0.01));
  EXPECT_FALSE(same_line("100", "-100", 0.01));
  EXPECT_FALSE(same_line("0", "0.001", 0.01));
  EXPECT_FALSE(same_line("100", "nan", 0.01));
  EXPECT_TRUE(same_line("nan", "nan", 0.01));
  EXPECT_TRUE(same_line("1e999", "1e999", 0.01));
  EXPECT_FALSE(same_line("1e999", "5", 0.01));
  EXPECT_TRUE(same_line("| 99.5 |", "|  100.1 |", 0.01));  // wider
}

TEST(Documents, ExpectAnExitStatus) {
  EXPECT_EQ(check_block("$ echo x; exit 2\nx\n").exit_code, 1);
  EXPECT_EQ(check_block("$ echo x; exit 2\nx\n", "console exit=2").exit_code, 0);
  EXPECT_EQ(check_block("$ echo x\nx\n", "console exit=2").exit_code, 1);
  EXPECT_EQ(check_block("$ echo x\nx\n", "console exit=999").exit_code, 2);
}

TEST(Documents, StopACommandAtItsDeadline) {
  const Checked checked = check("```console\n$ echo x; sleep 60\nx\n```\n", {"--deadline", "1"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_TRUE(has_text(checked.output, "no end within 1 s")) << checked.output;
}

TEST(Documents, PassOverOtherFences) {
  const std::string wrong = "```console\n$ false\n```\n";
  EXPECT_EQ(check("```sh\n$ false\n```\n").output,
            "page.md: no console block\n0 commands in 1 files: all as printed\n");
  EXPECT_EQ(check("````markdown\n" + wrong + "````\n").exit_code, 0);
  EXPECT_EQ(check("~~~\n" + wrong + "~~~\n").exit_code, 0);
  EXPECT_EQ(check("````\n" + wrong + "````\n" + wrong).exit_code, 1);
  EXPECT_EQ(check("Write ```console``` to begin.\n```inline``` code\n").exit_code, 0);
}

TEST(Documents, FindBlocksInListsAndLongerFences) {
  const Checked list =
      check("1. Do:\n\n   ```console\n   $ printf 'a\\n  b\\n'\n   a\n     b\n   ```\n");
  EXPECT_EQ(list.output, "1 commands in 1 files: all as printed\n");
  EXPECT_EQ(check("````console\n$ echo '```'\n```\n````\n").exit_code, 0);
  EXPECT_EQ(check("> ```console\n> $ false\n> ```\n").exit_code, 2);
}

TEST(Documents, RefuseAnUnclosedFence) {
  const Checked checked = check("text\n\n```sh\n$ true\n");
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_TRUE(has_text(checked.output, "page.md:3: this fence is never closed"));
  EXPECT_EQ(check("````console\n$ true\n```\n").exit_code, 2);
}

TEST(Documents, AreUpdatedInPlace) {
  const std::string page =
      "- a\n\n  ```console\n  $ seq 2\n  old\n  older\n  lines\n\n  $ echo x\n  $ echo y\n  y\n"
      "  ```\n\n```console\n$ seq 3\n...\n4\n```\n";
  const Checked checked = check(page, {"--update"});
  EXPECT_EQ(checked.page,
            "- a\n\n  ```console\n  $ seq 2\n  1\n  2\n\n  $ echo x\n  x\n  $ echo y\n  y\n"
            "  ```\n\n```console\n$ seq 3\n...\n4\n```\n");
  EXPECT_EQ(checked.exit_code, 1);  // what has dots is for a person to mend
  EXPECT_EQ(last_line(checked.output), "4 commands in 1 files: 1 differ, 2 rewritten");
  EXPECT_EQ(check("```console\n$ echo '```'\n```\n", {"--update"}).exit_code, 1);
  const std::string failing = "```console\n$ echo x; false\ny\n```\n";
  EXPECT_EQ(check(failing, {"--update"}).page, failing);
}

TEST(Documents, MustBeThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_tool("documents", {"--root", folder.path().string(), "none.md"}).exit_code, 2);
  EXPECT_EQ(run_tool("documents", {"--root", folder.path().string()}).exit_code, 2);
}

}  // namespace
}  // namespace gradus
