// The command line of a test tool: options with a value ("--jobs 4"), flags, and the rest.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gradus {

class Arguments {
 public:
  // Throws ToolError for an option that is in neither set or lacks its value.
  Arguments(int argc, char** argv, const std::set<std::string>& with_value,
            const std::set<std::string>& flags);

  bool has(const std::string& name) const { return values_.count(name) != 0; }
  std::string required(const std::string& name) const;
  std::vector<std::string> all(const std::string& name) const;
  // A whole number >= 0, or nothing if the option is absent.
  std::optional<int> number(const std::string& name) const;
  const std::vector<std::string>& rest() const { return rest_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> rest_;
};

// A whole number >= 0 and nothing else around it.
std::optional<int> parse_number(const std::string& text);

}  // namespace gradus
