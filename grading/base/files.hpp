// Text files for the test tools: read whole, written whole or not at all.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gradus {

// What a test tool reports in one line before it exits with status 2.
class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string read_text(const std::filesystem::path& file);

// Writes beside the file and renames, so that a reader never sees half of it. Missing folders are
// made; the permissions of a file that is replaced stay as they were. What is there and is no regular
// file (a pipe, a terminal, a device) is written into.
void write_text(const std::filesystem::path& file, std::string_view text);

// Is something else there than a file of the disk, which can only be written into?
bool is_written_into(const std::filesystem::path& file);

// A fresh folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gradus
