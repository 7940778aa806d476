#include "tests/tools/build_arguments.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/tools/files.hpp"

namespace gradus {
namespace {

using nlohmann::json;

std::vector<std::string> parse_words(const json& list) {
  std::vector<std::string> words = list.get<std::vector<std::string>>();
  // CMake's generator expressions leave empty words where a condition does not hold.
  words.erase(std::remove(words.begin(), words.end(), ""), words.end());
  return words;
}

}  // namespace

bool BuildArguments::sanitized() const {
  const auto sanitizer = [](const std::string& word) { return word.rfind("-fsanitize", 0) == 0; };
  return std::any_of(compile.begin(), compile.end(), sanitizer);
}

BuildArguments load_build_arguments(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  try {
    const json members = json::parse(text);
    return {members.at("compiler").get<std::string>(), parse_words(members.at("compile")),
            parse_words(members.at("link")), members.at("test").get<std::string>()};
  } catch (const json::exception& e) {
    throw ToolError(fmt::format("{}: {}", file.string(), e.what()));
  }
}

}  // namespace gradus
