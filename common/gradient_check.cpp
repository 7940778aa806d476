#include "common/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "common/require.hpp"

namespace gradus {
namespace {

// The loss as a function of one element, all others held.
using Slice = std::function<double(double)>;

double relative_error(double analytic, double numeric) {
  return std::abs(analytic - numeric) / std::max(1e-8, std::abs(analytic) + std::abs(numeric));
}

double central(const Slice& f, double x, double h) { return (f(x + h) - f(x - h)) / (2 * h); }

// Error h^4 instead of h^2, so h may be 100 times larger and rounding 100 times smaller.
double five_point(const Slice& f, double x, double h) {
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

// The slopes on both sides of x.
struct Slopes {
  double left, right;
  double gap() const { return std::abs(right - left); }
};

Slopes one_sided(const Slice& f, double x, double h) {
  const double middle = f(x);
  return {(middle - f(x - h)) / h, (f(x + h) - middle) / h};
}

// In a smooth function the two slopes differ by h f'', so a third of h leaves a third of the gap and
// a tenth a tenth. At a kink the whole gap stays; when the kink lies between x and x ± h, it goes
// otherwise.
bool straddles_kink(const Slice& f, double x, double h) {
  const double gap = one_sided(f, x, h).gap();
  const double third = one_sided(f, x, h / 3).gap(), tenth = one_sided(f, x, h / 10).gap();
  return gap > 1e-6 && (third > gap / 2 || third < gap / 5 || tenth > gap / 5 || tenth < gap / 20);
}

// The error at a kink: 0 anywhere between the slopes of the two sides.
double error_at_kink(double analytic, const Slopes& slopes) {
  const auto [low, high] = std::minmax(slopes.left, slopes.right);
  const double slack = 1e-6 * std::max(1.0, high - low);
  if (analytic >= low - slack && analytic <= high + slack) return 0;
  return std::min(relative_error(analytic, low), relative_error(analytic, high));
}

struct Element {
  double numeric, error;
  bool kink;
};

Element check_element(const Slice& f, double x, double claimed, double h) {
  const double numeric = central(f, x, h);
  const double error = relative_error(claimed, numeric);
  if (error <= 1e-8) return {numeric, error, false};
  if (straddles_kink(f, x, h))
    return {numeric, error_at_kink(claimed, one_sided(f, x, h / 100)), true};
  const double better = five_point(f, x, 100 * h);
  const double second = std::min(error, relative_error(claimed, better));
  const double rounding = 1e-11 * std::max(1.0, std::abs(f(x)));
  const double closest = second < error ? better : numeric;
  if (std::abs(claimed - closest) <= rounding) return {closest, 0, false};
  return {closest, second, false};
}

}  // namespace

GradientCheck gradient_check(const std::function<Scalar(const Matrix&)>& loss, const Matrix& at,
                             const Matrix& analytic, double h) {
  require(at.size() > 0, "gradient_check: nothing to check in an empty matrix");
  require_shape("gradient_check: analytic gradient", analytic, at.rows(), at.cols());
  GradientCheck check{.worst = -1, .h = h};
  Matrix moved = at;
  for (int i = 0; i < at.rows(); ++i) {
    for (int j = 0; j < at.cols(); ++j) {
      const Slice slice = [&](double value) {
        moved(i, j) = static_cast<Scalar>(value);
        const double result = loss(moved);
        moved(i, j) = at(i, j);
        return result;
      };
      Element element = check_element(slice, at(i, j), analytic(i, j), h);
      check.kinks += element.kink;
      if (!std::isfinite(element.error)) element.error = std::numeric_limits<double>::infinity();
      if (element.error <= check.worst) continue;
      check.worst = element.error;
      check.row = i;
      check.col = j;
      check.analytic = analytic(i, j);
      check.numeric = element.numeric;
    }
  }
  return check;
}

std::string GradientCheck::report() const {
  char line[240];
  std::snprintf(line, sizeof line,
                "worst relative error %.1e at (%d,%d): analytic %.9g, numeric %.9g, h = %.0e",
                worst, row, col, analytic, numeric, h);
  std::string text = line;
  if (kinks > 0) text += "; " + std::to_string(kinks) + " at a kink, compared with both sides";
  return text;
}

}  // namespace gradus
