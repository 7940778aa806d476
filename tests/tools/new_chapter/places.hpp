// What a chapter is made of: its names, and every file that it needs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

struct ChapterNames {
  std::string folder;  // 12_hyperparameters
  std::string number;  // 12
  std::string name;    // hyperparameters: that of its files and of its namespace
};

// Throws ToolError for what is no name of a folder of chapters/.
ChapterNames chapter_names(const std::string& folder);

// The chapters that are there, by number.
std::vector<ChapterNames> all_chapters(const std::filesystem::path& root);

struct Places {
  std::string contract, reference, stub, demonstration;  // what chapters/ must hold
  std::string experiment, experiment_source;             // and what it may
  std::string tests, claims, mutants;                    // for ./gradus test
  std::string alternative, second_alternative, graded;   // for ./gradus grade
  std::string float_tests;                               // where float shows something
  std::string page, plots;
};
Places places(const ChapterNames& chapter);

// The functions that a header declares in its namespace, in their order, overloads once. Members of
// structs and inline functions, which nobody has to write, are not among them.
std::vector<std::string> declared_functions(const std::string& header);

}  // namespace gradus
