// Mutants, built: see grading/base/mutant_list.hpp for what they are.
#pragma once

#include <filesystem>
#include <string>

#include "grading/base/build_arguments.hpp"
#include "grading/base/mutant_list.hpp"

namespace gradus {

// Compiles the standard headers that chapters use once, in `folder`, and has every later compilation
// begin with them: that halves its time. Changes nothing where the compiler can't do it.
void precompile_headers(BuildArguments& arguments, const std::filesystem::path& folder);

struct Built {
  bool ok = false;
  std::string messages;  // what the compiler said, if not ok
};

// Compiles `source`, a copy that stands elsewhere, as if it stood in `home`, and links it in front
// of everything else, so that it also takes the place of an archive member.
Built build_copy(const BuildArguments& arguments, const std::filesystem::path& source,
                 const std::filesystem::path& home, const std::filesystem::path& executable);

}  // namespace gradus
