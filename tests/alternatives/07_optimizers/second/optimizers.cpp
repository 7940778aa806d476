// Differs from the reference: all weights are one std::valarray, so that a step reads like its
// formula; a step is checked by one list of what is wrong with it; Adam's corrections come from
// halving t, and its step and the decay of AdamW are taken in one.
#include "chapters/07_optimizers/optimizers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <valarray>

namespace gradus {
namespace {

using Numbers = std::valarray<Scalar>;

constexpr Scalar endless = std::numeric_limits<Scalar>::infinity();

// ---- what a step refuses ----

void refuse_if(bool wrong, const char* why) {
  if (wrong) throw std::invalid_argument(std::string("optimizer: ") + why);
}

bool all_within(const Matrix& m, Scalar bound) {
  return std::ranges::all_of(m.flat(), [=](Scalar v) { return std::abs(v) <= bound; });
}

bool finite(const Matrix& m) { return all_within(m, std::numeric_limits<Scalar>::max()); }

bool alike(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols();
}

void refuse_step(const Matrix& w, const Matrix& dw, Scalar learning_rate) {
  refuse_if(!(learning_rate >= 0 && learning_rate < endless), "learning rate is not 0 … ∞");
  refuse_if(!alike(w, dw), "dw has not the shape of w");
  refuse_if(!finite(w), "w is not finite");
  refuse_if(!finite(dw), "dw is not finite");
}

void refuse_memory(const Matrix& w, const OptimizerState& state) {
  for (const Matrix* memory : {&state.direction, &state.squares}) {
    refuse_if(memory->size() > 0 && !alike(*memory, w), "the state has not the shape of w");
    refuse_if(!finite(*memory), "the state is not finite");
  }
  for (Scalar h : state.squares.flat()) refuse_if(h < 0, "the state has a negative square");
}

void refuse_share(Scalar share) { refuse_if(!(share >= 0 && share < 1), "a share is not 0 … 1"); }

void refuse_squares(const Matrix& dw, Scalar epsilon) {
  refuse_if(!(epsilon > 0 && epsilon < endless), "ε is not above 0");
  refuse_if(!all_within(dw, largest_gradient), "dw is too large to be squared");
}

// ---- matrices as numbers ----

Numbers numbers_of(const Matrix& m) { return Numbers(m.flat().data(), m.flat().size()); }

// Memory that is still empty is 0.
Numbers memory_of(const Matrix& memory, const Matrix& w) {
  return memory.size() > 0 ? numbers_of(memory) : Numbers(Scalar(0), w.flat().size());
}

// memory = numbers, in the shape of w.
void remember(Matrix& memory, const Numbers& numbers, const Matrix& w) {
  if (!alike(memory, w)) memory = Matrix(w.rows(), w.cols());
  std::copy(std::begin(numbers), std::end(numbers), memory.flat().begin());
}

void take_away(Matrix& w, const Numbers& step) {
  for (std::size_t i = 0; i < step.size(); ++i) w.flat()[i] -= step[i];
}

}  // namespace

// ---- no memory ----

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  refuse_step(w, dw, learning_rate);
  take_away(w, learning_rate * numbers_of(dw));
}

// ---- memory of the direction ----

void momentum_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum) {
  refuse_step(w, dw, learning_rate);
  refuse_memory(w, state);
  refuse_share(momentum);
  const Numbers v = numbers_of(dw) + momentum * memory_of(state.direction, w);
  remember(state.direction, v, w);
  take_away(w, learning_rate * v);
}

void nesterov_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum) {
  refuse_step(w, dw, learning_rate);
  refuse_memory(w, state);
  refuse_share(momentum);
  const Numbers g = numbers_of(dw);
  const Numbers v = g + momentum * memory_of(state.direction, w);
  remember(state.direction, v, w);
  take_away(w, learning_rate * g + learning_rate * momentum * v);
}

// ---- memory of the size ----

void adagrad_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar epsilon) {
  refuse_step(w, dw, learning_rate);
  refuse_memory(w, state);
  refuse_squares(dw, epsilon);
  const Numbers g = numbers_of(dw);
  const Numbers h = g * g + memory_of(state.squares, w);
  remember(state.squares, h, w);
  take_away(w, g * learning_rate / (epsilon + std::sqrt(h)));
}

void rmsprop_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar rho, Scalar epsilon) {
  refuse_step(w, dw, learning_rate);
  refuse_memory(w, state);
  refuse_share(rho);
  refuse_squares(dw, epsilon);
  const Numbers g = numbers_of(dw);
  const Numbers h = (1 - rho) * (g * g) + rho * memory_of(state.squares, w);
  remember(state.squares, h, w);
  take_away(w, g * learning_rate / (epsilon + std::sqrt(h)));
}

// ---- both ----

// 1 - β^t, the part of a mean that t values make up; the rest is still the 0 of the beginning.
// With the half s = 1 - β^(t/2), it is s + (1 - s) s: no digit is lost in a difference.
static double filled(double beta, int t) {
  if (t == 0) return 0;
  const double half = filled(beta, t / 2);
  const double even = half + (1 - half) * half;
  return t % 2 == 0 ? even : even + (1 - even) * (1 - beta);
}

void adamw_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon) {
  refuse_step(w, dw, learning_rate);
  refuse_memory(w, state);
  refuse_share(beta1);
  refuse_share(beta2);
  refuse_squares(dw, epsilon);
  refuse_if(!(weight_decay >= 0 && weight_decay < endless), "λ is not 0 … ∞");
  refuse_if(state.t < 0 || state.t > 2147483646, "t is no number of steps");
  const Numbers g = numbers_of(dw);
  const Numbers m = (1 - beta1) * g + beta1 * memory_of(state.direction, w);
  const Numbers v = (1 - beta2) * (g * g) + beta2 * memory_of(state.squares, w);
  state.t++;
  remember(state.direction, m, w);
  remember(state.squares, v, w);

  const Numbers m_hat = m / static_cast<Scalar>(filled(beta1, state.t));
  const Numbers v_hat = v / static_cast<Scalar>(filled(beta2, state.t));
  const Numbers decay = learning_rate * weight_decay * numbers_of(w);
  take_away(w, decay + learning_rate * m_hat / (std::sqrt(v_hat) + epsilon));
}

void adam_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
               Scalar beta1, Scalar beta2, Scalar epsilon) {
  adamw_step(w, dw, state, learning_rate, 0, beta1, beta2, epsilon);
}

// ---- by name ----

void optimizer_step(Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& state,
                    Scalar learning_rate) {
  if (optimizer == Optimizer::sgd)
    sgd_step(w, dw, learning_rate);
  else if (optimizer == Optimizer::momentum)
    momentum_step(w, dw, state, learning_rate);
  else if (optimizer == Optimizer::nesterov)
    nesterov_step(w, dw, state, learning_rate);
  else if (optimizer == Optimizer::adagrad)
    adagrad_step(w, dw, state, learning_rate);
  else if (optimizer == Optimizer::rmsprop)
    rmsprop_step(w, dw, state, learning_rate);
  else if (optimizer == Optimizer::adam)
    adam_step(w, dw, state, learning_rate);
  else
    adamw_step(w, dw, state, learning_rate);
}

}  // namespace gradus
