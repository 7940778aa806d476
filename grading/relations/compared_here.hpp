// What the running test has compared, for the student's check: there the tests call the student's
// functions directly, and what near() holds beside each other is all that is known.
#pragma once

#include <string>

#include "grading/relations/relation.hpp"

namespace gradus {

// Forgets what the test before has compared, and from now on remembers.
void begin_comparisons();
bool remembers_comparisons();

// One comparison in the line of a test where it stands. `right` as the test sees it.
void remember_comparison(int line, Compared one);

// The test has just failed: is the last comparison why?
void comparison_failed();

// What is true of all that was compared where the test first failed, as a sentence; empty if there is
// nothing.
std::string sentence_of_comparisons();

}  // namespace gradus
