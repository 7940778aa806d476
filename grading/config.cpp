#include "grading/config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {

const GradedChapter* GradingConfig::find(const std::string& name) const {
  for (const GradedChapter& chapter : chapters)
    if (name == chapter.folder || name == chapter.file || name == chapter.number() ||
        "0" + name == chapter.number())
      return &chapter;
  return nullptr;
}

fs::path GradingConfig::reference(const GradedChapter& chapter) const {
  return root / "chapters" / chapter.folder / chapter.file;
}

fs::path GradingConfig::stub(const GradedChapter& chapter) const {
  return root / "chapters" / chapter.folder / "stub.cpp";
}

fs::path GradingConfig::mutants(const GradedChapter& chapter) const {
  return root / "tests/mutants" / (chapter.folder + ".json");
}

GradingConfig load_grading_config(const fs::path& file) {
  try {
    const auto all = nlohmann::json::parse(read_text(file));
    GradingConfig config;
    config.root = all.at("root").get<std::string>();
    config.include = all.at("include").get<std::string>();
    config.cache = all.at("cache").get<std::string>();
    config.compiler = all.at("compiler");
    config.compile = all.at("compile");
    for (const auto& entry : all.at("chapters")) {
      GradedChapter chapter{
          entry.at("folder"), entry.at("file"), entry.at("tests").get<std::string>(), {}};
      for (const auto& path : entry.at("link")) chapter.link.emplace_back(path.get<std::string>());
      config.chapters.push_back(chapter);
    }
    return config;
  } catch (const nlohmann::json::exception& error) {
    throw ToolError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

}  // namespace gradus
