// Optimizers: write these functions in work/, where `./gradus start 07` copies this file. What each
// must do is described in optimizers.hpp.

#include "chapters/07_optimizers/optimizers.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: one line in a loop over all elements. Look at dw before you touch w: common/require.hpp has
// the checks, and all seven functions need the same ones.
// Hint: one function in front of the loops can look at w, dw and the state; nothing may have
// changed when it throws. How does a comparison with NaN come out?
void sgd_step(Matrix&, const Matrix&, Scalar) { throw NotImplemented("sgd_step"); }

// ---- memory of the direction ----

// Hint: before the first step the state is empty. When do you give state.direction its shape, and
// what does it hold then?
// Hint: the learning rate must not get into v, or a later change of it comes too late.
void momentum_step(Matrix&, const Matrix&, OptimizerState&, Scalar, Scalar) {
  throw NotImplemented("momentum_step");
}

// Hint: the velocity is the one of momentum; only the step differs. Which velocity does it look
// ahead with, the old one or the new one?
void nesterov_step(Matrix&, const Matrix&, OptimizerState&, Scalar, Scalar) {
  throw NotImplemented("nesterov_step");
}

// ---- memory of the size ----

// Hint: state.squares is a sum that never forgets, of something that is never negative. Where ε
// stands matters as soon as a gradient is tiny.
// Hint: what does the weight do in later steps once a square has become infinite? What is the
// largest dw that may come in?
void adagrad_step(Matrix&, const Matrix&, OptimizerState&, Scalar, Scalar) {
  throw NotImplemented("adagrad_step");
}

// Hint: AdaGrad with one line changed. A mean has two shares that add up to 1.
void rmsprop_step(Matrix&, const Matrix&, OptimizerState&, Scalar, Scalar, Scalar) {
  throw NotImplemented("rmsprop_step");
}

// ---- both ----

// Hint: what is t in the first step, and what is 1 - β^t for a t that is one too small?
// Hint: the corrections are for this step only. What is kept in the state is not corrected.
void adam_step(Matrix&, const Matrix&, OptimizerState&, Scalar, Scalar, Scalar, Scalar) {
  throw NotImplemented("adam_step");
}

// Hint: two things happen to w, and one of them you have already written. Nothing may happen before
// you know that both will succeed.
void adamw_step(Matrix&, const Matrix&, OptimizerState&, Scalar, Scalar, Scalar, Scalar, Scalar) {
  throw NotImplemented("adamw_step");
}

// ---- by name ----

// Hint: a switch with a line for each name, and each line is a call. Which arguments can it leave
// out? What happens to a step's memory if the state is copied on the way?
void optimizer_step(Optimizer, Matrix&, const Matrix&, OptimizerState&, Scalar) {
  throw NotImplemented("optimizer_step");
}

}  // namespace gradus
