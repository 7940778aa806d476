#include "common/hardware.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

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
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

int threads_available() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

// Multiply-adds of 12 independent vectors, `turns` times. The result depends on all of them, so that
// no compiler can leave them out.
Scalar multiply_add(long turns, Scalar x) {
  constexpr int rows = 12;
  Scalar sum[rows][lanes] = {}, y[lanes];
  for (int j = 0; j < lanes; ++j) y[j] = Scalar(1) / Scalar(j + 3);
  for (long t = 0; t < turns; ++t) {
    GRADUS_UNROLL
    for (int i = 0; i < rows; ++i) {
#pragma omp simd
      for (int j = 0; j < lanes; ++j) sum[i][j] = sum[i][j] * x + y[j];
    }
  }
  Scalar total = 0;
  for (const auto& row : sum)
    for (Scalar value : row) total += value;
  return total;
}

}  // namespace

std::string hardware() {
  const int threads = threads_available();
  return processor() + ", " + std::to_string(threads) +
         (threads == 1 ? " thread, " : " threads, ") + vector_name + ", " +
         (sizeof(Scalar) == 4 ? "float" : "double");
}

void multiply_adds(double operations, int threads) {
  const long turns = static_cast<long>(operations / (2 * 12 * lanes) / threads);
  volatile Scalar half = Scalar(0.5);
  Scalar sum = 0;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : sum)
  for (int t = 0; t < threads; ++t) sum += multiply_add(turns, half);
  [[maybe_unused]] volatile Scalar result = sum;
}

double peak_gflops(int threads) {
  const double operations = 1e9 * threads;
  double best = 0;
  for (int run = 0; run < 7; ++run) {
    const auto start = Clock::now();
    multiply_adds(operations, threads);
    best = std::max(best, operations / seconds_since(start) / 1e9);
  }
  return best;
}

double memory_bandwidth() {
  const std::vector<Scalar> values(256'000'000 / sizeof(Scalar), Scalar(1));
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    Scalar sum[8 * lanes] = {};
    const auto start = Clock::now();
    for (std::size_t i = 0; i + 8 * lanes <= values.size(); i += 8 * lanes) {
#pragma omp simd
      for (int j = 0; j < 8 * lanes; ++j) sum[j] += values[i + static_cast<std::size_t>(j)];
    }
    const double took = seconds_since(start);
    Scalar total = 0;
    for (Scalar value : sum) total += value;
    if (total > 0) best = std::max(best, 0.256 / took);
  }
  return best;
}

}  // namespace gradus
