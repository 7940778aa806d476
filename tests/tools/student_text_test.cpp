// What a student reads: claims, failures and compile errors in few words.
#include <gtest/gtest.h>

#include "tests/tools/compiler_errors.hpp"
#include "tests/tools/failure_text.hpp"

namespace gradus {
namespace {

using Lines = std::vector<std::string>;

TEST(Claim, IsASentence) {
  EXPECT_EQ(claim("PerceptronFit.LearnsNand"), "Perceptron fit learns NAND");
  EXPECT_EQ(claim("SigmoidCrossEntropy.IsPyTorchs"), "Sigmoid cross entropy is PyTorch's");
  EXPECT_EQ(claim("Relu.HasARowForEachN"), "ReLU has a row for each N");
  EXPECT_EQ(claim("Ladder.Rung5PackedIsRight"), "Ladder rung5 packed is right");
}

TEST(Shorten, SaysAnEqualityInOneLine) {
  EXPECT_EQ(shorten("/home/me/tests/a_test.cpp:31\nExpected equality of these values:\n  step(t)\n"
                    "    Which is: -1\n  0\nat 3\n",
                    "/home/me"),
            (Lines{"step(t) is -1, but must equal 0", "at 3", "tests/a_test.cpp:31"}));
}

TEST(Shorten, SaysWhyAPredicateIsFalse) {
  EXPECT_EQ(
      shorten("/a_test.cpp:3\nValue of: near(w, v, 1e-12)\n  Actual: false (got 1, expected "
              "2)\nExpected: true\nw: look at the update\n",
              "/home/me"),
      (Lines{"near(w, v, 1e-12)", "got 1, expected 2", "w: look at the update", "/a_test.cpp:3"}));
  EXPECT_EQ(shorten("/a_test.cpp:3\nValue of: ok\n  Actual: false\nExpected: true\n", "/home/me"),
            (Lines{"ok is not true", "/a_test.cpp:3"}));
}

TEST(Shorten, KeepsALongFailureShort) {
  std::string failure = "unknown file\n";
  for (int i = 0; i < 100; ++i) failure += "line\n";
  EXPECT_EQ(shorten(failure, "/").size(), 6u);
  EXPECT_EQ(shorten("", "/").size(), 0u);
}

TEST(NotWritten, NamesTheFunction) {
  EXPECT_EQ(not_written("C++ exception with description \"step is not written yet\" thrown"),
            "step");
  EXPECT_EQ(not_written("got 1, expected 2"), std::nullopt);
}

TEST(FirstErrors, AreThreeAndInTheStudentsFile) {
  std::string messages;
  for (int i = 1; i < 9; ++i)
    messages +=
        "/r/work/01_p/p.cpp: In function 'int f()':\n/r/work/01_p/p.cpp:" + std::to_string(i) +
        ":3: error: no\n    1 | x\n      | ^\n" +
        "/r/work/01_p/p.cpp:9:1: note: declared here\n    9 | y\n";
  const std::string code = "    1 | x\n      | ^\n";
  EXPECT_EQ(first_errors(messages, "/r"), "work/01_p/p.cpp:1:3: error: no\n" + code +
                                              "work/01_p/p.cpp:2:3: error: no\n" + code +
                                              "work/01_p/p.cpp:3:3: error: no\n" + code);
}

TEST(FirstErrors, SayFromWhereALibraryWasReached) {
  EXPECT_EQ(first_errors("/usr/include/vector: In instantiation of 'int g()':\n"
                         "/r/work/p.cpp:7:2:   required from here\n"
                         "/usr/include/vector:88:1: error: no type\n",
                         "/r"),
            "work/p.cpp:7:2:   required from here\n/usr/include/vector:88:1: error: no type\n");
}

TEST(FirstErrors, NameAMissingFunctionOnce) {
  const std::string messages =
      "a.o: in function `main':\na.cpp:(.text+0x1): undefined reference to `gradus::step(double)'\n"
      "a.cpp:(.text+0x9): undefined reference to `gradus::step(double)'\ncollect2: error: ld\n";
  EXPECT_EQ(first_errors(messages, "/r"),
            "step(double) is missing: the header declares it with these arguments\n");
}

TEST(FirstErrors, KeepWhatIsNotUnderstood) {
  EXPECT_EQ(first_errors("no space left\n", "/r"), "no space left\n");
}

}  // namespace
}  // namespace gradus
