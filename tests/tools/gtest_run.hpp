// A GoogleTest executable run in a fresh process, and what its JSON report says.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grading/base/process.hpp"

namespace gradus {

struct TestResult {
  std::string name;                   // "Suite.Test"
  bool ran = false;                   // false: disabled or skipped
  bool passed = false;                // ran, and nothing failed
  int points = 0;                     // RecordProperty("points", n)
  std::vector<std::string> failures;  // what GoogleTest says of each
};

struct GtestRun {
  Outcome outcome;
  std::vector<TestResult> tests;
  bool finished = false;  // false: it crashed, exited or was stopped before its report
};

struct GtestOptions {
  std::string filter = "*";
  std::chrono::milliseconds deadline{20'000};
  std::size_t memory = 0;  // bytes, 0: no limit
};

// `report` is the file that GoogleTest writes; an old one is removed first.
GtestRun run_gtest(const std::filesystem::path& executable, const std::filesystem::path& report,
                   const GtestOptions& options);

// The names of all tests that the executable knows, disabled ones included.
std::vector<std::string> list_gtest(const std::filesystem::path& executable);

std::vector<TestResult> parse_gtest_report(std::string json);
std::vector<std::string> failed_tests(const std::vector<TestResult>& tests);

// The test that was running when a run that did not finish stopped; empty if none was.
std::string stopped_in(const std::string& output);

}  // namespace gradus
