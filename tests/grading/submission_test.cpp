// Only a chapter's file is taken, and only if it is one.
#include "grading/submission.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

class SubmissionTest : public ::testing::Test {
 protected:
  Submission read(const std::string& name, const char* chapter = nullptr) {
    return read_submission(config, folder.path() / name,
                           chapter == nullptr ? nullptr : config.find(chapter));
  }

  GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  TemporaryFolder folder;
};

TEST_F(SubmissionTest, IsFoundByItsName) {
  write_text(folder.path() / "perceptron.cpp", "int x;");
  write_text(folder.path() / "kim/work/01_perceptron/perceptron.cpp", "int y;");
  write_text(folder.path() / "lee/anything.txt", "");
  const Submission file = read("perceptron.cpp"), kim = read("kim"), lee = read("lee");
  EXPECT_EQ(file.source, "int x;");
  EXPECT_EQ(file.chapter->number(), "01");
  EXPECT_EQ(kim.source, "int y;");
  EXPECT_EQ(kim.name, "kim");
  EXPECT_NE(lee.refused, "");
  EXPECT_NE(read("kim", "02").refused, "");
  EXPECT_EQ(read("kim/").name, "kim");
}

TEST_F(SubmissionTest, OfTwoChaptersNeedsToBeTold) {
  write_text(folder.path() / "kim/perceptron.cpp", "int x;");
  write_text(folder.path() / "kim/xor_mlp.cpp", "int y;");
  EXPECT_NE(read("kim").refused, "");
  EXPECT_EQ(read("kim", "02").source, "int y;");
}

TEST_F(SubmissionTest, FollowsNoLinks) {
  write_text(folder.path() / "secret", "secret");
  fs::create_directories(folder.path() / "kim");
  fs::create_symlink("../secret", folder.path() / "kim/perceptron.cpp");
  fs::create_symlink("secret", folder.path() / "perceptron.cpp");
  fs::create_directory_symlink("kim", folder.path() / "lee");
  fs::create_directories(folder.path() / "park/work");
  fs::create_directory_symlink("../../kim", folder.path() / "park/work/01_perceptron");
  for (const char* name : {"kim", "perceptron.cpp", "lee", "park"}) {
    EXPECT_NE(read(name).refused, "") << name;
    EXPECT_EQ(read(name).source, "") << name;
  }
}

TEST_F(SubmissionTest, IsARegularFileOfASensibleSize) {
  write_text(folder.path() / "a/perceptron.cpp", std::string(kMaxSubmission, 'x'));
  write_text(folder.path() / "b/perceptron.cpp", std::string(kMaxSubmission + 1, 'x'));
  fs::create_directories(folder.path() / "c/perceptron.cpp");
  fs::create_directories(folder.path() / "d");
  ASSERT_EQ(::mkfifo((folder.path() / "d/perceptron.cpp").c_str(), 0600), 0);
  EXPECT_EQ(read("a").refused, "");
  for (const char* name : {"b", "c", "d", "nobody"}) EXPECT_NE(read(name).refused, "") << name;
}

TEST_F(SubmissionTest, ABatchIsListedInOrder) {
  for (const char* name : {"b", "a", ".hidden", "c"}) fs::create_directories(folder.path() / name);
  const auto entries = list_batch(folder.path());
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].filename(), "a");
  EXPECT_EQ(entries[2].filename(), "c");
}

}  // namespace
}  // namespace gradus
