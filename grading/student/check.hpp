// A student's chapter, checked. It is for the student's own eyes: it runs the code as it is and
// trusts it not to lie, unlike the grader.
#pragma once

#include "grading/student/project.hpp"

namespace gradus {

// Builds the file with the chapter's tests, runs them, prints what is right and what is not, keeps
// the score. Returns 0 if every test passes, else 1.
int check(const Project& project, const Chapter& chapter);

}  // namespace gradus
