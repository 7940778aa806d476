// Running gnuplot. Without gnuplot-iostream, all that there is to say is that there is none.

#if !GRADUS_HAVE_GNUPLOT

#include "common/figure.hpp"

namespace gradus {

bool Figure::available() { return false; }
std::string Figure::why_unavailable() { return "built without gnuplot-iostream"; }
bool Figure::save() const { return false; }

}  // namespace gradus

#else

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <locale>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/figure/drawing.hpp"

namespace gradus {

using namespace layout;

namespace {

namespace fs = std::filesystem;

std::string find_gnuplot() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / "gnuplot";
    std::error_code ignored;
    if (fs::is_regular_file(program, ignored) && access(program.c_str(), X_OK) == 0)
      return program.string();
  }
  return "";
}

// What gnuplot complained about, in one line: its last one that says something.
std::string complaint(std::FILE* errors, int status) {
  std::string text, found;
  std::rewind(errors);
  for (int c; (c = std::fgetc(errors)) != EOF;) text += static_cast<char>(c);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t start = line.find_first_not_of(" \t\r^"); start != std::string::npos)
      found = line.substr(start);
  if (!found.empty()) return found;
  return WIFEXITED(status) ? fmt::format("exit status {}", WEXITSTATUS(status))
                           : fmt::format("ended by signal {}", WTERMSIG(status));
}

// gnuplot's surroundings: ours, without what changes its terminal, its fonts and where it looks for
// files, and with the plain locale. So the same run gives the same figure for everybody.
std::vector<std::string> surroundings() {
  std::vector<std::string> kept = {"LC_ALL=C"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto starts = [&](const char* name) { return text.starts_with(name); };
    if (!starts("GNUTERM=") && !starts("GNUPLOT") && !starts("GNUHELP=") &&
        !starts("GDFONTPATH=") && !starts("LC_") && !starts("LANGUAGE="))
      kept.push_back(text);
  }
  return kept;
}

// How long gnuplot may take, in seconds.
double patience() {
  const char* seconds = std::getenv("GRADUS_FIGURE_SECONDS");
  const double chosen = seconds == nullptr ? 0 : std::atof(seconds);
  return chosen > 0 ? chosen : 60;
}

// The status of gnuplot when it has ended; a gnuplot that hangs is ended.
std::string await(pid_t child, std::FILE* errors) {
  using std::chrono::steady_clock;
  const auto start = steady_clock::now();
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status == 0 ? "" : complaint(errors, status);
    if (ended < 0 && errno != EINTR) return "its end cannot be awaited";
    if (std::chrono::duration<double>(steady_clock::now() - start).count() > patience()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  kill(child, SIGKILL);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return fmt::format("it was not done after {} s", patience());
}

// Runs gnuplot on a script; "" or what went wrong.
std::string run_gnuplot(std::FILE* script) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> errors(std::tmpfile(), std::fclose);
  if (!errors) return "cannot make a temporary file";
  std::string program = find_gnuplot(), no_settings = "-d";
  std::array<char*, 3> arguments = {program.data(), no_settings.data(), nullptr};
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_adddup2(&streams, fileno(script), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&streams, fileno(errors.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&streams, fileno(errors.get()), STDERR_FILENO);
  std::vector<std::string> around = surroundings();
  std::vector<char*> environment;
  for (std::string& entry : around) environment.push_back(entry.data());
  environment.push_back(nullptr);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, program.c_str(), &streams, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&streams);
  return failed != 0 ? "cannot start " + program : await(child, errors.get());
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Whether the file was written to its end.
bool complete(const fs::path& file, const std::string& type) {
  const std::string bytes = read(file);
  const std::string end = bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 12));
  return end.find(type == ".svg" ? "</svg>" : type == ".png" ? "IEND" : ";") != std::string::npos;
}

// An SVG names its gnuplot, down to the patch level: it would change with every machine. A reader
// of the page, who may be listening to it, wants the figure's title there.
bool name_svg(const fs::path& file, const std::string& title) {
  std::string bytes = read(file);
  const std::string from = "<title>", to = "</desc>";
  const std::size_t begin = bytes.find(from), end = bytes.find(to, begin);
  if (begin == std::string::npos || end == std::string::npos) return true;
  std::string text;
  for (char c : title) text += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  bytes.replace(begin, end + to.size() - begin, from + text + "</title>");
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  return out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush().good();
}

struct Temporary {  // goes away, unless it was renamed
  fs::path file;
  ~Temporary() {
    std::error_code ignored;
    fs::remove(file, ignored);
  }
};

}  // namespace

bool Figure::available() { return why_unavailable().empty(); }

std::string Figure::why_unavailable() {
  return find_gnuplot().empty() ? "gnuplot is not in PATH" : "";
}

// gnuplot reads its script from a file, not from a pipe, so that its death can't be ours.
bool Figure::save() const {
  if (!available()) return false;
  check(!panels_.empty(), fmt::format("figure \"{}\": has no panel", file_));
  const auto fail = [this](const std::string& why) {
    throw std::runtime_error(fmt::format("figure \"{}\": gnuplot failed: {}", file_, why));
  };
  const fs::path target = fs::absolute(path());
  fs::create_directories(target.parent_path());
  const Temporary drawn{target.parent_path() /
                        fmt::format(".{}.{}", target.filename().string(), getpid())};
  std::FILE* script = std::tmpfile();
  if (script == nullptr) fail("cannot make a temporary file");
  Gnuplot gp(script);  // and closes it
  gp.imbue(std::locale::classic());
  Drawing(*this, gp).draw(drawn.file.string());
  gp.flush();
  if (!gp || lseek(fileno(script), 0, SEEK_SET) != 0) fail("cannot write its script");
  if (const std::string problem = run_gnuplot(script); !problem.empty()) fail(problem);
  if (!complete(drawn.file, suffix(file_))) fail("it left an incomplete file");
  if (suffix(file_) == ".svg" && !name_svg(drawn.file, title_)) fail("cannot write its title");
  fs::rename(drawn.file, target);
  return true;
}

}  // namespace gradus

#endif
