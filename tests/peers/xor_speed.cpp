// XOR, 10 000 epochs: processor seconds (best of 21) and the four outputs, as xor_notebook.py prints them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "chapters/02_xor_mlp/xor_mlp.hpp"

using namespace gradus;

int main(int argc, char** argv) {
  const auto seed = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  const Matrix x = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, t = {{0}, {1}, {1}, {0}};
  double best = 1e9;
  MlpFit fit;
  for (int i = 0; i < 21; ++i) {
    Random random(seed);
    const std::clock_t start = std::clock();
    fit = mlp_fit(mlp_init(2, 2, 1, random), x, t, 10000, 0.2);
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  const Matrix y = mlp_forward(fit.net, x).y;
  fmt::print("{:.6f} {:.17g} {:.17g} {:.17g} {:.17g}\n", best, y(0, 0), y(1, 0), y(2, 0), y(3, 0));
}
