// What became of a student's tests: records, output, places, the score.
#include <gtest/gtest.h>

#include "grading/student/place.hpp"
#include "grading/student/report.hpp"
#include "grading/student/results.hpp"

namespace gradus {
namespace {

using State = TestOutcome::State;
using Lines = std::vector<std::string>;

const std::string tests =
    "test A.One 10 /my project/a test.cpp\ntest A.Two 20 /my project/a test.cpp\n";

TEST(Records, SayWhatBecameOfEachTest) {
  Results results;
  bool done = false;
  const std::string running = add_records(
      tests +
          "start A.One\nend 7 passed\nstart A.Two\nfailure 17 22 /my project/a test.cpp\n"
          "end 9 passed\nwhy\n\nfailure 3 0 \nbad\nthrew 1a 2b\nend 5 failed\ndone\n",
      results, done);
  EXPECT_EQ(running, "");
  EXPECT_TRUE(done);
  ASSERT_EQ(results.tests.size(), 2u);
  EXPECT_EQ(results.tests[0].file, "/my project/a test.cpp");
  EXPECT_EQ(results.tests[0].line, 10);
  EXPECT_TRUE(results.tests[0].passed());
  const TestOutcome& two = results.tests[1];
  EXPECT_EQ(two.state, State::failed);
  ASSERT_EQ(two.failures.size(), 2u);
  EXPECT_EQ(two.failures[0].message, "end 9 passed\nwhy\n");
  EXPECT_EQ(two.failures[0].line, 22);
  EXPECT_EQ(two.failures[1].file, "");
  EXPECT_EQ(two.failures[1].thrown, (Addresses{"1a", "2b"}));
  EXPECT_EQ(score_of(results).points, 7);
}

TEST(Records, NameTheTestInWhichTheProgramStopped) {
  Results results;
  bool done = true;
  EXPECT_EQ(
      add_records(tests + "start A.One\nend 7 passed\nstart A.Two\nsignal 11 5 6\n", results, done),
      "A.Two");
  EXPECT_FALSE(done);
  EXPECT_EQ(results.tests[1].stopped_at, (Addresses{"5", "6"}));
  EXPECT_EQ(results.tests[1].state, State::not_tried);
}

TEST(Records, ThatAreCutOffDoNoHarm) {
  const std::string whole = tests + "start A.One\nfailure 3 9 /a.cpp\nbad\nthrew 1\nend 7 failed\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Results results;
    bool done = false;
    add_records(whole.substr(0, size), results, done);
    EXPECT_FALSE(done);
    EXPECT_EQ(score_of(results).points, 0);
  }
}

TEST(Output, BelongsToTheTestAfterTheMark) {
  Results results;
  bool done = false;
  add_records(tests, results, done);
  add_output("before\n##A.One\nend 100 passed\nno newline##\nbetween\n##A.Two\n##\n", "##",
             results);
  EXPECT_EQ(results.tests[0].printed, "end 100 passed\nno newline");
  EXPECT_EQ(results.tests[1].printed, "");
  EXPECT_EQ(score_of(results).points, 0) << "what is printed is worth nothing";
  add_output("##A.Two\nlost in a cra", "##", results);
  EXPECT_EQ(results.tests[1].printed, "lost in a cra");
}

TEST(Output, IsShownInTenLines) {
  EXPECT_EQ(printed_lines(""), Lines{});
  EXPECT_EQ(printed_lines("\n \n"), Lines{});
  EXPECT_EQ(printed_lines("a\tb\r\n\n\033[2Jc\n"), (Lines{"a  b", "", "?[2Jc"}));
  std::string many;
  for (int i = 0; i < 12; ++i) many += "line\n";
  EXPECT_EQ(printed_lines(many).size(), 11u);
  EXPECT_EQ(printed_lines(many).back(), "… 2 more lines");
  EXPECT_EQ(printed_lines(many.substr(5)).back(), "… 1 more line");
}

TEST(WaitsFor, NamesTheFunctionUnlessTheTestStopped) {
  TestOutcome test;
  test.state = State::failed;
  test.failures = {{"/a.cpp", 3, "got 1", {}},
                   {"", 0, "... \"step is not written yet\" thrown", {}}};
  EXPECT_EQ(waits_for(test), "step");
  test.failures.pop_back();
  EXPECT_EQ(waits_for(test), "");
}

TEST(Place, IsTheInnermostCallInTheStudentsFile) {
  const std::string text =
      "0x00000000000012a4\nstd::__throw_out_of_range(char const*)\n??:0\n"
      "0x0000000000001b20\nstd::vector<int, std::allocator<int> >::at(unsigned long)\n"
      "/usr/include/c++/12/bits/stl_vector.h:1123\n"
      "gradus::(anonymous namespace)::sum(gradus::Matrix const&)\n"
      "/home/me/work/p.cpp:16 (discriminator 3)\n"
      "0x0000000000001c00\ngradus::fit(int)::{lambda(int)#1}::operator()(int) const\n"
      "/home/me/work/p.cpp:30\n";
  EXPECT_EQ(parse_places(text, "/home/me/work/p.cpp").function, "sum");
  EXPECT_EQ(parse_places(text, "/home/me/work/p.cpp").line, 16);
  EXPECT_EQ(parse_places(text, "/home/me/work/q.cpp").line, 0);
  EXPECT_EQ(
      parse_places(text.substr(text.find("0x0000000000001c")), "/home/me/work/p.cpp").function,
      "fit");
  EXPECT_EQ(parse_places("", "/p.cpp").line, 0);
}

}  // namespace
}  // namespace gradus
