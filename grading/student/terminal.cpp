#include "grading/student/terminal.hpp"

#include <unistd.h>

#include <cstdlib>

namespace gradus {
namespace {

bool coloured() {
  const char *no = std::getenv("NO_COLOR"), *term = std::getenv("TERM");
  const bool refused = no != nullptr && *no != '\0';  // https://no-color.org
  return !refused && term != nullptr && std::string(term) != "dumb" && on_terminal();
}

std::string in_colour(const char* code, const std::string& text) {
  static const bool colours = coloured();
  return colours ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
}

}  // namespace

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::string green(const std::string& text) { return in_colour("32", text); }
std::string red(const std::string& text) { return in_colour("31", text); }
std::string yellow(const std::string& text) { return in_colour("33", text); }
std::string bold(const std::string& text) { return in_colour("1", text); }

}  // namespace gradus
