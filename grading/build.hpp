// A submission becomes a worker: compiled and linked where it can read nothing and stay nowhere.
#pragma once

#include <filesystem>
#include <string>

#include "grading/config.hpp"

namespace gradus {

struct BuiltWorker {
  bool ok = false;
  std::string problem;  // one line for the verdict
  std::string details;  // what the compiler said
  bool may_start_threads = false;
};

// Compiles `source` in the sandbox `mode` and makes the program `folder`/worker. `folder` must
// exist, and holds nothing else that matters.
BuiltWorker build_worker(const GradingConfig& config, const GradedChapter& chapter,
                         const std::string& source, const std::filesystem::path& folder,
                         const std::string& mode);

}  // namespace gradus
