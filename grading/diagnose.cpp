#include "grading/diagnose.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "grading/compare.hpp"
#include "grading/process.hpp"
#include "grading/sandbox.hpp"

namespace gradus {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::size_t kMostLines = 3;

// The functions for which a worker gave another reply than the submission. With `first_only`,
// nothing more is asked once there is one.
std::set<std::string> differing(const std::filesystem::path& executable,
                                const std::vector<TestRecord>& tests, bool first_only) {
  std::set<std::string> functions;
  for (const TestRecord& test : tests) {
    if (test.passed || test.calls.empty()) continue;
    wire::WorkerProcess worker(executable.string(), kDirect);  // ours: no sandbox
    for (const wire::Call& call : test.calls) {
      const wire::Answer answer = worker.ask(call.request, kPatience);
      const bool same =
          answer.fate == call.answer.fate &&
          (answer.fate != wire::Answer::replied || same_reply(answer.bytes, call.answer.bytes));
      if (!same) functions.insert(call.function);
      if (!same && first_only) return functions;
      if (answer.fate != wire::Answer::replied) break;
    }
  }
  return functions;
}

// Where two mistakes explain a function, the one that explains more of the others is the likelier:
// a wrong step shows in fit and in predict, a forgotten bias in predict alone.
std::vector<std::string> by_function(const ChapterWorkers& workers,
                                     const std::vector<TestRecord>& tests,
                                     const std::set<std::string>& wrong) {
  std::map<std::string, std::vector<std::string>> explained;  // diagnosis -> functions
  for (const MutantWorker& mutant : workers.mutants) {
    const std::set<std::string> left = differing(mutant.executable, tests, false);
    for (const std::string& function : wrong)
      if (!left.contains(function)) explained[mutant.diagnosis].push_back(function);
  }
  std::vector<std::string> lines;
  for (const std::string& function : wrong) {
    std::vector<std::string> likeliest;
    std::size_t most = 1;
    for (const auto& [diagnosis, functions] : explained) {
      if (std::ranges::find(functions, function) == functions.end()) continue;
      if (functions.size() > most) likeliest.clear();
      most = std::max(most, functions.size());
      if (functions.size() == most) likeliest.push_back(diagnosis);
    }
    if (likeliest.size() > kMostLines) continue;  // more fit nearly anything
    for (const std::string& diagnosis : likeliest)
      if (std::ranges::find(lines, diagnosis) == lines.end()) lines.push_back(diagnosis);
  }
  return lines;
}

// Somebody whose functions hang or end the program makes another mistake than those in the list.
bool answered(const std::vector<TestRecord>& tests) {
  for (const TestRecord& test : tests)
    for (const wire::Call& call : test.calls)
      if (call.answer.fate == wire::Answer::late) return false;
  return true;
}

}  // namespace

std::vector<std::string> diagnose(const ChapterWorkers& workers,
                                  const std::vector<TestRecord>& tests) {
  if (!answered(tests)) return {};
  const std::set<std::string> wrong = differing(workers.reference, tests, false);
  if (wrong.empty()) return {};
  std::vector<std::string> lines;
  for (const MutantWorker& mutant : workers.mutants)
    if (differing(mutant.executable, tests, true).empty()) lines.push_back(mutant.diagnosis);
  if (lines.empty()) lines = by_function(workers, tests, wrong);
  if (lines.size() > kMostLines) lines.resize(kMostLines);
  return lines;
}

}  // namespace gradus
