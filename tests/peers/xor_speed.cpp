// XOR, 10 000 epochs: seconds (best of 21) and the four outputs, as xor_notebook.py prints them.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "chapters/02_xor_mlp/xor_mlp.hpp"

using namespace gradus;

int main(int argc, char** argv) {
  const auto seed = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  const Matrix x = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, t = {{0}, {1}, {1}, {0}};
  double best = 1e9;
  MlpFit fit;
  for (int i = 0; i < 21; ++i) {
    Random random(seed);
    const auto start = std::chrono::steady_clock::now();
    fit = mlp_fit(mlp_init(2, 2, 1, random), x, t, 10000, 0.2);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  const Matrix y = mlp_forward(fit.net, x).y;
  fmt::print("{:.6f} {:.17g} {:.17g} {:.17g} {:.17g}\n", best, y(0, 0), y(1, 0), y(2, 0), y(3, 0));
}
