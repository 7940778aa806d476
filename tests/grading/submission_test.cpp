// Only a chapter's file is taken, and only if it is one.
#include "grading/submission.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

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
  const fs::path socket = folder.path() / "perceptron.cpp";
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  ASSERT_LT(socket.string().size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, socket.c_str());
  const int end = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(end, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(end);
  EXPECT_EQ(read("").refused, "perceptron.cpp is no regular file");
  EXPECT_EQ(read("a").refused, "");
  for (const char* name : {"b", "c", "d", "nobody"}) EXPECT_NE(read(name).refused, "") << name;
}

// What Moodle, Canvas, browsers, file managers and people make of xor_mlp.cpp.
TEST_F(SubmissionTest, IsFoundUnderTheNamesThatPlatformsGive) {
  const std::string nfc = "\uae40\ubbfc\uc218", nfd = "\u1100\u1175\u11b7\u1106\u1175\u11ab";
  const std::vector<std::string> folders = {"Kim Minsu_12345_assignsubmission_file_/xor_mlp.cpp",
                                            "deep/homework/02/src/xor_mlp.cpp",
                                            "case/XOR_MLP.CPP",
                                            "browser/xor_mlp (1).cpp",
                                            "twice/xor_mlp(2).cpp",
                                            "copy/Copy of xor_mlp - Copy.cpp",
                                            "hyphen/xor-mlp.cpp",
                                            "prefix/2024-1_kim_xor_mlp_final.cpp",
                                            "windows/xor_mlp.cpp.txt",
                                            nfc + "_1/" + nfc + "_xor_mlp.cpp",
                                            nfd + "_2/xor_mlp_" + nfd + ".cpp"};
  for (const std::string& name : folders) {
    write_text(folder.path() / name, "int x;");
    write_text((folder.path() / name).parent_path() / "__MACOSX/._xor_mlp.cpp", "no");
    write_text((folder.path() / name).parent_path() / "Thumbs.db", "no");
    const std::string top = name.substr(0, name.find('/'));
    for (const char* chapter : {"02", static_cast<const char*>(nullptr)}) {
      const Submission one = read(top, chapter);
      EXPECT_EQ(one.refused, "") << name;
      EXPECT_EQ(one.source, "int x;") << name;
      EXPECT_EQ(one.name, top);
      ASSERT_NE(one.chapter, nullptr) << name;
      EXPECT_EQ(one.chapter->number(), "02") << name;
    }
  }
  write_text(folder.path() / "kimminsu_1234_5678_xor_mlp-1.cpp", "int x;");
  EXPECT_EQ(read("kimminsu_1234_5678_xor_mlp-1.cpp").chapter->number(), "02");
}

TEST_F(SubmissionTest, MayBeTheOneSourceBelow) {
  write_text(folder.path() / "kim/a/b/answer.cpp", "int x;");
  EXPECT_EQ(read("kim", "02").source, "int x;");
  EXPECT_NE(read("kim").refused, "") << "of which chapter?";
  write_text(folder.path() / "kim/a/other.cpp", "int y;");
  EXPECT_NE(read("kim", "02").refused.find("several"), std::string::npos) << "which of the two?";
  write_text(folder.path() / "kim/c/xor_mlp.cpp", "int z;");
  EXPECT_EQ(read("kim", "02").source, "int z;") << "the name decides";
  write_text(folder.path() / "kim/d/xor_mlp (1).cpp", "int u;");
  EXPECT_EQ(read("kim", "02").source, "int z;") << "the exact name decides";
  write_text(folder.path() / "kim/d/xor_mlp.cpp", "int v;");
  EXPECT_NE(read("kim", "02").refused.find("c/xor_mlp.cpp, d/xor_mlp.cpp"), std::string::npos);
  write_text(folder.path() / "lee/myxor_mlp2.cpp", "int x;");
  EXPECT_NE(read("lee").refused, "") << "a part of a word is no name";
}

TEST_F(SubmissionTest, IsNotLookedForBehindLinks) {
  write_text(folder.path() / "secret/xor_mlp.cpp", "secret");
  fs::create_directories(folder.path() / "kim/a");
  fs::create_directory_symlink("../../secret", folder.path() / "kim/a/b");
  fs::create_symlink("../../secret/xor_mlp.cpp", folder.path() / "kim/a/xor_mlp.cpp");
  EXPECT_EQ(read("kim", "02").source, "");
  EXPECT_NE(read("kim", "02").refused, "");
}

TEST_F(SubmissionTest, SaysInOneLineWhatNoCompilerReads) {
  const std::string utf16("\xff\xfei\0n\0t\0 \0x\0;\0", 14);
  write_text(folder.path() / "a/xor_mlp.cpp", utf16);
  write_text(folder.path() / "b/xor_mlp.cpp", utf16.substr(2));
  write_text(folder.path() / "c/xor_mlp.cpp", "PK\x03\x04rest");
  write_text(folder.path() / "d/xor_mlp.zip", "PK\x03\x04rest");
  for (const char* name : {"a", "b"})
    EXPECT_EQ(read(name, "02").refused, "is UTF-16 text: save it as UTF-8");
  for (const char* name : {"c", "d"}) {
    EXPECT_NE(read(name, "02").refused.find("unpack"), std::string::npos);
    EXPECT_EQ(read(name, "02").refused.find('\n'), std::string::npos);
  }
  write_text(folder.path() / "e/xor_mlp.cpp", "\xef\xbb\xbfint x;\r\n");
  EXPECT_EQ(read("e", "02").refused, "") << "a BOM and CRLF are no hindrance";
}

std::vector<std::string> names_of(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(path.filename().string());
  return names;
}

TEST_F(SubmissionTest, ABatchIsListedInOrder) {
  for (const char* name : {"b", "a", ".hidden", "__MACOSX", "c"})
    fs::create_directories(folder.path() / name);
  for (const char* name : {"grades.csv", "out.txt", "Thumbs.db", ".DS_Store", "desktop.ini",
                           "lim.zip", "park.pdf", "kim_xor_mlp-1.cpp"})
    write_text(folder.path() / name, "");
  const Batch batch = list_batch(folder.path(), folder.path() / "out.txt");
  EXPECT_EQ(names_of(batch.entries),
            (std::vector<std::string>{"a", "b", "c", "kim_xor_mlp-1.cpp"}));
  ASSERT_EQ(batch.passed_over.size(), 2u);
  EXPECT_EQ(batch.passed_over[0], "lim.zip: not graded: unpack it into a folder first");
}

TEST_F(SubmissionTest, PartsAreTheWhole) {
  const std::vector<fs::path> all = {"a", "b", "c", "d", "e"};
  for (std::size_t parts : {1u, 2u, 3u, 5u, 8u}) {
    std::vector<fs::path> together;
    for (std::size_t part = 1; part <= parts; ++part)
      for (const fs::path& path : part_of(all, part, parts)) together.push_back(path);
    EXPECT_EQ(together, all);
  }
}

}  // namespace
}  // namespace gradus
