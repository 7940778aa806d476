#include "common/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "common/require.hpp"
#include "common/slope.hpp"

namespace gradus {
namespace {

constexpr double epsilon = std::numeric_limits<Scalar>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precise = kGradientTolerance / 10;  // nobody needs to look closer
constexpr double zero = 100 * epsilon;
constexpr double unclear = 3e-4;  // a third of 0.1 %

double relative(double difference, double analytic, double numeric) {
  return difference == 0 ? 0 : difference / (std::abs(analytic) + std::abs(numeric));
}

// ---- One element ----

struct Verdict {
  double error, numeric, h;
  double uncertain = 0;  // of the numeric value
  bool kink = false;
  double left = 0, right = 0;
};

// The error is 0 anywhere between the slopes of the two sides.
Verdict at_kink(const Sides& sides, double claimed, double h) {
  const double low = std::min(sides.left, sides.right) - sides.error;
  const double high = std::max(sides.left, sides.right) + sides.error;
  const double nearest = std::clamp(claimed, low, high);
  const double error = relative(std::abs(claimed - nearest), claimed, nearest);
  return {error, nearest, h, sides.error, true, sides.left, sides.right};
}

// Near enough to the claim, or clearly another value.
bool decides(const Estimate& found, double claimed) {
  const double difference = std::abs(claimed - found.slope);
  const double small = precise * (std::abs(claimed) + std::abs(found.slope));
  return difference <= small ? found.error <= small : difference > 100 * found.error;
}

// What is zero on paper comes out as some ε, on both sides.
bool is_zero(double claimed, const Estimate& found) {
  return std::abs(claimed) <= zero && found.error > unclear * std::abs(claimed) &&
         std::abs(found.slope) <= found.error + zero;
}

Verdict judge(const Slice& f, double x, double middle, double claimed, double h, double noise) {
  const double lowest = std::max(h / 64, 4 * epsilon * std::abs(x));
  Ladder ladder(f, x, middle, noise);
  Sides sides;
  for (double step = lowest; ladder.climb(step); step *= 4) {
    const Rung* kink = ladder.kink();
    if (kink != nullptr && step > 60 * kink->h) sides = ladder.sides();
    if (std::isfinite(sides.error) &&
        (kink == nullptr || sides.error < precise * std::abs(sides.right - sides.left)))
      break;
    if (kink == nullptr && step > 0.9 * h && decides(ladder.best(), claimed)) break;
  }
  if (std::isfinite(sides.error)) return at_kink(sides, claimed, h);
  Estimate best = ladder.best();
  if (!decides(best, claimed)) {
    Ladder finer(f, x, middle, noise);
    for (double step = std::max(lowest, best.h / 4); finer.climb(step);) step *= 2;
    if (finer.best().error < best.error) best = finer.best();
  }
  if (!std::isfinite(best.error)) return {infinity, best.slope, h};
  const double beyond = std::max(0.0, std::abs(claimed - best.slope) - best.error);
  Verdict verdict = {relative(beyond, claimed, best.slope), best.slope, best.h, best.error};
  if (is_zero(claimed, best)) verdict.error = 0;
  if (const Rung* beside = ladder.kink_beside(); beside != nullptr && beside->h < 1.1 * h) {
    verdict.kink = true;
    verdict.left = beside->left;
    verdict.right = beside->right;
  }
  return verdict;
}

// Few measurements of the noise may all be small by chance. That makes a right gradient look wrong,
// so what is not simply right is judged again with many.
Verdict look_again(const Slice& f, double x, double middle, double claimed, double h) {
  const double near = std::max(h / 4096, 2 * epsilon * std::abs(x));
  const auto with_steps = [&](int steps) {
    return judge(f, x, middle, claimed, h, noise_of(f, x, middle, near, h / 32, steps));
  };
  const Verdict verdict = with_steps(5);
  return verdict.error <= precise && !verdict.kink ? verdict : with_steps(24);
}

Verdict check_element(const Slice& f, double x, double middle, double claimed, double h) {
  const Rung rung = look(f, x, middle, h * std::max(1.0, std::abs(x)));
  const double error = relative(std::abs(claimed - rung.slope), claimed, rung.slope);
  if (!std::isfinite(error)) return {infinity, rung.slope, rung.h};
  const double rounding = epsilon * rung.size / rung.h;
  const bool even = rung.gap() <= std::max(0.01 * std::abs(rung.slope), 10 * rounding);
  if (error <= precise && even &&
      (rounding <= kGradientTolerance * std::abs(rung.slope) || error == 0))
    return {error, rung.slope, rung.h};
  return look_again(f, x, middle, claimed, h);
}

std::string text(const char* format, auto... values) {
  char line[320];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

// Why a loss that was called at the same place several times cannot be checked, or "".
std::string defect_of(const std::function<Scalar(const Matrix&)>& loss, const Matrix& at,
                      double first) {
  if (!std::isfinite(first)) return text("the loss is %g where the gradient is claimed", first);
  for (int call = 0; call < 3; ++call)
    if (const double again = loss(at); again != first)
      return text(
          "the loss gives different values for the same input (%.9g and %.9g): draw the "
          "random numbers once, outside the loss",
          first, again);
  return "";
}

double largest_finite(const Matrix& m) {
  double largest = 0;
  for (const double value : m.flat())
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  return largest;
}

// A gradient wrong by 0.1 % would pass as readily, and this one is neither zero nor negligible.
bool nobody_can_tell(const Verdict& v, double claimed, double largest) {
  const double size =
      std::max({std::abs(claimed), std::abs(v.numeric), std::abs(v.left), std::abs(v.right)});
  const bool counts = std::abs(claimed) > std::max(zero, largest / 1000);
  return counts && v.uncertain > unclear * size && std::abs(claimed - v.numeric) <= 2 * v.uncertain;
}

void keep_worst(GradientCheck& check, const Verdict& verdict, int row, int col, double analytic) {
  check.worst = verdict.error;
  check.row = row;
  check.col = col;
  check.analytic = analytic;
  check.numeric = verdict.numeric;
  check.h = verdict.h;
}

}  // namespace

GradientCheck gradient_check(const std::function<Scalar(const Matrix&)>& loss, const Matrix& at,
                             const Matrix& analytic, double h) {
  require(at.size() > 0, "gradient_check: nothing to check in an empty matrix");
  require_shape("gradient_check: analytic gradient", analytic, at.rows(), at.cols());
  require_positive("gradient_check: h", h);
  const double middle = loss(at), largest = largest_finite(analytic);
  GradientCheck check{.worst = -1, .h = h, .defect = defect_of(loss, at, middle)};
  if (!check.defect.empty()) {
    check.worst = infinity;
    return check;
  }
  Matrix moved = at;
  for (int i = 0; i < at.rows(); ++i) {
    for (int j = 0; j < at.cols(); ++j) {
      const Slice slice = [&](double value) {
        moved(i, j) = static_cast<Scalar>(value);
        return double{loss(moved)};
      };
      Verdict verdict = check_element(slice, at(i, j), middle, analytic(i, j), h);
      moved(i, j) = at(i, j);
      if (verdict.kink && check.kinks++ == 0) {
        check.left = verdict.left;
        check.right = verdict.right;
      }
      const bool unclear_here = nobody_can_tell(verdict, analytic(i, j), largest);
      if (unclear_here || !std::isfinite(verdict.error)) verdict.error = infinity;
      if (verdict.error <= check.worst) continue;
      keep_worst(check, verdict, i, j, analytic(i, j));
      if (unclear_here)
        check.defect = text(
            "cannot tell at (%d,%d): a loss of %.4g is rounded so much that its "
            "slope is known to ±%.1e only: analytic %.9g, numeric %.9g",
            i, j, middle, verdict.uncertain, check.analytic, check.numeric);
    }
  }
  return check;
}

std::string GradientCheck::report() const {
  if (!defect.empty()) return defect;
  std::string line = text(
      "worst relative error %.1e at (%d,%d): analytic %.9g, numeric %.9g, "
      "h = %.0e",
      worst, row, col, analytic, numeric, h);
  if (kinks > 0)
    line += text("; %d at a kink, compared with both sides (slopes of the first: %.4g and %.4g)",
                 kinks, left, right);
  return line;
}

}  // namespace gradus
