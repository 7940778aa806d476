// What a chapter lacks, of all that CONTRIBUTING asks for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/new_chapter/places.hpp"

namespace gradus {

struct Lack {
  std::string file;  // the one to write
  std::string what;
};

// Whether the tests pass is not asked here: ./gradus test does.
std::vector<Lack> lacks(const std::filesystem::path& root, const ChapterNames& chapter);

// What is looked at in a text, for one file each.
std::vector<std::string> graded_functions(const std::string& source);
int sum_of_points(const std::string& tests);
bool tells_of(const std::string& changelog, const std::string& number);
std::vector<std::string> missing_sections(const std::string& page);

}  // namespace gradus
