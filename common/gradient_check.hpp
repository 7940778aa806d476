// Is this backward pass the derivative of that forward pass?
//
// Each element x of a matrix is moved by ±h, the loss L is taken at both places, and the slope
// between them (the numeric gradient) is compared with what the backward pass claims (the analytic
// one):
//
//   D(h)  = (L(x + h) - L(x - h)) / 2h          the numeric gradient
//   error = |analytic - numeric| / (|analytic| + |numeric|)
//
// Two things keep D(h) from the true slope, and no h makes both small:
//
//   truncation   D(h) = slope + c h^2 + d h^4 + ...     less with a smaller h
//   rounding     L is known to ε|L| only, so D(h) to ε|L| / h     less with a larger h
//
// ε is that of Scalar: 2e-16 in double, 1e-7 in float. The first h is near the cube root of ε,
// where both are alike, times |x| if that is above 1. Where D(h) and the claim agree, that is all.
// Where they do not, or the slopes of the two sides differ, a second look finds out whether the
// numeric side is to blame. It takes a ladder of steps, each four times the one before, and removes
// h^2, then h^4 and h^6 with what neighbours tell (Richardson's extrapolation):
//
//   E(h) = D(h) + (D(h) - D(4h)) / 15           = slope + e h^4 + ...
//   F(h) = E(h) + (E(h) - E(4h)) / 255          = slope + f h^6 + ...
//
// What such a formula changes in the slopes before it measures the truncation. The rounding of L is
// measured too, with steps so small that nothing else tells their slopes apart. The value with the
// smallest sum of both is the numeric gradient, and that sum is taken off the difference: no claim
// fails for what the rounding of L can do. But if the sum is above 0.03 % of the gradient, one that
// is wrong by 0.1 % could pass, so the check says that it cannot tell, and fails. (An element below
// a thousandth of the largest in its matrix, or below 100 ε, is only asked to agree within the
// sum.)
//
// In a smooth loss the slopes of the two sides of x differ by h L'': four times as much with each
// rung. At a kink (ReLU at 0) the gap stays the same from step to step. There any claim between the
// two slopes passes, and the report names them.
//
// A gradient check confirms a wrong forward pass as readily as a right one, so every forward pass
// is also tested against numbers.
#pragma once

#include <functional>
#include <string>

#include "common/matrix.hpp"

namespace gradus {

// The largest error of a right gradient of one layer, and the first step: in double 1e-7 and 1e-5.
inline constexpr double kGradientTolerance = sizeof(Scalar) == sizeof(float) ? 1e-4 : 1e-7;
inline constexpr double kGradientStep = sizeof(Scalar) == sizeof(float) ? 5e-3 : 1e-5;

struct GradientCheck {
  double worst = 0;  // the largest error; infinity if NaN or infinity was met, or nobody can tell
  int row = 0;       // where it is, and both values there
  int col = 0;
  double analytic = 0;
  double numeric = 0;
  double h = 0;   // the (smallest) step that gave the numeric value
  int kinks = 0;  // elements at a kink, or with one within ±h, and the slopes beside one
  double left = 0;
  double right = 0;
  std::string defect;  // why there is nothing to compare: the loss draws anew, or rounds too much

  bool within(double tolerance = kGradientTolerance) const { return worst <= tolerance; }
  std::string report() const;  // one line
};

// loss: a scalar function of the matrix; at: where; analytic: the claimed gradient, shaped like at.
// Moves by max(1, |x|) h first. Throws std::invalid_argument when the shapes differ, there is
// nothing to check or h is not above 0.
GradientCheck gradient_check(const std::function<Scalar(const Matrix&)>& loss, const Matrix& at,
                             const Matrix& analytic, double h = kGradientStep);

}  // namespace gradus
