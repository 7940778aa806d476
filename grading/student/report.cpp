#include "grading/student/report.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "grading/base/files.hpp"
#include "grading/student/failure_text.hpp"
#include "grading/student/place.hpp"
#include "grading/student/progress.hpp"
#include "grading/student/stub_hints.hpp"
#include "grading/student/terminal.hpp"
#include "grading/student/text.hpp"

namespace gradus {
namespace {

using State = TestOutcome::State;
using Lines = std::vector<std::string>;

constexpr std::size_t kPrintedLines = 10;
constexpr std::size_t kPrintedBytes = 160;

// What tests wait for, and what the file still has to get, in the order of the file.
Lines not_written_yet(const Checked& checked) {
  Lines names;
  for (const StubFunction& function : stub_functions(read_text(checked.source)))
    names.push_back(function.name);
  for (const TestOutcome& test : checked.results.tests) {
    const std::string name = waits_for(test);
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

void print_not_written(const Chapter& chapter, const Lines& names) {
  if (names.empty()) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  fmt::print("{} {}; {}\n", yellow("not written yet:"), list,
             bold(fmt::format("./gradus hint {} {}", chapter.number, names.front())));
}

void print_tests(const Results& results) {
  bool all_tried = true;
  for (const TestOutcome& test : results.tests) {
    if (test.state == State::not_tried) all_tried = false;
    if (test.passed())
      fmt::print("{}    {}\n", green("ok"), claim(test.name));
    else if (waits_for(test).empty())
      fmt::print("{}    {}\n", test.state == State::not_tried ? "--" : red("no"), claim(test.name));
  }
  if (!all_tried)
    fmt::print("--    marks what was not tried: what ran before it took all the time\n");
}

// Tests are compiled with names that begin at the project's folder, the student's file as it was given.
std::string location(const Project& project, const std::string& file, int line) {
  return fmt::format("{}:{}", shown(project, project.root / file), line);
}

// "sum, work/01_perceptron/perceptron.cpp:16", empty if it is not known.
std::string place_text(const Project& project, const Checked& checked, const Addresses& addresses) {
  const Place place = find_place(checked.program, addresses, checked.source);
  if (place.line == 0) return "";
  return fmt::format("in {}, {}", place.function,
                     location(project, checked.source.string(), place.line));
}

// What is wrong, where in the student's file if that is known, and where in the tests.
Lines explain(const Project& project, const Checked& checked, const TestOutcome& test) {
  const bool stopped = test.state == State::stopped;
  if (!stopped && test.failures.empty()) return {"was skipped"};
  const Failure failure = stopped ? Failure{} : test.failures.front();
  if (!failure.file.empty()) {
    Lines lines = shorten(failure.message);
    if (!test.relation.empty()) lines.push_back(test.relation);
    lines.push_back(location(project, failure.file, failure.line));
    return lines;
  }
  Lines lines = {stopped ? test.reason : exception_text(failure.message)};
  const std::string place =
      place_text(project, checked, stopped ? test.stopped_at : failure.thrown);
  if (!place.empty()) lines.push_back(place);
  lines.push_back("in the test " + location(project, test.file, test.line));
  return lines;
}

void print_in_full(const Project& project, const Checked& checked, const TestOutcome& test) {
  fmt::print("\n{}    {}\n", red("no"), bold(claim(test.name)));
  for (const std::string& line : explain(project, checked, test)) fmt::print("      {}\n", line);
  const Lines printed = printed_lines(test.printed);
  if (!printed.empty()) fmt::print("      your code printed\n");
  for (const std::string& line : printed) fmt::print("        {}\n", line);
}

void print_next(const Project& project, const Chapter& chapter) {
  fmt::print("\nsee it run  {}\n", bold(run_command(project, chapter)));
  if (const Chapter* next = next_chapter(project, &chapter))
    fmt::print("go on with  {}   {}\n", bold(command_for(project, *next)), next->title);
  else
    fmt::print("every chapter is written\n");
}

}  // namespace

std::string waits_for(const TestOutcome& test) {
  if (test.state != State::failed) return "";
  for (const Failure& failure : test.failures)
    if (const std::optional<std::string> function = not_written(failure.message)) return *function;
  return "";
}

Lines printed_lines(const std::string& printed) {
  Lines lines = lines_of(printed);
  while (!lines.empty() && trimmed(lines.back()).empty()) lines.pop_back();
  const std::size_t more = lines.size() - std::min(lines.size(), kPrintedLines);
  lines.resize(lines.size() - more);
  for (std::string& line : lines) line = shortened(printable(line), kPrintedBytes);
  if (more > 0) lines.push_back(fmt::format("… {} more line{}", more, more == 1 ? "" : "s"));
  return lines;
}

Score score_of(const Results& results) {
  Score score;
  for (const TestOutcome& test : results.tests)
    if (test.passed()) score.points += test.points;
  return score;
}

bool print_report(const Project& project, const Chapter& chapter, const Checked& checked) {
  const Results& results = checked.results;
  const auto passed = std::ranges::count_if(results.tests, &TestOutcome::passed);
  const bool all = !results.tests.empty() && passed == std::ssize(results.tests);
  const bool well = all && results.stopped.empty();
  const Score score = score_of(results);
  print_tests(results);
  fmt::print("score {} of {}: {} of {} tests\n", bold(fmt::format("{}", score.points)), score.of,
             passed, results.tests.size());
  print_not_written(chapter, all ? Lines() : not_written_yet(checked));
  if (!results.stopped.empty()) fmt::print("\n{}    {}\n", red("no"), results.stopped);
  const auto fails = [](const TestOutcome& test) {
    return !test.passed() && test.state != State::not_tried && waits_for(test).empty();
  };
  const auto first = std::ranges::find_if(results.tests, fails);
  if (first != results.tests.end()) print_in_full(project, checked, *first);
  if (well) print_next(project, chapter);
  return well;
}

}  // namespace gradus
