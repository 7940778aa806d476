#include "grading/diagnose.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "grading/base/files.hpp"
#include "grading/compare.hpp"
#include "grading/numbers.hpp"
#include "grading/process.hpp"
#include "grading/relations/replies.hpp"
#include "grading/sandbox.hpp"

namespace gradus {
namespace {

// By the clock: long enough for a machine with other work, since who is late gives another answer.
constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::size_t kMostLines = 3;
constexpr int kAskedAgain = 4;
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();  // functions

using Names = std::set<std::string>;

enum class Which { failed, passed };

// What the submission answered in each test, and how close another answer must be to be the same.
struct Recorded {
  const std::vector<TestRecord>& tests;
  Closeness closeness;

  bool same(const wire::Answer& a, const wire::Answer& b) const {
    return a.fate == b.fate &&
           (a.fate != wire::Answer::replied || same_reply(a.bytes, b.bytes, closeness));
  }
};

// The functions for which a worker gave another reply than the submission, or could not be asked; with
// `of`, only of these. Once there are `enough`, nothing more is asked.
Names differing(const std::filesystem::path& executable, const Recorded& recorded, Which which,
                std::size_t enough, const Names& of = {}) {
  Names functions;
  for (const TestRecord& test : recorded.tests) {
    if (test.passed != (which == Which::passed) || test.calls.empty()) continue;
    wire::WorkerProcess worker(executable.string(), kDirect);  // ours: no sandbox
    bool gone = false;
    for (const wire::Call& call : test.calls) {
      const bool matters = of.empty() || of.contains(call.function);
      if (gone) {
        if (matters) functions.insert(call.function);
        continue;
      }
      const wire::Answer answer = worker.ask(call.request, kPatience, call.threads);
      if (matters && !recorded.same(answer, call.answer)) functions.insert(call.function);
      if (functions.size() >= enough) return functions;
      gone = answer.fate != wire::Answer::replied;
    }
  }
  return functions;
}

// A mistake that shows in what the submission has right is not its mistake.
bool contradicted(const MutantWorker& mutant, const Recorded& recorded) {
  return !differing(mutant.executable, recorded, Which::passed, 1).empty();
}

// Which functions each mistake explains that is not contradicted.
std::map<std::string, Names> explanations(const ChapterWorkers& workers, const Recorded& recorded,
                                          const Names& wrong) {
  std::map<std::string, Names> explained;
  for (const MutantWorker& mutant : workers.mutants) {
    const Names left = differing(mutant.executable, recorded, Which::failed, wrong.size(), wrong);
    Names functions;
    for (const std::string& function : wrong)
      if (!left.contains(function)) functions.insert(function);
    if (functions.empty()) continue;
    const Names disproved =
        differing(mutant.executable, recorded, Which::passed, functions.size(), functions);
    for (const std::string& function : functions)
      if (!disproved.contains(function)) explained[mutant.diagnosis].insert(function);
  }
  return explained;
}

// Where two mistakes explain a function, the one that explains more of the others is the likelier:
// a wrong step shows in fit and in predict, a forgotten bias in predict alone.
std::vector<std::string> likeliest(const std::map<std::string, Names>& explained,
                                   const std::string& function) {
  std::vector<std::string> lines;
  std::size_t most = 1;
  for (const auto& [diagnosis, functions] : explained) {
    if (!functions.contains(function)) continue;
    if (functions.size() > most) lines.clear();
    most = std::max(most, functions.size());
    if (functions.size() == most) lines.push_back(diagnosis);
  }
  return lines.size() > kMostLines ? std::vector<std::string>()
                                   : lines;  // more fit nearly anything
}

// Somebody whose functions hang or end the program makes another mistake than those in the list.
bool answered(const std::vector<TestRecord>& tests) {
  for (const TestRecord& test : tests)
    for (const wire::Call& call : test.calls)
      if (call.answer.fate == wire::Answer::late) return false;
  return true;
}

// All calls with the replies of the reference, by function.
std::map<std::string, std::vector<Replay>> replays(const ChapterWorkers& workers,
                                                   const std::vector<TestRecord>& tests,
                                                   const Names& wrong) {
  std::map<std::string, std::vector<Replay>> calls;
  int number = 0;
  for (const TestRecord& test : tests) {
    ++number;
    if (std::ranges::none_of(test.calls,
                             [&](const wire::Call& call) { return wrong.contains(call.function); }))
      continue;
    wire::WorkerProcess reference(workers.reference.string(), kDirect);
    for (const wire::Call& call : test.calls) {
      if (!wrong.contains(call.function)) continue;
      const wire::Answer right = reference.ask(call.request, kPatience, call.threads);
      calls[call.function].push_back(
          {call.request, call.answer.bytes, right.bytes, number, call.threads});
    }
  }
  return calls;
}

// Is every wrong call right in a program that is asked nothing before it?
bool right_if_first(const std::vector<Replay>& calls, const Asked& submission) {
  if (submission.worker.empty()) return false;
  int asked = 0, last = -1;
  for (const Replay& call : calls) {
    const bool first = call.test != last;
    last = call.test;
    if (same_reply(call.reply, call.expected)) continue;
    if (first) return false;
    if (asked == kAskedAgain) continue;
    ++asked;
    wire::WorkerProcess again(submission.worker.string(), submission.mode);
    const wire::Answer answer = again.ask(call.request, kPatience, call.threads);
    if (answer.fate != wire::Answer::replied || !same_reply(answer.bytes, call.expected))
      return false;
  }
  return asked > 1;
}

std::vector<std::string> relations(const ContractNames& names, const std::string& function,
                                   const std::vector<Replay>& calls, const Asked& submission) {
  try {
    if (right_if_first(calls, submission))
      return {"what " + function +
              " returns is right when it is called first and wrong afterwards: "
              "something is kept from call to call"};
    return explain_function(names, function, calls);
  } catch (const wire::WireError&) {
    return {};  // a reply that is none: its test has said so
  }
}

void add(std::vector<std::string>& lines, const std::vector<std::string>& more) {
  for (const std::string& line : more)
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
}

using Said = std::vector<std::pair<std::string, std::vector<std::string>>>;

// What is true of each wrong function's replies, in the order of the chapter.
Said all_relations(const ChapterWorkers& workers, const std::vector<TestRecord>& tests,
                   const Names& wrong, const Asked& submission) {
  const ContractNames names = read_contract_names(read_text(workers.contract));
  const auto calls = replays(workers, tests, wrong);
  Said said;
  for (const Signature& signature : names.functions)
    if (calls.contains(signature.name))
      said.emplace_back(signature.name,
                        relations(names, signature.name, calls.at(signature.name), submission));
  return said;
}

// The mistakes that explain everything, else those that explain a function, and for functions that
// none explains what is true of their replies.
std::vector<std::string> best_of(const ChapterWorkers& workers, const Recorded& recorded,
                                 const Names& wrong, const Said& said) {
  std::vector<std::string> lines;
  for (const MutantWorker& mutant : workers.mutants)
    if (differing(mutant.executable, recorded, Which::failed, 1).empty() &&
        !contradicted(mutant, recorded))
      add(lines, {mutant.diagnosis});
  if (!lines.empty()) return lines;
  const std::map<std::string, Names> explained = explanations(workers, recorded, wrong);
  for (const std::string& function : wrong) add(lines, likeliest(explained, function));
  for (const auto& [function, true_of_it] : said)
    if (likeliest(explained, function).empty()) add(lines, true_of_it);
  return lines;
}

}  // namespace

std::vector<std::string> diagnose(const ChapterWorkers& workers,
                                  const std::vector<TestRecord>& tests, const Asked& submission) {
  if (!answered(tests)) return {};
  Recorded recorded{tests, Closeness::usual};
  Names wrong = differing(workers.reference, recorded, Which::failed, kAll);
  // The quick part first: what is known stays known when the time for the mistakes is over.
  const Said said = all_relations(workers, tests, wrong, submission);
  for (const Closeness closer : {Closeness::relative, Closeness::exact}) {
    if (!wrong.empty()) break;  // else what failed is wrong in its last digits only
    recorded.closeness = closer;
    wrong = differing(workers.reference, recorded, Which::failed, kAll);
  }
  if (wrong.empty()) return {};
  std::vector<std::string> lines;
  try {
    lines = best_of(workers, recorded, wrong, said);
  } catch (const wire::OutOfTime&) {
    for (const auto& [function, true_of_it] : said) add(lines, true_of_it);
  }
  if (lines.size() > kMostLines) lines.resize(kMostLines);
  return lines;
}

}  // namespace gradus
