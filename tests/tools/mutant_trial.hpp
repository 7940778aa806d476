// What becomes of one mutant: built, run against the tests, judged.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/mutation.hpp"

namespace gradus {

enum class Verdict {
  Caught,           // the named test failed, crashed or did not end
  Survived,         // no test failed: a hole in the tests
  CaughtElsewhere,  // others failed, the named one did not
  DidNotCompile,
  NoSuchTest,  // the reference does not pass a test of that name
  NoMatch,     // the text to replace is not there exactly once
};

struct Trial {
  Verdict verdict = Verdict::Survived;
  std::string note;
};

struct TrialSetup {
  std::filesystem::path root;  // the sources, only ever read
  std::filesystem::path work;  // a folder a mutant below it
  BuildArguments build;
  std::chrono::milliseconds deadline{20'000};
  std::vector<std::string> tests;  // that the reference passes
};

// Builds the unedited copies of the files that the mutants edit, runs all tests and returns the
// names of those that pass. Throws ToolError if one does not build or any test fails.
std::vector<std::string> check_reference(const TrialSetup& setup,
                                         const std::vector<Mutant>& mutants);

Trial try_mutant(const TrialSetup& setup, const Mutant& mutant);

}  // namespace gradus
