// The gradient check accepts the right gradient and refuses every other one.
#include "common/gradient_check.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support.hpp"

namespace gradus::testing {
namespace {

Scalar total(const Matrix& x) {
  Scalar sum = 0;
  for (Scalar value : x.flat()) sum += value;
  return sum;
}

// L = Σ sin(x_ij) (1 + i + 2 j) + 1/2 (Σ x_ij)^2: every slope depends on every element.
Scalar waves(const Matrix& x) {
  Scalar sum = total(x) * total(x) / 2;
  for (int i = 0; i < x.rows(); ++i)
    for (int j = 0; j < x.cols(); ++j) sum += std::sin(x(i, j)) * (1 + i + 2 * j);
  return sum;
}

Matrix waves_gradient(const Matrix& x) {
  Matrix g(x.rows(), x.cols(), total(x));
  for (int i = 0; i < x.rows(); ++i)
    for (int j = 0; j < x.cols(); ++j) g(i, j) += std::cos(x(i, j)) * (1 + i + 2 * j);
  return g;
}

Scalar relu_sum(const Matrix& x) {
  Scalar sum = 0;
  for (Scalar value : x.flat()) sum += value > 0 ? value : 0;
  return sum;
}

TEST(GradientCheck, AcceptsTheRightGradient) {
  for (int salt = 0; salt < 20; ++salt) {
    const Matrix x = test_random(salt).normal_matrix(0, 2, 3, 4);
    const GradientCheck check = gradient_check(waves, x, waves_gradient(x));
    EXPECT_TRUE(check.within(1e-7)) << check.report();
    EXPECT_EQ(check.kinks, 0);
  }
}

TEST(GradientCheck, NamesTheWorstElement) {
  const Matrix x = test_random(1).normal_matrix(0, 1, 3, 4);
  Matrix g = waves_gradient(x);
  g(2, 1) *= 1.00001;
  const GradientCheck check = gradient_check(waves, x, g);
  EXPECT_FALSE(check.within(1e-7));
  EXPECT_EQ(check.row, 2);
  EXPECT_EQ(check.col, 1);
  EXPECT_EQ(check.analytic, g(2, 1));
  EXPECT_NEAR(check.worst, 5e-6, 1e-7);
  EXPECT_NE(check.report().find("at (2,1)"), std::string::npos) << check.report();
}

TEST(GradientCheck, RefusesTwiceHalfMinusAndZero) {
  const Matrix x = test_random(2).normal_matrix(0, 1, 2, 2);
  for (Scalar factor : {2.0, 0.5, -1.0, 0.0}) {
    Matrix g = waves_gradient(x);
    for (Scalar& value : g.flat()) value *= factor;
    EXPECT_FALSE(gradient_check(waves, x, g).within(0.1)) << factor;
  }
}

TEST(GradientCheck, NeverAcceptsNaNOrInfinity) {
  const Matrix x = {{1, 2, 3}};
  for (Scalar bad :
       {std::numeric_limits<Scalar>::quiet_NaN(), std::numeric_limits<Scalar>::infinity()}) {
    Matrix g = waves_gradient(x);
    g(0, 1) = bad;  // neither the first element nor the last
    EXPECT_FALSE(gradient_check(waves, x, g).within(1e300));
    const auto spoiled = [&](const Matrix& m) { return waves(m) * bad; };
    EXPECT_FALSE(gradient_check(spoiled, x, waves_gradient(x)).within(1e300));
  }
}

TEST(GradientCheck, IsExactForTinyGradients) {
  const auto tiny = [](const Matrix& m) { return 3 + 1e-5 * std::sin(m(0, 0)); };
  const Matrix x = {{0.5}};
  EXPECT_TRUE(gradient_check(tiny, x, {{1e-5 * std::cos(0.5)}}).within(1e-7));
  EXPECT_FALSE(gradient_check(tiny, x, {{1.00001e-5 * std::cos(0.5)}}).within(1e-7));
}

TEST(GradientCheck, SaysThatAnElementStraddlesAKink) {
  const Matrix x = {{-1, 0, 2, 4e-6}};  // at the kink, and 4e-6 beside it with h = 1e-5
  for (Scalar at_zero : {0.0, 0.25, 1.0}) {
    const GradientCheck check = gradient_check(relu_sum, x, {{0, at_zero, 1, 1}});
    EXPECT_TRUE(check.within(1e-7)) << check.report();
    EXPECT_EQ(check.kinks, 2);
    EXPECT_NE(check.report().find("2 at a kink"), std::string::npos) << check.report();
  }
}

TEST(GradientCheck, AKinkExcusesNoWrongGradient) {
  const Matrix x = {{-1, 0, 2}};
  EXPECT_FALSE(gradient_check(relu_sum, x, {{0, 1.1, 1}}).within(1e-3));
  EXPECT_FALSE(gradient_check(relu_sum, x, {{0, -0.1, 1}}).within(1e-3));
  EXPECT_FALSE(gradient_check(relu_sum, x, {{0.1, 0, 1}}).within(1e-3));
}

TEST(GradientCheck, NamesTheSlopesBesideAKink) {
  const auto bent = [](const Matrix& m) { return m(0, 0) > 0 ? 3 * m(0, 0) : m(0, 0) / 2; };
  const GradientCheck check = gradient_check(bent, {{0}}, {{3}});
  EXPECT_TRUE(check.within(1e-7)) << check.report();
  EXPECT_NE(check.report().find("slopes of the first: 0.5 and 3"), std::string::npos)
      << check.report();
}

TEST(GradientCheck, SeesAKinkBesideALargeLoss) {
  for (Scalar loss : {1e2, 1e5, 1e8}) {
    const auto lifted = [&](const Matrix& m) { return loss + relu_sum(m); };
    for (Scalar claim : {0.0, 0.5, 1.0}) {
      const GradientCheck check = gradient_check(lifted, {{0}}, {{claim}});
      EXPECT_TRUE(check.within(1e-7)) << check.report();
      EXPECT_EQ(check.kinks, 1) << check.report();
    }
    EXPECT_FALSE(gradient_check(lifted, {{0}}, {{1.001}}).within(1e-7));
    EXPECT_FALSE(gradient_check(lifted, {{0}}, {{-0.001}}).within(1e-7));
  }
}

// ---- Losses of any size ----

struct Smooth {
  const char* name;
  double (*value)(double);
  double (*slope)(double);
};

const Smooth kSmooth[] = {
    {"sin", [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); }},
    {"sin 5x", [](double x) { return std::sin(5 * x); },
     [](double x) { return 5 * std::cos(5 * x); }},
    {"exp", [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }},
    {"cubic", [](double x) { return x * x * x - 2 * x * x + x; },
     [](double x) { return 3 * x * x - 4 * x + 1; }},
    {"tanh", [](double x) { return std::tanh(x); },
     [](double x) { return 1 - std::tanh(x) * std::tanh(x); }},
    {"log(2 + x^2)", [](double x) { return std::log(2 + x * x); },
     [](double x) { return 2 * x / (2 + x * x); }},
};

// scale f + shift at x, and what the check says of `factor` times its gradient.
GradientCheck check_smooth(const Smooth& f, double scale, double shift, Scalar x, double factor) {
  const auto loss = [&](const Matrix& m) {
    return static_cast<Scalar>(scale * f.value(m(0, 0)) + shift);
  };
  return gradient_check(loss, {{x}}, {{static_cast<Scalar>(factor * scale * f.slope(x))}});
}

// A slope below 1e-11 of the loss cannot be told by anybody, so x is where there is more.
template <class Test>
void for_smooth_losses(const Test& test) {
  Random random = test_random(31);
  for (const Smooth& f : kSmooth)
    for (double scale : {1.0, 1e-3, 1e3})
      for (double shift : {0.0, 1.0, 100.0, 19700.0, 1.6e6, 1e8})
        for (int draw = 0; draw < 20; ++draw) {
          const double x = random.uniform(-2, 2);
          const double size = std::abs(scale * f.value(x) + shift) + scale;
          if (std::abs(scale * f.slope(x)) < 1e-10 * size) continue;
          test(f, scale, shift, x);
        }
}

std::string where(const Smooth& f, double scale, double shift, double x) {
  return std::to_string(scale) + " " + f.name + " + " + std::to_string(shift) + " at " +
         std::to_string(x) + ": ";
}

TEST(GradientCheck, AcceptsEverySmoothLossUpToAHundredMillion) {
  for_smooth_losses([](const Smooth& f, double scale, double shift, double x) {
    const GradientCheck check = check_smooth(f, scale, shift, x, 1);
    EXPECT_TRUE(check.within(1e-7)) << where(f, scale, shift, x) << check.report();
    EXPECT_EQ(check.kinks, 0) << where(f, scale, shift, x) << check.report();
  });
}

TEST(GradientCheck, RefusesATenthOfAPercentBesideAnyLoss) {
  for_smooth_losses([](const Smooth& f, double scale, double shift, double x) {
    for (double factor : {1.001, 0.999}) {
      const GradientCheck check = check_smooth(f, scale, shift, x, factor);
      EXPECT_FALSE(check.within(1e-7)) << where(f, scale, shift, x) << check.report();
    }
  });
}

TEST(GradientCheck, RefusesAHundredThousandthWhereTheLossShowsIt) {
  for_smooth_losses([](const Smooth& f, double scale, double shift, double x) {
    const double size = std::abs(scale * f.value(x) + shift) + scale;
    if (std::abs(scale * f.slope(x)) < 1e-8 * size) return;
    const GradientCheck check = check_smooth(f, scale, shift, x, 1.00001);
    EXPECT_FALSE(check.within(1e-7)) << where(f, scale, shift, x) << check.report();
  });
}

TEST(GradientCheck, StepsFollowTheSizeOfX) {
  Random random = test_random(32);
  for (double size : {1e-3, 1.0, 100.0, 1e4})
    for (double shift : {0.0, 100.0, 1.6e6})
      for (int draw = 0; draw < 20; ++draw) {
        const double x = size * random.uniform(0.5, 1.5);
        const auto loss = [&](const Matrix& m) { return shift + std::log(m(0, 0)); };
        const auto wave = [&](const Matrix& m) { return shift + std::sin(m(0, 0)); };
        const GradientCheck of_log = gradient_check(loss, {{x}}, {{1 / x}});
        EXPECT_TRUE(of_log.within(1e-7)) << x << " " << of_log.report();
        EXPECT_FALSE(gradient_check(loss, {{x}}, {{1.001 / x}}).within(1e-7)) << x;
        if (std::abs(std::cos(x)) < 0.01) continue;
        const GradientCheck of_wave = gradient_check(wave, {{x}}, {{std::cos(x)}});
        EXPECT_TRUE(of_wave.within(1e-7)) << x << " " << of_wave.report();
        EXPECT_EQ(of_log.kinks + of_wave.kinks, 0);
      }
}

// L is near 1, but made of two numbers near 10^6: its rounding is theirs.
TEST(GradientCheck, MeasuresTheRoundingThatALossHides) {
  Random random = test_random(34);
  const auto hidden = [](const Matrix& m) { return (1e6 + std::sin(m(0, 0))) - 1e6; };
  for (int draw = 0; draw < 100; ++draw) {
    const double x = random.uniform(-1.2, 1.2);
    const GradientCheck check = gradient_check(hidden, {{x}}, {{std::cos(x)}});
    EXPECT_TRUE(check.within(1e-7)) << x << " " << check.report();
    EXPECT_FALSE(gradient_check(hidden, {{x}}, {{1.001 * std::cos(x)}}).within(1e-7)) << x;
  }
}

TEST(GradientCheck, AKinkFartherAwayIsNoHindrance) {
  for (double away : {1e-4, 1e-3, 1e-2, 0.1, 1.0}) {
    const auto bent = [&](const Matrix& m) {
      return 19700 + std::sin(m(0, 0)) + 5 * std::abs(m(0, 0) - 0.3 - away);
    };
    const double slope = std::cos(0.3) - 5;
    const GradientCheck check = gradient_check(bent, {{0.3}}, {{slope}});
    EXPECT_TRUE(check.within(1e-7)) << away << " " << check.report();
    EXPECT_EQ(check.kinks, 0) << away;
    EXPECT_FALSE(gradient_check(bent, {{0.3}}, {{1.001 * slope}}).within(1e-7)) << away;
  }
}

// Differences alone, at their best step, know this slope to 0.05 % only.
TEST(GradientCheck, ExtrapolationTellsSmallSlopesBesideALargeLoss) {
  const auto small = [](const Matrix& m) { return 1e8 + 3e-3 * std::sin(m(0, 0)); };
  for (double x : {-0.6, -0.2, 0.1, 0.5}) {
    const GradientCheck check = gradient_check(small, {{x}}, {{3e-3 * std::cos(x)}});
    EXPECT_TRUE(check.within(1e-7)) << check.report();
  }
}

TEST(GradientCheck, SaysThatItCannotTell) {
  const auto drowned = [](const Matrix& m) { return 1e8 + 1e-7 * std::sin(m(0, 0)); };
  for (double factor : {1.0, 1.001}) {
    const GradientCheck check = gradient_check(drowned, {{0.5}}, {{factor * 1e-7 * std::cos(0.5)}});
    EXPECT_FALSE(check.within(1e300)) << check.report();
    EXPECT_NE(check.report().find("cannot tell at (0,0)"), std::string::npos) << check.report();
  }
}

TEST(GradientCheck, AZeroUpToRoundingIsRight) {
  const auto shifted = [](const Matrix& m) {  // what is added to both never changes the softmax
    const Scalar a = std::exp(m(0, 0) + 0.3), b = std::exp(m(0, 0) - 0.9);
    return -std::log(a / (a + b));
  };
  for (Scalar claim : {0.0, 1e-17, -3e-16}) {
    const GradientCheck check = gradient_check(shifted, {{0.7}}, {{claim}});
    EXPECT_TRUE(check.within(1e-7)) << check.report();
  }
  EXPECT_FALSE(gradient_check(shifted, {{0.7}}, {{1e-9}}).within(1e-7));
}

// ---- Losses that are none ----

TEST(GradientCheck, NamesALossThatDrawsAnew) {
  Random random = test_random(33);
  const auto dropout = [&](const Matrix& m) {
    Scalar sum = 0;
    for (Scalar value : m.flat()) sum += random.uniform() < 0.5 ? 0 : 2 * value;
    return sum;
  };
  const Matrix x(1, 12, 1);
  const GradientCheck check = gradient_check(dropout, x, x);
  EXPECT_FALSE(check.within(1e300));
  EXPECT_NE(check.report().find("the loss gives different values for the same input"),
            std::string::npos)
      << check.report();
}

TEST(GradientCheck, NamesALossThatIsNoNumber) {
  const auto nan = [](const Matrix&) { return std::numeric_limits<Scalar>::quiet_NaN(); };
  const GradientCheck check = gradient_check(nan, {{1}}, {{0}});
  EXPECT_FALSE(check.within(1e300));
  EXPECT_NE(check.report().find("the loss is nan"), std::string::npos) << check.report();
}

// A domain ends somewhere: what the loss refuses far from x says nothing about its slope at x.
TEST(GradientCheck, StaysWhereTheLossIsDefined) {
  const auto entropy = [](const Matrix& p) -> Scalar {
    if (p(0, 0) <= 0 || p(0, 0) >= 1) throw std::invalid_argument("p must be in 0 … 1");
    return 1e7 - std::log(p(0, 0)) - std::log(1 - p(0, 0));
  };
  for (double p : {0.01, 0.3, 0.99}) {
    const GradientCheck check = gradient_check(entropy, {{p}}, {{1 / (1 - p) - 1 / p}});
    EXPECT_TRUE(check.within(1e-7)) << check.report();
  }
  EXPECT_THROW(gradient_check(entropy, {{1e-9}}, {{-1e9}}), std::invalid_argument);
}

TEST(GradientCheck, LeavesTheOtherElementsAlone) {
  const Matrix x = {{0.5, -2, 1}};
  const auto product = [](const Matrix& m) -> Scalar {
    if (std::abs(m(0, 1)) > 3) throw std::invalid_argument("too far");
    return 1e6 + m(0, 0) * m(0, 1) * m(0, 2);
  };
  EXPECT_TRUE(gradient_check(product, x, {{-2, 0.5, -1}}).within(1e-7));
}

// Whichever element is wrong, in a large matrix as well.
TEST(GradientCheck, FindsAWrongElementInAnyPlace) {
  const int rows = 70, cols = 5;
  const Matrix x = test_random(4).normal_matrix(0, 1, rows, cols);
  for (const auto& [i, j] : {std::pair{0, 0}, {0, 4}, {35, 3}, {65, 2}, {69, 0}, {69, 4}}) {
    Matrix g = waves_gradient(x);
    g(i, j) = -g(i, j);
    const GradientCheck check = gradient_check(waves, x, g);
    EXPECT_FALSE(check.within(1e-3));
    EXPECT_EQ(check.row, i);
    EXPECT_EQ(check.col, j);
    for (Scalar bad :
         {std::numeric_limits<Scalar>::quiet_NaN(), std::numeric_limits<Scalar>::infinity(),
          -std::numeric_limits<Scalar>::infinity()}) {
      g(i, j) = bad;
      EXPECT_FALSE(gradient_check(waves, x, g).within(1e300)) << bad;
    }
  }
  EXPECT_TRUE(gradient_check(waves, x, waves_gradient(x)).within(1e-7));
}

TEST(GradientCheck, IsQuick) {  // a chapter checks thousands of elements
  int calls = 0;
  const auto counted = [&](const Matrix& m) {
    ++calls;
    return waves(m);
  };
  const Matrix x = test_random(3).normal_matrix(0, 1, 10, 10);
  gradient_check(counted, x, waves_gradient(x));
  EXPECT_LT(calls, 2 * 100 + 1000);
}

TEST(GradientCheck, RefusesAnotherShapeAndNothing) {
  EXPECT_TRUE(refuses([] { gradient_check(waves, Matrix(2, 3), Matrix(3, 2)); }));
  for (const auto& [rows, cols] : {std::pair{2, 2}, {2, 4}, {1, 3}, {3, 3}, {6, 1}, {0, 0}})
    EXPECT_TRUE(refuses([r = rows, c = cols] {
      gradient_check(waves, Matrix(2, 3), Matrix(r, c));
    })) << rows
        << " " << cols;
  EXPECT_TRUE(refuses([] { gradient_check(waves, Matrix(), Matrix()); }));
  EXPECT_TRUE(refuses([] { gradient_check(waves, Matrix(1, 1), Matrix(1, 1), 0); }));
}

}  // namespace
}  // namespace gradus::testing
