// "Behaves like": the calls of the failed tests, replayed on the chapter's known mistakes.
#pragma once

#include <string>
#include <vector>

#include "grading/mutant_workers.hpp"
#include "grading/record.hpp"

namespace gradus {

// What the submission does wrong, at most three lines: the mistakes that give the submission's
// replies to all calls of all failed tests; where none does, function by function, those that give
// its replies to all calls of that function and of the most others. Empty when nothing fits, or when the reference gives
// the same replies, as to a program that is right on the first call only.
std::vector<std::string> diagnose(const ChapterWorkers& workers,
                                  const std::vector<TestRecord>& tests);

}  // namespace gradus
