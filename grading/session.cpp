#include "grading/session.hpp"

#include <algorithm>

namespace gradus::wire {
namespace {

// The slowest call of the references takes a tenth of a second; a busy machine has time enough.
constexpr std::chrono::milliseconds kCall{5'000};
constexpr std::chrono::milliseconds kTest{15'000};

// A function that hung once is not waited for again, and a submission that hangs everywhere not in
// every test.
constexpr std::size_t kMostLate = 6;

// What a test's calls may weigh in memory; a submission that answers with more is not diagnosed.
constexpr std::size_t kMostRecorded = std::size_t{64} << 20;

}  // namespace

Session& Session::current() {
  static Session session;
  return session;
}

void Session::use(const std::string& executable, const std::string& mode) {
  executable_ = executable;
  mode_ = mode;
}

void Session::begin() {
  worker_.reset();
  calls_.clear();
  recorded_ = 0;
  problem_.clear();
  end_ = Clock::now() + kTest;
}

void Session::end() {
  if (worker_ && problem_.empty() && worker_->has_talked_out_of_turn())
    problem_ = "the program sent more than its reply";
  worker_.reset();
}

std::string Session::exchange(const std::string& function, std::string_view packed_arguments) {
  if (!problem_.empty()) throw BrokenCall(problem_);
  if (late_.contains(function) || late_.size() >= kMostLate)
    refuse(function, "not called again: it did not answer in time before");
  if (!worker_) worker_ = std::make_unique<WorkerProcess>(executable_, mode_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
  std::string request = request_body(function, packed_arguments);
  Answer answer = worker_->ask(request, std::clamp(left, std::chrono::milliseconds(1), kCall));
  remember({function, std::move(request), answer});
  if (answer.fate == Answer::late) {
    late_.insert(function);
    refuse(function, "no answer in time (5 s a call, 15 s a test)");
  }
  if (answer.fate != Answer::replied) refuse(function, answer.problem);
  return std::move(answer.bytes);
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
