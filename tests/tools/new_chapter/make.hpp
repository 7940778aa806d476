// A new chapter: every file of places.hpp as a first, small, running form of itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/new_chapter/places.hpp"

namespace gradus {

// The files that were written. Throws ToolError, before any is, for a number or a name that is taken.
std::vector<std::string> make_chapter(const std::filesystem::path& root,
                                      const ChapterNames& chapter);

// A template with its words, @NUMBER@ and others, replaced.
std::string filled(std::string text, const ChapterNames& chapter);

// CMakeLists.txt with a line for the chapter, after those of smaller numbers.
std::string with_chapter(const std::string& cmake, const ChapterNames& chapter);

}  // namespace gradus
