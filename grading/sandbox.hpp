// Where strangers' code runs: bubblewrap around it, limits on it, and for workers a filter that
// leaves next to no system call (launcher.cpp).
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace gradus {

// How programs are shut in.
//   bwrap         all namespaces, no further user namespaces
//   bwrap-basic   the same on kernels or in containers that refuse the last point
//   direct        limits and the filter, but no namespaces: our own mutants, and --unsafe
inline const std::vector<std::string> kSandboxModes = {"bwrap", "bwrap-basic"};
inline const std::string kDirect = "direct";

// How many threads a worker may have, and some more: each of them counts as a process.
inline constexpr int kMostThreads = 64;

// The command line that runs `executable` as a worker, by way of the launcher, and shows it nothing
// but the two.
std::vector<std::string> worker_command(const std::string& executable, const std::string& mode);

// What a compiler or a linker sees: itself, the system's headers and libraries, these files read
// only, and one folder that it may write to.
struct Workshop {
  std::string mode;
  std::vector<std::pair<std::filesystem::path, std::string>> read_only;  // here → in there
  std::filesystem::path output;                                          // is /out in there
  std::string compiler;
};

// The command line that runs `tool` in there with limits on processor time, memory and file size.
std::vector<std::string> workshop_command(const Workshop& workshop,
                                          const std::vector<std::string>& tool);

// A program of PATH, as execve() wants it.
std::string find_program(const std::string& name);

// The first mode that works here, found by running a harmless program; empty if none does, with
// the reason in `complaint`.
std::string find_sandbox(std::string& complaint);

}  // namespace gradus
