#include "grading/sandbox.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "grading/base/process.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

std::vector<std::string> namespaces(const std::string& mode) {
  std::vector<std::string> words = {
      "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop",
      "ALL"};
  if (mode == "bwrap")
    words.insert(words.end(),
                 {"--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"});
  return words;
}

void add(std::vector<std::string>& words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
}

// /usr without /usr/local, where a school may keep things of its own; and the compiler's own
// folder when it is elsewhere.
void add_system(std::vector<std::string>& words, const std::string& compiler) {
  for (const char* folder : {"/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32",
                             "/usr/libexec", "/usr/include", "/usr/x86_64-linux-gnu"})
    add(words, {"--ro-bind-try", folder, folder});
  for (const char* link : {"/bin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code ignored;
    if (fs::is_symlink(link, ignored))
      add(words, {"--symlink", fs::read_symlink(link, ignored).string(), link});
    else
      add(words, {"--ro-bind-try", link, link});
  }
  for (const char* file :
       {"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"})
    add(words, {"--ro-bind-try", file, file});
  const fs::path home = fs::weakly_canonical(compiler).parent_path().parent_path();
  if (home != "/usr" && home != "/") add(words, {"--ro-bind", home.string(), home.string()});
}

// Where this program lies; the launcher lies beside it.
fs::path own_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (folder.starts_with('/') && ::access((folder + "/" + name).c_str(), X_OK) == 0)
      return folder + "/" + name;
  return name;
}

std::vector<std::string> worker_command(const std::string& executable, const std::string& mode) {
  const std::string launcher = (own_folder() / "launcher").string();
  // Outside of a namespace the limit would count everything else that the user runs.
  if (mode == kDirect) return {launcher, "0", executable};
  std::vector<std::string> words = namespaces(mode);
  add(words, {"--setenv",
              "OMP_WAIT_POLICY",
              "passive",
              "--setenv",
              "MALLOC_ARENA_MAX",
              "1",
              "--ro-bind",
              launcher,
              "/launcher",
              "--ro-bind",
              executable,
              "/worker",
              "--remount-ro",
              "/",
              "--chdir",
              "/",
              "--",
              "/launcher",
              std::to_string(kMostThreads),
              "/worker"});
  return words;
}

std::vector<std::string> workshop_command(const Workshop& workshop,
                                          const std::vector<std::string>& tool) {
  std::vector<std::string> words;
  if (workshop.mode != kDirect) {
    words = namespaces(workshop.mode);
    add_system(words, workshop.compiler);
    add(words, {"--size", "268435456", "--tmpfs", "/tmp"});
    for (const auto& [from, to] : workshop.read_only) add(words, {"--ro-bind", from.string(), to});
    add(words, {"--bind", workshop.output.string(), "/out", "--remount-ro", "/", "--chdir", "/out",
                "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LC_ALL", "C.UTF-8", "--"});
  }
  // 15 s of processor, 2 GB of addresses, 64 MB a file, no core dumps.
  add(words, {"/bin/sh", "-c",
              "ulimit -c 0 && ulimit -t 15 && ulimit -v 2097152 && ulimit -f 131072 && exec \"$@\"",
              "sh"});
  words.insert(words.end(), tool.begin(), tool.end());
  return words;
}

std::string find_sandbox(std::string& complaint) {
  for (const std::string& mode : kSandboxModes) {
    Command command;
    command.argv = namespaces(mode);
    add_system(command.argv, "/usr/bin/true");
    add(command.argv, {"--remount-ro", "/", "--", "/bin/sh", "-c", "exit 42"});
    command.deadline = std::chrono::seconds(20);
    const Outcome outcome = run(command);
    if (outcome.exit_code == 42) return mode;
    complaint = outcome.output.substr(0, outcome.output.find('\n'));
  }
  return "";
}

}  // namespace gradus
