#include "grading/base/build_arguments.hpp"

#include <algorithm>
#include <sstream>

#include "grading/base/files.hpp"

namespace gradus {

bool BuildArguments::sanitized() const {
  const auto sanitizer = [](const std::string& word) { return word.rfind("-fsanitize", 0) == 0; };
  return std::any_of(compile.begin(), compile.end(), sanitizer);
}

BuildArguments load_build_arguments(const std::filesystem::path& file) {
  BuildArguments arguments;
  std::istringstream lines(read_text(file));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, blank);
    const std::string word = line.substr(std::min(blank + 1, line.size()));
    // CMake's generator expressions leave empty words where a condition does not hold.
    if (word.empty()) continue;
    if (key == "compiler")
      arguments.compiler = word;
    else if (key == "compile")
      arguments.compile.push_back(word);
    else if (key == "link")
      arguments.link.push_back(word);
    else if (key == "test")
      arguments.test = word;
    else
      throw ToolError(file.string() + ": unknown key \"" + key + '"');
  }
  if (arguments.compiler.empty() || arguments.test.empty())
    throw ToolError(file.string() + ": names no compiler or no test");
  return arguments;
}

}  // namespace gradus
