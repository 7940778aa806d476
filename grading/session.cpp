#include "grading/session.hpp"

#include <algorithm>

namespace gradus::wire {
namespace {

// The slowest test of the references takes half a second; a busy machine has time enough.
constexpr std::chrono::milliseconds kCall{10'000};
constexpr std::chrono::milliseconds kTest{20'000};

// A submission that hangs everywhere is not waited for in every test.
constexpr int kMostLate = 3;

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
  if (late_ >= kMostLate)
    refuse(function, "not called: three tests ran out of time before this one");
  if (!worker_) worker_ = std::make_unique<WorkerProcess>(executable_, mode_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
  std::string request = request_body(function, packed_arguments);
  Answer answer = worker_->ask(request, std::clamp(left, std::chrono::milliseconds(1), kCall));
  calls_.push_back({function, std::move(request), answer});
  if (answer.fate == Answer::late) {
    ++late_;
    refuse(function, "no answer in time (10 s a call, 20 s a test)");
  }
  if (answer.fate != Answer::replied) refuse(function, answer.problem);
  return std::move(answer.bytes);
}

void Session::refuse(const std::string& function, const std::string& problem) {
  problem_ = function + ": " + problem;
  throw BrokenCall(problem_);
}

}  // namespace gradus::wire
