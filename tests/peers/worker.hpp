// What is measured runs in a process of its own, so that no library's waiting threads slow down
// another's. It answers lines with lines, and is stopped while others are measured.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace gradus::peers {

class Worker {
 public:
  // Runs `command` with these settings of the environment: "NAME=value", and "NAME" to take one away.
  Worker(std::string label, const std::vector<std::string>& command,
         const std::vector<std::string>& settings);
  ~Worker();
  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&&) = delete;

  // Lets the process run until it has answered this line: its answer, and the numbers of its answer.
  std::string ask_text(const std::string& line);
  std::vector<double> ask(const std::string& line);
  const std::string& label() const { return label_; }

 private:
  std::string label_;
  int pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

// The settings that make every library use so many threads.
std::vector<std::string> threads_of(int threads);

}  // namespace gradus::peers
