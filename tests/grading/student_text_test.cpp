// What a student reads: claims, failures and compile errors in few words.
#include <gtest/gtest.h>

#include "grading/student/compiler_errors.hpp"
#include "grading/student/failure_text.hpp"
#include "grading/student/text.hpp"

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
  EXPECT_EQ(shorten("Expected equality of these values:\n  step(t)\n    Which is: -1\n  0\nat 3\n"),
            (Lines{"step(t) is -1, but must equal 0", "at 3"}));
}

TEST(Shorten, SaysANumberOnce) {
  EXPECT_EQ(
      shorten("Expected equality of these values:\n  losses.size()\n    Which is: 100\n  101u\n"
              "    Which is: 101\n"),
      Lines{"losses.size() is 100, but must equal 101"});
  EXPECT_EQ(
      shorten(
          "Expected equality of these values:\n  n\n    Which is: 1\n  1.5f\n    Which is: 2\n"),
      Lines{"n is 1, but must equal 1.5f, which is 2"});
}

TEST(Shorten, SaysWhyAPredicateIsFalse) {
  EXPECT_EQ(
      shorten("Value of: near(w, v, 1e-12)\n  Actual: false (got 1, expected 2)\nExpected: true\n"
              "w: look at the update\n"),
      (Lines{"near(w, v, 1e-12)", "got 1, expected 2", "w: look at the update"}));
  EXPECT_EQ(shorten("Value of: ok\n  Actual: false\nExpected: true\n"), Lines{"ok is not true"});
}

TEST(Shorten, KeepsALongFailureShortAndAnEmptyOneNot) {
  std::string failure;
  for (int i = 0; i < 100; ++i) failure += "line\n";
  EXPECT_EQ(shorten(failure).size(), 6u);
  for (const char* empty : {"", "\n", "  \n\r\n"}) EXPECT_EQ(shorten(empty).size(), 1u);
}

TEST(ExceptionText, IsOneLineAndNeverEmpty) {
  const auto thrown = [](const std::string& what) {
    return exception_text("C++ exception with description \"" + what +
                          "\" thrown in the test body.");
  };
  EXPECT_EQ(thrown("no samples"), "threw: no samples");
  EXPECT_EQ(thrown("two\n\"lines\" thrown in"), "threw: two \"lines\" thrown in");
  EXPECT_EQ(thrown(""), "threw an exception without a message");
  EXPECT_EQ(exception_text("Unknown C++ exception thrown in the test body."),
            "threw what is no std::exception");
  EXPECT_EQ(exception_text(""), "threw what is no std::exception");
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

TEST(FirstErrors, ShowNamesAsTheyAreWritten) {
  EXPECT_EQ(
      first_errors(
          "undefined reference to `gradus::f[abi:cxx11](std::vector<std::vector<int, "
          "std::allocator<int> >, std::allocator<std::vector<int, std::allocator<int> > > > "
          "const&, std::__cxx11::basic_string<char, std::char_traits<char>, "
          "std::allocator<char> > const&)'\n",
          "/r"),
      "f(std::vector<std::vector<int>> const&, std::string const&) is missing: the header declares "
      "it with these arguments\n");
}

TEST(FirstErrors, SayPlainlyThatAMainIsTooMuch) {
  const std::string plain = "your file defines main(), but the tests have their own: remove it\n";
  EXPECT_EQ(
      first_errors("ld: reporter.o: in function `main':\nr.cpp:(.text+0x0): multiple definition of "
                   "`main'; /tmp/p.o:p.cpp:(.text+0x0): first defined here\ncollect2: error: ld "
                   "returned 1\n",
                   "/r"),
      plain);
  EXPECT_EQ(first_errors("ld.lld: error: duplicate symbol: main\n>>> defined at p.cpp:3\n", "/r"),
            plain);
  EXPECT_EQ(first_errors("duplicate symbol '_main' in:\n    p.o\n", "/r"), plain);
  EXPECT_EQ(first_errors("multiple definition of `gradus::step(double)'; p.o\n", "/r"),
            "step(double) is defined twice\n");
}

TEST(FirstErrors, KeepWhatIsNotUnderstood) {
  EXPECT_EQ(first_errors("no space left\n", "/r"), "no space left\n");
}

TEST(Text, IsFoldedByColumnsNotBytes) {
  EXPECT_EQ(folded("ab cd  ef", 5), (Lines{"ab cd", "ef"}));
  EXPECT_EQ(folded("ββ ββ ββ", 5), (Lines{"ββ ββ", "ββ"}));
  EXPECT_EQ(folded("longer", 3), Lines{"longer"});
  EXPECT_EQ(folded("", 3), Lines{""});
}

TEST(Text, IsNeverCutInsideALetter) {
  EXPECT_EQ(shortened("단계", 4), "단 ...");
  EXPECT_EQ(shortened("단계", 6), "단계");
}

}  // namespace
}  // namespace gradus
