// grade: the score that counts. See docs/grading.md.
#include <fmt/format.h>
#include <sys/random.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "grading/clean.hpp"
#include "grading/interrupt.hpp"
#include "grading/report_writer.hpp"
#include "grading/sandbox.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

struct Options {
  std::vector<std::string> submissions;
  std::string chapter, format = "text", output, config = GRADUS_GRADING_JSON;
  std::optional<std::uint32_t> seed;
  unsigned jobs = 1;
  std::vector<std::size_t> part;  // of parts
  bool batch = false, unsafe = false, self_check = false;
};

// Some versions of CLI11 read 2x as 2 and 010 as 8.
CLI::Validator digits() {
  const auto check = [](const std::string& text) {
    const bool well = !text.empty() && text.find_first_not_of("0123456789") == text.npos &&
                      (text.size() == 1 || text[0] != '0');
    return well ? "" : "'" + text + "' is no whole number";
  };
  return CLI::Validator(check, "");
}

std::uint32_t random_seed() {
  std::uint32_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) throw ToolError("no random numbers");
  return seed;
}

// In a batch with --seed each submission gets its own seed, from the given one and its name, so
// that rows do not depend on what else is in the folder.
std::uint32_t seed_for(const Options& options, const std::string& name) {
  if (!options.seed) return random_seed();
  if (!options.batch) return *options.seed;
  std::uint32_t seed = 2166136261u ^ *options.seed;
  for (unsigned char c : name) seed = (seed ^ c) * 16777619u;
  return seed;
}

Grade grade_one(Grader& grader, const GradingConfig& config, const Options& options,
                const fs::path& path, const GradedChapter* chapter) {
  Submission submission;
  try {
    submission = read_submission(config, path, chapter);
  } catch (const std::exception& error) {
    submission.name = path.filename().string();
    submission.refused = clean_line(error.what());
  }
  return grader.grade(submission, seed_for(options, submission.name));
}

// Several at a time. What is being graded when somebody stops the program is nobody's grade.
void grade_all(Grader& grader, const GradingConfig& config, const Options& options,
               const std::vector<fs::path>& paths, const GradedChapter* chapter,
               ReportWriter& report) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (std::size_t i; interrupted == 0 && (i = next++) < paths.size();) {
        Grade grade = grade_one(grader, config, options, paths[i], chapter);
        if (interrupted == 0) report.add(i, std::move(grade));
      }
    } catch (...) {  // the report cannot be written: no use in going on
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = paths.size();
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < options.jobs; ++i) workers.emplace_back(work);
  work();
  workers.clear();
  if (failure) std::rethrow_exception(failure);
}

std::string choose_sandbox(const Options& options) {
  if (options.unsafe) return kDirect;
  std::string complaint;
  const std::string mode = find_sandbox(complaint);
  if (mode.empty())
    throw ToolError(
        fmt::format("bubblewrap does not run here ({}); install bubblewrap, or grade with --unsafe "
                    "what you trust",
                    clean_line(complaint)));
  return mode;
}

void check_chapters(Grader& grader, const GradingConfig& config, const GradedChapter* wanted) {
  for (const GradedChapter& chapter : config.chapters) {
    if (wanted != nullptr && wanted != &chapter) continue;
    const std::string problem = grader.self_check(chapter);
    if (!problem.empty()) throw ToolError(problem);
    fmt::print("chapter {}: reference 100, stub 0, {} known mistakes\n", chapter.folder,
               grader.known_mistakes(chapter));
    std::fflush(stdout);
  }
}

void add_batch(const Batch& batch, std::vector<fs::path>& paths) {
  for (const std::string& line : batch.passed_over)
    fmt::print(stderr, "grade: {}\n", clean_line(line));
  paths.insert(paths.end(), batch.entries.begin(), batch.entries.end());
}

// "3/10"
std::vector<std::size_t> parse_part(const std::string& text) {
  unsigned part = 0, parts = 0;
  char more = 0;
  if (std::sscanf(text.c_str(), "%u/%u%c", &part, &parts, &more) != 2 || part < 1 || part > parts)
    throw ToolError("--part is K/N: the K-th of N parts of a batch, as 3/10");
  return {part, parts};
}

int run(const Options& options) {
  const GradingConfig config = load_grading_config(options.config);
  const GradedChapter* chapter = nullptr;
  if (!options.chapter.empty() && (chapter = config.find(options.chapter)) == nullptr)
    throw ToolError("no chapter '" + clean_line(options.chapter, 40) + "' that can be graded");
  Grader grader(config, choose_sandbox(options), options.batch);
  if (options.self_check) check_chapters(grader, config, chapter);
  if (options.submissions.empty() || interrupted != 0)
    return interrupted == 0 ? 0 : 128 + interrupted;

  std::vector<fs::path> paths(options.submissions.begin(), options.submissions.end());
  if (options.batch) {
    paths.clear();
    for (const std::string& folder : options.submissions)
      add_batch(list_batch(folder, options.output), paths);
    if (!options.part.empty()) paths = part_of(paths, options.part[0], options.part[1]);
  }
  if (paths.size() != 1) render(options.format, std::vector<Grade>(paths.size()));  // if it can
  ReportWriter report(options.format, options.output, paths.size());
  grade_all(grader, config, options, paths, chapter, report);
  report.finish();
  if (interrupted != 0) {
    fmt::print(stderr, "grade: stopped; {} of {} submissions are graded\n", report.done(),
               paths.size());
    return 128 + interrupted;
  }
  return report.failed() ? 3 : 0;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  gradus::Options options;
  CLI::App app{"Grades submissions that it does not trust: docs/grading.md"};
  app.name("grade");
  app.add_option("submission", options.submissions, "a .cpp, or a folder with the chapter's file");
  app.add_option("--chapter", options.chapter, "NN; found by the file's name if not given");
  app.add_option("--seed", options.seed, "repeats a grade; random if not given")
      ->check(gradus::digits());
  app.add_option("--jobs", options.jobs, "submissions at a time")
      ->check(gradus::digits())
      ->check(CLI::Range(1, 256));
  app.add_option("--format", options.format, "text, gradescope, exercism, junit or csv")
      ->check(CLI::IsMember({"text", "gradescope", "exercism", "junit", "csv"}));
  app.add_option("--output", options.output, "a file in place of the terminal");
  std::string part;
  app.add_option("--part", part, "K/N: the K-th of N parts of a batch, for several machines");
  app.add_flag("--batch", options.batch, "the folder's entries are submissions, a row each");
  app.add_flag("--self-check", options.self_check, "does the reference score 100, the stub 0?");
  app.add_flag("--unsafe", options.unsafe, "without bubblewrap, and stamped on the report");
  app.add_option("--config", options.config, "grading.json of a build")->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return std::fflush(stdout) == 0 ? 0 : 2;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "grade: {}; --help says more\n", gradus::clean_line(error.what()));
    return 2;
  }
  if (options.submissions.empty() && !options.self_check) {
    fmt::print(stderr, "grade: name a submission; --help says more\n");
    return 2;
  }
  gradus::catch_interrupts();
  try {
    if (!part.empty()) options.part = gradus::parse_part(part);
    if (!part.empty() && !options.batch) throw gradus::ToolError("--part needs --batch");
    return gradus::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "grade: {}\n", gradus::clean_line(error.what()));
    return 2;
  }
}
