// What a student can do, one function per command. Each returns the exit status; ToolError is one
// line and status 2.
#pragma once

#include <string>

#include "grading/student/project.hpp"

namespace gradus {

// Copies the stub to the student's folder, and never over a file.
int start(const Project& project, const Chapter& chapter);

// The functions of a chapter, or the hints for one: exactly that one, or all that begin so.
int hint(const Project& project, const Chapter& chapter, const std::string& function);

// The student's file; throws ToolError if it is not started.
std::filesystem::path started_file(const Project& project, const Chapter& chapter);

}  // namespace gradus
