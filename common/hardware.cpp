#include "common/hardware.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "common/require.hpp"
#include "common/vectors.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (const std::size_t colon = line.find(": ");
        line.starts_with("model name") && colon != std::string::npos)
      return line.substr(colon + 2);
  return "unknown processor";
}

int threads_available() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

// Multiply-adds of 12 independent vectors, `turns` times, turns > 0; y and result are (12 lanes). By
// itself, so that no compiler sees what becomes of the result and takes a shorter way to it.
[[gnu::noinline]] void multiply_add(long turns, Scalar x, const Scalar* y, Scalar* result) {
  Scalar sum[12][lanes];
  GRADUS_UNROLL
  for (int i = 0; i < 12; ++i) {
#pragma omp simd
    for (int j = 0; j < lanes; ++j) sum[i][j] = y[i * lanes + j];
  }
  do {
    GRADUS_UNROLL
    for (int i = 0; i < 12; ++i) {
#pragma omp simd
      for (int j = 0; j < lanes; ++j) sum[i][j] = sum[i][j] * x + y[j];
    }
  } while (--turns > 0);
  GRADUS_UNROLL
  for (int i = 0; i < 12; ++i) {
#pragma omp simd
    for (int j = 0; j < lanes; ++j) result[i * lanes + j] = sum[i][j];
  }
}

}  // namespace

std::string hardware() {
  const int threads = threads_available();
  return processor() + ", " + std::to_string(threads) +
         (threads == 1 ? " thread, " : " threads, ") + vector_name + ", " +
         (sizeof(Scalar) == 4 ? "float" : "double");
}

void multiply_adds(double operations, int threads) {
  require_not_negative("multiply_adds: operations", operations);
  require_at_least("multiply_adds: threads", threads, 1);
  const long turns = static_cast<long>(operations / (2 * 12 * lanes) / threads);
  volatile Scalar half = Scalar(0.5);
  std::vector<Scalar> start(12 * lanes);
  std::iota(start.begin(), start.end(), Scalar(1));
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; ++t) {
    Scalar result[12 * lanes];
    multiply_add(turns, half, start.data(), result);
    [[maybe_unused]] volatile Scalar sum = std::accumulate(result, result + 12 * lanes, Scalar(0));
  }
}

double peak_gflops(int threads) {
  require_at_least("peak_gflops: threads", threads, 1);
  const double operations = 1e9 * threads;
  double best = 0;
  // Long enough for a core to speed up, and for the system to give each thread a core of its own:
  // until it has, two threads on one core are as fast as one.
  const double long_enough = threads == 1 ? 0.2 : 1;
  const auto begin = Clock::now();
  while (seconds_since(begin) < long_enough) {
    const auto start = Clock::now();
    multiply_adds(operations, threads);
    best = std::max(best, operations / seconds_since(start) / 1e9);
  }
  return best;
}

double read_bandwidth(std::size_t bytes) {
  require(bytes >= 4096, "read_bandwidth: needs at least 4096 bytes");
  constexpr std::size_t step = 8 * lanes;
  const std::vector<Scalar> values(bytes / sizeof(Scalar) / step * step, Scalar(1));
  const std::size_t passes = 256'000'000 / bytes + 1;
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    Scalar sum[step] = {};
    const auto start = Clock::now();
    for (std::size_t pass = 0; pass < passes; ++pass)
      for (std::size_t i = 0; i < values.size(); i += step) {
#pragma omp simd
        for (std::size_t j = 0; j < step; ++j) sum[j] += values[i + j];
      }
    const double took = seconds_since(start);
    const Scalar total = std::accumulate(sum, sum + step, Scalar(0));
    const double read = static_cast<double>(passes * values.size() * sizeof(Scalar));
    if (total > 0) best = std::max(best, read / took / 1e9);
  }
  return best;
}

}  // namespace gradus
