#include "grading/student/editor.hpp"

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {

// An argument per line. Paths count from the folder of the file, so that work/ moves with the
// project.
void tell_editor(const Project& project) {
  const fs::path file = project.work / "compile_flags.txt";
  if (fs::exists(file)) return;
  const fs::path relative = project.work.lexically_relative(project.root);
  const bool inside = !relative.empty() && *relative.begin() != "..";
  const fs::path root = inside ? project.root.lexically_relative(project.work) : project.root;
  write_text(file, "-std=c++20\n-Wall\n-Wextra\n-Wno-unknown-pragmas\n-I" + root.string() + "\n");
}

}  // namespace gradus
