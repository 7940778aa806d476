// What an editor with clangd must know to understand the student's files.
#pragma once

#include "grading/student/project.hpp"

namespace gradus {

// Writes compile_flags.txt into the student's folder, unless there is one.
void tell_editor(const Project& project);

}  // namespace gradus
