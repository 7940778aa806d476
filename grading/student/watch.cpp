#include "grading/student/watch.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>
#include <tuple>

#include "grading/interrupt.hpp"
#include "grading/student/terminal.hpp"

namespace gradus {
namespace {

using Fingerprint = std::tuple<long long, long long, long long, long long>;

// When and how the file was last written; nothing while an editor replaces it.
std::optional<Fingerprint> fingerprint(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return std::nullopt;
#ifdef __APPLE__
  const timespec written = info.st_mtimespec;
#else
  const timespec written = info.st_mtim;
#endif
  return Fingerprint(written.tv_sec, written.tv_nsec, info.st_size, info.st_ino);
}

}  // namespace

void watch(const std::filesystem::path& file, const std::function<void()>& check) {
  std::optional<Fingerprint> checked, before;
  while (interrupted == 0) {
    const std::optional<Fingerprint> now = fingerprint(file);
    if (now && now == before && now != checked) {  // written, and no longer being written
      checked = now;
      if (on_terminal()) fmt::print("\033[H\033[2J");  // what scrolled away before stays
      check();
      if (interrupted == 0)
        fmt::print("\nwaiting for {} to be saved; Ctrl-C ends\n", file.string());
      std::fflush(stdout);
    }
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  fmt::print("\n");
}

}  // namespace gradus
