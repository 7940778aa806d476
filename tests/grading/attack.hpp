// An attack on the grader: a file of tests/hostile/, made into a whole submission.
//
// The first comment says what it tries and what must come of it:
//
//   // replaces: sigmoid        functions of the reference that the file brings itself; the reference's
//                               stay in reach as reference_sigmoid
//   // place: before            the file stands above the reference's text, else below
//   // verdict: graded          or refused, which is worth 0
//   // score: 0                 or 100, or below 100; else no more than without the functions
//   // says: exited with        words of the report
#pragma once

#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "grading/config.hpp"
#include "grading/submission.hpp"

namespace gradus {

struct Attack {
  std::string name, code, chapter, place, verdict, score, says;
  std::set<std::string> replaces;

  friend void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }
};

// All of a folder, in the order of their names.
std::vector<Attack> load_attacks(const GradingConfig& config,
                                 const std::string& folder = "tests/hostile");

Submission submission_of(const GradingConfig& config, const Attack& attack);

// The reference with the stub's versions of these functions: what is left without them.
Submission without(const GradingConfig& config, const GradedChapter& chapter,
                   const std::set<std::string>& functions);

}  // namespace gradus
