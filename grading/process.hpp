// A worker: a submission in its sandbox, asked over one socket.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "grading/channel.hpp"
#include "grading/frame.hpp"

namespace gradus::wire {

// Bytes at the start of a request that a reply repeats; after them one that says on how many threads (below 0:
// within a parallel region), and one for how many calls.
inline constexpr std::size_t kNonce = 8;

// How a call ended, the first element of a reply. After `returned` comes a list, the result and
// the changed arguments; after the others the exception's type and its what(), and after `refused`
// also a list of the changed arguments: a refusal should have changed none. `wrote` names, by its
// place, an argument that the function had promised not to change.
enum class Status { returned = 0, refused = 1, not_written = 2, threw = 3, wrote = 4 };

// What came back for a request, or why nothing did.
struct Answer {
  enum Fate { replied, late, ended, garbage } fate = replied;
  std::string bytes;    // the reply without its first 8 bytes
  std::string problem;  // in words, unless replied
};

// No worker could be started at all: the grader's failure, never the submission's.
class NoSandbox : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// As long as it lives, all that this thread asks of workers ends with it: later, OutOfTime is thrown.
class Budget {
 public:
  explicit Budget(std::chrono::milliseconds time);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
};
class OutOfTime : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Limits {
  std::size_t memory = std::size_t{1} << 30;  // bytes of addresses
  unsigned seconds = 20;                      // of processor
};

class WorkerProcess {
 public:
  // Starts the executable, in the sandbox unless `mode` says otherwise; see sandbox.hpp. Throws
  // NoSandbox.
  WorkerProcess(const std::string& executable, const std::string& mode, const Limits& limits = {});
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // After anything but a reply, the worker has been killed and every later request fails alike.
  // Parallel loops of the submission run on `threads`, a negative number for a call within a parallel region
  // when so many may be asked for. The function is called so many times; each further
  // reply comes from next(), without another request.
  Answer ask(std::string_view request, std::chrono::milliseconds limit, int threads = 1,
             int calls = 1);
  Answer next(std::chrono::milliseconds limit);

  // Has it sent anything that nobody asked for?
  bool has_talked_out_of_turn() const;

 private:
  Answer fail(Answer::Fate fate, const std::string& problem);
  Answer receive(Transfer state, std::chrono::milliseconds limit, Clock::time_point end);
  std::string how_it_ended();
  void await_ready();
  void stop();

  pid_t pid_ = -1;
  int socket_ = -1;
  std::uint64_t counter_ = 0;
  std::string stamp_;  // the first bytes of the last request
  Answer failure_;
};

// The body of a request.
std::string request_body(std::string_view function, std::string_view packed_arguments);

}  // namespace gradus::wire
