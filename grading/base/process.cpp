#include "grading/base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "grading/base/files.hpp"

extern char** environ;

namespace gradus {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps the beginning, where compilers say what is wrong, and the end, where a crash happened.
class Output {
 public:
  explicit Output(std::size_t limit) : half_(limit / 2) {}

  void add(std::string_view text) {
    const std::size_t first = std::min(half_ - head_.size(), text.size());
    head_.append(text.substr(0, first));
    tail_.append(text.substr(first));
    if (tail_.size() > 2 * half_) shorten();
  }

  std::string text() {
    if (tail_.size() > half_) shorten();
    return head_ + (shortened_ ? "\n[... left out ...]\n" : "") + tail_;
  }

 private:
  void shorten() {
    tail_.erase(0, tail_.size() - half_);
    shortened_ = true;
  }

  std::size_t half_;
  std::string head_, tail_;
  bool shortened_ = false;
};

// Everything that the child needs, made before the fork: between fork and exec a child of a
// program with threads may not allocate.
struct Prepared {
  std::vector<std::string> environment;
  std::vector<char*> argv, envp;
  std::string folder, complaint;
  rlim_t memory = 0;
};

Prepared prepare(const Command& command) {
  Prepared p;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view old = *entry;
    const std::string_view name = old.substr(0, old.find('=') + 1);
    const auto replaced = [&](const std::string& added) { return added.rfind(name, 0) == 0; };
    if (std::none_of(command.environment.begin(), command.environment.end(), replaced))
      p.environment.emplace_back(old);
  }
  p.environment.insert(p.environment.end(), command.environment.begin(), command.environment.end());
  for (std::string& entry : p.environment) p.envp.push_back(entry.data());
  p.envp.push_back(nullptr);
  for (const std::string& word : command.argv) p.argv.push_back(const_cast<char*>(word.c_str()));
  p.argv.push_back(nullptr);
  p.folder = command.folder.string();
  p.complaint = fmt::format("{}: can not be run\n", command.argv.at(0));
  p.memory = command.memory;
  return p;
}

[[noreturn]] void become(const Prepared& p, int output) {
  ::setpgid(0, 0);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // without its parent nobody would watch the deadline
#endif
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);  // a crashing mutant is no news
  const rlimit memory{p.memory, p.memory};
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool ready = ::dup2(nothing, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(output, 2) == 2 &&
                     (p.memory == 0 || ::setrlimit(RLIMIT_AS, &memory) == 0) &&
                     (p.folder.empty() || ::chdir(p.folder.c_str()) == 0);
  environ = const_cast<char**>(p.envp.data());
  if (ready) ::execvp(p.argv[0], p.argv.data());
  [[maybe_unused]] const auto written = ::write(output, p.complaint.data(), p.complaint.size());
  ::_exit(127);
}

enum class Read { Some, Nothing, End };

Read read_some(int from, Output& output, int milliseconds) {
  pollfd waiting{from, POLLIN, 0};
  if (::poll(&waiting, 1, milliseconds) <= 0) return Read::Nothing;
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR ? Read::Nothing : Read::End;
  if (count == 0) return Read::End;
  output.add({buffer.data(), static_cast<std::size_t>(count)});
  return Read::Some;
}

// Looks without reaping: as long as the process is a zombie its number can't belong to another.
bool has_ended(pid_t child) {
  siginfo_t info{};
  const int found = ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT);
  return found == 0 ? info.si_pid == child : errno != EINTR;
}

Outcome watch(pid_t child, int from, const Command& command) {
  const Clock::time_point end = Clock::now() + command.deadline;
  Outcome outcome;
  Output output(command.output);
  bool open = true;
  const auto stopped = [&] { return command.stop != nullptr && *command.stop != 0; };
  while (!has_ended(child) && !outcome.timed_out && !stopped()) {
    outcome.timed_out = Clock::now() >= end;
    if (open)
      open = read_some(from, output, 20) != Read::End;
    else
      ::poll(nullptr, 0, 1);
  }
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  // What is still in the pipe; bounded, as something may have left the group and go on writing.
  for (int i = 0; open && i < 16 && read_some(from, output, 20) == Read::Some; ++i) {
  }
  outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  outcome.exit_code = WIFSIGNALED(status) ? 128 + outcome.signal : WEXITSTATUS(status);
  outcome.output = output.text();
  return outcome;
}

// Not for other children to inherit: a write end that they hold would keep the pipe open.
std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
#ifdef __linux__
  const bool opened = ::pipe2(ends.data(), O_CLOEXEC) == 0;
#else
  const bool opened = ::pipe(ends.data()) == 0 && ::fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
                      ::fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
#endif
  if (!opened) throw ToolError(fmt::format("no pipe: {}", std::strerror(errno)));
  return ends;
}

}  // namespace

Outcome run(const Command& command) {
  const Prepared prepared = prepare(command);
  const std::array<int, 2> ends = open_pipe();
  const pid_t child = ::fork();
  if (child == 0) become(prepared, ends[1]);
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    throw ToolError(fmt::format("no new process: {}", std::strerror(errno)));
  }
  Outcome outcome = watch(child, ends[0], command);
  ::close(ends[0]);
  return outcome;
}

std::string describe(const Outcome& outcome, std::chrono::milliseconds deadline) {
  if (outcome.timed_out) return fmt::format("no end within {} s", deadline.count() / 1000);
  if (outcome.signal != 0) return fmt::format("signal {}", outcome.signal);
  return fmt::format("exit status {}", outcome.exit_code);
}

}  // namespace gradus
