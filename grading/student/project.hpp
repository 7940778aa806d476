// Where things are: the chapters, and the student's files beside them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

struct Chapter {
  std::string folder;  // 07_optimizers
  std::string number;  // 07
  std::string
      name;  // optimizers: the contract is optimizers.hpp, the student writes optimizers.cpp
  std::string title;  // seven ways to use a gradient
};

struct Project {
  std::filesystem::path root, build, work;
  std::vector<Chapter> chapters;
};

// The project that the program is run in: `root` is the current folder, as ./gradus goes there
// first. The student's files are in root/work, or in the folder that `work` names.
Project find_project(const std::filesystem::path& root, const std::string& work);

// 1, 01 and 01_perceptron all mean 01_perceptron. Throws ToolError if there is none.
const Chapter& find_chapter(const Project& project, const std::string& wanted);

// The one file of a chapter that a student writes: work/01_perceptron/perceptron.cpp
std::filesystem::path student_file(const Project& project, const Chapter& chapter);
std::filesystem::path stub_file(const Project& project, const Chapter& chapter);

// A file as the student knows it: from the project's folder if it is in there.
std::string shown(const Project& project, const std::filesystem::path& file);

}  // namespace gradus
