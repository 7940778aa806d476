// How the build makes a test executable, written by CMake.
//
//   {"compiler": "/usr/bin/c++", "compile": ["-std=c++20", "-I...", ...],
//    "link": ["test.o", "libcommon.a", ...], "test": "path of the built test executable"}
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
