#include "grading/find_source.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostEntries = 5000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "XOR-MLP (1).cpp" → "xor_mlp__1_".
std::string plain_stem(const std::string& name) {
  std::string stem = lower(name);
  for (const char* end : {".txt", ".cpp"})
    if (stem.ends_with(end)) stem.resize(stem.size() - 4);
  for (char& c : stem)
    if (c == ' ' || c == '-' || c == '(' || c == ')' || c == '.') c = '_';
  return stem;
}

bool letter_or_digit(const std::string& text, std::size_t at) {
  return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
}

void walk(int folder, const fs::path& path, int depth, std::size_t& seen, FilesBelow& files) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(copy), ::closedir);
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (is_litter(name) || ++seen > kMostEntries) continue;
    struct stat info {};
    if (::fstatat(copy, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(info.st_mode) && depth < kDeepest) {
      const int next =
          ::openat(copy, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (next < 0) continue;
      walk(next, path / name, depth + 1, seen, files);
      ::close(next);
    }
    if (!S_ISREG(info.st_mode)) continue;
    if (is_source_name(name)) files.sources.push_back(path / name);
    if (is_archive_name(name) && files.archive.empty()) files.archive = (path / name).string();
  }
}

std::string listed(const std::vector<fs::path>& paths) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(paths.size(), 3); ++i)
    text += (i == 0 ? "" : ", ") + paths[i].string();
  return text + (paths.size() > 3 ? ", ..." : "");
}

}  // namespace

bool is_source_name(const std::string& name) {
  const std::string plain = lower(name);
  return plain.ends_with(".cpp") || plain.ends_with(".cpp.txt");
}

bool is_archive_name(const std::string& name) {
  const std::string plain = lower(name);
  for (const char* end :
       {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".egg", ".alz"})
    if (plain.ends_with(end)) return true;
  return false;
}

bool names_chapter(const std::string& name, const GradedChapter& chapter) {
  if (!is_source_name(name)) return false;
  const std::string stem = plain_stem(name), wanted = plain_stem(chapter.file);
  for (std::size_t at = stem.find(wanted); at != std::string::npos; at = stem.find(wanted, at + 1))
    if (!(at > 0 && letter_or_digit(stem, at - 1)) && !letter_or_digit(stem, at + wanted.size()))
      return true;
  return false;
}

bool is_litter(const std::string& name) {
  const std::string plain = lower(name);
  return name.starts_with('.') || plain == "__macosx" || plain == "thumbs.db" ||
         plain == "desktop.ini" || plain == "ehthumbs.db" || name.starts_with("~$") ||
         plain.find("_assignsubmission_onlinetext") != std::string::npos;
}

FilesBelow files_below(int folder) {
  FilesBelow files;
  std::size_t seen = 0;
  walk(folder, "", 0, seen, files);
  std::ranges::sort(files.sources);
  return files;
}

fs::path choose_source(const FilesBelow& files, const GradingConfig& config,
                       const GradedChapter& chapter, std::string& refused) {
  std::vector<fs::path> exact, alike, others;
  for (const fs::path& source : files.sources) {
    const std::string name = source.filename().string();
    if (lower(name) == lower(chapter.file)) exact.push_back(source);
    if (names_chapter(name, chapter)) alike.push_back(source);
    const bool of_another = std::ranges::any_of(config.chapters, [&](const GradedChapter& other) {
      return &other != &chapter && names_chapter(name, other);
    });
    if (!of_another) others.push_back(source);
  }
  for (const auto* found : {&exact, &alike, &others}) {
    if (found->size() == 1) return found->front();
    if (found->empty()) continue;
    refused = fmt::format("holds several files that could be {}: {}", chapter.file, listed(*found));
    return "";
  }
  refused = "holds no " + chapter.file;
  if (!files.sources.empty()) refused += ", but " + listed(files.sources);
  if (!files.archive.empty())
    refused += fmt::format("; unpack {}: an archive is not graded", files.archive);
  return "";
}

}  // namespace gradus
