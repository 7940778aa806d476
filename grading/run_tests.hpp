// The chapter's tests against one worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "grading/config.hpp"
#include "grading/record.hpp"

namespace gradus {

struct TestRun {
  std::vector<TestRecord> tests;
  std::string error;  // the grader's own failure; empty if every test had its turn
};

// What all runs of a submission may take together, by the clock; a correct one needs seconds.
inline constexpr std::chrono::seconds kSubmissionTime{600};

struct TestOptions {
  std::string mode;  // sandbox.hpp
  std::uint32_t seed = 1;
  int threads = 1;  // that parallel loops of the submission run on, unless a test says otherwise
  std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() + kSubmissionTime;
};

// `folder` takes the record. A test that ends the program that runs the tests, as one that stumbles
// over a reply might, or that takes too long, has failed; the others run all the same. What had no
// turn before the end has failed as well, and stands there as one test.
TestRun run_tests(const GradedChapter& chapter, const std::filesystem::path& worker,
                  const std::filesystem::path& folder, const TestOptions& options);

}  // namespace gradus
