// The system calls that are left to a worker.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace gradus {

// A program for the kernel's seccomp filter: what reads and writes open descriptors, asks for
// memory and ends the process is allowed; everything else (files, sockets, processes, threads,
// ptrace, kill) fails with EPERM. With `alone`, in a pid namespace of its own, a process may also
// signal itself, as abort() does.
std::vector<sock_filter> worker_filter(bool alone);

}  // namespace gradus
