// Runs the console blocks of the documents and compares what they print.
//
//   documents --root FOLDER [--update] [--deadline SECONDS] PAGE.md...
//
// Pages are named relative to the root, and commands run there. markdown.hpp shows a block.
// --update writes what was printed into the blocks that have neither "..." nor within=.
// Exit status: 0 all as printed, 1 something differs, 2 a page or a block is malformed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "tests/tools/arguments.hpp"
#include "tests/tools/markdown.hpp"
#include "tests/tools/transcript.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

struct Setup {
  fs::path root;
  std::chrono::milliseconds deadline{600'000};
  bool update = false;
};

struct Tally {
  int commands = 0, differing = 0, rewritten = 0;
};

struct Page {
  std::string name;  // as given
  MarkdownPage markdown;
};

struct Rewrite {
  const ConsoleBlock* block;
  const ConsoleCommand* command;
  std::vector<std::string> output;
};

Outcome run_command(const Setup& setup, const std::string& text) {
  Command command;
  command.argv = {"bash", "-c", text};
  command.folder = setup.root;
  command.environment = {"GRADUS_DOCUMENTS=1"};
  command.deadline = setup.deadline;
  return run(command);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void complain(const Page& page, int line, const std::string& command, const std::string& what,
              const std::string& details) {
  fmt::print("{}:{}: $ {}\n  {}\n", page.name, line, command, what);
  for (const std::string& detail : split_lines(details)) fmt::print("    {}\n", detail);
}

// Runs one command. With --update, what it prints instead may go to `rewrites`.
void check_command(const Setup& setup, const Page& page, const ConsoleBlock& block,
                   const ConsoleCommand& command, std::vector<Rewrite>& rewrites, Tally& tally) {
  ++tally.commands;
  const Outcome outcome = run_command(setup, command.text);
  const std::vector<std::string> got = tidy_lines(split_lines(outcome.output));
  if (outcome.timed_out || outcome.exit_code != block.exit_code) {
    ++tally.differing;
    complain(page, command.line, command.text,
             fmt::format("{}, expected exit status {}; it printed",
                         describe(outcome, setup.deadline), block.exit_code),
             joined({got.end() - std::min<std::ptrdiff_t>(std::ssize(got), 10), got.end()}));
    return;
  }
  const Comparison comparison = compare(command.output, got, block.within);
  if (comparison.same) return;
  if (setup.update && block.exact() && fits_in_block(got)) {
    rewrites.push_back({&block, &command, got});
    ++tally.rewritten;
    return;
  }
  ++tally.differing;
  complain(page, command.line, command.text,
           fmt::format("prints something else from line {} on (- expected, + got)",
                       command.line + 1 + comparison.line),
           comparison.diff);
}

void check_page(const Setup& setup, const Page& page, Tally& tally) {
  if (page.markdown.blocks.empty()) fmt::print("{}: no console block\n", page.name);
  std::vector<Rewrite> rewrites;
  for (const ConsoleBlock& block : page.markdown.blocks)
    for (const ConsoleCommand& command : block.commands)
      check_command(setup, page, block, command, rewrites, tally);
  std::fflush(stdout);
  if (rewrites.empty()) return;
  std::vector<std::string> lines = page.markdown.lines;
  std::reverse(rewrites.begin(), rewrites.end());
  for (const Rewrite& rewrite : rewrites)
    rewrite_output(lines, *rewrite.block, *rewrite.command, rewrite.output);
  write_text(setup.root / page.name, joined(lines));
}

// All pages are read before anything runs: a malformed one is known at once.
std::vector<Page> load_pages(const Setup& setup, const std::vector<std::string>& names) {
  std::vector<Page> pages;
  bool sound = true;
  for (const std::string& name : names) {
    pages.push_back({name, parse_markdown(read_text(setup.root / name))});
    for (const MarkdownError& error : pages.back().markdown.errors) {
      fmt::print("{}:{}: {}\n", name, error.line, error.text);
      sound = false;
    }
  }
  if (!sound) throw ToolError("nothing was run");
  return pages;
}

int run_documents(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"--root", "--deadline"}, {"--update"});
  if (arguments.rest().empty()) throw ToolError("no page is named");
  Setup setup;
  setup.root = fs::canonical(arguments.required("--root"));
  setup.deadline = std::chrono::seconds(arguments.number("--deadline").value_or(600));
  setup.update = arguments.has("--update");
  const std::vector<Page> pages = load_pages(setup, arguments.rest());
  Tally tally;
  for (const Page& page : pages) check_page(setup, page, tally);
  std::string verdict = tally.differing == 0 ? "all as printed" : "";
  if (tally.differing > 0) verdict = fmt::format("{} differ", tally.differing);
  if (tally.rewritten > 0) verdict += fmt::format(", {} rewritten", tally.rewritten);
  fmt::print("{} commands in {} files: {}\n", tally.commands, pages.size(), verdict);
  return tally.differing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::run_documents(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "documents: {}\n", e.what());
    return 2;
  }
}
