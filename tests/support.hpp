// What the tests of all chapters share.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/gradient_check.hpp"
#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus::testing {

// What this test is worth; the tests of a chapter add up to 100.
void points(int n);

// A generator for random inputs. Each salt gives its own numbers; the environment variable
// GRADUS_SEED changes all of them, so that a test never hangs on one lucky draw.
Random test_random(int salt);

// Same shape, and every element within tolerance; NaN is near nothing. Says which element is worst.
// A student's check looks for one relation of all that is compared in one line of a test.
::testing::AssertionResult near(const Matrix& got, const Matrix& expected, double tolerance,
                                int line = __builtin_LINE());
::testing::AssertionResult near(double got, double expected, double tolerance,
                                int line = __builtin_LINE());

// Is `analytic` the gradient of `loss` at `at`? Prints the worst relative error. A loss that never
// changes, however far one goes, has none: zeros would agree with it. The tolerance is 1e-7 in
// double.
::testing::AssertionResult is_gradient(const std::string& name,
                                       const std::function<Scalar(const Matrix&)>& loss,
                                       const Matrix& at, const Matrix& analytic,
                                       double tolerance = kGradientTolerance);

// Does the call throw std::invalid_argument, with a message of one line?
::testing::AssertionResult refuses(const std::function<void()>& call);

// Does the call return? Beside refuses(): who refuses everything has understood nothing.
::testing::AssertionResult accepts(const std::function<void()>& call);

// Σ a b over all elements: the loss whose gradient by b is a.
Scalar dot(const Matrix& a, const Matrix& b);

}  // namespace gradus::testing
