// Every matrix that learns, in one order: what steps, penalties and checkpoints walk along. Beside
// the contract: a student calls it and does not write it.
#pragma once

#include <vector>

#include "chapters/06_initialization/parameters.hpp"
#include "chapters/08_normalization/normalization.hpp"

namespace gradus {

// Weights, biases, γ, β, each from the first layer to the last. To be asked for again after
// deep_gradient, which may put new batch norms in the place of the old ones.
inline std::vector<Matrix*> parameters(DeepNetwork& deep) {
  std::vector<Matrix*> all = parameters(deep.net);
  for (BatchNorm& norm : deep.norms) all.push_back(&norm.gamma);
  for (BatchNorm& norm : deep.norms) all.push_back(&norm.beta);
  return all;
}

// The gradient of each, in the same order.
inline std::vector<const Matrix*> gradients(const DeepGradient& g) {
  std::vector<const Matrix*> all = gradients(g.d);
  for (const Matrix& dgamma : g.dgamma) all.push_back(&dgamma);
  for (const Matrix& dbeta : g.dbeta) all.push_back(&dbeta);
  return all;
}

}  // namespace gradus
