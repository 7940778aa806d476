// Optimizers: what to do with a gradient.                             docs/07_optimizers.md

#include "chapters/07_optimizers/optimizers.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "common/require.hpp"

namespace gradus {

// ---- one step of every weight, or of none ----

// What a state remembers about weight i: 0 before the first step, when it is empty.
static Scalar remembered(const Matrix& memory, int i) {
  return memory.size() == 0 ? 0 : memory.flat()[i];
}

static void require_memory(const std::string& name, const Matrix& memory, const Matrix& w) {
  if (memory.size() > 0) require_shape((name + ": state").c_str(), memory, w.rows(), w.cols());
}

static void begin(Matrix& memory, const Matrix& w) {
  if (memory.size() == 0) memory = Matrix(w.rows(), w.cols());
}

// Calls step(w, dw, memory…) for every weight; it changes w and what is remembered about w. First
// it is rehearsed on copies, so that a step that must be refused has changed nothing.
template <typename Step, typename... Memory>
static void for_each_weight(const std::string& name, Matrix& w, const Matrix& dw, Step step,
                            Memory&... memory) {
  require_shape((name + ": dw").c_str(), dw, w.rows(), w.cols());
  require_finite((name + ": w").c_str(), w);
  require_finite((name + ": dw").c_str(), dw);
  (require_memory(name, memory, w), ...);

  const auto stays_finite = [step](Scalar w, Scalar dw, auto... memory) {
    step(w, dw, memory...);
    return ((0 * w) + ... + (0 * memory)) == 0;  // 0 times infinity or NaN is NaN
  };
  int refused = 0;
  for (int i = 0; i < w.size(); ++i)
    refused += stays_finite(w.flat()[i], dw.flat()[i], remembered(memory, i)...) ? 0 : 1;
  require(refused == 0, (name + ": w or its state would become infinite or NaN").c_str());

  (begin(memory, w), ...);
  for (int i = 0; i < w.size(); ++i) step(w.flat()[i], dw.flat()[i], memory.flat()[i]...);
}

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  require_not_negative("sgd_step: learning_rate", learning_rate);
  const auto step = [=](Scalar& w, Scalar dw) { w -= learning_rate * dw; };
  for_each_weight("sgd_step", w, dw, step);
}

// ---- memory of the direction ----

void momentum_step(Matrix& w, const Matrix& dw, MomentumState& state, Scalar learning_rate,
                   Scalar momentum) {
  require_not_negative("momentum_step: learning_rate", learning_rate);
  require_below_one("momentum_step: momentum", momentum);
  const auto step = [=](Scalar& w, Scalar dw, Scalar& v) {
    v = momentum * v + dw;
    w -= learning_rate * v;
  };
  for_each_weight("momentum_step", w, dw, step, state.v);
}

void nesterov_step(Matrix& w, const Matrix& dw, MomentumState& state, Scalar learning_rate,
                   Scalar momentum) {
  require_not_negative("nesterov_step: learning_rate", learning_rate);
  require_below_one("nesterov_step: momentum", momentum);
  const auto step = [=](Scalar& w, Scalar dw, Scalar& v) {
    v = momentum * v + dw;
    w -= learning_rate * (dw + momentum * v);
  };
  for_each_weight("nesterov_step", w, dw, step, state.v);
}

// ---- memory of the size ----

void adagrad_step(Matrix& w, const Matrix& dw, AdaGradState& state, Scalar learning_rate,
                  Scalar epsilon) {
  require_not_negative("adagrad_step: learning_rate", learning_rate);
  require_positive("adagrad_step: epsilon", epsilon);
  const auto step = [=](Scalar& w, Scalar dw, Scalar& h) {
    h += dw * dw;
    w -= learning_rate * dw / (std::sqrt(h) + epsilon);
  };
  for_each_weight("adagrad_step", w, dw, step, state.h);
}

void rmsprop_step(Matrix& w, const Matrix& dw, RmsPropState& state, Scalar learning_rate,
                  Scalar rho, Scalar epsilon) {
  require_not_negative("rmsprop_step: learning_rate", learning_rate);
  require_below_one("rmsprop_step: rho", rho);
  require_positive("rmsprop_step: epsilon", epsilon);
  const auto step = [=](Scalar& w, Scalar dw, Scalar& h) {
    h = rho * h + (1 - rho) * dw * dw;
    w -= learning_rate * dw / (std::sqrt(h) + epsilon);
  };
  for_each_weight("rmsprop_step", w, dw, step, state.h);
}

// ---- both ----

// 1 - β^t, in a form that keeps its digits where β^t is nearly 1.
static double correction(double beta, int t) { return -std::expm1(t * std::log(beta)); }

void adam_step(Matrix& w, const Matrix& dw, AdamState& state, Scalar learning_rate, Scalar beta1,
               Scalar beta2, Scalar epsilon) {
  require_not_negative("adam_step: learning_rate", learning_rate);
  require_below_one("adam_step: beta1", beta1);
  require_below_one("adam_step: beta2", beta2);
  require_positive("adam_step: epsilon", epsilon);
  require_that(state.t >= 0 && state.t < std::numeric_limits<int>::max(), "adam_step: t",
               "0 … 2147483646", state.t);
  require_shape("adam_step: v, beside m", state.v, state.m.rows(), state.m.cols());
  const int t = state.t + 1;
  const Scalar correct_m = static_cast<Scalar>(correction(beta1, t));
  const Scalar correct_root_v = static_cast<Scalar>(std::sqrt(correction(beta2, t)));
  const auto step = [=](Scalar& w, Scalar dw, Scalar& m, Scalar& v) {
    m = beta1 * m + (1 - beta1) * dw;
    v = beta2 * v + (1 - beta2) * dw * dw;
    const Scalar m_hat = m / correct_m, root_v_hat = std::sqrt(v) / correct_root_v;
    w -= learning_rate * m_hat / (root_v_hat + epsilon);
  };
  for_each_weight("adam_step", w, dw, step, state.m, state.v);
  state.t = t;
}

void adamw_step(Matrix& w, const Matrix& dw, AdamState& state, Scalar learning_rate,
                Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon) {
  require_not_negative("adamw_step: weight_decay", weight_decay);
  Matrix decayed = w;
  for (Scalar& value : decayed.flat()) value -= learning_rate * weight_decay * value;
  adam_step(decayed, dw, state, learning_rate, beta1, beta2, epsilon);
  w = decayed;
}

}  // namespace gradus
