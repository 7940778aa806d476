// The last step before a stranger's code: inside the sandbox, it gives up nearly every system call,
// says that it got so far, and becomes the worker.
//
//   launcher PROCESSES EXECUTABLE     with at most so many processes and threads; 0: no such limit
//
// What stays (libseccomp knows the numbers for each processor): reading and writing of open
// descriptors, memory, time, threads, signals to itself, the end. Everything else (files, sockets,
// processes, ptrace, kill) fails with EPERM.
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "grading/channel.hpp"

namespace {

constexpr const char* kAllowed[] = {
    // the channel
    "read", "write", "readv", "writev", "recvfrom", "sendto", "poll", "ppoll", "close",
    // memory
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk",
    // time, which a program may know and waste
    "time", "clock_gettime", "gettimeofday", "clock_nanosleep", "nanosleep", "sched_yield",
    // what the C library asks at the start and at the end, and of threads
    "execve", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "getrandom", "futex",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "getpid", "gettid", "exit",
    "exit_group"};

// A thread shares memory and belongs to the process; namespaces are none of its business.
constexpr unsigned long kThread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
constexpr unsigned long kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

bool forbid_the_rest() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) return false;
  bool ready = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
  const auto allow = [&](int call) {
    ready = ready && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  };
  for (const char* name : kAllowed)
    if (const int call = seccomp_syscall_resolve_name(name); call >= 0) allow(call);
  const scmp_arg_cmp itself{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()), 0};
  const scmp_arg_cmp thread{0, SCMP_CMP_MASKED_EQ, kThread | kNamespaces, kThread};
  ready = ready &&
          seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &itself) == 0 &&
          seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread) == 0 &&
          // Its flags are in memory, where no filter looks: the C library then takes clone.
          seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
          seccomp_load(filter) == 0;
  seccomp_release(filter);
  return ready;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 127;
  const auto processes = static_cast<rlim_t>(std::atoi(argv[1]));
  const rlimit both{processes, processes};
  if (processes > 0 && ::setrlimit(RLIMIT_NPROC, &both) != 0) return 127;
  if (!forbid_the_rest()) return 127;
  if (::write(gradus::wire::kChannel, &gradus::wire::kReady, 1) != 1) return 127;
  char* const words[] = {argv[2], nullptr};
  ::execve(argv[2], words, environ);
  return 127;
}
