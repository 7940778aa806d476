// Text of strangers, made fit to be shown.
#include "grading/clean.hpp"

#include <gtest/gtest.h>

namespace gradus {
namespace {

TEST(Clean, LeavesNothingThatMovesATerminal) {
  EXPECT_EQ(clean("\x1b[31mred\x1b[0m"), "?[31mred?[0m");
  EXPECT_EQ(clean("a\rb\bc\x07"), "ab?c?");
  EXPECT_EQ(clean("tab\there"), "tab here");
  EXPECT_EQ(clean("\xc2\x9b"
                  "31m"),
            "?31m")
      << "the one-character form of ESC [";
  EXPECT_EQ(clean("\xe2\x80\xae"
                  "gnp.exe"),
            "?gnp.exe")
      << "right-to-left override";
}

TEST(Clean, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(clean("Σ 가 𝛼"), "Σ 가 𝛼");
  EXPECT_EQ(clean("\xff\xfe"), "??");
  EXPECT_EQ(clean("\xc0\xaf"), "??") << "an overlong /";
  EXPECT_EQ(clean("\xed\xa0\x80"), "???") << "half a surrogate pair";
  EXPECT_EQ(clean("cut \xe2\x82"), "cut ??");
}

TEST(Clean, Shortens) {
  EXPECT_EQ(clean("abcdef", 5, 3), "abc...");
  EXPECT_EQ(clean("1\n2\n3\n4", 2), "1\n2\n...");
  EXPECT_EQ(clean_line("a\nb"), "a b");
  EXPECT_LT(clean(std::string(10'000'000, '\n')).size(), 100u);
}

TEST(Escape, MakesNoMarkup) {
  EXPECT_EQ(escape_xml("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
}

TEST(Escape, MakesNoFormula) {
  EXPECT_EQ(escape_csv("plain"), "\"plain\"");
  EXPECT_EQ(escape_csv("say \"x\", y"), "\"say \"\"x\"\", y\"");
  for (const char* start : {"=", "+", "-", "@", "\t", "\r"})
    EXPECT_EQ(escape_csv(std::string(start) + "1")[1], '\'') << start;
}

}  // namespace
}  // namespace gradus
