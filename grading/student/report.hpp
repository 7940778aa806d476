// What a student reads of a check: one thing at a time.
#pragma once

#include <string>
#include <vector>

#include "grading/student/project.hpp"
#include "grading/student/results.hpp"
#include "grading/student/score_file.hpp"

namespace gradus {

struct Checked {
  std::filesystem::path source, program;
  Results results;
};

Score score_of(const Results& results);

// A line per test that passes or fails, the score, what is not written yet in one line, and last
// the first failure in full; or, if all is well, what comes next. Returns whether all is well.
bool print_report(const Project& project, const Chapter& chapter, const Checked& checked);

// ---- its parts ----

// The functions that a test waits for, as their file still throws NotImplemented: empty if it fails
// for another reason.
std::string waits_for(const TestOutcome& test);

// The first lines of what was printed, and how many more there are.
std::vector<std::string> printed_lines(const std::string& printed);

}  // namespace gradus
