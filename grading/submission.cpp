#include "grading/submission.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

// Reads a regular file that is no symbolic link. O_NONBLOCK: a pipe must not make anybody wait.
std::string read_plain(int folder, const char* name, std::string& refused) {
  const Descriptor file(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) {
    refused = errno == ELOOP ? "is a symbolic link" : std::strerror(errno);
  } else if (!S_ISREG(info.st_mode)) {
    refused = "is no regular file";
  } else {
    std::string text(kMaxSubmission + 1, '\0');
    std::size_t size = 0;
    for (ssize_t count = 1; count > 0 && size < text.size();
         size += static_cast<std::size_t>(count))
      if ((count = ::read(file.get(), text.data() + size, text.size() - size)) < 0) break;
    text.resize(size);
    if (size <= kMaxSubmission) return text;
    refused = fmt::format("is larger than {} KiB", kMaxSubmission >> 10);
  }
  return "";
}

// Walks down without following links: work/02_xor_mlp/xor_mlp.cpp one name at a time.
bool read_below(int folder, const fs::path& path, Submission& submission) {
  const fs::path first = *path.begin();
  if (first == path) {
    struct stat info {};
    if (::fstatat(folder, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
    submission.source = read_plain(folder, path.c_str(), submission.refused);
    if (!submission.refused.empty()) submission.refused = path.string() + " " + submission.refused;
    return true;
  }
  const Descriptor next(
      ::openat(folder, first.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return next.get() >= 0 && read_below(next.get(), path.lexically_relative(first), submission);
}

void read_folder(const GradingConfig& config, int folder, const GradedChapter* wanted,
                 Submission& submission) {
  std::vector<const GradedChapter*> found;
  for (const GradedChapter& chapter : config.chapters) {
    if (wanted != nullptr && wanted != &chapter) continue;
    for (const fs::path& place : {fs::path(chapter.file), fs::path(chapter.folder) / chapter.file,
                                  fs::path("work") / chapter.folder / chapter.file}) {
      if (!read_below(folder, place, submission)) continue;
      submission.chapter = &chapter;
      found.push_back(&chapter);
      break;
    }
  }
  if (found.empty())
    submission.refused = "holds no " + (wanted != nullptr ? wanted->file : "file of a chapter");
  if (found.size() > 1)
    submission.refused = "holds the files of several chapters; name one with --chapter";
}

}  // namespace

Submission read_submission(const GradingConfig& config, const fs::path& path,
                           const GradedChapter* wanted) {
  Submission submission;
  fs::path plain = path.lexically_normal();
  if (!plain.has_filename()) plain = plain.parent_path();  // "kim/" is "kim"
  submission.name = plain.filename().string();
  submission.chapter = wanted;
  const Descriptor folder(::open(plain.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.get() >= 0) {
    read_folder(config, folder.get(), wanted, submission);
    return submission;
  }
  submission.source = read_plain(AT_FDCWD, plain.c_str(), submission.refused);
  if (submission.chapter == nullptr) submission.chapter = config.find(submission.name);
  if (submission.chapter == nullptr && submission.refused.empty())
    submission.refused = "is not named as a chapter's file; name the chapter with --chapter";
  return submission;
}

std::vector<fs::path> list_batch(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw ToolError(folder.string() + ": no such folder");
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder))
    if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

}  // namespace gradus
