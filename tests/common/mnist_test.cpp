// The reader of IDX files: what it reads, and that it refuses everything else in one clear line.

#include "common/mnist.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace gradus {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append_number(Bytes& bytes, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

// A header made of `numbers` and the body after it.
Bytes idx(const std::vector<std::uint32_t>& numbers, const Bytes& body) {
  Bytes bytes;
  for (const std::uint32_t number : numbers) append_number(bytes, number);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

// Two images of 2 rows and 3 columns, and their labels.
const Bytes kPixels = {0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255};
Bytes two_images() { return idx({0x803, 2, 2, 3}, kPixels); }
Bytes two_labels() { return idx({0x801, 2}, {9, 0}); }

Bytes first(const Bytes& bytes, std::size_t count) {
  return Bytes(bytes.data(), bytes.data() + count);
}

// `action` must throw DataError with one line that starts with the file and holds every part.
void expect_refusal(const std::function<void()>& action, const std::string& file,
                    const std::vector<std::string>& parts) {
  try {
    action();
    ADD_FAILURE() << file << " was accepted; it must be refused with DataError";
  } catch (const DataError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.rfind(file + ": ", 0), 0U) << "must start with the file: " << message;
    for (const std::string& part : parts)
      EXPECT_NE(message.find(part), std::string::npos) << "must hold '" << part << "': " << message;
    for (const char c : message)
      EXPECT_FALSE(static_cast<unsigned char>(c) < 32 || c == 127)
          << "control character " << int{c};
  }  // any other exception fails the test by itself
}

void expect_images_refused(const Bytes& bytes, const std::vector<std::string>& parts) {
  expect_refusal([&] { parse_idx_images(bytes, "some-images"); }, "some-images", parts);
}

void expect_labels_refused(const Bytes& bytes, const std::vector<std::string>& parts) {
  expect_refusal([&] { parse_idx_labels(bytes, "some-labels"); }, "some-labels", parts);
}

void expect_two_images(const IdxImages& images) {
  EXPECT_EQ(images.count, 2);
  EXPECT_EQ(images.rows, 2);
  EXPECT_EQ(images.cols, 3);
  EXPECT_EQ(images.pixels, kPixels);
}

// ---- From bytes ----

TEST(IdxReader, ReadsImages) { expect_two_images(parse_idx_images(two_images(), "f")); }

TEST(IdxReader, ReadsLabels) {
  EXPECT_EQ(parse_idx_labels(two_labels(), "f"), (std::vector<int>{9, 0}));
}

TEST(IdxReader, ReadsHeaderNumbersMostSignificantByteFirst) {
  const IdxImages images = parse_idx_images(idx({0x803, 1, 1, 258}, Bytes(258, 7)), "f");
  EXPECT_EQ(images.count, 1);
  EXPECT_EQ(images.rows, 1);
  EXPECT_EQ(images.cols, 258);
}

TEST(IdxReader, RefusesAnEmptyFile) {
  expect_images_refused({}, {"empty", "expected IDX images"});
  expect_labels_refused({}, {"empty", "expected IDX labels"});
}

TEST(IdxReader, RefusesATruncatedHeader) {
  for (std::size_t n = 1; n < 16; ++n)
    expect_images_refused(first(two_images(), n),
                          {"header is truncated", std::to_string(n) + " bytes", "expected 16"});
  for (std::size_t n = 1; n < 8; ++n)
    expect_labels_refused(first(two_labels(), n),
                          {"header is truncated", std::to_string(n) + " bytes", "expected 8"});
}

TEST(IdxReader, RefusesAWrongMagicNumber) {
  expect_images_refused(idx({0xD03, 2, 2, 3}, kPixels),
                        {"0x00000d03", "expected 0x00000803", "images"});
  expect_images_refused(idx({0x03080000, 2, 2, 3}, kPixels), {"0x03080000", "expected 0x00000803"});
  expect_labels_refused(idx({0x00310801, 2}, {9, 0}),
                        {"0x00310801", "expected 0x00000801", "labels"});
}

TEST(IdxReader, SaysThatImagesAndLabelsAreSwapped) {
  expect_images_refused(two_labels(), {"holds labels", "expected images", "swapped"});
  expect_labels_refused(two_images(), {"holds images", "expected labels", "swapped"});
}

TEST(IdxReader, RefusesZeroImagesRowsOrColumns) {
  expect_images_refused(idx({0x803, 0, 2, 3}, {}), {"0 images", "expected 1 to 2147483647"});
  expect_images_refused(idx({0x803, 2, 0, 3}, {}), {"0 rows", "expected 1 to 4096"});
  expect_images_refused(idx({0x803, 2, 2, 0}, {}), {"0 columns", "expected 1 to 4096"});
  expect_labels_refused(idx({0x801, 0}, {}), {"0 labels", "expected 1 to 2147483647"});
}

TEST(IdxReader, RefusesCountsThatNoFileCanHold) {
  expect_images_refused(idx({0x803, 0x80000000, 2, 3}, kPixels), {"2147483648 images", "expected"});
  expect_images_refused(idx({0x803, 2, 4097, 3}, kPixels), {"4097 rows", "expected 1 to 4096"});
  expect_images_refused(idx({0x803, 2, 2, 0xffffffff}, kPixels), {"4294967295 columns"});
  expect_labels_refused(idx({0x801, 0xffffffff}, {9, 0}), {"4294967295 labels", "expected"});
}

// Neither products that wrap around (65536 * 256 * 256 is 0 in 32 bits) nor an attempt to claim
// the memory: the length of the body decides first.
TEST(IdxReader, RefusesAProductThatOverflows) {
  expect_images_refused(idx({0x803, 65536, 256, 256}, {}), {"truncated to 0", "4294967296"});
  expect_images_refused(idx({0x803, 0x7fffffff, 4096, 4096}, kPixels),
                        {"truncated to 12", "expected 36028797002186752"});
  expect_labels_refused(idx({0x801, 0x7fffffff}, {9, 0}), {"truncated to 2", "2147483647"});
}

TEST(IdxReader, RefusesATruncatedBody) {
  for (std::size_t n = 16; n < two_images().size(); ++n)
    expect_images_refused(first(two_images(), n),
                          {"truncated to " + std::to_string(n - 16) + " bytes", "expected 12"});
  expect_labels_refused(first(two_labels(), 9), {"truncated to 1 bytes", "expected 2"});
}

TEST(IdxReader, RefusesTrailingBytes) {
  expect_images_refused(idx({0x803, 1, 2, 3}, kPixels), {"trailing", "has 12", "expected 6"});
  expect_labels_refused(idx({0x801, 2}, {9, 0, 1}), {"trailing", "has 3", "expected 2"});
}

// EMNIST has 62 classes; how many there are is the caller's business.
TEST(IdxReader, ReadsLabelsOfAnySet) {
  EXPECT_EQ(parse_idx_labels(idx({0x801, 4}, {9, 10, 61, 255}), "f"),
            (std::vector<int>{9, 10, 61, 255}));
}

TEST(IdxReader, TurnsImages) {
  const IdxImages turned = transposed(parse_idx_images(two_images(), "f"));
  EXPECT_EQ(turned.count, 2);
  EXPECT_EQ(turned.rows, 3);
  EXPECT_EQ(turned.cols, 2);
  EXPECT_EQ(turned.pixels, (Bytes{0, 3, 1, 4, 2, 5, 250, 253, 251, 254, 252, 255}));
  EXPECT_EQ(transposed(turned).pixels, kPixels);
}

// ---- Files that are something else ----

Bytes text(const std::string& characters) { return Bytes(characters.begin(), characters.end()); }

TEST(IdxReader, NamesAFileThatIsSomethingElse) {
  using std::string_literals::operator""s;
  Bytes tar(512);
  tar[0] = 'm';
  for (int i = 0; i < 5; ++i)
    tar[static_cast<std::size_t>(257 + i)] = static_cast<std::uint8_t>("ustar"[i]);
  const std::pair<Bytes, const char*> files[] = {
      {text("<!DOCTYPE html>\n<html><body>404"), "web page (HTML)"},
      {text("\xef\xbb\xbf\r\n  <HTML>\n"), "web page (HTML)"},
      {text("<?xml version='1.0'?><Error><Code>AccessDenied</Code>"), "web page (HTML)"},
      {text("PK\x03\x04\x14\0\0\0\x08\0"s), "zip archive"},
      {text("PK\x03\x04\x14\0\0\0\x08\0x_train.npy"s), "NumPy archive (.npz)"},
      {text("\x93NUMPY\x01\0v\0{'descr'"s), "NumPy array (.npy)"},
      {text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9912422\n"),
       "Git LFS pointer"},
      {text("BZh91AY&SY"), "bzip2"},
      {text("\xfd"
            "7zXZ\0\0\x04"s),
       "xz"},
      {text("7z\xbc\xaf\x27\x1c"), "7-Zip"},
      {text("\x1f\x8b\x08\0\0\0"s), "gzip data"},
      {tar, "tar archive"},
      {text("label,pixel0,pixel1\n5,0,0\n"), "table in text (CSV)"},
      {text("Not found: try again later"), "is a text"},
      {text("MATLAB 5.0 MAT-file"), "MATLAB"},
      {text("\x89PNG\r\n\x1a\n"), "PNG"},
      {idx({0xd03, 2, 2, 3}, kPixels), "float values in 3 dimensions (magic number 0x00000d03)"},
      {idx({0xb03, 2, 2, 3}, kPixels), "16-bit integers in 3 dimensions"},
      {idx({0xe01, 2}, kPixels), "double values in 1 dimension ("},
      {idx({0x804, 2, 2, 3, 1}, kPixels), "bytes in 4 dimensions (magic number 0x00000804)"},
      {idx({0x03080000, 2, 2, 3}, kPixels), "least significant byte first"},
      {idx({0xdeadbeef, 2, 2, 3}, kPixels), "begins with 0xdeadbeef"},
  };
  for (const auto& [bytes, name] : files) {
    expect_images_refused(bytes, {name, "; expected 0x00000803, IDX images"});
    expect_labels_refused(bytes, {name, "; expected 0x00000801, IDX labels"});
  }
}

TEST(IdxReader, ShowsControlCharactersOfAFileNameAsQuestionMarks) {
  const auto read = [] { parse_idx_labels(Bytes{}, "two\nlines\x1b[31m\x7f"); };
  expect_refusal(read, "two?lines?[31m?", {"empty"});
}

TEST(IdxReader, ShowsFileNamesInAnyScript) {
  expect_refusal([] { parse_idx_labels(Bytes{}, "강의/손글씨"); }, "강의/손글씨", {"empty"});
}

// ---- From files ----

// A folder of its own for each test of each process, removed afterwards.
class IdxFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "gradus_mnist_test_" + std::to_string(getpid());
    std::filesystem::remove_all(folder_);
    ASSERT_TRUE(std::filesystem::create_directories(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const Bytes& bytes) const {
    std::ofstream file(folder_ + "/" + name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    EXPECT_TRUE(file.flush()) << "could not write " << name;
    return folder_ + "/" + name;
  }

  std::string write_gz(const std::string& name, const Bytes& bytes) const {
    const std::string path = folder_ + "/" + name;
    const gzFile file = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
              static_cast<int>(bytes.size()));
    EXPECT_EQ(gzclose(file), Z_OK);
    return path;
  }

  static Bytes contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }

  // A whole set of two training images and one test image; tests then spoil one file of it.
  void write_set() const {
    write_gz("train-images-idx3-ubyte.gz", two_images());
    write("train-labels-idx1-ubyte", two_labels());
    write("t10k-images-idx3-ubyte", idx({0x803, 1, 2, 3}, {5, 5, 5, 6, 6, 6}));
    write_gz("t10k-labels-idx1-ubyte.gz", idx({0x801, 1}, {4}));
  }

  std::string folder_;
};

void expect_file_refused(const std::string& path, const std::vector<std::string>& parts) {
  expect_refusal([&] { read_idx_images(path); }, path, parts);
}

TEST_F(IdxFiles, ReadsRawFiles) {
  expect_two_images(read_idx_images(write("images", two_images())));
  EXPECT_EQ(read_idx_labels(write("labels", two_labels())), (std::vector<int>{9, 0}));
}

TEST_F(IdxFiles, ReadsGzipFiles) {
  expect_two_images(read_idx_images(write_gz("images.gz", two_images())));
  EXPECT_EQ(read_idx_labels(write_gz("labels.gz", two_labels())), (std::vector<int>{9, 0}));
}

TEST_F(IdxFiles, TellsGzipByTheContentsAndNotByTheName) {
  expect_two_images(read_idx_images(write("raw-inside.gz", two_images())));
  expect_two_images(read_idx_images(write_gz("packed-inside", two_images())));
}

TEST_F(IdxFiles, UnpacksMoreThanOneChunkWithoutLoss) {
  Bytes bytes(200'000);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : bytes)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  EXPECT_TRUE(read_maybe_gz(write_gz("long.gz", bytes)) == bytes);
}

TEST_F(IdxFiles, ReadsGzipFilesThatWereJoined) {
  Bytes joined = contents(write_gz("1.gz", first(two_images(), 20)));
  const Bytes whole = two_images();
  const Bytes rest = contents(write_gz("2.gz", Bytes(whole.begin() + 20, whole.end())));
  joined.insert(joined.end(), rest.begin(), rest.end());
  expect_two_images(read_idx_images(write("joined.gz", joined)));
}

TEST_F(IdxFiles, RefusesAMissingFile) {
  expect_file_refused(folder_ + "/nothing", {"no such file", "expected an IDX file"});
  expect_file_refused(write("file", {}) + "/below-a-file", {"no such file"});
}

TEST_F(IdxFiles, RefusesAFolder) {
  expect_file_refused(folder_, {"is a folder", "expected an IDX file"});
}

TEST_F(IdxFiles, RefusesADevice) {
  if (!std::filesystem::is_character_file("/dev/zero")) GTEST_SKIP() << "there is no /dev/zero";
  expect_file_refused("/dev/zero", {"no regular file", "expected an IDX file"});
}

TEST_F(IdxFiles, RefusesAnEmptyFileRawOrPacked) {
  expect_file_refused(write("empty", {}), {"empty", "expected IDX images"});
  expect_file_refused(write_gz("empty.gz", {}), {"empty", "expected IDX images"});
}

TEST_F(IdxFiles, NamesTheFileWhenItsContentsAreWrong) {
  const std::string path = write_gz("short.gz", first(two_images(), 27));
  expect_file_refused(path, {"truncated to 11 bytes", "expected 12"});
}

TEST_F(IdxFiles, RefusesAGzipFileCutAnywhere) {
  const Bytes packed = contents(write_gz("whole.gz", two_images()));
  for (std::size_t n = 2; n < packed.size(); ++n)
    expect_file_refused(write("cut.gz", first(packed, n)), {"truncated", "expected a complete"});
}

TEST_F(IdxFiles, RefusesAWrongChecksum) {
  Bytes packed = contents(write_gz("whole.gz", two_images()));
  packed[packed.size() - 8] ^= 1;  // a gzip file ends with its checksum and its length
  expect_file_refused(write("crc.gz", packed), {"damaged", "data check", "expected an intact"});
}

TEST_F(IdxFiles, RefusesAWrongLengthInAGzipFile) {
  Bytes packed = contents(write_gz("whole.gz", two_images()));
  packed[packed.size() - 4] ^= 1;
  expect_file_refused(write("length.gz", packed), {"damaged", "length check", "expected"});
}

TEST_F(IdxFiles, RefusesGarbageAfterAGzipFile) {
  Bytes packed = contents(write_gz("whole.gz", two_images()));
  for (const char c : {'g', 'a', 'r', 'b', 'a', 'g', 'e'})
    packed.push_back(static_cast<std::uint8_t>(c));
  expect_file_refused(write("garbage.gz", packed), {"damaged", "expected an intact"});
}

TEST_F(IdxFiles, SaysThatAFileIsPackedTwice) {
  const Bytes once = contents(write_gz("once.gz", two_images()));
  expect_file_refused(write_gz("twice.gz", once), {"packed by gzip twice", "expected once"});
}

TEST_F(IdxFiles, NamesWhatAPackedFileHolds) {
  expect_file_refused(write_gz("page.gz", text("<html>Sign in</html>")), {"web page (HTML)"});
}

// Some bits are not data: notes in the header of 10 bytes (time, system), and what fills the last
// byte before the trailer of 8. Flipping those changes nothing; flipping any other is noticed.
TEST_F(IdxFiles, NoFlippedBitOfAGzipFileChangesTheImages) {
  const Bytes packed = contents(write_gz("whole.gz", two_images()));
  for (std::size_t bit = 0; bit < 8 * packed.size(); ++bit) {
    Bytes flipped = packed;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const std::string path = write("flipped.gz", flipped);
    try {
      expect_two_images(read_idx_images(path));
      EXPECT_TRUE(bit / 8 < 10 || bit / 8 == packed.size() - 9) << "nobody noticed bit " << bit;
    } catch (const DataError&) {
    }
  }
}

TEST_F(IdxFiles, RefusesMoreBytesThanTheLimitRawOrPacked) {
  const Bytes zeros(100'000);
  const std::string raw = write("raw", zeros);
  const std::string packed = write_gz("bomb.gz", zeros);
  EXPECT_EQ(read_maybe_gz(raw, 100'000).size(), 100'000U);
  EXPECT_EQ(read_maybe_gz(packed, 100'000).size(), 100'000U);
  const std::vector<std::string> parts = {"expected at most 99999"};
  expect_refusal([&] { read_maybe_gz(raw, 99'999); }, raw, parts);
  expect_refusal([&] { read_maybe_gz(packed, 99'999); }, packed, parts);
}

// A file that is long only on paper: it claims no disk, and reading it must claim no memory.
TEST_F(IdxFiles, RefusesAHugeFileBeforeReadingIt) {
  const std::string path = write("huge", two_images());
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  expect_file_refused(path, {"holds 1099511627776 bytes", "expected at most 600000000"});
}

// ---- A set of four files ----

TEST_F(IdxFiles, ReadsASetWithPackedAndRawFilesMixed) {
  write_set();
  const MnistSet set = read_mnist(folder_);
  expect_two_images(set.train_images);
  EXPECT_EQ(set.train_labels, (std::vector<int>{9, 0}));
  EXPECT_EQ(set.test_images.count, 1);
  EXPECT_EQ(set.test_images.pixels, (Bytes{5, 5, 5, 6, 6, 6}));
  EXPECT_EQ(set.test_labels, (std::vector<int>{4}));
}

TEST_F(IdxFiles, NamesTheFileThatASetLacks) {
  for (const std::string name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte",
                                 "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"}) {
    write_set();
    std::filesystem::remove(folder_ + "/" + name);
    const std::string plain = folder_ + "/" + name.substr(0, name.find(".gz"));
    expect_refusal([&] { read_mnist(folder_); }, plain, {"no such file", "with or without .gz"});
  }
}

TEST_F(IdxFiles, RefusesALabelOutsideTheClasses) {
  write_set();
  const std::string path = write("train-labels-idx1-ubyte", idx({0x801, 2}, {9, 10}));
  expect_refusal([&] { read_mnist(folder_); }, path,
                 {"label 1 (counted from 0) is 10", "expected 0 to 9 for 10 classes"});
  EXPECT_EQ(read_mnist(folder_, {.classes = 11}).train_labels, (std::vector<int>{9, 10}));
  expect_refusal([&] { read_mnist(folder_, {.classes = 9}); }, path, {"label 0", "0 to 8"});
  EXPECT_THROW(read_mnist(folder_, {.classes = 0}), std::invalid_argument);
}

// What 7-Zip, Windows and Kaggle make of the names.
TEST_F(IdxFiles, FindsNamesWithADot) {
  write("train-images.idx3-ubyte", two_images());
  write_gz("train-labels.idx1-ubyte.gz", two_labels());
  write("t10k-images.idx3-ubyte", two_images());
  write("t10k-labels-idx1-ubyte", two_labels());
  expect_two_images(read_mnist(folder_).train_images);
}

TEST_F(IdxFiles, FindsFilesInFoldersOfTheirName) {
  for (const std::string name : {"train-images", "t10k-images"}) {
    std::filesystem::create_directories(folder_ + "/" + name + ".idx3-ubyte");
    write(name + ".idx3-ubyte/" + name + "-idx3-ubyte", two_images());
  }
  for (const std::string name : {"train-labels", "t10k-labels"}) {
    std::filesystem::create_directories(folder_ + "/" + name + "-idx1-ubyte");
    write_gz(name + "-idx1-ubyte/" + name + ".idx1-ubyte.gz", two_labels());
  }
  const MnistSet set = read_mnist(folder_);
  expect_two_images(set.train_images);
  EXPECT_EQ(set.test_labels, (std::vector<int>{9, 0}));
}

TEST_F(IdxFiles, PassesOverAnEmptyFolderOfThatName) {
  write_set();
  std::filesystem::create_directories(folder_ + "/t10k-images.idx3-ubyte");
  EXPECT_EQ(read_mnist(folder_).test_images.count, 1);
  std::filesystem::remove(folder_ + "/t10k-images-idx3-ubyte");
  expect_refusal([&] { read_mnist(folder_); }, folder_ + "/t10k-images-idx3-ubyte",
                 {"no such file", "t10k-images.idx3-ubyte", "folder of that name"});
}

TEST_F(IdxFiles, FindsTheNamesOfEmnist) {
  const auto write_emnist = [&](const std::string& name, const Bytes& pixels) {
    write_gz(name + "-train-images-idx3-ubyte.gz", idx({0x803, 2, 2, 3}, pixels));
    write_gz(name + "-train-labels-idx1-ubyte.gz", idx({0x801, 2}, {1, 26}));
    write(name + "-test-images-idx3-ubyte", two_images());
    write(name + "-test-labels-idx1-ubyte", two_labels());
  };
  write_emnist("emnist-letters", kPixels);
  const MnistSet set = read_mnist(folder_, {.classes = 27, .transposed = true});
  EXPECT_EQ(set.train_labels, (std::vector<int>{1, 26}));
  EXPECT_EQ(set.train_images.rows, 3);
  EXPECT_EQ(set.train_images.pixels, (Bytes{0, 3, 1, 4, 2, 5, 250, 253, 251, 254, 252, 255}));
  EXPECT_EQ(set.test_images.pixels, set.train_images.pixels);

  write_emnist("emnist-digits", Bytes(12, 7));
  expect_refusal([&] { read_mnist(folder_, {.classes = 27}); }, folder_,
                 {"several sets (emnist-digits, emnist-letters)", "expected one"});
  const MnistSet digits = read_mnist(folder_, {.classes = 27, .name = "emnist-digits"});
  EXPECT_EQ(digits.train_images.pixels, Bytes(12, 7));
  expect_refusal([&] { read_mnist(folder_, {.name = "kuzushiji"}); },
                 folder_ + "/kuzushiji-train-images-idx3-ubyte", {"no such file"});
}

TEST_F(IdxFiles, SaysThatAFolderIsMissing) {
  expect_refusal([&] { read_mnist(folder_ + "/mnist"); }, folder_ + "/mnist", {"no such folder"});
}

TEST_F(IdxFiles, RefusesASetWithMoreLabelsThanImages) {
  write_set();
  const std::string path = write("train-labels-idx1-ubyte", idx({0x801, 3}, {9, 0, 1}));
  expect_refusal([&] { read_mnist(folder_); }, path,
                 {"3 labels", "expected 2", "train-images-idx3-ubyte"});
}

TEST_F(IdxFiles, RefusesASetWithFewerLabelsThanImages) {
  write_set();
  write("t10k-images-idx3-ubyte", two_images());
  expect_refusal([&] { read_mnist(folder_); }, folder_ + "/t10k-labels-idx1-ubyte.gz",
                 {"1 labels", "expected 2", "t10k-images-idx3-ubyte"});
}

TEST_F(IdxFiles, RefusesTestImagesOfAnotherSize) {
  write_set();
  write("t10k-images-idx3-ubyte", idx({0x803, 1, 3, 2}, {5, 5, 5, 6, 6, 6}));
  expect_refusal([&] { read_mnist(folder_); }, folder_, {"3x2", "expected 2x3"});
}

// ---- MNIST itself; the sums were counted with NumPy ----

class Mnist : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { set_ = read_mnist(GRADUS_ROOT "/data/mnist"); }
  static void TearDownTestSuite() { set_ = {}; }

  static std::array<int, 10> histogram(const std::vector<int>& labels) {
    std::array<int, 10> counts = {};
    for (const int label : labels) ++counts.at(static_cast<std::size_t>(label));
    return counts;
  }
  static std::int64_t sum(const Bytes& pixels) {
    return std::accumulate(pixels.begin(), pixels.end(), std::int64_t{0});
  }
  static inline MnistSet set_;
};

TEST_F(Mnist, Has60000TrainingAnd10000TestImagesOf28x28) {
  EXPECT_EQ(set_.train_images.count, 60000);
  EXPECT_EQ(set_.test_images.count, 10000);
  for (const IdxImages* images : {&set_.train_images, &set_.test_images}) {
    EXPECT_EQ(images->rows, 28);
    EXPECT_EQ(images->cols, 28);
    EXPECT_EQ(images->pixels.size(), static_cast<std::size_t>(images->count) * 784);
  }
  EXPECT_EQ(set_.train_labels.size(), 60000U);
  EXPECT_EQ(set_.test_labels.size(), 10000U);
}

TEST_F(Mnist, StartsWithAFiveAndItsTestSetWithASeven) {
  EXPECT_EQ(set_.train_labels.front(), 5);
  EXPECT_EQ(set_.test_labels.front(), 7);
}

TEST_F(Mnist, HasTheKnownNumberOfEachDigit) {
  EXPECT_EQ(histogram(set_.train_labels),
            (std::array<int, 10>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_EQ(histogram(set_.test_labels),
            (std::array<int, 10>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
}

TEST_F(Mnist, HasTheKnownSumOfPixels) {
  EXPECT_EQ(sum(set_.train_images.pixels), 1567298545);
  EXPECT_EQ(sum(set_.test_images.pixels), 264923200);
  EXPECT_EQ(sum(first(set_.train_images.pixels, 784)), 27525);
  EXPECT_EQ(sum(first(set_.test_images.pixels, 784)), 18454);
}

}  // namespace
}  // namespace gradus
