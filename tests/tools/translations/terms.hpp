// The terms of docs/glossary.md: one word for one thing, and the particle that fits it.
#pragma once

#include <string>
#include <vector>

#include "tests/tools/translations/block.hpp"

namespace gradus {

// A word of an English text, in small letters and without 's.
struct Word {
  std::string text;
  bool joined = false;  // nothing but blanks stand between it and the word before
};
std::vector<Word> words_of(const std::u32string& prose);

struct Term {
  std::vector<std::string> english;    // word by word
  std::vector<std::u32string> korean;  // any of them will do
};

// A place where the word is not the term: "step by step". It must occur, or it is out of date.
struct Exception {
  std::string page;  // "*": any page
  std::vector<std::string> term, phrase;
  int line = 0;
  bool used = false;
};

class Glossary {
 public:
  // Reads the tables that have a column Korean and a column English; several forms stand between
  // commas or slashes. What is in parentheses is no part of an English term, and may be left out of
  // a Korean one.
  explicit Glossary(const BlockPage& page);
  Glossary(const std::string& korean, const std::string& english) { add(korean, english); }

  // Lines "page | term | phrase | reason"; empty ones and those that begin with # are passed over.
  void read_exceptions(const std::string& text);

  // The terms of an English text, each once; of terms that overlap the longest. What is
  // quoted is left out.
  std::vector<const Term*> terms_in(const std::string& page, const std::u32string& english);

  // What is wrong with particles right behind terms, as "학습률를: 을".
  std::vector<std::string> wrong_particles(const std::u32string& korean) const;

  const std::vector<Exception>& exceptions() const { return exceptions_; }
  const std::vector<Term>& terms() const { return terms_; }

 private:
  void add(const std::string& korean, const std::string& english);
  bool is_exempt(const std::string& page, const std::vector<Word>& words, std::size_t at,
                 const Term& term);

  std::vector<Term> terms_;  // the longest first
  std::vector<Exception> exceptions_;
};

bool holds_term(const std::u32string& korean, const Term& term);

}  // namespace gradus
