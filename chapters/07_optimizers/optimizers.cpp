// Optimizers: what to do with a gradient.                             docs/07_optimizers.md

#include "chapters/07_optimizers/optimizers.hpp"

#include <cmath>

#include "common/require.hpp"

namespace gradus {

static void require_step(const Matrix& w, const Matrix& dw) {
  require_shape("optimizer: dw", dw, w.rows(), w.cols());
  require_finite("optimizer: dw", dw);
}

// Memory is empty before the first step.
static void require_memory(const Matrix& memory, const Matrix& w) {
  if (memory.size() > 0) require_shape("optimizer: state", memory, w.rows(), w.cols());
}

static void begin(Matrix& memory, const Matrix& w) {
  if (memory.size() == 0) memory = Matrix(w.rows(), w.cols());
}

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  require_step(w, dw);
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) w(i, j) -= learning_rate * dw(i, j);
}

// ---- memory of the direction ----

void momentum_step(Matrix& w, const Matrix& dw, MomentumState& state, Scalar learning_rate,
                   Scalar momentum) {
  require_step(w, dw);
  require_memory(state.v, w);
  begin(state.v, w);
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      state.v(i, j) = momentum * state.v(i, j) + dw(i, j);
      w(i, j) -= learning_rate * state.v(i, j);
    }
}

void nesterov_step(Matrix& w, const Matrix& dw, MomentumState& state, Scalar learning_rate,
                   Scalar momentum) {
  require_step(w, dw);
  require_memory(state.v, w);
  begin(state.v, w);
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      state.v(i, j) = momentum * state.v(i, j) + dw(i, j);
      w(i, j) -= learning_rate * (dw(i, j) + momentum * state.v(i, j));
    }
}

// ---- memory of the size ----

void adagrad_step(Matrix& w, const Matrix& dw, AdaGradState& state, Scalar learning_rate,
                  Scalar epsilon) {
  require_step(w, dw);
  require_memory(state.h, w);
  begin(state.h, w);
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      state.h(i, j) += dw(i, j) * dw(i, j);
      w(i, j) -= learning_rate * dw(i, j) / (std::sqrt(state.h(i, j)) + epsilon);
    }
}

void rmsprop_step(Matrix& w, const Matrix& dw, RmsPropState& state, Scalar learning_rate,
                  Scalar rho, Scalar epsilon) {
  require_step(w, dw);
  require_memory(state.h, w);
  begin(state.h, w);
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      state.h(i, j) = rho * state.h(i, j) + (1 - rho) * dw(i, j) * dw(i, j);
      w(i, j) -= learning_rate * dw(i, j) / (std::sqrt(state.h(i, j)) + epsilon);
    }
}

// ---- both ----

void adam_step(Matrix& w, const Matrix& dw, AdamState& state, Scalar learning_rate, Scalar beta1,
               Scalar beta2, Scalar epsilon) {
  require_step(w, dw);
  require_memory(state.m, w);
  require_memory(state.v, w);
  begin(state.m, w);
  begin(state.v, w);
  state.t += 1;
  const Scalar correct1 = 1 - std::pow(beta1, state.t);
  const Scalar correct2 = 1 - std::pow(beta2, state.t);
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      state.m(i, j) = beta1 * state.m(i, j) + (1 - beta1) * dw(i, j);
      state.v(i, j) = beta2 * state.v(i, j) + (1 - beta2) * dw(i, j) * dw(i, j);
      const Scalar m = state.m(i, j) / correct1, v = state.v(i, j) / correct2;
      w(i, j) -= learning_rate * m / (std::sqrt(v) + epsilon);
    }
}

void adamw_step(Matrix& w, const Matrix& dw, AdamState& state, Scalar learning_rate,
                Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon) {
  require_step(w, dw);
  require_memory(state.m, w);
  require_memory(state.v, w);
  for (Scalar& value : w.flat()) value -= learning_rate * weight_decay * value;
  adam_step(w, dw, state, learning_rate, beta1, beta2, epsilon);
}

}  // namespace gradus
