// Mutants: wrong versions of one source file, each a small edit that a named test must catch.
//
// A list is a JSON array of objects, all six members required, none empty but
// perhaps `replace`, which then deletes the text:
//
//   {"id": "perceptron.no_bias", "file": "chapters/01_perceptron/perceptron.cpp",
//    "find": "b += eta * error;", "replace": "b += 0;",
//    "caught_by": "Perceptron.LearnsAnd", "diagnosis": "The bias is never updated."}
//
// `find` must occur exactly once in the file. Where that is a header, a seventh member, "compiled", names
// the .cpp that includes it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

struct Mutant {
  std::string id, file, find, replace, caught_by, diagnosis, compiled;
};

// Throws ToolError with one line that names the list and the entry.
std::vector<Mutant> load_mutants(const std::filesystem::path& list);

// The source with the edit; throws ToolError unless mutant.find occurs exactly once in it.
std::string apply_mutant(const std::string& source, const Mutant& mutant);

}  // namespace gradus
