// A Markdown page as the blocks that a translation keeps one by one.
#pragma once

#include <string>
#include <vector>

namespace gradus {

enum class Kind { heading, paragraph, list, table, code, formula, quote, html };
const char* name_of(Kind kind);

// An item of a list, a cell of a table, or else the whole block.
struct Part {
  int line = 0;  // counted from 1
  int row = 0;   // of a table, from 0; of an item its indent
  std::string text;
};

struct Block {
  Kind kind = Kind::paragraph;
  int level = 0;  // of a heading 1 to 6; of anything else 1 inside of a list and 0 outside
  int line = 0;
  std::vector<std::string> lines;
  std::vector<Part> parts;
  std::string stamp;  // of <!-- en 1a2b3c4d --> in front of it, or empty
  int stamp_line = 0;
  std::size_t indent = 0;  // of such a comment: one in a list belongs into the item before

  std::string text() const;  // blanks and line ends made one space
  std::string hash() const;  // 8 hexadecimal digits of that
  bool has_stamp() const;    // code and formulas stay as they are, and need none
};

struct BlockPage {
  std::vector<std::string> lines;
  std::vector<Block> blocks;
  std::vector<int> loose_stamps;  // lines of those that stand in front of nothing
};

BlockPage split_blocks(const std::string& markdown);

}  // namespace gradus
