#include "tests/support.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>

#include "common/require.hpp"
#include "grading/relations/compared_here.hpp"

namespace gradus::testing {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

void points(int n) { ::testing::Test::RecordProperty("points", n); }

Random test_random(int salt) {
  const char* seed = std::getenv("GRADUS_SEED");
  const unsigned base =
      seed == nullptr ? 0u : static_cast<unsigned>(std::strtoul(seed, nullptr, 10));
  return Random(base * 1000003u + static_cast<unsigned>(salt));
}

// For the relation between the two, which a student's check names.
static void remember(int line, const Matrix& got, const Matrix& expected, double tolerance,
                     bool right) {
  const auto numbers = [](const Matrix& m) {
    return Numbers{m.rows(), m.cols(), {m.flat().begin(), m.flat().end()}};
  };
  Compared one;
  one.got = numbers(got);
  one.expected = numbers(expected);
  one.right = right;
  one.tolerance = tolerance;
  one.call = std::make_shared<const CallData>(
      CallData{{{"its number of rows", double(expected.rows()), true},
                {"its number of columns", double(expected.cols()), true}},
               {}});
  remember_comparison(line, std::move(one));
}

static bool within(double got, double expected, double tolerance) {
  return got == expected || std::abs(got - expected) <= tolerance;  // NaN: false
}

static AssertionResult too_far(double got, double expected, double tolerance) {
  char text[160];
  std::snprintf(text, sizeof text, "got %.17g, expected %.17g within %.0e", got, expected,
                tolerance);
  return AssertionFailure() << text;
}

AssertionResult near(double got, double expected, double tolerance, int line) {
  const bool ok = within(got, expected, tolerance);
  if (remembers_comparisons())
    remember(line, Matrix(1, 1, Scalar(got)), Matrix(1, 1, Scalar(expected)), tolerance, ok);
  return ok ? AssertionSuccess() : too_far(got, expected, tolerance);
}

AssertionResult near(const Matrix& got, const Matrix& expected, double tolerance, int line) {
  if (got.rows() != expected.rows() || got.cols() != expected.cols()) {
    if (remembers_comparisons()) remember(line, got, expected, tolerance, false);
    return AssertionFailure() << "got shape " << shape(got) << ", expected " << shape(expected);
  }
  int wrong = 0, row = 0, col = 0;
  double worst = -1;
  for (int i = 0; i < got.rows(); ++i)
    for (int j = 0; j < got.cols(); ++j) {
      if (within(double{got(i, j)}, double{expected(i, j)}, tolerance)) continue;
      double error = std::abs(double{got(i, j)} - double{expected(i, j)});
      if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
      ++wrong;
      if (error <= worst) continue;
      worst = error;
      row = i;
      col = j;
    }
  if (remembers_comparisons()) remember(line, got, expected, tolerance, wrong == 0);
  if (wrong == 0) return AssertionSuccess();
  return too_far(double{got(row, col)}, double{expected(row, col)}, tolerance)
         << " at (" << row << "," << col << "), the worst of " << wrong << " wrong elements of "
         << got.size();
}

// A gradient of zero everywhere fits such a loss; that of dead ReLUs is zero only nearby.
static bool never_changes(const std::function<Scalar(const Matrix&)>& loss, const Matrix& at) {
  Random random(1);
  const Scalar here = loss(at);
  for (int i = 0; i < 20; ++i) {
    Matrix far = random.normal_matrix(0, 10, at.rows(), at.cols());
    for (int j = 0; j < far.size(); ++j) far.flat()[j] += at.flat()[j];
    if (loss(far) != here) return false;
  }
  return true;
}

AssertionResult is_gradient(const std::string& name,
                            const std::function<Scalar(const Matrix&)>& loss, const Matrix& at,
                            const Matrix& analytic, double tolerance) {
  if (analytic.rows() != at.rows() || analytic.cols() != at.cols())
    return AssertionFailure() << name << " has shape " << shape(analytic)
                              << ", but must have the shape " << shape(at)
                              << " of what it is the gradient of";
  if (never_changes(loss, at)) return AssertionFailure() << name << ": the loss never changes";
  const GradientCheck check = gradient_check(loss, at, analytic);
  // A student's check shows only what the student's own code prints.
  const bool for_student = std::getenv("GRADUS_RESULTS") != nullptr;
  if (!for_student) std::printf("    %-14s %s\n", name.c_str(), check.report().c_str());
  if (check.within(tolerance)) return AssertionSuccess();
  return AssertionFailure() << name << ": " << check.report();
}

AssertionResult refuses(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    if (!message.empty() && message.find('\n') == std::string::npos) return AssertionSuccess();
    return AssertionFailure() << "the message must be one line, but is \"" << message << '"';
  } catch (const std::exception& error) {
    return AssertionFailure() << "threw something else than std::invalid_argument: "
                              << error.what();
  }
  return AssertionFailure() << "accepted it; expected std::invalid_argument";
}

AssertionResult accepts(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return AssertionFailure() << "refuses what fits: " << error.what();
  }
  return AssertionSuccess();
}

Scalar dot(const Matrix& a, const Matrix& b) {
  require_shape("a result", b, a.rows(), a.cols());
  double sum = 0;
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < a.cols(); ++j) sum += double{a(i, j)} * b(i, j);
  return static_cast<Scalar>(sum);
}

}  // namespace gradus::testing
