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

// A .cpp, or a folder that holds the chapter's file: at its top, in NN_name/ or in work/NN_name/, else
// the one file below that is named like it (find_source.hpp), else, where the chapter is `wanted`, the
// one .cpp below. Without `wanted` the chapter is found by the file's name. Symbolic links, files that
// are none, files above 256 KiB, UTF-16 and archives are refused.
Submission read_submission(const GradingConfig& config, const std::filesystem::path& path,
                           const GradedChapter* wanted);

// What a folder of submissions holds, in the order of the names: folders, and files named .cpp.
struct Batch {
  std::vector<std::filesystem::path> entries;
  std::vector<std::string> passed_over;  // a line each: "lim.zip: not graded: unpack it ..."
};

// Litter, tables and the grader's own `output` are left out without a word.
Batch list_batch(const std::filesystem::path& folder, const std::filesystem::path& output = {});

// The part-th of so many parts, each a piece of the list: rows of all parts, one behind the other, are
// the rows of the whole.
std::vector<std::filesystem::path> part_of(const std::vector<std::filesystem::path>& entries,
                                           std::size_t part, std::size_t parts);

}  // namespace gradus
