#include "grading/student/project.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "grading/base/files.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

bool is_chapter(const std::string& folder) {
  return folder.size() > 3 && digit(folder[0]) && digit(folder[1]) && folder[2] == '_';
}

// The stub includes the contract first: #include "chapters/07_optimizers/optimizers.hpp"
std::string contract_name(const std::string& folder, const fs::path& stub) {
  const std::string include = "#include \"chapters/" + folder + "/";
  for (const std::string& line : lines_of(read_text(stub)))
    if (line.starts_with(include))
      return line.substr(include.size(), line.find(".hpp") - include.size());
  throw ToolError(fmt::format("{}: does not include its chapter's header", stub.string()));
}

// The first line of main.cpp: "// 07: seven ways to use a gradient.     docs/07_optimizers.md"
std::string demonstration_title(const fs::path& main) {
  std::string line;
  std::ifstream in(main);
  std::getline(in, line);
  const std::size_t from = line.find(": ");
  if (from == std::string::npos) return "";
  std::string title = line.substr(from + 2);
  title = trimmed(title.substr(0, title.find("  ")));
  if (title.ends_with('.')) title.pop_back();
  return title;
}

}  // namespace

Project find_project(const fs::path& root, const std::string& work) {
  Project project;
  project.root = root;
  project.build = root / "build" / "release";
  project.work = (root / (work.empty() ? "work" : work)).lexically_normal();
  for (const auto& entry : fs::directory_iterator(root / "chapters")) {
    const std::string folder = entry.path().filename().string();
    const fs::path stub = entry.path() / "stub.cpp";
    if (!is_chapter(folder) || !fs::exists(stub)) continue;
    project.chapters.push_back({folder, folder.substr(0, 2), contract_name(folder, stub),
                                demonstration_title(entry.path() / "main.cpp")});
  }
  std::ranges::sort(project.chapters, {}, &Chapter::folder);
  return project;
}

const Chapter& find_chapter(const Project& project, const std::string& wanted) {
  const std::string number = wanted.size() == 1 ? "0" + wanted : wanted;
  std::string all;
  for (const Chapter& chapter : project.chapters) {
    if (chapter.number == number || chapter.folder == wanted) return chapter;
    all += " " + chapter.number;
  }
  throw ToolError(fmt::format("no chapter '{}'; there are{}", wanted, all));
}

fs::path student_file(const Project& project, const Chapter& chapter) {
  return project.work / chapter.folder / (chapter.name + ".cpp");
}

fs::path stub_file(const Project& project, const Chapter& chapter) {
  return project.root / "chapters" / chapter.folder / "stub.cpp";
}

std::string shown(const Project& project, const fs::path& file) {
  const fs::path relative = file.lexically_relative(project.root);
  return relative.empty() || *relative.begin() == ".." ? file.string() : relative.string();
}

}  // namespace gradus
