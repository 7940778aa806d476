// Chapter 10: each rung on 500 random shapes, and the ladder rises.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>

#include "chapters/10_matmul/matmul.hpp"
#include "common/hardware.hpp"
#include "common/matmul.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using Product = std::function<Matrix(const Matrix&, const Matrix&)>;

const std::vector<std::pair<const char*, Product>> rungs = {
    {"ijk", multiply_ijk},
    {"ikj", multiply_ikj},
    {"blocked", [](const Matrix& a, const Matrix& b) { return multiply_blocked(a, b, 64); }},
    {"tiled", multiply_tiled},
    {"packed", multiply_packed},
    {"threaded", multiply_threaded},
    {"sliced", [](const Matrix& a, const Matrix& b) { return multiply_sliced(a, b, 64); }},
    {"matmul", [](const Matrix& a, const Matrix& b) { return matmul(a, b); }}};

// Against a sum in double of the float factors: products of floats are exact there, and with K up to
// 300 its own error is 10^6 times below the bound γ_K Σ|a||b| of the test of the chapter.
TEST(LadderClaims, EveryRungIsRightOnFiveHundredRandomShapes) {
  Random random = test_random(300);
  for (int shape = 0; shape < 500; ++shape) {
    const auto size = [&](int most) { return static_cast<int>(random.randint(1, most)); };
    const int m = size(120), k = size(300), n = size(120);
    const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
    std::vector<double> sum(static_cast<std::size_t>(m * n)), bound(sum.size());
    for (int i = 0; i < m; ++i)
      for (int l = 0; l < k; ++l)
        for (int j = 0; j < n; ++j) {
          const double product = double{a(i, l)} * double{b(l, j)};
          sum[i * n + j] += product;
          bound[i * n + j] +=
              k * double{std::numeric_limits<Scalar>::epsilon()} * std::abs(product);
        }
    for (const auto& [name, multiply] : rungs) {
      const Matrix c = multiply(a, b);
      ASSERT_EQ(c.size(), m * n) << name;
      for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j)
          ASSERT_TRUE(near(c(i, j), sum[i * n + j], bound[i * n + j]))
              << name << " at (" << i << "," << j << ") of " << m << "x" << k << "x" << n;
    }
  }
}

// Seconds of one product, the best of several.
double best_time(const Product& multiply, const Matrix& a, const Matrix& b, int runs) {
  double best = 1e9;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const Matrix c = multiply(a, b);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

// Generous factors: what must be seen on any machine, even a busy one.
TEST(LadderClaims, TheLadderRises) {
  Random random = test_random(301);
  const Matrix a = random.normal_matrix(0, 1, 512, 512), b = random.normal_matrix(0, 1, 512, 512);
  const double ijk = best_time(multiply_ijk, a, b, 3), ikj = best_time(multiply_ikj, a, b, 7);
  const double tiled = best_time(multiply_tiled, a, b, 15);
  const double packed = best_time(multiply_packed, a, b, 15);
  EXPECT_GT(ijk / ikj, 2) << "ikj works on vectors";
  EXPECT_GT(ikj / tiled, 1.2) << "the tile keeps its sums in registers";
  EXPECT_GT(ikj / packed, 1.5) << "packed tiles have no strides";
  EXPECT_GT(ijk / packed, 10) << "from the first rung to the fifth";
}

// The two roofs of the roofline. A factor for machines with other work.
TEST(LadderClaims, ACacheIsReadFasterThanMemory) {
  const double memory = read_bandwidth(256'000'000), cache = read_bandwidth(16 * 1024);
  EXPECT_GT(memory, 0.1) << "GB/s";
  EXPECT_GT(cache, 1.2 * memory) << memory << " GB/s from memory";
  EXPECT_TRUE(refuses([] { read_bandwidth(4095); }));
  EXPECT_GT(read_bandwidth(4096), 0);
}

}  // namespace
}  // namespace gradus::testing
