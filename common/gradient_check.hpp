// Is this backward pass the derivative of that forward pass?
//
// Each element of a matrix is moved by ±h, the loss is taken at both places, and the slope between
// them (the numeric gradient) is compared with what the backward pass claims (the analytic one):
//
//   numeric = (L(x + h) - L(x - h)) / 2h
//   error   = |analytic - numeric| / max(1e-8, |analytic| + |numeric|)
//
// Where that disagrees, a second look tells whether the numeric side is to blame: the element may
// straddle a kink (ReLU at 0), where the slopes of the two sides differ; or its gradient may be so
// small that L(x + h) - L(x - h) is mostly rounding. There a five-point formula with a step 100
// times larger is far more exact; the better of the two numeric values is taken, and what the
// rounding of L alone can do to it, 1e-11 max(1, |L|), is taken off the difference.
//
// A gradient check confirms a wrong forward pass as readily as a right one, so every forward pass
// is also tested against numbers.
#pragma once

#include <functional>
#include <string>

#include "common/matrix.hpp"

namespace gradus {

struct GradientCheck {
  double worst = 0;  // the largest relative error; infinity if NaN or infinity was met
  int row = 0;       // where it is, and both values there
  int col = 0;
  double analytic = 0;
  double numeric = 0;
  double h = 0;
  int kinks = 0;  // elements that straddle a kink; they pass if between the two one-sided slopes

  bool within(double tolerance) const { return worst <= tolerance; }  // false for NaN
  std::string report() const;                                         // one line
};

// loss: a scalar function of the matrix; at: where; analytic: the claimed gradient, shaped like at.
// Throws std::invalid_argument when the shapes differ or there is nothing to check.
GradientCheck gradient_check(const std::function<Scalar(const Matrix&)>& loss, const Matrix& at,
                             const Matrix& analytic, double h = 1e-5);

}  // namespace gradus
