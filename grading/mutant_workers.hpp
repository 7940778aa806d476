// The chapter's known mistakes as workers: built when a submission first needs them, and then kept.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "grading/base/files.hpp"
#include "grading/base/mutant_list.hpp"
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

// Is the i-th mutant of a chapter's list known? An empty one knows them all.
using Sample = std::function<bool(std::size_t)>;

class MutantWorkers {
 public:
  MutantWorkers(const GradingConfig& config, const std::string& mode, Sample sample = {});

  // Those of which a submission that fails these tests may have made one: a mistake fails the test that
  // its list names, so who passes that test has not made it. What is not there yet is built, on all
  // processors; safe to call from several threads.
  ChapterWorkers of(const GradedChapter& chapter, const std::set<std::string>& failed);
  ChapterWorkers all_of(const GradedChapter& chapter);

 private:
  ChapterWorkers build_all(const GradedChapter& chapter, const std::vector<Mutant>& mutants);
  std::vector<Mutant> list_of(const GradedChapter& chapter) const;
  std::filesystem::path build(const GradedChapter& chapter, std::uint64_t key,
                              const std::string& source);

  const GradingConfig& config_;
  std::string mode_;
  Sample sample_;
  std::filesystem::path cache_;
  std::unique_ptr<TemporaryFolder> own_;  // where the build tree cannot be written to
  std::mutex mutex_;
};

}  // namespace gradus
