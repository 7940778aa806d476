// Which of the files below a student's folder is the chapter's? Learning platforms put names around
// names, and students rename, so more is tried than the file's own name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "grading/config.hpp"

namespace gradus {

// Is it named as a C++ source: .cpp, .CPP, or .cpp.txt as from an editor that hides the rest?
bool is_source_name(const std::string& name);
bool is_archive_name(const std::string& name);

// Does the name hold the chapter's, in any case, with what platforms add: "xor_mlp (1).cpp",
// "kimminsu_1234_5678_xor_mlp-1.cpp"?
bool names_chapter(const std::string& name, const GradedChapter& chapter);

// What nobody handed in: hidden files, __MACOSX, Thumbs.db and the like.
bool is_litter(const std::string& name);

struct FilesBelow {
  std::vector<std::filesystem::path> sources;  // from the folder, in the order of their names
  std::string archive;                         // one that would have to be unpacked
};

// Regular files below an open folder; links are not followed.
FilesBelow files_below(int folder);

// The chapter's file among the sources; empty with the reason in `refused`.
std::filesystem::path choose_source(const FilesBelow& files, const GradingConfig& config,
                                    const GradedChapter& chapter, std::string& refused);

}  // namespace gradus
