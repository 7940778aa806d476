// What grade_NN tells grade about its tests: a file of messages as they go over the wire (codec.hpp),
// each behind its length, one after another.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "grading/session.hpp"

namespace gradus {

struct TestRecord {
  std::string name;
  int points = 0;
  bool passed = false;
  std::vector<std::string> failures;
  std::vector<wire::Call> calls;  // those that passed say what a diagnosis may not contradict
};

// grade_NN's exit status where it could not do its work, and how long it gives a test, whose calls
// have 15 s together.
inline constexpr int kGraderFailed = 77;
inline constexpr unsigned kTestSeconds = 30;

// These end the program with kGraderFailed if the file cannot be written: a record with a hole would
// cost a submission points.
void record_start(const std::filesystem::path& file, const std::string& test);
void record_end(const std::filesystem::path& file, const TestRecord& test);
void record_finish(const std::filesystem::path& file);

// All that is whole in the file.
struct Records {
  std::vector<TestRecord> tests;
  std::string running;    // began and did not end
  bool finished = false;  // all tests had their turn
};
Records read_records(const std::filesystem::path& file);

}  // namespace gradus
