// The tests' own test: every listed mutant must make the test fail that its entry names.
//
//   mutants --list tests/mutants/01_perceptron.json --root SOURCES --build ARGUMENTS.json
//           --work FOLDER [--jobs N] [--only ID]... [--at-least N] [--deadline SECONDS]
//           [--optimize 0]
//
// With GRADUS_DAY=D in the environment only each tenth, on other days others: see day.hpp.
// --optimize 0: the compiler does not optimize the mutants, which takes a quarter off their time.
// Exit status: 0 all caught as named, 1 some not, 2 the list, the build or the reference is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <thread>

#include "grading/base/files.hpp"
#include "tests/tools/arguments.hpp"
#include "tests/tools/day.hpp"
#include "tests/tools/mutant_trial.hpp"
#include "tests/tools/mutation.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

constexpr int kAtLeast = 12;
constexpr std::size_t kDays = 10;

const char* label(Verdict verdict) {
  switch (verdict) {
    case Verdict::Caught: return "caught";
    case Verdict::Survived: return "SURVIVED";
    case Verdict::CaughtElsewhere: return "CAUGHT ELSEWHERE";
    case Verdict::DidNotCompile: return "DID NOT COMPILE";
    case Verdict::NoSuchTest: return "NO SUCH TEST";
    case Verdict::NoMatch: return "NO MATCH";
  }
  return "?";
}

TrialSetup parse_setup(const Arguments& arguments) {
  TrialSetup setup;
  setup.root = fs::canonical(arguments.required("--root"));
  setup.work = fs::weakly_canonical(fs::absolute(arguments.required("--work")));
  setup.build = load_build_arguments(arguments.required("--build"));
  if (const auto level = arguments.number("--optimize"))
    setup.build.compile.push_back(fmt::format("-O{}", *level));
  setup.deadline = std::chrono::seconds(arguments.number("--deadline").value_or(20));
  // Copies below a folder that holds the sources could land on them.
  const auto [end, unused] =
      std::mismatch(setup.work.begin(), setup.work.end(), setup.root.begin(), setup.root.end());
  if (end == setup.work.end())
    throw ToolError(fmt::format("--work {}: must not contain the sources", setup.work.string()));
  return setup;
}

// Of all mutants those whose turn it is, at least one.
std::vector<Mutant> todays(const std::vector<Mutant>& mutants) {
  std::vector<Mutant> chosen;
  for (std::size_t i = 0; i < mutants.size(); ++i)
    if (in_turn(i, kDays)) chosen.push_back(mutants[i]);
  return chosen.empty() ? std::vector<Mutant>{mutants.front()} : chosen;
}

std::vector<Mutant> parse_list(const Arguments& arguments) {
  const std::string list = arguments.required("--list");
  std::vector<Mutant> mutants = load_mutants(list);
  const std::vector<std::string> only = arguments.all("--only");
  if (only.empty()) {
    const int at_least = arguments.number("--at-least").value_or(kAtLeast);
    if (static_cast<int>(mutants.size()) < at_least)
      throw ToolError(
          fmt::format("{}: {} mutants, at least {} are wanted", list, mutants.size(), at_least));
    return todays(mutants);
  }
  std::vector<Mutant> chosen;
  for (const std::string& id : only) {
    const auto same = [&](const Mutant& mutant) { return mutant.id == id; };
    const auto found = std::find_if(mutants.begin(), mutants.end(), same);
    if (found == mutants.end()) throw ToolError(fmt::format("{}: no mutant {}", list, id));
    chosen.push_back(*found);
  }
  return chosen;
}

// Tries the mutants on several threads, but shows them in the order of the list.
std::map<Verdict, int> try_all(const TrialSetup& setup, const std::vector<Mutant>& mutants,
                               int jobs) {
  std::vector<std::promise<Trial>> trials(mutants.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < mutants.size(); i = next++) {
      try {
        trials[i].set_value(try_mutant(setup, mutants[i]));
      } catch (...) {
        trials[i].set_exception(std::current_exception());
      }
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < jobs; ++i) threads.emplace_back(work);
  std::size_t width = 0;
  for (const Mutant& mutant : mutants) width = std::max(width, mutant.id.size());
  std::map<Verdict, int> count;
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    const Trial trial = trials[i].get_future().get();
    ++count[trial.verdict];
    fmt::print("{:<9} {:<{}}   {}\n", label(trial.verdict), mutants[i].id, width, trial.note);
    std::fflush(stdout);
  }
  return count;
}

int run_mutants(int argc, char** argv) {
  const Arguments arguments(argc, argv,
                            {"--list", "--root", "--build", "--work", "--jobs", "--only",
                             "--at-least", "--deadline", "--optimize"},
                            {});
  if (!arguments.rest().empty())
    throw ToolError(fmt::format("{}: not understood", arguments.rest().front()));
  TrialSetup setup = parse_setup(arguments);
  const std::vector<Mutant> mutants = parse_list(arguments);
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int jobs = std::max(1, arguments.number("--jobs").value_or(cores));
  precompile_headers(setup.build, setup.work);
  setup.tests = check_reference(setup, mutants);
  std::map<Verdict, int> count = try_all(setup, mutants, jobs);
  std::string summary = fmt::format("{} mutants: {} caught, {} survived", mutants.size(),
                                    count[Verdict::Caught], count[Verdict::Survived]);
  for (const auto& [verdict, text] : {std::pair{Verdict::CaughtElsewhere, "caught elsewhere"},
                                      std::pair{Verdict::DidNotCompile, "did not compile"},
                                      std::pair{Verdict::NoSuchTest, "without their test"},
                                      std::pair{Verdict::NoMatch, "no longer matching"}})
    if (count[verdict] > 0) summary += fmt::format(", {} {}", count[verdict], text);
  fmt::print("{}\n", summary);
  return count[Verdict::Caught] == static_cast<int>(mutants.size()) ? 0 : 1;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  try {
    return gradus::run_mutants(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "mutants: {}\n", e.what());
    return 2;
  }
}
