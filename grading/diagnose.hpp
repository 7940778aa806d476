// "Behaves like": the calls of the failed tests, replayed on the chapter's known mistakes.
#pragma once

#include <string>
#include <vector>

#include "grading/mutant_workers.hpp"
#include "grading/record.hpp"

namespace gradus {

// The submission itself, to be asked once more.
struct Asked {
  std::filesystem::path worker;
  std::string mode;  // its sandbox
};

// What the submission does wrong, at most three lines. First the mistakes that give its replies to
// all calls of all tests, of those that passed too; where none does, function by function: those that
// give its replies to all calls of that function, and of the most others; else what is true of its
// replies beside those of the reference (relations/relation.hpp), or that it is right when it is
// called first. Empty when nothing fits.
std::vector<std::string> diagnose(const ChapterWorkers& workers,
                                  const std::vector<TestRecord>& tests,
                                  const Asked& submission = {});

}  // namespace gradus
