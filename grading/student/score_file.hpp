// How far a student is in a chapter: the best score for ever, and the last one.
#pragma once

#include <filesystem>
#include <optional>

namespace gradus {

struct Score {
  int points = 0, of = 100;

  bool full() const { return points >= of; }
};

// The best score so far, from `folder`/.score, where the student's file is:
//
//   best 100 of 100
//   last 40 of 100
//
// Nothing if there is none, or none that can be read.
std::optional<Score> best_score(const std::filesystem::path& folder);

// The last score, and the best if it is one.
void keep_score(const std::filesystem::path& folder, const Score& score);

}  // namespace gradus
