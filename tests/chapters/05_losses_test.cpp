// Chapter 05: what losses and their gradients must be.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "chapters/05_losses/losses.hpp"
#include "tests/golden/exact_losses.hpp"
#include "tests/golden/torch_losses.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

// Every element to 14 digits of its own, however small: what no absolute tolerance can see.
::testing::AssertionResult all_digits(const Matrix& got, const Matrix& expected) {
  if (got.rows() != expected.rows() || got.cols() != expected.cols()) return near(got, expected, 0);
  for (int i = 0; i < got.rows(); ++i)
    for (int j = 0; j < got.cols(); ++j) {
      const double tolerance = 1e-14 * std::abs(expected(i, j));
      const auto close = near(double{got(i, j)}, double{expected(i, j)}, tolerance);
      if (!close) return ::testing::AssertionResult(close) << " at (" << i << "," << j << ")";
    }
  return ::testing::AssertionSuccess();
}

// Row n of the golden numbers, which are rows of three.
Matrix row_of(const std::vector<double>& values, std::size_t n) {
  return {{values[3 * n], values[3 * n + 1], values[3 * n + 2]}};
}

// The golden numbers as matrices of 4 samples and 5 classes.
Matrix table(const std::vector<double>& values) {
  Matrix m(4, 5);
  std::copy(values.begin(), values.end(), m.flat().begin());
  return m;
}

// What is not (2,3): too few or too many rows or columns, and the same six elements otherwise.
const Matrix other_shapes[] = {Matrix(3, 2), Matrix(1, 3), Matrix(3, 3),
                               Matrix(2, 2), Matrix(2, 4), Matrix(1, 6)};

// ---- squared error ----

TEST(SquaredError, IsHalfTheSumOfSquares) {
  points(4);
  EXPECT_TRUE(near(squared_error({{1, 2}, {3, 4}, {0, 0}}, {{0, 2}, {5, 1}, {0, 0}}), 7, 1e-12))
      << "1/2 (1 + 0 + 4 + 9): a sum, divided by no number of samples";
}

TEST(SquaredError, GradientIsRight) {
  points(4);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(70 + salt);
    const Matrix o = random.normal_matrix(0, 1, 4, 3), t = random.normal_matrix(0, 1, 4, 3);
    const auto loss = [&](const Matrix& m) { return squared_error(m, t); };
    EXPECT_TRUE(is_gradient("squared do", loss, o, squared_error_backward(o, t)));
    const auto mean = [&](const Matrix& m) { return mean_squared_error(m, t); };
    EXPECT_TRUE(is_gradient("mean sq. do", mean, o, mean_squared_error_backward(o, t)));
  }
}

TEST(MeanSquaredError, IsPyTorchs) {
  points(5);
  const Matrix o = table(golden::loss_logits), t = table(golden::loss_targets);
  EXPECT_TRUE(near(mean_squared_error(o, t), golden::mean_squared_error_loss[0], 1e-12))
      << "the mean over all elements, not over the samples";
  EXPECT_TRUE(
      near(mean_squared_error_backward(o, t), table(golden::mean_squared_error_gradient), 1e-12));
}

TEST(SquaredError, RefusesWhatDoesNotFit) {
  points(3);
  const Matrix o(2, 3);
  EXPECT_TRUE(accepts([&] { squared_error(o, o); }));
  EXPECT_TRUE(accepts([&] { squared_error_backward(o, o); }));
  EXPECT_TRUE(accepts([&] { mean_squared_error(o, o); }));
  EXPECT_TRUE(accepts([&] { mean_squared_error_backward(o, o); }));
  for (const Matrix& t : other_shapes) {
    EXPECT_TRUE(refuses([&] { squared_error(o, t); })) << shape(t);
    EXPECT_TRUE(refuses([&] { squared_error_backward(o, t); })) << shape(t);
    EXPECT_TRUE(refuses([&] { mean_squared_error(o, t); })) << shape(t);
    EXPECT_TRUE(refuses([&] { mean_squared_error_backward(o, t); })) << shape(t);
  }
  EXPECT_TRUE(refuses([] { mean_squared_error(Matrix(), Matrix()); })) << "a mean of nothing";
}

// ---- classes ----

TEST(OneHot, HasASingleOneInEachRow) {
  points(3);
  EXPECT_TRUE(near(one_hot({2, 0, 2}, 4), {{0, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 1, 0}}, 0));
  EXPECT_TRUE(near(one_hot({0, 0}, 1), {{1}, {1}}, 0));
}

TEST(OneHot, RefusesLabelsOutsideTheClasses) {
  points(3);
  EXPECT_TRUE(accepts([] { one_hot({0, 2}, 3); }));
  EXPECT_TRUE(refuses([] { one_hot({0, 3}, 3); })) << "label 3 of classes 0, 1, 2";
  EXPECT_TRUE(refuses([] { one_hot({0, -1}, 3); })) << "label -1";
  EXPECT_TRUE(accepts([] { one_hot({}, 3); }));
  EXPECT_TRUE(refuses([] { one_hot({}, 0); })) << "no classes";
  EXPECT_TRUE(refuses([] { one_hot({}, -2); })) << "-2 classes";
}

TEST(Softmax, IsPyTorchs) {
  points(4);
  EXPECT_TRUE(
      near(softmax(table(golden::loss_logits)), table(golden::softmax_probabilities), 1e-14));
}

TEST(Softmax, RowsArePositiveAndSumToOne) {
  points(3);
  for (const int K : {1, 2, 7, 10, 100}) {
    const Matrix z = test_random(80).normal_matrix(0, 4, 50, K);
    const Matrix p = softmax(z);
    ASSERT_EQ(p.rows(), 50);
    ASSERT_EQ(p.cols(), K);
    for (int n = 0; n < p.rows(); ++n) {
      double sum = 0;
      for (int k = 0; k < K; ++k) {
        EXPECT_GT(p(n, k), 0);
        EXPECT_TRUE(near(p(n, k), p(n, 0) * std::exp(z(n, k) - z(n, 0)), 1e-12)) << K;
        sum += p(n, k);
      }
      EXPECT_TRUE(near(sum, 1, 1e-13)) << "row " << n << " of " << K << " classes";
    }
  }
}

TEST(Softmax, DoesNotChangeWhenALogitShiftsWithItsRow) {
  points(2);
  const Matrix z = test_random(81).normal_matrix(0, 2, 3, 4);
  Matrix shifted = z;
  for (int n = 0; n < 3; ++n)
    for (int k = 0; k < 4; ++k) shifted(n, k) += 100 * (n - 1);
  EXPECT_TRUE(near(softmax(shifted), softmax(z), 1e-12));
}

TEST(Softmax, StaysFiniteForLogitsOfTenThousand) {
  points(4);
  EXPECT_TRUE(near(softmax({{1e4, 0, -1e4}, {-1e4, -1e4, -1e4}, {1e4, 1e4, 0}}),
                   {{1, 0, 0}, {1.0 / 3, 1.0 / 3, 1.0 / 3}, {0.5, 0.5, 0}}, 1e-11))
      << "take the largest logit of the row from all of them first";
}

TEST(Softmax, KeepsTheDigitsOfASmallShare) {
  points(2);
  for (std::size_t n = 0; n < golden::exact_labels.size(); ++n)
    EXPECT_TRUE(
        all_digits(softmax(row_of(golden::exact_logits, n)), row_of(golden::exact_softmax, n)))
        << "row " << n << ": take the largest logit away before anything is rounded";
}

TEST(Softmax, HasTheLimitAtInfiniteLogits) {
  points(1);
  EXPECT_TRUE(
      near(softmax({{-infinity, 0, 0}, {1, 1, -infinity}}), {{0, 0.5, 0.5}, {0.5, 0.5, 0}}, 1e-15))
      << "-infinity rules a class out";
  EXPECT_TRUE(near(softmax({{0, infinity}, {infinity, -infinity}}), {{0, 1}, {1, 0}}, 0))
      << "a single +infinity leaves nothing to the others; infinity - infinity is NaN";
  const Matrix none = softmax({{-infinity, -infinity}, {infinity, infinity}, {0, 0}});
  for (int k = 0; k < 2; ++k) {
    EXPECT_TRUE(std::isnan(none(0, k))) << "no class is left: there is no limit, and no number";
    EXPECT_TRUE(std::isnan(none(1, k))) << "two infinities have no limit, and get no number";
    EXPECT_TRUE(near(none(2, k), 0.5, 1e-15)) << "the next row is not touched";
  }
}

TEST(CrossEntropy, HasTheValueOfTheNotes) {
  points(5);
  EXPECT_TRUE(near(cross_entropy({{1, 0, 0}}, {{0.7, 0.2, 0.1}}), 0.35667494393873245, 1e-15));
}

TEST(CrossEntropy, IsTheMeanOverTheSamples) {
  points(3);
  const Matrix p = {{1, 0}, {0, 1}, {0.5, 0.5}}, q = {{0.5, 0.5}, {0.75, 0.25}, {0.5, 0.5}};
  const double ln2 = std::log(2.0);
  EXPECT_TRUE(near(cross_entropy(p, q), (ln2 + 2 * ln2 + ln2) / 3, 1e-14));
  EXPECT_TRUE(near(cross_entropy({{0.25, 0.75}}, {{0.5, 0.5}}), ln2, 1e-14))
      << "every class counts with its p, not only the likeliest";
  EXPECT_TRUE(near(cross_entropy({{1e-4, 1 - 1e-4}}, {{0.25, 0.75}}),
                   1e-4 * std::log(4.0) + (1 - 1e-4) * std::log(4.0 / 3), 1e-14));
}

TEST(CrossEntropy, StaysFiniteForAProbabilityOfZero) {
  points(3);
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{1, 0}}), 0, 1e-15)) << "0 ln 0 counts as 0";
  const double loss = cross_entropy({{1, 0}}, {{0, 1}});
  EXPECT_TRUE(std::isfinite(loss));
  EXPECT_TRUE(near(loss, -std::log(std::numeric_limits<Scalar>::min()), 1e-9))
      << "0 is replaced by the smallest normal number, nothing larger";
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{1e-30, 1}}), 30 * std::log(10.0), 1e-9))
      << "1e-30 is no 0: it stays as it is";
  for (const Matrix& q : other_shapes)
    EXPECT_TRUE(refuses([&] { cross_entropy(Matrix(2, 3), q); })) << shape(q);
  EXPECT_TRUE(refuses([] { cross_entropy(Matrix(0, 3), Matrix(0, 3)); })) << "no samples";
}

TEST(CrossEntropy, KeepsTheDigitsOfASmallLoss) {
  points(1);
  const double nearly = 1 - std::ldexp(1, -53), tiny = std::ldexp(1, -53);  // -ln(1 - x) = x + x²/2
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{nearly, 0}}), tiny, 1e-14 * tiny))
      << "nothing may be added to q";
  EXPECT_TRUE(near(cross_entropy({{1e-20, 0}}, {{0.5, 0}}), 1e-20 * std::log(2.0), 1e-34));
}

TEST(CrossEntropy, RefusesWhatIsNoProbability) {
  points(1);
  EXPECT_TRUE(accepts([] { cross_entropy({{1, 0}}, {{0, 1}}); }));
  EXPECT_TRUE(accepts([] { cross_entropy({{0.3, 0.1}}, {{0.5, 1}}); })) << "rows need not sum to 1";
  for (const double v : {-0.1, 1.1, 255.0, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { cross_entropy({{1, 0}, {0, v}}, {{1, 0}, {0, 1}}); })) << "p = " << v;
    EXPECT_TRUE(refuses([&] { cross_entropy({{1, 0}, {0, 1}}, {{1, 0}, {v, 1}}); })) << "q = " << v;
  }
}

// ---- loss and gradient in one ----

TEST(SoftmaxCrossEntropy, IsPyTorchs) {
  points(4);
  const auto [loss, dz] = softmax_cross_entropy(table(golden::loss_logits), golden::loss_labels);
  EXPECT_TRUE(near(loss, golden::softmax_cross_entropy_loss[0], 1e-13));
  EXPECT_TRUE(near(dz, table(golden::softmax_cross_entropy_gradient), 1e-14)) << "dz = (p - t) / N";
}

TEST(SoftmaxCrossEntropy, GradientIsRight) {
  points(3);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(90 + salt);
    const Matrix z = random.normal_matrix(0, 1, 5, 4);
    std::vector<int> labels;
    for (int n = 0; n < 5; ++n) labels.push_back(static_cast<int>(random.randint(4)));
    const auto loss = [&](const Matrix& m) { return softmax_cross_entropy(m, labels).loss; };
    EXPECT_TRUE(is_gradient("softmax dz", loss, z, softmax_cross_entropy(z, labels).dz));
  }
}

TEST(SoftmaxCrossEntropy, LosesNothingForLogitsOfTenThousand) {
  points(3);
  const auto [loss, dz] = softmax_cross_entropy({{1e4, 0, -1e4}, {0, 0, 0}}, {2, 1});
  EXPECT_TRUE(near(loss, (2e4 + std::log(3.0)) / 2, 1e-9))
      << "a surprise of 20000 is not infinite, and not cut off at 700";
  const auto below = softmax_cross_entropy({{-1e4, -1e4, -1e4}}, {0});
  EXPECT_TRUE(near(below.loss, std::log(3.0), 1e-9)) << "the largest logit may be negative";
  EXPECT_TRUE(near(below.dz, {{-2.0 / 3, 1.0 / 3, 1.0 / 3}}, 1e-11));
  EXPECT_TRUE(near(dz, {{0.5, 0, -0.5}, {1.0 / 6, -1.0 / 3, 1.0 / 6}}, 1e-14));
}

TEST(SoftmaxCrossEntropy, KeepsTheDigitsOfASmallLoss) {
  points(3);
  EXPECT_TRUE(all_digits({{softmax_cross_entropy({{40, 0}}, {0}).loss}}, {{4.248354255291589e-18}}))
      << "p rounds to 1 and ln 1 is 0; ln p = -ln(1 + what the others add), and log1p keeps it";
  for (std::size_t n = 0; n < golden::exact_labels.size(); ++n) {
    const Matrix z = row_of(golden::exact_logits, n);
    const LossGradient got = softmax_cross_entropy(z, {golden::exact_labels[n]});
    EXPECT_TRUE(all_digits({{got.loss}}, {{golden::exact_softmax_loss[n]}}))
        << "logits " << z(0, 0) << ", " << z(0, 1) << ", " << z(0, 2);
  }
}

TEST(SoftmaxCrossEntropy, KeepsTheDigitsOfASmallGradient) {
  points(3);
  EXPECT_TRUE(all_digits(softmax_cross_entropy({{40, 0}}, {0}).dz,
                         {{-4.248354255291589e-18, 4.248354255291589e-18}}))
      << "p rounds to 1 and p - 1 is 0; 1 - p is what the other classes have";
  for (std::size_t n = 0; n < golden::exact_labels.size(); ++n) {
    const Matrix z = row_of(golden::exact_logits, n);
    const LossGradient got = softmax_cross_entropy(z, {golden::exact_labels[n]});
    EXPECT_TRUE(all_digits(got.dz, row_of(golden::exact_softmax_dz, n)))
        << "logits " << z(0, 0) << ", " << z(0, 1) << ", " << z(0, 2);
  }
}

TEST(SoftmaxCrossEntropy, HasTheLimitAtInfiniteLogits) {
  points(1);
  const auto expect = [](const Matrix& z, int label, double loss, const Matrix& dz) {
    const LossGradient got = softmax_cross_entropy(z, {label});
    EXPECT_TRUE(near(got.loss, loss, 1e-15)) << z(0, 0) << ", " << z(0, 1) << ": label " << label;
    EXPECT_TRUE(near(got.dz, dz, 1e-15)) << z(0, 0) << ", " << z(0, 1) << ": label " << label;
  };
  expect({{-infinity, 0, 0}}, 1, std::log(2.0), {{0, -0.5, 0.5}});
  expect({{-infinity, 0, 0}}, 0, infinity, {{-1, 0.5, 0.5}});
  expect({{0, infinity}}, 1, 0, {{0, 0}});
  expect({{0, infinity}}, 0, infinity, {{-1, 1}});
  EXPECT_TRUE(std::isnan(softmax_cross_entropy({{infinity, infinity}}, {0}).loss));
  EXPECT_TRUE(std::isnan(softmax_cross_entropy({{-infinity, -infinity}}, {0}).loss));
}

TEST(SoftmaxCrossEntropy, RefusesLabelsThatDoNotFit) {
  points(2);
  EXPECT_TRUE(accepts([] { softmax_cross_entropy(Matrix(2, 3), {0, 2}); }));
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0, 3}); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {-1, 0}); })) << "label -1";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0}); })) << "1 label for 2 rows";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0, 1, 2}); })) << "3 for 2 rows";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(3, 3), {0, 1, 3}); })) << "the last label";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(0, 3), {}); })) << "no samples";
}

TEST(SigmoidCrossEntropy, IsPyTorchs) {
  points(3);
  const Matrix z = table(golden::loss_logits), t = table(golden::loss_targets);
  const auto [loss, dz] = sigmoid_cross_entropy(z, t);
  EXPECT_TRUE(near(loss, golden::sigmoid_cross_entropy_loss[0], 1e-12));
  EXPECT_TRUE(near(dz, table(golden::sigmoid_cross_entropy_gradient), 1e-14));
  const auto by_z = [&](const Matrix& m) { return sigmoid_cross_entropy(m, t).loss; };
  EXPECT_TRUE(is_gradient("sigmoid dz", by_z, z, dz));
}

TEST(SigmoidCrossEntropy, LosesNothingForLogitsOfTenThousand) {
  points(3);
  const auto [loss, dz] = sigmoid_cross_entropy({{1e4, -1e4, 1e4, -1e4}}, {{0, 1, 1, 0}});
  EXPECT_TRUE(near(loss, 2e4, 1e-9));
  EXPECT_TRUE(near(dz, {{1, -1, 0, 0}}, 1e-15));
  for (const Matrix& t : other_shapes)
    EXPECT_TRUE(refuses([&] { sigmoid_cross_entropy(Matrix(2, 3), t); })) << shape(t);
  EXPECT_TRUE(refuses([] { sigmoid_cross_entropy(Matrix(0, 3), Matrix(0, 3)); })) << "no samples";
}

TEST(SigmoidCrossEntropy, KeepsTheDigitsOfASmallLossAndGradient) {
  points(3);
  for (std::size_t n = 0; n < golden::exact_z.size(); ++n) {
    const double z = golden::exact_z[n], t = golden::exact_t[n];
    const LossGradient got = sigmoid_cross_entropy({{z}}, {{t}});
    EXPECT_TRUE(all_digits({{got.loss}}, {{golden::exact_sigmoid_loss[n]}}))
        << "z = " << z << ", t = " << t << ": log1p, and no difference of large numbers";
    EXPECT_TRUE(all_digits(got.dz, {{golden::exact_sigmoid_dz[n]}}))
        << "z = " << z << ", t = " << t << ": 1 - σ(z) is σ(-z), which keeps its digits";
  }
}

TEST(SigmoidCrossEntropy, HasTheLimitAtInfiniteLogits) {
  points(1);
  const auto expect = [](double z, double t, double loss, double dz) {
    const LossGradient got = sigmoid_cross_entropy({{z}}, {{t}});
    EXPECT_TRUE(near(got.loss, loss, 0)) << "z = " << z << ", t = " << t << ": 0 ln 0 counts as 0";
    EXPECT_TRUE(near(got.dz, {{dz}}, 0)) << "z = " << z << ", t = " << t;
  };
  expect(infinity, 1, 0, 0);
  expect(infinity, 0, infinity, 1);
  expect(-infinity, 0, 0, 0);
  expect(-infinity, 1, infinity, -1);
  expect(infinity, 0.25, infinity, 0.75);
}

TEST(SigmoidCrossEntropy, RefusesTargetsThatAreNoProbability) {
  points(1);
  EXPECT_TRUE(accepts([] { sigmoid_cross_entropy({{0, 0, 0}}, {{0, 0.5, 1}}); }));
  for (const double t : {-0.1, 1.1, 255.0, infinity, -infinity})
    EXPECT_TRUE(refuses([&] { sigmoid_cross_entropy({{0, 0}}, {{1, t}}); })) << "t = " << t;
}

// ---- right or wrong ----

TEST(Predict, IsTheClassWithTheLargestLogit) {
  points(4);
  EXPECT_EQ(predict({{0, 2, 1}, {3, 1, 2}, {1, 2, 3}, {0.5, 0.25, 0.75}}),
            (std::vector<int>{1, 0, 2, 2}));
  EXPECT_EQ(predict({{-5, -4, -9}, {-1, -2, -3}}), (std::vector<int>{1, 0}))
      << "all may be negative, and the largest is not the one of the largest size";
  EXPECT_EQ(predict({{1000, 2000}, {-2000, -1000}, {1e300, -1e300}}), (std::vector<int>{1, 1, 0}))
      << "no exponential is needed";
  EXPECT_EQ(predict({{7}, {-7}}), (std::vector<int>{0, 0})) << "a single class";
  EXPECT_EQ(predict({{-infinity, 0}, {0, infinity}, {-infinity, -1e300}}),
            (std::vector<int>{1, 1, 1}))
      << "a class that is ruled out, and one that takes everything";
  EXPECT_TRUE(predict(Matrix(0, 3)).empty()) << "no rows, no classes";
}

TEST(Predict, TakesTheFirstOfEqualLogits) {
  points(2);
  EXPECT_EQ(predict({{1, 1, 0}, {0, 5, 5}, {2, 2, 2}, {3, 1, 3}}), (std::vector<int>{0, 1, 0, 0}));
  EXPECT_EQ(predict({{-infinity, -infinity}, {infinity, infinity}}), (std::vector<int>{0, 0}));
}

TEST(Predict, LooksAtEveryRowAndEveryClass) {
  points(2);
  for (const auto& [N, K] : {std::pair{3000, 11}, {1, 2000}, {2000, 2}, {50, 50}}) {
    const Matrix z = test_random(95).normal_matrix(-3, 2, N, K);
    std::vector<int> expected;
    for (int n = 0; n < N; ++n) {
      int best = 0;
      for (int k = 1; k < K; ++k)
        if (z(n, k) > z(n, best)) best = k;
      expected.push_back(best);
    }
    EXPECT_EQ(predict(z), expected) << "z is " << shape(z);
  }
}

TEST(Predict, RefusesNaN) {
  points(2);
  EXPECT_TRUE(accepts([] { predict({{1, 2, 3}, {4, 5, 6}}); }));
  for (int n : {0, 1})
    for (int k : {0, 1, 2}) {
      Matrix z = {{1, 3, 2}, {4, 5, 9}};
      z(n, k) = nan;
      EXPECT_TRUE(refuses([&] { predict(z); })) << "NaN at (" << n << "," << k << ")";
    }
  EXPECT_TRUE(refuses([] { predict({{nan}}); })) << "also where it is the only class";
  EXPECT_TRUE(refuses([] { predict(Matrix(2, 0)); })) << "no classes";
}

TEST(Accuracy, IsTheShareOfRowsPredictedRight) {
  points(3);
  const Matrix z = {{0, 2, 1}, {3, 1, 2}, {1, 2, 3}};
  EXPECT_TRUE(near(accuracy(z, {1, 0, 2}), 1, 0));
  EXPECT_TRUE(near(accuracy(z, {1, 0, 0}), 2.0 / 3, 1e-15)) << "a division of integers?";
  EXPECT_TRUE(near(accuracy(z, {0, 0, 0}), 1.0 / 3, 1e-15));
  EXPECT_TRUE(near(accuracy(z, {2, 2, 1}), 0, 0));
  EXPECT_TRUE(near(accuracy({{0, 0}, {0, 0}, {0, 1}, {1, 0}}, {0, 1, 1, 0}), 0.75, 1e-15))
      << "of equal logits the first one is predicted: one answer per row";
}

TEST(Accuracy, CountsEveryRow) {
  points(1);
  const int N = 20000;
  Matrix z(N, 4);
  std::vector<int> labels;
  for (int n = 0; n < N; ++n) {
    z(n, n % 4) = 1;
    labels.push_back(n % 5 == 0 || n == N - 1 ? (n + 1) % 4 : n % 4);  // wrong in 4001 rows
  }
  EXPECT_TRUE(near(accuracy(z, labels), (N - 4001.0) / N, 1e-15));
}

TEST(Accuracy, RefusesWhatDoesNotFit) {
  points(2);
  EXPECT_TRUE(accepts([] { accuracy(Matrix(2, 3), {0, 2}); }));
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {0}); })) << "1 label for 2 rows";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {0, 1, 2}); })) << "3 labels for 2 rows";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {0, 3}); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {-1, 0}); })) << "label -1";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(0, 3), {}); })) << "the share of nothing";
  EXPECT_TRUE(refuses([] { accuracy({{1, 2}, {3, nan}}, {1, 0}); })) << "NaN";
}

// ---- NaN ----

int count_nan(std::span<const Scalar> values) {
  return static_cast<int>(std::ranges::count_if(values, [](double v) { return std::isnan(v); }));
}

TEST(Losses, KeepNaN) {
  points(2);
  const Matrix with = {{1, nan}, {0, 1}}, without = {{0.5, 0.5}, {0.5, 0.5}};
  for (const auto& [a, b] : {std::pair(with, without), std::pair(without, with)}) {
    EXPECT_TRUE(std::isnan(squared_error(a, b)));
    EXPECT_TRUE(std::isnan(mean_squared_error(a, b)));
    EXPECT_EQ(count_nan(squared_error_backward(a, b).flat()), 1);
    EXPECT_EQ(count_nan(mean_squared_error_backward(a, b).flat()), 1);
    EXPECT_TRUE(std::isnan(cross_entropy(a, b))) << "std::max may lose NaN";
    EXPECT_TRUE(std::isnan(sigmoid_cross_entropy(a, b).loss));
    EXPECT_EQ(count_nan(sigmoid_cross_entropy(a, b).dz.flat()), 1);
  }
  EXPECT_TRUE(std::isnan(cross_entropy({{1, 0}}, {{1, nan}}))) << "0 times NaN is NaN";
  EXPECT_TRUE(std::isnan(sigmoid_cross_entropy({{nan}}, {{0}}).loss));
  EXPECT_TRUE(std::isnan(sigmoid_cross_entropy({{nan}}, {{1}}).loss));
}

TEST(Softmax, MakesARowWithNaNAllNaN) {
  points(1);
  for (const Matrix& z : {Matrix{{nan, 1, 2}, {0, 0, 0}}, Matrix{{1, nan, 2}, {0, 0, 0}},
                          Matrix{{2, 1, nan}, {0, 0, 0}}, Matrix{{infinity, 1, nan}, {0, 0, 0}}})
    for (const int label : {0, 1, 2}) {
      const LossGradient got = softmax_cross_entropy(z, {label, 0});
      EXPECT_TRUE(std::isnan(got.loss)) << "label " << label;
      for (const Matrix& m : {softmax(z), got.dz}) {
        EXPECT_EQ(count_nan(m.row(0)), 3) << "the sum of a row with NaN is NaN";
        EXPECT_EQ(count_nan(m.row(1)), 0) << "the next row is not touched";
      }
    }
  EXPECT_EQ(count_nan(softmax({{nan}}).flat()), 1) << "also where it is the only class";
  EXPECT_TRUE(std::isnan(softmax_cross_entropy({{nan}}, {0}).loss));
}

}  // namespace
}  // namespace gradus::testing
