// The particles right behind the terms of the glossary.
#include <fmt/format.h>

#include <set>

#include "tests/tools/translations/terms.hpp"
#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

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

}  // namespace gradus
