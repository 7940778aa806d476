// Mutants: wrong versions of one source file, each a small edit that a named test must catch.
//
// A list is a JSON array of objects, all six members required, none empty but
// perhaps `replace`, which then deletes the text:
//
//   {"id": "perceptron.no_bias", "file": "chapters/01_perceptron/perceptron.cpp",
//    "find": "b += eta * error;", "replace": "b += 0;",
//    "caught_by": "Perceptron.LearnsAnd", "diagnosis": "The bias is never updated."}
//
// `find` must occur exactly once in the file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/build_arguments.hpp"

namespace gradus {

struct Mutant {
  std::string id, file, find, replace, caught_by, diagnosis;
};

// Throws ToolError with one line that names the list and the entry.
std::vector<Mutant> load_mutants(const std::filesystem::path& list);

// Compiles the standard headers that chapters use once, in `folder`, and has every later compilation
// begin with them: that halves its time. Changes nothing where the compiler can't do it.
void precompile_headers(BuildArguments& arguments, const std::filesystem::path& folder);

// The source with the edit; throws ToolError unless mutant.find occurs exactly once in it.
std::string apply_mutant(const std::string& source, const Mutant& mutant);

struct Built {
  bool ok = false;
  std::string messages;  // what the compiler said, if not ok
};

// Compiles `source`, a copy that stands elsewhere, as if it stood in `home`, and links it in front
// of everything else, so that it also takes the place of an archive member.
Built build_copy(const BuildArguments& arguments, const std::filesystem::path& source,
                 const std::filesystem::path& home, const std::filesystem::path& executable);

}  // namespace gradus
