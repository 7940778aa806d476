// Gradient descent: all samples in each step, some of them, or one.    docs/03_gradient_descent.md
//
// A step against the gradient makes the loss smaller. How many samples the gradient is taken over
// decides what a step costs and how noisy it is; the learning rate decides whether it helps at all.
// Sources: the notes 000 (the three algorithms), 001, 002, 003, 004; A. Cauchy (1847);
// H. Robbins and S. Monro, A stochastic approximation method (1951).
//
// N samples, D inputs, one output y; y - t is a residual. All functions throw std::invalid_argument
// when shapes do not fit, before anything changes; those that take x and t also when there are no
// samples. Sums over samples are in double.
#pragma once

#include <vector>

#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// ---- a straight line, and how wrong it is ----

struct LinearModel {
  Matrix w;      // (D,1)
  Scalar b = 0;  // the bias
};

// y = x w + b                                            x (N,D)   y (N,1)
Matrix linear_predict(const LinearModel& model, const Matrix& x);

// L = 1/(2N) Σ (y - t)^2, half the mean of the squared residuals; t (N,1). With the half, the gradient is what
// the notes' algorithms use. NaN in, NaN out: here, in linear_predict and in linear_gradient.
Scalar linear_loss(const LinearModel& model, const Matrix& x, const Matrix& t);

// ∂L/∂w = 1/N x^T (y - t) and ∂L/∂b = 1/N Σ (y - t), shaped like the model.
LinearModel linear_gradient(const LinearModel& model, const Matrix& x, const Matrix& t);

// ---- descent ----

// One step of a matrix of weights:  w -= learning_rate dw, both of one shape. Another shape is
// refused and nothing else: NaN and infinity go into w, so that a run can be watched exploding.
void descend(Matrix& w, const Matrix& dw, Scalar learning_rate);

// Where it went: path[0] is the start, path[i] the model after step i. loss[i] is the loss that
// step i+1 saw: over its own samples, before the step.
struct Descent {
  std::vector<LinearModel> path;  // steps + 1
  std::vector<Scalar> loss;       // steps
};

// Each step:  w -= learning_rate ∂L/∂w,  b -= learning_rate ∂L/∂b.  All three refuse NaN and infinity in
// start, x and t, a learning rate that is not finite or negative, and a negative number of steps,
// before anything is drawn. A descent that diverges goes on, to infinity and NaN.

// The gradient over all samples.
Descent batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                      Scalar learning_rate, int steps);

// The gradient over batch_size different samples, for each step drawn anew by
// random.choice(N, batch_size). Needs 1 ≤ batch_size ≤ N.
Descent mini_batch_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int batch_size, int steps, Random& random);

// The gradient of one sample, for each step drawn anew by random.randint(N).
Descent stochastic_descent(const LinearModel& start, const Matrix& x, const Matrix& t,
                           Scalar learning_rate, int steps, Random& random);

// ---- epochs ----
// The notes' algorithms draw each batch anew, so a sample may come twice before another comes once.
// Networks are trained in epochs instead: every sample once, in a new order, batch after batch.

// How many batches an epoch has: 3000 samples in batches of 300 make 10. A last, smaller batch
// counts. Needs samples ≥ 0 and batch_size ≥ 1.
int iterations_per_epoch(int samples, int batch_size);

// The samples of each batch of one epoch: random.permutation(samples), cut into pieces of
// batch_size; the last may be smaller. Needs what iterations_per_epoch needs, before it draws.
std::vector<std::vector<int>> epoch_batches(int samples, int batch_size, Random& random);

// Rows of x in the order of the indices: (indices, D). Refuses an index outside 0 … N-1.
Matrix take_rows(const Matrix& x, const std::vector<int>& indices);

// What a classifier learns from.
struct Samples {
  Matrix x;                 // (N,D)
  std::vector<int> labels;  // N, the class of each row of x
};

// The samples with these indices, in their order, each with its label. Refuses an index outside
// 0 … N-1, and labels that are not as many as the rows of x. NaN is taken along.
Samples take(const Samples& samples, const std::vector<int>& indices);

// ---- how long a step may be ----

// λmax, the largest curvature of L: the largest eigenvalue of its matrix of second derivatives
// 1/N [x 1]^T [x 1], (D+1,D+1), to 10 digits, also where the next is nearly as large. Batch descent
// with a learning rate above 2/λmax diverges. Refuses NaN, infinity and no samples.
Scalar largest_curvature(const Matrix& x);

}  // namespace gradus
