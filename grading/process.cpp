#include "grading/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "grading/codec.hpp"
#include "grading/interrupt.hpp"
#include "grading/sandbox.hpp"

namespace gradus::wire {
namespace {

// Said of bytes before a request and of a reply to no request: which of the two it is, is a matter
// of microseconds.
const char* const kUnasked = "the program sent bytes that nobody had asked for";

// Everything that the child needs, made before the fork.
struct Launch {
  std::vector<std::string> words;
  std::vector<char*> argv;
  Limits limits;
  int channel = -1, null = -1;
};

void limit(int what, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<decltype(RLIMIT_AS)>(what), &both);
}

// No file that grows, no core dump. The launcher limits processes, where only the worker's count.
void set_limits(const Limits& limits) {
  limit(RLIMIT_AS, limits.memory);
  limit(RLIMIT_CPU, limits.seconds);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_STACK, rlim_t{8} << 20);
}

// What a worker's C library and OpenMP shall know; bubblewrap hands on nothing else.
constexpr const char* kSurroundings[] = {"OMP_WAIT_POLICY=passive", "MALLOC_ARENA_MAX=1"};

[[noreturn]] void become(const Launch& launch, pid_t parent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  // First out of the way of the numbers that are wanted, then onto them.
  const int channel = ::fcntl(launch.channel, F_DUPFD, 100);
  bool ready = channel >= 0;
  for (int fd = 0; fd < 3; ++fd) ready = ready && ::dup2(launch.null, fd) == fd;
  ready = ready && ::dup2(channel, kChannel) == kChannel;
  if (!ready || ::close_range(kChannel + 1, ~0u, 0) != 0) ::_exit(127);
  set_limits(launch.limits);
  char* const environment[] = {const_cast<char*>(kSurroundings[0]),
                               const_cast<char*>(kSurroundings[1]), nullptr};
  ::execve(launch.argv[0], launch.argv.data(), environment);
  ::_exit(127);
}

[[noreturn]] void fail_to_start(const char* what) {
  throw NoSandbox(fmt::format("{}: {}", what, std::strerror(errno)));
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
    case SIGSYS: return "a system call of another machine";
    case SIGTRAP: return "a trap: __builtin_trap() or an impossible branch";
    default: return ::strsignal(signal);
  }
}

thread_local Clock::time_point budget_end = kNever;

void look_at_the_clock() {
  if (interrupted != 0) throw Interrupted();
  if (Clock::now() >= budget_end) throw OutOfTime("the time for it is over");
}

}  // namespace

Budget::Budget(std::chrono::milliseconds time) { budget_end = Clock::now() + time; }
Budget::~Budget() { budget_end = kNever; }

WorkerProcess::WorkerProcess(const std::string& executable, const std::string& mode,
                             const Limits& limits) {
  look_at_the_clock();
  Launch launch;
  launch.limits = limits;
  launch.words = worker_command(executable, mode);
  launch.words[0] = find_program(launch.words[0]);
  for (std::string& word : launch.words) launch.argv.push_back(word.data());
  launch.argv.push_back(nullptr);

  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    fail_to_start("socketpair");
  launch.channel = ends[1];
  launch.null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(launch, parent);
  socket_ = ends[0];
  for (int fd : {ends[1], launch.null}) ::close(fd);
  if (pid_ < 0) {
    ::close(socket_);
    fail_to_start("fork");
  }
  await_ready();
}

// What happens before the launcher's byte is the sandbox's doing, and what happens after it the
// submission's.
void WorkerProcess::await_ready() {
  char byte = 0;
  const auto end = Clock::now() + std::chrono::seconds(30);
  if (receive_byte(socket_, byte, end) == Transfer::done && byte == kReady) return;
  stop();
  ::close(socket_);
  throw NoSandbox("the sandbox of a worker does not start");
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

Answer WorkerProcess::ask(std::string_view request, std::chrono::milliseconds limit, int threads,
                          int calls) {
  look_at_the_clock();
  if (failure_.fate != Answer::replied) return failure_;
  if (has_talked_out_of_turn()) return fail(Answer::garbage, kUnasked);
  const auto end = std::min(Clock::now() + limit, budget_end);
  stamp_ = nonce(++counter_);
  const std::string head = stamp_ + static_cast<char>(threads) + static_cast<char>(calls);
  return receive(send_frame(socket_, head + std::string(request), end), limit, end);
}

Answer WorkerProcess::next(std::chrono::milliseconds limit) {
  look_at_the_clock();
  if (failure_.fate != Answer::replied) return failure_;
  return receive(Transfer::done, limit, std::min(Clock::now() + limit, budget_end));
}

// The reply, if what was before it is done.
Answer WorkerProcess::receive(Transfer state, std::chrono::milliseconds limit,
                              Clock::time_point end) {
  std::string frame;
  if (state == Transfer::done) state = receive_frame(socket_, frame, kMaxReply, end);
  switch (state) {
    case Transfer::done:
      if (frame.compare(0, kNonce, stamp_) != 0) return fail(Answer::garbage, kUnasked);
      return {Answer::replied, frame.substr(kNonce), ""};
    case Transfer::closed: return fail(Answer::ended, how_it_ended());
    case Transfer::too_long:
      return fail(Answer::garbage, "the reply is longer than any function's result");
    case Transfer::late: break;
  }
  look_at_the_clock();
  return fail(Answer::late, fmt::format("no answer within {} s", (limit.count() + 999) / 1000));
}

bool WorkerProcess::has_talked_out_of_turn() const { return pid_ >= 0 && has_bytes(socket_); }

std::string request_body(std::string_view function, std::string_view packed_arguments) {
  Buffer body;
  Packer out(body);
  out.pack_array(3);  // the function, its arguments, and which of them are one object
  out.pack(std::string(function));
  return std::string(view(body)).append(packed_arguments);
}

}  // namespace gradus::wire
