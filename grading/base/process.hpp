// A program run in a process group of its own: no shell, no input, a deadline, bounded output.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

struct Command {
  std::vector<std::string> argv;
  std::filesystem::path folder;          // where it runs; empty: where the caller is
  std::vector<std::string> environment;  // "NAME=value", added to what the caller has
  std::chrono::milliseconds deadline{120'000};
  std::size_t memory = 0;                            // bytes of address space, 0: no limit
  std::size_t output = std::size_t{8} << 20;         // bytes kept: the first half and the last
  const volatile std::sig_atomic_t* stop = nullptr;  // it is killed when this is set, by Ctrl-C say
};

struct Outcome {
  int exit_code = 0;  // 128 + signal if a signal ended it, as in a shell
  int signal = 0;     // 0: it exited by itself
  bool timed_out = false;
  std::string output;  // standard output and standard error, as they came

  bool ok() const { return exit_code == 0 && !timed_out; }
};

// Returns when the program has ended or was killed at its deadline; whatever it started and left
// behind in its process group is killed too. A program that can not be started exits with 127.
// Safe to call from several threads at once.
Outcome run(const Command& command);

// "exit status 3", "signal 11", "no end within 20 s".
std::string describe(const Outcome& outcome, std::chrono::milliseconds deadline);

}  // namespace gradus
