// What the demonstration shows and the claims assert: a gradient on its way back through a stack.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "chapters/04_activations/activations.hpp"

namespace gradus::activations {

const int depth = 10, units = 100;  // layers, and units of each
// Standard deviations of such a layer's weights.
inline const double xavier = 1 / std::sqrt(units), he = std::sqrt(2.0 / units);

struct Stack {
  std::string name;
  Activation f;
  double deviation;
  int layers = depth;
};

// The norm of each layer's gradient, for 200 random inputs and gradients of their outputs.
std::vector<Scalar> norms_of(const Stack& stack, std::uint32_t seed = 0);

// A unit o = f(z) whose input is below 0, trained towards 1: its output after 1000 steps.
Scalar train_dead_unit(Activation f);

}  // namespace gradus::activations
