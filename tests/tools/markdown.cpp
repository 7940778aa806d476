#include "tests/tools/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "tests/tools/arguments.hpp"

namespace gradus {

std::optional<Fence> opening_fence(const std::string& line) {
  Fence fence;
  fence.indent = line.find_first_not_of(" \t");
  if (fence.indent == std::string::npos) return std::nullopt;
  fence.mark = line[fence.indent];
  if (fence.mark != '`' && fence.mark != '~') return std::nullopt;
  const std::size_t end = std::min(line.find_first_not_of(fence.mark, fence.indent), line.size());
  fence.length = end - fence.indent;
  fence.info = without_trailing_blanks(line.substr(end));
  // ```like this``` is code in running text.
  const bool inline_code = fence.mark == '`' && fence.info.find('`') != std::string::npos;
  if (fence.length < 3 || inline_code) return std::nullopt;
  return fence;
}

bool closes(const std::string& line, const Fence& open) {
  const std::optional<Fence> fence = opening_fence(line);
  return fence && fence->mark == open.mark && fence->length >= open.length && fence->info.empty() &&
         fence->indent <= open.indent + 3;
}

namespace {

std::string without_indent(const std::string& line, std::size_t indent) {
  return line.substr(std::min(indent, std::min(line.find_first_not_of(" \t"), line.size())));
}

std::string first_word(const std::string& text) {
  std::string word;
  std::istringstream(text) >> word;
  return word;
}

bool is_command(const std::string& line) { return line.rfind("$ ", 0) == 0; }

std::optional<double> parse_percent(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || end - stopped != 1 || *stopped != '%') return std::nullopt;
  return value > 0 && value < 100 ? std::optional(value / 100) : std::nullopt;
}

// Reads the words after "console"; a word that nobody knows may be a slip of the pen that loosens
// or tightens the check, so it is an error.
std::string parse_options(const std::string& info, ConsoleBlock& block) {
  std::istringstream words(info);
  std::string word;
  for (words >> word; words >> word;) {
    if (word.rfind("within=", 0) == 0) {
      const std::optional<double> within = parse_percent(word.substr(7));
      if (!within) return fmt::format("'{}': wanted is within=1%, say", word);
      block.within = *within;
    } else if (word.rfind("exit=", 0) == 0) {
      const std::optional<int> code = parse_number(word.substr(5));
      if (!code || *code > 255) return fmt::format("'{}': wanted is exit=2, say", word);
      block.exit_code = *code;
    } else {
      return fmt::format("'{}': neither within= nor exit=", word);
    }
  }
  return "";
}

// Splits the lines of a block into commands and what they print.
std::string parse_commands(const std::vector<std::string>& lines, ConsoleBlock& block) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_command(lines[i])) {
      ConsoleCommand command;
      command.line = block.line + 1 + static_cast<int>(i);
      command.text = without_trailing_blanks(lines[i].substr(2));
      block.commands.push_back(command);
    } else if (!block.commands.empty()) {
      block.commands.back().output.push_back(lines[i]);
    } else if (!without_trailing_blanks(lines[i]).empty()) {
      return "output before the first command ('$ ...')";
    }
  }
  if (block.commands.empty()) return "a console block without a command ('$ ...')";
  int dots = 0, others = 0;
  for (ConsoleCommand& command : block.commands) {
    command.output = tidy_lines(command.output);
    for (const std::string& line : command.output) ++(line == "..." ? dots : others);
  }
  if (dots > 0 && others == 0) return "expects nothing but '...': every output would do";
  return "";
}

bool is_quoted_block(const std::string& line) {
  const std::size_t mark = line.find_first_not_of(" \t");
  if (mark == std::string::npos || line[mark] != '>') return false;
  const std::optional<Fence> fence = opening_fence(line.substr(mark + 1));
  return fence && first_word(fence->info) == "console";
}

}  // namespace

bool ConsoleBlock::exact() const {
  const auto open = [](const ConsoleCommand& command) {
    return std::find(command.output.begin(), command.output.end(), "...") != command.output.end();
  };
  return within == 0 && std::none_of(commands.begin(), commands.end(), open);
}

MarkdownPage parse_markdown(const std::string& text) {
  MarkdownPage page;
  page.lines = split_lines(text);
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    const int line = static_cast<int>(i) + 1;
    const std::optional<Fence> fence = opening_fence(page.lines[i]);
    if (is_quoted_block(page.lines[i]))
      page.errors.push_back({line, "a console block in a quotation would not be run"});
    if (!fence) continue;
    std::vector<std::string> inside;
    for (++i; i < page.lines.size() && !closes(page.lines[i], *fence); ++i)
      inside.push_back(without_indent(page.lines[i], fence->indent));
    if (i == page.lines.size()) page.errors.push_back({line, "this fence is never closed"});
    if (i == page.lines.size() || first_word(fence->info) != "console") continue;
    ConsoleBlock block;
    block.line = line;
    block.indent = page.lines[static_cast<std::size_t>(line) - 1].substr(0, fence->indent);
    std::string error = parse_options(fence->info, block);
    if (error.empty()) error = parse_commands(inside, block);
    if (!error.empty()) page.errors.push_back({line, error});
    page.blocks.push_back(block);
  }
  return page;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(" \t\r") + 1);
  return line;
}

std::vector<std::string> tidy_lines(std::vector<std::string> lines) {
  for (std::string& line : lines) line = without_trailing_blanks(line);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

bool fits_in_block(const std::vector<std::string>& output) {
  const auto fits = [](const std::string& line) {
    return !is_command(line) && !opening_fence(line) && line != "...";
  };
  return std::all_of(output.begin(), output.end(), fits);
}

void rewrite_output(std::vector<std::string>& lines, const ConsoleBlock& block,
                    const ConsoleCommand& command, const std::vector<std::string>& output) {
  std::vector<std::string> indented;
  for (const std::string& line : output)
    indented.push_back(line.empty() ? "" : block.indent + line);
  const auto first = lines.begin() + command.line;
  const auto at = lines.erase(first, first + std::ssize(command.output));
  lines.insert(at, indented.begin(), indented.end());
}

}  // namespace gradus
