// Checks of arguments. They stay on in release builds: a wrong shape stops with one clear line
// and never with a wrong number.
#pragma once

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "common/matrix.hpp"

namespace gradus {

// Throws std::invalid_argument(message) unless ok.
inline void require(bool ok, const char* message) {
  if (!ok) throw std::invalid_argument(message);
}

// require_same("dense_forward: columns of x, rows of w", 4, 5) throws
// "dense_forward: columns of x, rows of w: must be equal, but are 4 and 5".
inline void require_same(const char* what, int a, int b) {
  if (a != b)
    throw std::invalid_argument(std::string(what) + ": must be equal, but are " +
                                std::to_string(a) + " and " + std::to_string(b));
}

// require_shape("dense_forward: b", b, 1, 5) throws
// "dense_forward: b: must be (1,5), but is (5,1)".
inline void require_shape(const char* what, const Matrix& m, int rows, int cols) {
  if (m.rows() != rows || m.cols() != cols)
    throw std::invalid_argument(std::string(what) + ": must be (" + std::to_string(rows) + "," +
                                std::to_string(cols) + "), but is " + shape(m));
}

// ---- the domain of a number ----
// require_positive("adam_step: epsilon", 0) throws
// "adam_step: epsilon: must be finite and above 0, but is 0". NaN lies in no domain.

inline void require_that(bool ok, const char* what, const char* domain, double value) {
  if (ok) return;
  char number[32];
  std::snprintf(number, sizeof number, "%.6g", std::isnan(value) ? std::fabs(value) : value);
  throw std::invalid_argument(std::string(what) + ": must be " + domain + ", but is " + number);
}

inline void require_finite(const char* what, double v) {
  require_that(std::isfinite(v), what, "finite", v);
}
inline void require_not_negative(const char* what, double v) {
  require_that(std::isfinite(v) && v >= 0, what, "finite and not negative", v);
}
inline void require_positive(const char* what, double v) {
  require_that(std::isfinite(v) && v > 0, what, "finite and above 0", v);
}
inline void require_share(const char* what, double v) {
  require_that(v >= 0 && v <= 1, what, "0 … 1", v);
}
inline void require_below_one(const char* what, double v) {
  require_that(v >= 0 && v < 1, what, "at least 0 and less than 1", v);
}

inline void require_at_least(const char* what, int v, int least) {
  if (v < least)
    throw std::invalid_argument(std::string(what) + ": must be at least " + std::to_string(least) +
                                ", but is " + std::to_string(v));
}

// NaN and infinity stop at the door: one of them would spread over every weight.
inline void require_finite(const char* what, const Matrix& m) {
  int bad = 0;  // counted without a branch, on whole vectors
  for (Scalar v : m.flat()) bad += !std::isfinite(v);
  if (bad == 0) return;
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j)
      if (!std::isfinite(m(i, j)))
        throw std::invalid_argument(std::string(what) + ": has NaN or infinity at (" +
                                    std::to_string(i) + "," + std::to_string(j) + ")");
}

// What the functions of a stub throw until somebody writes them.
class NotImplemented : public std::runtime_error {
 public:
  explicit NotImplemented(const std::string& function)
      : std::runtime_error(function + " is not written yet") {}
};

}  // namespace gradus
