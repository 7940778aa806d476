// Optimizers: what to do with a gradient.                             docs/07_optimizers.md

#include "chapters/07_optimizers/optimizers.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- before a step: nothing may have changed when it is refused ----

static constexpr Scalar max = std::numeric_limits<Scalar>::max();

// NaN lies between no two numbers. Counted without a branch (&, not &&), on whole vectors.
static void require_between(Scalar low, Scalar high, const std::string& what, const Matrix& m) {
  int inside = 0;
  for (Scalar v : m.flat()) inside += (low <= v) & (v <= high);
  require(inside == m.size(), (what + ": has NaN, infinity or a number out of its range").c_str());
}

static void require_memory(Scalar low, const std::string& what, const Matrix& memory,
                           const Matrix& w) {
  if (memory.size() > 0) require_shape(what.c_str(), memory, w.rows(), w.cols());
  require_between(low, max, what, memory);
}

static void require_step(const std::string& function, const Matrix& w, const Matrix& dw,
                         const OptimizerState& state, Scalar learning_rate,
                         Scalar largest_dw = max) {
  require_not_negative((function + ": learning_rate").c_str(), learning_rate);
  require_shape((function + ": dw").c_str(), dw, w.rows(), w.cols());
  require_between(-max, max, function + ": w", w);
  require_between(-largest_dw, largest_dw, function + ": dw", dw);
  require_memory(-max, function + ": state.direction", state.direction, w);
  require_memory(0, function + ": state.squares", state.squares, w);
}

// Memory is 0 before the first step.
static void begin(Matrix& memory, const Matrix& w) {
  if (memory.size() == 0) memory = Matrix(w.rows(), w.cols());
}

// ---- no memory ----

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  require_step("sgd_step", w, dw, {}, learning_rate);
  descend(w, dw, learning_rate);
}

// ---- memory of the direction ----

void momentum_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum) {
  require_step("momentum_step", w, dw, state, learning_rate);
  require_below_one("momentum_step: momentum", momentum);
  begin(state.direction, w);
  Matrix& v = state.direction;
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      v(i, j) = momentum * v(i, j) + dw(i, j);
      w(i, j) -= learning_rate * v(i, j);
    }
}

void nesterov_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum) {
  require_step("nesterov_step", w, dw, state, learning_rate);
  require_below_one("nesterov_step: momentum", momentum);
  begin(state.direction, w);
  Matrix& v = state.direction;
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      v(i, j) = momentum * v(i, j) + dw(i, j);
      w(i, j) -= learning_rate * (dw(i, j) + momentum * v(i, j));
    }
}

// ---- memory of the size ----

void adagrad_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar epsilon) {
  require_step("adagrad_step", w, dw, state, learning_rate, largest_gradient);
  require_positive("adagrad_step: epsilon", epsilon);
  begin(state.squares, w);
  Matrix& h = state.squares;
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      h(i, j) += dw(i, j) * dw(i, j);
      w(i, j) -= learning_rate * dw(i, j) / (std::sqrt(h(i, j)) + epsilon);
    }
}

void rmsprop_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar rho, Scalar epsilon) {
  require_step("rmsprop_step", w, dw, state, learning_rate, largest_gradient);
  require_below_one("rmsprop_step: rho", rho);
  require_positive("rmsprop_step: epsilon", epsilon);
  begin(state.squares, w);
  Matrix& h = state.squares;
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      h(i, j) = rho * h(i, j) + (1 - rho) * dw(i, j) * dw(i, j);
      w(i, j) -= learning_rate * dw(i, j) / (std::sqrt(h(i, j)) + epsilon);
    }
}

// ---- both ----

// 1 - β^t, in a form that keeps its digits where β^t is nearly 1.
static double correction(double beta, int t) { return -std::expm1(t * std::log(beta)); }

void adam_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
               Scalar beta1, Scalar beta2, Scalar epsilon) {
  require_step("adam_step", w, dw, state, learning_rate, largest_gradient);
  require_below_one("adam_step: beta1", beta1);
  require_below_one("adam_step: beta2", beta2);
  require_positive("adam_step: epsilon", epsilon);
  require_that(state.t >= 0 && state.t < std::numeric_limits<int>::max(), "adam_step: state.t",
               "0 … 2147483646", state.t);
  begin(state.direction, w);
  begin(state.squares, w);
  state.t += 1;
  Matrix &m = state.direction, &v = state.squares;
  // To multiply by these is several times faster than to divide each weight's m and √v.
  const Scalar correct_m = static_cast<Scalar>(1 / correction(beta1, state.t));
  const Scalar correct_root_v = static_cast<Scalar>(1 / std::sqrt(correction(beta2, state.t)));
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      m(i, j) = beta1 * m(i, j) + (1 - beta1) * dw(i, j);
      v(i, j) = beta2 * v(i, j) + (1 - beta2) * dw(i, j) * dw(i, j);
      const Scalar m_hat = m(i, j) * correct_m, root_v_hat = std::sqrt(v(i, j)) * correct_root_v;
      w(i, j) -= learning_rate * m_hat / (root_v_hat + epsilon);
    }
}

void adamw_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon) {
  require_not_negative("adamw_step: weight_decay", weight_decay);
  Matrix decayed = w;  // so that w has not changed when adam_step refuses
  for (Scalar& value : decayed.flat()) value -= learning_rate * weight_decay * value;
  adam_step(decayed, dw, state, learning_rate, beta1, beta2, epsilon);
  w = decayed;
}

// ---- by name ----

void optimizer_step(Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& state,
                    Scalar learning_rate) {
  switch (optimizer) {
    case Optimizer::sgd: return sgd_step(w, dw, learning_rate);
    case Optimizer::momentum: return momentum_step(w, dw, state, learning_rate);
    case Optimizer::nesterov: return nesterov_step(w, dw, state, learning_rate);
    case Optimizer::adagrad: return adagrad_step(w, dw, state, learning_rate);
    case Optimizer::rmsprop: return rmsprop_step(w, dw, state, learning_rate);
    case Optimizer::adam: return adam_step(w, dw, state, learning_rate);
    case Optimizer::adamw: return adamw_step(w, dw, state, learning_rate);
  }
  throw std::invalid_argument("optimizer_step: no such optimizer");
}

}  // namespace gradus
