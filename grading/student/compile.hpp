// A student's file, compiled and linked with the tests of its chapter.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>

#include "grading/student/project.hpp"

namespace gradus {

// Builds `program`. Returns what is wrong with the file, empty if it could be built.
std::string build_tests(const Project& project, const Chapter& chapter,
                        const std::filesystem::path& source, const std::filesystem::path& program,
                        const volatile std::sig_atomic_t* stop);

}  // namespace gradus
