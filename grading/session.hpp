// The tests' side: which worker answers the calls of the running test, and what was said.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "grading/process.hpp"

namespace gradus::wire {

// A call of a test and what came back, to be replayed later on other versions.
struct Call {
  std::string function;
  std::string request;  // as sent, without the first 8 bytes
  Answer answer;
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

  void use(const std::string& executable, const std::string& mode);

  // A test begins: the next call starts a fresh worker. It ends: the worker is gone.
  void begin();
  void end();

  // The reply's bytes; throws BrokenCall.
  std::string exchange(const std::string& function, std::string_view packed_arguments);
  [[noreturn]] void refuse(const std::string& function, const std::string& problem);

  const std::vector<Call>& calls() const { return calls_; }
  const std::string& problem() const { return problem_; }  // empty: all calls were answered

 private:
  void remember(Call call);

  std::string executable_, mode_;
  std::unique_ptr<WorkerProcess> worker_;
  std::vector<Call> calls_;
  std::size_t recorded_ = 0;  // bytes
  std::string problem_;
  Clock::time_point end_;
  std::set<std::string> late_;  // functions that did not answer in time
};

}  // namespace gradus::wire
