// What the demonstration shows and the claims assert: sigmoid outputs o = σ(z) under both losses.
#pragma once

#include <vector>

#include "chapters/05_losses/losses.hpp"

namespace gradus::losses {

enum class Loss { squared_error, cross_entropy };

// The loss of σ(z) against t, and its gradient by z; both (N,K).
LossGradient sigmoid_loss(Loss loss, const Matrix& z, const Matrix& t);

// A unit whose only weight is its bias z, trained towards 1 with learning rate 1.
struct Run {
  Loss loss;
  std::vector<Scalar> outputs;  // steps + 1: the output after each step, the first one's before any
};
Run train_unit(Loss loss, Scalar z, int steps);

// Steps until the output reaches the goal; -1 if it never does.
int steps_to(const Run& run, Scalar goal);

}  // namespace gradus::losses
