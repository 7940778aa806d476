#include "grading/student/progress.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "grading/student/terminal.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

std::string text_of(const Progress& progress) {
  if (progress.best) return fmt::format("{} of {}", progress.best->points, progress.best->of);
  return progress.started ? "started" : "-";
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, width(text)), ' ');
}

// In colour only at the end: a colour has no width.
std::string in_colour(const Progress& progress, const std::string& text) {
  if (progress.finished()) return green(text);
  return progress.started ? yellow(text) : text;
}

}  // namespace

Progress progress_of(const Project& project, const Chapter& chapter) {
  const fs::path file = student_file(project, chapter);
  return {fs::is_regular_file(file), best_score(file.parent_path())};
}

const Chapter* next_chapter(const Project& project, const Chapter* after) {
  const Chapter *started = nullptr, *open = nullptr;
  for (const Chapter& chapter : project.chapters) {
    const Progress progress = progress_of(project, chapter);
    if (progress.finished()) continue;
    if (after != nullptr && chapter.folder > after->folder) return &chapter;
    if (progress.started && started == nullptr) started = &chapter;
    if (open == nullptr) open = &chapter;
  }
  return started != nullptr ? started : open;
}

std::string command_for(const Project& project, const Chapter& chapter) {
  const bool started = progress_of(project, chapter).started;
  return fmt::format("./gradus {} {}", started ? "check" : "start", chapter.number);
}

std::string run_command(const Project& project, const Chapter& chapter) {
  std::string folder = shown(project, project.work);
  if (folder.find_first_of(" #'\"$&()") != std::string::npos) folder = '"' + folder + '"';
  return fmt::format("./gradus run {} --with {}", chapter.number, folder);
}

void print_list(const Project& project) {
  std::size_t folders = 0, titles = 0, scores = 0;
  Score total = {0, 0};
  for (const Chapter& chapter : project.chapters) {
    const Progress progress = progress_of(project, chapter);
    folders = std::max(folders, width(chapter.folder));
    titles = std::max(titles, width(chapter.title));
    total.of += progress.best ? progress.best->of : 100;
    total.points += progress.best ? progress.best->points : 0;
  }
  const std::string sum = fmt::format("{} of {}", total.points, total.of);
  scores = std::max(width("started"), width(sum));
  for (const Chapter& chapter : project.chapters) {
    const Progress progress = progress_of(project, chapter);
    fmt::print("{}  {}  {}\n", padded(chapter.folder, folders), padded(chapter.title, titles),
               in_colour(progress, fmt::format("{:>{}}", text_of(progress), scores)));
  }
  fmt::print("{}  {}  {:>{}}\n", padded("all", folders), padded("", titles), sum, scores);
  if (const Chapter* next = next_chapter(project))
    fmt::print("next: {}\n", bold(command_for(project, *next)));
  else
    fmt::print("every chapter is written: {}\n",
               bold(run_command(project, project.chapters.back())));
}

}  // namespace gradus
