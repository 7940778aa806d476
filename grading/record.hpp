// What grade_NN tells grade about a test: a file of JSON objects in binary form, one after another.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "grading/session.hpp"

namespace gradus {

struct TestRecord {
  std::string name;
  int points = 0;
  bool passed = false;
  std::vector<std::string> failures;
  std::vector<wire::Call> calls;  // of a test that failed
};

nlohmann::json to_json(const TestRecord& record);

void append_record(const std::filesystem::path& file, const nlohmann::json& record);

// All that is whole in the file.
struct Records {
  std::vector<TestRecord> tests;
  std::string running;    // began and did not end
  bool finished = false;  // all tests had their turn
};
Records read_records(const std::filesystem::path& file);

}  // namespace gradus
