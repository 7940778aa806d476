#include "tests/tools/translations/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

std::string listed(const Bag& bag) {
  std::string text;
  for (const auto& [what, count] : bag)
    text +=
        (text.empty() ? "" : ", ") + what + (count > 1 ? fmt::format(" ({} times)", count) : "");
  return text;
}

// A block as it reads: without the marks of a list or a heading.
std::string beginning(const Block& block) {
  return "'" + first_words(block.parts.empty() ? block.text() : block.parts[0].text) + "'";
}

bool has_hangul(const std::u32string& text) {
  return std::any_of(text.begin(), text.end(), is_hangul);
}

// How far two texts are the same from their beginning, in whole words.
std::size_t same_beginning(const std::u32string& a, const std::u32string& b) {
  auto end = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                      a.begin());
  const auto inside = [&](const std::u32string& text) {
    return end < text.size() && is_word_letter(text[end]) && is_word_letter(text[end - 1]);
  };
  while (end > 0 && (inside(a) || inside(b))) --end;
  return end;
}

// Of "Authors, *Title*, 1986" the authors and the year: a title is not translated.
std::string without_title(const std::string& source) {
  static const std::regex title(R"(\*[^*]+\*(?=, [0-9]{4}$))");
  return std::regex_replace(one_spaced(source), title, "*");
}

class Comparer {
 public:
  Comparer(Places& places, Glossary& glossary, const std::string& english)
      : places_(places), glossary_(glossary), english_(english), korean_(korean_of(english)) {}

  std::vector<Finding> compare() {
    const BlockPage& korean = places_.page(korean_);
    for (const int line : korean.loose_stamps)
      find(line, "a hash that stands in front of no block");
    const std::vector<Pair> pairs = paired(places_.page(english_), korean);
    for (const Pair& pair : pairs) {
      if (!pair.korean) {
        find_english(pair.english->line,
                     fmt::format("this {} is not in {}: {}", name_of(pair.english->kind), korean_,
                                 beginning(*pair.english)));
      } else if (!pair.english) {
        find(pair.korean->line,
             fmt::format("this {} is not in {}{}: {}", name_of(pair.korean->kind), english_,
                         elsewhere(*pair.korean), beginning(*pair.korean)));
      } else {
        compare_blocks(*pair.english, *pair.korean);
      }
    }
    return std::move(findings_);
  }

 private:
  void find(int line, const std::string& text) { findings_.push_back({korean_, line, text}); }
  void find_english(int line, const std::string& text) {
    findings_.push_back({english_, line, text});
  }

  std::string elsewhere(const Block& korean) {
    for (const Block& block : places_.page(english_).blocks)
      if (!korean.stamp.empty() && block.hash() == korean.stamp)
        return fmt::format(" at this place, but at line {}", block.line);
    return "";
  }

  void compare_blocks(const Block& english, const Block& korean) {
    if (english.kind == Kind::code) return compare_code(english, korean);
    if (english.kind == Kind::formula) {
      if (english.text() != korean.text())
        find(korean.line, fmt::format("the formula of {}:{} reads otherwise: {}", english_,
                                      english.line, beginning(korean)));
      return;
    }
    check_stamp(english, korean);
    if (!same_shape(english, korean)) return;
    for (std::size_t i = 0; i < english.parts.size(); ++i) {
      compare_parts(english.parts[i], korean.parts[i]);
      if (english.kind != Kind::table) check_translated(english.parts[i], korean.parts[i]);
    }
    compare_terms(english, korean);
  }

  void compare_code(const Block& english, const Block& korean) {
    if (english.lines == korean.lines) return;
    const auto [mine, theirs] = std::mismatch(korean.lines.begin(), korean.lines.end(),
                                              english.lines.begin(), english.lines.end());
    const int line = static_cast<int>(mine - korean.lines.begin());
    find(korean.line + line, fmt::format("the code block of {}:{} reads otherwise from here on",
                                         english_, english.line + line));
  }

  void check_stamp(const Block& english, const Block& korean) {
    if (korean.stamp.empty()) {
      find(korean.line, fmt::format("no hash of {}:{} (--stamp writes it): {}", english_,
                                    english.line, beginning(korean)));
    } else if (korean.stamp != english.hash()) {
      find(korean.line, fmt::format("the English has changed since, {}:{}: {} / {}", english_,
                                    english.line, beginning(english), beginning(korean)));
    }
  }

  bool same_shape(const Block& english, const Block& korean) {
    const bool same =
        std::equal(english.parts.begin(), english.parts.end(), korean.parts.begin(),
                   korean.parts.end(), [](const Part& a, const Part& b) { return a.row == b.row; });
    if (same) return true;
    const bool table = english.kind == Kind::table;
    find(korean.line,
         fmt::format("{} {}, where {}:{} has {}{}: {}", korean.parts.size(),
                     table ? "cells" : "items", english_, english.line, english.parts.size(),
                     english.parts.size() == korean.parts.size() ? " arranged otherwise" : "",
                     beginning(korean)));
    return false;
  }

  void differ(const char* what, const Bag& english, const Bag& korean, const Part& part) {
    const Bag lacking = without(english, korean), more = without(korean, english);
    if (lacking.empty() && more.empty()) return;
    std::string text = what;
    if (!lacking.empty()) text += " lacking: " + listed(lacking);
    if (!more.empty())
      text += std::string(lacking.empty() ? "" : ";") + " not in the English: " + listed(more);
    find(part.line, text + ": '" + first_words(part.text) + "'");
  }

  void compare_parts(const Part& english_part, const Part& korean_part) {
    const Prose english = read_prose(english_part.text), korean = read_prose(korean_part.text);
    differ("code marks", english.code, korean.code, korean_part);
    differ("formulas", english.formulas, korean.formulas, korean_part);
    differ("tags", english.tags, korean.tags, korean_part);
    // A number that English writes as a word may be a digit in Korean, but never the other way.
    const Bag more = without(korean.numbers, english.numbers);
    Bag allowed = english.numbers;
    const Bag spelled = number_words_in(english.words);
    for (const auto& [number, count] : more)
      if (spelled.count(number) != 0) allowed[number] += std::min(count, spelled.at(number));
    for (const auto& [million, man] : millions_in(english.words)) {
      if (korean.words.find(from_utf8(man + "만")) == std::u32string::npos) continue;
      --allowed[million];
      ++allowed[man];
    }
    differ("numbers", allowed, korean.numbers, korean_part);
    differ("links", names(english_, english), names(korean_, korean), korean_part);
    for (const std::string& wrong : glossary_.wrong_particles(korean.words))
      find(korean_part.line, wrong);
  }

  // Names and places may stay as they are, four words in a row may not.
  void check_translated(const Part& english_part, const Part& korean_part) {
    const std::u32string english = read_prose(english_part.text).words;
    if (read_prose(korean_part.text).words != english || has_hangul(english)) return;
    int in_a_row = 0;
    for (const Word& word : words_of(read_prose(without_title(english_part.text)).words)) {
      in_a_row = word.joined ? in_a_row + 1 : 1;
      if (in_a_row == 4)
        find(korean_part.line, fmt::format("not translated: '{}'", first_words(korean_part.text)));
    }
  }

  Bag names(const std::string& page, const Prose& prose) {
    Bag bag;
    for (const Link& link : prose.links) ++bag[places_.common_name(page, link)];
    return bag;
  }

  // A row of a table is one text, as is a whole block of anything else but a list.
  void compare_terms(const Block& english, const Block& korean) {
    for (std::size_t i = 0; i < english.parts.size();) {
      std::size_t end = i + 1;
      while (english.kind == Kind::table && end < english.parts.size() &&
             english.parts[end].row == english.parts[i].row)
        ++end;
      std::u32string ours, theirs;
      for (std::size_t k = i; k < end; ++k) {
        const std::u32string words = read_prose(english.parts[k].text).words;
        const std::u32string translated = read_prose(korean.parts[k].text).words;
        theirs += translated + U" | ";
        // What stands as it is in both, a heading of the notes say, is nobody's translation; nor
        // is one in Korean that only begins a text.
        const std::size_t same = same_beginning(words, translated);
        const bool heading = same == words.size() || has_hangul(words.substr(0, same));
        ours += words.substr(heading ? same : 0) + U" | ";
      }
      for (const Term* term : glossary_.terms_in(english_, ours))
        if (!holds_term(theirs, *term))
          find(korean.parts[i].line,
               fmt::format("'{}' without {}: '{}'", fmt::join(term->english, " "),
                           to_utf8(term->korean.front()), first_words(korean.parts[i].text)));
      i = end;
    }
  }

  Places& places_;
  Glossary& glossary_;
  std::string english_, korean_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> compare(Places& places, Glossary& glossary, const std::string& english_name) {
  return Comparer(places, glossary, english_name).compare();
}

std::vector<Finding> dead_links(Places& places, const std::string& page) {
  std::vector<Finding> findings;
  const BlockPage blocks = places.page(page);
  for (const Block& block : blocks.blocks) {
    if (block.kind == Kind::code) continue;
    for (const Part& part : block.parts)
      for (const Link& link : read_prose(part.text).links)
        if (const Place place = places.place_of(page, link); !place.fault.empty())
          findings.push_back({page, part.line, fmt::format("a dead link: {}", place.fault)});
  }
  return findings;
}

}  // namespace gradus
