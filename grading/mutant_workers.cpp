#include "grading/mutant_workers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

#include "grading/build.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

// FNV-1a: names a file in the cache by everything that it was made of.
std::uint64_t hash(std::uint64_t start, const std::string& text) {
  for (unsigned char c : text) start = (start ^ c) * 0x100000001b3u;
  return start;
}

// Of all that the mutants of a chapter have in common.
std::uint64_t key_of(const GradingConfig& config, const GradedChapter& chapter) {
  std::uint64_t key = 0xcbf29ce484222325u;
  for (const std::string& flag : config.compile) key = hash(key, flag);
  for (const fs::path& part : chapter.link)
    key = hash(key, fmt::format("{}{}", part.string(),
                                fs::last_write_time(part).time_since_epoch().count()));
  for (const char* folder : {"common", "chapters"})
    for (const auto& entry : fs::recursive_directory_iterator(config.include / folder))
      if (entry.is_regular_file())
        key ^= hash(hash(0, entry.path().string()), read_text(entry.path()));  // in any order
  return key;
}

bool writable(const fs::path& folder) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

}  // namespace

MutantWorkers::MutantWorkers(const GradingConfig& config, const std::string& mode, Sample sample)
    : config_(config), mode_(mode), sample_(std::move(sample)), cache_(config.cache) {
  if (writable(cache_)) return;
  own_ = std::make_unique<TemporaryFolder>();
  cache_ = own_->path();
}

fs::path MutantWorkers::build(const GradedChapter& chapter, std::uint64_t key,
                              const std::string& source) {
  const fs::path kept = cache_ / fmt::format("{}-{:016x}", chapter.number(), hash(key, source));
  if (fs::exists(kept)) return kept;
  const TemporaryFolder folder;
  const BuiltWorker built = build_worker(config_, chapter, source, folder.path(), mode_);
  if (!built.ok) throw ToolError("a mutant cannot be built: " + built.problem + built.details);
  // Copied beside and renamed: another grader may be doing the same.
  const fs::path unfinished =
      kept.string() + fmt::format(".{}.{}", ::getpid(), folder.path().filename().string());
  fs::copy_file(folder.path() / "worker", unfinished, fs::copy_options::overwrite_existing);
  fs::rename(unfinished, kept);
  return kept;
}

// f(0) … f(count - 1) on all processors; the first exception comes back.
static void in_parallel(std::size_t count, const std::function<void(std::size_t)>& f) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < count;) {
      try {
        f(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) workers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

// Those that edit the chapter's file: of them all, or a sample.
std::vector<Mutant> MutantWorkers::list_of(const GradedChapter& chapter) const {
  std::vector<Mutant> mutants, sample;
  if (fs::exists(config_.mutants(chapter))) mutants = load_mutants(config_.mutants(chapter));
  std::erase_if(mutants, [&](const Mutant& mutant) {
    return fs::path(mutant.file).filename() != chapter.file;
  });
  for (std::size_t i = 0; i < mutants.size(); ++i)
    if (!sample_ || sample_(i)) sample.push_back(mutants[i]);
  return sample;
}

ChapterWorkers MutantWorkers::build_all(const GradedChapter& chapter,
                                        const std::vector<Mutant>& mutants) {
  const std::lock_guard lock(mutex_);
  const std::string source = read_text(config_.reference(chapter));
  ChapterWorkers workers;
  workers.contract = config_.root / "grading/chapters" / (chapter.folder + ".cpp");
  const std::uint64_t key = key_of(config_, chapter);
  workers.reference = build(chapter, key, source);
  workers.mutants.resize(mutants.size());
  in_parallel(mutants.size(), [&](std::size_t i) {
    workers.mutants[i] = {mutants[i].id, mutants[i].diagnosis,
                          build(chapter, key, apply_mutant(source, mutants[i]))};
  });
  return workers;
}

ChapterWorkers MutantWorkers::all_of(const GradedChapter& chapter) {
  return build_all(chapter, list_of(chapter));
}

ChapterWorkers MutantWorkers::of(const GradedChapter& chapter,
                                 const std::set<std::string>& failed) {
  std::vector<Mutant> mutants = list_of(chapter);
  std::erase_if(mutants, [&](const Mutant& mutant) { return !failed.contains(mutant.caught_by); });
  return build_all(chapter, mutants);
}

}  // namespace gradus
