// 10: the matrix product, from the definition to the machine's peak.     docs/10_matmul.md

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "chapters/10_matmul/ladder.hpp"
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
Matrix best(const Matrix& a, const Matrix& b) { return matmul(a, b); }

const std::vector<Rung> rungs = {
    {"1 ijk", multiply_ijk, 512},        {"2 ikj", multiply_ikj, 1024},
    {"3 blocked", blocked, 1024},        {"4 tiled", multiply_tiled, 1024},
    {"5 packed", multiply_packed, 1024}, {"6 threaded", multiply_threaded, 1024, true},
    {"matmul", best, 1024, true}};

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

// 2 M N K operations by the time of the fastest of several products, in 10^9 a second.
double gflops(const Product& multiply, int m, int k, int n) {
  Random random(0);
  const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
  double fastest = 1e9, total = 0;
  for (int run = 0; run < 200 && (run < 3 || total < 0.1); ++run) {
    const auto start = std::chrono::steady_clock::now();
    const Matrix c = multiply(a, b);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    fastest = std::min(fastest, taken.count());
    total += taken.count();
  }
  return 2.0 * m * n * k / fastest / 1e9;
}

void climb(double one_core, double all_cores) {
  heading("512 x 512 x 512, GFLOP/s");
  Table table({"rung", "GFLOP/s", "times rung 1", "% of peak", "threads"});
  Values heights;
  Names names;
  for (const Rung& rung : rungs) {
    const double speed = gflops(rung.multiply, 512, 512, 512);
    heights.push_back(speed);
    names.push_back(rung.name);
    table.row({rung.name, fmt::format("{:.1f}", speed),
               fmt::format("{:.0f}", speed / heights.front()),
               fmt::format("{:.0f}", 100 * speed / (rung.threaded ? all_cores : one_core)),
               fmt::format("{}", rung.threaded ? most_threads() : 1)});
  }
  table.print();
  headline(fmt::format("{:.0f} GFLOP/s, {:.0f} times ijk", heights.back(),
                       heights.back() / heights.front()),
           "not in the notes");

  Figure figure("10_matmul/rungs.svg", "The same sums in another order: a hundred times faster",
                860, 440);
  figure.measured()
      .panel()
      .y_axis("GFLOP/s")
      .bars(names, heights)
      .horizontal(one_core)
      .text(0, one_core + 14, "peak of one core");
  show(figure);
}

void draw_sizes(double one_core) {
  use_threads(1);
  Figure figure("10_matmul/sizes.svg", "One thread: out of the cache only packed tiles stay up",
                860, 460);
  Panel& panel = figure.measured().panel();
  panel.x_axis("size n of n x n matrices").log_x().x_tics({32, 64, 128, 256, 512, 1024});
  panel.y_axis("GFLOP/s").horizontal(one_core, "peak of one core");
  for (const Rung& rung : rungs) {
    if (rung.name[0] == '6') continue;  // rung 5 on one thread
    Values sizes, speeds;
    for (int n = 32; n <= rung.largest; n *= 2) {
      sizes.push_back(n);
      speeds.push_back(gflops(rung.multiply, n, n, n));
    }
    panel.line(sizes, speeds, rung.name, {.shape = Shape::circle});
  }
  panel.key(Key::right);
  show(figure);
}

void draw_threads(double one_core) {
  Figure figure("10_matmul/threads.svg", "Threads: the large products gain most", 640, 420);
  Panel& panel = figure.measured().panel();
  Values threads, peak;
  for (int t = 1; t <= most_threads(); ++t) {
    threads.push_back(t);
    peak.push_back(t * one_core);
  }
  panel.x_axis("threads").x_tics(threads).y_axis("GFLOP/s");
  panel.line(threads, peak, "peak", {.colour = Colour::grey, .dashed = true});
  for (const auto& [m, k, n] : {std::tuple{1024, 1024, 1024}, {256, 784, 256}, {100, 100, 100}}) {
    Values speeds;
    for (double t : threads) {
      use_threads(static_cast<int>(t));
      speeds.push_back(gflops(best, m, k, n));
    }
    panel.line(threads, speeds, fmt::format("{} x {} x {}", m, k, n), {.shape = Shape::circle});
  }
  panel.key(Key::right);
  show(figure);
}

// Operations a byte, if a, b and c each crossed the memory bus once.
double intensity(double m, double k, double n) {
  return 2 * m * n * k / (sizeof(Scalar) * (m * k + k * n + m * n));
}

void draw_roofline(double one_core) {
  use_threads(1);
  const double bandwidth = memory_bandwidth();
  Figure figure("10_matmul/roofline.svg",
                "Roofline: these products have operations enough for the peak", 860, 460);
  Panel& panel = figure.measured().panel();
  panel.x_axis("operations a byte", {0.25, 512}).log_x().y_axis("GFLOP/s, one thread").log_y();
  panel.line({0.25, one_core / bandwidth, 512}, {0.25 * bandwidth, one_core, one_core},
             fmt::format("roof: {:.0f} GB/s, then {:.0f} GFLOP/s", bandwidth, one_core),
             {.colour = Colour::grey});
  for (const auto& [m, k, n] : {std::tuple{1, 784, 256},
                                {100, 100, 10},
                                {100, 784, 100},
                                {256, 784, 256},
                                {1024, 1024, 1024}})
    panel.points({intensity(m, k, n)}, {gflops(best, m, k, n)},
                 fmt::format("{} x {} x {}", m, k, n), {.size = 1.6});
  panel.key(Key::right);
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("10 matmul", [] {
    const int threads = most_threads();
    const double one_core = peak_gflops(1), all_cores = peak_gflops(threads);
    fmt::print("{}\npeak of multiply-adds: {:.0f} GFLOP/s on one core, {:.0f} on all\n", hardware(),
               one_core, all_cores);
    climb(one_core, all_cores);
    draw_sizes(one_core);
    use_threads(threads);
    draw_threads(one_core);
    draw_roofline(one_core);
  });
}
