// Every matrix of a network that learns, in one order, and a step of descent for all of them.
// Beside the contract: a student calls it and does not write it.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/06_initialization/initialization.hpp"

namespace gradus {

// Weights, then biases, each from the first layer to the last.
inline std::vector<Matrix*> parameters(Network& net) {
  std::vector<Matrix*> all;
  for (Matrix& w : net.w) all.push_back(&w);
  for (Matrix& b : net.b) all.push_back(&b);
  return all;
}

// The gradients in the same order, `d` of a NetworkGradient.
inline std::vector<const Matrix*> gradients(const Network& d) {
  std::vector<const Matrix*> all;
  for (const Matrix& dw : d.w) all.push_back(&dw);
  for (const Matrix& db : d.b) all.push_back(&db);
  return all;
}

inline void descend_all(const std::vector<Matrix*>& all, const std::vector<const Matrix*>& d,
                        Scalar learning_rate) {
  for (std::size_t i = 0; i < all.size(); ++i) descend(*all[i], *d[i], learning_rate);
}

// √(Σ w²) over the weights of all layers.
inline double length_of_weights(const Network& net) {
  double squares = 0;
  for (const Matrix& w : net.w)
    for (double v : w.flat()) squares += v * v;
  return std::sqrt(squares);
}

}  // namespace gradus
