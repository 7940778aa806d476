// Chapter 01: what a perceptron must do.
#include <cmath>
#include <limits>

#include "chapters/01_perceptron/perceptron.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// The four inputs of a logic gate, in the notes' order.
const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
const Scalar infinity = std::numeric_limits<Scalar>::infinity();

PerceptronFit fit_gate(const std::vector<int>& y) { return perceptron_fit(inputs, y, 50, 0.2); }

// The first counts, then `rest` to the end of 50 epochs.
std::vector<int> fifty(std::vector<int> first, int rest) {
  first.resize(50, rest);
  return first;
}

void expect_gate(const std::vector<int>& y, const Matrix& w, double b) {
  const PerceptronFit fit = fit_gate(y);
  EXPECT_TRUE(near(fit.w, w, 1e-12)) << "w: look at the update learning_rate · error · x";
  EXPECT_TRUE(near(fit.b, b, 1e-12)) << "b: its input is always 1";
}

TEST(Step, IsZeroUpToTheThresholdAndOneAbove) {
  points(9);
  for (Scalar t : {-1e30, -1.0, -1e-6, 0.0, 1e-9, 9.9e-8}) EXPECT_EQ(step(t), 0) << "at " << t;
  for (Scalar t : {1.1e-7, 1e-6, 0.5, 1.0, 1e30}) EXPECT_EQ(step(t), 1) << "at " << t;
}

TEST(Step, IsZeroAtTheThresholdItself) {
  points(2);
  EXPECT_EQ(step(Scalar{1e-7}), 0) << "1 only above 1e-7";
}

TEST(Step, RefusesNaNAndTakesInfinity) {
  points(2);
  EXPECT_TRUE(refuses([] { step(nan); })) << "NaN is neither above nor below: no answer is right";
  EXPECT_TRUE(refuses([] { step(-nan); }));
  EXPECT_EQ(step(infinity), 1);
  EXPECT_EQ(step(-infinity), 0);
}

TEST(Step, TakesARoundingErrorForZero) {
  points(5);
  const Scalar rounded = Scalar{0.1} + Scalar{0.2} - Scalar{0.3};
  ASSERT_NE(rounded, 0) << "this machine does not round as IEEE 754 says";
  EXPECT_EQ(step(rounded), 0) << "0.1 + 0.2 - 0.3 is 5.6e-17 here: compare with 1e-7, not with 0";
}

TEST(PerceptronFit, LearnsAndWithTheWeightsOfTheNotes) {
  points(10);
  expect_gate({0, 0, 0, 1}, {{0.4, 0.2}}, -0.4);
}

TEST(PerceptronFit, LearnsOr) {
  points(7);
  expect_gate({0, 1, 1, 1}, {{0.2, 0.2}}, 0);
}

TEST(PerceptronFit, LearnsNand) {
  points(7);
  expect_gate({1, 1, 1, 0}, {{-0.4, -0.2}}, 0.6);
}

TEST(PerceptronFit, CountsTheErrorsOfEachEpoch) {
  points(10);
  EXPECT_EQ(fit_gate({0, 0, 0, 1}).errors, fifty({1, 3, 3, 2, 1}, 0))
      << "a sample is wrong if it was predicted wrongly when it came, before its own correction";
}

TEST(PerceptronFit, IsWrongAboutAllFourOfXorFromTheFourthEpochOn) {
  points(10);
  const PerceptronFit fit = fit_gate({0, 1, 1, 0});
  EXPECT_TRUE(near(fit.w, {{-0.2, 0}}, 1e-12));
  EXPECT_TRUE(near(fit.b, 0.2, 1e-12));
  ASSERT_EQ(fit.errors.size(), 50u);
  for (std::size_t epoch = 3; epoch < 50; ++epoch) EXPECT_EQ(fit.errors[epoch], 4);
}

TEST(PerceptronFit, CorrectsOneSampleByHand) {
  points(7);
  const PerceptronFit fit = perceptron_fit({{2, -3, 5}}, {1}, 1, 0.5);
  EXPECT_TRUE(near(fit.w, {{1, -1.5, 2.5}}, 1e-12));
  EXPECT_TRUE(near(fit.b, 0.5, 1e-12));
  EXPECT_EQ(fit.errors, std::vector<int>{1});
}

TEST(PerceptronFit, TakesAnyNumberOfInputsAndAnyRate) {
  points(2);
  Matrix x(2, 9);
  for (int d = 0; d < 9; ++d) x(0, d) = d - 3.5, x(1, d) = -1;
  const PerceptronFit fit = perceptron_fit(x, {1, 1}, 1, 3);
  // First 3 x_0 and 3; then the sum of x_1 is -3 Σ (d - 3.5) + 3 = -10.5 and x_1 is wrong too.
  Matrix w(1, 9);
  for (int d = 0; d < 9; ++d) w(0, d) = 3 * (d - 3.5) - 3;
  EXPECT_TRUE(near(fit.w, w, 1e-12));
  EXPECT_TRUE(near(fit.b, 6, 1e-12));
  EXPECT_EQ(fit.errors, std::vector<int>{2});
  Matrix last(1, 9), ones(1, 9, 1);
  last(0, 8) = 1;
  EXPECT_EQ(perceptron_predict(ones, last, -0.5), std::vector<int>{1}) << "the ninth input counts";
  EXPECT_EQ(perceptron_predict(last, ones, -1 - 1e-9), std::vector<int>{0});
  // Exact sums either side of the threshold: no smaller type holds them.
  EXPECT_EQ(perceptron_predict({{1e6, 1}}, {{1, 1e-3}}, -1e6), std::vector<int>{1});
}

// Rosenblatt's convergence theorem (in Novikoff's form): with |x_n| <= R and a margin g, no more
// than (R/g)^2 corrections are ever made, whatever the learning rate.
TEST(PerceptronFit, ConvergesOnRandomPointsThatALineSeparates) {
  points(10);
  for (int salt = 0; salt < 5; ++salt) {
    Random random = test_random(100 + salt);
    Matrix x(30, 3);
    std::vector<int> y;
    for (int n = 0; n < 30; ++n) {  // at least 0.3 away from the plane x0 - 2 x1 + x2 = 0.5
      double side = 0;
      while (std::abs(side) < 0.3) {
        for (Scalar& value : x.row(n)) value = random.uniform(-2, 2);
        side = (x(n, 0) - 2 * x(n, 1) + x(n, 2) - 0.5) / std::sqrt(6.25);
      }
      y.push_back(side > 0 ? 1 : 0);
    }
    const PerceptronFit fit = perceptron_fit(x, y, 200, 0.1);
    int corrections = 0;
    for (int wrong : fit.errors) corrections += wrong;
    EXPECT_GT(corrections, 0);
    EXPECT_LE(corrections, 13 / (0.3 * 0.3)) << "R^2 = 3·2^2 + 1";
    EXPECT_EQ(fit.errors.back(), 0);
    EXPECT_EQ(perceptron_predict(x, fit.w, fit.b), y);
  }
}

TEST(PerceptronFit, KnowsNothingBeforeTheFirstEpoch) {
  points(3);
  const PerceptronFit fit = perceptron_fit(inputs, {0, 0, 0, 1}, 0, 0.2);
  EXPECT_EQ(fit.w, Matrix(1, 2));
  EXPECT_EQ(fit.b, 0);
  EXPECT_TRUE(fit.errors.empty());
}

TEST(PerceptronFit, RefusesWhatItCannotLearnFrom) {
  points(4);
  EXPECT_TRUE(accepts([] { perceptron_fit(inputs, {0, 1, 1, 0}, 1, 0.2); }));
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1}, 1, 0.2); })) << "2 labels for 4 samples";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 2, 0}, 1, 0.2); })) << "a label of 2";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, -1, 1, 0}, 1, 0.2); })) << "a label of -1";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 0}, -1, 0.2); })) << "-1 epochs";
  EXPECT_TRUE(refuses([] { perceptron_fit({{nan, 0}}, {1}, 1, 0.2); })) << "NaN in x";
  for (Scalar bad : {nan, infinity, -infinity})
    for (int n : {0, 1})
      for (int d : {0, 1}) {
        Matrix x(2, 2);
        x(n, d) = bad;
        for (int epochs : {0, 1})
          EXPECT_TRUE(refuses([&] {
            perceptron_fit(x, {0, 1}, epochs, 0.2);
          })) << bad
              << " in x, " << epochs << " epochs";
      }
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 0, 1}, 1, 0.2); })) << "5 labels for 4";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 2}, 0, 0.2); })) << "in 0 epochs too";
}

TEST(PerceptronFit, RefusesALearningRateThatIsNone) {
  points(2);
  for (int epochs : {0, 1})
    for (Scalar rate : {nan, infinity, -infinity, Scalar{-0.2}})
      EXPECT_TRUE(refuses([=] {
        perceptron_fit(inputs, {0, 1, 1, 0}, epochs, rate);
      })) << "a learning rate of "
          << rate << ", " << epochs << " epochs";
  const PerceptronFit still = perceptron_fit(inputs, {0, 1, 1, 0}, 2, 0);
  EXPECT_EQ(still.w, Matrix(1, 2)) << "a rate of 0 is allowed and moves nothing";
  EXPECT_EQ(still.errors, (std::vector<int>{2, 2}));
}

TEST(PerceptronPredict, StepsTheWeightedSum) {
  points(6);
  const std::vector<int> expected = {0, 0, 1, 1};  // of -0.75, -1.75, 0.25, 1.25
  EXPECT_EQ(perceptron_predict({{0, 0}, {0, 1}, {1, 0}, {2, 0}}, {{1, -1}}, -0.75), expected);
  EXPECT_EQ(perceptron_predict({{0.1, 0.2}}, {{1, 1}}, -0.3), std::vector<int>{0})
      << "predict with the same step as in training, threshold and all";
}

TEST(PerceptronPredict, RefusesWeightsOfAnotherWidth) {
  points(2);
  EXPECT_TRUE(accepts([] { perceptron_predict(inputs, {{1, 1}}, 0); }));
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, {{1, 1, 1}}, 0); })) << "too wide";
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, {{1}}, 0); })) << "too narrow";
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, {{1}, {1}}, 0); })) << "upright";
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, Matrix(2, 2), 0); })) << "two rows";
}

TEST(PerceptronPredict, RefusesNaNAndInfinity) {
  points(2);
  EXPECT_TRUE(accepts([] { perceptron_predict(inputs, {{1, 1}}, 0); })) << "finite numbers";
  for (Scalar bad : {nan, infinity, -infinity}) {
    for (int n : {0, 3}) {
      Matrix x = inputs;
      x(n, 1) = bad;
      EXPECT_TRUE(refuses([&] { perceptron_predict(x, {{1, 1}}, 0); })) << bad << " in x";
      EXPECT_TRUE(refuses([&] {
        perceptron_predict(x, {{1, 0}}, 0);
      })) << bad
          << " in x where w is 0";
    }
    EXPECT_TRUE(refuses([&] { perceptron_predict(inputs, {{bad, 1}}, 0); })) << bad << " in w";
    EXPECT_TRUE(refuses([&] { perceptron_predict(inputs, {{1, bad}}, 0); })) << bad << " in w";
    EXPECT_TRUE(refuses([&] { perceptron_predict(inputs, {{1, 1}}, bad); })) << bad << " as b";
    EXPECT_TRUE(refuses([&] {
      perceptron_predict(Matrix(0, 2), {{1, bad}}, 0);
    })) << bad
        << " in w, no samples";
  }
}

}  // namespace
}  // namespace gradus::testing
