// The tests of a student's file, run, and what became of each. The records that reporter.cpp
// writes:
//
//   test NAME LINE FILE             one per test, before the first
//   start NAME
//   failure SIZE LINE FILE          and behind it SIZE bytes of message; LINE is 0 for an exception
//   threw ADDRESS...                the calls on the way to that exception, the innermost first
//   relation TEXT                   what is true of all that came where the test first failed
//   signal NUMBER ADDRESS...        what ends the program here
//   end POINTS passed|failed
//   done                            after the last test
#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

using Addresses = std::vector<std::string>;  // in the file of the program, hexadecimal

struct Failure {
  std::string file;  // where the expectation is; empty for an exception
  int line = 0;
  std::string message;
  Addresses thrown;
};

struct TestOutcome {
  enum class State { not_tried, passed, failed, stopped };

  std::string name;  // "Suite.Test"
  std::string file;  // where the test begins
  int line = 0;
  State state = State::not_tried;
  int points = 0;  // of a test that ended
  std::vector<Failure> failures;
  std::string relation;  // between what came and what was expected, where one was found
  std::string reason;    // why it stopped, if it did
  Addresses stopped_at;  // and where
  std::string printed;   // by the code under test

  bool passed() const { return state == State::passed; }
};

struct Results {
  std::vector<TestOutcome> tests;
  std::string stopped;  // what went wrong outside of every test
};

struct Deadlines {
  std::chrono::seconds test{5}, all{20};
};

// Runs the program, again and again if tests stop it, until each test has had its turn or the time
// is up. What it needs is written into `folder`. A run that `stop` ends has no results worth
// reading.
Results run_tests(const std::filesystem::path& program, const std::filesystem::path& folder,
                  const Deadlines& deadlines, const volatile std::sig_atomic_t* stop);

// ---- its parts ----

// Adds the records of one run. Tests that are there already keep what they are, except for what is
// new. Returns the name of the test that was running at the end, empty if none was; `done` says
// whether the run came to its end.
std::string add_records(const std::string& records, Results& results, bool& done);

// Gives each test what was printed between its mark and the next.
void add_output(const std::string& output, const std::string& mark, Results& results);

}  // namespace gradus
