#include "tests/tools/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace fs = std::filesystem;

namespace gradus {

std::string read_text(const fs::path& file) {
  // A folder opens like a file and reads as empty; it must not pass for an empty file.
  if (!fs::is_regular_file(file)) throw ToolError(fmt::format("{}: no such file", file.string()));
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) throw ToolError(fmt::format("{}: can not be read", file.string()));
  return text;
}

void write_text(const fs::path& file, std::string_view text) {
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
