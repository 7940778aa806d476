#include "tests/peers/worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace gradus::peers {
namespace {

void apply(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos)
    unsetenv(setting.c_str());
  else
    setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
}

}  // namespace

Worker::Worker(std::string label, const std::vector<std::string>& command,
               const std::vector<std::string>& settings)
    : label_(std::move(label)) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot make a pipe");
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    for (const std::string& setting : settings) apply(setting);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = fdopen(in[1], "w");
  from_ = fdopen(out[0], "r");
  kill(pid_, SIGSTOP);
}

Worker::Worker(Worker&& other) noexcept
    : label_(std::move(other.label_)),
      pid_(std::exchange(other.pid_, 0)),
      to_(std::exchange(other.to_, nullptr)),
      from_(std::exchange(other.from_, nullptr)) {}

Worker::~Worker() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  std::fclose(to_);
  std::fclose(from_);
}

std::string Worker::ask_text(const std::string& line) {
  kill(pid_, SIGCONT);
  std::fprintf(to_, "%s\n", line.c_str());
  std::fflush(to_);
  std::array<char, 256> answer{};
  if (std::fgets(answer.data(), answer.size(), from_) == nullptr)
    throw std::runtime_error(label_ + " ended before its answer");
  kill(pid_, SIGSTOP);
  const std::string text = answer.data();
  return text.substr(0, text.find('\n'));
}

std::vector<double> Worker::ask(const std::string& line) {
  std::istringstream text(ask_text(line));
  std::vector<double> numbers;
  for (double number = 0; text >> number;) numbers.push_back(number);
  return numbers;
}

std::vector<std::string> threads_of(int threads) {
  std::vector<std::string> settings;
  for (const char* name : {"OMP_NUM_THREADS=", "OPENBLAS_NUM_THREADS=", "BLIS_NUM_THREADS="})
    settings.push_back(name + std::to_string(threads));
  return settings;
}

}  // namespace gradus::peers
