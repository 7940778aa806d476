// Holds the English pages and their Korean ones together.
//
//   translations --root FOLDER [--stamp] [--renew PAGE.md]... [PAGE.md...]
//
// Compares README.md and docs/*.md (or only those that are named) with README.ko.md and docs/ko/*.md,
// block by block: the same code, formulas, numbers, links and tables; the terms of docs/glossary.md;
// and a hash of the English text in front of each Korean block, <!-- en 1a2b3c4d -->, so that one is
// seen to be out of date. --stamp writes the hashes that are lacking, --renew those of one page anew:
// after its blocks were read beside the English ones.
// Where a word is not the term, tests/tools/translations/exceptions.txt says so.
// Exit status: 0 nothing found, 1 something found, 2 no pages or a malformed file.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "grading/base/files.hpp"
#include "tests/tools/arguments.hpp"
#include "tests/tools/translations/compare.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr const char* glossary_page = "docs/glossary.md";
constexpr const char* exceptions_file = "tests/tools/translations/exceptions.txt";

struct Tally {
  std::size_t pages = 0, blocks = 0, findings = 0, written = 0;
};

void report(std::vector<Finding> findings, Tally& tally) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return a.page != b.page ? a.page < b.page : a.line < b.line;
  });
  for (const Finding& finding : findings)
    fmt::print("{}:{}: {}\n", finding.page, finding.line, finding.text);
  tally.findings += findings.size();
}

// Before anything is compared. A page whose blocks do not pair gets no hashes: they would be those
// of other blocks.
void stamp_pages(const fs::path& root, const std::vector<std::string>& pages,
                 const std::set<std::string>& renewed, Tally& tally) {
  for (const std::string& page : pages) {
    const std::string korean = korean_of(page);
    if (!fs::exists(root / page) || !fs::exists(root / korean)) continue;
    const std::string text = read_text(root / korean);
    const BlockPage ours = split_blocks(read_text(root / page)), theirs = split_blocks(text);
    if (!is_complete(paired(ours, theirs))) continue;
    const std::string now = stamped(ours, theirs, renewed.count(page) != 0);
    if (now == text) continue;
    write_text(root / korean, now);
    ++tally.written;
  }
}

std::vector<std::string> english_names(const std::vector<std::string>& names,
                                       const fs::path& root) {
  std::vector<std::string> english;
  for (const std::string& name : names) {
    english.push_back(english_of(name).empty() ? name : english_of(name));
    if (korean_of(english.back()).empty() || !fs::exists(root / english.back()))
      throw ToolError(fmt::format("{} is no page of the book", name));
  }
  return english;
}

int run_translations(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"--root", "--renew"}, {"--stamp"});
  const fs::path root = fs::canonical(arguments.required("--root"));
  Places places(root);
  places.find_pages();
  const std::vector<std::string> renewed = english_names(arguments.all("--renew"), root);
  std::vector<std::string> pages = english_names(arguments.rest(), root);
  if (pages.empty()) pages = places.english();
  Tally tally;
  if (arguments.has("--stamp")) stamp_pages(root, pages, {}, tally);
  stamp_pages(root, renewed, {renewed.begin(), renewed.end()}, tally);

  Glossary glossary(places.page(glossary_page));
  if (places.exists(exceptions_file)) glossary.read_exceptions(read_text(root / exceptions_file));
  for (const std::string& page : pages) {
    ++tally.pages;
    const std::string korean = korean_of(page);
    if (!places.exists(page) || !places.exists(korean)) {
      const std::string& there = places.exists(page) ? page : korean;
      report({{there, 1, fmt::format("has no {}", places.exists(page) ? korean : page)}}, tally);
      continue;
    }
    tally.blocks += places.page(page).blocks.size();
    std::vector<Finding> findings = compare(places, glossary, page);
    for (const std::string& name : {page, korean}) {
      const std::vector<Finding> dead = dead_links(places, name);
      findings.insert(findings.end(), dead.begin(), dead.end());
    }
    report(findings, tally);
  }
  if (arguments.rest().empty())  // else an exception may be for another page
    for (const Exception& exception : glossary.exceptions())
      if (!exception.used)
        report({{exceptions_file, exception.line, "an exception that nothing needs"}}, tally);
  if (tally.written > 0) fmt::print("{} pages were given hashes\n", tally.written);
  fmt::print("{} pages, {} blocks: {}\n", tally.pages, tally.blocks,
             tally.findings == 0 ? "the same in both languages"
                                 : fmt::format("{} findings", tally.findings));
  return tally.findings == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::run_translations(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "translations: {}\n", e.what());
    return 2;
  }
}
