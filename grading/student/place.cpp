#include "grading/student/place.hpp"

#include <algorithm>
#include <cstdlib>

#include "grading/base/process.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

// "gradus::(anonymous namespace)::sum(gradus::Matrix const&)" is sum.
std::string short_name(std::string name) {
  name = without(name, "(anonymous namespace)::");
  name = name.substr(0, name.find('('));
  if (const std::size_t at = name.find("::{lambda"); at != std::string::npos) name.resize(at);
  return name.substr(name.rfind(':') == std::string::npos ? 0 : name.rfind(':') + 1);
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::weakly_canonical(a, error) == fs::weakly_canonical(b, error);
}

}  // namespace

// A function, then "file:line (discriminator 2)"; inlined ones first, and an address in front of
// all.
Place parse_places(const std::string& text, const fs::path& source) {
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    if (lines[i].starts_with("0x")) continue;
    const std::string& where = lines[i + 1];
    const std::size_t colon = where.rfind(':');
    const int line = colon == std::string::npos ? 0 : std::atoi(where.c_str() + colon + 1);
    if (line > 0 && same_file(where.substr(0, colon), source)) return {short_name(lines[i]), line};
    ++i;
  }
  return {};
}

Place find_place(const fs::path& program, const Addresses& addresses, const fs::path& source) {
  if (addresses.empty()) return {};
  Command command;
  command.argv = {"addr2line", "-a", "-f", "-C", "-i", "-e", program.string()};
  command.argv.insert(command.argv.end(), addresses.begin(), addresses.end());
  const Outcome outcome = run(command);
  return outcome.ok() ? parse_places(outcome.output, source) : Place{};
}

}  // namespace gradus
