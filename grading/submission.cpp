#include "grading/submission.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "grading/base/files.hpp"
#include "grading/find_source.hpp"

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
    refused = errno == ELOOP   ? "is a symbolic link"
              : errno == ENXIO ? "is no regular file"  // a socket
                               : std::strerror(errno);
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

// In the places where it belongs.
bool read_known_place(int folder, const GradedChapter& chapter, Submission& submission) {
  for (const fs::path& place : {fs::path(chapter.file), fs::path(chapter.folder) / chapter.file,
                                fs::path("work") / chapter.folder / chapter.file})
    if (read_below(folder, place, submission)) return true;
  return false;
}

void read_chosen(const GradingConfig& config, int folder, const FilesBelow& files,
                 const GradedChapter& chapter, Submission& submission) {
  submission.chapter = &chapter;
  const fs::path source = choose_source(files, config, chapter, submission.refused);
  if (!source.empty()) read_below(folder, source, submission);
}

void read_folder(const GradingConfig& config, int folder, const GradedChapter* wanted,
                 Submission& submission) {
  std::vector<const GradedChapter*> found, alike;
  for (const GradedChapter& chapter : config.chapters) {
    if (wanted != nullptr && wanted != &chapter) continue;
    if (!read_known_place(folder, chapter, submission)) continue;
    submission.chapter = &chapter;
    found.push_back(&chapter);
  }
  if (found.size() == 1) return;
  const FilesBelow files = files_below(folder);
  if (wanted != nullptr) return read_chosen(config, folder, files, *wanted, submission);
  for (const GradedChapter& chapter : config.chapters) {
    if (!found.empty() || files.sources.empty()) break;
    const bool named = std::ranges::any_of(files.sources, [&](const fs::path& source) {
      return names_chapter(source.filename().string(), chapter);
    });
    if (named) alike.push_back(&chapter);
  }
  if (alike.size() == 1) return read_chosen(config, folder, files, *alike[0], submission);
  submission.refused = found.size() + alike.size() > 1
                           ? "holds the files of several chapters; name one with --chapter"
                           : "holds no file of a chapter";
  if (alike.empty() && found.empty() && !files.archive.empty())
    submission.refused += "; unpack " + files.archive + ": an archive is not graded";
}

// What is no text that a compiler reads, in words; empty if it is.
std::string strange_text(const std::string& source) {
  if (source.starts_with("PK\x03\x04")) return "is a zip archive under another name: unpack it";
  const bool marked = source.starts_with("\xff\xfe") || source.starts_with("\xfe\xff");
  const std::string_view start = std::string_view(source).substr(0, 200);
  const auto zeros = std::ranges::count(start, '\0');
  if (marked || (zeros > 0 && zeros * 3 > std::ssize(start)))
    return "is UTF-16 text: save it as UTF-8";
  return "";
}

}  // namespace

static Submission read_anything(const GradingConfig& config, const fs::path& plain,
                                const GradedChapter* wanted) {
  Submission submission;
  submission.name = plain.filename().string();
  submission.chapter = wanted;
  const Descriptor folder(::open(plain.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.get() >= 0) {
    read_folder(config, folder.get(), wanted, submission);
    return submission;
  }
  submission.source = read_plain(AT_FDCWD, plain.c_str(), submission.refused);
  for (const GradedChapter& chapter : config.chapters)
    if (submission.chapter == nullptr && names_chapter(submission.name, chapter))
      submission.chapter = &chapter;
  if (submission.chapter == nullptr && submission.refused.empty())
    submission.refused = "is not named as a chapter's file; name the chapter with --chapter";
  return submission;
}

Submission read_submission(const GradingConfig& config, const fs::path& path,
                           const GradedChapter* wanted) {
  fs::path plain = path.lexically_normal();
  if (!plain.has_filename()) plain = plain.parent_path();  // "kim/" is "kim"
  Submission submission = read_anything(config, plain, wanted);
  if (submission.refused.empty()) submission.refused = strange_text(submission.source);
  if (!submission.refused.empty()) submission.source.clear();
  return submission;
}

Batch list_batch(const fs::path& folder, const fs::path& output) {
  if (!fs::is_directory(folder)) throw ToolError(folder.string() + ": no such folder");
  Batch batch;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    const bool own = !output.empty() && fs::equivalent(entry.path(), output, ignored);
    const bool plain = entry.symlink_status().type() == fs::file_type::regular;
    if (is_litter(name) || own || (plain && name.ends_with(".csv"))) continue;
    if (!plain || is_source_name(name))
      batch.entries.push_back(entry.path());
    else
      batch.passed_over.push_back(name + (is_archive_name(name)
                                              ? ": not graded: unpack it into a folder first"
                                              : ": not graded: neither a folder nor a .cpp"));
  }
  std::ranges::sort(batch.entries);
  std::ranges::sort(batch.passed_over);
  return batch;
}

std::vector<fs::path> part_of(const std::vector<fs::path>& entries, std::size_t part,
                              std::size_t parts) {
  const std::size_t first = entries.size() * (part - 1) / parts;
  const std::size_t last = entries.size() * part / parts;
  return {entries.begin() + static_cast<std::ptrdiff_t>(first),
          entries.begin() + static_cast<std::ptrdiff_t>(last)};
}

}  // namespace gradus
