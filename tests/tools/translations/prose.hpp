// What a translation may change, and what it may not: a text taken apart into code marks, formulas,
// links, tags and numbers, and the words between them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gradus {

using Bag = std::map<std::string, int>;  // how often each is there

struct Link {
  bool image = false;
  std::string target;
};

struct Prose {
  Bag code, formulas, tags, numbers;
  std::vector<Link> links;
  std::u32string words;  // each mark and formula in them is one `mark`
};

constexpr char32_t mark = U'\uFFFC';

Prose read_prose(const std::string& markdown);

// The digits of a text, with sign, point and superscript: "−0.9", "10⁻⁷".
Bag numbers_in(const std::u32string& words);

// Numbers that are written as words, in English: "four" is 4.
Bag number_words_in(const std::u32string& words);

// The numbers in front of "million", each with what stands in front of 만 in Korean: "1.2", "120".
std::vector<std::pair<std::string, std::string>> millions_in(const std::u32string& words);

// What is more often in `a` than in `b`.
Bag without(const Bag& a, const Bag& b);
int size_of(const Bag& bag);
void add(Bag& bag, const Bag& more);

}  // namespace gradus
