// Chapter 01: what a perceptron must do.
#include <climits>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "chapters/01_perceptron/perceptron.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// The four inputs of a logic gate, in the notes' order.
const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
const Scalar infinity = std::numeric_limits<Scalar>::infinity();
const Scalar largest = std::numeric_limits<Scalar>::max();  // the largest number that is finite

// ---- what is expected, by plain loops ----

int plain_step(double t) { return t > 1e-7; }

double plain_sum(const Matrix& x, int n, const Matrix& w, double b) {
  double sum = b;
  for (int d = 0; d < x.cols(); ++d) sum += double{x(n, d)} * w(0, d);
  return sum;
}

std::vector<int> plain_predict(const Matrix& x, const Matrix& w, double b) {
  std::vector<int> labels;
  for (int n = 0; n < x.rows(); ++n) labels.push_back(plain_step(plain_sum(x, n, w, b)));
  return labels;
}

PerceptronFit plain_fit(const Matrix& x, const std::vector<int>& y, int epochs, Scalar rate) {
  PerceptronFit fit;
  fit.w = Matrix(1, x.cols());
  for (int epoch = 0; epoch < epochs; ++epoch) {
    fit.errors.push_back(0);
    for (int n = 0; n < x.rows(); ++n) {
      const int error = y[n] - plain_step(plain_sum(x, n, fit.w, fit.b));
      for (int d = 0; d < x.cols(); ++d) fit.w(0, d) += rate * error * x(n, d);
      fit.b += rate * error;
      fit.errors.back() += error != 0;
    }
  }
  return fit;
}

void expect_fit(const Matrix& x, const std::vector<int>& y, int epochs, Scalar rate,
                const std::string& where) {
  const PerceptronFit got = perceptron_fit(x, y, epochs, rate);
  const PerceptronFit expected = plain_fit(x, y, epochs, rate);
  EXPECT_TRUE(close(got.w, expected.w, 1e-12)) << "w, " << where;
  EXPECT_TRUE(close(got.b, expected.b, 1e-12)) << "b, " << where;
  EXPECT_EQ(got.errors, expected.errors) << "the errors of each epoch, " << where;
}

// Eighths from -2 to 2: their sums and products are exact in any order, so that no rounding decides
// a step.
Matrix eighths(Random& random, int rows, int cols) {
  Matrix m(rows, cols);
  for (Scalar& value : m.flat()) value = static_cast<Scalar>(random.randint(-16, 17)) / 8;
  return m;
}

std::vector<int> coins(Random& random, int count) {
  std::vector<int> labels;
  for (int n = 0; n < count; ++n) labels.push_back(static_cast<int>(random.randint(2)));
  return labels;
}

// Two answers, which differ: beside refusals, and before a single answer. Who answers nothing, always
// the same, or what was right for the call before, has understood nothing.
void expect_two_fits() {
  expect_fit({{0.5, -1}}, {1}, 1, 0.25, "one sample");
  expect_fit({{1, 2}, {-1, 0.5}}, {1, 0}, 3, 0.5, "two samples");
}

void expect_two_predictions() {
  EXPECT_EQ(perceptron_predict({{1, 2}}, {{1, -2}}, 4), std::vector<int>{1});
  EXPECT_EQ(perceptron_predict({{1, 2}, {-1, 3}}, {{1, -2}}, 2), (std::vector<int>{0, 0}));
}

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
  points(7);
  for (Scalar t : {-1e30, -1.0, -1e-6, 0.0, 1e-9, 9.9e-8}) EXPECT_EQ(step(t), 0) << "at " << t;
  for (Scalar t : {1.1e-7, 1e-6, 0.5, 1.0, 1e30}) EXPECT_EQ(step(t), 1) << "at " << t;
}

TEST(Step, IsZeroAtTheThresholdItself) {
  points(3);
  EXPECT_EQ(step(Scalar{1e-7}), 0) << "1 only above 1e-7";
  EXPECT_EQ(step(std::nextafter(Scalar{1e-7}, Scalar{1})), 1) << "one bit above 1e-7";
  EXPECT_EQ(step(std::nextafter(Scalar{1e-7}, Scalar{0})), 0) << "one bit below 1e-7";
  EXPECT_EQ(step(Scalar{-0.0}), 0) << "-0 is 0";
  for (Scalar t : {-1e300, -1e-7, -1e-310, 1e-310, 1e-20, 9.9999e-8}) EXPECT_EQ(step(t), 0) << t;
  for (Scalar t : {1.00001e-7, 9e-7, 3.0, 255.0, 256.0, 1e10, 1e300}) EXPECT_EQ(step(t), 1) << t;
}

TEST(Step, AnswersAlwaysTheSame) {
  points(2);
  for (int call = 0; call < 3000; ++call) {
    const Scalar t = (call % 7 - 3) * 4e-8;
    EXPECT_EQ(step(t), t > 1e-7 ? 1 : 0) << "at " << t << ", call " << call + 1;
  }
}

TEST(Step, RefusesNaNAndTakesInfinity) {
  points(2);
  EXPECT_TRUE(refuses([] { step(nan); })) << "NaN is neither above nor below: no answer is right";
  EXPECT_TRUE(refuses([] { step(-nan); }));
  EXPECT_EQ(step(infinity), 1);
  EXPECT_EQ(step(-infinity), 0);
}

TEST(Step, TakesARoundingErrorForZero) {
  points(4);
  EXPECT_EQ(step(Scalar{0.3}), 1) << "no rounding error";
  const Scalar rounded = Scalar{0.1} + Scalar{0.2} - Scalar{0.3};
  ASSERT_NE(rounded, 0) << "this machine does not round as IEEE 754 says";
  EXPECT_EQ(step(rounded), 0) << "0.1 + 0.2 - 0.3 is 5.6e-17 here: compare with 1e-7, not with 0";
}

TEST(PerceptronFit, LearnsAndWithTheWeightsOfTheNotes) {
  points(8);
  expect_two_fits();
  expect_gate({0, 0, 0, 1}, {{0.4, 0.2}}, -0.4);
}

TEST(PerceptronFit, LearnsOr) {
  points(5);
  expect_two_fits();
  expect_gate({0, 1, 1, 1}, {{0.2, 0.2}}, 0);
}

TEST(PerceptronFit, LearnsNand) {
  points(5);
  expect_two_fits();
  expect_gate({1, 1, 1, 0}, {{-0.4, -0.2}}, 0.6);
}

TEST(PerceptronFit, CountsTheErrorsOfEachEpoch) {
  points(8);
  expect_two_fits();
  EXPECT_EQ(fit_gate({0, 0, 0, 1}).errors, fifty({1, 3, 3, 2, 1}, 0))
      << "a sample is wrong if it was predicted wrongly when it came, before its own correction";
}

TEST(PerceptronFit, IsWrongAboutAllFourOfXorFromTheFourthEpochOn) {
  points(7);
  expect_two_fits();
  const PerceptronFit fit = fit_gate({0, 1, 1, 0});
  EXPECT_TRUE(near(fit.w, {{-0.2, 0}}, 1e-12));
  EXPECT_TRUE(near(fit.b, 0.2, 1e-12));
  ASSERT_EQ(fit.errors.size(), 50u);
  for (std::size_t epoch = 3; epoch < 50; ++epoch) EXPECT_EQ(fit.errors[epoch], 4);
}

TEST(PerceptronFit, CorrectsOneSampleByHand) {
  points(6);
  expect_two_fits();
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
  points(7);
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
    ASSERT_EQ(fit.errors.size(), 200u);
    ASSERT_EQ(shape(fit.w), "(1,3)");
    int corrections = 0;
    for (int wrong : fit.errors) corrections += wrong;
    EXPECT_GT(corrections, 0);
    EXPECT_LE(corrections, 13 / (0.3 * 0.3)) << "R^2 = 3·2^2 + 1";
    EXPECT_EQ(fit.errors.back(), 0);
    EXPECT_EQ(plain_predict(x, fit.w, fit.b), y);
  }
}

TEST(PerceptronFit, IsRightForAllShapesAndRates) {
  points(5);
  Random random = test_random(110);
  struct Shape {
    int N, D, epochs;
  };
  for (const auto [N, D, epochs] : {Shape{1, 1, 3},
                                    {4, 4, 20},
                                    {3, 7, 20},
                                    {7, 3, 300},
                                    {40, 5, 60},
                                    {20, 1, 9},
                                    {1100, 3, 4},
                                    {3, 1100, 4},
                                    {70, 130, 5},
                                    {2100, 2, 2},
                                    {140000, 1, 1},
                                    {3, 2, 1100},
                                    {2, 70000, 2}})
    for (Scalar rate : {0.125, 1.0, 1024.0, 0.0}) {
      const Matrix x = eighths(random, N, D);
      expect_fit(x, coins(random, N), epochs, rate,
                 "x is " + shape(x) + ", rate " + std::to_string(rate));
    }
  for (int label : {0, 1})
    for (int N : {1, 4, 12})
      expect_fit(eighths(random, N, 2), std::vector<int>(N, label), 4, 0.5,
                 std::to_string(N) + " labels, all of them " + std::to_string(label));
  // Two neighbours far from 0: for hundreds of epochs both are wrong, and w still moves.
  expect_fit({{1000}, {1001}}, {0, 1}, 5000, 1,
             "5000 epochs: as many as asked, each with all samples");
  expect_fit({{64}, {64.0625}}, {0, 1}, 5000, 0.5, "5000 epochs that are long wrong about as many");
  for (Scalar rate : {1e-7, 1.000000005e-7})
    expect_fit({{0}, {0}}, {1, 1}, 2, rate, "a sum of 1e-7, and then one just above it");
}

TEST(PerceptronFit, TakesNumbersOfAnySize) {
  points(3);
  Random random = test_random(111);
  for (int exponent : {-1030, -40, -24, -10, 3, 20, 100, 400, 900}) {
    const Scalar size = std::ldexp(Scalar{1}, exponent);
    const std::string what = "of size 2^" + std::to_string(exponent);
    // Beside two large terms that cancel, it would depend on the order whether b is lost.
    const Matrix x = eighths(random, 6, exponent > 20 ? 1 : 3);
    const std::vector<int> y = coins(random, 6);
    expect_fit(x, y, 5, size, "a rate " + what);
    expect_fit(scaled(x, size), y, 5, 1, "inputs " + what);
    if (exponent < 300) expect_fit(scaled(x, size), y, 5, size, "inputs and a rate " + what);
  }
  const PerceptronFit one = perceptron_fit({{1e5, -1e-9, 12}}, {1}, 1, 0.5);
  EXPECT_TRUE(close(one.w, {{5e4, -5e-10, 6}}, 1e-14, true)) << "nothing is cut off or left out";
  expect_fit({{1e308}, {1e308}, {-1e308}}, {0, 1, 1}, 2, 0.5, "numbers whose sum is none");
  expect_fit({{1e308, 1e308}}, {0}, 2, 0.5, "a row whose sum is none");
  expect_fit({{1}}, {1}, 1, 1e305, "a rate of 1e305");
  expect_fit({{1}, {1e17}}, {1, 1}, 1, 1,
             "a sample that is right changes nothing, not even a digit");
  for (int label : {0, 1})
    expect_fit({{largest, -largest}}, {label}, 1, 0.5, "the largest numbers are finite, too");
  expect_fit({{0.5, -1}}, {1}, 1, largest, "the largest rate is finite, too");
  expect_fit({{1e200}, {1e200}, {-1e200}}, {1, 1, 0}, 2, 1, "sums of ±infinity, which step takes");
}

TEST(PerceptronFit, AnswersAlwaysTheSameAndLeavesItsArguments) {
  points(3);
  Random random = test_random(112);
  Matrix xs[] = {eighths(random, 6, 2), eighths(random, 3, 3)};
  const std::vector<int> ys[] = {{0, 1, 1, 0, 1, 0}, {1, 0, 1}};
  for (int call = 0; call < 120; ++call) {
    const int which = call > 60 ? 0 : call % 2;  // then the same matrix, with another number in it
    if (call > 60) xs[0](2, 1) += 1;
    const Matrix &x = xs[which], kept = x;
    const std::vector<int>&y = ys[which], kept_y = y;
    expect_fit(x, y, 3, 0.5, "call " + std::to_string(call + 1));
    EXPECT_TRUE(near(x, kept, 0)) << "x must not change";
    EXPECT_EQ(y, kept_y) << "the labels must not change";
  }
}

TEST(PerceptronFit, KnowsNothingBeforeTheFirstEpoch) {
  points(2);
  expect_two_fits();
  const PerceptronFit fit = perceptron_fit(inputs, {0, 0, 0, 1}, 0, 0.2);
  EXPECT_EQ(fit.w, Matrix(1, 2));
  EXPECT_EQ(fit.b, 0);
  EXPECT_TRUE(fit.errors.empty());
  may_refuse([] { expect_fit(Matrix(0, 2), {}, 3, 0.2, "no samples: nothing is wrong"); });
}

TEST(PerceptronFit, RefusesWhatItCannotLearnFrom) {
  points(3);
  expect_two_fits();
  EXPECT_TRUE(accepts([] { perceptron_fit(inputs, {0, 1, 1, 0}, 1, 0.2); }));
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1}, 1, 0.2); })) << "2 labels for 4 samples";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 2, 0}, 1, 0.2); })) << "a label of 2";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, -1, 1, 0}, 1, 0.2); })) << "a label of -1";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 0}, -1, 0.2); })) << "-1 epochs";
  EXPECT_TRUE(refuses([] { perceptron_fit({{nan, 0}}, {1}, 1, 0.2); })) << "NaN in x";
  for (int epochs : {0, 1, 300}) {
    for (Scalar bad : {nan, infinity, -infinity})
      for (int n = 0; n < 4; ++n)
        for (int d = 0; d < 3; ++d) {
          const Matrix x = with(Matrix(4, 3), {n, d}, bad);
          EXPECT_TRUE(refuses([&] {
            perceptron_fit(x, {0, 1, 1, 0}, epochs, 0.2);
          })) << bad
              << " in x at (" << n << "," << d << "), " << epochs << " epochs";
        }
    for (int bad : {2, -1, 3, 10, 255, 256, -2, 65536, 65537, INT_MAX, INT_MIN})
      for (std::size_t n = 0; n < 4; ++n) {
        std::vector<int> y = {0, 1, 1, 0};
        y[n] = bad;
        EXPECT_TRUE(refuses([&] { perceptron_fit(inputs, y, epochs, 0.2); }))
            << "a label of " << bad << " at " << n << ", " << epochs << " epochs";
      }
    for (const auto& [N, D] : {std::pair{4, 2}, {2, 4}, {3, 3}, {1, 2}})
      for (int count : {0, N - 1, N + 1, D, 2 * N}) {
        if (count == N) continue;
        const Matrix x(N, D);
        const std::vector<int> y(count);
        EXPECT_TRUE(refuses([&] { perceptron_fit(x, y, epochs, 0.2); }))
            << count << " labels for x " << shape(x);
      }
  }
  const Matrix wide(2000, 40);
  for_each_place(wide, [&](int n, int d) {
    for (Scalar bad : not_finite)
      EXPECT_TRUE(refuses([&] {
        perceptron_fit(with(wide, n, d, bad), std::vector<int>(2000), 0, 0.2);
      })) << bad
          << " in x at (" << n << "," << d << ") of " << shape(wide);
    std::vector<int> y(2000);
    y[n] = 2;
    EXPECT_TRUE(refuses([&] { perceptron_fit(wide, y, 0, 0.2); })) << "2 as label " << n;
  });
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 0}, -1000, 0.2); })) << "-1000 epochs";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 0, 1}, 1, 0.2); })) << "5 labels for 4";
  EXPECT_TRUE(refuses([] { perceptron_fit(inputs, {0, 1, 1, 2}, 0, 0.2); })) << "in 0 epochs too";
  const Matrix none(0, 2);
  for (int epochs : {-1, -1000})
    EXPECT_TRUE(refuses([&] { perceptron_fit(none, {}, epochs, 0.2); }))
        << epochs << " epochs, no samples";
  for (int epochs : {0, 1})
    for (int label : {0, 1, 2})
      EXPECT_TRUE(refuses([&] { perceptron_fit(none, {label}, epochs, 0.2); }))
          << "a label of " << label << ", no samples";
}

TEST(PerceptronFit, RefusesALearningRateThatIsNone) {
  points(1);
  expect_two_fits();
  for (int epochs : {0, 1})
    for (Scalar rate : {nan, infinity, -infinity, -0.2, -1e-12, -1e-17, -1e-300})
      EXPECT_TRUE(refuses([=] {
        perceptron_fit(inputs, {0, 1, 1, 0}, epochs, rate);
      })) << "a learning rate of "
          << rate << ", " << epochs << " epochs";
  for (int epochs : {0, 1})
    for (Scalar rate : {nan, infinity, -infinity, -0.2})
      EXPECT_TRUE(refuses([=] { perceptron_fit(Matrix(0, 2), {}, epochs, rate); }))
          << "a learning rate of " << rate << ", " << epochs << " epochs, no samples";
  const PerceptronFit still = perceptron_fit(inputs, {0, 1, 1, 0}, 2, 0);
  EXPECT_EQ(still.w, Matrix(1, 2)) << "a rate of 0 is allowed and moves nothing";
  EXPECT_EQ(still.errors, (std::vector<int>{2, 2}));
  EXPECT_TRUE(accepts([] { perceptron_fit(inputs, {0, 1, 1, 0}, 2, -0.0); })) << "-0 is 0";
}

TEST(PerceptronPredict, StepsTheWeightedSum) {
  points(6);
  const std::vector<int> expected = {0, 0, 1, 1};  // of -0.75, -1.75, 0.25, 1.25
  EXPECT_EQ(perceptron_predict({{0, 0}, {0, 1}, {1, 0}, {2, 0}}, {{1, -1}}, -0.75), expected);
  EXPECT_EQ(perceptron_predict({{0.1, 0.2}}, {{1, 1}}, -0.3), std::vector<int>{0})
      << "predict with the same step as in training, threshold and all";
  EXPECT_EQ(perceptron_predict({{1}, {0}, {-1}}, {{1e-7}}, 0), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(perceptron_predict({{1}, {0}, {2}}, {{2e-7}}, -1e-7), (std::vector<int>{0, 0, 1}));
  EXPECT_EQ(perceptron_predict({{1e300}, {-1e300}}, {{1e10}}, 0), (std::vector<int>{1, 0}));
  EXPECT_EQ(perceptron_predict({{1}}, {{1.000000005e-7}}, 0), std::vector<int>{1}) << "just above";
  for (Scalar tiny : {1e-9, 1e-10, 1e-12, 1e-18}) {
    EXPECT_EQ(perceptron_predict({{1}}, {{1e-7}}, tiny), std::vector<int>{1}) << "b = " << tiny;
    EXPECT_EQ(perceptron_predict({{1, 1}}, {{1e-7, tiny}}, 0), std::vector<int>{1}) << tiny;
    EXPECT_EQ(perceptron_predict({{1, tiny}}, {{1e-7, 1}}, 0), std::vector<int>{1}) << tiny;
    EXPECT_EQ(perceptron_predict({{1, tiny}}, {{1e-7, -1}}, 0), std::vector<int>{0}) << tiny;
  }
  // Where all inputs or all weights are 0, b alone decides.
  for (Scalar b : {0.5, 2e-7, 1e-7, 0.0, -0.5})
    for (int D : {1, 2, 9})
      for (int zeros : {0, 1, 2}) {  // rows of x, then w, then both
        Matrix x(5, D, 1), w(1, D, -0.25);
        if (zeros != 1) x(0, 0) = 2;
        for (int d = 0; d < D; ++d) {
          if (zeros != 1) x(1, d) = x(4, d) = 0;
          if (zeros != 0) w(0, d) = 0;
        }
        EXPECT_EQ(perceptron_predict(x, w, b), plain_predict(x, w, b))
            << "b = " << b << ", x is " << shape(x) << ", zeros in "
            << (zeros == 0   ? "two rows of x"
                : zeros == 1 ? "w"
                             : "both");
      }
  may_refuse([] { EXPECT_TRUE(perceptron_predict(Matrix(0, 2), {{1, 1}}, 1).empty()); });
  for (Scalar tiny : {1e-30, 1e-100, 1e-300})
    EXPECT_EQ(perceptron_predict({{tiny}, {-tiny}}, {{1 / tiny}}, 0), (std::vector<int>{1, 0}));
}

TEST(PerceptronPredict, IsRightForAllShapesAndSizes) {
  points(4);
  Random random = test_random(113);
  for (const auto& [N, D] : {std::pair{1, 1},
                             {4, 4},
                             {3, 7},
                             {7, 3},
                             {2100, 3},
                             {3, 5000},
                             {300, 300},
                             {100, 784},
                             {70000, 1}})
    for (int exponent : {0, -12, 20, 100}) {
      if (exponent != 0 && N * D > 3000) continue;
      const Matrix x = scaled(eighths(random, N, D), std::ldexp(1, exponent));
      const Matrix w = scaled(eighths(random, 1, D), std::ldexp(1, exponent));
      const double b = std::ldexp(random.randint(-16, 17), 2 * exponent - 3);
      EXPECT_EQ(perceptron_predict(x, w, b), plain_predict(x, w, b))
          << "x is " << shape(x) << ", x and w of size 2^" << exponent;
    }
  const Matrix many = eighths(random, 140000, 1);
  EXPECT_EQ(perceptron_predict(many, {{1}}, 0), plain_predict(many, {{1}}, 0)) << shape(many);
}

TEST(PerceptronPredict, AnswersAlwaysTheSameAndLeavesItsArguments) {
  points(2);
  Random random = test_random(114);
  Matrix xs[] = {eighths(random, 6, 2), eighths(random, 3, 3)};
  const Matrix ws[] = {{{0.5, -1.25}}, {{1, -2, 0.125}}};
  for (int call = 0; call < 120; ++call) {
    const int which = call > 60 ? 0 : call % 2;  // then the same matrix, with another number in it
    if (call > 60) xs[0](2, 1) = call % 2 == 0 ? 9 : -9;
    const Matrix &x = xs[which], &w = ws[which], kept_x = x, kept_w = w;
    const double b = call > 60 ? 0 : (call % 5 - 2) / 4.0;
    EXPECT_EQ(perceptron_predict(x, w, b), plain_predict(kept_x, kept_w, b)) << "call " << call + 1;
    EXPECT_TRUE(near(x, kept_x, 0)) << "x must not change";
    EXPECT_TRUE(near(w, kept_w, 0)) << "w must not change";
  }
}

TEST(PerceptronPredict, RefusesWeightsOfAnotherWidth) {
  points(3);
  expect_two_predictions();
  EXPECT_TRUE(accepts([] { perceptron_predict(inputs, {{1, 1}}, 0); }));
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, {{1, 1, 1}}, 0); })) << "too wide";
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, {{1}}, 0); })) << "too narrow";
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, {{1}, {1}}, 0); })) << "upright";
  EXPECT_TRUE(refuses([] { perceptron_predict(inputs, Matrix(2, 2), 0); })) << "two rows";
  for (const auto& [N, D] : {std::pair{4, 2}, {2, 4}, {3, 3}, {1, 2}}) {
    const Matrix x(N, D), w(1, D);
    EXPECT_TRUE(accepts([&] { perceptron_predict(x, w, 0); })) << shape(x);
    for (const Matrix& other : misfits(w))
      EXPECT_TRUE(refuses([&] { perceptron_predict(x, other, 0); }))
          << "w is " << shape(other) << " for x " << shape(x);
    for (const Matrix& other : misfits(x)) {
      if (other.cols() == D) continue;
      EXPECT_TRUE(refuses([&] { perceptron_predict(other, w, 0); }))
          << "x is " << shape(other) << " for w " << shape(w);
    }
  }
}

TEST(PerceptronPredict, RefusesNaNAndInfinity) {
  points(2);
  expect_two_predictions();
  EXPECT_TRUE(accepts([] { perceptron_predict(inputs, {{1, 1}}, 0); })) << "finite numbers";
  EXPECT_EQ(perceptron_predict({{1e308}, {1e308}}, {{1e-308}}, 0), (std::vector<int>{1, 1}))
      << "finite numbers, though their sum is not";
  EXPECT_EQ(perceptron_predict({{1e-308, 1e-308}}, {{1e308, 1e308}}, -3), std::vector<int>{0});
  EXPECT_EQ(perceptron_predict({{1e308, 1e308}}, {{1e-308, 1e-308}}, -1), std::vector<int>{1});
  const std::string finite = "the largest numbers are finite, too: ";
  EXPECT_EQ(perceptron_predict({{largest}, {-largest}}, {{0.5}}, 0), (std::vector<int>{1, 0}))
      << finite << "x";
  for (Scalar sign : {1, -1}) {
    const std::vector<int> expected = {sign > 0, sign < 0};
    EXPECT_EQ(perceptron_predict({{0.5}, {-0.5}}, {{sign * largest}}, 0), expected)
        << finite << "w";
    EXPECT_EQ(perceptron_predict({{1}}, {{1}}, sign * largest), std::vector<int>{sign > 0})
        << finite << "b";
  }
  for (Scalar bad : {nan, infinity, -infinity}) {
    for (int place = 0; place < 8; ++place) {
      Matrix x = inputs;
      x.flat()[place] = bad;
      EXPECT_TRUE(refuses([&] { perceptron_predict(x, {{1, 1}}, 0); })) << bad << " in x";
      EXPECT_TRUE(refuses([&] {
        perceptron_predict(x, {{1, 0}}, 0);
      })) << bad
          << " in x where w is 0";
    }
    EXPECT_TRUE(refuses([&] { perceptron_predict(inputs, {{bad, 1}}, 0); })) << bad << " in w";
    EXPECT_TRUE(refuses([&] { perceptron_predict(inputs, {{1, bad}}, 0); })) << bad << " in w";
    EXPECT_TRUE(refuses([&] { perceptron_predict({{1, 0, 1}}, {{1, bad, 1}}, 0); })) << bad;
    EXPECT_TRUE(refuses([&] { perceptron_predict(inputs, {{1, 1}}, bad); })) << bad << " as b";
    EXPECT_TRUE(refuses([&] {
      perceptron_predict(Matrix(0, 2), {{1, bad}}, 0);
    })) << bad
        << " in w, no samples";
    EXPECT_TRUE(refuses([&] {
      perceptron_predict(Matrix(0, 2), {{1, 1}}, bad);
    })) << bad
        << " as b, no samples";
    const Matrix wide(2000, 40, 1), w(1, 40, 1);
    for_each_place(wide, [&](int n, int d) {
      EXPECT_TRUE(refuses([&] { perceptron_predict(with(wide, n, d, bad), w, 0); }))
          << bad << " in x at (" << n << "," << d << ") of " << shape(wide);
      EXPECT_TRUE(refuses([&] { perceptron_predict(wide, with(w, 0, d, bad), 0); }))
          << bad << " in w at (0," << d << ") of " << shape(w);
    });
  }
}

}  // namespace
}  // namespace gradus::testing
