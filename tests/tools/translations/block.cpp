#include "tests/tools/translations/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <regex>

#include "tests/tools/markdown.hpp"
#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

const std::regex item_start(R"(^\s*([-*+]|[0-9]+[.)])\s+(.*)$)");
const std::regex heading_start(R"(^(#{1,6})\s+(.*)$)");
const std::regex delimiter_row(R"(^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$)");
const std::regex stamp_line(R"(^\s*<!-- en ([0-9a-f]{8}) -->\s*$)");
const std::regex html_start(R"(^\s*<(/?[A-Za-z][A-Za-z0-9]*[ />]|!--).*$)");

bool matches(const std::string& line, const std::regex& pattern) {
  return std::regex_match(line, pattern);
}

bool is_blank(const std::string& line) { return without_trailing_blanks(line).empty(); }

std::size_t indent_of(const std::string& line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool begins(const std::string& line, const std::string& with) {
  return line.compare(indent_of(line), with.size(), with) == 0;
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 2))
    ++count;
  return count;
}

// Cells end at bars, but not at \|.
std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '|' && (i == 0 || row[i - 1] != '\\')) {
      cells.emplace_back();
    } else {
      cells.back() += row[i];
    }
  }
  if (is_blank(cells.front())) cells.erase(cells.begin());
  if (!cells.empty() && is_blank(cells.back())) cells.pop_back();
  return cells;
}

class Splitter {
 public:
  explicit Splitter(const std::string& markdown) { page_.lines = split_lines(markdown); }

  BlockPage split() {
    while (at_ < page_.lines.size()) {
      std::smatch match;
      const std::string& line = current();
      if (is_blank(line)) {
        ++at_;
      } else if (std::regex_match(line, match, stamp_line)) {
        if (!stamp_.empty()) page_.loose_stamps.push_back(stamp_at_);
        stamp_ = match[1];
        stamp_at_ = static_cast<int>(++at_);
      } else {
        take_block();
      }
    }
    if (!stamp_.empty()) page_.loose_stamps.push_back(stamp_at_);
    return std::move(page_);
  }

 private:
  const std::string& current() const { return page_.lines[at_]; }
  bool is_table() const {
    return begins(current(), "|") && at_ + 1 < page_.lines.size() &&
           matches(page_.lines[at_ + 1], delimiter_row);
  }

  // Whether a block of another kind begins here, right below a paragraph.
  bool interrupts_paragraph() const {
    const std::string& line = current();
    std::smatch item;
    if (std::regex_match(line, item, item_start))
      return item[1].length() == 1 || item[1] == "1." || item[1] == "1)";
    return begins_other(line);
  }

  bool begins_other(const std::string& line) const {
    return is_blank(line) || opening_fence(line) || matches(line, heading_start) ||
           matches(line, stamp_line) || begins(line, ">") || is_table();
  }

  void take_line(Block& block) { block.lines.push_back(page_.lines[at_++]); }

  void take_block() {
    Block block;
    block.line = static_cast<int>(at_) + 1;
    block.stamp = stamp_;
    block.stamp_line = stamp_.empty() ? 0 : stamp_at_;
    stamp_.clear();
    const std::size_t indent = indent_of(current());
    block.level = indent > 0 ? 1 : 0;
    block.indent = indent;
    std::smatch heading;
    const std::string first = current();
    if (const auto fence = opening_fence(first)) {
      take_code(block, *fence);
    } else if (indent >= 4 && !is_in_list()) {
      block.kind = Kind::code;
      while (at_ < page_.lines.size() && indent_of(current()) >= 4 && !is_blank(current()))
        take_line(block);
    } else if (std::regex_match(first, heading, heading_start)) {
      block.kind = Kind::heading;
      block.level = static_cast<int>(heading[1].length());
      take_line(block);
      block.parts = {{block.line, 0, heading[2]}};
    } else if (is_table()) {
      take_table(block);
    } else if (matches(first, item_start)) {
      take_list(block);
    } else {
      take_paragraph(block);
    }
    page_.blocks.push_back(std::move(block));
  }

  // Whether what is indented here goes on with a list's item.
  bool is_in_list() const {
    const auto before = std::find_if(page_.blocks.rbegin(), page_.blocks.rend(),
                                     [](const Block& block) { return block.level == 0; });
    return before != page_.blocks.rend() && before->kind == Kind::list;
  }

  void take_code(Block& block, const Fence& fence) {
    block.kind = Kind::code;
    take_line(block);
    while (at_ < page_.lines.size()) {
      take_line(block);
      if (closes(block.lines.back(), fence)) break;
    }
  }

  void take_table(Block& block) {
    block.kind = Kind::table;
    for (int row = 0; at_ < page_.lines.size() && begins(current(), "|"); ++row) {
      const int line = static_cast<int>(at_) + 1;
      if (row != 1)
        for (const std::string& cell : cells_of(current()))
          block.parts.push_back({line, row, cell});
      take_line(block);
    }
  }

  // Items without an empty line between them. After one, the list goes on as a block of its own,
  // whose stamp must not end the list: it goes into the item before.
  void take_list(Block& block) {
    block.kind = Kind::list;
    if (block.level == 0) block.indent = content_of_list_before();
    while (at_ < page_.lines.size() && !begins_other(current())) {
      std::smatch item;
      const std::string line = current();
      if (std::regex_match(line, item, item_start)) {
        block.parts.push_back(
            {static_cast<int>(at_) + 1, static_cast<int>(indent_of(line)), item[2]});
      } else {
        block.parts.back().text += "\n" + line;
      }
      take_line(block);
    }
  }

  // How far the text of the list's last item is indented if the list goes on here, otherwise 0.
  std::size_t content_of_list_before() const {
    const auto before = std::find_if(page_.blocks.rbegin(), page_.blocks.rend(),
                                     [](const Block& block) { return block.level == 0; });
    if (before == page_.blocks.rend() || before->kind != Kind::list) return 0;
    std::smatch here, there;
    const std::string line = current();
    std::regex_match(line, here, item_start);
    std::regex_match(before->lines[0], there, item_start);
    const bool same_list = here[1].str().back() == there[1].str().back();
    return same_list ? static_cast<std::size_t>(there.position(2)) : 0;
  }

  void take_paragraph(Block& block) {
    const bool formula = begins(current(), "$$");
    const bool html = matches(current(), html_start);
    const bool quote = begins(current(), ">");
    block.kind = html ? Kind::html : quote ? Kind::quote : Kind::paragraph;
    std::string text;
    while (at_ < page_.lines.size() && !is_blank(current())) {
      const bool inside = formula && count_of(text, "$$") == 1;
      const bool goes_on = inside || html || (quote && begins(current(), ">"));
      if (!text.empty() && !goes_on && interrupts_paragraph()) break;
      const std::string& line = current();
      text += (quote && begins(line, ">") ? line.substr(indent_of(line) + 1) : line) + "\n";
      take_line(block);
    }
    const std::string flat = one_spaced(text);
    if (formula && count_of(flat, "$$") == 2 && flat.ends_with("$$")) block.kind = Kind::formula;
    block.parts = {{block.line, 0, text}};
  }

  BlockPage page_;
  std::size_t at_ = 0;
  std::string stamp_;
  int stamp_at_ = 0;
};

}  // namespace

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::heading: return "heading";
    case Kind::paragraph: return "paragraph";
    case Kind::list: return "list";
    case Kind::table: return "table";
    case Kind::code: return "code block";
    case Kind::formula: return "formula";
    case Kind::quote: return "quotation";
    case Kind::html: return "HTML block";
  }
  return "";
}

std::string Block::text() const {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return one_spaced(all);
}

// FNV-1a, which will be the same on any machine.
std::string Block::hash() const {
  std::uint32_t hash = 2166136261u;
  for (const char c : text()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return fmt::format("{:08x}", hash);
}

bool Block::has_stamp() const { return kind != Kind::code && kind != Kind::formula; }

BlockPage split_blocks(const std::string& markdown) { return Splitter(markdown).split(); }

}  // namespace gradus
