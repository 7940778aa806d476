// What the tests of the test tools share: running a built tool, building a tiny test executable.
//
// The build defines GRADUS_CXX (the compiler) and GRADUS_TOOLS_DIR (where the tools are). Where
// GoogleTest is not installed with the system it also defines GRADUS_GTEST_COMPILE and
// GRADUS_GTEST_LINK, words separated by ';'.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"

#ifndef GRADUS_GTEST_COMPILE
#define GRADUS_GTEST_COMPILE ""
#endif
#ifndef GRADUS_GTEST_LINK
#define GRADUS_GTEST_LINK "-lgtest_main;-lgtest;-pthread"
#endif

namespace gradus {

inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ';');)
    if (!word.empty()) result.push_back(word);
  return result;
}

inline void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

inline Outcome run_tool(const std::string& name, const std::vector<std::string>& arguments) {
  Command command;
  command.argv = {std::string(GRADUS_TOOLS_DIR) + "/" + name};
  append(command.argv, arguments);
  return run(command);
}

inline void compile_test(const std::filesystem::path& source, const std::filesystem::path& object) {
  Command command;
  command.argv = {GRADUS_CXX, "-std=c++20", "-O0"};
  append(command.argv, words(GRADUS_GTEST_COMPILE));
  append(command.argv, {"-c", source.string(), "-o", object.string()});
  const Outcome outcome = run(command);
  ASSERT_TRUE(outcome.ok()) << outcome.output;
}

inline void link_test(const std::vector<std::string>& objects,
                      const std::filesystem::path& executable) {
  Command command;
  command.argv = {GRADUS_CXX};
  append(command.argv, objects);
  append(command.argv, words(GRADUS_GTEST_LINK));
  append(command.argv, {"-o", executable.string()});
  const Outcome outcome = run(command);
  ASSERT_TRUE(outcome.ok()) << outcome.output;
}

inline bool has_text(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace gradus
