// How far the student is in all chapters, and what comes next.
#pragma once

#include <optional>
#include <string>

#include "grading/student/project.hpp"
#include "grading/student/score_file.hpp"

namespace gradus {

struct Progress {
  bool started = false;       // there is a file of the student's
  std::optional<Score> best;  // what it has scored so far

  bool finished() const { return best && best->full(); }
};

Progress progress_of(const Project& project, const Chapter& chapter);

// The chapter to go on with: `after` the one that is finished if something is left there, else the
// first that is started, else the first. Nothing if every chapter is finished.
const Chapter* next_chapter(const Project& project, const Chapter* after = nullptr);

// "./gradus start 08" or, if it is started, "./gradus check 08"
std::string command_for(const Project& project, const Chapter& chapter);

// The demonstration with the student's files: "./gradus run 07 --with work"
std::string run_command(const Project& project, const Chapter& chapter);

// The table of ./gradus list.
void print_list(const Project& project);

}  // namespace gradus
