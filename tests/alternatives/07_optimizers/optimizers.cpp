// Differs from the reference: one loop goes through weights, gradients and memories, and each
// optimizer is a rule for a single weight that returns its step. Means move towards the new value,
// AdaGrad's root is a hypotenuse, Adam's corrections are folded into its rate and its ε.
#include "chapters/07_optimizers/optimizers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gradus {
namespace {

bool same_shape(const Matrix& a, const Matrix& b) {
  return a.cols() == b.cols() && a.rows() == b.rows();
}

void demand_gradient(const Matrix& w, const Matrix& dw) {
  if (!same_shape(w, dw))
    throw std::invalid_argument("weights " + shape(w) + " with a gradient " + shape(dw));
  if (!std::ranges::all_of(dw.flat(), [](Scalar g) { return std::isfinite(g); }))
    throw std::invalid_argument("the gradient has something in it that is no number");
}

void demand_memory(const Matrix& w, const Matrix& memory) {
  if (memory.size() != 0 && !same_shape(w, memory))
    throw std::invalid_argument("weights " + shape(w) + " with a memory " + shape(memory));
}

void begin(const Matrix& w, Matrix& memory) {
  if (memory.size() == 0) memory = Matrix(w.rows(), w.cols());
}

// w -= step(gradient, its place in the memories…) for each weight. Looks at everything first.
template <class Rule, class... Memory>
void move(Matrix& w, const Matrix& dw, const Rule& step, Memory&... memory) {
  demand_gradient(w, dw);
  (demand_memory(w, memory), ...);
  (begin(w, memory), ...);
  for (std::size_t i = 0; i < w.flat().size(); ++i)
    w.flat()[i] -= step(dw.flat()[i], memory.flat()[i]...);
}

// A decaying mean moves a part of the way towards each new value.
void draw_towards(Scalar& mean, Scalar value, Scalar decay) {
  mean += (1 - decay) * (value - mean);
}

}  // namespace

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  move(w, dw, [=](Scalar g) { return learning_rate * g; });
}

// ---- memory of the direction ----

void momentum_step(Matrix& w, const Matrix& dw, MomentumState& state, Scalar learning_rate,
                   Scalar momentum) {
  const auto step = [=](Scalar g, Scalar& v) {
    v = std::fma(momentum, v, g);
    return v * learning_rate;
  };
  move(w, dw, step, state.v);
}

// dw + μ (μ v + dw), with the velocity that was.
void nesterov_step(Matrix& w, const Matrix& dw, MomentumState& state, Scalar learning_rate,
                   Scalar momentum) {
  const auto step = [=](Scalar g, Scalar& v) {
    const Scalar ahead = (1 + momentum) * g + momentum * momentum * v;
    v = std::fma(momentum, v, g);
    return ahead * learning_rate;
  };
  move(w, dw, step, state.v);
}

// ---- memory of the size ----

void adagrad_step(Matrix& w, const Matrix& dw, AdaGradState& state, Scalar learning_rate,
                  Scalar epsilon) {
  const auto step = [=](Scalar g, Scalar& h) {
    const Scalar root = std::hypot(std::sqrt(h), g);
    h = root * root;
    return learning_rate / (root + epsilon) * g;
  };
  move(w, dw, step, state.h);
}

void rmsprop_step(Matrix& w, const Matrix& dw, RmsPropState& state, Scalar learning_rate,
                  Scalar rho, Scalar epsilon) {
  const auto step = [=](Scalar g, Scalar& h) {
    draw_towards(h, g * g, rho);
    return learning_rate / (epsilon + std::sqrt(h)) * g;
  };
  move(w, dw, step, state.h);
}

// ---- both ----

//   m̂ / (√v̂ + ε)  =  k m / (1 - β1^t) / (√v + k ε)   with   k = √(1 - β2^t)
// The decay of AdamW takes its share of the weight before the step does.
void adamw_step(Matrix& w, const Matrix& dw, AdamState& state, Scalar learning_rate,
                Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon) {
  const int t = state.t + 1;
  const Scalar k = std::sqrt(1 - std::pow(beta2, static_cast<Scalar>(t)));
  const Scalar rate = learning_rate * k / (1 - std::pow(beta1, static_cast<Scalar>(t)));
  const auto step = [=, small = k * epsilon](Scalar g, Scalar& m, Scalar& v) {
    draw_towards(m, g, beta1);
    draw_towards(v, g * g, beta2);
    return rate * m / (std::sqrt(v) + small);
  };
  const Matrix unmoved = w;
  move(w, dw, step, state.m, state.v);
  for (std::size_t i = 0; i < w.flat().size(); ++i)
    w.flat()[i] -= learning_rate * weight_decay * unmoved.flat()[i];
  state.t = t;
}

void adam_step(Matrix& w, const Matrix& dw, AdamState& state, Scalar learning_rate, Scalar beta1,
               Scalar beta2, Scalar epsilon) {
  adamw_step(w, dw, state, learning_rate, 0, beta1, beta2, epsilon);
}

}  // namespace gradus
