#include "tests/tools/gtest_run.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "grading/base/files.hpp"
#include "tests/tools/arguments.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using nlohmann::json;

// GoogleTest writes each byte of "·" as a letter of its own, \u00c2\u00b7: bytes again.
std::string as_written(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool pair = (c == 0xC2 || c == 0xC3) && i + 1 < text.size();  // U+0080 to U+00FF
    if (c >= 0x80 && !pair) return text;
    const int low = pair ? static_cast<unsigned char>(text[++i]) & 0x3F : c;
    bytes += static_cast<char>(pair ? (c & 3) << 6 | low : low);
  }
  try {
    static_cast<void>(json(bytes).dump());  // throws unless it is UTF-8
  } catch (const json::exception&) {
    return text;
  }
  return bytes;
}

TestResult parse_test(const std::string& suite, const json& test) {
  TestResult result;
  result.name = suite + "." + test.at("name").get<std::string>();
  result.ran = test.at("status") == "RUN" && test.at("result") == "COMPLETED";
  result.passed = result.ran && !test.contains("failures");
  if (test.contains("failures"))
    for (const json& failure : test["failures"])
      result.failures.push_back(as_written(failure.at("failure").get<std::string>()));
  if (test.contains("points")) {
    const std::string text = test["points"].get<std::string>();
    const std::optional<int> points = parse_number(text);
    if (!points)
      throw ToolError(
          fmt::format("{}: points must be a whole number, not '{}'", result.name, text));
    result.points = *points;
  }
  return result;
}

}  // namespace

std::vector<TestResult> parse_gtest_report(std::string text) {
  // A failure message may quote whatever bytes the code under test made; JSON must be UTF-8.
  if (!json::accept(text))
    for (char& c : text)
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  std::vector<TestResult> tests;
  try {
    const json report = json::parse(text);
    for (const json& suite : report.at("testsuites"))
      for (const json& test : suite.at("testsuite"))
        tests.push_back(parse_test(suite.at("name").get<std::string>(), test));
  } catch (const json::exception& e) {
    throw ToolError(fmt::format("not a GoogleTest report: {}", e.what()));
  }
  return tests;
}

GtestRun run_gtest(const fs::path& executable, const fs::path& report,
                   const GtestOptions& options) {
  fs::remove(report);
  Command command;
  command.argv = {fs::absolute(executable).string(), "--gtest_filter=" + options.filter,
                  "--gtest_output=json:" + fs::absolute(report).string(), "--gtest_color=no"};
  command.deadline = options.deadline;
  command.memory = options.memory;
  // Threads that spin while they wait would steal the time of the other jobs.
  if (std::getenv("OMP_WAIT_POLICY") == nullptr)
    command.environment.push_back("OMP_WAIT_POLICY=passive");
  GtestRun result;
  result.outcome = run(command);
  // GoogleTest writes the report at the very end, so a report means that every test had its turn.
  result.finished = !result.outcome.timed_out && fs::exists(report);
  if (result.finished) result.tests = parse_gtest_report(read_text(report));
  return result;
}

std::vector<std::string> list_gtest(const fs::path& executable) {
  Command command;
  command.argv = {fs::absolute(executable).string(), "--gtest_list_tests", "--gtest_filter=*"};
  const Outcome outcome = run(command);
  if (!outcome.ok())
    throw ToolError(fmt::format("{}: does not list its tests ({})", executable.string(),
                                describe(outcome, command.deadline)));
  // "Suite." stands at the margin, "  Test" below it; "  # GetParam() = 3" may follow either.
  std::vector<std::string> names;
  std::string suite;
  std::istringstream lines(outcome.output);
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find("  #"));
    if (line.rfind("  ", 0) == 0)
      names.push_back(suite + line.substr(2));
    else
      suite = line;
  }
  return names;
}

std::vector<std::string> failed_tests(const std::vector<TestResult>& tests) {
  std::vector<std::string> names;
  for (const TestResult& test : tests)
    if (test.ran && !test.passed) names.push_back(test.name);
  return names;
}

std::string stopped_in(const std::string& output) {
  const std::string mark = "[ RUN      ] ";
  const std::size_t at = output.rfind(mark);
  if (at == std::string::npos) return "";
  const std::size_t name = at + mark.size();
  const std::string test = output.substr(name, output.find('\n', name) - name);
  const std::string rest = output.substr(name + test.size());
  const bool ended = rest.find("[       OK ] " + test) != std::string::npos ||
                     rest.find("[  FAILED  ] " + test) != std::string::npos ||
                     rest.find("[  SKIPPED ] " + test) != std::string::npos;
  return ended ? "" : test;
}

}  // namespace gradus
