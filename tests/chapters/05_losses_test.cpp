// Chapter 05: what losses and their gradients must be.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "chapters/05_losses/losses.hpp"
#include "tests/golden/exact_losses.hpp"
#include "tests/golden/torch_losses.hpp"
#include "tests/plain.hpp"
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

const double epsilon = std::numeric_limits<double>::epsilon();
const double tiny = std::numeric_limits<double>::min();  // the smallest normal number

// ---- what is expected, by plain loops ----

double plain_squares(const Matrix& o, const Matrix& t) {
  double sum = 0;
  for (int i = 0; i < o.size(); ++i) {
    const double residual = double{o.flat()[i]} - t.flat()[i];
    sum += residual * residual;
  }
  return sum;
}

Matrix plain_residuals(const Matrix& o, const Matrix& t, double factor) {
  Matrix d = o;
  for (int i = 0; i < d.size(); ++i) d.flat()[i] = (o.flat()[i] - t.flat()[i]) * factor;
  return d;
}

// e^(z_k - max z) of one row; NaN where softmax has no limit.
std::vector<double> plain_exponentials(std::span<const Scalar> z) {
  const double largest = *std::max_element(z.begin(), z.end());
  const auto infinite = std::count(z.begin(), z.end(), infinity);
  const bool any_nan = std::any_of(z.begin(), z.end(), [](double v) { return std::isnan(v); });
  const bool no_limit = any_nan || infinite > 1 || largest == -infinity;
  std::vector<double> e;
  for (double v : z)
    e.push_back(no_limit ? nan : infinite == 1 ? v == infinity : std::exp(v - largest));
  return e;
}

Matrix plain_softmax(const Matrix& z) {
  Matrix p(z.rows(), z.cols());
  for (int n = 0; n < z.rows(); ++n) {
    const std::vector<double> e = plain_exponentials(z.row(n));
    double sum = 0;
    for (double v : e) sum += v;
    for (int k = 0; k < z.cols(); ++k) p(n, k) = e[k] / sum;
  }
  return p;
}

LossGradient plain_softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  LossGradient all = {.loss = 0, .dz = z};
  const int N = z.rows();
  for (int n = 0; n < N; ++n) {
    const std::vector<double> e = plain_exponentials(z.row(n));
    double others = 0, largest = -infinity;
    for (int k = 0; k < z.cols(); ++k) {
      if (k != labels[n]) others += e[k];
      largest = std::max(largest, double{z(n, k)});
    }
    const double at_label = e[labels[n]], sum = others + at_label;
    if (std::isnan(at_label))
      all.loss = nan;
    else if (at_label == 1)
      all.loss += std::log1p(others) / N;
    else
      all.loss += (largest - z(n, labels[n]) + std::log(sum)) / N;
    for (int k = 0; k < z.cols(); ++k) all.dz(n, k) = (k == labels[n] ? -others : e[k]) / sum / N;
  }
  return all;
}

double plain_sigmoid(double z) {
  return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z));
}

double plain_cross_entropy(const Matrix& p, const Matrix& q) {
  double sum = 0;
  for (int i = 0; i < p.size(); ++i) {
    const double prediction = q.flat()[i] < tiny ? tiny : q.flat()[i];
    if (p.flat()[i] != 0 || std::isnan(prediction)) sum -= p.flat()[i] * std::log(prediction);
  }
  return sum / p.rows();
}

// The relative error of a share: (K + |z_k - max z|) ε, and a mean over the samples adds theirs.
double softmax_digits(const Matrix& z) {
  double spread = 0;
  for (int n = 0; n < z.rows(); ++n) {
    const double largest = *std::max_element(z.row(n).begin(), z.row(n).end());
    for (double v : z.row(n))
      if (std::isfinite(largest - v)) spread = std::max(spread, largest - v);
  }
  return 3 * (z.rows() + z.cols() + std::min(spread, 750.0) + 8) * epsilon;
}

void expect_softmax(const Matrix& z, const std::string& where) {
  EXPECT_TRUE(close(softmax(z), plain_softmax(z), softmax_digits(z), true))
      << "softmax to its digits, " << where;
}

void expect_loss(const Matrix& z, const std::vector<int>& labels, const std::string& where) {
  const LossGradient got = softmax_cross_entropy(z, labels);
  const LossGradient expected = plain_softmax_cross_entropy(z, labels);
  EXPECT_TRUE(close(got.loss, expected.loss, softmax_digits(z))) << "the loss, " << where;
  EXPECT_TRUE(close(got.dz, expected.dz, softmax_digits(z), true)) << "dz = (p - t) / N, " << where;
}

void expect_sigmoid_loss(const Matrix& z, const Matrix& t, const std::string& where) {
  const LossGradient got = sigmoid_cross_entropy(z, t);
  ASSERT_EQ(shape(got.dz), shape(z)) << where;
  double loss = 0;
  const int N = z.rows();
  for (int n = 0; n < N; ++n)
    for (int k = 0; k < z.cols(); ++k) {
      const double v = z(n, k), yes = t(n, k), no = 1 - yes;
      const auto softplus = [](double u) {
        return (u > 0 ? u : 0) + std::log1p(std::exp(-std::abs(u)));
      };
      if (yes != 0) loss += yes * softplus(-v) / N;
      if (no != 0) loss += no * softplus(v) / N;
      const double up = no * plain_sigmoid(v) / N, down = yes * plain_sigmoid(-v) / N;
      if (!close_within(got.dz(n, k), up - down, 2e-14, std::max(up, down)))
        ADD_FAILURE() << "dz = (o - t) / N: got " << got.dz(n, k) << ", expected " << up - down
                      << " at (" << n << "," << k << "), " << where;
    }
  // No term is negative: its few ε are those of their sum, and each sum may round once more.
  EXPECT_TRUE(close(got.loss, loss, (16 + z.size()) * epsilon)) << "the loss, " << where;
}

std::vector<int> random_labels(Random& random, int N, int K) {
  std::vector<int> labels;
  for (int n = 0; n < N; ++n) labels.push_back(static_cast<int>(random.randint(K)));
  if (N > 1) labels[N / 2] = K - 1;  // the last class is always among them
  return labels;
}

// Small, square, wide, and beyond every round number.
const std::pair<int, int> all_shapes[] = {{1, 1},     {1, 4},    {4, 1},    {3, 3},
                                          {7, 10},    {10, 10},  {5, 12},   {130, 70},
                                          {5000, 10}, {3, 1100}, {320, 320}};

// ---- squared error ----

TEST(SquaredError, IsHalfTheSumOfSquares) {
  points(4);
  EXPECT_TRUE(near(squared_error({{1, 2}, {3, 4}, {0, 0}}, {{0, 2}, {5, 1}, {0, 0}}), 7, 1e-12))
      << "1/2 (1 + 0 + 4 + 9): a sum, divided by no number of samples";
  EXPECT_TRUE(near(squared_error({{-2, 3}}, {{1, -1}}), 12.5, 1e-13)) << "1/2 (9 + 16)";
}

void expect_squared(const Matrix& o, const Matrix& t, const std::string& where) {
  const double squares = plain_squares(o, t), count = o.size();
  EXPECT_TRUE(close(squared_error(o, t), squares / 2, 1e-12)) << where;
  EXPECT_TRUE(close(squared_error_backward(o, t), plain_residuals(o, t, 1), 1e-14, true)) << where;
  EXPECT_TRUE(close(mean_squared_error(o, t), squares / count, 1e-12)) << where;
  EXPECT_TRUE(
      close(mean_squared_error_backward(o, t), plain_residuals(o, t, 2 / count), 1e-14, true))
      << where;
}

// Two answers, which differ: beside refusals, and before a single answer. Who answers nothing, always
// the same, or what was right for the call before, has understood nothing.
void expect_two_errors() {
  expect_squared({{1, 3}}, {{0, 5}}, "two outputs");
  expect_squared({{2}, {0}, {1}}, {{-1}, {4}, {1}}, "three samples");
}

void expect_two_losses() {
  for (const Matrix& z : {Matrix{{0, 2}}, Matrix{{1, 0, -1}, {0, 3, 1}}}) {
    const std::string what = "z is " + shape(z);
    const std::vector<int> labels(z.rows(), 1);
    Matrix t(z.rows(), z.cols()), one(z.rows(), z.cols(), 0.25);
    for (int n = 0; n < z.rows(); ++n) t(n, 1) = 1;
    expect_softmax(z, what);
    expect_loss(z, labels, what);
    expect_sigmoid_loss(z, one, what);
    EXPECT_TRUE(near(one_hot(labels, z.cols()), t, 0)) << what;
    EXPECT_TRUE(close(cross_entropy(one, t), plain_cross_entropy(one, t), 1e-12)) << what;
  }
}

TEST(SquaredError, IsRightForAllShapesAndSizes) {
  points(4);
  Random random = test_random(73);
  for (const auto& [N, K] : all_shapes) {
    const Matrix o = random.normal_matrix(0, 1, N, K), t = random.normal_matrix(0, 1, N, K);
    expect_squared(o, t, "o and t are " + shape(o));
  }
  for (double size : {1e-310, 1e-150, 1e-9, 1e-6, 30.0, 1e5, 1e153}) {
    const Matrix o = scaled(random.normal_matrix(0, 1, 4, 3), size);
    expect_squared(o, scaled(random.normal_matrix(0, 1, 4, 3), size),
                   "o and t of size " + std::to_string(size));
    expect_squared(o, Matrix(4, 3), "t = 0, o of size " + std::to_string(size));
    expect_squared(Matrix(4, 3), o, "o = 0, t of size " + std::to_string(size));
    expect_squared(o, o, "one matrix for o and t: no error at all");
  }
  const Matrix huge = random.normal_matrix(0, 1e305, 4, 3);  // its squares are infinite
  for (const auto& [o, t] : {std::pair(huge, Matrix(4, 3)), std::pair(Matrix(4, 3), huge)}) {
    EXPECT_TRUE(close(squared_error_backward(o, t), plain_residuals(o, t, 1), 1e-14, true))
        << "o or t of 1e305: a gradient is as large as it is";
    EXPECT_TRUE(
        close(mean_squared_error_backward(o, t), plain_residuals(o, t, 2.0 / 12), 1e-14, true))
        << "o or t of 1e305: a gradient is as large as it is";
  }
  const double far = std::ldexp(1, 20), r = std::ldexp(1, -20);
  expect_squared({{far, -far, far}}, {{far - r, -far + r, far}},
                 "nearly equal: take the differences first, then their squares");
  expect_squared(Matrix(2, 3, 5), Matrix(2, 3, 5), "o = t: no error at all");
}

TEST(SquaredError, GradientIsRight) {
  points(3);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(70 + salt);
    const Matrix o = random.normal_matrix(0, 1, 4, 3), t = random.normal_matrix(0, 1, 4, 3);
    const auto loss = [&](const Matrix& m) { return plain_squares(m, t) / 2; };
    EXPECT_TRUE(is_gradient("squared do", loss, o, squared_error_backward(o, t)));
    const auto mean = [&](const Matrix& m) { return plain_squares(m, t) / 12; };
    EXPECT_TRUE(is_gradient("mean sq. do", mean, o, mean_squared_error_backward(o, t)));
  }
}

TEST(MeanSquaredError, IsPyTorchs) {
  points(2);
  expect_two_errors();
  const Matrix o = table(golden::loss_logits), t = table(golden::loss_targets);
  EXPECT_TRUE(near(mean_squared_error(o, t), golden::mean_squared_error_loss[0], 1e-12))
      << "the mean over all elements, not over the samples";
  EXPECT_TRUE(
      near(mean_squared_error_backward(o, t), table(golden::mean_squared_error_gradient), 1e-12));
}

TEST(SquaredError, RefusesWhatDoesNotFit) {
  points(4);
  expect_two_errors();
  const Matrix o(2, 3);
  EXPECT_TRUE(accepts([&] { squared_error(o, o); }));
  EXPECT_TRUE(accepts([&] { squared_error_backward(o, o); }));
  EXPECT_TRUE(accepts([&] { mean_squared_error(o, o); }));
  EXPECT_TRUE(accepts([&] { mean_squared_error_backward(o, o); }));
  for (const Matrix& from :
       {o, Matrix(3, 2), Matrix(3, 3), Matrix(1, 1), Matrix(1, 4), Matrix(0, 3), Matrix(2, 0)})
    for (const Matrix& t : misfits(from)) {
      const std::string what = "t is " + shape(t) + " for o " + shape(from);
      EXPECT_TRUE(refuses([&] { squared_error(from, t); })) << what;
      EXPECT_TRUE(refuses([&] { squared_error_backward(from, t); })) << what;
      EXPECT_TRUE(refuses([&] { mean_squared_error(from, t); })) << what;
      EXPECT_TRUE(refuses([&] { mean_squared_error_backward(from, t); })) << what;
    }
  EXPECT_TRUE(refuses([] { mean_squared_error(Matrix(0, 3), Matrix(0, 3)); })) << "no rows";
  EXPECT_TRUE(refuses([] { mean_squared_error(Matrix(), Matrix()); })) << "a mean of nothing";
  EXPECT_TRUE(refuses([] { mean_squared_error(Matrix(3, 0), Matrix(3, 0)); })) << "no columns";
  const Matrix none(0, 3);
  EXPECT_TRUE(near(squared_error(none, none), 0, 0)) << "a sum of nothing is no mean: it is 0";
  EXPECT_EQ(shape(squared_error_backward(none, none)), "(0,3)") << "a gradient for none";
}

// ---- classes ----

TEST(OneHot, HasASingleOneInEachRow) {
  points(2);
  EXPECT_TRUE(near(one_hot({2, 0, 2}, 4), {{0, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 1, 0}}, 0));
  EXPECT_TRUE(near(one_hot({0, 0}, 1), {{1}, {1}}, 0));
  EXPECT_TRUE(near(one_hot({}, 3), Matrix(0, 3), 0)) << "no rows, but still three columns";
  Random random = test_random(74);
  for (const auto& [N, K] : all_shapes) {
    const std::vector<int> labels = random_labels(random, N, K);
    Matrix expected(N, K);
    for (int n = 0; n < N; ++n) expected(n, labels[n]) = 1;
    EXPECT_TRUE(near(one_hot(labels, K), expected, 0)) << N << " labels of " << K << " classes";
  }
  const Matrix many = one_hot({69999}, 70000);
  ASSERT_EQ(shape(many), "(1,70000)");
  EXPECT_EQ(many(0, 69999), 1) << "the last of 70 000 classes";
}

TEST(OneHot, RefusesLabelsOutsideTheClasses) {
  points(2);
  expect_two_losses();
  EXPECT_TRUE(accepts([] { one_hot({0, 2}, 3); }));
  EXPECT_TRUE(refuses([] { one_hot({0, 3}, 3); })) << "label 3 of classes 0, 1, 2";
  EXPECT_TRUE(refuses([] { one_hot({0, -1}, 3); })) << "label -1";
  EXPECT_TRUE(accepts([] { one_hot({}, 3); }));
  EXPECT_TRUE(refuses([] { one_hot({}, 0); })) << "no classes";
  EXPECT_TRUE(refuses([] { one_hot({}, -2); })) << "-2 classes";
  for (int bad : {3, 4, -1, -3, 255, 1000000, -1000000}) {
    EXPECT_TRUE(refuses([&] { one_hot({bad, 1, 2}, 3); })) << "label " << bad << " first";
    EXPECT_TRUE(refuses([&] { one_hot({0, bad, 2}, 3); })) << "label " << bad << " in the middle";
    EXPECT_TRUE(refuses([&] { one_hot({0, 1, 1, bad}, 3); })) << "label " << bad << " last";
  }
  EXPECT_TRUE(refuses([] { one_hot({}, -1); })) << "-1 classes";
  for (int K : {1, 9, 10, 12, 64, 300, 1100}) {
    const Matrix z(2, K);
    const std::vector<int> last = {0, K - 1}, outside = {0, K};
    EXPECT_TRUE(accepts([&] { one_hot(last, K); })) << K << " classes";
    EXPECT_TRUE(accepts([&] { softmax_cross_entropy(z, last); })) << K << " classes";
    EXPECT_TRUE(accepts([&] { accuracy(z, last); })) << K << " classes";
    EXPECT_TRUE(refuses([&] { one_hot(outside, K); })) << "label " << K << " of " << K;
    EXPECT_TRUE(refuses([&] { softmax_cross_entropy(z, outside); }))
        << "label " << K << " of " << K;
    EXPECT_TRUE(refuses([&] { accuracy(z, outside); })) << "label " << K << " of " << K;
  }
  const int N = 2100;  // more than any round number
  for (int bad : {-1, 3})
    for (int at : {70, 1100, N - 1}) {
      std::vector<int> labels(N, 2);
      labels[at] = bad;
      const std::string what = "label " + std::to_string(bad) + " of sample " + std::to_string(at);
      EXPECT_TRUE(refuses([&] { one_hot(labels, 3); })) << what;
      EXPECT_TRUE(refuses([&] { softmax_cross_entropy(Matrix(N, 3), labels); })) << what;
      EXPECT_TRUE(refuses([&] { accuracy(Matrix(N, 3), labels); })) << what;
    }
  std::vector<int> digits(60000, 1);
  digits.back() = 2;
  EXPECT_TRUE(refuses([&] { one_hot(digits, 2); })) << "the last of 60 000 labels";
  EXPECT_TRUE(refuses([&] { softmax_cross_entropy(Matrix(60000, 2), digits); })) << "of 60 000";
  EXPECT_TRUE(refuses([&] { accuracy(Matrix(60000, 2), digits); })) << "the last of 60 000 labels";
  EXPECT_TRUE(refuses([] { one_hot({10}, 10); })) << "label 10 of ten classes";
  EXPECT_TRUE(accepts([] { one_hot({9}, 10); })) << "label 9 of ten classes";
}

TEST(Softmax, IsPyTorchs) {
  points(4);
  expect_two_losses();
  EXPECT_TRUE(
      near(softmax(table(golden::loss_logits)), table(golden::softmax_probabilities), 1e-14));
}

TEST(Softmax, RowsArePositiveAndSumToOne) {
  points(3);
  for (const auto& [N, K] : all_shapes) {
    const Matrix z = test_random(80).normal_matrix(0, 4, N, K);
    const Matrix p = softmax(z);
    ASSERT_EQ(p.rows(), N);
    ASSERT_EQ(p.cols(), K);
    for (int n = 0; n < N; ++n) {
      double sum = 0;
      for (int k = 0; k < K; ++k) {
        ASSERT_GT(p(n, k), 0) << "class " << k << " of " << K;
        sum += p(n, k);
      }
      ASSERT_TRUE(near(sum, 1, 1e-12)) << "row " << n << " of " << K << " classes";
    }
    expect_softmax(z, "z is " + shape(z));
  }
  EXPECT_EQ(shape(softmax(Matrix(0, 3))), "(0,3)") << "no rows";
}

TEST(Softmax, DoesNotChangeWhenALogitShiftsWithItsRow) {
  points(2);
  const Matrix z = test_random(81).normal_matrix(0, 2, 3, 4), p = plain_softmax(z);
  for (double shift : {100.0, -1e3, 1e5, -1e7}) {
    Matrix shifted = z;
    for (int n = 0; n < 3; ++n)
      for (int k = 0; k < 4; ++k) shifted(n, k) += shift * (n - 1);
    EXPECT_TRUE(near(softmax(shifted), p, 1e-15 * std::abs(shift) + 1e-13)) << "by " << shift;
  }
  // Wherever the largest stands, and however far the others lie below it.
  for (int K : {2, 3, 10})
    for (int largest = 0; largest < K; ++largest)
      for (double below : {1e-13, 1e-10, 1e-9, 5.0, 30.0, 36.5, 300.0, 708.25, 2e3, 1e30}) {
        Matrix row(1, K, -below);
        row(0, largest) = 0;
        row(0, K - 1 - largest) += largest == K - 1 - largest ? 0 : below / 3;
        expect_softmax(row, "the largest of " + std::to_string(K) + " is class " +
                                std::to_string(largest) + ", the others lie " +
                                std::to_string(below) + " below");
      }
  // Each of the others adds next to nothing, all of them together more than may be lost.
  for (double below : {31.0, 32.5, 34.0}) {
    Matrix row(1, 300, -below);
    row(0, 100) = 0;
    const std::string what = "299 classes that lie " + std::to_string(below) + " below";
    expect_softmax(row, what);
    for (int label : {0, 100}) expect_loss(row, {label}, what);
  }
}

TEST(Softmax, StaysFiniteForLogitsOfTenThousand) {
  points(3);
  expect_two_losses();
  EXPECT_TRUE(near(softmax({{1e4, 0, -1e4}, {-1e4, -1e4, -1e4}, {1e4, 1e4, 0}}),
                   {{1, 0, 0}, {1.0 / 3, 1.0 / 3, 1.0 / 3}, {0.5, 0.5, 0}}, 1e-11))
      << "take the largest logit of the row from all of them first";
}

TEST(Softmax, KeepsTheDigitsOfASmallShare) {
  points(2);
  for (std::size_t n = 0; n < golden::exact_labels.size(); ++n)
    EXPECT_TRUE(close(softmax(row_of(golden::exact_logits, n)), row_of(golden::exact_softmax, n),
                      softmax_digits(row_of(golden::exact_logits, n)), true))
        << "row " << n << ": take the largest logit away before anything is rounded";
}

TEST(Softmax, HasTheLimitAtInfiniteLogits) {
  points(1);
  expect_two_losses();
  EXPECT_TRUE(
      near(softmax({{-infinity, 0, 0}, {1, 1, -infinity}}), {{0, 0.5, 0.5}, {0.5, 0.5, 0}}, 1e-15))
      << "-infinity rules a class out";
  EXPECT_TRUE(near(softmax({{0, infinity}, {infinity, -infinity}}), {{0, 1}, {1, 0}}, 0))
      << "a single +infinity leaves nothing to the others; infinity - infinity is NaN";
  EXPECT_TRUE(near(softmax({{infinity}}), {{1}}, 0)) << "the only class";
  EXPECT_TRUE(std::isnan(softmax({{-infinity}}).flat()[0])) << "the only class is ruled out";
  for (double a : {infinity, -infinity, 0.0, 1.0})
    for (double b : {infinity, -infinity, 0.0, 1.0})
      for (double c : {infinity, -infinity, 0.0, 1.0}) {
        const Matrix z = {{a, b, c}};
        const std::string what =
            "logits " + std::to_string(a) + ", " + std::to_string(b) + ", " + std::to_string(c);
        expect_softmax(z, what);
        for (int label : {0, 1, 2}) expect_loss(z, {label}, what);
      }
  const Matrix none = softmax({{-infinity, -infinity}, {infinity, infinity}, {0, 0}});
  ASSERT_EQ(shape(none), "(3,2)");
  for (int k = 0; k < 2; ++k) {
    EXPECT_TRUE(std::isnan(none(0, k))) << "no class is left: there is no limit, and no number";
    EXPECT_TRUE(std::isnan(none(1, k))) << "two infinities have no limit, and get no number";
    EXPECT_TRUE(near(none(2, k), 0.5, 1e-15)) << "the next row is not touched";
  }
}

TEST(CrossEntropy, HasTheValueOfTheNotes) {
  points(1);
  expect_two_losses();
  EXPECT_TRUE(near(cross_entropy({{1, 0, 0}}, {{0.7, 0.2, 0.1}}), 0.35667494393873245, 1e-15));
}

TEST(CrossEntropy, IsTheMeanOverTheSamples) {
  points(4);
  const Matrix p = {{1, 0}, {0, 1}, {0.5, 0.5}}, q = {{0.5, 0.5}, {0.75, 0.25}, {0.5, 0.5}};
  const double ln2 = std::log(2.0);
  EXPECT_TRUE(near(cross_entropy(p, q), (ln2 + 2 * ln2 + ln2) / 3, 1e-14));
  EXPECT_TRUE(near(cross_entropy({{0.25, 0.75}}, {{0.5, 0.5}}), ln2, 1e-14))
      << "every class counts with its p, not only the likeliest";
  EXPECT_TRUE(near(cross_entropy({{1e-4, 1 - 1e-4}}, {{0.25, 0.75}}),
                   1e-4 * std::log(4.0) + (1 - 1e-4) * std::log(4.0 / 3), 1e-14));
  Random random = test_random(82);
  for (const auto& [N, K] : all_shapes) {
    const Matrix p0 = random.uniform_matrix(0, 1, N, K), q0 = random.uniform_matrix(0, 1, N, K);
    EXPECT_TRUE(close(cross_entropy(p0, q0), plain_cross_entropy(p0, q0), 1e-12)) << shape(p0);
  }
}

TEST(CrossEntropy, StaysFiniteForAProbabilityOfZero) {
  points(2);
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{1, 0}}), 0, 1e-15)) << "0 ln 0 counts as 0";
  const double loss = cross_entropy({{1, 0}}, {{0, 1}});
  EXPECT_TRUE(std::isfinite(loss));
  EXPECT_TRUE(near(loss, -std::log(std::numeric_limits<Scalar>::min()), 1e-9))
      << "0 is replaced by the smallest normal number, nothing larger";
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{1e-30, 1}}), 30 * std::log(10.0), 1e-9))
      << "1e-30 is no 0: it stays as it is";
  for (double q :
       {0.0, 1e-310, 1e-308, tiny, 1e-307, 1e-300, 1e-200, 1e-100, 1e-20, 1e-9, 0.999, 1.0})
    for (double p : {1.0, 0.25, 1e-9, 1e-200, 1e-310, 0.0})
      for (int place : {0, 1}) {
        const Matrix truth = with({{0, 0}, {0.5, 0.5}}, {0, place}, p);
        const Matrix given = with({{1, 1}, {1, 1}}, {0, place}, q);
        EXPECT_TRUE(close(cross_entropy(truth, given), plain_cross_entropy(truth, given), 1e-14))
            << "p = " << p << ", q = " << q << " in place " << place << ": only what lies below "
            << tiny << " is replaced";
      }
  for (const Matrix& from : {Matrix(2, 3), Matrix(3, 2), Matrix(3, 3), Matrix(1, 4), Matrix(2, 0)})
    for (const Matrix& q : misfits(from))
      EXPECT_TRUE(refuses([&] { cross_entropy(from, q); })) << shape(q) << " for " << shape(from);
  EXPECT_TRUE(refuses([] { cross_entropy(Matrix(0, 3), Matrix(0, 3)); })) << "no samples";
  EXPECT_TRUE(refuses([] { cross_entropy({}, {}); })) << "nothing at all";
}

TEST(CrossEntropy, KeepsTheDigitsOfASmallLoss) {
  points(3);
  const double nearly = 1 - std::ldexp(1, -53), tiny = std::ldexp(1, -53);  // -ln(1 - x) = x + x²/2
  EXPECT_TRUE(near(cross_entropy({{1, 0}}, {{nearly, 0}}), tiny, 1e-14 * tiny))
      << "nothing may be added to q";
  EXPECT_TRUE(near(cross_entropy({{1e-20, 0}}, {{0.5, 0}}), 1e-20 * std::log(2.0), 1e-34));
}

TEST(CrossEntropy, RefusesWhatIsNoProbability) {
  points(1);
  expect_two_losses();
  EXPECT_TRUE(accepts([] { cross_entropy({{1, 0}}, {{0, 1}}); }));
  EXPECT_TRUE(accepts([] { cross_entropy({{0.3, 0.1}}, {{0.5, 1}}); })) << "rows need not sum to 1";
  EXPECT_TRUE(near(cross_entropy({{1, 1}}, {{0.5, 0.25}}), 3 * std::log(2.0), 1e-14))
      << "every class counts, also behind a p of 1";
  const double floor = -std::log(tiny);
  EXPECT_TRUE(near(cross_entropy({{1, -0.0}}, {{-0.0, 1}}), floor, 1e-9)) << "-0 is 0";
  const Matrix many(1100, 100, 0.5);
  for (const auto& place : places(many)) {
    EXPECT_TRUE(refuses([&] { cross_entropy(with(many, place, 2), many); })) << "p = 2";
    EXPECT_TRUE(refuses([&] { cross_entropy(many, with(many, place, -1)); })) << "q = -1";
  }
  for (const double v : {-0.1, -1e-20, -1e-310, 1 + epsilon, 1.1, 255.0, infinity, -infinity})
    for (int n = 0; n < 3; ++n)
      for (int k = 0; k < 2; ++k) {
        const Matrix fits(3, 2, 0.5), bad = with(fits, {n, k}, v);
        EXPECT_TRUE(refuses([&] { cross_entropy(bad, fits); })) << "p = " << v;
        EXPECT_TRUE(refuses([&] { cross_entropy(fits, bad); })) << "q = " << v;
      }
}

// ---- loss and gradient in one ----

TEST(SoftmaxCrossEntropy, IsPyTorchs) {
  points(1);
  expect_two_losses();
  const auto [loss, dz] = softmax_cross_entropy(table(golden::loss_logits), golden::loss_labels);
  EXPECT_TRUE(near(loss, golden::softmax_cross_entropy_loss[0], 1e-13));
  EXPECT_TRUE(near(dz, table(golden::softmax_cross_entropy_gradient), 1e-14)) << "dz = (p - t) / N";
}

TEST(SoftmaxCrossEntropy, GradientIsRight) {
  points(4);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(90 + salt);
    const Matrix z = random.normal_matrix(0, 1, 5, 4);
    std::vector<int> labels;
    for (int n = 0; n < 5; ++n) labels.push_back(static_cast<int>(random.randint(4)));
    const auto loss = [&](const Matrix& m) { return plain_softmax_cross_entropy(m, labels).loss; };
    EXPECT_TRUE(is_gradient("softmax dz", loss, z, softmax_cross_entropy(z, labels).dz));
  }
}

TEST(SoftmaxCrossEntropy, IsRightForAllShapesAndEveryLabel) {
  points(3);
  Random random = test_random(93);
  for (const auto& [N, K] : all_shapes) {
    const Matrix z = random.normal_matrix(0, 3, N, K);
    expect_loss(z, random_labels(random, N, K), "z is " + shape(z));
  }
  for (int K : {2, 3, 10, 12})  // each label, wherever the largest stands
    for (int label = 0; label < K; ++label)
      for (int largest = 0; largest < K; ++largest)
        for (double below : {1e-13, 1e-10, 1e-9, 1.0, 36.5, 708.25, 1e5, 1e30}) {
          Matrix z(1, K, -below);
          z(0, largest) = 0;
          expect_loss(z, {label},
                      "label " + std::to_string(label) + " of " + std::to_string(K) +
                          ", the largest is " + std::to_string(largest) + ", by " +
                          std::to_string(below));
        }
  // Where the rest is small, and not yet nothing.
  for (double below = 1.5; below < 40; below += 1.5)
    for (int label : {0, 1, 2})
      expect_loss({{0, -below, -below - 1}}, {label},
                  "label " + std::to_string(label) + ", the largest by " + std::to_string(below) +
                      ": to the last digits, for every logit");
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
  // e^-709 has all its digits, e^-744 one or two: a loss of 744 has all of them.
  for (double below : {707.5, 709.9, 712.0, 720.0, 730.0, 744.0}) {
    EXPECT_TRUE(close(softmax_cross_entropy({{0, -below}}, {1}).loss, below, 1e-12))
        << "the label lies " << below << " below";
    EXPECT_TRUE(near(sigmoid_cross_entropy({{below, -below}}, {{0, 1}}).loss, 2 * below, 1e-9))
        << "logits of " << below << " for 0 and of " << -below << " for 1";
  }
}

TEST(SoftmaxCrossEntropy, KeepsTheDigitsOfASmallLoss) {
  points(2);
  EXPECT_TRUE(all_digits({{softmax_cross_entropy({{40, 0}}, {0}).loss}}, {{4.248354255291589e-18}}))
      << "p rounds to 1 and ln 1 is 0; ln p = -ln(1 + what the others add), and log1p keeps it";
  for (std::size_t n = 0; n < golden::exact_labels.size(); ++n) {
    const Matrix z = row_of(golden::exact_logits, n);
    const LossGradient got = softmax_cross_entropy(z, {golden::exact_labels[n]});
    EXPECT_TRUE(close(got.loss, golden::exact_softmax_loss[n], softmax_digits(z)))
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
    EXPECT_TRUE(close(got.dz, row_of(golden::exact_softmax_dz, n), softmax_digits(z), true))
        << "logits " << z(0, 0) << ", " << z(0, 1) << ", " << z(0, 2);
  }
}

TEST(SoftmaxCrossEntropy, HasTheLimitAtInfiniteLogits) {
  points(3);
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
  EXPECT_TRUE(std::isnan(softmax_cross_entropy({{-infinity}}, {0}).loss)) << "a single class";
}

TEST(SoftmaxCrossEntropy, RefusesLabelsThatDoNotFit) {
  points(1);
  expect_two_losses();
  EXPECT_TRUE(accepts([] { softmax_cross_entropy(Matrix(2, 3), {0, 2}); }));
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0, 3}); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {-1, 0}); })) << "label -1";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0}); })) << "1 label for 2 rows";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(2, 3), {0, 1, 2}); })) << "3 for 2 rows";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(3, 3), {0, 1, 3}); })) << "the last label";
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(0, 3), {}); })) << "no samples";
  EXPECT_TRUE(refuses([] {
    softmax_cross_entropy({{nan, 0}, {1, 2}}, {0, 2});
  })) << "label 2 of 0, 1, beside NaN";
  for (int bad : {3, 4, -1, -3, 255, 1000000, -1000000}) {
    EXPECT_TRUE(refuses([&] { softmax_cross_entropy(Matrix(3, 3), {bad, 1, 2}); })) << bad;
    EXPECT_TRUE(refuses([&] { softmax_cross_entropy(Matrix(3, 3), {0, bad, 2}); })) << bad;
    EXPECT_TRUE(refuses([&] { softmax_cross_entropy(Matrix(4, 3), {0, 1, 1, bad}); })) << bad;
  }
  for (const auto& [N, K] : {std::pair{2, 5}, {5, 2}, {3, 3}, {1, 10}})
    for (int count : {0, N - 1, N + 1, 2 * N, K})
      if (count != N) {
        const std::vector<int> labels(count);
        const Matrix z(N, K);
        EXPECT_TRUE(refuses([&] { softmax_cross_entropy(z, labels); }))
            << count << " labels for " << shape(z);
      }
  EXPECT_TRUE(refuses([] { softmax_cross_entropy(Matrix(1, 10), {10}); })) << "label 10 of ten";
  EXPECT_TRUE(accepts([] { softmax_cross_entropy(Matrix(1, 10), {9}); })) << "label 9 of ten";
}

TEST(SigmoidCrossEntropy, IsPyTorchs) {
  points(1);
  expect_two_losses();
  const Matrix z = table(golden::loss_logits), t = table(golden::loss_targets);
  const auto [loss, dz] = sigmoid_cross_entropy(z, t);
  EXPECT_TRUE(near(loss, golden::sigmoid_cross_entropy_loss[0], 1e-12));
  EXPECT_TRUE(near(dz, table(golden::sigmoid_cross_entropy_gradient), 1e-14));
}

TEST(SigmoidCrossEntropy, IsRightForAllShapesAndTargets) {
  points(3);
  Random random = test_random(94);
  for (const auto& [N, K] : all_shapes) {
    const Matrix z = random.normal_matrix(0, 3, N, K);
    expect_sigmoid_loss(z, random.uniform_matrix(0, 1, N, K), "z is " + shape(z));
    expect_sigmoid_loss(z, Matrix(N, K, 1), "z is " + shape(z) + ", t = 1");
    expect_sigmoid_loss(z, Matrix(N, K), "z is " + shape(z) + ", t = 0");
  }
  for (double z : {1e-6, -1e-9, 1e-12})  // t = 1/2: o - t is z/4, and the loss ln 2 + z²/8
    EXPECT_TRUE(near(sigmoid_cross_entropy({{z}}, {{0.5}}).dz, {{z / 4}}, 2e-16)) << "z = " << z;
  for (double z : {-1e30, -1e4, -708., -36.5, -5., -1e-9, 0., 1e-9, 5., 36.5, 708., 1e4, 1e30})
    for (double t : {0.0, 1e-310, 1e-20, 1e-9, 0.3, 0.5, 1 - 1e-9, 1 - epsilon, 1.0}) {
      const std::string what = "z = " + std::to_string(z) + ", t = " + std::to_string(t);
      expect_sigmoid_loss({{z}}, {{t}}, what);
      expect_sigmoid_loss({{0, 0}, {z, 1}}, {{1, 0}, {t, 1}}, what + ", not the first");
    }
  for (double z = -37.5; z < 38; z += 1.5)  // where e^-|z| is small, and not yet nothing
    for (double t : {0.0, 1.0})
      expect_sigmoid_loss({{z}}, {{t}},
                          "z = " + std::to_string(z) + ", t = " + std::to_string(t) +
                              ": log1p(e^-|z|) to the last digits, for every z");
}

TEST(SigmoidCrossEntropy, LosesNothingForLogitsOfTenThousand) {
  points(3);
  expect_two_losses();
  const auto [loss, dz] = sigmoid_cross_entropy({{1e4, -1e4, 1e4, -1e4}}, {{0, 1, 1, 0}});
  EXPECT_TRUE(near(loss, 2e4, 1e-9));
  EXPECT_TRUE(near(dz, {{1, -1, 0, 0}}, 1e-15));
  for (const Matrix& from : {Matrix(2, 3), Matrix(3, 2), Matrix(3, 3), Matrix(1, 4)})
    for (const Matrix& t : misfits(from))
      EXPECT_TRUE(refuses([&] { sigmoid_cross_entropy(from, t); })) << shape(t);
  EXPECT_TRUE(refuses([] { sigmoid_cross_entropy(Matrix(0, 3), Matrix(0, 3)); })) << "no samples";
}

TEST(SigmoidCrossEntropy, KeepsTheDigitsOfASmallLossAndGradient) {
  points(2);
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
  points(3);
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
  for (double t : {0.0, 0.25, 0.5, 0.75, 1.0})
    for (double z : {infinity, -infinity}) {  // the second sample has the loss ln 2
      const LossGradient got = sigmoid_cross_entropy({{z}, {0}}, {{t}, {0.5}});
      const bool endless = z > 0 ? t < 1 : t > 0;
      const std::string what = "z = " + std::to_string(z) + ", t = " + std::to_string(t);
      EXPECT_TRUE(close(got.loss, endless ? infinity : std::log(2.0) / 2)) << what;
      EXPECT_TRUE(near(got.dz, {{(z > 0 ? 1 - t : -t) / 2}, {0}}, 1e-16)) << what << ": by N = 2";
    }
}

TEST(SigmoidCrossEntropy, RefusesTargetsThatAreNoProbability) {
  points(1);
  expect_two_losses();
  EXPECT_TRUE(accepts([] { sigmoid_cross_entropy({{0, 0, 0}}, {{0, 0.5, 1}}); }));
  EXPECT_TRUE(accepts([] { sigmoid_cross_entropy({{0, 1}}, {{-0.0, 1}}); })) << "-0 is 0";
  const Matrix many(1100, 100, 0.5);
  for (const auto& place : places(many))
    EXPECT_TRUE(refuses([&] { sigmoid_cross_entropy(many, with(many, place, -1)); })) << "t = -1";
  for (const double t : {-0.1, -1e-20, -1e-310, 1 + epsilon, 1.1, 255.0, infinity, -infinity})
    for (int n = 0; n < 3; ++n)
      for (int k = 0; k < 2; ++k)
        EXPECT_TRUE(refuses([&] {
          sigmoid_cross_entropy(Matrix(3, 2), with(Matrix(3, 2, 1), {n, k}, t));
        })) << "t = "
            << t;
}

// ---- right or wrong ----

TEST(Predict, IsTheClassWithTheLargestLogit) {
  points(1);
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
  points(3);
  EXPECT_EQ(predict({{1, 1, 0}, {0, 5, 5}, {2, 2, 2}, {3, 1, 3}}), (std::vector<int>{0, 1, 0, 0}));
  EXPECT_EQ(predict({{-infinity, -infinity}, {infinity, infinity}}), (std::vector<int>{0, 0}));
  EXPECT_EQ(predict({{-3, -1, -2, -1, -1}}), (std::vector<int>{1}));
  EXPECT_EQ(predict({{0, 0.0, -0.0}, {-0.0, 0.0, 0}}), (std::vector<int>{0, 0})) << "0 is -0";
  for (int K : {2, 3, 10, 12})
    for (int first = 0; first < K; ++first)
      for (int second = first; second < K; ++second) {
        Matrix z(1, K, -5);
        z(0, first) = z(0, second) = -4;
        EXPECT_EQ(predict(z), (std::vector<int>{first})) << "of " << first << " and " << second;
      }
}

TEST(Predict, SeesTheSmallestDifference) {
  points(2);
  for (const auto& [low, high] : {std::pair{0.0, 1e-310},
                                  {-1e-310, 0.0},
                                  {-1e-20, 0.0},
                                  {0.0, 1e-20},
                                  {1.0, 1 + epsilon},
                                  {-1 - epsilon, -1.0},
                                  {-1e-9, 1e-9},
                                  {1e5, 1e5 + 1e-9},
                                  {1e300, 1.000000001e300},
                                  {-1e300, -0.99999999e300},
                                  {-1e308, 1e308},
                                  {-infinity, -1e308},
                                  {1e308, infinity}})
    for (int K : {2, 3, 10, 12})
      for (int largest = 0; largest < K; ++largest) {
        Matrix z(2, K, low);
        z(0, largest) = high;
        z(1, K - 1 - largest) = high;
        EXPECT_EQ(predict(z), (std::vector<int>{largest, K - 1 - largest}))
            << "logits of " << low << ", and one of " << high;
        EXPECT_TRUE(near(accuracy(z, {largest, (K - largest) % K}), 0.5, 0)) << "accuracy";
      }
}

TEST(Predict, LooksAtEveryRowAndEveryClass) {
  points(2);
  for (const auto& [N, K] :
       {std::pair{3000, 11}, {1, 2000}, {2000, 2}, {50, 50}, {300, 10}, {70000, 3}, {1, 70001}}) {
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
  EXPECT_EQ(predict(with(Matrix(1, 70001), 0, 70000, 1)), std::vector<int>{70000})
      << "the last of 70 001 classes";
}

TEST(Predict, RefusesNaN) {
  points(1);
  EXPECT_EQ(predict({{1, 2}}), std::vector<int>{1});
  EXPECT_EQ(predict({{3, 2, 1}, {0, 0, 1}}), (std::vector<int>{0, 2}));
  EXPECT_TRUE(accepts([] { predict({{1, 2, 3}, {4, 5, 6}}); }));
  for (int n = 0; n < 3; ++n)
    for (int k = 0; k < 4; ++k) {
      const Matrix z = with({{1, 3, 2, 0}, {4, 5, 9, 0}, {9, 1, infinity, 1}}, {n, k}, nan);
      EXPECT_TRUE(refuses([&] { predict(z); })) << "NaN at (" << n << "," << k << ")";
      EXPECT_TRUE(refuses([&] { accuracy(z, {0, 1, 2}); })) << "NaN at (" << n << "," << k << ")";
    }
  const Matrix many(1100, 100);
  for (const auto& place : places(many)) {
    const Matrix z = with(many, place, nan);
    EXPECT_TRUE(refuses([&] { predict(z); })) << "NaN in row " << place.first << " of 1100";
    EXPECT_TRUE(refuses([&] { accuracy(z, std::vector<int>(1100)); })) << place.first;
  }
  EXPECT_TRUE(refuses([] { predict({{nan}}); })) << "also where it is the only class";
  EXPECT_TRUE(refuses([] { predict(Matrix(2, 0)); })) << "no classes";
  EXPECT_TRUE(refuses([] { predict(Matrix(0, 0)); })) << "no classes, and no rows";
}

TEST(Accuracy, IsTheShareOfRowsPredictedRight) {
  points(1);
  const Matrix z = {{0, 2, 1}, {3, 1, 2}, {1, 2, 3}};
  EXPECT_TRUE(near(accuracy(z, {1, 0, 2}), 1, 0));
  EXPECT_TRUE(near(accuracy(z, {1, 0, 0}), 2.0 / 3, 1e-15)) << "a division of integers?";
  EXPECT_TRUE(near(accuracy(z, {0, 0, 0}), 1.0 / 3, 1e-15));
  EXPECT_TRUE(near(accuracy(z, {2, 2, 1}), 0, 0));
  EXPECT_TRUE(near(accuracy({{0, 0}, {0, 0}, {0, 1}, {1, 0}}, {0, 1, 1, 0}), 0.75, 1e-15))
      << "of equal logits the first one is predicted: one answer per row";
  for (double all : {-infinity, -1e300, -2000.0, 1e300, infinity}) {
    const Matrix equal(4, 3, all);
    EXPECT_TRUE(near(accuracy(equal, {0, 1, 2, 0}), 0.5, 0)) << "all logits are " << all;
  }
}

TEST(Accuracy, CountsEveryRow) {
  points(3);
  const int N = 20000;
  Matrix z(N, 4);
  std::vector<int> labels;
  for (int n = 0; n < N; ++n) {
    z(n, n % 4) = 1;
    labels.push_back(n % 5 == 0 || n == N - 1 ? (n + 1) % 4 : n % 4);  // wrong in 4001 rows
  }
  EXPECT_TRUE(near(accuracy(z, labels), (N - 4001.0) / N, 1e-11));
  for (int rows : {40000, 70001}) {  // all but the first: more than two bytes can count
    std::vector<int> truth(rows);
    truth[0] = 1;
    EXPECT_TRUE(near(accuracy(Matrix(rows, 2), truth), (rows - 1.0) / rows, 1e-11)) << rows;
  }
  Random random = test_random(96);
  for (const auto& [rows, K] :
       {std::pair{1, 10}, {3, 3}, {5, 10}, {300, 12}, {1100, 1100}, {70, 2}, {6, 1}, {1, 1}}) {
    const Matrix logits = random.normal_matrix(0, 1, rows, K);
    const std::vector<int> truth = random_labels(random, rows, K);
    std::vector<int> mostly = truth;
    int right = 0;
    for (int n = 0; n < rows; ++n) {
      const auto row = logits.row(n);
      const int best = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
      if (n % 3 > 0) mostly[n] = best;
      right += mostly[n] == best;
    }
    EXPECT_TRUE(near(accuracy(logits, mostly), double(right) / rows, 1e-11)) << shape(logits);
  }
}

TEST(Accuracy, RefusesWhatDoesNotFit) {
  points(1);
  EXPECT_TRUE(near(accuracy({{1, 2}}, {1}), 1, 0));
  EXPECT_TRUE(near(accuracy({{3, 2, 1}, {0, 0, 1}}, {0, 1}), 0.5, 0));
  EXPECT_TRUE(accepts([] { accuracy(Matrix(2, 3), {0, 2}); }));
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {0}); })) << "1 label for 2 rows";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {0, 1, 2}); })) << "3 labels for 2 rows";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {0, 3}); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(2, 3), {-1, 0}); })) << "label -1";
  EXPECT_TRUE(refuses([] { accuracy(Matrix(0, 3), {}); })) << "the share of nothing";
  EXPECT_TRUE(refuses([] { accuracy({{1, 2}, {3, nan}}, {1, 0}); })) << "NaN";
  for (int bad : {3, 4, -1, -3, 255, 1000000, -1000000}) {
    EXPECT_TRUE(refuses([&] { accuracy(Matrix(3, 3), {bad, 1, 2}); })) << "label " << bad;
    EXPECT_TRUE(refuses([&] { accuracy(Matrix(3, 3), {0, bad, 2}); })) << "label " << bad;
    EXPECT_TRUE(refuses([&] { accuracy(Matrix(4, 3), {0, 1, 1, bad}); })) << "label " << bad;
  }
  for (const auto& [N, K] : {std::pair{2, 5}, {5, 2}, {3, 3}, {1, 10}})
    for (int count : {0, N - 1, N + 1, 2 * N, K})
      if (count != N) {
        const std::vector<int> labels(count);
        const Matrix z(N, K);
        EXPECT_TRUE(refuses([&] { accuracy(z, labels); })) << count << " for " << shape(z);
      }
  EXPECT_TRUE(refuses([] { accuracy(Matrix(1, 10), {10}); })) << "label 10 of ten classes";
  EXPECT_TRUE(accepts([] { accuracy(Matrix(1, 10), {9}); })) << "label 9 of ten classes";
}

// ---- again and again ----

TEST(Losses, AnswerAlwaysTheSameAndLeaveTheirArguments) {
  points(2);
  Random random = test_random(97);
  const Matrix logits[] = {random.normal_matrix(0, 2, 4, 3), random.normal_matrix(0, 2, 3, 3)};
  Matrix targets[] = {random.uniform_matrix(0, 1, 4, 3), random.uniform_matrix(0, 1, 3, 3)};
  const std::vector<int> labels[] = {{0, 1, 2, 2}, {2, 0, 1}};
  for (Matrix& t : targets)  // what a loss replaces, it replaces for itself
    t(0, 0) = t(1, 2) = 0, t(1, 1) = 1e-310, t(2, 0) = 1;
  for (int call = 0; call < 60; ++call) {
    const Matrix &z = logits[call % 2], &t = targets[call % 2], kept_z = z, kept_t = t;
    const std::vector<int>&y = labels[call % 2], kept_y = y;
    const std::string what = "call " + std::to_string(call + 1);
    expect_squared(z, t, what);
    expect_softmax(z, what);
    expect_loss(z, y, what);
    expect_sigmoid_loss(z, t, what);
    EXPECT_TRUE(close(cross_entropy(t, t), plain_cross_entropy(kept_t, kept_t), 1e-13)) << what;
    Matrix expected(z.rows(), 3);
    std::vector<int> best;
    int right = 0;
    for (int n = 0; n < z.rows(); ++n) {
      expected(n, y[n]) = 1;
      best.push_back(z(n, 0) > z(n, 1) && z(n, 0) > z(n, 2) ? 0 : z(n, 1) > z(n, 2) ? 1 : 2);
      right += best[n] == y[n];
    }
    EXPECT_TRUE(near(one_hot(y, 3), expected, 0)) << what;
    EXPECT_EQ(predict(z), best) << what;
    EXPECT_TRUE(near(accuracy(z, y), double(right) / z.rows(), 1e-15)) << what;
    EXPECT_TRUE(near(z, kept_z, 0)) << "z must not change, " << what;
    EXPECT_TRUE(near(t, kept_t, 0)) << "t must not change, " << what;
    EXPECT_EQ(y, kept_y) << "the labels must not change, " << what;
  }
  // As in training: the same matrices, of a batch, hold other numbers at the next call.
  Matrix z = random.normal_matrix(0, 2, 100, 10), t = random.uniform_matrix(0, 1, 100, 10);
  const std::vector<int> y = random_labels(random, 100, 10);
  for (int call = 0; call < 3; ++call) {
    const std::string what = "matrices that have changed since the call before";
    expect_squared(z, t, what);
    expect_softmax(z, what);
    expect_loss(z, y, what);
    expect_sigmoid_loss(z, t, what);
    EXPECT_TRUE(close(cross_entropy(t, t), plain_cross_entropy(t, t), 1e-12)) << what;
    for (int i = 0; i < z.size(); ++i) z.flat()[i] *= -0.5, t.flat()[i] *= 0.5;
  }
}

// ---- NaN ----

int count_nan(std::span<const Scalar> values) {
  return static_cast<int>(std::ranges::count_if(values, [](double v) { return std::isnan(v); }));
}

// Beside infinity it is enough that the sums are no number: a compensated sum has infinity minus
// infinity on its way.
void expect_squared_spreads(const Matrix& o, const Matrix& t, Scalar bad,
                            const std::string& where) {
  if (std::isnan(bad)) return expect_squared(o, t, where);
  EXPECT_FALSE(squared_error(o, t) < infinity) << where;
  EXPECT_FALSE(mean_squared_error(o, t) < infinity) << where;
  EXPECT_TRUE(close(squared_error_backward(o, t), plain_residuals(o, t, 1), 1e-14, true)) << where;
  EXPECT_TRUE(
      close(mean_squared_error_backward(o, t), plain_residuals(o, t, 2.0 / o.size()), 1e-14, true))
      << where;
}

TEST(Losses, KeepNaN) {
  points(2);
  const Matrix spoilt = {{1, nan}, {0, 1}}, without = {{0.5, 0.5}, {0.5, 0.5}};
  for (const auto& [a, b] : {std::pair(spoilt, without), std::pair(without, spoilt)}) {
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
  Random random = test_random(98);
  const Matrix z = random.normal_matrix(0, 2, 4, 3), t = random.uniform_matrix(0, 1, 4, 3);
  for (int n = 0; n < 4; ++n)
    for (int k = 0; k < 3; ++k)
      for (Scalar bad : not_finite) {
        const std::string what =
            "NaN or infinity at (" + std::to_string(n) + "," + std::to_string(k) + ")";
        expect_squared_spreads(with(z, {n, k}, bad), t, bad, what + " of o");
        expect_squared_spreads(z, with(t, {n, k}, bad), bad, what + " of t");
        expect_softmax(with(z, {n, k}, bad), what);
        for (int label : {0, 1, 2}) expect_loss(with(z, {n, k}, bad), {label, 2, 0, label}, what);
      }
  // Each element of a small matrix, a few of a batch.
  for (const auto& [N, K] : {std::pair{4, 3}, {3, 1}, {1, 4}, {128, 10}}) {
    const Matrix o = random.normal_matrix(0, 2, N, K), p = random.uniform_matrix(0, 1, N, K);
    const Matrix zeros(N, K), ones(N, K, 1);
    const std::vector<int> labels = random_labels(random, N, K);
    const int step = N * K > 12 ? N * K / 3 - 1 : 1;  // the last element is among them
    for (int i = N * K - 1; i >= 0; i -= step) {
      const std::pair at{i / K, i % K};
      const std::string what = "NaN at (" + std::to_string(at.first) + "," +
                               std::to_string(at.second) + ") of " + shape(o);
      const Matrix spoilt_o = with(o, at, nan), spoilt_p = with(p, at, nan);
      expect_squared(spoilt_o, p, what + " of o");
      expect_squared(p, spoilt_o, what + " of t");
      expect_softmax(spoilt_o, what);
      expect_loss(spoilt_o, labels, what);
      EXPECT_TRUE(std::isnan(cross_entropy(spoilt_p, p))) << what << " of p";
      EXPECT_TRUE(std::isnan(cross_entropy(p, spoilt_p))) << what << " of q";
      EXPECT_TRUE(std::isnan(cross_entropy(zeros, spoilt_p))) << what << " of q, where p is 0";
      EXPECT_TRUE(std::isnan(cross_entropy(spoilt_p, ones))) << what << " of p, where ln q is 0";
      expect_sigmoid_loss(spoilt_o, p, what + " of z");
      expect_sigmoid_loss(o, spoilt_p, what + " of t");
    }
  }
}

TEST(Softmax, MakesARowWithNaNAllNaN) {
  points(1);
  for (const Matrix& z : {Matrix{{nan, 1, 2}, {0, 0, 0}}, Matrix{{1, nan, 2}, {0, 0, 0}},
                          Matrix{{2, 1, nan}, {0, 0, 0}}, Matrix{{infinity, 1, nan}, {0, 0, 0}}})
    for (const int label : {0, 1, 2}) {
      expect_loss(z, {label, 0}, "NaN in the first row, label " + std::to_string(label));
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
