// The chapter's tests against one worker.
#pragma once

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

// `folder` takes the record. A test that ends the program that runs the tests, as one that stumbles
// over a reply might, has failed; the others run all the same.
TestRun run_tests(const GradedChapter& chapter, const std::filesystem::path& worker,
                  const std::filesystem::path& folder, const std::string& mode, std::uint32_t seed);

}  // namespace gradus
