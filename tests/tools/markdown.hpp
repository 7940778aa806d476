// The console blocks of a Markdown page.
//
//   ```console within=1% exit=2
//   $ ./gradus run 01
//   what it prints
//   ...                          (any number of lines)
//   ```
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gradus {

struct Fence {
  std::size_t indent = 0;
  char mark = '`';
  std::size_t length = 0;
  std::string info;
};

std::optional<Fence> opening_fence(const std::string& line);
bool closes(const std::string& line, const Fence& open);

struct ConsoleCommand {
  int line = 0;                     // of "$ ...", counted from 1
  std::string text;                 // without "$ "
  std::vector<std::string> output;  // the lines up to the next command, tidied
};

struct ConsoleBlock {
  int line = 0;        // of the opening fence
  std::string indent;  // in front of the fence, and so in front of every line
  double within = 0;   // how far numbers may be off, relatively
  int exit_code = 0;   // of each command
  std::vector<ConsoleCommand> commands;

  bool exact() const;  // neither "..." nor within: what is printed can be written back
};

struct MarkdownError {
  int line = 0;
  std::string text;
};

struct MarkdownPage {
  std::vector<std::string> lines;
  std::vector<ConsoleBlock> blocks;
  std::vector<MarkdownError> errors;
};

// Fences of other languages are passed over, with whatever fences stand inside of longer ones. A
// fence may be indented by any amount, as in a list.
MarkdownPage parse_markdown(const std::string& text);

std::vector<std::string> split_lines(const std::string& text);
std::string without_trailing_blanks(std::string line);

// Lines without trailing blanks and without empty lines at the end.
std::vector<std::string> tidy_lines(std::vector<std::string> lines);

// Whether no line would end the block, begin a command or stand for any number of lines.
bool fits_in_block(const std::vector<std::string>& output);

// Puts new output below one command. What follows on the page moves, so go from the last command
// to the first.
void rewrite_output(std::vector<std::string>& lines, const ConsoleBlock& block,
                    const ConsoleCommand& command, const std::vector<std::string>& output);

}  // namespace gradus
