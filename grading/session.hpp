// The tests' side: which worker answers the calls of the running test, and what was said.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "grading/process.hpp"
#include "grading/sandbox.hpp"

namespace gradus::wire {

// A call of a test and what came back, to be replayed later on other versions.
struct Call {
  std::string function;
  std::string request;  // as sent, without the first 8 bytes
  Answer answer;
  int threads = 1;  // as WorkerProcess::ask() takes them
};

// What a proxy throws when the submission did not answer as a function must. Whatever the test
// makes of it, the test has failed.
class BrokenCall : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Session {
 public:
  static Session& current();

  // With `threads` above 1 parallel loops run on so many, unless the test itself says on how many;
  // what is added in another order may then differ from call to call, so nothing is called again.
  void use(const std::string& executable, const std::string& mode, int threads = 1);

  // What omp_set_num_threads() of a test sets, and what holds when a test begins.
  void use_threads(int count) { threads_ = std::clamp(count, 1, kMostThreads / 2); }
  int threads() const { return threads_; }

  // A test begins: the next call starts a fresh worker. It ends: the worker is gone.
  void begin();
  void end();

  // The reply's bytes; throws BrokenCall.
  std::string exchange(const std::string& function, std::string_view packed_arguments);
  [[noreturn]] void refuse(const std::string& function, const std::string& problem);

  const std::vector<Call>& calls() const { return calls_; }
  const std::string& problem() const { return problem_; }  // empty: all calls were answered

 private:
  std::unique_ptr<WorkerProcess> start(const Limits& limits);
  std::chrono::milliseconds time_for_a_call() const;
  std::string bytes_of(Answer answer, const std::string& function);
  void ask_again(const std::string& function, const std::string& request, const std::string& reply,
                 int times);
  void remember(Call call);

  std::string executable_, mode_;
  int usual_threads_ = 1, threads_ = 1;
  std::unique_ptr<WorkerProcess> worker_;
  // A second worker that lives through all tests, as the program of `check` does: it must give the
  // same replies, or the submission keeps something from one call to the next.
  std::unique_ptr<WorkerProcess> veteran_;
  std::vector<Call> calls_;
  std::size_t recorded_ = 0;  // bytes
  std::string problem_;
  Clock::time_point end_;
  std::set<std::string> late_;  // functions that did not answer in time
};

}  // namespace gradus::wire
