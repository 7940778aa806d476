// libFuzzer target for common/mnist: see README.md.
//
// Each input goes through both readers in four ways: as bytes, as a file, as the gzip file that
// it may be, and packed into an intact gzip file. Besides crashes, these would be findings:
// another exception than DataError, a message of several lines, an accepted file that differs
// from what was read, and bytes that are judged differently packed and unpacked.

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/mnist.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

void must(bool ok) {
  if (!ok) std::abort();
}

// A file that exists only in memory; it has a path all the same.
class MemoryFile {
 public:
  explicit MemoryFile(ByteSpan bytes) : descriptor_(memfd_create("mnist_fuzz", 0)) {
    const auto size = static_cast<ssize_t>(bytes.size());
    must(descriptor_ >= 0 && write(descriptor_, bytes.data(), bytes.size()) == size);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// Stored, not compressed: that is quick, and unpacking is what is under test.
Bytes packed(ByteSpan bytes) {
  z_stream z = {};
  must(deflateInit2(&z, 0, Z_DEFLATED, 16 + 9, 1, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes result(deflateBound(&z, bytes.size()) + 64);
  z.next_in = const_cast<Bytef*>(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = result.data();
  z.avail_out = static_cast<uInt>(result.size());
  must(deflate(&z, Z_FINISH) == Z_STREAM_END);
  result.resize(z.total_out);
  deflateEnd(&z);
  return result;
}

void append_number(Bytes& bytes, int value) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

// What a file would hold that holds just what was read.
Bytes to_idx(const gradus::IdxImages& images) {
  must(images.count > 0 && images.rows > 0 && images.cols > 0);
  const std::int64_t pixels = std::int64_t{images.count} * images.rows * images.cols;
  must(images.pixels.size() == static_cast<std::size_t>(pixels));
  must(transposed(transposed(images)).pixels == images.pixels);
  Bytes bytes;
  for (const int n : {0x803, images.count, images.rows, images.cols}) append_number(bytes, n);
  bytes.insert(bytes.end(), images.pixels.begin(), images.pixels.end());
  return bytes;
}

Bytes to_idx(const std::vector<int>& labels) {
  Bytes bytes;
  for (const int n : {0x801, static_cast<int>(labels.size())}) append_number(bytes, n);
  for (const int label : labels) {
    must(0 <= label && label <= 255);
    bytes.push_back(static_cast<std::uint8_t>(label));
  }
  return bytes;
}

// The bytes of a file with just what `read` read, or nothing if it was refused as it should be.
template <class Read>
std::optional<Bytes> outcome(const std::string& name, Read read) {
  try {
    return to_idx(read());
  } catch (const gradus::DataError& error) {
    const std::string message = error.what();
    must(message.starts_with(name + ": "));
    must(message.find("; expected ") != std::string::npos);
    for (const char c : message) must(' ' <= c && c <= '~');
    return std::nullopt;
  }
}

// read_bytes and read_file are the pair for images or the pair for labels.
template <class ReadBytes, class ReadFile>
void check(ByteSpan bytes, ReadBytes read_bytes, ReadFile read_file) {
  const auto from_file = [&](ByteSpan contents) {
    const MemoryFile file(contents);
    return outcome(file.path(), [&] { return read_file(file.path()); });
  };
  const auto expected = outcome("bytes", [&] { return read_bytes(bytes, "bytes"); });
  if (expected) must(*expected == Bytes(bytes.begin(), bytes.end()));
  must(from_file(packed(bytes)) == expected);
  const bool is_gzip = bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
  const auto as_it_is = from_file(bytes);
  if (!is_gzip) must(as_it_is == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan bytes(data, size);
  check(bytes, gradus::parse_idx_images, gradus::read_idx_images);
  check(bytes, gradus::parse_idx_labels, gradus::read_idx_labels);
  return 0;
}
