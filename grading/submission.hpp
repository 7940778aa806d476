// What a student handed in: one file, read once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "grading/config.hpp"

namespace gradus {

inline constexpr std::size_t kMaxSubmission = std::size_t{256} << 10;

struct Submission {
  std::string name;     // what the report calls it: the file, or the folder in a batch
  std::string source;   // the text of the chapter's file
  std::string refused;  // why there is none; empty if there is
  const GradedChapter* chapter = nullptr;
};

// A .cpp, or a folder that holds the chapter's file at its top, in NN_name/ or in work/NN_name/.
// The chapter is `wanted`, or found by the file's name. Symbolic links, files that are none, files
// above 256 KiB are refused; nothing else in a folder is looked at.
Submission read_submission(const GradingConfig& config, const std::filesystem::path& path,
                           const GradedChapter* wanted);

// The entries of a folder in the order of their names; hidden ones are left out.
std::vector<std::filesystem::path> list_batch(const std::filesystem::path& folder);

}  // namespace gradus
