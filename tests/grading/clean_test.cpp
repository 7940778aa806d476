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

TEST(Clean, LeavesNothingThatNobodySees) {
  for (const char* mark : {"\u061c", "\u3164", "\u00ad",     "\U000e0001", "\U000e0041", "\u034f",
                           "\u115f", "\u1160", "\u17b4",     "\u180e",     "\u200b",     "\u200d",
                           "\u2028", "\u2060", "\u2066",     "\u2800",     "\ufe0f",     "\ufeff",
                           "\uffa0", "\ufff9", "\U0001d173", "\U000e0100", "\U0001bca0"})
    EXPECT_EQ(clean("a" + std::string(mark) + "b"), "a?b");
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
  for (const char* start : {"＝", "＋", "－", "＠", "﹦", "−", " =", "\u00a0=", "\u3000＝", "\n="})
    EXPECT_EQ(escape_csv(std::string(start) + "1")[1], '\'') << start;
  for (const char* plain : {"김 =1", "1=1", "  a", "", " "})
    EXPECT_EQ(escape_csv(plain)[1], plain[0] == 0 ? '"' : plain[0]) << plain;
}

}  // namespace
}  // namespace gradus
