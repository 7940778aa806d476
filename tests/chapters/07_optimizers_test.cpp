// Chapter 07: what a step of each optimizer must be.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>

#include "chapters/07_optimizers/optimizers.hpp"
#include "tests/golden/torch_optimizers.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

// One step of some optimizer, which keeps its state for itself.
using Step = std::function<void(Matrix& w, const Matrix& dw, Scalar rate)>;

Step momentum(Scalar mu = 0.9) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    momentum_step(w, dw, s, rate, mu);
  };
}
Step nesterov(Scalar mu = 0.9) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    nesterov_step(w, dw, s, rate, mu);
  };
}
Step adagrad(Scalar epsilon = 1e-10) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    adagrad_step(w, dw, s, rate, epsilon);
  };
}
Step rmsprop(Scalar rho = 0.99, Scalar epsilon = 1e-8) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    rmsprop_step(w, dw, s, rate, rho, epsilon);
  };
}
Step adam(Scalar beta1 = 0.9, Scalar beta2 = 0.999, Scalar epsilon = 1e-8) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    adam_step(w, dw, s, rate, beta1, beta2, epsilon);
  };
}
Step adamw(Scalar decay = 0.01, Scalar beta1 = 0.9, Scalar beta2 = 0.999, Scalar epsilon = 1e-8) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    adamw_step(w, dw, s, rate, decay, beta1, beta2, epsilon);
  };
}
Step named(Optimizer optimizer) {
  return [=, s = OptimizerState()](Matrix& w, const Matrix& dw, Scalar rate) mutable {
    optimizer_step(optimizer, w, dw, s, rate);
  };
}

const Optimizer all[] = {Optimizer::sgd,     Optimizer::momentum, Optimizer::nesterov,
                         Optimizer::adagrad, Optimizer::rmsprop,  Optimizer::adam,
                         Optimizer::adamw};

std::string name_of(Optimizer optimizer) {
  const char* names[] = {"SGD", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW"};
  return names[static_cast<int>(optimizer)];
}

// All numbers that a step may be given. `share` is μ or ρ.
struct Numbers {
  Scalar rate = 0.1, share = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.01;
};

// Those of an optimizer that is given none but its rate.
Numbers defaults(Optimizer optimizer, Scalar rate) {
  Numbers k{.rate = rate};
  if (optimizer == Optimizer::rmsprop) k.share = 0.99;
  if (optimizer == Optimizer::adagrad) k.epsilon = 1e-10;
  return k;
}

void step_with(Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& s,
               const Numbers& k) {
  switch (optimizer) {
    case Optimizer::sgd: return sgd_step(w, dw, k.rate);
    case Optimizer::momentum: return momentum_step(w, dw, s, k.rate, k.share);
    case Optimizer::nesterov: return nesterov_step(w, dw, s, k.rate, k.share);
    case Optimizer::adagrad: return adagrad_step(w, dw, s, k.rate, k.epsilon);
    case Optimizer::rmsprop: return rmsprop_step(w, dw, s, k.rate, k.share, k.epsilon);
    case Optimizer::adam: return adam_step(w, dw, s, k.rate, k.beta1, k.beta2, k.epsilon);
    case Optimizer::adamw:
      return adamw_step(w, dw, s, k.rate, k.decay, k.beta1, k.beta2, k.epsilon);
  }
}

// How far the formulas of the contract move one weight. m, v and t are what is remembered of it.
double plain_move(Optimizer optimizer, double w, double g, double& m, double& v, int t,
                  const Numbers& k) {
  const bool both = optimizer == Optimizer::adam || optimizer == Optimizer::adamw;
  if (optimizer == Optimizer::sgd) return -k.rate * g;
  if (optimizer == Optimizer::momentum || optimizer == Optimizer::nesterov) {
    m = k.share * m + g;
    return -k.rate * (optimizer == Optimizer::momentum ? m : g + k.share * m);
  }
  if (optimizer == Optimizer::adagrad)
    v += g * g;
  else if (optimizer == Optimizer::rmsprop)
    v = k.share * v + (1 - k.share) * g * g;
  else
    v = k.beta2 * v + (1 - k.beta2) * g * g;
  if (!both) return -k.rate * g / (std::sqrt(v) + k.epsilon);
  m = k.beta1 * m + (1 - k.beta1) * g;
  const double by_m = 1 - std::pow(k.beta1, t), by_v = 1 - std::pow(k.beta2, t);
  const double decayed = optimizer == Optimizer::adamw ? k.rate * k.decay * w : 0;
  return -decayed - k.rate * (m / by_m) / (std::sqrt(v / by_v) + k.epsilon);
}

// One step of all weights, by plain loops.
void plain_step(Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& s,
                const Numbers& k) {
  const bool adam = optimizer == Optimizer::adam || optimizer == Optimizer::adamw;
  const bool squares = adam || optimizer == Optimizer::adagrad || optimizer == Optimizer::rmsprop;
  const bool direction = adam || (!squares && optimizer != Optimizer::sgd);
  if (direction && s.direction.size() == 0) s.direction = Matrix(w.rows(), w.cols());
  if (squares && s.squares.size() == 0) s.squares = Matrix(w.rows(), w.cols());
  s.t += adam;
  for (int i = 0; i < w.rows(); ++i)
    for (int j = 0; j < w.cols(); ++j) {
      double m = direction ? s.direction(i, j) : 0, v = squares ? s.squares(i, j) : 0;
      w(i, j) += plain_move(optimizer, w(i, j), dw(i, j), m, v, s.t, k);
      if (direction) s.direction(i, j) = m;
      if (squares) s.squares(i, j) = v;
    }
}

// Same shape, and each element within `tolerance` of its size.
::testing::AssertionResult relatively_near(const Matrix& got, const Matrix& expected,
                                           double tolerance) {
  if (shape(got) != shape(expected)) return near(got, expected, 0);
  for (int i = 0; i < got.rows(); ++i)
    for (int j = 0; j < got.cols(); ++j) {
      const auto result = near(got(i, j), expected(i, j), tolerance * std::abs(expected(i, j)));
      if (!result)
        return ::testing::AssertionFailure() << result.message() << " at (" << i << "," << j << ")";
    }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult relatively_near(const OptimizerState& got,
                                           const OptimizerState& expected, double tolerance) {
  const auto direction = relatively_near(got.direction, expected.direction, tolerance);
  if (!direction)
    return ::testing::AssertionFailure() << "state.direction: " << direction.message();
  const auto squares = relatively_near(got.squares, expected.squares, tolerance);
  if (!squares) return ::testing::AssertionFailure() << "state.squares: " << squares.message();
  if (got.t == expected.t) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "state.t is " << got.t << ", not " << expected.t;
}

// The place of a single weight that starts at 0, after one step for each gradient.
double walk(const Step& step, const std::vector<double>& gradients, Scalar rate) {
  Matrix w(1, 1);
  for (double g : gradients) step(w, {{g}}, rate);
  return w.size() == 1 ? w(0, 0) : nan;
}

// ---- PyTorch's paths ----

// The index-th matrix (2,3) of a list of numbers.
Matrix part(const std::vector<double>& values, int index) {
  Matrix m(2, 3);
  std::copy_n(values.begin() + 6 * index, 6, m.flat().begin());
  return m;
}

enum class Run { ordinary, tiny, dropping };  // tests/golden/torch_optimizers.py

// 100 steps beside PyTorch's. The tolerance is 1e-12 of the largest weight. In the run `tiny` the
// gradients have a size of 1e-12 and the weights start at 0, so the weights are the steps and
// nothing else: an ε in another place changes them by a factor, from 1e-7 to 1e-11 or to 1e-1, not
// by something that a tolerance beside weights of size 1 would let pass.
void expect_path(const std::vector<double>& path, Run run, const Step& step) {
  Matrix w = run == Run::tiny ? Matrix(2, 3) : part(golden::optimizer_start, 0);
  std::size_t kept = 0;
  for (int t = 1; t <= 100; ++t) {
    Matrix dw = part(golden::optimizer_gradients, t - 1);
    if (run == Run::tiny)
      for (Scalar& g : dw.flat()) g *= 1e-12;
    step(w, dw, run == Run::dropping && t > 2 ? 0.005 : 0.05);
    if (t != golden::optimizer_steps[kept]) continue;
    const Matrix expected = part(path, static_cast<int>(kept++));
    double largest = 0;
    for (Scalar v : expected.flat()) largest = std::max(largest, std::abs(double{v}));
    ASSERT_TRUE(near(w, expected, 1e-12 * largest)) << "after step " << t;
  }
}

// ---- plain descent ----

TEST(Sgd, GoesAgainstTheGradient) {
  points(2);
  Matrix w = {{1, 2, 3}, {4, 5, 6}};
  sgd_step(w, {{1, 0, -1}, {2, -2, 4}}, 0.5);
  EXPECT_TRUE(near(w, {{0.5, 2, 3.5}, {3, 6, 4}}, 1e-15)) << "w - 0.5 dw";
  w = {{1, -1}};
  sgd_step(w, {{1e7, -1e300}}, 2);
  EXPECT_TRUE(relatively_near(w, {{1 - 2e7, 2e300}}, 1e-15))
      << "a gradient of any size, a rate above 1";
  w = {{0, 0}};
  sgd_step(w, {{1e-300, -1e-20}}, 0.5);
  EXPECT_TRUE(relatively_near(w, {{-5e-301, 5e-21}}, 1e-15)) << "and as small as it likes";
}

TEST(Sgd, IsPyTorchs) {
  points(2);
  expect_path(golden::sgd_ordinary, Run::ordinary, sgd_step);
  expect_path(golden::sgd_tiny, Run::tiny, sgd_step);
  expect_path(golden::sgd_dropping, Run::dropping, sgd_step);
}

// ---- memory of the direction ----

TEST(Momentum, AddsUpGradientsThatAgree) {
  points(3);
  EXPECT_TRUE(near(walk(momentum(), {1}, 0.1), -0.1, 1e-15)) << "the first step is plain descent's";
  EXPECT_TRUE(near(walk(momentum(), {1, 1, 1}, 0.1), -0.561, 1e-15))
      << "velocities 1, 1.9, 2.71: v = 0.9 v + dw";
  EXPECT_TRUE(near(walk(momentum(), {1, 0}, 0.1), -0.19, 1e-15)) << "it rolls on without a slope";
}

TEST(Momentum, IsPyTorchs) {
  points(2);
  expect_path(golden::momentum_ordinary, Run::ordinary, momentum());
  expect_path(golden::momentum_other, Run::ordinary, momentum(0.5));
  expect_path(golden::momentum_tiny, Run::tiny, momentum());
}

TEST(Momentum, TakesANewLearningRateAtOnce) {
  points(2);
  expect_path(golden::momentum_dropping, Run::dropping, momentum());
  expect_path(golden::nesterov_dropping, Run::dropping, nesterov());
  if (HasFailure()) FAIL() << "v is the sum of gradients; lr multiplies it only in the step";
}

TEST(Nesterov, LooksAheadByOneVelocity) {
  points(3);
  EXPECT_TRUE(near(walk(nesterov(), {1}, 0.1), -0.19, 1e-15)) << "dw + 0.9 v with the new v = 1";
  EXPECT_TRUE(near(walk(nesterov(), {1, 1}, 0.1), -0.461, 1e-15)) << "1.9, then 1 + 0.9 · 1.9";
  EXPECT_TRUE(near(walk(nesterov(), {1, 0}, 0.1), -0.271, 1e-15)) << "it rolls on: 1.9, then 0.81";
  EXPECT_TRUE(near(walk(nesterov(), {1, -1}, 0.1), -0.081, 1e-15)) << "1.9, then -1 + 0.9 · -0.1";
}

TEST(Nesterov, IsPyTorchs) {
  points(3);
  expect_path(golden::nesterov_ordinary, Run::ordinary, nesterov());
  expect_path(golden::nesterov_other, Run::ordinary, nesterov(0.5));
  expect_path(golden::nesterov_tiny, Run::tiny, nesterov());
}

TEST(Momentum, OfZeroIsPlainDescent) {
  points(2);
  Random random = test_random(10);
  Matrix a = random.normal_matrix(0, 1, 3, 4), b = a, c = a;
  const Step still = momentum(0), looking = nesterov(0);
  for (int t = 0; t < 5; ++t) {
    const Matrix dw = random.normal_matrix(0, 1, 3, 4);
    for (int i = 0; i < a.size(); ++i) a.flat()[i] -= 0.3 * dw.flat()[i];
    still(b, dw, 0.3);
    looking(c, dw, 0.3);
  }
  EXPECT_TRUE(near(b, a, 1e-14)) << "momentum";
  EXPECT_TRUE(near(c, a, 1e-14)) << "Nesterov";
}

// ---- memory of the size ----

TEST(AdaGrad, DividesByTheRootOfAllSquaresSoFar) {
  points(3);
  EXPECT_TRUE(near(walk(adagrad(), {3}, 0.5), -0.5, 1e-10)) << "3 by the root of 9";
  EXPECT_TRUE(near(walk(adagrad(), {3, 4}, 0.5), -0.9, 1e-10)) << "then 4 by the root of 9 + 16";
  EXPECT_TRUE(near(walk(adagrad(1), {3}, 0.5), -0.375, 1e-15)) << "3 / (3 + ε) with ε = 1";
}

TEST(AdaGrad, IsPyTorchs) {
  points(3);
  expect_path(golden::adagrad_ordinary, Run::ordinary, adagrad());
  expect_path(golden::adagrad_other, Run::ordinary, adagrad(1e-3));
  expect_path(golden::adagrad_dropping, Run::dropping, adagrad());
}

TEST(AdaGrad, IsPyTorchsForGradientsOfATrillionth) {
  points(2);
  expect_path(golden::adagrad_tiny, Run::tiny, adagrad());
  if (HasFailure()) FAIL() << "ε is added to the root, not to what stands under it";
}

// Under a constant gradient step t has the size lr / √t.
TEST(AdaGrad, OnlyShrinksItsSteps) {
  points(2);
  for (double g : {0.01, -5.0, 300.0}) {
    Matrix w(1, 1);
    const Step step = adagrad();
    for (int t = 1; t <= 50; ++t) {
      const double before = w(0, 0);
      step(w, {{g}}, 0.2);
      ASSERT_EQ(shape(w), "(1,1)");
      EXPECT_TRUE(near(std::abs(w(0, 0) - before), 0.2 / std::sqrt(t), 1e-8)) << "step " << t;
    }
  }
}

TEST(RmsProp, DividesByTheRootOfADecayingMean) {
  points(3);
  EXPECT_TRUE(near(walk(rmsprop(0.75), {2}, 0.5), -1, 1e-7)) << "h = 0.25 · 4: 2 by 1";
  EXPECT_TRUE(near(walk(rmsprop(0.75), {2, 5}, 0.5), -1 - 2.5 / std::sqrt(7), 1e-7))
      << "then h = 0.75 · 1 + 0.25 · 25";
  EXPECT_TRUE(near(walk(rmsprop(0.75), {2, 0, 4}, 0.5), -1 - 2 / std::sqrt(4.5625), 1e-7))
      << "a gradient of 0 counts: h = 0.75 · 0.75 + 0.25 · 16";
  EXPECT_TRUE(near(walk(rmsprop(0.75, 1), {2}, 0.5), -0.5, 1e-15)) << "2 / (1 + ε) with ε = 1";
}

TEST(RmsProp, IsPyTorchs) {
  points(3);
  expect_path(golden::rmsprop_ordinary, Run::ordinary, rmsprop());
  expect_path(golden::rmsprop_other, Run::ordinary, rmsprop(0.9, 1e-3));
  expect_path(golden::rmsprop_dropping, Run::dropping, rmsprop());
}

TEST(RmsProp, IsPyTorchsForGradientsOfATrillionth) {
  points(2);
  expect_path(golden::rmsprop_tiny, Run::tiny, rmsprop());
  if (HasFailure()) FAIL() << "ε is added to the root, not to what stands under it";
}

// Under a constant gradient step t has the size lr / √(1 - ρ^t): it settles at lr.
TEST(RmsProp, ForgetsAndSoKeepsGoing) {
  points(2);
  Matrix w(1, 1);
  const Step step = rmsprop(0.9);
  const auto size = [&](double g) {
    const double before = w(0, 0);
    step(w, {{g}}, 0.2);
    if (w.size() != 1) w = {{nan}};
    return std::abs(w(0, 0) - before);
  };
  for (int t = 1; t <= 200; ++t)
    EXPECT_TRUE(near(size(3), 0.2 / std::sqrt(1 - std::pow(0.9, t)), 1e-8)) << "step " << t;
  double last = 0;
  for (int t = 1; t <= 50; ++t) {  // the gradient has become 100 times smaller
    const double next = size(0.03);
    EXPECT_GT(next, last) << "h forgets the large gradients: the steps grow again";
    last = next;
  }
}

// ---- both ----

TEST(Adam, FirstStepHasTheSizeOfTheLearningRate) {
  points(4);
  for (double g : {1e-2, 1.0, 37.0, 1e8}) {
    EXPECT_TRUE(near(walk(adam(), {g}, 0.3), -0.3, 1e-6)) << "gradient " << g;
    EXPECT_TRUE(near(walk(adam(), {-g}, 0.3), 0.3, 1e-6)) << "gradient " << -g;
  }
  EXPECT_TRUE(near(walk(adam(0.5, 0.25, 1), {3}, 0.4), -0.3, 1e-15)) << "3 / (3 + ε) with ε = 1";
}

// A constant gradient g has the mean g and the mean square g^2, from the first step on.
TEST(Adam, UnderAConstantGradientEveryStepIsTheLearningRate) {
  points(2);
  for (int steps : {2, 3, 10, 100, 300})
    EXPECT_TRUE(near(walk(adam(), std::vector<double>(steps, -4), 0.1), 0.1 * steps, 1e-5))
        << steps << " steps: look at the corrections by 1 - β^t, and at t";
}

// m = 1, then 0.5; v = 1, then 0.75; the corrections of the second step are 0.75 and 0.4375.
TEST(Adam, RollsOnWhereTheGradientIsZero) {
  points(2);
  const double second = 0.5 / 0.75 / std::sqrt(0.75 / 0.4375);
  EXPECT_TRUE(near(walk(adam(0.5, 0.75), {2, 0}, 0.1), -0.1 - 0.1 * second, 1e-8));
  EXPECT_TRUE(near(walk(adamw(0, 0.5, 0.75), {2, 0}, 0.1), -0.1 - 0.1 * second, 1e-8));
}

TEST(Adam, IsPyTorchs) {
  points(3);
  expect_path(golden::adam_ordinary, Run::ordinary, adam());
  expect_path(golden::adam_other, Run::ordinary, adam(0.8, 0.99, 1e-3));
  expect_path(golden::adam_dropping, Run::dropping, adam());
}

TEST(Adam, IsPyTorchsForGradientsOfATrillionth) {
  points(3);
  expect_path(golden::adam_tiny, Run::tiny, adam());
  if (HasFailure()) FAIL() << "ε is added to the root of the corrected v, not under it";
}

TEST(AdamW, IsPyTorchs) {
  points(4);
  expect_path(golden::adamw_ordinary, Run::ordinary, adamw());
  expect_path(golden::adamw_other, Run::ordinary, adamw(0.1, 0.8, 0.99, 1e-3));
  expect_path(golden::adamw_dropping, Run::dropping, adamw());
  expect_path(golden::adamw_tiny, Run::tiny, adamw());
}

TEST(AdamW, WithoutDecayIsAdam) {
  points(1);
  Random random = test_random(20);
  Matrix a = random.normal_matrix(0, 1, 2, 5), b = a;
  OptimizerState plain, state;
  for (int t = 0; t < 5; ++t) {
    const Matrix dw = random.normal_matrix(0, 1, 2, 5);
    const Numbers none{.decay = 0};
    plain_step(Optimizer::adam, a, dw, plain, none);
    step_with(Optimizer::adamw, b, dw, state, none);
    EXPECT_TRUE(near(b, a, 1e-12));
    EXPECT_TRUE(relatively_near(state, plain, 1e-10));
  }
}

TEST(AdamW, DecaysEveryWeightByTheSameShare) {
  points(2);
  Matrix w = {{1, -2, 400}};
  adamw(0.5)(w, Matrix(1, 3), 0.1);
  EXPECT_TRUE(near(w, {{0.95, -1.9, 380}}, 1e-12)) << "no gradient: w - 0.1 · 0.5 w";
  Matrix column = {{2}, {4}}, one = {{2}};
  adamw(0.5)(column, Matrix(2, 1), 0.1);
  adamw(0.5)(one, Matrix(1, 1), 0.1);
  EXPECT_TRUE(near(column, {{1.9}, {3.8}}, 1e-12)) << "whatever its shape";
  EXPECT_TRUE(near(one, {{1.9}}, 1e-12)) << "whatever its shape";
  Matrix turned = {{1, -2, 1e6}};
  adamw(4)(turned, Matrix(1, 3), 0.5);
  EXPECT_TRUE(near(turned, {{-1, 2, -1e6}}, 1e-9)) << "λ and the rate may be large: w - 0.5 · 4 w";
}

// ---- all of them ----

using Call = std::function<void(Matrix& w, const Matrix& dw, OptimizerState& state)>;

// check(name, the call of one step)
template <class Check>
void for_those_with_direction(Check check) {
  using M = Matrix;
  using S = OptimizerState;
  check("momentum", [](M& w, const M& dw, S& s) { momentum_step(w, dw, s, 0.1); });
  check("Nesterov", [](M& w, const M& dw, S& s) { nesterov_step(w, dw, s, 0.1); });
  check("Adam", [](M& w, const M& dw, S& s) { adam_step(w, dw, s, 0.1); });
  check("AdamW", [](M& w, const M& dw, S& s) { adamw_step(w, dw, s, 0.1); });
}
template <class Check>
void for_those_with_squares(Check check) {
  using M = Matrix;
  using S = OptimizerState;
  check("AdaGrad", [](M& w, const M& dw, S& s) { adagrad_step(w, dw, s, 0.1); });
  check("RMSProp", [](M& w, const M& dw, S& s) { rmsprop_step(w, dw, s, 0.1); });
  check("Adam", [](M& w, const M& dw, S& s) { adam_step(w, dw, s, 0.1); });
  check("AdamW", [](M& w, const M& dw, S& s) { adamw_step(w, dw, s, 0.1); });
}
template <class Check>
void for_every_optimizer(Check check) {
  check("SGD", [](Matrix& w, const Matrix& dw, OptimizerState&) { sgd_step(w, dw, 0.1); });
  for_those_with_direction(check);
  for_those_with_squares(check);
}

// To the last bit; NaN is the same as NaN.
bool same(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  for (int i = 0; i < a.size(); ++i)
    if (a.flat()[i] != b.flat()[i] && !(std::isnan(a.flat()[i]) && std::isnan(b.flat()[i])))
      return false;
  return true;
}
bool same(const OptimizerState& a, const OptimizerState& b) {
  return same(a.direction, b.direction) && same(a.squares, b.squares) && a.t == b.t;
}

// A step that must be refused, and leave everything as it was.
void expect_refused(const std::string& name, const OptimizerState& state, const Call& step,
                    const Matrix& dw, const Matrix& start = {{1, 2, 3}, {4, 5, 6}}) {
  Matrix w = start;
  OptimizerState after = state;
  EXPECT_TRUE(refuses([&] { step(w, dw, after); })) << name << ", dw " << shape(dw);
  EXPECT_TRUE(same(w, start)) << name << " has changed w before it refused dw " << shape(dw);
  EXPECT_TRUE(same(after, state)) << name << " has changed its state before it refused";
}

// The state after two steps that must be taken: who refuses everything has understood nothing. All
// those steps have a rate of 0.1 and the default settings.
OptimizerState used_state(const std::string& name, const Call& step) {
  Matrix w = {{1, 2, 3}, {4, 5, 6}}, plain_w = w;
  OptimizerState used, plain;
  for (const Matrix& dw : {Matrix{{3, -1, 2}, {1, 1, -4}}, Matrix{{-1, 7, 2}, {2, 0.5, 9}}}) {
    EXPECT_TRUE(accepts([&] { step(w, dw, used); })) << name;
    for (Optimizer optimizer : all)
      if (name == name_of(optimizer))
        plain_step(optimizer, plain_w, dw, plain, defaults(optimizer, 0.1));
    EXPECT_TRUE(near(w, plain_w, 1e-12)) << name << " has not made its step";
  }
  return plain;
}

TEST(Optimizers, RememberWhatTheContractSays) {
  points(2);
  Matrix w(1, 2);
  const Matrix a = {{2, -1}}, b = {{-3, 5}};
  OptimizerState v, n, sum, mean, s, decaying;
  momentum_step(w, a, v, 0.1, 0.5), momentum_step(w, b, v, 0.7, 0.5);
  nesterov_step(w, a, n, 0.1, 0.5), nesterov_step(w, b, n, 0.7, 0.5);
  EXPECT_TRUE(near(v.direction, {{-2, 4.5}}, 1e-14)) << "momentum: 0.5 a + b";
  EXPECT_TRUE(near(n.direction, {{-2, 4.5}}, 1e-14)) << "Nesterov: 0.5 a + b";
  adagrad_step(w, a, sum, 0.1), adagrad_step(w, b, sum, 0.1);
  EXPECT_TRUE(near(sum.squares, {{13, 26}}, 1e-13)) << "AdaGrad: a^2 + b^2";
  rmsprop_step(w, a, mean, 0.1, 0.75), rmsprop_step(w, b, mean, 0.1, 0.75);
  EXPECT_TRUE(near(mean.squares, {{3, 6.4375}}, 1e-13)) << "RMSProp: 0.75 · 0.25 a^2 + 0.25 b^2";
  adam_step(w, a, s, 0.1, 0.5, 0.75), adam_step(w, b, s, 0.1, 0.5, 0.75);
  adamw_step(w, a, decaying, 0.1, 0.3, 0.5, 0.75), adamw_step(w, b, decaying, 0.1, 0.3, 0.5, 0.75);
  for (const OptimizerState& state : {s, decaying}) {
    EXPECT_TRUE(near(state.direction, {{-1, 2.25}}, 1e-13)) << "Adam: the mean, not corrected";
    EXPECT_TRUE(near(state.squares, {{3, 6.4375}}, 1e-13)) << "Adam: the gradients, no decay";
    EXPECT_EQ(state.t, 2) << "steps taken";
  }
  for_those_with_direction([](const std::string& name, const Call& step) {
    EXPECT_EQ(shape(used_state(name, step).direction), "(2,3)") << name << ": shaped like its w";
  });
  for_those_with_squares([](const std::string& name, const Call& step) {
    EXPECT_EQ(shape(used_state(name, step).squares), "(2,3)") << name << ": shaped like its w";
  });
}

// Who adds a member that another optimizer uses, changes the step that is taken with it later.
TEST(Optimizers, LeaveThePartsOfTheStateThatTheyDoNotUseAlone) {
  points(1);
  const auto after = [](const Call& step) {
    OptimizerState state{{{4e9, -5e-15}}, {{6e20, 7e-20}}, 8000};
    Matrix w = {{1, 2}};
    step(w, {{3, -2}}, state);
    EXPECT_FALSE(w == (Matrix{{1, 2}})) << "it has not made its step";
    return state;
  };
  using M = Matrix;
  using S = OptimizerState;
  for (const S& s : {after([](M&w, const M&dw, S&s) { momentum_step(w, dw, s, 0.1); }),
                     after([](M&w, const M&dw, S&s) { nesterov_step(w, dw, s, 0.1); })}) {
    EXPECT_TRUE(near(s.squares, {{6e20, 7e-20}}, 0)) << "momentum and Nesterov remember no squares";
    EXPECT_EQ(s.t, 8000) << "and count no steps";
  }
  for (const S& s : {after([](M&w, const M&dw, S&s) { adagrad_step(w, dw, s, 0.1); }),
                     after([](M&w, const M&dw, S&s) { rmsprop_step(w, dw, s, 0.1); })}) {
    EXPECT_TRUE(near(s.direction, {{4e9, -5e-15}}, 0))
        << "AdaGrad and RMSProp remember no direction";
    EXPECT_EQ(s.t, 8000) << "and count no steps";
  }
}

TEST(Optimizers, EndOnTheRavineWhereNumPyEnds) {
  points(2);
  const auto end = [](const Step& step, Scalar rate) {
    Matrix w = {{-7, 2}};
    for (int i = 0; i < 30 && w.size() == 2; ++i) step(w, {{w(0, 0) / 10, 2 * w(0, 1)}}, rate);
    if (w.size() != 2) return std::vector<double>{nan, nan};
    return std::vector<double>{w(0, 0), w(0, 1)};
  };
  const auto near_end = [](const std::vector<double>& got, const std::vector<double>& expected) {
    return near({{got[0], got[1]}}, {{expected[0], expected[1]}}, 1e-12);
  };
  EXPECT_TRUE(near_end(end(sgd_step, 0.95), golden::sgd_ravine))
      << "SGD: -7 · 0.905^30, 2 · 0.9^30";
  EXPECT_TRUE(near_end(end(momentum(), 0.1), golden::momentum_ravine)) << "momentum";
  EXPECT_TRUE(near_end(end(adagrad(), 1.5), golden::adagrad_ravine)) << "AdaGrad";
  EXPECT_TRUE(near_end(end(adam(), 0.3), golden::adam_ravine)) << "Adam";
}

// Beside a tiny ε the size of the gradients cancels: AdaGrad, RMSProp and Adam see only their
// ratios.
TEST(Optimizers, OfEachWeightsOwnSizeDoNotSeeTheScale) {
  points(2);
  const Numbers k{.share = 0.99, .epsilon = 1e-100};
  for (Optimizer optimizer : {Optimizer::adagrad, Optimizer::rmsprop, Optimizer::adam}) {
    Random random = test_random(30);
    Matrix plain_w = random.normal_matrix(0, 1, 3, 2), small = plain_w, large = plain_w;
    OptimizerState plain, of_small, of_large;
    for (int t = 0; t < 10; ++t) {
      Matrix dw = random.normal_matrix(0, 1, 3, 2);
      plain_step(optimizer, plain_w, dw, plain, k);
      for (Scalar& g : dw.flat()) g *= 1000;
      step_with(optimizer, large, dw, of_large, k);
      for (Scalar& g : dw.flat()) g *= 1e-30;
      step_with(optimizer, small, dw, of_small, k);
    }
    EXPECT_TRUE(near(large, plain_w, 1e-10)) << name_of(optimizer) << ", a thousand times as large";
    EXPECT_TRUE(near(small, plain_w, 1e-10)) << name_of(optimizer) << ", 10^-27 times as large";
  }
}

using Take = std::function<void(Matrix& w, const Matrix& dw, OptimizerState& s, const Numbers& k)>;

// Is each of some steps from `start` by gradients of that size the one of plain loops?
void expect_plain_steps(Optimizer optimizer, const Numbers& k, const Matrix& start, double size,
                        const Take& take, int steps = 4, double digits = 1e-11) {
  Random random = test_random(30);
  Matrix w = start, plain_w = start;
  OptimizerState state, plain;
  const double square = size * size > 0 ? size * size : 1;  // that of 1e-200 is 0
  for (int t = 1; t <= steps; ++t) {
    // None is near 0: beside a mean that is much larger, its digits may be lost in any order.
    Matrix dw = random.uniform_matrix(0.5 * size, 2 * size, start.rows(), start.cols());
    for (Scalar& g : dw.flat()) g *= random.uniform() < 0.5 ? -1 : 1;
    const Matrix used = dw;
    double largest = 0;
    for (Scalar v : plain_w.flat()) largest = std::max(largest, std::abs(v));
    plain_step(optimizer, plain_w, dw, plain, k);
    take(w, used, state, k);
    for (Scalar v : plain_w.flat()) largest = std::max(largest, std::abs(v));
    ASSERT_TRUE(near(w, plain_w, digits * largest))
        << name_of(optimizer) << ", step " << t << ", rate " << k.rate << ", μ or ρ " << k.share
        << ", β1 " << k.beta1 << ", β2 " << k.beta2 << ", ε " << k.epsilon << ", λ " << k.decay
        << ", gradients of " << size;
    for (const auto& [got, expected, unit] : {std::tuple{&state.direction, &plain.direction, size},
                                              {&state.squares, &plain.squares, square}}) {
      Matrix a = *got, b = *expected;
      for (Matrix* m : {&a, &b})
        for (Scalar& v : m->flat()) v /= unit;
      ASSERT_TRUE(near(a, b, 1e-11)) << "the state of " << name_of(optimizer) << ", step " << t;
    }
    ASSERT_EQ(state.t, plain.t) << name_of(optimizer);
    ASSERT_TRUE(used == dw) << name_of(optimizer) << " only reads dw";
    w = plain_w;  // rounding does not add up
    state = plain;
  }
}

// Matrices that are square and not; weights and gradients of any size, each with another of the shapes,
// and from settings to settings with the next. From 0 a step is seen however small it is.
void expect_plain_steps(Optimizer optimizer, const Numbers& k, int settings, const Take& take) {
  constexpr std::pair<int, int> shapes[] = {{4, 4}, {2, 7}, {9, 3}, {1, 1}, {1, 6}, {6, 1}};
  Random random = test_random(32);
  for (const auto& [rows, cols] : shapes)
    expect_plain_steps(optimizer, k, random.normal_matrix(0, 1, rows, cols), 1, take);
  int shape = settings;
  for (double size : {1.0, 1e-14, 1e100, 1e-140, 1e-200}) {
    if (size < 1e-150 && k.epsilon < 1e-30) continue;  // no square, whose root would still count
    for (double start : {1.0, 1e-30, 0.0, 1e12}) {
      const auto& [rows, cols] = shapes[shape++ % 6];
      expect_plain_steps(optimizer, k, random.normal_matrix(0, start, rows, cols), size, take);
    }
  }
}

// A matrix as large as the first layer's of 784 inputs and 100 units.
void expect_large_steps(Optimizer optimizer, int rows, int cols, const Take& take) {
  const Matrix start = test_random(33).normal_matrix(0, 1, rows, cols);
  expect_plain_steps(optimizer, defaults(optimizer, 0.1), start, 1, take, 2);
}

// Numbers of any size within their domains.
TEST(Optimizers, OfAnySettingsAreThoseOfPlainLoops) {
  points(4);
  const Numbers settings[] = {
      {},
      {.rate = 3, .share = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-3, .decay = 0.2},
      {.rate = 0.01, .share = 0, .beta1 = 0, .beta2 = 0.9, .epsilon = 1, .decay = 7},
      {.rate = 1e4, .share = 0.99, .beta1 = 0.99, .beta2 = 0, .epsilon = 1e-30, .decay = 0},
      {.rate = 1e-9, .share = 0.01, .beta1 = 0.01, .beta2 = 0.5, .epsilon = 1e6, .decay = 1e3},
      {.rate = 1e12,
       .share = 0.9999,
       .beta1 = 1 - 0x1p-11,  // 1 - β^t has fewer digits the nearer β is to 1
       .beta2 = 1 - 0x1p-13,
       .epsilon = 1e-200,
       .decay = 1e9},
      {.rate = 0, .share = 0.7, .beta1 = 0.7, .beta2 = 0.8, .epsilon = 1e-8, .decay = 0.5}};
  for (Optimizer optimizer : all) {
    const auto take = [&](Matrix& w, const Matrix& dw, OptimizerState& s, const Numbers& k) {
      step_with(optimizer, w, dw, s, k);
    };
    int count = 0;
    for (const Numbers& numbers : settings) expect_plain_steps(optimizer, numbers, count++, take);
    // Nearer to 1 still, where 1 - β^t may have lost half of its digits.
    const Numbers close{.share = 1 - 0x1p-30, .beta1 = 1 - 0x1p-20, .beta2 = 1 - 0x1p-30};
    expect_plain_steps(optimizer, close, Matrix(2, 3, 1), 1, take, 3, 1e-6);
    expect_large_steps(optimizer, 784, 100, take);
  }
}

// 1100 steps, more than an epoch has, by name a hundred; then a step at some later counts, up to
// the last one.
TEST(Optimizers, AfterThousandsOfStepsAreStillThoseOfPlainLoops) {
  points(2);
  for (Optimizer optimizer : all) {
    Random random = test_random(31);
    Matrix w = {{3, -2}}, plain_w = w, named_w = w;
    OptimizerState state, plain, named;
    const Numbers k = defaults(optimizer, 0.01);
    const auto step = [&](const Matrix& dw, bool by_name) {
      plain_step(optimizer, plain_w, dw, plain, k);
      step_with(optimizer, w, dw, state, k);
      if (by_name) optimizer_step(optimizer, named_w, dw, named, k.rate);
    };
    for (int t = 1; t <= 1100; ++t) {
      step(random.normal_matrix(0.1, 1, 1, 2), t <= 100);
      ASSERT_TRUE(near(w, plain_w, 1e-9)) << name_of(optimizer) << ", step " << t;
      if (t > 100) continue;
      ASSERT_TRUE(near(named_w, plain_w, 1e-9)) << name_of(optimizer) << " by name, step " << t;
    }
    EXPECT_TRUE(relatively_near(state, plain, 1e-7)) << name_of(optimizer) << ", 1100 steps";
    named = plain, named_w = plain_w;
    for (int t : {300, 1500, 2000, 5000, 20000, 100000, 131071, 2147483645}) {
      if (plain.t == 0) continue;  // counts no steps
      state.t = named.t = plain.t = t;
      step({{1, -1}}, true);
      EXPECT_TRUE(near(w, plain_w, 1e-9)) << name_of(optimizer) << " after " << t << " steps";
      EXPECT_TRUE(near(named_w, plain_w, 1e-9)) << name_of(optimizer) << ", step " << t;
      EXPECT_TRUE(state.t == t + 1 && named.t == t + 1) << name_of(optimizer);
      const Numbers slow{.beta1 = 0.9999, .beta2 = 0.99999};  // whose corrections count for longer
      Matrix slow_w(1, 2), plain_slow_w(1, 2);
      OptimizerState of_slow = plain, of_plain_slow = plain;
      plain_step(optimizer, plain_slow_w, {{1, -1}}, of_plain_slow, slow);
      step_with(optimizer, slow_w, {{1, -1}}, of_slow, slow);
      EXPECT_TRUE(near(slow_w, plain_slow_w, 1e-9))
          << name_of(optimizer) << ": 1 - β^t after " << t << " steps, β1 0.9999, β2 0.99999";
    }
  }
}

TEST(Optimizers, LeaveAWeightWithoutGradientAlone) {
  points(2);
  for_every_optimizer([](const std::string& name, const Call& step) {
    Matrix w = {{0, 5}};
    OptimizerState state;
    step(w, {{0, 1}}, state);
    ASSERT_EQ(shape(w), "(1,2)") << name;
    EXPECT_TRUE(near(w(0, 0), 0, 0)) << name << ": 0 by the root of 0 needs an ε that saves it";
    EXPECT_LT(w(0, 1), 5) << name;
    EXPECT_GT(w(0, 1), 3) << name << ": a step begins at w";
  });
}

TEST(Optimizers, OfTwoWeightsDoNotDisturbEachOther) {
  points(2);
  for (Optimizer optimizer : all) {
    const std::string name = name_of(optimizer);
    const auto step = [&](Matrix& w, const Matrix& dw, OptimizerState& s) {
      step_with(optimizer, w, dw, s, defaults(optimizer, 0.1));
    };
    Random random = test_random(40);
    const Matrix a0 = random.normal_matrix(0, 1, 3, 4), b0 = random.normal_matrix(0, 1, 2, 1);
    const Matrix da = random.normal_matrix(0, 1, 3, 4), db = random.normal_matrix(0, 1, 2, 1);
    Matrix a = a0, b = b0, plain_a = a0, plain_b = b0;
    OptimizerState of_a, of_b, of_plain_a, of_plain_b;
    const Numbers k = defaults(optimizer, 0.1);
    for (int t = 0; t < 3; ++t) {
      plain_step(optimizer, plain_a, da, of_plain_a, k);
      plain_step(optimizer, plain_b, db, of_plain_b, k);
      step(a, da, of_a), step(b, db, of_b);
    }
    EXPECT_TRUE(near(a, plain_a, 1e-12)) << name << ": all memory belongs into the state";
    EXPECT_TRUE(near(b, plain_b, 1e-12)) << name << ": all memory belongs into the state";
    EXPECT_TRUE(relatively_near(of_a, of_plain_a, 1e-9)) << name;
    EXPECT_TRUE(relatively_near(of_b, of_plain_b, 1e-9)) << name;
  }
}

TEST(Optimizers, RefuseAGradientOfAnotherShape) {
  points(2);
  for (const Matrix& w : {Matrix(1, 3), Matrix(3, 1), Matrix(1, 1), Matrix(2, 2)})
    for (const Matrix& dw : misfits(w))
      for_every_optimizer([&](const std::string& name, const Call& step) {
        expect_refused(name + ", w " + shape(w), {}, step, dw, w);
      });
  for_every_optimizer([](const std::string& name, const Call& step) {
    const OptimizerState used = used_state(name, step);
    for (const Matrix& dw : misfits(Matrix(2, 3))) {
      expect_refused(name, {}, step, dw);
      expect_refused(name, used, step, dw);
    }
  });
}

TEST(Optimizers, RefuseNanAndInfinity) {
  points(2);
  for_every_optimizer([](const std::string& name, const Call& step) {
    const OptimizerState used = used_state(name, step);
    for (const double bad : {nan, infinity, -infinity})
      for (int place = 0; place < 6; ++place) {
        Matrix dw(2, 3, 1), broken(2, 3, 1);
        dw(place / 3, place % 3) = broken(place / 3, place % 3) = bad;
        expect_refused(name, {}, step, dw);
        expect_refused(name, used, step, dw);
        expect_refused(name + " with a broken w", used, step, Matrix(2, 3, 1), broken);
      }
    // One in a layer's 78400, and as many as a small counter cannot count.
    const auto refused = [&](const Matrix& broken) {
      const Matrix whole(broken.rows(), broken.cols(), 1);
      expect_refused(name + ", " + shape(broken), {}, step, broken, whole);
      expect_refused(name + " with a broken w " + shape(broken), {}, step, whole, broken);
    };
    const Matrix large(90, 70, 1);
    for (int row : {0, 45, 89}) {
      Matrix broken = large;
      broken(row, row * 69 / 89) = nan;
      refused(broken);
    }
    Matrix layer(784, 100, 1);
    layer(300 + static_cast<int>(name.size()), 50) = nan;
    refused(layer);
    refused(Matrix(16, 16, nan));
  });
}

TEST(Optimizers, RefuseAStateThatIsNotFinite) {
  points(1);
  for (const double bad : {nan, infinity, -infinity, -1.0, -1e-310})
    for (int place = 0; place < 6; ++place) {
      Matrix broken(2, 3, 1);
      broken.flat()[place] = bad;
      for_those_with_direction([&](const std::string& name, const Call& step) {
        OptimizerState state = used_state(name, step);
        state.direction = broken;
        if (std::isfinite(bad)) return;
        expect_refused(name + ", direction", state, step, Matrix(2, 3, 1));
        expect_refused(name + ", direction alone", {broken, {}, 0}, step, Matrix(2, 3, 1));
      });
      for_those_with_squares([&](const std::string& name, const Call& step) {
        OptimizerState state = used_state(name, step);
        state.squares = broken;
        expect_refused(name + ", squares", state, step, Matrix(2, 3, 1));
        expect_refused(name + ", squares alone", {{}, broken, 0}, step, Matrix(2, 3, 1));
      });
      // The part that is not used may be refused, and then nothing has changed, or left alone.
      for (Optimizer optimizer : all) {
        const Numbers k = defaults(optimizer, 0.1);
        const bool squares = optimizer != Optimizer::adagrad && optimizer != Optimizer::rmsprop;
        if (optimizer == Optimizer::adam || optimizer == Optimizer::adamw) continue;
        Matrix w = {{1, 2, 3}, {4, 5, 6}}, plain_w = w;
        OptimizerState state{squares ? Matrix() : broken, squares ? broken : Matrix(), 0};
        OptimizerState plain = state;
        try {
          step_with(optimizer, w, Matrix(2, 3, 1), state, k);
          plain_step(optimizer, plain_w, Matrix(2, 3, 1), plain, k);
        } catch (const std::invalid_argument&) {
        }
        EXPECT_TRUE(near(w, plain_w, 1e-12)) << name_of(optimizer) << " with a part for others";
        EXPECT_TRUE(same(state, plain)) << name_of(optimizer) << " with a part for others";
      }
    }
}

// An infinite square stays, and the weight never moves again; nobody would notice.
TEST(Optimizers, RefuseAGradientWhoseSquareIsInfinite) {
  points(2);
  for_every_optimizer([&](const std::string& name, const Call& step) {
    Matrix w(1, 2);
    OptimizerState fresh;
    EXPECT_TRUE(accepts([&] { step(w, {{1e150, -1e150}}, fresh); })) << name << ": it is finite";
    ASSERT_EQ(shape(w), "(1,2)") << name;
    EXPECT_LT(w(0, 0), -0.09) << name << " must make its step by a gradient of 1e150, too";
    EXPECT_GT(w(0, 1), 0.09) << name << " must make its step by a gradient of -1e150, too";
  });
  for_those_with_squares([&](const std::string& name, const Call& step) {
    const OptimizerState used = used_state(name, step);
    for (const double g : {2e150, -2e150, 1e160, -1e200, std::numeric_limits<double>::max()})
      for (const Matrix& dw : {Matrix{{1, 1, g}, {1, 1, 1}}, Matrix{{1, 1, 1}, {g, 1, 1}}}) {
        expect_refused(name, {}, step, dw);
        expect_refused(name, used, step, dw);
      }
    // The limit itself is accepted, and the next number is not.
    Matrix w(1, 2);
    OptimizerState fresh;
    const double limit = largest_gradient, beyond = std::nextafter(limit, infinity);
    EXPECT_TRUE(accepts([&] { step(w, {{limit, -limit}}, fresh); })) << name;
    expect_refused(name, used, step, {{1, beyond, 1}, {1, 1, 1}});
    expect_refused(name, used, step, {{1, 1, 1}, {1, 1, -beyond}});
  });
  // The limit is that of dw alone: weights and what is remembered may be any numbers. They may be so
  // small that they have fewer digits, and so large that their sum would be infinite.
  const double low = 3e-310;
  for (Optimizer optimizer : all) {
    const Numbers k = defaults(optimizer, 0.1);
    Matrix far = {{1e160, -1e160, 0, 1e300, 1.7e308, 1.7e308, low, 2, 2, 2, 2, 2}}, plain_far = far;
    const Matrix sums = {{-1e160, 1e155, 1e160, 1, 1, 1, 1, 9.5e307, 9.5e307, low, 1, 1}};
    const Matrix sizes = {{1e308, 4, 1e-300, 1e308, 4, 4, 4, 4, 4, 4, low, 4}};
    OptimizerState state{sums, sizes, 100000}, plain = state;
    const Matrix dw = {{1, -1, 2, 1e100, 1, 1, 1, 1, 1, 1, 1, low}};
    EXPECT_TRUE(accepts([&] { step_with(optimizer, far, dw, state, k); })) << name_of(optimizer);
    plain_step(optimizer, plain_far, dw, plain, k);
    EXPECT_TRUE(relatively_near(far, plain_far, 1e-12))
        << name_of(optimizer) << ": w and the state are any numbers, near 0 and far above 1e150";
    EXPECT_TRUE(relatively_near(state, plain, 1e-12)) << name_of(optimizer) << ": its memory";
  }
  // Without squares nothing limits a gradient.
  for (const auto& [mu, size] : {std::pair{0.9, 1e200}, {0.5, 1e307}, {0.5, 1.1e308}}) {
    Matrix a(1, 3), b(1, 3), c(1, 3);
    const Matrix dw = {{size, size, -size}};
    momentum(mu)(a, dw, 0.5);
    nesterov(mu)(b, dw, 0.5);
    sgd_step(c, dw, 0.5);
    EXPECT_TRUE(relatively_near(a, {{-size / 2, -size / 2, size / 2}}, 1e-14))
        << "momentum, " << size;
    const double ahead = size / 2 * (1 + mu);
    EXPECT_TRUE(relatively_near(b, {{-ahead, -ahead, ahead}}, 1e-14)) << "Nesterov, " << size;
    EXPECT_TRUE(relatively_near(c, {{-size / 2, -size / 2, size / 2}}, 1e-14)) << "SGD, " << size;
  }
}

const double outside[] = {-0.1, -1e-300, 1, 1.5, nan, infinity, -infinity};  // of 0 ≤ share < 1
const double not_positive[] = {0, -1, -1e-8, nan, infinity, -infinity};
const double negative[] = {-1, -1e-8, -1e-300, nan, infinity, -infinity};

TEST(Optimizers, RefuseNumbersOutsideTheirDomains) {
  points(2);
  using M = Matrix;
  using S = OptimizerState;
  // At the first step and at a later one, and whether or not there is a slope.
  const S later{Matrix(2, 3, 0.5), Matrix(2, 3, 0.25), 7};
  const auto refused = [&](const char* name, const Call& step) {
    for (const S& state : {S(), later})
      for (double g : {1, 0}) expect_refused(name, state, step, Matrix(2, 3, g));
  };
  for_every_optimizer([](const std::string& name, const Call& step) { used_state(name, step); });
  for (double bad : negative) {
    refused("SGD rate", [=](M& w, const M& g, S&) { sgd_step(w, g, bad); });
    refused("momentum rate", [=](M& w, const M& g, S& s) { momentum_step(w, g, s, bad); });
    refused("Nesterov rate", [=](M& w, const M& g, S& s) { nesterov_step(w, g, s, bad); });
    refused("AdaGrad rate", [=](M& w, const M& g, S& s) { adagrad_step(w, g, s, bad); });
    refused("RMSProp rate", [=](M& w, const M& g, S& s) { rmsprop_step(w, g, s, bad); });
    refused("Adam rate", [=](M& w, const M& g, S& s) { adam_step(w, g, s, bad); });
    refused("AdamW rate", [=](M& w, const M& g, S& s) { adamw_step(w, g, s, bad); });
  }
  // The others also where a rate of 0 makes them of no account.
  for (double rate : {0.1, 0.0}) {
    for (double bad : negative)
      refused("decay", [=](M& w, const M& g, S& s) { adamw_step(w, g, s, rate, bad); });
    for (double bad : outside) {
      refused("momentum", [=](M& w, const M& g, S& s) { momentum_step(w, g, s, rate, bad); });
      refused("Nesterov", [=](M& w, const M& g, S& s) { nesterov_step(w, g, s, rate, bad); });
      refused("RMSProp ρ", [=](M& w, const M& g, S& s) { rmsprop_step(w, g, s, rate, bad); });
      refused("Adam β1", [=](M& w, const M& g, S& s) { adam_step(w, g, s, rate, bad); });
      refused("Adam β2", [=](M& w, const M& g, S& s) { adam_step(w, g, s, rate, 0.9, bad); });
      refused("AdamW β1", [=](M& w, const M& g, S& s) { adamw_step(w, g, s, rate, 0, bad); });
      refused("AdamW β2", [=](M& w, const M& g, S& s) { adamw_step(w, g, s, rate, 0, 0.9, bad); });
    }
    for (double bad : not_positive) {
      refused("AdaGrad ε", [=](M& w, const M& g, S& s) { adagrad_step(w, g, s, rate, bad); });
      refused("RMSProp ε", [=](M& w, const M& g, S& s) { rmsprop_step(w, g, s, rate, 0.9, bad); });
      refused("Adam ε", [=](M& w, const M& g, S& s) { adam_step(w, g, s, rate, 0.9, 0.9, bad); });
      refused("AdamW ε",
              [=](M& w, const M& g, S& s) { adamw_step(w, g, s, rate, 0, 0.9, 0.9, bad); });
    }
  }
  for (int t : {-1, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    const S counted{Matrix(2, 3), Matrix(2, 3), t};
    const Call adam = [](M&w, const M&g, S&s) { adam_step(w, g, s, 0.1); },
               adamw = [](M&w, const M&g, S&s) { adamw_step(w, g, s, 0.1); };
    expect_refused("Adam t", counted, adam, Matrix(2, 3, 1));
    expect_refused("AdamW t", counted, adamw, Matrix(2, 3, 1));
    expect_refused("Adam t, nothing remembered", {{}, {}, t}, adam, Matrix(2, 3, 1));
    expect_refused("AdamW t, nothing remembered", {{}, {}, t}, adamw, Matrix(2, 3, 1));
  }
}

TEST(Optimizers, AcceptTheEdgesOfTheirDomains) {
  points(1);
  const Matrix dw = {{3, -4}};
  for (double zero : {0.0, -0.0}) {
    Matrix w = {{1, 2}};
    const OptimizerState fresh{{}, {{zero, zero}}, 0};  // squares of 0 are not negative, either
    OptimizerState v, n, sum = fresh, mean = fresh, s = fresh, decaying = fresh;
    EXPECT_TRUE(accepts([&] {
      sgd_step(w, dw, zero);
      momentum_step(w, dw, v, zero, zero);
      nesterov_step(w, dw, n, zero, zero);
      adagrad_step(w, dw, sum, zero);
      rmsprop_step(w, dw, mean, zero, zero);
      adam_step(w, dw, s, zero, zero, zero);
      adamw_step(w, dw, decaying, zero, zero, zero, zero);
    })) << "a rate, a share or a decay of 0; -0 is 0";
    EXPECT_TRUE(near(w, {{1, 2}}, 0)) << "a rate of 0 leaves w alone";
    for (const Matrix& direction : {v.direction, n.direction, s.direction, decaying.direction})
      EXPECT_TRUE(near(direction, dw, 1e-14)) << "and the state still learns from dw";
    for (const Matrix& size : {sum.squares, mean.squares, s.squares, decaying.squares})
      EXPECT_TRUE(near(size, {{9, 16}}, 1e-14)) << "and the state still learns from dw";
    EXPECT_EQ(s.t + decaying.t, 2) << "and a step is counted";
  }
  const double one = std::nextafter(1, 0);  // nearly
  const Numbers nearest{.share = one, .beta1 = one, .beta2 = one, .epsilon = 3e-310};
  for (Optimizer optimizer : all) {
    Matrix w = {{1, 2}};
    OptimizerState state;
    EXPECT_TRUE(accepts([&] { step_with(optimizer, w, dw, state, nearest); }))
        << name_of(optimizer) << ": shares just below 1, an ε just above 0";
  }
  // A huge rate makes w infinite; the next step refuses it.
  for (Optimizer optimizer : all)
    for (bool by_name : {false, true}) {
      const Call step = [=](Matrix& w, const Matrix& g, OptimizerState& s) {
        if (by_name && optimizer != Optimizer::adamw)
          optimizer_step(optimizer, w, g, s, 1e308);
        else
          step_with(optimizer, w, g, s, {.rate = 1e308, .decay = 0});
      };
      Matrix w = {{-1e308, 1}};
      OptimizerState state;
      EXPECT_TRUE(accepts([&] { step(w, {{1, 1}}, state); })) << name_of(optimizer);
      ASSERT_EQ(shape(w), "(1,2)") << name_of(optimizer);
      EXPECT_EQ(w(0, 0), -infinity) << name_of(optimizer) << ": -1e308 - 1e308 is no number";
      expect_refused(name_of(optimizer), state, step, {{1, 1}}, w);
    }
}

TEST(Optimizers, RefuseAStateOfAnotherShape) {
  points(2);
  for (const Matrix& w : {Matrix(1, 3), Matrix(3, 1), Matrix(1, 1), Matrix(2, 2)})  // and dw
    for (const Matrix& other : misfits(w)) {
      if (other.size() == 0) continue;  // as before the first step
      for_those_with_direction([&](const std::string& name, const Call& step) {
        expect_refused(name + ", direction", {other, w, 1}, step, w, w);
      });
      for_those_with_squares([&](const std::string& name, const Call& step) {
        expect_refused(name + ", squares", {w, other, 1}, step, w, w);
      });
    }
  const Matrix dw(2, 3, 1);
  for (const Matrix& other : misfits(dw)) {
    if (other.size() == 0) continue;  // as before the first step
    for_those_with_direction([&](const std::string& name, const Call& step) {
      OptimizerState state = used_state(name, step);
      state.direction = other;
      expect_refused(name + ", direction", state, step, dw);
    });
    for_those_with_squares([&](const std::string& name, const Call& step) {
      OptimizerState state = used_state(name, step);
      state.squares = other;
      expect_refused(name + ", squares", state, step, dw);
    });
    for_every_optimizer([&](const std::string& name, const Call& step) {
      if (name != "SGD") expect_refused(name, {other, other, 0}, step, dw);
    });
    for_those_with_direction([&](const std::string& name, const Call& step) {
      expect_refused(name + ", direction alone", {other, {}, 0}, step, dw);
    });
    for_those_with_squares([&](const std::string& name, const Call& step) {
      expect_refused(name + ", squares alone", {{}, other, 0}, step, dw);
    });
  }
}

// ---- by name ----

const std::vector<double>& ordinary_path(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::sgd: return golden::sgd_ordinary;
    case Optimizer::momentum: return golden::momentum_ordinary;
    case Optimizer::nesterov: return golden::nesterov_ordinary;
    case Optimizer::adagrad: return golden::adagrad_ordinary;
    case Optimizer::rmsprop: return golden::rmsprop_ordinary;
    case Optimizer::adam: return golden::adam_ordinary;
    case Optimizer::adamw: return golden::adamw_ordinary;
  }
  return golden::sgd_ordinary;
}

TEST(OptimizerStep, TakesTheStepThatItsNameSaysWithTheDefaultSettings) {
  points(4);
  for (Optimizer optimizer : all) {
    const auto take = [&](Matrix& w, const Matrix& dw, OptimizerState& s, const Numbers& k) {
      optimizer_step(optimizer, w, dw, s, k.rate);
    };
    int count = 0;
    for (double rate : {0.07, 5.0, 1e4, 1e-9, 0.0})
      expect_plain_steps(optimizer, defaults(optimizer, rate), count++, take);
    expect_large_steps(optimizer, 100, 784, take);
  }
}

// After the gradients 1 and 3, by hand.
TEST(OptimizerStep, KeepsTheStateThatItIsGiven) {
  points(2);
  const auto after = [](Optimizer optimizer) {
    Matrix w = {{5}};
    OptimizerState state;
    for (double g : {1, 3}) optimizer_step(optimizer, w, {{g}}, state, 0.1);
    EXPECT_NE(w(0, 0), 5) << "it has not made its steps";
    return state;
  };
  const auto holds = [&](Optimizer optimizer, const Matrix& direction, const Matrix& squares) {
    const OptimizerState s = after(optimizer);
    return near(s.direction, direction, 1e-14) && near(s.squares, squares, 1e-14);
  };
  EXPECT_TRUE(same(after(Optimizer::sgd), {})) << "SGD remembers nothing";
  EXPECT_TRUE(holds(Optimizer::momentum, {{3.9}}, {})) << "0.9 · 1 + 3, no squares";
  EXPECT_TRUE(holds(Optimizer::nesterov, {{3.9}}, {})) << "0.9 · 1 + 3, no squares";
  EXPECT_TRUE(holds(Optimizer::adagrad, {}, {{10}})) << "1 + 9, no direction";
  EXPECT_TRUE(holds(Optimizer::rmsprop, {}, {{0.0999}})) << "0.99 · 0.01 + 0.01 · 9";
  for (Optimizer optimizer : {Optimizer::adam, Optimizer::adamw}) {
    EXPECT_TRUE(holds(optimizer, {{0.39}}, {{0.009999}})) << "0.9 · 0.1 + 0.3, and the squares";
    EXPECT_EQ(after(optimizer).t, 2) << "each step is counted";
  }
}

// What one optimizer has remembered, the next one goes on with: each with its own part. Adam at
// last finds what any two have left, also both parts and no step counted.
TEST(OptimizerStep, GoesOnWithTheStateOfAnotherOptimizer) {
  points(1);
  for (Optimizer first : all)
    for (Optimizer second : all)
      for (bool by_name : {false, true}) {
        Random random = test_random(50);
        Matrix w = random.normal_matrix(0, 1, 2, 3), plain_w = w;
        OptimizerState state, plain;
        for (int t = 0; t < 5; ++t) {
          const Optimizer optimizer = t < 2 ? first : t < 4 ? second : Optimizer::adam;
          const Numbers k = defaults(optimizer, 0.1);
          Matrix dw = random.uniform_matrix(0.5, 2, 2, 3);
          if (t == 1 || t == 3) dw = Matrix(2, 3);  // without any slope memory still counts
          plain_step(optimizer, plain_w, dw, plain, k);
          if (by_name)
            optimizer_step(optimizer, w, dw, state, k.rate);
          else
            step_with(optimizer, w, dw, state, k);
        }
        const std::string what = name_of(second) + " after " + name_of(first);
        EXPECT_TRUE(near(w, plain_w, 1e-11)) << what;
        EXPECT_TRUE(relatively_near(state, plain, 1e-11)) << what;
      }
}

// Matrices as large as a layer's, tiled from PyTorch's (2,3): each weight goes its own way.
TEST(OptimizerStep, OfALargeMatrixIsThatOfEachOfItsWeights) {
  points(2);
  const auto tiled = [](const Matrix& m) {
    Matrix large(130, 102);
    for (int i = 0; i < large.rows(); ++i)
      for (int j = 0; j < large.cols(); ++j) large(i, j) = m(i % 2, j % 3);
    return large;
  };
  for (Optimizer optimizer : all) {
    Matrix w = tiled(part(golden::optimizer_start, 0));
    const Step step = named(optimizer);
    for (int t = 1; t <= 3; ++t) {
      step(w, tiled(part(golden::optimizer_gradients, t - 1)), 0.05);
      ASSERT_TRUE(near(w, tiled(part(ordinary_path(optimizer), t - 1)), 1e-12))
          << "optimizer " << static_cast<int>(optimizer) << ", step " << t;
    }
  }
}

TEST(OptimizerStep, RefusesWhatTheStepRefuses) {
  points(2);
  for (Optimizer optimizer : all) {
    const std::string name = name_of(optimizer);
    const auto at = [=](double learning_rate) -> Call {
      return [=](Matrix& w, const Matrix& dw, OptimizerState& state) {
        optimizer_step(optimizer, w, dw, state, learning_rate);
      };
    };
    const OptimizerState used = used_state(name, at(0.1));
    for (double bad : negative) expect_refused(name, used, at(bad), Matrix(2, 3, 1));
    for (const Matrix& dw : {Matrix(3, 2), Matrix(2, 2), Matrix(2, 4), Matrix(1, 3), Matrix(3, 3)})
      expect_refused(name, used, at(0.1), dw);
    for (double bad : {nan, infinity, -infinity})
      for (int place = 0; place < 6; ++place) {
        Matrix dw(2, 3, 1);
        dw.flat()[place] = bad;
        expect_refused(name, used, at(0.1), dw);
        expect_refused(name, used, at(0), dw);
      }
    for (double bad : {nan, infinity, -infinity})
      for (int place = 0; place < 6; ++place) {
        Matrix broken(2, 3, 1);
        broken.flat()[place] = bad;
        expect_refused(name + " with a broken w", used, at(0.1), Matrix(2, 3, 1), broken);
        for (Matrix OptimizerState::*part :
             {&OptimizerState::direction, &OptimizerState::squares}) {
          OptimizerState state = used;
          if ((state.*part).size() == 0) continue;  // it uses none
          state.*part = broken;
          expect_refused(name, state, at(0.1), Matrix(2, 3, 1));
        }
      }
    for (const Matrix& other : {Matrix(3, 3), Matrix(2, 4), Matrix(2, 2), Matrix(1, 3)})
      for (Matrix OptimizerState::*part : {&OptimizerState::direction, &OptimizerState::squares}) {
        OptimizerState state = used;
        if ((state.*part).size() == 0) continue;  // it uses none
        state.*part = other;
        expect_refused(name, state, at(0.1), Matrix(2, 3, 1));
      }
    Matrix w = {{1, 2, 3}, {4, 5, 6}};
    OptimizerState state = used;
    EXPECT_TRUE(accepts([&] { at(0)(w, Matrix(2, 3, 1), state); })) << name;
    EXPECT_TRUE(near(w, {{1, 2, 3}, {4, 5, 6}}, 0)) << name << ": a rate of 0 leaves w alone";
  }
}

}  // namespace
}  // namespace gradus::testing
