// The mutant runner, tried on a project of two functions and three tests.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "grading/base/files.hpp"
#include "tests/tools/mutation.hpp"
#include "tests/tools/tools_fixture.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using nlohmann::json;

constexpr const char* kHeader = "double half(double x);\ndouble sum_to(int n);\n";

// The include can be found only in the folder of the original.
constexpr const char* kSource = R"(#include "half.hpp"
#include <cmath>
#include <cstdlib>
double half(double x) { return x / 2; }
double sum_to(int n) {
  double sum = 0;
  for (int i = 1; i <= n; ++i) sum += i;
  return sum;
}
)";

constexpr const char* kTests = R"(#include <gtest/gtest.h>
#include "../lib/half.hpp"
TEST(Half, OfThree) { EXPECT_DOUBLE_EQ(half(3), 1.5); }
TEST(Half, OfZero) { EXPECT_EQ(half(0), 0); }
TEST(Sum, ToFour) { EXPECT_EQ(sum_to(4), 10); }
TEST(Sum, DISABLED_ToFive) {}
)";

json mutant(const std::string& id, const std::string& find, const std::string& replace,
            const std::string& caught_by) {
  return {{"id", id},           {"file", "lib/half.cpp"}, {"find", find},
          {"replace", replace}, {"caught_by", caught_by}, {"diagnosis", "What is wrong."}};
}

class Mutants : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    unsetenv("GRADUS_DAY");  // of the run that these tests are part of
    folder_ = std::make_unique<TemporaryFolder>();
    write_text(root() / "lib/half.hpp", kHeader);
    write_text(root() / "lib/half.cpp", kSource);
    write_text(root() / "tests/half_test.cpp", kTests);
    compile_test(root() / "lib/half.cpp", at("half.o"));
    compile_test(root() / "tests/half_test.cpp", at("half_test.o"));
    link_test({at("half.o").string(), at("half_test.o").string()}, at("half_test"));
    write_build(at("half_test"));
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static fs::path at(const std::string& name) { return folder_->path() / name; }
  static fs::path root() { return at("project"); }

  static void write_build(const fs::path& test) {
    std::string build = fmt::format("compiler {}\n", GRADUS_CXX);
    for (const char* flag : {"-std=c++20", "-O0", "-Wall", "-Wextra", "-Werror"})
      build += fmt::format("compile {}\n", flag);
    build += fmt::format("link {}\nlink \n", at("half_test.o").string());
    for (const std::string& word : words(GRADUS_GTEST_LINK))
      build += fmt::format("link {}\n", word);
    write_text(at("build.args"), build + fmt::format("test {}\n", test.string()));
  }

  static Outcome mutants(const json& list, const std::string& options = "--at-least;1") {
    write_text(at("list.json"), list.dump());
    std::vector<std::string> arguments = {
        "--list",  at("list.json").string(),  "--root", root().string(),
        "--build", at("build.args").string(), "--work", at("work").string()};
    append(arguments, words(options));
    return run_tool("mutants", arguments);
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
};

TEST_F(Mutants, AreCaughtByWrongValuesCrashesExitsAndLoops) {
  const json list = json::array({
      mutant("a.third", "x / 2", "x / 3", "Half.OfThree"),
      mutant("a.nan", "x / 2", "std::nan(\"\")", "Half.OfThree"),
      mutant("a.unused", "return x / 2;", "int unused; return 0;", "Half.OfThree"),
      mutant("b.crash", "x / 2", "(std::abort(), x)", "Half.OfZero"),
      mutant("b.exit", "x / 2", "(std::exit(0), x)", "Half.OfZero"),
      mutant("c.endless", "++i", "i *= 1", "Sum.ToFour"),
  });
  const Outcome outcome = mutants(list, "--at-least;6;--deadline;1;--jobs;2");
  EXPECT_EQ(outcome.output,
            "caught    a.third     by Half.OfThree\n"
            "caught    a.nan       by Half.OfThree\n"
            "caught    a.unused    by Half.OfThree\n"
            "caught    b.crash     by Half.OfZero (signal 6)\n"
            "caught    b.exit      by Half.OfZero (exit status 0)\n"
            "caught    c.endless   by Sum.ToFour (no end within 1 s)\n"
            "6 mutants: 6 caught, 0 survived\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(read_text(root() / "lib/half.cpp"), kSource);
  EXPECT_TRUE(has_text(read_text(at("work/a.third/lib/half.cpp")), "x / 3"));
}

TEST_F(Mutants, ThatAreNotCaughtAsNamedAreReported) {
  const json list = json::array({
      mutant("same", "x / 2", "x * 0.5", "Half.OfThree"),
      mutant("other", "i <= n", "i < n", "Half.OfThree"),
      mutant("crash", "sum += i", "std::abort()", "Half.OfThree"),
      mutant("gone", "x / 4", "x / 3", "Half.OfThree"),
      mutant("twice", "double sum", "float sum", "Sum.ToFour"),
      mutant("syntax", "x / 2", "x / / 2", "Half.OfThree"),
      mutant("nobody", "x / 2", "x / 3", "Half.OfFive"),
      mutant("disabled", "x / 2", "x / 3", "Sum.DISABLED_ToFive"),
      mutant("wildcard", "x / 2", "x / 3", "Half.*"),
  });
  const Outcome outcome = mutants(list);
  EXPECT_EQ(outcome.exit_code, 1);
  for (const char* line :
       {"SURVIVED  same       Half.OfThree passes: What is wrong.\n",
        "CAUGHT ELSEWHERE other      Half.OfThree passes, but not Sum.ToFour\n",
        "CAUGHT ELSEWHERE crash      Half.OfThree passes, but not Sum.ToFour (signal 6)\n",
        "NO MATCH  gone       text no longer matches in lib/half.cpp\n",
        "NO MATCH  twice      text matches 2 times in lib/half.cpp\n", "DID NOT COMPILE syntax",
        "error: ", "NO SUCH TEST nobody", "NO SUCH TEST disabled", "NO SUCH TEST wildcard"})
    EXPECT_TRUE(has_text(outcome.output, line)) << line << outcome.output;
  EXPECT_EQ(last_line(outcome.output),
            "9 mutants: 0 caught, 1 survived, 2 caught elsewhere, 1 did not compile, "
            "3 without their test, 2 no longer matching");
}

TEST_F(Mutants, AreWantedInNumbersUnlessOneIsChosen) {
  const json list = json::array({mutant("a", "x / 2", "x / 3", "Half.OfThree"),
                                 mutant("b", "x / 2", "x * 0.5", "Half.OfThree")});
  EXPECT_TRUE(has_text(mutants(list, "").output, "2 mutants, at least 12 are wanted"));
  EXPECT_EQ(mutants(list, "").exit_code, 2);
  EXPECT_EQ(last_line(mutants(list, "--only;a").output), "1 mutants: 1 caught, 0 survived");
  EXPECT_EQ(mutants(list, "--only;c").exit_code, 2);
}

TEST_F(Mutants, AreTriedInTurnIfTheEnvironmentNamesADay) {
  json list = json::array();
  for (char id = 'a'; id <= 'l'; ++id)
    list.push_back(mutant(std::string(1, id), "x / 2", "x / 3", "Half.OfThree"));
  const auto on = [&](const char* day) {
    setenv("GRADUS_DAY", day, 1);
    const Outcome outcome = mutants(list);
    unsetenv("GRADUS_DAY");
    return outcome;
  };
  EXPECT_EQ(on("331").output,
            "caught    b   by Half.OfThree\n"
            "caught    l   by Half.OfThree\n"
            "2 mutants: 2 caught, 0 survived\n");
  EXPECT_EQ(last_line(on("").output), "12 mutants: 12 caught, 0 survived");
  EXPECT_EQ(last_line(on("2").output), "1 mutants: 1 caught, 0 survived");
  list.erase(list.begin() + 2, list.end());
  EXPECT_EQ(last_line(on("9").output), "1 mutants: 1 caught, 0 survived") << "one at least";
  for (const char* wrong : {"-1", "1/3", "a", "1.5", " 1"}) {
    const Outcome outcome = on(wrong);
    EXPECT_EQ(outcome.exit_code, 2) << wrong;
    EXPECT_TRUE(has_text(outcome.output, "GRADUS_DAY: must be a whole number")) << outcome.output;
  }
}

TEST_F(Mutants, NeedAReferenceThatPasses) {
  const json list = json::array({mutant("a", "x / 3", "x / 2", "Half.OfThree")});
  write_text(root() / "lib/half.cpp",
             "#include \"half.hpp\"\n"
             "double half(double x) { return x / 3; }\n"
             "double sum_to(int) { return 10; }\n");
  const Outcome outcome = mutants(list);
  write_text(root() / "lib/half.cpp", kSource);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.output, "mutants: the unedited lib/half.cpp fails Half.OfThree\n");
}

TEST_F(Mutants, AreTriedOnTheTestsThatTheProjectRuns) {
  write_text(at("stale"), "#!/bin/sh\nprintf 'Half.\\n  OfThree\\n'\n");
  fs::permissions(at("stale"), fs::perms::owner_all);
  write_build(at("stale"));
  const Outcome outcome = mutants(json::array({mutant("a", "x / 2", "x / 3", "Half.OfThree")}));
  write_build(at("half_test"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(has_text(outcome.output, "build it again")) << outcome.output;
}

TEST_F(Mutants, AreNeverWrittenOverTheSources) {
  const json list = json::array({mutant("project", "x / 2", "x / 3", "Half.OfThree")});
  EXPECT_EQ(mutants(list, "--at-least;1;--work;" + folder_->path().string()).exit_code, 2);
  EXPECT_EQ(mutants(list, "--at-least;1;--work;" + root().string()).exit_code, 2);
  EXPECT_EQ(read_text(root() / "lib/half.cpp"), kSource);
}

std::string error_of(const std::string& text) {
  const TemporaryFolder folder;
  const fs::path list = folder.path() / "list.json";
  write_text(list, text);
  try {
    load_mutants(list);
  } catch (const ToolError& e) {
    return std::string(e.what()).substr(list.string().size());
  }
  return "none";
}

std::string error_with(const std::string& key, const json& value) {
  json entry = mutant("a", "x / 2", "x / 3", "Half.OfThree");
  entry[key] = value;
  return error_of(json::array({entry}).dump());
}

TEST(MutantList, IsRefusedInOneClearLine) {
  EXPECT_EQ(error_with("id", "b"), "none");
  EXPECT_EQ(error_with("author", "me"), ": entry 1 (a): unknown key \"author\"");
  EXPECT_EQ(error_with("replace", ""), "none");  // deletes the text
  EXPECT_EQ(error_with("find", ""), ": entry 1 (a): \"find\" is empty");
  EXPECT_EQ(error_with("find", 3), ": entry 1 (a): \"find\" must be a text");
  EXPECT_EQ(error_with("find", "x / 3"), ": entry 1 (a): \"find\" and \"replace\" are the same");
  EXPECT_TRUE(has_text(error_with("id", "../a"), "an id has letters"));
  EXPECT_TRUE(has_text(error_with("file", "/etc/passwd.cpp"), "relative to the source root"));
  EXPECT_TRUE(has_text(error_with("file", "a/../../b.cpp"), "relative to the source root"));
  EXPECT_TRUE(has_text(error_with("file", "half.hpp"), "must be a .cpp"));
  EXPECT_EQ(error_with("compiled", "lib/other.cpp"), "none");  // which includes the file
  EXPECT_EQ(error_with("compiled", 3), ": entry 1 (a): \"compiled\" must be a text");
  EXPECT_TRUE(has_text(error_with("compiled", "half.hpp"), "must be a .cpp"));
  EXPECT_TRUE(has_text(error_with("compiled", "../a.cpp"), "relative to the source root"));
  const json entry = mutant("a", "x", "y", "A.B");
  EXPECT_EQ(error_of(json::array({entry, entry}).dump()), ": entry 2 (a): the id is there already");
  EXPECT_EQ(error_of(R"([{"id": "a"}])"), ": entry 1 (a): no \"file\"");
  EXPECT_EQ(error_of("{}"), ": must be a list of mutants");
  EXPECT_EQ(error_of("[3]"), ": entry 1: must be an object");
  EXPECT_TRUE(has_text(error_of("[{"), "parse error"));
}

TEST(MutantEdit, IsMadeOnlyWhereTheTextIsUnique) {
  Mutant edit;
  edit.find = "aa";
  edit.replace = "b";
  EXPECT_EQ(apply_mutant("xaay", edit), "xby");
  EXPECT_THROW(apply_mutant("xaaay", edit), ToolError);  // at two places, though they overlap
  EXPECT_THROW(apply_mutant("xay", edit), ToolError);
}

}  // namespace
}  // namespace gradus
