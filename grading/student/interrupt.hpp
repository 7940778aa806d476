// Ctrl-C, politely: what runs is stopped, temporary files go away.
#pragma once

#include <csignal>

namespace gradus {

// Not 0 after Ctrl-C, or when the program was asked to end.
extern volatile std::sig_atomic_t interrupted;

// From now on SIGINT and SIGTERM set it.
void catch_interrupts();

}  // namespace gradus
