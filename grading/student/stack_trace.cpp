#include "grading/student/stack_trace.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <typeinfo>

// Traces are taken where the GNU C library is; elsewhere failures have no line, and all else works.
#ifdef __GLIBC__
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <ucontext.h>
#endif

namespace gradus {
namespace {

constexpr int kFrames = 48;

struct Trace {
  void* frames[kFrames];
  int count = 0;
};

int records = -1;      // for the signal handler
Trace last_exception;  // kept by __cxa_throw below

void write_all(int file, const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(file, text, size);
    if (written <= 0) return;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
}

#ifdef __GLIBC__

// Where the program was loaded; the addresses in its file count from 0.
std::uintptr_t base = 0;

void find_base() {
  const auto first = [](dl_phdr_info* program, std::size_t, void*) {
    base = program->dlpi_addr;
    return 1;
  };
  ::dl_iterate_phdr(first, nullptr);
}

void take(Trace& trace) { trace.count = ::backtrace(trace.frames, kFrames); }

// The instruction that a signal struck, as the processor names it.
void* struck_at([[maybe_unused]] void* context) {
#if defined(__x86_64__)
  return reinterpret_cast<void*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<void*>(static_cast<ucontext_t*>(context)->uc_mcontext.pc);
#else
  return nullptr;
#endif
}

// A signal handler may call next to nothing, so numbers are written by hand.
class Line {
 public:
  void add(const char* text) {
    while (*text != '\0' && size_ < sizeof text_) text_[size_++] = *text++;
  }
  void add(std::uintptr_t value, unsigned base_of_number) {
    char digits[24];
    int count = 0;
    do digits[count++] = "0123456789abcdef"[value % base_of_number];
    while ((value /= base_of_number) != 0);
    while (count > 0 && size_ < sizeof text_) text_[size_++] = digits[--count];
  }
  // A frame that has called another one is at the instruction behind the call.
  void add(const Trace& trace, const void* exact) {
    for (int i = 0; i < trace.count; ++i) {
      const auto address = reinterpret_cast<std::uintptr_t>(trace.frames[i]) - base;
      add(" ");
      add(trace.frames[i] == exact ? address : address - 1, 16);
    }
    add("\n");
  }
  void write() const { write_all(records, text_, size_); }

 private:
  char text_[32 + 17 * kFrames];
  std::size_t size_ = 0;
};

void leave_trace(int signal, siginfo_t*, void* context) {
  Trace trace;
  take(trace);
  Line line;
  line.add("signal ");
  line.add(static_cast<std::uintptr_t>(signal), 10);
  line.add(trace, struck_at(context));
  line.write();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void catch_signals() {
  Trace unused;
  take(unused);  // loads what it needs, outside of a handler
  static char
      stack[std::size_t{1} << 16];  // a function that calls itself without end has used up its own
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  ::sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_sigaction = leave_trace;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM})
    ::sigaction(signal, &action, nullptr);
}

#endif

}  // namespace

Records::Records(const std::string& file)
    : file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) std::_Exit(3);
  records = file_;
#ifdef __GLIBC__
  find_base();
  catch_signals();
#endif
}

void Records::write(const std::string& text) const { write_all(file_, text.data(), text.size()); }

void Records::trace_of_exception() const {
#ifdef __GLIBC__
  Line line;
  line.add("threw");
  line.add(last_exception, nullptr);
  line.write();
#endif
}

}  // namespace gradus

#ifdef __GLIBC__
// Every throw comes through here on its way to the one of the C++ library.
extern "C" [[noreturn]] void __cxa_throw(void* exception, std::type_info* type,
                                         void (*destroy)(void*)) {
  using Throw = void (*)(void*, std::type_info*, void (*)(void*));
  static const auto real = reinterpret_cast<Throw>(::dlsym(RTLD_NEXT, "__cxa_throw"));
  gradus::take(gradus::last_exception);
  real(exception, type, destroy);
  std::abort();
}
#endif
