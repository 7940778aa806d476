// A compiler's error in one plain sentence.
#pragma once

#include <string>
#include <vector>

namespace gradus {

// What the first error of GCC's or Clang's messages in a file that is neither the system's nor the
// project's means: one sentence, empty for what is not known. Of the words, what is not certain is a
// question.
std::string plain_words(const std::vector<std::string>& lines);

}  // namespace gradus
