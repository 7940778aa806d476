// The usual mistakes of a file that does not compile, as GCC and Clang report them. compiler_errors/
// holds a small file for each, what both compilers say of it (make.sh), and here is what a student
// reads first.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "grading/base/files.hpp"
#include "grading/student/compiler_errors.hpp"
#include "grading/student/compiler_words.hpp"
#include "grading/student/text.hpp"

namespace gradus {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(GRADUS_ROOT) / "tests/grading/compiler_errors";

// says.txt: NAME, or NAME.gcc and NAME.clang where the two see something else; then a tab, and words.
std::map<std::string, std::string> wanted() {
  std::map<std::string, std::string> words;
  for (const std::string& line : lines_of(read_text(folder / "says.txt")))
    if (const std::size_t tab = line.find('\t'); tab != std::string::npos)
      words[line.substr(0, tab)] = line.substr(tab + 1);
  return words;
}

TEST(PlainWords, AreFoundForTheUsualMistakesOfBothCompilers) {
  const auto words = wanted();
  int mistakes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".cpp") continue;
    ++mistakes;
    for (const char* compiler : {".gcc", ".clang"}) {
      const fs::path file = fs::path(entry.path()).replace_extension(compiler);
      const std::string name = entry.path().stem().string();
      const auto own = words.find(name + compiler), shared = words.find(name);
      ASSERT_TRUE(own != words.end() || shared != words.end()) << name;
      const std::string said = plain_words(lines_of(read_text(file)));
      if (std::getenv("GRADUS_SHOW") != nullptr)
        std::printf("%s%s\t%s\n", name.c_str(), compiler, said.c_str());
      EXPECT_EQ(said, own != words.end() ? own->second : shared->second) << name << compiler;
      const std::string shown = first_errors(read_text(file), "/r");
      EXPECT_TRUE(shown.starts_with(said + "\n")) << shown;
      EXPECT_NE(shown.find("error: "), std::string::npos) << "the compiler's own text follows";
    }
  }
  EXPECT_GE(mistakes, 20);
}

TEST(PlainWords, AreNotSaidOfWhatIsNotTheStudents) {
  EXPECT_EQ(plain_words({"/usr/include/c++/12/vector:3:1: error: expected ';' before 'int'"}), "");
  EXPECT_EQ(plain_words({"common/matrix.hpp:3:1: error: expected ';' before 'int'"}), "");
  EXPECT_EQ(plain_words({"work/p.cpp:3:1: error: something that nobody knows"}), "");
  EXPECT_EQ(plain_words({}), "");
}

}  // namespace
}  // namespace gradus
