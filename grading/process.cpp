#include "grading/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

#include "grading/codec.hpp"
#include "grading/sandbox.hpp"
#include "grading/seccomp.hpp"

namespace gradus::wire {
namespace {

// Said of bytes before a request and of a reply to no request: which of the two it is, is a matter
// of microseconds.
const char* const kUnasked = "the program sent bytes that nobody had asked for";

constexpr int kFilter = 4;  // where bubblewrap reads the filter

// Everything that the child needs, made before the fork.
struct Launch {
  std::vector<std::string> words;
  std::vector<char*> argv;
  std::vector<sock_filter> filter;
  bool direct = false;
  int channel = -1, null = -1, filter_pipe = -1;
};

void limit(int what, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<decltype(RLIMIT_AS)>(what), &both);
}

// One gigabyte of addresses, 20 s of processor, no file that grows, no core dump. The filter keeps
// processes and threads at one.
void set_limits() {
  limit(RLIMIT_AS, rlim_t{1} << 30);
  limit(RLIMIT_CPU, 20);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_STACK, rlim_t{8} << 20);
}

[[noreturn]] void become(const Launch& launch, pid_t parent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  // First out of the way of the numbers that are wanted, then onto them.
  const int channel = ::fcntl(launch.channel, F_DUPFD, 100);
  const int filter = ::fcntl(launch.filter_pipe, F_DUPFD, 100);
  bool ready = channel >= 0 && filter >= 0;
  for (int fd = 0; fd < 3; ++fd) ready = ready && ::dup2(launch.null, fd) == fd;
  ready = ready && ::dup2(channel, kChannel) == kChannel && ::dup2(filter, kFilter) == kFilter;
  const int first_closed = launch.direct ? kFilter : kFilter + 1;
  if (!ready || ::close_range(static_cast<unsigned>(first_closed), ~0u, 0) != 0) ::_exit(127);
  set_limits();
  if (launch.direct) {
    const sock_fprog program{static_cast<unsigned short>(launch.filter.size()),
                             const_cast<sock_filter*>(launch.filter.data())};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
      ::_exit(127);
  }
  char* const environment[] = {nullptr};
  ::execve(launch.argv[0], launch.argv.data(), environment);
  ::_exit(127);
}

// execve() needs a path, and looks for nothing.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* folder : {"/usr/bin/", "/bin/", "/usr/local/bin/"})
    if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  return name;
}

[[noreturn]] void fail_to_start(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string nonce(std::uint64_t counter) {
  std::uint64_t secret = 0;
  if (::getrandom(&secret, sizeof secret, 0) != sizeof secret) fail_to_start("getrandom");
  secret ^= counter;
  return {reinterpret_cast<const char*>(&secret), kNonce};
}

const char* signal_meaning(int signal) {
  switch (signal) {
    case SIGSEGV: return "a bad address, or a recursion without end";
    case SIGBUS: return "a bad address";
    case SIGFPE: return "an integer divided by zero";
    case SIGILL: return "an illegal instruction";
    case SIGABRT: return "abort: a failed assertion or an exception that left a noexcept function";
    case SIGXCPU: return "out of processor time";
    case SIGKILL: return "killed: out of processor time or of memory";
    default: return "a signal";
  }
}

}  // namespace

WorkerProcess::WorkerProcess(const std::string& executable, const std::string& mode) {
  Launch launch;
  launch.direct = mode == kDirect;
  launch.words = worker_command(executable, mode);
  launch.words[0] = find_program(launch.words[0]);
  for (std::string& word : launch.words) launch.argv.push_back(word.data());
  launch.argv.push_back(nullptr);
  launch.filter = worker_filter(!launch.direct);

  std::array<int, 2> ends{}, filter{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    fail_to_start("socketpair");
  if (::pipe2(filter.data(), O_CLOEXEC) != 0) fail_to_start("pipe");
  const std::size_t bytes = launch.filter.size() * sizeof(sock_filter);  // a pipe holds 64 KB
  if (::write(filter[1], launch.filter.data(), bytes) != static_cast<ssize_t>(bytes))
    fail_to_start("write");
  ::close(filter[1]);
  launch.channel = ends[1];
  launch.filter_pipe = filter[0];
  launch.null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(launch, parent);
  socket_ = ends[0];
  for (int fd : {ends[1], filter[0], launch.null}) ::close(fd);
  if (pid_ < 0) fail_to_start("fork");
}

WorkerProcess::~WorkerProcess() {
  stop();
  ::close(socket_);
}

void WorkerProcess::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);  // bubblewrap dies, and with it everything in its namespace
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

// The channel is closed: the program has ended, or ends now, or has closed it and goes on.
std::string WorkerProcess::how_it_ended() {
  int status = 0;
  for (int i = 0; i < 400; ++i) {
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      // bubblewrap exits with 128 + the worker's signal.
      const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      if (code > 128 && code <= 128 + 64)
        return fmt::format("the program was ended by signal {} ({})", code - 128,
                           signal_meaning(code - 128));
      return fmt::format("the program exited with status {} instead of returning", code);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return "the program closed its channel to the grader";
}

Answer WorkerProcess::fail(Answer::Fate fate, const std::string& problem) {
  stop();
  failure_ = {fate, "", problem};
  return failure_;
}

Answer WorkerProcess::interpret(std::string& frame, const std::string& expected) {
  if (frame.size() < kNonce || frame.compare(0, kNonce, expected) != 0)
    return fail(Answer::garbage, kUnasked);
  return {Answer::replied, frame.substr(kNonce), ""};
}

Answer WorkerProcess::ask(std::string_view request, std::chrono::milliseconds limit) {
  if (failure_.fate != Answer::replied) return failure_;
  if (has_talked_out_of_turn()) return fail(Answer::garbage, kUnasked);
  const auto end = Clock::now() + limit;
  const std::string stamp = nonce(++counter_);
  Transfer state = send_frame(socket_, stamp + std::string(request), end);
  std::string frame;
  if (state == Transfer::done) state = receive_frame(socket_, frame, kMaxReply, end);
  switch (state) {
    case Transfer::done: return interpret(frame, stamp);
    case Transfer::closed: return fail(Answer::ended, how_it_ended());
    case Transfer::too_long:
      return fail(Answer::garbage, "the reply is longer than any function's result");
    case Transfer::late: break;
  }
  return fail(Answer::late, fmt::format("no answer within {} s", (limit.count() + 999) / 1000));
}

bool WorkerProcess::has_talked_out_of_turn() const { return pid_ >= 0 && has_bytes(socket_); }

std::string request_body(std::string_view function, std::string_view packed_arguments) {
  Buffer body;
  Packer out(body);
  out.pack_array(2);
  out.pack(std::string(function));
  return std::string(view(body)).append(packed_arguments);
}

}  // namespace gradus::wire
