#include "grading/student/stub_hints.hpp"

#include <cctype>

#include "grading/student/text.hpp"

namespace gradus {
namespace {

// Goes through C++ once and tells its listener of comments, texts, words and empty lines.
template <class Listener>
class Reader {
 public:
  Reader(std::string_view source, Listener& listener) : source_(source), listener_(listener) {}

  void read() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '\n') {
        if (empty_line_) listener_.empty_line();
        empty_line_ = true;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else {
        empty_line_ = false;
        read_token();
      }
    }
  }

 private:
  void read_token() {
    if (next("//")) {
      const std::string_view line = upto("\n");
      listener_.comment(trimmed(line.substr(2)));
    } else if (next("/*")) {
      skip("/*", "*/");
    } else if (next("R\"")) {
      const std::size_t open = source_.find('(', at_);
      const std::string_view mark = source_.substr(at_ + 2, open - at_ - 2);
      skip("R\"", ")" + std::string(mark.substr(0, 16)) + "\"");
    } else if (source_[at_] == '"' || source_[at_] == '\'') {
      read_quoted(source_[at_]);
    } else if (in_name(source_[at_])) {
      const std::size_t from = at_;  // 1'000 is one word
      while (at_ < source_.size() && (in_name(source_[at_]) || (digits(from) && next("'")))) ++at_;
      listener_.word(source_.substr(from, at_ - from));
    } else {
      listener_.word(source_.substr(at_++, 1));
    }
  }

  void read_quoted(char quote) {
    const std::size_t from = ++at_;
    while (at_ < source_.size() && source_[at_] != quote && source_[at_] != '\n')
      at_ += source_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, source_.size());
    listener_.text(source_.substr(from, at_ - from));
    if (next(std::string_view(&quote, 1))) ++at_;
  }

  bool next(std::string_view what) const { return source_.substr(at_).starts_with(what); }
  bool digits(std::size_t from) const {
    return std::isdigit(static_cast<unsigned char>(source_[from])) != 0;
  }
  std::string_view upto(std::string_view end) {
    const std::size_t from = at_;
    at_ = std::min(source_.find(end, at_), source_.size());
    return source_.substr(from, at_ - from);
  }
  void skip(std::string_view begin, std::string_view end) {
    at_ += begin.size();
    upto(end);
    at_ = std::min(at_ + end.size(), source_.size());
  }

  std::string_view source_;
  Listener& listener_;
  std::size_t at_ = 0;
  bool empty_line_ = true;
};

// Puts hints and functions of a paragraph together.
class Paragraphs {
 public:
  void empty_line() {
    for (const std::string& name : names_) functions.push_back({name, hints_});
    names_.clear();
    hints_.clear();
    in_hint_ = false;
  }

  void comment(const std::string& line) {
    if (line.starts_with("Hint:")) {
      if (!names_.empty()) empty_line();
      hints_.push_back(trimmed(line.substr(5)));
      in_hint_ = true;
    } else if (in_hint_) {
      hints_.back() += " " + line;
    }
  }

  void word(std::string_view word) {
    in_hint_ = false;
    seen_ = word == "NotImplemented" ? 1 : word == "(" && seen_ == 1 ? 2 : 0;
  }

  void text(std::string_view text) {
    if (seen_ == 2) names_.emplace_back(text);
    seen_ = 0;
  }

  std::vector<StubFunction> functions;

 private:
  std::vector<std::string> names_, hints_;
  bool in_hint_ = false;
  int seen_ = 0;  // of NotImplemented and (
};

}  // namespace

std::vector<StubFunction> stub_functions(std::string_view source) {
  Paragraphs paragraphs;
  Reader(source, paragraphs).read();
  paragraphs.empty_line();
  return paragraphs.functions;
}

}  // namespace gradus
