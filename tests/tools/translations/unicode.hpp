// Texts as code points, and what Hangul needs of them.
#pragma once

#include <string>
#include <string_view>

namespace gradus {

std::u32string from_utf8(std::string_view text);
std::string to_utf8(std::u32string_view text);

bool is_hangul(char32_t c);  // a syllable, which is one code point

// What stands below the vowel of a syllable decides which particle follows it.
enum class Final { none, rieul, other };
Final final_of(char32_t syllable);

// A letter or a digit of any script: what belongs to a word.
bool is_word_letter(char32_t c);

// Every run of blanks and line ends as one space, none at the ends.
std::string one_spaced(std::string_view text);

// The first words of a text, cut after `most` code points.
std::string first_words(std::string_view text, std::size_t most = 40);

}  // namespace gradus
