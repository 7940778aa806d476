#include "tests/tools/arguments.hpp"

#include <fmt/format.h>

#include <charconv>

#include "grading/base/files.hpp"

namespace gradus {

Arguments::Arguments(int argc, char** argv, const std::set<std::string>& with_value,
                     const std::set<std::string>& flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) != 0) {
      rest_.push_back(word);
    } else if (flags.count(word) != 0) {
      values_[word];
    } else if (with_value.count(word) == 0) {
      throw ToolError(fmt::format("{}: no such option", word));
    } else if (++i == argc) {
      throw ToolError(fmt::format("{}: a value is missing", word));
    } else {
      values_[word].emplace_back(argv[i]);
    }
  }
}

std::string Arguments::required(const std::string& name) const {
  if (!has(name)) throw ToolError(fmt::format("{} is missing", name));
  return values_.at(name).back();
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  return has(name) ? values_.at(name) : std::vector<std::string>{};
}

std::optional<int> Arguments::number(const std::string& name) const {
  if (!has(name)) return std::nullopt;
  const std::optional<int> value = parse_number(required(name));
  if (!value)
    throw ToolError(fmt::format("{} takes a whole number, not '{}'", name, required(name)));
  return value;
}

std::optional<int> parse_number(const std::string& text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace gradus
