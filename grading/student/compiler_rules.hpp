// What compilers write of usual mistakes, and what it means: the list of compiler_words.cpp.
#pragma once

#include <map>
#include <span>
#include <string>

namespace gradus {

struct CompilerRule {
  const char* pattern;   // anywhere in the message
  const char* sentence;  // with $1, $2 for its groups
};

// The first that fits counts.
std::span<const CompilerRule> compiler_rules();

// Where names of std come from that are often used without their header.
const std::map<std::string, std::string>& library_headers();

}  // namespace gradus
