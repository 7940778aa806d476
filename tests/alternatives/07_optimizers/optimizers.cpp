// Differs from the reference: weights and memories are changed in copies, which are then put in
// place; each optimizer is a rule for a single weight that returns its step. Means move towards the
// new value, AdaGrad's root is a hypotenuse, Adam's corrections are folded into its rate and its ε.
#include "chapters/07_optimizers/optimizers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace gradus {
namespace {

void demand(bool truth, const std::string& otherwise) {
  if (!truth) throw std::invalid_argument(otherwise);
}

bool finite(const Matrix& m) {
  return std::ranges::all_of(m.flat(), [](Scalar v) { return std::isfinite(v); });
}

bool decays(Scalar share) { return 0 <= share && share < 1; }

bool same_shape(const Matrix& a, const Matrix& b) {
  return a.cols() == b.cols() && a.rows() == b.rows();
}

Matrix copy_of(const Matrix& memory, const Matrix& w) {
  if (memory.size() == 0) return Matrix(w.rows(), w.cols());
  demand(same_shape(w, memory), "weights " + shape(w) + " with a memory " + shape(memory));
  return memory;
}

// Of gradients and of the memory of their squares.
void look_at_squares(const Matrix& dw, const Matrix& memory) {
  const Scalar beyond = std::sqrt(std::numeric_limits<Scalar>::max()) / 10000;
  demand(std::ranges::none_of(dw.flat(), [=](Scalar g) { return std::abs(g) > beyond; }),
         "the gradient has something in it that has no square");
  demand(std::ranges::none_of(memory.flat(), [](Scalar h) { return h < 0; }),
         "a sum of squares is less than nothing");
}

// w -= step(gradient, its place in the memories…) for each weight.
template <class Rule, class... Memory>
void move(Matrix& w, const Matrix& dw, Scalar rate, const Rule& step, Memory&... memory) {
  demand(std::isfinite(rate) && rate >= 0, "a learning rate of " + std::to_string(rate));
  demand(same_shape(w, dw), "weights " + shape(w) + " with a gradient " + shape(dw));
  demand(finite(w) && finite(dw) && (finite(memory) && ...), "something is no number");
  const auto moved = [&](Matrix after, auto... copy) {
    for (std::size_t i = 0; i < w.flat().size(); ++i)
      after.flat()[i] -= step(dw.flat()[i], copy.flat()[i]...);
    ((memory = copy), ...);
    w = after;
  };
  moved(w, copy_of(memory, w)...);
}

// A decaying mean moves a part of the way towards each new value.
void draw_towards(Scalar& mean, Scalar value, Scalar decay) {
  mean += (1 - decay) * (value - mean);
}

}  // namespace

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  move(w, dw, learning_rate, [=](Scalar g) { return learning_rate * g; });
}

// ---- memory of the direction ----

void momentum_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum) {
  demand(decays(momentum), "a momentum of " + std::to_string(momentum));
  const auto step = [=](Scalar g, Scalar& v) {
    v = std::fma(momentum, v, g);
    return v * learning_rate;
  };
  move(w, dw, learning_rate, step, state.direction);
}

// dw + μ (μ v + dw), with the velocity that was.
void nesterov_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum) {
  demand(decays(momentum), "a momentum of " + std::to_string(momentum));
  const auto step = [=](Scalar g, Scalar& v) {
    const Scalar ahead = (1 + momentum) * g + momentum * momentum * v;
    v = std::fma(momentum, v, g);
    return ahead * learning_rate;
  };
  move(w, dw, learning_rate, step, state.direction);
}

// ---- memory of the size ----

void adagrad_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar epsilon) {
  demand(std::isfinite(epsilon) && epsilon > 0, "an epsilon of " + std::to_string(epsilon));
  look_at_squares(dw, state.squares);
  const auto step = [=](Scalar g, Scalar& h) {
    const Scalar root = std::hypot(std::sqrt(h), g);
    h = root * root;
    return learning_rate / (root + epsilon) * g;
  };
  move(w, dw, learning_rate, step, state.squares);
}

void rmsprop_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar rho, Scalar epsilon) {
  demand(decays(rho), "a rho of " + std::to_string(rho));
  demand(std::isfinite(epsilon) && epsilon > 0, "an epsilon of " + std::to_string(epsilon));
  look_at_squares(dw, state.squares);
  const auto step = [=](Scalar g, Scalar& h) {
    draw_towards(h, g * g, rho);
    return learning_rate / (epsilon + std::sqrt(h)) * g;
  };
  move(w, dw, learning_rate, step, state.squares);
}

// ---- both ----

//   m̂ / (√v̂ + ε)  =  k m / (1 - β1^t) / (√v + k ε)   with   k = √(1 - β2^t)
// The decay of AdamW takes its share of the weight before the step does.
void adamw_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon) {
  demand(std::isfinite(weight_decay) && weight_decay >= 0, "weights that grow");
  demand(decays(beta1) && decays(beta2), "means that do not decay");
  demand(std::isfinite(epsilon) && epsilon > 0, "an epsilon of " + std::to_string(epsilon));
  demand(state.t >= 0 && state.t != std::numeric_limits<int>::max(), "there is no such step");
  look_at_squares(dw, state.squares);
  const int t = state.t + 1;
  const Scalar k = std::sqrt(1 - std::pow(beta2, static_cast<Scalar>(t)));
  const Scalar rate = k / (1 - std::pow(beta1, static_cast<Scalar>(t)));
  const auto step = [=, small = k * epsilon](Scalar g, Scalar& m, Scalar& v) {
    draw_towards(m, g, beta1);
    draw_towards(v, g * g, beta2);
    return rate * learning_rate * m / (std::sqrt(v) + small);
  };
  Matrix after = w;
  for (Scalar& value : after.flat()) value *= 1 - learning_rate * weight_decay;
  move(after, dw, learning_rate, step, state.direction, state.squares);
  w = after;
  state.t = t;
}

void adam_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
               Scalar beta1, Scalar beta2, Scalar epsilon) {
  adamw_step(w, dw, state, learning_rate, 0, beta1, beta2, epsilon);
}

// ---- by name ----

void optimizer_step(Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& state,
                    Scalar learning_rate) {
  using Step = void (*)(Matrix&, const Matrix&, OptimizerState&, Scalar);
  constexpr Step steps[] = {
      [](Matrix& w, const Matrix& g, OptimizerState&, Scalar r) { sgd_step(w, g, r); },
      [](Matrix& w, const Matrix& g, OptimizerState& s, Scalar r) { momentum_step(w, g, s, r); },
      [](Matrix& w, const Matrix& g, OptimizerState& s, Scalar r) { nesterov_step(w, g, s, r); },
      [](Matrix& w, const Matrix& g, OptimizerState& s, Scalar r) { adagrad_step(w, g, s, r); },
      [](Matrix& w, const Matrix& g, OptimizerState& s, Scalar r) { rmsprop_step(w, g, s, r); },
      [](Matrix& w, const Matrix& g, OptimizerState& s, Scalar r) { adam_step(w, g, s, r); },
      [](Matrix& w, const Matrix& g, OptimizerState& s, Scalar r) { adamw_step(w, g, s, r); }};
  steps[static_cast<int>(optimizer)](w, dw, state, learning_rate);
}

}  // namespace gradus
