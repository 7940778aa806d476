#include "tests/tools/translations/prose.hpp"

#include <algorithm>
#include <regex>

#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_punctuation(char c) { return c > ' ' && c < 0x7F && !is_word_letter(char32_t(c)); }

// Of ⁰ to ⁹, ⁻ and ⁿ.
bool is_superscript(char32_t c) {
  return c == 0xB9 || c == 0xB2 || c == 0xB3 || (c >= 0x2070 && c <= 0x207F);
}

class Reader {
 public:
  explicit Reader(const std::string& markdown) : text_(one_spaced(markdown)) {}

  Prose read() {
    while (at_ < text_.size())
      if (!take_code() && !take_formula() && !take_link() && !take_tag()) take_letter();
    prose_.words = from_utf8(words_);
    prose_.numbers = numbers_in(prose_.words);
    return std::move(prose_);
  }

 private:
  bool here(const std::string& what) const { return text_.compare(at_, what.size(), what) == 0; }
  void take_mark(Bag& bag, std::size_t end) {
    ++bag[text_.substr(at_, end - at_)];
    words_ += to_utf8(std::u32string(1, mark));
    at_ = end;
  }

  bool take_code() {
    if (text_[at_] != '`') return false;
    const std::size_t inside = std::min(text_.find_first_not_of('`', at_), text_.size());
    const std::string ticks = text_.substr(at_, inside - at_);
    std::size_t end = text_.find(ticks, inside);
    while (end != std::string::npos && end + ticks.size() < text_.size() &&
           text_[end + ticks.size()] == '`')
      end = text_.find(ticks, text_.find_first_not_of('`', end));
    if (end == std::string::npos) return false;
    take_mark(prose_.code, end + ticks.size());
    return true;
  }

  // A dollar opens a formula if no blank follows, and closes it if none is in front and no digit
  // follows: $5 and $6 are no formula.
  bool take_formula() {
    if (text_[at_] != '$') return false;
    if (here("$$")) {
      const std::size_t end = text_.find("$$", at_ + 2);
      if (end == std::string::npos) return false;
      take_mark(prose_.formulas, end + 2);
      return true;
    }
    if (at_ + 1 >= text_.size() || text_[at_ + 1] == ' ') return false;
    for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
      if (text_[end] == '\\') ++end;
      if (end >= text_.size() || text_[end] != '$' || text_[end - 1] == ' ') continue;
      if (end + 1 < text_.size() && is_digit(static_cast<unsigned char>(text_[end + 1]))) continue;
      take_mark(prose_.formulas, end + 1);
      return true;
    }
    return false;
  }

  // [text](target "title"): the text is read like any other.
  bool take_link() {
    const bool image = here("![");
    if (!image && text_[at_] != '[') return false;
    const std::size_t begin = at_ + (image ? 2 : 1);
    const std::size_t end = closing(begin, '[', ']');
    if (end == std::string::npos || end + 1 >= text_.size() || text_[end + 1] != '(') return false;
    const std::size_t close = closing(end + 2, '(', ')');
    if (close == std::string::npos) return false;
    const std::string target = text_.substr(end + 2, close - end - 2);
    prose_.links.push_back({image, target.substr(0, target.find(' '))});
    const Prose inside = Reader(text_.substr(begin, end - begin)).read();
    add(prose_.code, inside.code);
    add(prose_.formulas, inside.formulas);
    add(prose_.tags, inside.tags);
    prose_.links.insert(prose_.links.end(), inside.links.begin(), inside.links.end());
    words_ += to_utf8(inside.words);
    at_ = close + 1;
    return true;
  }

  // The bracket that closes the one before `from`, not counting those in code.
  std::size_t closing(std::size_t from, char open, char close) const {
    bool code = false;
    for (int depth = 1; from < text_.size(); ++from) {
      if (text_[from] == '`') code = !code;
      if (text_[from] == '\\') ++from;
      if (code || from >= text_.size()) continue;
      depth += text_[from] == open ? 1 : text_[from] == close ? -1 : 0;
      if (depth == 0) return from;
    }
    return std::string::npos;
  }

  bool take_tag() {
    if (text_[at_] != '<' || at_ + 1 >= text_.size()) return false;
    const char next = text_[at_ + 1];
    if (next != '/' && next != '!' && (is_punctuation(next) || next == ' ')) return false;
    const std::size_t end = text_.find('>', at_);
    if (end == std::string::npos) return false;
    if (text_.compare(at_, 5, "<http") == 0)
      prose_.links.push_back({false, text_.substr(at_ + 1, end - at_ - 1)});
    ++prose_.tags[text_.substr(at_, end + 1 - at_)];
    at_ = end + 1;
    return true;
  }

  void take_letter() {
    if (text_[at_] == '\\' && at_ + 1 < text_.size() && is_punctuation(text_[at_ + 1]))
      ++at_;
    else if (text_[at_] == '*')
      return void(++at_);  // bold: the word goes on behind it
    words_ += text_[at_++];
  }

  std::string text_, words_;
  std::size_t at_ = 0;
  Prose prose_;
};

}  // namespace

Prose read_prose(const std::string& markdown) { return Reader(markdown).read(); }

Bag numbers_in(const std::u32string& words) {
  Bag numbers;
  const auto at = [&](std::size_t i) { return i < words.size() ? words[i] : U' '; };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_digit(words[i])) continue;
    std::u32string number;
    const char32_t before = i > 0 ? words[i - 1] : U' ';
    const char32_t earlier = i > 1 ? words[i - 2] : U' ';
    if (before == U'−' || (before == U'-' && !is_word_letter(earlier))) number = U"−";
    for (; is_digit(at(i)) || ((at(i) == '.' || at(i) == ',') && is_digit(at(i + 1))); ++i)
      number += at(i);
    for (; is_superscript(at(i)); ++i) number += at(i);
    ++numbers[to_utf8(number)];
    --i;
  }
  return numbers;
}

Bag number_words_in(const std::u32string& words) {
  static const std::map<std::string, const char*> values = {
      {"zero", "0"},        {"no", "0"},          {"one", "1"},          {"once", "1"},
      {"first", "1"},       {"single", "1"},      {"two", "2"},          {"twice", "2"},
      {"second", "2"},      {"both", "2"},        {"half", "2"},         {"three", "3"},
      {"third", "3"},       {"thirds", "3"},      {"four", "4"},         {"fourth", "4"},
      {"quarter", "4"},     {"five", "5"},        {"fifth", "5"},        {"six", "6"},
      {"sixth", "6"},       {"seven", "7"},       {"seventh", "7"},      {"eight", "8"},
      {"eighth", "8"},      {"nine", "9"},        {"ninth", "9"},        {"ten", "10"},
      {"tenth", "10"},      {"eleven", "11"},     {"twelve", "12"},      {"twenty", "20"},
      {"thirty", "30"},     {"forty", "40"},      {"fifty", "50"},       {"sixty", "60"},
      {"seventy", "70"},    {"eighty", "80"},     {"ninety", "90"},      {"hundred", "100"},
      {"hundredth", "100"}, {"thousand", "1000"}, {"thousandth", "1000"}};
  Bag numbers;
  std::string word;
  for (const char32_t c : words + U" ") {
    if (c < 0x80 && is_word_letter(c)) {
      word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      continue;
    }
    const auto found = values.find(word);
    if (found != values.end()) ++numbers[found->second];
    word.clear();
  }
  return numbers;
}

std::vector<std::pair<std::string, std::string>> millions_in(const std::u32string& words) {
  static const std::regex pattern(R"(\b([1-9][0-9]*)(\.([0-9]{1,2}))? million\b)");
  std::vector<std::pair<std::string, std::string>> found;
  const std::string text = to_utf8(words);
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    const std::string decimals = (*at)[3];
    found.emplace_back((*at)[1].str() + (*at)[2].str(),
                       (*at)[1].str() + decimals + std::string(2 - decimals.size(), '0'));
  }
  return found;
}

Bag without(const Bag& a, const Bag& b) {
  Bag rest;
  for (const auto& [what, count] : a) {
    const auto other = b.find(what);
    const int more = count - (other == b.end() ? 0 : other->second);
    if (more > 0) rest[what] = more;
  }
  return rest;
}

int size_of(const Bag& bag) {
  int size = 0;
  for (const auto& [what, count] : bag) size += count;
  return size;
}

void add(Bag& bag, const Bag& more) {
  for (const auto& [what, count] : more) bag[what] += count;
}

}  // namespace gradus
