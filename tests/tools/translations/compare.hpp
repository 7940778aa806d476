// A page beside its translation.
#pragma once

#include <string>
#include <vector>

#include "tests/tools/translations/places.hpp"
#include "tests/tools/translations/terms.hpp"

namespace gradus {

struct Finding {
  std::string page;
  int line = 0;
  std::string text;
};

// Which block belongs to which: in order, of the same kind and level, the most alike together.
struct Pair {
  const Block* english;  // or nullptr
  const Block* korean;   // or nullptr
};
std::vector<Pair> paired(const BlockPage& english, const BlockPage& korean);

// Are both there everywhere? Only then can the Korean blocks be given the hashes of the English.
bool is_complete(const std::vector<Pair>& pairs);

std::vector<Finding> compare(Places& places, Glossary& glossary, const std::string& english_name);

// Links that lead nowhere.
std::vector<Finding> dead_links(Places& places, const std::string& page);

// The Korean page with the hash of its English block in front of each block that lacks one, or, if
// all are wanted, of each block.
std::string stamped(const BlockPage& english, const BlockPage& korean, bool all);

}  // namespace gradus
