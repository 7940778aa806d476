// Wrong versions that are no mutants: what is said of each is true, or nothing is said.
//
// wrong_versions.json names a chapter, the text that is replaced (once), the replacement, and what is
// said. With GRADUS_SHOW=text in the environment those that hold the text are shown; with GRADUS_DAY=D
// a fifth is tried, on other days others.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "grading/base/files.hpp"
#include "grading/build.hpp"
#include "grading/diagnose.hpp"
#include "grading/run_tests.hpp"
#include "grading/sandbox.hpp"
#include "tests/tools/day.hpp"

namespace gradus {
namespace {

using Lines = std::vector<std::string>;

const GradingConfig& config() {
  static const GradingConfig config = load_grading_config(GRADUS_GRADING_JSON);
  return config;
}

std::string mode() {
  static std::string complaint;
  static const std::string mode = find_sandbox(complaint);
  return mode;
}

std::string edited(std::string source, const nlohmann::json& version) {
  const std::string find = version.at("find"), replace = version.at("replace");
  const std::size_t at = source.find(find);
  if (at == std::string::npos || source.find(find, at + 1) != std::string::npos)
    throw ToolError("stands there not just once: " + find);
  return source.replace(at, find.size(), replace);
}

// The reference as a worker, built once a chapter.
std::filesystem::path reference(const GradedChapter& chapter) {
  static std::map<std::string, std::unique_ptr<TemporaryFolder>> built;
  auto& folder = built[chapter.folder];
  if (folder) return folder->path() / "worker";
  folder = std::make_unique<TemporaryFolder>();
  const std::string source = read_text(config().reference(chapter));
  if (!build_worker(config(), chapter, source, folder->path(), mode()).ok)
    throw ToolError("the reference cannot be built");
  return folder->path() / "worker";
}

// Without any mutant: relations have to do alone.
Lines said_of(const nlohmann::json& version) {
  const GradedChapter& chapter = *config().find(version.at("chapter"));
  const std::string source = read_text(config().reference(chapter));
  const TemporaryFolder wrong;
  const BuiltWorker built =
      build_worker(config(), chapter, edited(source, version), wrong.path(), mode());
  if (!built.ok) throw ToolError(built.problem + built.details);
  const TestRun run = run_tests(chapter, wrong.path() / "worker", wrong.path(), {mode(), 7});
  int score = 0;
  for (const TestRecord& test : run.tests) score += test.passed ? test.points : 0;
  EXPECT_LT(score, 100) << "no wrong version";
  const ChapterWorkers workers{
      config().root / "grading/chapters" / (chapter.folder + ".cpp"), reference(chapter), {}};
  return diagnose(workers, run.tests, Asked{wrong.path() / "worker", mode()});
}

TEST(Diagnosis, OfWrongVersionsIsTrueOrSilent) {
  if (mode().empty()) GTEST_SKIP() << "no bubblewrap here";
  const auto versions =
      nlohmann::json::parse(read_text(config().root / "tests/grading/wrong_versions.json"));
  EXPECT_GE(versions.size(), 25u);
  const char* show = std::getenv("GRADUS_SHOW");
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!in_turn(i, 5)) continue;
    const nlohmann::json& version = versions[i];
    const std::string text =
        version.at("chapter").get<std::string>() + ": " + version.at("replace").get<std::string>();
    if (show != nullptr && text.find(show) == std::string::npos) continue;
    const Lines said = said_of(version);
    if (show != nullptr)
      std::printf("%s\n   %s\n", text.c_str(), nlohmann::json(said).dump().c_str());
    else
      EXPECT_EQ(said, version.at("says").get<Lines>()) << version.at("replace");
  }
}

}  // namespace
}  // namespace gradus
