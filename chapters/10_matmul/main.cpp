// 10: the matrix product, from the definition to the machine's peak.     docs/10_matmul.md

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "chapters/10_matmul/matmul.hpp"
#include "common/hardware.hpp"
#include "common/matmul.hpp"
#include "common/random.hpp"
#include "common/report.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

using namespace gradus;

namespace {

using Product = std::function<Matrix(const Matrix&, const Matrix&)>;

struct Rung {
  std::string name;
  Product multiply;
  int largest;            // size up to which it is timed
  bool threaded = false;  // takes all threads
};

Matrix blocked(const Matrix& a, const Matrix& b) { return multiply_blocked(a, b, 256); }
Matrix sliced(const Matrix& a, const Matrix& b) { return multiply_sliced(a, b, 256); }
Matrix best(const Matrix& a, const Matrix& b) { return matmul(a, b); }

const std::vector<Rung> rungs = {
    {"1 ijk", multiply_ijk, 512},        {"2 ikj", multiply_ikj, 1024},
    {"3 blocked", blocked, 1024},        {"4 tiled", multiply_tiled, 2048},
    {"5 packed", multiply_packed, 2048}, {"6 threaded", multiply_threaded, 2048, true},
    {"7 sliced", sliced, 2048, true},    {"matmul", best, 2048, true}};

void use_threads([[maybe_unused]] int threads) {
#ifdef _OPENMP
  omp_set_num_threads(threads);
#endif
}

int most_threads() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

// 2 M N K operations by the fastest of many runs of multiply(run), in 10^9 per second.
double gflops(int m, int k, int n, const std::function<Matrix(int)>& multiply) {
  double fastest = 1e9, total = 0;
  for (int run = 0; run < 200 && (run < 3 || total < 0.1); ++run) {
    const auto start = std::chrono::steady_clock::now();
    const Matrix c = multiply(run);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    fastest = std::min(fastest, taken.count());
    total += taken.count();
  }
  return 2.0 * m * n * k / fastest / 1e9;
}

// The same matrices again and again: small ones stay in the cache.
double gflops(const Product& multiply, int m, int k, int n) {
  Random random(0);
  const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
  return gflops(m, k, n, [&](int) { return multiply(a, b); });
}

// Another b in each run, of as many as no cache holds: it comes from memory.
double gflops_from_memory(const Product& multiply, int m, int k, int n) {
  Random random(0);
  const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
  const std::vector<Matrix> copies(256'000'000 / (sizeof(Scalar) * k * n) + 1, b);
  return gflops(m, k, n, [&](int run) { return multiply(a, copies[run % copies.size()]); });
}

// Each bar under the peak that it can reach: that of one core, or that of all.
void draw_rungs(const std::vector<double>& speeds, double one_core, double all_cores) {
  Figure figure("10_matmul/rungs.svg",
                fmt::format("512 × 512 × 512: the same sums in another order, {:.0f} times as fast",
                            speeds.back() / speeds.front()),
                860, 440);
  const double top = std::max(all_cores, std::ranges::max(speeds)), gap = 0.03 * top;
  Names names;
  for (const Rung& rung : rungs) names.push_back(rung.name);
  Panel& panel = figure.measured().panel();
  panel.y_axis("GFLOP/s", {0, 1.15 * top}).bars(names, speeds);
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    const bool inside = speeds[i] > 4 * gap;  // the bar
    panel.text(static_cast<double>(i), inside ? speeds[i] - gap : speeds[i] + gap,
               fmt::format("{:.{}f}", speeds[i], speeds[i] < 10 ? 1 : 0), Align::centre,
               inside ? Colour::white : Colour::black);
  }
  const Style dashed = {.colour = Colour::grey, .dashed = true};
  const auto alone = static_cast<double>(std::ranges::count(rungs, false, &Rung::threaded));
  const auto all = static_cast<double>(rungs.size());
  panel.line({-0.5, alone - 0.5}, {one_core, one_core}, "", dashed);
  panel.line({alone - 0.5, all - 0.5}, {all_cores, all_cores}, "", dashed);
  panel.text(-0.4, one_core + gap, fmt::format("peak of one core: {:.0f}", one_core));
  panel.text(alone - 0.4, all_cores + gap, fmt::format("peak of all threads: {:.0f}", all_cores));
  show(figure);
}

std::string climb(double one_core, double all_cores) {
  heading("512 x 512 x 512, GFLOP/s");
  Table table({"rung", "GFLOP/s", "times rung 1", "% of peak", "threads"});
  std::vector<double> speeds;
  for (const Rung& rung : rungs) {
    const double speed = gflops(rung.multiply, 512, 512, 512);
    speeds.push_back(speed);
    table.row({rung.name, fmt::format("{:.1f}", speed),
               fmt::format("{:.0f}", speed / speeds.front()),
               fmt::format("{:.0f}", 100 * speed / (rung.threaded ? all_cores : one_core)),
               fmt::format("{}", rung.threaded ? most_threads() : 1)});
  }
  table.print();
  draw_rungs(speeds, one_core, all_cores);
  return fmt::format("{:.0f} GFLOP/s, {:.0f} times ijk", speeds.back(),
                     speeds.back() / speeds.front());
}

void draw_sizes(double one_core) {
  use_threads(1);
  std::map<std::string, std::map<int, double>> speeds;  // by rung and size
  for (const Rung& rung : rungs)
    for (int n = 32; n <= rung.largest && rung.name != "6 threaded"; n *= 2)
      speeds[rung.name][n] = gflops(rung.multiply, n, n, n);
  const auto change = [&](const std::string& name) {
    return fmt::format("{} {:.0f} to {:.0f}", name, speeds[name][512], speeds[name][2048]);
  };
  Figure figure("10_matmul/sizes.svg",
                fmt::format("n = 512 to 2048, GFLOP/s: {}, {}, {}", change("4 tiled"),
                            change("5 packed"), change("7 sliced")),
                940, 460);
  Panel& panel = figure.measured().panel();
  panel.x_axis("size n of n × n matrices").log_x().x_tics({32, 64, 128, 256, 512, 1024, 2048});
  panel.y_axis("GFLOP/s, one thread").horizontal(one_core, "peak of one core");
  for (const auto& [name, by_size] : speeds) {
    Values sizes, values;
    for (const auto& [n, speed] : by_size) sizes.push_back(n), values.push_back(speed);
    panel.line(sizes, values, name, {.shape = Shape::circle});
  }
  panel.key(Key::right);
  show(figure);
}

void draw_threads() {
  const int most = most_threads();
  Values threads;
  for (int t = 1; t < most; t *= 2) threads.push_back(t);
  threads.push_back(most);
  std::vector<Values> gains;
  const std::vector<std::array<int, 3>> shapes = {
      {1024, 1024, 1024}, {256, 784, 256}, {100, 100, 100}};
  for (const auto& [m, k, n] : shapes) {
    gains.emplace_back();
    for (double t : threads) {
      use_threads(static_cast<int>(t));
      gains.back().push_back(gflops(best, m, k, n));
    }
    const double alone = gains.back().front();
    for (double& speed : gains.back()) speed /= alone;
  }
  Figure figure("10_matmul/threads.svg",
                fmt::format("With {} threads the largest product is {:.1f} times as fast, "
                            "the smallest {:.1f} times",
                            most, gains.front().back(), gains.back().back()),
                820, 440);
  Panel& panel = figure.measured().panel();
  panel.x_axis("threads", {0.8, most + 0.2}).x_tics(threads);
  panel.y_axis("times as fast as with one thread", {0, 1.1 * most});
  panel.line(threads, threads, "number of threads", {.colour = Colour::grey, .dashed = true});
  for (std::size_t i = 0; i < shapes.size(); ++i)
    panel.line(threads, gains[i],
               fmt::format("{} × {} × {}", shapes[i][0], shapes[i][1], shapes[i][2]),
               {.shape = Shape::circle});
  panel.key(Key::line_ends);
  show(figure);
}

// Operations per byte, if a, b and c each cross the memory bus once.
double intensity(double m, double k, double n) {
  return 2 * m * n * k / (sizeof(Scalar) * (m * k + k * n + m * n));
}

// One layer, 784 inputs and 256 units, under batches of 1 to 256 samples.
void draw_roofline(double one_core) {
  use_threads(1);
  constexpr std::size_t weights = 784 * 256 * sizeof(Scalar);
  const double memory = read_bandwidth(256'000'000), cache = read_bandwidth(weights);
  Values operations, cached, from_memory;
  for (int batch = 1; batch <= 256; batch *= 4) {
    operations.push_back(intensity(batch, 784, 256));
    from_memory.push_back(gflops_from_memory(best, batch, 784, 256));
    cached.push_back(gflops(best, batch, 784, 256));
  }
  Figure figure("10_matmul/roofline.svg",
                fmt::format("Weights from memory: {:.1f} GFLOP/s with a batch of 1, {:.0f} with a "
                            "batch of 256",
                            from_memory.front(), from_memory.back()),
                860, 460);
  Panel& panel = figure.measured().panel();
  panel.x_axis("operations per byte", {0.25, 512}).log_x();
  panel.y_axis("GFLOP/s, one thread", {from_memory.front() / 3, 2 * one_core}).log_y();
  const auto roof = [&](const std::string& of, double bandwidth, bool dashed) {
    panel.line(
        {0.25, one_core / bandwidth, 512}, {0.25 * bandwidth, one_core, one_core},
        fmt::format("roof of the {}: {:.0f} GB/s, then {:.0f} GFLOP/s", of, bandwidth, one_core),
        {.colour = Colour::grey, .dashed = dashed});
  };
  roof("memory", memory, false);
  roof("cache that holds the weights", cache, true);
  panel.line(operations, from_memory, "weights from memory", {.shape = Shape::circle, .size = 1.4});
  panel.line(operations, cached, "weights in the cache",
             {.dashed = true, .shape = Shape::ring, .size = 1.4});
  for (std::size_t i = 0; i < operations.size(); ++i)
    panel.text(operations[i], from_memory[i] / 1.6,
               fmt::format("{}{}", i == 0 ? "batch of " : "", 1 << 2 * i), Align::centre);
  panel.key(Key::above);
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("10 matmul", [] {
    const int threads = most_threads();
    const double one_core = peak_gflops(1), all_cores = peak_gflops(threads);
    fmt::print("{}\npeak of multiply-adds: {:.0f} GFLOP/s on one core, {:.0f} on all\n", hardware(),
               one_core, all_cores);
    const std::string speed = climb(one_core, all_cores);
    draw_sizes(one_core);
    use_threads(threads);
    draw_threads();
    draw_roofline(one_core);
    return Headline{speed, "-"};
  });
}
