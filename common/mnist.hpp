// MNIST, and every set in the same format: IDX files, as they are or compressed with gzip.
//
//   images   magic 0x00000803   count   rows   cols   count * rows * cols bytes, 0 = ground
//   labels   magic 0x00000801   count                 count bytes, each 0 to 255
//
// Every number of a header has 4 bytes, the most significant first. After the last byte of the body
// nothing may follow. http://yann.lecun.com/exdb/mnist
//
// A file is believed only as far as it has been checked: whatever is wrong with it throws DataError
// and nothing is returned. Pixels stay bytes here; who trains divides by 255.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus {

// One line, "FILE: what was found; expected what". Control characters are shown as '?'.
class DataError : public std::runtime_error {
 public:
  DataError(const std::string& file, const std::string& problem);
};

struct IdxImages {
  int count = 0;
  int rows = 0;
  int cols = 0;
  std::vector<std::uint8_t> pixels;  // count * rows * cols: image after image, row after row
};

struct MnistSet {
  IdxImages train_images;
  std::vector<int> train_labels;
  IdxImages test_images;
  std::vector<int> test_labels;
};

// The most bytes that a file may hold, packed or unpacked. The largest well-known set of this
// format, EMNIST ByClass, needs 547 MB; a gzip file can unpack to a thousand times its size, so
// without a limit 10 MB could claim all the memory of a machine.
inline constexpr std::uint32_t kMaxIdxBytes = 600'000'000;

// Sides of an image: 1 to this. With it, count * rows * cols can't overflow 64 bits.
inline constexpr std::uint32_t kMaxIdxSide = 4096;

struct MnistOptions {
  int classes = 10;         // labels must be 0 … classes - 1
  std::string name = "";    // "emnist-letters", where a folder holds several sets
  bool transposed = false;  // EMNIST's images lie on their side: rows are columns
};

// The four files of a set: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte
// and t10k-labels-idx1-ubyte, each with .gz (looked for first) or without; train-images.idx3-ubyte
// and so on, as 7-Zip unpacks them; folders of these names around the files, as Kaggle packs them;
// emnist-letters-train-images-idx3-ubyte and emnist-letters-test-images-idx3-ubyte, as EMNIST calls
// them. There must be one label per image, and test images must have the size of training images.
//
//   read_mnist("data/mnist")
//   read_mnist("data/emnist", {.classes = 27, .name = "emnist-letters", .transposed = true})
MnistSet read_mnist(const std::string& folder, const MnistOptions& options = {});

// One file. Labels are as they are, 0 to 255: how many classes there are, the caller knows.
IdxImages read_idx_images(const std::string& path);
std::vector<int> read_idx_labels(const std::string& path);

// Each image with its rows as columns.
IdxImages transposed(const IdxImages& images);

// The same from bytes already unpacked; `name` is for messages.
IdxImages parse_idx_images(std::span<const std::uint8_t> bytes, const std::string& name);
std::vector<int> parse_idx_labels(std::span<const std::uint8_t> bytes, const std::string& name);

// A whole file, unpacked if it starts as gzip files do, whatever it is called.
std::vector<std::uint8_t> read_maybe_gz(const std::string& path,
                                        std::uint32_t limit = kMaxIdxBytes);

}  // namespace gradus
