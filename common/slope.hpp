// The slope of a loss by differences, for gradient_check: steps of many sizes, and what can be
// known from all of them. The formulas are in gradient_check.hpp.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "common/scalar.hpp"

namespace gradus {

// The loss as a function of one element, all others held.
using Slice = std::function<double(double)>;

// One step to each side of x.
struct Rung {
  double h;            // the step, as x + h rounded to a Scalar has made it
  double slope;        // D(h)
  double left, right;  // the slopes of the two sides
  double size;         // |L|, the largest
  double gap() const { return std::abs(right - left); }
};

// middle is f(x), which serves every step.
Rung look(const Slice& f, double x, double middle, double h);

// How much rounding moves L: so near to x, nothing else makes neighbouring slopes differ. Steps
// that do not move L at all, up to `most`, are too small to tell.
double noise_of(const Slice& f, double x, double middle, double h, double most, int steps);

struct Estimate {
  double slope = 0;
  double error = std::numeric_limits<double>::infinity();  // truncation and rounding
  double h = 0;                                            // the smallest step in it
};

// The slopes of the two sides of a kink.
struct Sides {
  double left = 0, right = 0;
  double error = std::numeric_limits<double>::infinity();
};

// Steps from small to large, and the best slope of x that they give together: each rung is combined
// with the three below it. Small steps are blurred by rounding and large ones by truncation; the
// estimate with the smallest sum of both is kept. Where a rung contradicts what is known so far
// (its step reaches over a kink, or beyond a whole wave), the ladder ends.
class Ladder {
 public:
  Ladder(const Slice& f, double x, double middle, double noise)
      : f_(f), x_(x), middle_(middle), noise_(noise) {}

  // One rung more. False at the top: far from x the loss may be undefined, or another function.
  bool climb(double h);

  const Estimate& best() const { return best_; }
  // The first rung whose gap is more than rounding, if from there on the gap stays the same.
  const Rung* kink() const;
  // The slopes beside that kink, by the rung that knows them best.
  Sides sides() const;
  // The lowest rung that reaches over a kink beside x: there the gap rises all at once.
  const Rung* kink_beside() const;

 private:
  double rounding(const Rung& rung) const;  // what it does to a slope
  void extrapolate(std::size_t k);

  const Slice& f_;
  double x_, middle_, noise_;
  std::vector<Rung> rungs_;
  std::vector<double> row_;  // slopes by the highest rung alone, by the two highest, by three, …
  Estimate best_;
  bool torn_ = false;
};

}  // namespace gradus
