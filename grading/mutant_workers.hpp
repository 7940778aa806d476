// The chapter's known mistakes as workers, built when the first submission fails and then kept.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grading/base/files.hpp"
#include "grading/config.hpp"

namespace gradus {

struct MutantWorker {
  std::string id, diagnosis;
  std::filesystem::path executable;
};

struct ChapterWorkers {
  std::filesystem::path contract;  // grading/chapters/NN_name.cpp: names for what is said
  std::filesystem::path reference;
  std::vector<MutantWorker> mutants;
};

class MutantWorkers {
 public:
  // With `every` above 1 only every 2nd, 3rd, … mutant is known: a sample, for tests.
  MutantWorkers(const GradingConfig& config, const std::string& mode, std::size_t every = 1);

  // Builds what is not there yet, on all processors; safe to call from several threads.
  const ChapterWorkers& of(const GradedChapter& chapter);

 private:
  std::filesystem::path build(const GradedChapter& chapter, const std::string& source);

  const GradingConfig& config_;
  std::string mode_;
  std::size_t every_;
  std::filesystem::path cache_;
  std::unique_ptr<TemporaryFolder> own_;  // where the build tree cannot be written to
  std::mutex mutex_;
  std::vector<std::pair<const GradedChapter*, std::unique_ptr<ChapterWorkers>>> ready_;
};

}  // namespace gradus
