#include "grading/base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace fs = std::filesystem;

namespace gradus {

std::string read_text(const fs::path& file) {
  // A folder opens like a file and reads as empty; it must not pass for an empty file.
  if (!fs::is_regular_file(file)) throw ToolError(fmt::format("{}: no such file", file.string()));
  std::ifstream in(file, std::ios::binary);
  std::string text, block(1 << 16, '\0');
  do {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
  } while (in);
  if (!in.eof()) throw ToolError(fmt::format("{}: can not be read", file.string()));
  return text;
}

// /dev and /proc hold names for what is open
// already; a file renamed over one of them would be lost or, to root, replace a device.
bool is_written_into(const fs::path& file) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (!fs::exists(status)) return false;
  const fs::path whole = fs::absolute(file).lexically_normal();
  const auto top = std::next(whole.begin());
  const bool is_name = top != whole.end() && (*top == "dev" || *top == "proc");
  return !fs::is_regular_file(status) || (is_name && !whole.string().starts_with("/dev/shm/"));
}

namespace {

// One that no file of the disk stands behind keeps what others write.
void write_into(const fs::path& file, std::string_view text) {
  const int out = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
  bool well = out >= 0;
  while (well && !text.empty()) {
    const ssize_t count = ::write(out, text.data(), text.size());
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    well = count > 0 || errno == EINTR;
  }
  const std::string why = std::strerror(errno);
  if (out >= 0 && ::close(out) != 0) well = false;
  if (!well) throw ToolError(fmt::format("{}: can not be written: {}", file.string(), why));
}

}  // namespace

void write_text(const fs::path& file, std::string_view text) {
  if (is_written_into(file)) return write_into(file, text);
  // Through a symbolic link the file behind it is replaced, not the link.
  const fs::path target = fs::exists(file) ? fs::canonical(file) : file;
  if (target.has_parent_path()) fs::create_directories(target.parent_path());
  fs::path unfinished = target;
  unfinished += fmt::format(".{}.tmp", ::getpid());
  {
    std::ofstream out(unfinished, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
      std::error_code ignored;
      fs::remove(unfinished, ignored);
      throw ToolError(fmt::format("{}: can not be written", target.string()));
    }
  }
  if (fs::exists(target)) fs::permissions(unfinished, fs::status(target).permissions());
  fs::rename(unfinished, target);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "gradus-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw ToolError(fmt::format("{}: can not be made", name));
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace gradus
