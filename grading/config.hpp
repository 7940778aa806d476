// What the build knows and the grader needs: the compiler, its flags, the chapters and their parts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

struct GradedChapter {
  std::string folder;                       // 02_xor_mlp
  std::string file;                         // xor_mlp.cpp, which a student hands in
  std::filesystem::path tests;              // grade_02
  std::vector<std::filesystem::path> link;  // objects and libraries beside the submission

  std::string number() const { return folder.substr(0, 2); }
};

struct GradingConfig {
  std::filesystem::path root, include, cache;
  std::string compiler;
  std::vector<std::string> compile;
  std::vector<GradedChapter> chapters;

  // By "02", "2", "02_xor_mlp" or "xor_mlp.cpp"; nullptr if there is none.
  const GradedChapter* find(const std::string& name) const;
  std::filesystem::path reference(const GradedChapter& chapter) const;
  std::filesystem::path stub(const GradedChapter& chapter) const;
  std::filesystem::path mutants(const GradedChapter& chapter) const;
};

GradingConfig load_grading_config(const std::filesystem::path& file);

}  // namespace gradus
