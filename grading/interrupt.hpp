// Ctrl-C, politely: what runs is stopped, temporary files go away, what is done is kept.
#pragma once

#include <csignal>
#include <stdexcept>

namespace gradus {

// After Ctrl-C, or when the program was asked to end, the signal's number; before that 0.
extern volatile std::sig_atomic_t interrupted;

// From now on SIGINT, SIGTERM and SIGHUP set it.
void catch_interrupts();

// What work that cannot be stopped otherwise throws.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("stopped") {}
};

}  // namespace gradus
