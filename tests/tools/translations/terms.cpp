#include "tests/tools/translations/terms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "grading/base/files.hpp"
#include "tests/tools/markdown.hpp"
#include "tests/tools/translations/prose.hpp"
#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

bool is_letter(char32_t c) { return is_word_letter(c) && !(c >= '0' && c <= '9') && c != '_'; }

std::vector<std::string> texts_of(const std::vector<Word>& words) {
  std::vector<std::string> texts;
  for (const Word& word : words) texts.push_back(word.text);
  return texts;
}

std::vector<std::string> plain_words(const std::string& text) {
  return texts_of(words_of(read_prose(text).words));
}

std::string without_parentheses(const std::string& text) {
  std::string result;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (depth == 0) result += c;
    if (c == ')') --depth;
  }
  return one_spaced(result);
}

// Between commas, slashes and dots in the middle; but L1/L2 is one word.
std::vector<std::string> forms_of(const std::string& cell) {
  std::vector<std::string> forms(1);
  int depth = 0;
  const std::u32string text = read_prose(cell).words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    const bool after_digit = i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9';
    const bool ends =
        text[i] == ',' || text[i] == ';' || text[i] == U'·' || (text[i] == '/' && !after_digit);
    if (depth == 0 && ends) {
      forms.emplace_back();
    } else {
      forms.back() += to_utf8(text.substr(i, 1));
    }
  }
  std::vector<std::string> result;
  for (const std::string& form : forms)
    if (!one_spaced(form).empty()) result.push_back(one_spaced(form));
  return result;
}

// What is quoted are the notes' own words.
std::u32string without_quotations(const std::u32string& text) {
  std::u32string rest;
  bool quoted = false;
  for (const char32_t c : text) {
    if (c == '"' || c == U'“' || c == U'”') quoted = c == '"' ? !quoted : c == U'“';
    rest += quoted ? U'"' : c;
  }
  return quoted ? text : rest;  // a mark that opens and never closes
}

bool is_word(const std::string& seen, const std::string& word, bool last) {
  if (seen == word) return true;
  if (!last || seen.size() <= word.size()) return false;
  if (seen == word + "s" || seen == word + "es") return true;
  return word.back() == 'y' && seen == word.substr(0, word.size() - 1) + "ies";
}

bool stands_at(const std::vector<Word>& words, std::size_t at,
               const std::vector<std::string>& wanted) {
  if (at + wanted.size() > words.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0 && !words[at + i].joined) return false;
    if (!is_word(words[at + i].text, wanted[i], i + 1 == wanted.size())) return false;
  }
  return true;
}

struct Particle {
  std::u32string open, closed;  // behind a vowel, behind a consonant
};
const Particle particles[] = {
    {U"가", U"이"}, {U"를", U"을"}, {U"는", U"은"}, {U"와", U"과"}, {U"로", U"으로"}};

bool ends_word(const std::u32string& text, std::size_t at) {
  return at >= text.size() || !is_word_letter(text[at]);
}

// The particle that should stand where a wrong one does, or nothing.
std::u32string better_particle(const std::u32string& text, std::size_t at, Final final) {
  for (const Particle& pair : particles) {
    const bool closed = final == Final::other || (final == Final::rieul && pair.open != U"로");
    const std::u32string& right = closed ? pair.closed : pair.open;
    const std::u32string& wrong = closed ? pair.open : pair.closed;
    if (text.compare(at, wrong.size(), wrong) == 0 && ends_word(text, at + wrong.size()))
      return right;
  }
  return {};
}

// Behind the term, and behind what stands in parentheses after it.
std::size_t behind(const std::u32string& text, std::size_t at) {
  if (at >= text.size() || text[at] != '(') return at;
  const std::size_t close = text.find(U')', at);
  return close == std::u32string::npos ? at : close + 1;
}

}  // namespace

std::vector<Word> words_of(const std::u32string& prose) {
  std::vector<Word> words;
  bool joined = false;
  const auto at = [&](std::size_t i) { return i < prose.size() ? prose[i] : U' '; };
  for (std::size_t i = 0; i < prose.size();) {
    if (!is_word_letter(prose[i])) {
      joined = joined && prose[i] == ' ';
      ++i;
      continue;
    }
    std::u32string word;
    for (;; ++i) {
      const char32_t c = at(i) == U'’' ? U'\'' : at(i);
      const bool inside = c == '-' || c == '\'' || c == '.' || c == '/';
      if (!is_word_letter(c) && !(inside && is_letter(at(i + 1)))) break;
      word += c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
    }
    std::string text = to_utf8(word);
    if (text.ends_with("'s")) text.erase(text.size() - 2);
    words.push_back({text, joined});
    joined = true;
  }
  return words;
}

Glossary::Glossary(const BlockPage& page) {
  for (const Block& block : page.blocks) {
    if (block.kind != Kind::table) continue;
    std::vector<std::vector<std::string>> rows;
    for (const Part& cell : block.parts) {
      const auto row = static_cast<std::size_t>(cell.row);
      rows.resize(std::max(rows.size(), row + 1));
      rows[row].push_back(cell.text);
    }
    const auto column = [&](const std::string& name) {
      const auto& head = rows[0];
      const auto at = std::find_if(head.begin(), head.end(), [&](const std::string& cell) {
        return plain_words(cell) == std::vector<std::string>{name};
      });
      return static_cast<std::size_t>(at - head.begin());
    };
    const std::size_t korean = column("korean"), english = column("english");
    for (const auto& row : rows)
      if (&row != &rows[0] && std::max(korean, english) < row.size())
        add(row[korean], row[english]);
  }
  if (terms_.empty()) throw ToolError("the glossary has no table with columns Korean and English");
}

void Glossary::add(const std::string& korean, const std::string& english) {
  std::vector<std::u32string> forms;
  for (const std::string& form : forms_of(korean)) {
    forms.push_back(from_utf8(form));
    const std::string bare = without_parentheses(form);
    if (bare != form && !bare.empty()) forms.push_back(from_utf8(bare));
  }
  for (const std::string& form : forms_of(english)) {
    const std::vector<std::string> words = plain_words(without_parentheses(form));
    if (words.empty() || forms.empty()) continue;
    const auto known = std::find_if(terms_.begin(), terms_.end(),
                                    [&](const Term& term) { return term.english == words; });
    if (known == terms_.end()) {
      terms_.push_back({words, forms});
    } else {
      known->korean.insert(known->korean.end(), forms.begin(), forms.end());
    }
  }
  std::stable_sort(terms_.begin(), terms_.end(), [](const Term& a, const Term& b) {
    return a.english.size() > b.english.size();
  });
}

void Glossary::read_exceptions(const std::string& text) {
  int number = 0;
  for (const std::string& line : split_lines(text)) {
    ++number;
    if (one_spaced(line).empty() || line[0] == '#') continue;
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '|')
        fields.emplace_back();
      else
        fields.back() += c;
    }
    if (fields.size() != 4 || one_spaced(fields[3]).empty())
      throw ToolError(
          fmt::format("exceptions, line {}: wanted is page | term | phrase | reason", number));
    exceptions_.push_back(
        {one_spaced(fields[0]), plain_words(fields[1]), plain_words(fields[2]), number, false});
  }
}

bool Glossary::is_exempt(const std::string& page, const std::vector<Word>& words, std::size_t at,
                         const Term& term) {
  for (Exception& exception : exceptions_) {
    if (exception.term != term.english || (exception.page != "*" && exception.page != page))
      continue;
    const std::size_t length = exception.phrase.size();
    for (std::size_t from = at + 1 > length ? at + 1 - length : 0; from <= at; ++from) {
      if (!stands_at(words, from, exception.phrase)) continue;
      exception.used = true;
      return true;
    }
  }
  return false;
}

std::vector<const Term*> Glossary::terms_in(const std::string& page,
                                            const std::u32string& english) {
  std::vector<const Term*> found;
  const std::vector<Word> words = words_of(without_quotations(english));
  for (std::size_t at = 0; at < words.size();) {
    const auto term = std::find_if(terms_.begin(), terms_.end(), [&](const Term& candidate) {
      return stands_at(words, at, candidate.english);
    });
    if (term == terms_.end()) {
      ++at;
      continue;
    }
    if (!is_exempt(page, words, at, *term) &&
        std::find(found.begin(), found.end(), &*term) == found.end())
      found.push_back(&*term);
    at += term->english.size();
  }
  return found;
}

std::vector<std::string> Glossary::wrong_particles(const std::u32string& korean) const {
  std::vector<std::string> wrong;
  std::set<std::size_t> seen;
  for (const Term& term : terms_) {
    for (const std::u32string& form : term.korean) {
      if (!is_hangul(form.back())) continue;
      for (std::size_t at = korean.find(form); at != std::u32string::npos;
           at = korean.find(form, at + 1)) {
        const std::size_t end = at + form.size();
        const std::size_t particle = behind(korean, end);
        const std::u32string better = better_particle(korean, particle, final_of(form.back()));
        if (better.empty() || !seen.insert(particle).second) continue;
        std::size_t stop = particle;
        while (!ends_word(korean, stop)) ++stop;
        wrong.push_back(fmt::format("{}: the particle should be {}",
                                    to_utf8(korean.substr(at, stop - at)), to_utf8(better)));
      }
    }
  }
  return wrong;
}

bool holds_term(const std::u32string& korean, const Term& term) {
  const auto small = [](std::u32string text) {
    for (char32_t& c : text) c = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
    return text;
  };
  const std::u32string text = small(korean);
  return std::any_of(term.korean.begin(), term.korean.end(), [&](const std::u32string& form) {
    return text.find(small(form)) != std::u32string::npos;
  });
}

}  // namespace gradus
