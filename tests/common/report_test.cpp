// What a chapter prints: numbers, tables, and an end that tells whether they arrived.
#include "common/report.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>

namespace gradus {
namespace {

TEST(Number, HasFourDigitsAndNoSignWithoutMeaning) {
  EXPECT_EQ(number(1.0 / 3), "0.3333");
  EXPECT_EQ(number(123456), "1.235e+05");
  EXPECT_EQ(number(-0.0), "0");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(number(-std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(Table, AlignsByTheLettersThatAreSeen) {
  ::testing::internal::CaptureStdout();
  Table table({"η", "loss"});
  table.row({"0.1", "nan"}).row({"σ"}).print();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "η     loss\n0.1    nan\nσ\n");
}

TEST(Table, LosesNoCell) {
  Table table({"a", "b"});
  EXPECT_THROW(table.row({"1", "2", "3"}), std::invalid_argument);
}

TEST(RunChapter, EndsWithStatusTwoAndOneLineAfterAnError) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run_chapter("title", []() -> Headline { throw std::runtime_error("why"); }), 2);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "gradus: why\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout().substr(0, 12), "title\n=====\n");
}

// A process of its own, whose output goes to a disk that is always full.
TEST(RunChapter, OutputThatCannotBeWrittenIsAnError) {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) GTEST_SKIP() << "there is no /dev/full";
  std::fclose(full);
  for (const int lines : {1, 100000}) {  // at the last flush, and long before
    const auto chapter = [=] {
      if (std::freopen("/dev/full", "w", stdout) == nullptr) std::exit(1);
      std::exit(run_chapter("title", [=] {
        for (int i = 0; i < lines; ++i) heading("some text");
        return Headline{"ours", "the notes'"};
      }));
    };
    EXPECT_EXIT(chapter(), ::testing::ExitedWithCode(2), "^gradus: cannot write[^\n]*\n$");
  }
}

}  // namespace
}  // namespace gradus
