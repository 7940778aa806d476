// How the build makes a test executable, written by CMake: one word per line behind what it is for,
// as it is, so that a path may hold anything but the end of a line. The student's program reads it too;
// a library to parse it would take longer to compile than all the rest.
//
//   compiler /usr/bin/c++
//   compile -std=c++20          and so on for each flag
//   link test.o                 and so on for each object and library
//   test path of the built test executable
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

struct BuildArguments {
  std::string compiler;
  std::vector<std::string> compile, link;
  std::string test;

  bool sanitized() const;  // a sanitizer reserves terabytes of addresses: no memory limit then
};

BuildArguments load_build_arguments(const std::filesystem::path& file);

}  // namespace gradus
