// Downloads go wrong in known ways. A file that is no IDX file is named for what it is.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string_view>

#include "common/mnist_parts.hpp"

namespace gradus {
namespace {

using namespace std::string_view_literals;

struct Sign {
  std::size_t at;
  std::string_view bytes;
  const char* what;
};

constexpr Sign kSigns[] = {
    {0, "\x1f\x8b"sv, "is gzip data that is still packed"},
    {0, "PK\x03\x04"sv, "is a zip archive: unpack it first"},
    {0, "version https://git-lfs"sv, "is a Git LFS pointer, not the file: run git lfs pull"},
    {0, "BZh"sv, "is packed by bzip2: unpack it first"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "is packed by xz: unpack it first"},
    {0, "(\xb5/\xfd"sv, "is packed by zstd: unpack it first"},
    {0, "7z\xbc\xaf"sv, "is a 7-Zip archive: unpack it first"},
    {0, "Rar!"sv, "is a RAR archive: unpack it first"},
    {257, "ustar"sv, "is a tar archive: unpack it first"},
    {0, "\x93NUMPY"sv, "is a NumPy array (.npy)"},
    {0, "\x89HDF"sv, "is an HDF5 file"},
    {0, "MATLAB"sv, "is a MATLAB file"},
    {0, "PAR1"sv, "is a Parquet file"},
    {0, "\x89PNG"sv, "is a PNG picture"},
    {0, "\xff\xd8\xff"sv, "is a JPEG picture"},
    {0, "%PDF"sv, "is a PDF document"},
};

struct Type {
  std::uint8_t code;
  const char* values;
};
constexpr Type kTypes[] = {{0x08, "bytes"},           {0x09, "signed bytes"},
                           {0x0b, "16-bit integers"}, {0x0c, "32-bit integers"},
                           {0x0d, "float values"},    {0x0e, "double values"}};

// An IDX file begins with 0, 0, the type of its values, and how many dimensions they have.
std::string other_idx(std::span<const std::uint8_t> bytes) {
  const std::string magic =
      hex(bytes[0] * 0x1000000u + bytes[1] * 0x10000u + bytes[2] * 0x100u + bytes[3]);
  for (const Type& type : kTypes) {
    if (bytes[0] == 0 && bytes[1] == 0 && bytes[2] == type.code && bytes[3] > 0)
      return std::string("holds ") + type.values + " in " + std::to_string(bytes[3]) +
             (bytes[3] == 1 ? " dimension" : " dimensions") + " (magic number " + magic + ")";
    if (bytes[3] == 0 && bytes[2] == 0 && bytes[1] == type.code && bytes[0] > 0)
      return "has its numbers the least significant byte first (magic number " + magic + ")";
  }
  return "";
}

// The start of a text in small letters, without the blanks and the byte order mark before it.
std::string text_start(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.begin(), bytes.begin() + std::min<std::ptrdiff_t>(std::ssize(bytes), 512));
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_text(const std::string& start) {
  return !start.empty() && std::all_of(start.begin(), start.end(), [](unsigned char c) {
    return (c >= 32 && c != 127) || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

std::string hex(std::uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", number);
  return text;
}

std::string foreign_file(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4) return "";
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (all.starts_with("PK\x03\x04") && all.substr(0, 256).find(".npy") != all.npos)
    return "is a NumPy archive (.npz)";
  for (const Sign& sign : kSigns)
    if (all.size() >= sign.at && all.substr(sign.at).starts_with(sign.bytes)) return sign.what;
  if (const std::string idx = other_idx(bytes); !idx.empty()) return idx;
  const std::string start = text_start(bytes);
  for (const char* tag : {"<!doctype", "<html", "<head", "<?xml"})
    if (start.starts_with(tag)) return "is a web page (HTML): download the file behind it";
  if (!is_text(start)) return "";
  const bool table = start.find(',') < start.find('\n');
  return table ? "is a table in text (CSV)" : "is a text";
}

}  // namespace gradus
