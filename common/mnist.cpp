#include "common/mnist.hpp"

#define ZLIB_CONST  // zlib then promises not to write to its input
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <limits>
#include <new>
#include <system_error>

#include "common/mnist_parts.hpp"

namespace gradus {
namespace {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

struct Kind {
  const char* what;
  std::uint32_t magic;
  std::size_t header;  // bytes before the body
};
constexpr Kind kImages = {"images", 0x00000803, 16};
constexpr Kind kLabels = {"labels", 0x00000801, 8};
constexpr std::uint32_t kMaxCount = std::numeric_limits<int>::max();

// ---- From a file to bytes ----

Bytes read_as_it_is(const std::string& path, std::uint32_t limit) {
  using std::filesystem::file_type;
  std::error_code error;
  const file_type type = std::filesystem::status(path, error).type();
  if (type == file_type::not_found) refuse(path, "no such file; expected an IDX file");
  if (type == file_type::directory) refuse(path, "is a folder; expected an IDX file");
  // A pipe or a device might never end, so it is not even opened.
  if (type != file_type::regular)
    refuse(path, "is out of reach or no regular file; expected an IDX file");

  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) refuse(path, "can't be opened; expected a file that may be read");
  if (size > limit) refuse(path, "holds ", size, " bytes; expected at most ", limit);
  Bytes bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (file.gcount() != static_cast<std::streamsize>(size))
    refuse(path, "reading stopped after ", file.gcount(), " bytes; expected ", size);
  return bytes;
}

bool is_gzip(ByteSpan bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

// The state of zlib, given back however its user is left.
struct Inflater {
  z_stream stream = {};
  Inflater() {
    // 16 asks for gzip and nothing else: zlib then compares checksum and length at the end.
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

Bytes unpack(const Bytes& packed, const std::string& name, std::uint32_t limit) {
  Inflater inflater;
  z_stream& z = inflater.stream;
  z.next_in = packed.data();
  z.avail_in = static_cast<uInt>(packed.size());  // fits: at most `limit`

  Bytes bytes;
  std::array<std::uint8_t, 65536> chunk;
  int status = Z_OK;
  while (status != Z_STREAM_END || z.avail_in > 0) {
    if (status == Z_STREAM_END) inflateReset(&z);  // gzip files may be joined end to end
    z.next_out = chunk.data();
    z.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&z, Z_NO_FLUSH);
    bytes.insert(bytes.end(), chunk.data(), z.next_out);
    if (bytes.size() > limit)
      refuse(name, "unpacks to too much; expected at most ", limit, " bytes");
    if (status == Z_BUF_ERROR)  // zlib wants more and there is no more
      refuse(name, "the gzip data is truncated; expected a complete gzip file");
    if (status != Z_OK && status != Z_STREAM_END)
      refuse(name, "the gzip data is damaged: ", z.msg != nullptr ? z.msg : zError(status),
             "; expected an intact gzip file");
  }
  return bytes;
}

// ---- From bytes to numbers ----

// Big-endian: the most significant byte first.
std::uint32_t number_at(ByteSpan bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes.subspan(at, 4)) value = value << 8 | byte;
  return value;
}

// After this the whole header may be read.
void check_start(ByteSpan bytes, const std::string& name, const Kind& kind) {
  if (bytes.empty()) refuse(name, "the file is empty; expected IDX ", kind.what);
  const std::uint32_t magic = bytes.size() < 4 ? kind.magic : number_at(bytes, 0);
  const Kind& other = kind.magic == kImages.magic ? kLabels : kImages;
  if (magic == other.magic)
    refuse(name, "holds ", other.what, "; expected ", kind.what, ": are the two files swapped?");
  if (magic != kind.magic) {
    const std::string foreign = foreign_file(bytes);
    refuse(name, foreign.empty() ? "begins with " + hex(magic) : foreign, "; expected ",
           hex(kind.magic), ", IDX ", kind.what);
  }
  if (bytes.size() < kind.header)
    refuse(name, "the header is truncated to ", bytes.size(), " bytes; expected ", kind.header);
}

// The number at a place of the header. It must be in 1 … most, so it fits an int.
int checked_number(ByteSpan bytes, const std::string& name, std::size_t at, const char* what,
                   std::uint32_t most) {
  const std::uint32_t value = number_at(bytes, at);
  if (value < 1 || value > most)
    refuse(name, "the header says ", value, " ", what, "; expected 1 to ", most);
  return static_cast<int>(value);
}

// The body, once it has the very length that the header promises. Only now may memory be claimed
// for it: a header of 16 bytes could promise 2^55.
ByteSpan checked_body(ByteSpan bytes, const std::string& name, const Kind& kind,
                      std::uint64_t promised) {
  const ByteSpan body = bytes.subspan(kind.header);
  if (body.size() < promised)
    refuse(name, "the body is truncated to ", body.size(), " bytes; expected ", promised);
  if (body.size() > promised)
    refuse(name, "trailing bytes: the body has ", body.size(), "; expected ", promised);
  return body;
}

std::string one_line(std::string text) {
  const auto is_control = [](unsigned char c) { return c < 32 || c == 127; };
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

}  // namespace

DataError::DataError(const std::string& file, const std::string& problem)
    : std::runtime_error(one_line(file + ": " + problem)) {}

Bytes read_maybe_gz(const std::string& path, std::uint32_t limit) {
  Bytes bytes = read_as_it_is(path, limit);
  if (!is_gzip(bytes)) return bytes;
  bytes = unpack(bytes, path, limit);
  if (is_gzip(bytes)) refuse(path, "is packed by gzip twice; expected once, or not at all");
  return bytes;
}

IdxImages parse_idx_images(ByteSpan bytes, const std::string& name) {
  check_start(bytes, name, kImages);
  const int count = checked_number(bytes, name, 4, "images", kMaxCount);
  const int rows = checked_number(bytes, name, 8, "rows", kMaxIdxSide);
  const int cols = checked_number(bytes, name, 12, "columns", kMaxIdxSide);
  const std::int64_t promised = std::int64_t{count} * rows * cols;  // below 2^55
  const ByteSpan body = checked_body(bytes, name, kImages, static_cast<std::uint64_t>(promised));
  return {count, rows, cols, {body.begin(), body.end()}};
}

std::vector<int> parse_idx_labels(ByteSpan bytes, const std::string& name) {
  check_start(bytes, name, kLabels);
  const int count = checked_number(bytes, name, 4, "labels", kMaxCount);
  const ByteSpan body = checked_body(bytes, name, kLabels, static_cast<std::uint64_t>(count));
  return {body.begin(), body.end()};
}

IdxImages read_idx_images(const std::string& path) {
  return parse_idx_images(read_maybe_gz(path), path);
}

std::vector<int> read_idx_labels(const std::string& path) {
  return parse_idx_labels(read_maybe_gz(path), path);
}

IdxImages transposed(const IdxImages& images) {
  IdxImages result = {images.count, images.cols, images.rows, images.pixels};
  auto to = result.pixels.begin();
  for (int n = 0; n < images.count; ++n) {
    const auto image = images.pixels.begin() + std::ptrdiff_t{n} * images.rows * images.cols;
    for (int j = 0; j < images.cols; ++j)
      for (int i = 0; i < images.rows; ++i) *to++ = image[std::ptrdiff_t{i} * images.cols + j];
  }
  return result;
}

}  // namespace gradus
