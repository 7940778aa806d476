// Optimizers: what to do with a gradient.                             docs/07_optimizers.md
//
// Plain descent takes the gradient as it comes. Momentum adds up the past ones; AdaGrad, RMSProp
// and Adam give every weight a step size of its own, by the size of its past gradients.
// Sources: the notes 002, 003; B. Polyak (1964) for momentum, Y. Nesterov (1983); J. Duchi et al.
// (2011) for AdaGrad; T. Tieleman and G. Hinton (2012) for RMSProp; D. Kingma and J. Ba (2015) for
// Adam; I. Loshchilov and F. Hutter (2019) for AdamW.
//
// Each function takes one step: w and dw = ∂L/∂w have one shape, and every operation is element by
// element. What an optimizer remembers is a state, one for each w: empty before the first step,
// then shaped like w. The formulas are PyTorch's, so the numbers are too; ε stands outside the
// root. Learning rates and λ are finite and ≥ 0, ε is finite and > 0, and μ, ρ, β1, β2 are ≥ 0 and
// < 1. All functions throw std::invalid_argument, before anything has changed, when a number lies
// outside its domain, a shape does not fit, w, dw or the state has NaN or infinity, or
// state.squares a negative number; those that keep squares also when an element of dw is beyond
// largest_gradient: its square would freeze w for ever. Not looked for: a w
// that a huge learning rate makes infinite. It is the next step that refuses it.
#pragma once

#include <cmath>
#include <limits>

#include "common/matrix.hpp"

namespace gradus {

// 1.3e150 (in float 1.8e15). A square must not become infinite: divided by its root, every later step
// would be 0. 10^8 squares of this gradient add up to the largest number.
inline const Scalar largest_gradient = std::sqrt(std::numeric_limits<Scalar>::max()) / 10000;

// What any of the optimizers remembers about one w; each uses its part and leaves the rest alone.
// Who hands the state of one optimizer to another, hands over its memory: that is for the caller
// to know.
struct OptimizerState {
  Matrix direction;  // decaying sum of past gradients (momentum, Nesterov) or mean (Adam, AdamW)
  Matrix squares;    // sum of their squares (AdaGrad) or decaying mean (RMSProp, Adam, AdamW)
  int t = 0;         // steps so far (Adam, AdamW), 0 … 2147483646
};

// w -= lr dw
void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate);

// ---- memory of the direction ----

//   v = μ v + dw,   w -= lr v                v, the velocity, is state.direction
// The notes keep -lr v in the place of v, which is the same while lr is constant.
void momentum_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum = 0.9);

//   v = μ v + dw,   w -= lr (dw + μ v)       v is state.direction
// The step looks ahead: it goes on with the new velocity as well as with the gradient.
void nesterov_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                   Scalar momentum = 0.9);

// ---- memory of the size ----

//   h += dw^2,   w -= lr dw / (√h + ε)                   h is state.squares
void adagrad_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar epsilon = 1e-10);

//   h = ρ h + (1 - ρ) dw^2,   w -= lr dw / (√h + ε)      h is state.squares
void rmsprop_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                  Scalar rho = 0.99, Scalar epsilon = 1e-8);

// ---- both ----

//   t += 1,   m = β1 m + (1 - β1) dw,   v = β2 v + (1 - β2) dw^2
//   w -= lr m̂ / (√v̂ + ε)   with   m̂ = m / (1 - β1^t),   v̂ = v / (1 - β2^t)
// m is state.direction, v is state.squares: not the v of momentum. Both start at 0, so at first
// they are too small: m̂ and v̂ set that right.
void adam_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
               Scalar beta1 = 0.9, Scalar beta2 = 0.999, Scalar epsilon = 1e-8);

//   w -= lr λ w,   then the step of Adam
// The decay pulls every weight alike; put into dw, it would be divided by √v̂ as well.
void adamw_step(Matrix& w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                Scalar weight_decay = 0.01, Scalar beta1 = 0.9, Scalar beta2 = 0.999,
                Scalar epsilon = 1e-8);

// ---- by name ----

enum class Optimizer { sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw };

// The step that `optimizer` names, with the default settings above. The state is kept from step to
// step; SGD leaves it alone.
void optimizer_step(Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& state,
                    Scalar learning_rate);

}  // namespace gradus
