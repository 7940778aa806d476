#include "grading/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "grading/compare.hpp"
#include "grading/record.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::wire {
namespace {

// The slowest call of the references takes a tenth of a second; a busy machine has time enough.
constexpr std::chrono::milliseconds kCall{5'000};
constexpr std::chrono::milliseconds kTest{15'000};

// A call that took less is made twice by the veteran, whose limits are for all tests together.
constexpr std::chrono::milliseconds kQuick{20};
constexpr Limits kVeteran{std::size_t{4} << 30, 200};

// A function that hung once is not waited for again, and a submission that hangs everywhere not in
// every test.
constexpr std::size_t kMostLate = 6;

// What a test's calls may weigh in memory; a submission that answers with more is not diagnosed.
constexpr std::size_t kMostRecorded = std::size_t{128} << 20;

// Does the test call from within a parallel region?
bool in_a_region() {
#ifdef _OPENMP
  return omp_in_parallel();
#else
  return false;
#endif
}

}  // namespace

Session& Session::current() {
  static Session session;
  return session;
}

void Session::use(const std::string& executable, const std::string& mode, int threads) {
  executable_ = executable;
  mode_ = mode;
  usual_threads_ = threads_ = threads;
}

void Session::begin() {
  worker_.reset();
  calls_.clear();
  recorded_ = 0;
  problem_.clear();
  threads_ = usual_threads_;
  end_ = Clock::now() + kTest;
}

void Session::end() {
  for (const auto* worker : {&worker_, &veteran_})
    if (*worker && problem_.empty() && (*worker)->has_talked_out_of_turn())
      problem_ = "the program sent more than its reply";
  worker_.reset();
  if (!problem_.empty()) veteran_.reset();
}

// A test would take an exception for the submission's failure.
std::unique_ptr<WorkerProcess> Session::start(const Limits& limits) {
  try {
    return std::make_unique<WorkerProcess>(executable_, mode_, limits);
  } catch (const NoSandbox& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(kGraderFailed);
  }
}

std::string Session::exchange(const std::string& function, std::string_view packed_arguments) {
  if (!problem_.empty()) throw BrokenCall(problem_);
  if (late_.contains(function) || late_.size() >= kMostLate)
    refuse(function, "not called again: it did not answer in time before");
  if (!worker_) worker_ = start({});
  const std::string request = request_body(function, packed_arguments);
  const auto start = Clock::now();
  const int threads = in_a_region() ? -threads_ : threads_;
  Answer answer = worker_->ask(request, time_for_a_call(), threads);
  remember({function, request, answer, threads});
  const std::string reply = bytes_of(std::move(answer), function);
  if (threads_ == 1) ask_again(function, request, reply, Clock::now() - start < kQuick ? 2 : 1);
  return reply;
}

std::chrono::milliseconds Session::time_for_a_call() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
  return std::clamp(left, std::chrono::milliseconds(1), kCall);
}

std::string Session::bytes_of(Answer answer, const std::string& function) {
  if (answer.fate == Answer::late) {
    late_.insert(function);
    refuse(function, "no answer in time (5 s a call, 15 s a test)");
  }
  if (answer.fate != Answer::replied) refuse(function, answer.problem);
  return std::move(answer.bytes);
}

void Session::ask_again(const std::string& function, const std::string& request,
                        const std::string& reply, int times) {
  if (!veteran_) veteran_ = start(kVeteran);
  Answer answer = veteran_->ask(request, time_for_a_call(), threads_, times);
  while (true) {
    if (answer.fate == Answer::late) remember({function, request, answer});
    const std::string again = bytes_of(std::move(answer), function);
    if (!same_reply(again, reply)) {
      remember({function, request, {Answer::replied, again, ""}});
      refuse(function,
             "gives another answer to the same arguments when it is called again, or after other "
             "calls: does it keep something in a static or global variable, or read one that was "
             "never set?");
    }
    if (--times == 0) return;
    answer = veteran_->next(time_for_a_call());
  }
}

void Session::remember(Call call) {
  recorded_ += call.request.size() + call.answer.bytes.size();
  if (recorded_ > kMostRecorded)
    calls_.clear();  // some of the calls would say less than none: others fit them too
  else
    calls_.push_back(std::move(call));
}

void Session::refuse(const std::string& function, const std::string& problem) {
  problem_ = function + ": " + problem;
  throw BrokenCall(problem_);
}

}  // namespace gradus::wire
