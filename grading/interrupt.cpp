#include "grading/interrupt.hpp"

namespace gradus {

volatile std::sig_atomic_t interrupted = 0;

void catch_interrupts() {
  const auto remember = [](int signal) { interrupted = signal; };
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (std::signal(signal, remember) == SIG_IGN) std::signal(signal, SIG_IGN);  // nohup
}

}  // namespace gradus
