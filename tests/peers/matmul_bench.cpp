// matmul beside OpenBLAS, BLIS and Eigen, in one run.            ./gradus bench matmul
//
//   matmul_bench [--threads T]... [--rounds R] [--only TEXT] [--json FILE]
//   matmul_bench --growth      ours alone on squares from 64 to 4096: cost against arithmetic
//
// Each round measures every contender once on the same shape; the ratio of a shape is the median
// over the rounds of (time of the best peer / time of ours), so that slow drifts of the machine
// cancel. The best peer is chosen by its median, after the fact: the comparison is with the best of
// all of them at each shape. The peak is measured in each round as well: a processor's clock moves by
// a tenth within seconds.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/hardware.hpp"
#include "common/scalar.hpp"
#include "common/vectors.hpp"
#include "tests/peers/contender.hpp"

namespace {

using gradus::peers::contender_process;
using gradus::peers::Worker;

struct Shape {
  std::string op;
  int m, n, k;
  std::string text() const { return fmt::format("{} {}x{}x{}", op, m, n, k); }
};

// Squares, and what the layers of the chapters need forwards (nn) and backwards (tn dw, nt dx).
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int n : {256, 512, 1024, 2048}) all.push_back({"nn", n, n, n});
  for (const auto& [in, out] :
       {std::pair{784, 256}, {784, 100}, {256, 256}, {256, 100}, {256, 10}, {100, 100}, {100, 10}})
    for (int batch : {100, 128, 256}) {
      all.push_back({"nn", batch, out, in});
      all.push_back({"tn", in, out, batch});
      all.push_back({"nt", batch, in, out});
    }
  return all;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Result {
  Shape shape;
  std::vector<double> gflops;  // a contender, ours first
  std::size_t best = 1;        // which peer
  double ratio = 0;
  double share_of_peak = 0;
};

// Not of the shape: a short product on many threads would measure how long they take to wake.
double peak_gflops(Worker& peak) { return 2.0 / measure(peak, "nn", 1000, 1000, 1000, 0.004); }

Result measure(const Shape& shape, Worker& peak, std::vector<Worker>& workers, int rounds) {
  const double flops = 2.0 * shape.m * shape.n * shape.k;
  std::vector<std::vector<double>> times(workers.size());
  std::vector<double> peaks;
  if (flops > 1e9) rounds = std::max(5, rounds / 2);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < workers.size(); ++i) {
      const std::size_t w = (i + static_cast<std::size_t>(round)) % workers.size();
      times[w].push_back(measure(workers[w], shape.op, shape.m, shape.n, shape.k, 0.004));
    }
    peaks.push_back(peak_gflops(peak));
  }
  Result result{shape, {}, 1, 1e9, 0};
  for (std::size_t w = 0; w < workers.size(); ++w) {
    result.gflops.push_back(flops / median(times[w]) / 1e9);
    std::vector<double> ratios;
    for (std::size_t r = 0; r < times[w].size(); ++r) ratios.push_back(times[w][r] / times[0][r]);
    if (w == 0 || median(ratios) >= result.ratio) continue;
    result.ratio = median(ratios);
    result.best = w;
  }
  std::vector<double> shares;
  for (std::size_t r = 0; r < peaks.size(); ++r)
    shares.push_back(flops / times[0][r] / 1e9 / peaks[r]);
  result.share_of_peak = median(shares);
  return result;
}

std::vector<Worker> start_workers(int threads) {
  std::vector<Worker> workers;
  const auto start = [&](const std::string& label, const std::string& name,
                         const std::vector<std::string>& settings) {
    if (!gradus::peers::contender(name)) {
      fmt::print("{} is absent (./gradus bench --install-peers)\n", name);
      return;
    }
    workers.push_back(contender_process(label, name, threads, settings));
  };
  start("gradus", "gradus", {});
  // Shorter vectors than the processor has: the peers are held to them too. BLIS numbers its kernels: 0 is
  // for AVX-512, 3 and 6 are for AVX2 (Haswell, Zen 3), 5 for SSE (Penryn).
  const std::string width = gradus::vector_name;
  if (width == "AVX" && __builtin_cpu_supports("avx512f")) {
    start("openblas", "openblas", {"OPENBLAS_CORETYPE=Haswell"});
    start("blis 3", "blis", {"BLIS_ARCH_TYPE=3"});
    start("blis 6", "blis", {"BLIS_ARCH_TYPE=6"});
  } else if (width == "16-byte vectors" && __builtin_cpu_supports("avx")) {
    start("openblas", "openblas", {"OPENBLAS_CORETYPE=Nehalem"});
    start("blis 5", "blis", {"BLIS_ARCH_TYPE=5"});
  } else {
    start("openblas", "openblas", {});
    start("blis", "blis", {});
    // BLIS 0.9 takes its slow generic kernels on processors that it does not know by name.
    if (width == "AVX-512") start("blis 0", "blis", {"BLIS_ARCH_TYPE=0"});
  }
  start("eigen", "eigen", {});
  return workers;
}

nlohmann::json run(int threads, int rounds, const std::string& only) {
  auto workers = start_workers(threads);
  if (workers.size() < 2) throw std::runtime_error("no peer is installed to compare with");
  Worker peak = contender_process("peak", "peak", threads, {});
  const double first_peak = peak_gflops(peak);
  fmt::print("\n{}; of these {} used; peak {:.0f} GFLOP/s\n", gradus::hardware(), threads,
             first_peak);
  for (Worker& worker : workers) fmt::print("  {:<10}{}\n", worker.label(), about(worker));
  fmt::print("{:<18}", "GFLOP/s");
  for (const Worker& worker : workers) fmt::print("{:>10}", worker.label());
  fmt::print("{:>10}{:>10}\n", "% peak", "ratio");
  nlohmann::json rows = nlohmann::json::array();
  double logs = 0, worst = 1e9;
  int below = 0, count = 0;
  for (const Shape& shape : shapes()) {
    if (shape.text().find(only) == std::string::npos) continue;
    const Result r = measure(shape, peak, workers, rounds);
    fmt::print("{:<18}", shape.text());
    for (double g : r.gflops) fmt::print("{:>10.1f}", g);
    fmt::print("{:>10.0f}{:>10.3f}\n", 100 * r.share_of_peak, r.ratio);
    std::fflush(stdout);
    rows.push_back({{"op", shape.op},
                    {"m", shape.m},
                    {"n", shape.n},
                    {"k", shape.k},
                    {"gflops", r.gflops},
                    {"best_peer", workers[r.best].label()},
                    {"ratio", r.ratio},
                    {"share_of_peak", r.share_of_peak}});
    logs += std::log(r.ratio);
    worst = std::min(worst, r.ratio);
    below += r.ratio < 1;
    ++count;
  }
  if (count == 0) throw std::runtime_error("no shape contains '" + only + "'");
  fmt::print("{} threads: below 1.0 at {} of {} shapes\n", threads, below, count);
  fmt::print("worst ratio {:.3f}\ngeometric mean {:.3f}\n", worst, std::exp(logs / count));
  return {
      {"threads", threads}, {"vectors", gradus::vector_name},           {"peak_gflops", first_peak},
      {"worst", worst},     {"geometric_mean", std::exp(logs / count)}, {"shapes", rows}};
}

// Does the cost grow as the arithmetic does? Eight times the operations a row.
void growth() {
  Worker worker = contender_process("gradus", "gradus", 1, {});
  fmt::print("{}; 1 thread\n{:>6}{:>12}{:>12}{:>24}\n", gradus::hardware(), "n", "ms", "GFLOP/s",
             "times the row before");
  double last = 0;
  for (int n = 64; n <= 4096; n *= 2) {
    std::vector<double> times;
    for (int round = 0; round < (n > 1024 ? 3 : 9); ++round)
      times.push_back(measure(worker, "nn", n, n, n, 0.01));
    const double time = median(times);
    fmt::print("{:>6}{:>12.4f}{:>12.1f}{:>24}\n", n, 1e3 * time, 2.0 * n * n * n / time / 1e9,
               last > 0 ? fmt::format("{:.2f}", time / last) : "");
    last = time;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("matmul beside OpenBLAS, BLIS and Eigen");
  std::vector<int> threads;
  int rounds = 11;
  std::string only, json, contender;
  app.add_option("--threads", threads, "1 and all unless given")->check(CLI::Range(1, 1024));
  app.add_option("--rounds", rounds, "measurements of each contender")->check(CLI::Range(3, 1001));
  app.add_option("--only", only, "only shapes whose text contains this, such as 'nn 256'");
  app.add_option("--json", json, "write the results to this file as well");
  bool only_growth = false;
  app.add_flag("--growth", only_growth, "ours alone on squares from 64 to 4096");
  app.add_option("--serve", contender)->group("");
  CLI11_PARSE(app, argc, argv);
  try {
    if (!contender.empty()) return gradus::peers::serve(contender);
    std::signal(SIGPIPE, SIG_IGN);
    if (only_growth) return growth(), 0;
    if (threads.empty()) threads = {1};
    if (threads == std::vector{1} && omp_get_max_threads() > 1 && app.count("--threads") == 0)
      threads.push_back(omp_get_max_threads());
    nlohmann::json results = nlohmann::json::array();
    for (int t : threads) results.push_back(run(t, rounds, only));
    if (!json.empty()) {
      std::ofstream(json + ".new") << results.dump(2) << '\n';
      if (std::rename((json + ".new").c_str(), json.c_str()) != 0)
        throw std::runtime_error("cannot write " + json);
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
}
