// Chapter 05: what losses and their gradients must be.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/05_losses/losses.hpp"
#include "tests/golden/torch_losses.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

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
  points(6);
  EXPECT_TRUE(near(squared_error({{1, 2}, {3, 4}, {0, 0}}, {{0, 2}, {5, 1}, {0, 0}}), 7, 1e-12))
      << "1/2 (1 + 0 + 4 + 9): a sum, divided by no number of samples";
}

TEST(SquaredError, GradientIsRight) {
  points(8);
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
  points(8);
  const Matrix o = table(golden::loss_logits), t = table(golden::loss_targets);
  EXPECT_TRUE(near(mean_squared_error(o, t), golden::mean_squared_error_loss[0], 1e-12))
      << "the mean over all elements, not over the samples";
  EXPECT_TRUE(
      near(mean_squared_error_backward(o, t), table(golden::mean_squared_error_gradient), 1e-12));
}

TEST(SquaredError, RefusesWhatDoesNotFit) {
  points(4);
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
  points(5);
  EXPECT_TRUE(near(one_hot({2, 0, 2}, 4), {{0, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 1, 0}}, 0));
  EXPECT_TRUE(near(one_hot({0, 0}, 1), {{1}, {1}}, 0));
}

TEST(OneHot, RefusesLabelsOutsideTheClasses) {
  points(4);
  EXPECT_TRUE(accepts([] { one_hot({0, 2}, 3); }));
  EXPECT_TRUE(refuses([] { one_hot({0, 3}, 3); })) << "label 3 of classes 0, 1, 2";
  EXPECT_TRUE(refuses([] { one_hot({0, -1}, 3); })) << "label -1";
}

TEST(Softmax, IsPyTorchs) {
  points(6);
  EXPECT_TRUE(
      near(softmax(table(golden::loss_logits)), table(golden::softmax_probabilities), 1e-14));
}

TEST(Softmax, RowsArePositiveAndSumToOne) {
  points(5);
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
  points(4);
  const Matrix z = test_random(81).normal_matrix(0, 2, 3, 4);
  Matrix shifted = z;
  for (int n = 0; n < 3; ++n)
    for (int k = 0; k < 4; ++k) shifted(n, k) += 100 * (n - 1);
  EXPECT_TRUE(near(softmax(shifted), softmax(z), 1e-12));
}

TEST(Softmax, StaysFiniteForLogitsOfTenThousand) {
  points(6);
  EXPECT_TRUE(near(softmax({{1e4, 0, -1e4}, {-1e4, -1e4, -1e4}, {1e4, 1e4, 0}}),
                   {{1, 0, 0}, {1.0 / 3, 1.0 / 3, 1.0 / 3}, {0.5, 0.5, 0}}, 1e-11))
      << "take the largest logit of the row from all of them first";
}

TEST(CrossEntropy, HasTheValueOfTheNotes) {
  points(8);
  EXPECT_TRUE(near(cross_entropy({{1, 0, 0}}, {{0.7, 0.2, 0.1}}), 0.35667494393873245, 1e-15));
}

TEST(CrossEntropy, IsTheMeanOverTheSamples) {
  points(5);
  const Matrix p = {{1, 0}, {0, 1}, {0.5, 0.5}}, q = {{0.5, 0.5}, {0.75, 0.25}, {0.5, 0.5}};
  const double ln2 = std::log(2.0);
  EXPECT_TRUE(near(cross_entropy(p, q), (ln2 + 2 * ln2 + ln2) / 3, 1e-14));
  EXPECT_TRUE(near(cross_entropy({{0.25, 0.75}}, {{0.5, 0.5}}), ln2, 1e-14))
      << "every class counts with its p, not only the likeliest";
  EXPECT_TRUE(near(cross_entropy({{1e-4, 1 - 1e-4}}, {{0.25, 0.75}}),
                   1e-4 * std::log(4.0) + (1 - 1e-4) * std::log(4.0 / 3), 1e-14));
}

TEST(CrossEntropy, StaysFiniteForAProbabilityOfZero) {
  points(5);
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

// ---- loss and gradient in one ----

TEST(SoftmaxCrossEntropy, IsPyTorchs) {
  points(7);
  const auto [loss, dz] = softmax_cross_entropy(table(golden::loss_logits), golden::loss_labels);
  EXPECT_TRUE(near(loss, golden::softmax_cross_entropy_loss[0], 1e-13));
  EXPECT_TRUE(near(dz, table(golden::softmax_cross_entropy_gradient), 1e-14)) << "dz = (p - t) / N";
}

TEST(SoftmaxCrossEntropy, GradientIsRight) {
  points(5);
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
  points(4);
  const auto [loss, dz] = softmax_cross_entropy({{1e4, 0, -1e4}, {0, 0, 0}}, {2, 1});
  EXPECT_TRUE(near(loss, (2e4 + std::log(3.0)) / 2, 1e-9))
      << "a surprise of 20000 is not infinite, and not cut off at 700";
  const auto below = softmax_cross_entropy({{-1e4, -1e4, -1e4}}, {0});
  EXPECT_TRUE(near(below.loss, std::log(3.0), 1e-9)) << "the largest logit may be negative";
  EXPECT_TRUE(near(below.dz, {{-2.0 / 3, 1.0 / 3, 1.0 / 3}}, 1e-11));
  EXPECT_TRUE(near(dz, {{0.5, 0, -0.5}, {1.0 / 6, -1.0 / 3, 1.0 / 6}}, 1e-14));
}

TEST(SoftmaxCrossEntropy, RefusesLabelsThatDoNotFit) {
  points(3);
  EXPECT_TRUE(accepts([] { softmax_cross_entropy(Matrix(2, 3), {0, 2}); }));
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0, 3}); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {-1, 0}); })) << "label -1";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0}); })) << "1 label for 2 rows";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0, 1, 2}); })) << "3 for 2 rows";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(3, 3), {0, 1, 3}); })) << "the last label";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(0, 3), {}); })) << "no samples";
}

TEST(SigmoidCrossEntropy, IsPyTorchs) {
  points(4);
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

}  // namespace
}  // namespace gradus::testing
