// main() of the tests that a student's file is linked with. What became of each test is written to
// the file that GRADUS_RESULTS names, at once, so that a crash loses nothing; records are described
// in results.hpp. On standard output stays only what the code under test prints, with a mark
// between tests.
#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "grading/relations/compared_here.hpp"
#include "grading/student/stack_trace.hpp"

namespace gradus {
namespace {

using ::testing::Test;
using ::testing::TestInfo;
using ::testing::TestPartResult;
using ::testing::TestResult;
using ::testing::UnitTest;

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string name_of(const TestInfo& test) {
  return std::string(test.test_suite_name()) + "." + test.name();
}

std::string points_of(const TestResult& result) {
  for (int i = 0; i < result.test_property_count(); ++i)
    if (std::string(result.GetTestProperty(i).key()) == "points")
      return result.GetTestProperty(i).value();
  return "0";
}

// The time that a test may take is processor time: on a busy machine it lasts longer. What only waits is
// ended after twice the time by the clock.
class Deadline {
 public:
  static void start(unsigned seconds) {
    limit_ = seconds;
    alarms_ = 0;
    end_ = processor_seconds() + seconds;
    struct sigaction action = {};
    action.sa_handler = ring;
    struct sigaction before = {};
    ::sigaction(SIGALRM, &action, &before);
    if (before.sa_handler != ring) leave_trace_ = before;
    ::alarm(seconds);
  }
  static void stop() { ::alarm(0); }

 private:
  static double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }
  // In a signal's handler: nothing but what may be called there.
  static void ring(int) {
    const bool over = processor_seconds() > end_ - 0.1;  // an alarm may come a moment early
    if (++alarms_ < 2 && !over) {
      ::alarm(limit_);
    } else {
      ::sigaction(SIGALRM, &leave_trace_, nullptr);
      ::raise(SIGALRM);  // says where the program was, and ends it
    }
  }
  inline static unsigned limit_ = 0;
  inline static int alarms_ = 0;
  inline static double end_ = 0;
  inline static struct sigaction leave_trace_ = {};  // of stack_trace.cpp
};

class Reporter : public ::testing::EmptyTestEventListener {
 public:
  Reporter(const std::string& file, std::string mark, unsigned seconds)
      : records_(file), mark_(std::move(mark)), seconds_(seconds) {}

  void OnTestProgramStart(const UnitTest& all) override {
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
      const ::testing::TestSuite& suite = *all.GetTestSuite(i);
      for (int k = 0; k < suite.total_test_count(); ++k) {
        const TestInfo& test = *suite.GetTestInfo(k);
        record("test " + name_of(test) + " " + std::to_string(test.line()) + " " + test.file());
      }
    }
  }
  void OnTestStart(const TestInfo& test) override {
    record("start " + name_of(test));
    mark(name_of(test));
    begin_comparisons();
    Deadline::start(seconds_);
  }
  void OnTestPartResult(const TestPartResult& result) override {
    if (!result.failed()) return;
    const std::string message = result.message();
    const bool placed = result.file_name() != nullptr;
    record("failure " + std::to_string(message.size()) + " " +
           (placed ? std::to_string(result.line_number()) + " " + result.file_name() : "0 "));
    record(message);
    if (!placed) records_.trace_of_exception();
    if (placed && failures_++ == 0) comparison_failed();
  }
  void OnTestEnd(const TestInfo& test) override {
    Deadline::stop();
    mark("");
    failures_ = 0;
    const std::string relation = sentence_of_comparisons();
    if (!relation.empty()) record("relation " + relation);
    record("end " + points_of(*test.result()) + " " +
           (test.result()->Passed() ? "passed" : "failed"));
  }
  void OnTestProgramEnd(const UnitTest&) override { record("done"); }

 private:
  void record(const std::string& line) { records_.write(line + "\n"); }
  void mark(const std::string& text) const {
    std::cout.flush();
    std::printf("%s%s\n", mark_.c_str(), text.c_str());
    std::fflush(stdout);
  }

  Records records_;
  std::string mark_;
  unsigned seconds_;
  int failures_ = 0;
};

int run_tests() {
  // What is printed comes in its order and is not lost in a crash.
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  const int seconds = std::atoi(setting("GRADUS_SECONDS").c_str());
  ::testing::TestEventListeners& listeners = UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Reporter(setting("GRADUS_RESULTS"), setting("GRADUS_MARK"),
                                static_cast<unsigned>(seconds)));
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return gradus::run_tests();
}
