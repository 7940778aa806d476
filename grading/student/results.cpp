#include "grading/student/results.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "grading/base/files.hpp"
#include "grading/base/process.hpp"
#include "grading/student/text.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

TestOutcome* find(Results& results, std::string_view name) {
  const auto at = std::ranges::find(results.tests, name, &TestOutcome::name);
  return at == results.tests.end() ? nullptr : &*at;
}

// Takes the records apart, word by word.
class Records {
 public:
  explicit Records(std::string_view text) : text_(text) {}

  bool more() const { return !text_.empty(); }
  std::string line() { return take(text_.find('\n'), 1); }
  std::string word() { return take(text_.find_first_of(" \n"), text_.starts_with('\n') ? 0 : 1); }
  int number() {
    const std::string digits = word();
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return std::max(value, 0);
  }
  std::string bytes(int size) {
    return take(std::min<std::size_t>(static_cast<std::size_t>(size), text_.size()), 1);
  }
  Addresses addresses() {
    Addresses list;
    const std::string all = line();
    Records words(all);
    while (words.more()) list.push_back(words.word());
    std::erase(list, "");
    return list;
  }

 private:
  std::string take(std::size_t size, std::size_t separator) {
    const std::string part(text_.substr(0, size));
    text_.remove_prefix(size == std::string_view::npos ? text_.size()
                                                       : std::min(size + separator, text_.size()));
    return part;
  }

  std::string_view text_;
};

void add_test(Records& records, Results& results) {
  TestOutcome test;
  test.name = records.word();
  test.line = records.number();
  test.file = records.line();
  if (find(results, test.name) == nullptr) results.tests.push_back(test);
}

Failure read_failure(Records& records) {
  Failure failure;
  const int size = records.number();
  failure.line = records.number();
  failure.file = records.line();
  failure.message = records.bytes(size);
  return failure;
}

void end_test(Records& records, TestOutcome& test) {
  test.points = records.number();
  test.state = records.line() == "passed" ? TestOutcome::State::passed : TestOutcome::State::failed;
}

// The calls on the way to a crash that only repeat themselves.
bool calls_itself(const Addresses& calls) {
  const auto often = [&](const std::string& call) { return std::ranges::count(calls, call) >= 8; };
  return std::ranges::any_of(calls, often);
}

// "__n < this->size()" if the standard library said that it does not hold, and aborted. Takes its
// line away from what the student's code printed.
std::string broken_rule(std::string& printed) {
  const std::string begin = "Assertion '", end = "' failed";
  const std::size_t from = printed.rfind(begin);
  const std::size_t to = from == std::string::npos ? from : printed.find(end, from);
  if (to == std::string::npos) return "";
  const std::string rule = printed.substr(from + begin.size(), to - from - begin.size());
  const std::size_t line = printed.rfind('\n', from);
  printed.resize(line == std::string::npos ? 0 : line + 1);
  return rule;
}

std::string crash(int signal, TestOutcome* test) {
  const std::string rule = test == nullptr ? "" : broken_rule(test->printed);
  switch (signal) {
    case SIGSEGV:
    case SIGBUS:
      if (test != nullptr && calls_itself(test->stopped_at))
        return "crashed: a function calls itself without end";
      return "crashed (segmentation fault): an index outside of its matrix or vector?";
    case SIGFPE: return "crashed: a whole number was divided by 0";
    case SIGABRT:
      if (!rule.empty())
        return "crashed: " + rule + " does not hold: an index outside of its vector or span?";
      return "crashed (abort): memory freed twice, or an exception that nobody could catch?";
    case SIGKILL: return "was killed: does it take all the memory?";
    default: return fmt::format("crashed (signal {})", signal);
  }
}

// `test` was running, if any was.
std::string how_it_stopped(const Outcome& outcome, const Deadlines& deadlines, TestOutcome* test) {
  const bool own_time = outcome.signal == SIGALRM && !outcome.timed_out;
  if (outcome.timed_out || own_time)
    return fmt::format("did not end within {} s: does a loop never end?",
                       (own_time ? deadlines.test : deadlines.all).count());
  if (outcome.signal != 0) return crash(outcome.signal, test);
  return fmt::format("ended the whole program (exit status {}); a function must return",
                     outcome.exit_code);
}

// Nobody prints it by chance.
std::string unlikely_mark() {
  std::random_device random;
  return fmt::format("\x1e{:08x}{:08x} ", random(), random());
}

Command test_command(const fs::path& program, const std::string& filter) {
  Command command;
  command.argv = {program.string(), "--gtest_filter=" + filter};
  // Threads that spin while they wait would steal the time of what else runs.
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) command.environment = {"OMP_WAIT_POLICY=passive"};
  return command;
}

std::string filter_of(const Results& results) {
  std::string filter;
  for (const TestOutcome& test : results.tests)
    if (test.state == TestOutcome::State::not_tried)
      filter += (filter.empty() ? "" : ":") + test.name;
  return results.tests.empty() ? "*" : filter;
}

}  // namespace

std::string add_records(const std::string& text, Results& results, bool& done) {
  TestOutcome* running = nullptr;
  done = false;
  for (Records records(text); records.more();) {
    const std::string kind = records.word();
    if (kind == "test") {
      add_test(records, results);
    } else if (kind == "start") {
      running = find(results, records.line());
    } else if (kind == "done") {
      records.line();
      done = true;
    } else if (running == nullptr) {
      records.line();
    } else if (kind == "failure") {
      running->failures.push_back(read_failure(records));
    } else if (kind == "threw" && !running->failures.empty()) {
      running->failures.back().thrown = records.addresses();
    } else if (kind == "relation") {
      running->relation = records.line();
    } else if (kind == "signal") {
      records.word();
      running->stopped_at = records.addresses();
    } else if (kind == "end") {
      end_test(records, *running);
      running = nullptr;
    } else {
      records.line();
    }
  }
  return running == nullptr ? "" : running->name;
}

void add_output(const std::string& output, const std::string& mark, Results& results) {
  for (std::size_t at = output.find(mark); at != std::string::npos;) {
    const std::size_t name = at + mark.size();
    const std::size_t end = std::min(output.find('\n', name), output.size());
    const std::size_t next = output.find(mark, end);
    const std::size_t from = std::min(end + 1, output.size());
    if (TestOutcome* test = find(results, output.substr(name, end - name)))
      test->printed += output.substr(from, next == std::string::npos ? next : next - from);
    at = next;
  }
}

Results run_tests(const fs::path& program, const fs::path& folder, const Deadlines& deadlines,
                  const volatile std::sig_atomic_t* stop) {
  Results results;
  const Clock::time_point end = Clock::now() + deadlines.all;
  const fs::path file = folder / "results";
  const std::string mark = unlikely_mark();
  for (std::string filter = "*"; !filter.empty(); filter = filter_of(results)) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    if (left <= milliseconds(0)) return results;
    fs::remove(file);
    Command command = test_command(program, filter);
    append(command.environment, {"GRADUS_RESULTS=" + file.string(), "GRADUS_MARK=" + mark,
                                 fmt::format("GRADUS_SECONDS={}", deadlines.test.count())});
    command.deadline = left;
    command.stop = stop;
    const Outcome outcome = run(command);
    bool done = false;
    const std::string running = add_records(fs::exists(file) ? read_text(file) : "", results, done);
    add_output(outcome.output, mark, results);
    TestOutcome* test = find(results, running);
    const std::string why = how_it_stopped(outcome, deadlines, test);
    if (test == nullptr) {
      if (!done) results.stopped = "outside of every test the program " + why;
      if (done && outcome.exit_code > 1) results.stopped = "after the tests the program " + why;
      return results;
    }
    test->state = TestOutcome::State::stopped;
    test->reason = why;
  }
  return results;
}

}  // namespace gradus
