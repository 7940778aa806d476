// What the demonstration shows and the claims assert: no part of the contract.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/06_initialization/initialization.hpp"

namespace gradus::initialization {

std::string name_of(Init init);
std::string name_of(Activation f);

// ---- ten layers of 100 units, 1000 inputs from N(0, 1) ----

struct Stack {
  Init init;
  Activation f;
  std::vector<Matrix> a;  // a_1 … a_10, each (1000,100)

  const Matrix& layer(int l) const { return a[static_cast<std::size_t>(l - 1)]; }  // 1 … 10
};

// The inputs are drawn first, then w_1 … w_10.
Stack ten_layers(Init init, Activation f, std::uint32_t seed);

// The norm of layer 1's gradient divided by that of layer 10, for a random gradient at the output.
double gradient_ratio(Init init, Activation f, std::uint32_t seed);

// The share of the elements that fulfil the condition.
template <typename Condition>
double share(const Matrix& a, Condition condition) {
  return static_cast<double>(std::ranges::count_if(a.flat(), condition)) / a.size();
}

// How much the answers depend on the input: the standard deviation of one unit over the samples,
// the mean over the units. That of the whole matrix also counts how the units differ from each
// other.
double deviation_by_input(const Matrix& a);

// Counts of the elements: heights[i] of them lie between edges[i] and edges[i + 1].
struct Histogram {
  std::vector<double> edges, heights;
};
Histogram histogram_of(const Matrix& a, double low, double high, int bins);

// The standard deviation of z = x w: 1000 times 784 inputs from N(0, 1), 100 units with w from
// N(0, of_weights²).
double deviation_of_z(double of_weights, std::uint32_t seed);

// ---- MNIST, 784-100-100-100-100-10 ----

struct Run {
  Init init;
  Network net;               // after the last step
  std::vector<double> loss;  // of each step's batch, before the step

  // The mean of the 50 steps before `step`; NaN where there are none.
  double loss_before(std::size_t step) const;
};

inline constexpr int all_steps = 300;

// Gradient descent with learning rate 0.1 on batches of 128, in random order. Ends early when
// the loss is no longer finite.
Run train(Init init, const Samples& samples, int steps, std::uint32_t seed);

std::vector<Run> train_all(const std::vector<Init>& inits, const Samples& samples,
                           std::uint32_t seed);

const Run& run_of(const std::vector<Run>& runs, Init init);

}  // namespace gradus::initialization
