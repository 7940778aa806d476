// main() of grade_NN: the chapter's tests in front of a worker, and what came of each, written to
// a file as it ends, so that the rest can be run again should one test take the program with it.
//
//   grade_NN --worker EXECUTABLE --mode MODE --record FILE [--threads N] [--skip Suite.Test:Suite.Test...]
//
// Exit status kGraderFailed: no worker could be started or nothing written, which is nobody's mistake
// but the machine's. SIGALRM: a test took too long.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "grading/record.hpp"
#include "grading/session.hpp"

extern char** environ;

namespace gradus {
namespace {

// Of a test that passed, what is cheap to keep: it says only what a diagnosis may not contradict.
std::vector<wire::Call> small_ones(const std::vector<wire::Call>& calls) {
  constexpr std::size_t one = 64 << 10, all = 1 << 20;
  std::vector<wire::Call> small;
  std::size_t sum = 0;
  for (const wire::Call& call : calls) {
    const std::size_t size = call.request.size() + call.answer.bytes.size();
    if (size > one || (sum += size) > all) continue;
    small.push_back(call);
  }
  return small;
}

class Recorder : public ::testing::EmptyTestEventListener {
 public:
  explicit Recorder(const std::string& file) : file_(file) {}

  void OnTestStart(const ::testing::TestInfo& test) override {
    ::alarm(kTestSeconds);
    record_start(file_, name_of(test));
    wire::Session::current().begin();
  }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    wire::Session& session = wire::Session::current();
    session.end();
    ::alarm(0);
    const ::testing::TestResult& result = *test.result();
    TestRecord record;
    record.name = name_of(test);
    // A call without a proper answer fails the test, whatever the test made of it.
    record.passed = result.Passed() && session.problem().empty();
    if (!session.problem().empty()) record.failures.push_back(session.problem());
    for (int i = 0; i < result.total_part_count(); ++i)
      if (result.GetTestPartResult(i).failed())
        record.failures.push_back(result.GetTestPartResult(i).message());
    for (int i = 0; i < result.test_property_count(); ++i)
      if (std::string_view(result.GetTestProperty(i).key()) == "points")
        record.points = std::atoi(result.GetTestProperty(i).value());
    record.calls = record.passed ? small_ones(session.calls()) : session.calls();
    record_end(file_, record);
  }

  void OnTestProgramEnd(const ::testing::UnitTest&) override { record_finish(file_); }

 private:
  static std::string name_of(const ::testing::TestInfo& test) {
    return std::string(test.test_suite_name()) + "." + test.name();
  }

  std::string file_;
};

// Neither the user's environment nor a shell's decides which tests run.
void forget_gtest_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with("GTEST_") || text.starts_with("TEST_"))
      names.emplace_back(text.substr(0, text.find('=')));
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
}

int run(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  forget_gtest_variables();
  int count = 1;
  ::testing::InitGoogleTest(&count, argv);
  if (!options["--skip"].empty()) ::testing::GTEST_FLAG(filter) = "-" + options["--skip"];
  wire::Session::current().use(options["--worker"], options["--mode"],
                               std::clamp(std::atoi(options["--threads"].c_str()), 1, 64));
  auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Recorder(options["--record"]));
  // Its answer is not needed: that a test failed is in the record.
  [[maybe_unused]] const int failed = RUN_ALL_TESTS();
  return 0;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return gradus::kGraderFailed;
  }
}
