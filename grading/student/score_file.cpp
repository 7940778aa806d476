#include "grading/student/score_file.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "grading/base/files.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

std::optional<Score> parse(const std::string& line) {
  Score score;
  const bool read = std::sscanf(line.c_str(), "best %d of %d", &score.points, &score.of) == 2;
  const bool possible = score.points >= 0 && score.of > 0 && score.points <= score.of;
  return read && possible ? std::optional(score) : std::nullopt;
}

}  // namespace

std::optional<Score> best_score(const fs::path& folder) {
  const fs::path file = folder / ".score";
  if (!fs::is_regular_file(file)) return std::nullopt;
  for (const std::string& line : lines_of(read_text(file)))
    if (const std::optional<Score> score = parse(line)) return score;
  return std::nullopt;
}

void keep_score(const fs::path& folder, const Score& score) {
  const Score best = best_score(folder).value_or(score);
  const Score& better = score.points > best.points ? score : best;
  write_text(folder / ".score", fmt::format("best {} of {}\nlast {} of {}\n", better.points,
                                            better.of, score.points, score.of));
}

}  // namespace gradus
