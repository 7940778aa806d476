#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "chapters/11_mnist/checkpoint.hpp"

namespace gradus::mnist {

namespace {

[[noreturn]] void fail(const std::string& doing, const std::string& file, int error) {
  throw CheckpointError("cannot " + doing + " the checkpoint " + file + ": " +
                        std::strerror(error));
}

// Closes, and removes what was not renamed.
struct Unfinished {
  std::string file;
  int descriptor;
  ~Unfinished() {
    if (descriptor >= 0) close(descriptor);
    unlink(file.c_str());
  }
};

}  // namespace

void save_checkpoint(const Run& run, const std::string& file) {
  std::error_code none;
  if (std::filesystem::exists(file, none) && !std::filesystem::is_regular_file(file, none))
    throw CheckpointError("cannot write the checkpoint " + file + ": it is no ordinary file");
  const std::vector<std::uint8_t> bytes = checkpoint_bytes(run);
  Unfinished part{file + ".part", -1};
  part.descriptor = open(part.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (part.descriptor < 0) fail("write", file, errno);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = write(part.descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", file, errno);
    done += static_cast<std::size_t>(count);
  }
  if (fsync(part.descriptor) != 0) fail("write", file, errno);
  if (close(std::exchange(part.descriptor, -1)) != 0) fail("write", file, errno);
  if (rename(part.file.c_str(), file.c_str()) != 0) fail("write", file, errno);
}

Run load_checkpoint(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) fail("read", file, EISDIR);
  std::ifstream in(file, std::ios::binary);
  if (!in) fail("read", file, errno);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in),
                                        std::istreambuf_iterator<char>()};
  if (in.bad()) fail("read", file, EIO);
  try {
    return run_from_bytes(bytes);
  } catch (const CheckpointError& problem) {
    throw CheckpointError(file + " " + problem.what());
  }
}

}  // namespace gradus::mnist
