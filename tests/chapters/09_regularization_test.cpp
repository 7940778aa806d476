// Chapter 09: what penalties, dropout, stopping, variants and splits must be.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "chapters/09_regularization/regularization.hpp"
#include "tests/golden/numpy_ridge.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

Matrix filled(int rows, int cols, const std::vector<double>& values) {
  Matrix m(rows, cols);
  std::copy_n(values.begin(), m.size(), m.flat().begin());
  return m;
}

constexpr int repetitions = 100;  // what a function keeps for itself shows at another call

// ---- lines ----

// (x^T x + α) w = x^T t of centred columns, by elimination; good where the columns are far from alike.
LinearModel plain_ridge(const Matrix& x, const Matrix& t, double alpha) {
  const int N = x.rows(), D = x.cols();
  std::vector<double> mean(D + 1);  // of each input, at last of t
  for (int n = 0; n < N; ++n)
    for (int d = 0; d <= D; ++d) mean[d] += (d < D ? x(n, d) : t(n, 0)) / N;
  Matrix a(D, D + 1);  // the equations, with their right side
  for (int n = 0; n < N; ++n)
    for (int i = 0; i < D; ++i)
      for (int j = 0; j <= D; ++j)
        a(i, j) += (x(n, i) - mean[i]) * ((j < D ? x(n, j) : t(n, 0)) - mean[j]);
  for (int i = 0; i < D; ++i) a(i, i) += alpha;
  for (int k = 0; k < D; ++k)
    for (int i = 0; i < D; ++i) {
      const double times = a(i, k) / a(k, k);
      for (int j = k; i != k && j <= D; ++j) a(i, j) -= times * a(k, j);
    }
  LinearModel model{.w = Matrix(D, 1), .b = mean[D]};
  for (int d = 0; d < D; ++d) {
    model.w(d, 0) = a(d, D) / a(d, d);
    model.b -= model.w(d, 0) * mean[d];
  }
  return model;
}

const Matrix anscombe_x = filled(11, 1, golden::anscombe_x);
const Matrix anscombe_t = filled(11, 1, golden::anscombe_t);

// Is the model the golden one? `values` holds w and then b, model after model.
void expect_model(const LinearModel& model, const std::vector<double>& values, int index, int D,
                  double tolerance) {
  const auto first = values.begin() + index * (D + 1);
  EXPECT_TRUE(near(model.w, filled(D, 1, {first, first + D}), tolerance)) << "w";
  EXPECT_TRUE(near(model.b, first[D], tolerance)) << "b";
}

TEST(Ridge, DrawsTheLinesOfTheNotes) {
  points(2);
  const double slopes[] = {0.500091, 0.498279, 0.496480, 0.494694, 0.492921, 0.491161};
  const double intercepts[] = {3.000091, 3.016398, 3.032588, 3.048661, 3.064619, 3.080463};
  for (int i = 0; i < 6; ++i) {
    const LinearModel model = ridge(anscombe_x, anscombe_t, 0.4 * i);
    EXPECT_TRUE(near(model.w, {{slopes[i]}}, 1e-6))
        << "slope, alpha " << 0.4 * i << ": Σ (y - t)^2 + α w^2, a sum and no mean";
    EXPECT_TRUE(near(model.b, intercepts[i], 1e-6)) << "intercept, alpha " << 0.4 * i;
    expect_model(model, golden::anscombe_models, i, 1, 1e-10);
  }
}

TEST(Ridge, IsNumPysForThreeInputs) {
  points(2);
  const Matrix x = filled(9, 3, golden::ridge_x), t = filled(9, 1, golden::ridge_t);
  for (int i = 0; i < 4; ++i)
    expect_model(ridge(x, t, golden::ridge_alphas[i]), golden::ridge_models, i, 3, 1e-10);
  expect_model(ridge(filled(2, 3, golden::ridge_x), filled(2, 1, golden::ridge_t), 0.5),
               golden::ridge_few_models, 0, 3, 1e-10);
  if (HasFailure()) FAIL() << "α is added to the whole diagonal of x^T x, and nowhere else";
}

TEST(Ridge, HasNoSlopeLeftAtItsMinimum) {
  points(2);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(900 + salt);
    const Matrix x = random.normal_matrix(2, 1, 12, 4), t = random.normal_matrix(-3, 2, 12, 1);
    const double alpha = random.uniform(0.5, 3);
    const LinearModel model = ridge(x, t, alpha);
    ASSERT_EQ(shape(model.w), "(4,1)");
    const Matrix y = linear_predict(model, x);
    double by_b = 0;
    for (int n = 0; n < 12; ++n) by_b += y(n, 0) - t(n, 0);
    EXPECT_TRUE(near(by_b, 0, 1e-10)) << "the errors of the best bias add up to 0";
    for (int d = 0; d < 4; ++d) {
      double by_w = alpha * model.w(d, 0);
      for (int n = 0; n < 12; ++n) by_w += (y(n, 0) - t(n, 0)) * x(n, d);
      EXPECT_TRUE(near(by_w, 0, 1e-9)) << "Σ (y - t) x + α w, input " << d;
    }
  }
}

TEST(Ridge, DoesNotShrinkTheBias) {
  points(2);
  const LinearModel flat = ridge({{1}, {2}, {6}}, {{100}, {103}, {106}}, 1e12);
  EXPECT_TRUE(near(flat.w, {{0}}, 1e-9)) << "a strong penalty leaves no slope";
  EXPECT_TRUE(near(flat.b, 103, 1e-6)) << "what is left is the mean of t";
  Random random = test_random(910);
  const Matrix x = random.normal_matrix(0, 1, 8, 2), t = random.normal_matrix(0, 1, 8, 1);
  Matrix moved = x, raised = t;
  for (Scalar& v : moved.flat()) v += 50;
  for (Scalar& v : raised.flat()) v += 70;
  const LinearModel model = plain_ridge(x, t, 3);
  EXPECT_TRUE(near(ridge(moved, t, 3).w, model.w, 1e-9)) << "x somewhere else: the same slopes";
  EXPECT_TRUE(near(ridge(x, raised, 3).w, model.w, 1e-9)) << "t somewhere else: the same slopes";
  EXPECT_TRUE(near(ridge(x, raised, 3).b, model.b + 70, 1e-9)) << "and the bias goes along";
  for (int inputs : {1, 2}) {
    const Matrix far = random.normal_matrix(1e6, 1, 8, inputs);
    EXPECT_TRUE(near(ridge(far, t, 0.1).w, plain_ridge(far, t, 0.1).w, 1e-7))
        << "x far away: Σ x^2 - N mean^2 would lose its digits";
    const LinearModel there = ridge(far, t, 0.1);
    double errors = 0;
    for (int n = 0; n < 8; ++n) {
      errors += there.b - t(n, 0);
      for (int d = 0; d < inputs; ++d) errors += there.w(d, 0) * far(n, d);
    }
    EXPECT_TRUE(near(errors, 0, 1e-6)) << "x far away: the errors of the best bias add up to 0";
  }
}

TEST(Ridge, OfManySamplesAndInputsIsThatOfPlainLoops) {
  points(2);
  Random random = test_random(905);
  const Matrix x = random.normal_matrix(1, 2, 300, 20), t = random.normal_matrix(-3, 2, 300, 1);
  for (double alpha : {0.0, 0.7, 1e6}) {
    const Matrix used_x = x, used_t = t;
    const LinearModel plain = plain_ridge(x, t, alpha), model = ridge(used_x, used_t, alpha);
    EXPECT_TRUE(near(model.w, plain.w, 1e-10)) << "300 samples, 20 inputs, α = " << alpha;
    EXPECT_TRUE(near(model.b, plain.b, 1e-10)) << "300 samples, 20 inputs, α = " << alpha;
    EXPECT_EQ(used_x, x) << "x is only read";
    EXPECT_EQ(used_t, t) << "t is only read";
  }
  const LinearModel line = least_squares(x, t), plain = plain_ridge(x, t, 0);
  EXPECT_TRUE(near(line.w, plain.w, 1e-10) && near(line.b, plain.b, 1e-10));
  for (double alpha : {1e12, 1e100}) {
    Matrix w = ridge(x, t, alpha).w, expected = plain_ridge(x, t, alpha).w;
    for (Scalar& v : w.flat()) v *= alpha / 1e3;
    for (Scalar& v : expected.flat()) v *= alpha / 1e3;
    EXPECT_TRUE(near(w, expected, 1e-9)) << "small slopes are not 0, α = " << alpha;
  }
  const Matrix wide = random.normal_matrix(1, 2, 7, 101), few = random.normal_matrix(0, 1, 7, 1);
  EXPECT_TRUE(near(ridge(wide, few, 0.7).w, plain_ridge(wide, few, 0.7).w, 1e-10))
      << "7 samples, 101 inputs";
  Matrix tall = random.normal_matrix(0, 1, 2003, 2), heights = random.normal_matrix(1, 1, 2003, 1);
  for (int n = 0; n < 2003; ++n) tall(n, 0) += 1e-3 * n, heights(n, 0) += 1e-6 * n * n;
  const LinearModel of_all = plain_ridge(tall, heights, 5), model = ridge(tall, heights, 5);
  EXPECT_TRUE(near(model.w, of_all.w, 1e-10) && near(model.b, of_all.b, 1e-10))
      << "2003 samples that drift: each counts, the last one as well";
  Matrix large = t;
  for (Scalar& v : large.flat()) v *= -1e9;
  EXPECT_TRUE(near(ridge(x, large, 0.7).b / 1e9, plain_ridge(x, large, 0.7).b / 1e9, 1e-10))
      << "targets of any size";
}

TEST(Ridge, OfASinglePointIsFlat) {
  points(1);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(ridge({{1}, {3}}, {{5}, {1}}, 2).w, {{-1}}, 1e-14)) << "-4 / (2 + 2)";
  const LinearModel model = ridge({{3, -4}}, {{7}}, 0.5);
  EXPECT_TRUE(near(model.w, {{0}, {0}}, 1e-12)) << "one point shows no slope";
  EXPECT_TRUE(near(model.b, 7, 1e-12));
}

TEST(LeastSquares, FindsAnExactPlaneAndIsRidgeWithoutAPenalty) {
  points(2);
  const Matrix x = test_random(911).normal_matrix(0, 2, 10, 3);
  Matrix t(10, 1);
  for (int n = 0; n < 10; ++n) t(n, 0) = 2 * x(n, 0) - x(n, 1) + 0.5 * x(n, 2) - 4;
  const LinearModel plane = least_squares(x, t);
  EXPECT_TRUE(near(plane.w, {{2}, {-1}, {0.5}}, 1e-8));
  EXPECT_TRUE(near(plane.b, -4, 1e-8));
  expect_model(least_squares(anscombe_x, anscombe_t), golden::anscombe_models, 0, 1, 1e-10);
}

TEST(Ridge, RefusesWhatHasNoAnswer) {
  points(1);
  const Matrix x = {{1, 2}, {3, 5}, {4, 4}}, t = {{1}, {2}, {3}};
  const LinearModel plain = plain_ridge(x, t, 0);
  EXPECT_TRUE(near(ridge(x, t, 0).w, plain.w, 1e-12));
  EXPECT_TRUE(near(least_squares(x, t).w, plain.w, 1e-12));
  for (double alpha : {-0.1, -1e-300, nan, infinity, -infinity})
    EXPECT_TRUE(refuses([&] { ridge(x, t, alpha); })) << "alpha " << alpha;
  EXPECT_TRUE(refuses([] { ridge(Matrix(0, 2), Matrix(0, 1), 1); })) << "no samples";
  for (const Matrix& other :
       {Matrix(2, 1), Matrix(4, 1), Matrix(1, 3), Matrix(3, 2), Matrix(3, 0)}) {
    EXPECT_TRUE(refuses([&] { ridge(x, other, 1); })) << "3 samples, t " << shape(other);
    EXPECT_TRUE(refuses([&] { least_squares(x, other); })) << "3 samples, t " << shape(other);
  }
  for (double bad : {nan, infinity, -infinity}) {
    for_each_place(x, [&](int row, int col) {
      const Matrix broken = with(x, row, col, bad);
      EXPECT_TRUE(refuses([&] { ridge(broken, t, 1); })) << bad << " in x, row " << row;
      EXPECT_TRUE(refuses([&] { least_squares(broken, t); })) << bad << " in x, row " << row;
    });
    for (int row : {0, 1, 2}) {
      const Matrix broken = with(t, row, 0, bad);
      EXPECT_TRUE(refuses([&] { ridge(x, broken, 1); })) << bad << " in t, row " << row;
      EXPECT_TRUE(refuses([&] { least_squares(x, broken); })) << bad << " in t, row " << row;
    }
  }
}

TEST(Ridge, RefusesDataThatLeaveTheSlopesOpenUnlessAlphaDecides) {
  points(2);
  const Matrix t = {{1}, {2}, {4}, {8}};
  const struct {
    const char* what;
    Matrix x, t;
  } open[] = {
      {"fewer samples than inputs", {{1, 2, 3}, {4, 4, 7}}, {{1}, {2}}},
      {"as many samples as inputs: the bias counts", {{1, 2}, {4, 4}}, {{1}, {2}}},
      {"two samples of five inputs", {{1, 2, 3, 4, 9}, {4, 4, 7, 1, 2}}, {{1}, {2}}},
      {"the same input twice", {{1, 1}, {2, 2}, {4, 4}, {5, 5}}, t},
      {"the same but for rounding", {{1, 0.1}, {2, 0.2}, {3, 3 * 0.1}, {7, 0.7}}, t},
      {"the third is the sum", {{0.1, 0.7, 0.1 + 0.7}, {5, 0.3, 5.3}, {-3, 1, -2}, {2, 0, 2}}, t},
      {"an input that never changes", {{1, 3}, {2, 3}, {4, 3}, {5, 3}}, t},
      {"only that", {{3}, {3}, {3}, {3}}, t},
      {"only that, and 0.1 cannot be halved", Matrix(4, 1, 0.1), t},
      {"all zero", Matrix(4, 1), t},
      {"only rounding", {{0.3}, {0.1 + 0.2}, {0.3}, {0.1 + 0.2}}, t},
  };
  for (const auto& [what, x, targets] : open) {
    const Matrix& inputs = x;
    const Matrix& outputs = targets;
    EXPECT_TRUE(refuses([&] { ridge(inputs, outputs, 0); })) << what;
    EXPECT_TRUE(refuses([&] { least_squares(inputs, outputs); })) << what;
    EXPECT_TRUE(accepts([&] { ridge(inputs, outputs, 0.5); })) << what << ", but alpha is 0.5";
  }
  EXPECT_TRUE(near(ridge(open[3].x, t, 2).w, {{8 / 11.0}, {8 / 11.0}}, 1e-12))
      << "of all that fit alike the smallest: equal inputs share the slope";
  EXPECT_TRUE(near(ridge(open[6].x, t, 2).w, {{16 / 12.0}, {0}}, 1e-12))
      << "an input that never changes gets no weight";
}

// t = 3 a - 2 b + 1 for the two inputs of x.
Matrix plane_of(const Matrix& x) {
  Matrix t(x.rows(), 1);
  for (int n = 0; n < x.rows(); ++n) t(n, 0) = 3 * x(n, 0) - 2 * x(n, 1) + 1;
  return t;
}

TEST(LeastSquares, TellsInputsApartThatAreNearlyAlike) {
  points(2);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(912 + salt);
    Matrix x = random.normal_matrix(0, 1, 8, 2);
    for (int n = 0; n < 8; ++n) x(n, 1) = x(n, 0) + 1e-7 * x(n, 1);
    const LinearModel model = least_squares(x, plane_of(x));
    EXPECT_TRUE(near(model.w, {{3}, {-2}}, 1e-5))
        << "inputs that differ by 1e-7 do not leave w open; their squares, in x^T x, differ by "
           "1e-14, and there the digits are gone";
    EXPECT_TRUE(near(model.b, 1, 1e-5));
    Matrix three = random.normal_matrix(0, 1, 9, 3), t(9, 1);
    for (int n = 0; n < 9; ++n) three(n, 1) = three(n, 0) + 1e-7 * three(n, 1);
    for (int n = 0; n < 9; ++n) t(n, 0) = 3 * three(n, 0) - 2 * three(n, 1) + three(n, 2);
    EXPECT_TRUE(near(least_squares(three, t).w, {{3}, {-2}, {1}}, 1e-5))
        << "two of three inputs differ by 1e-7";
  }
  // A clock that counts seconds, and one that counts milliseconds.
  for (const auto& [now, tick] : {std::pair{1.7e9, 1.0}, {1.7e12, 10.0}}) {
    const Matrix clock = {{now}, {now + tick}, {now + 3 * tick}, {now + 4 * tick}};
    const LinearModel model = least_squares(clock, {{0}, {2}, {6}, {8}});
    ASSERT_EQ(shape(model.w), "(1,1)");
    EXPECT_TRUE(near(model.w(0, 0) * tick, 2, 1e-3))
        << "inputs about " << now << " that change by " << tick << ": rounding is far below that";
    for (int n = 0; n < 4; ++n)
      EXPECT_TRUE(near(model.w(0, 0) * clock(n, 0) + model.b, n < 2 ? 2 * n : 2 * n + 2, 1e-2));
  }
}

TEST(Ridge, GivesTheSameLineInAnyUnit) {
  points(2);
  for (const auto& [a, b] :
       {std::pair{1e150, 1e150}, {1e-150, 1e-150}, {1e-20, 1.0}, {1.0, 1e-20}, {1e8, 1e-8}}) {
    Random random = test_random(915);
    const Matrix round = random.normal_matrix(1, 1, 9, 2), t = plane_of(round);
    Matrix x = round;
    for (int n = 0; n < 9; ++n) x(n, 0) *= a, x(n, 1) *= b;
    const Matrix w = least_squares(x, t).w;
    ASSERT_EQ(shape(w), "(2,1)");
    for (double unit : {1e-200, 1e-13, 1e100}) {
      if (a != b) continue;
      Matrix targets = t;
      for (Scalar& v : targets.flat()) v *= unit;
      Matrix in_unit = least_squares(round, targets).w;
      for (Scalar& v : in_unit.flat()) v /= unit;
      EXPECT_TRUE(near(in_unit, {{3}, {-2}}, 1e-9)) << "t in units of " << unit;
    }
    EXPECT_TRUE(near({{w(0, 0) * a}, {w(1, 0) * b}}, {{3}, {-2}}, 1e-9))
        << "units of " << a << " and " << b << ": small is not the same as constant";
    if (a != b || a * a == 0 || a * a == infinity) continue;
    const Matrix penalized = ridge(x, t, 2 * a * a).w, expected = plain_ridge(round, t, 2).w;
    ASSERT_EQ(shape(penalized), "(2,1)");
    EXPECT_TRUE(near({{penalized(0, 0) * a}, {penalized(1, 0) * b}}, expected, 1e-9));
  }
  for (double unit : {1e200, 1e-200, 1e150}) {  // of a single input
    const LinearModel line = least_squares({{unit}, {2 * unit}, {4 * unit}}, {{1}, {2}, {4}});
    ASSERT_EQ(shape(line.w), "(1,1)");
    EXPECT_TRUE(near(line.w(0, 0) * unit, 1, 1e-12) && near(line.b, 0, 1e-12)) << unit;
  }
  const Matrix x = {{1e-310, 2}, {3, -1e-310}, {4, 4}}, as_zero = {{0, 2}, {3, 0}, {4, 4}};
  const Matrix t = {{1}, {1e-310}, {3}}, t_as_zero = {{1}, {0}, {3}};
  for (double alpha : {0.0, 0.5})
    EXPECT_TRUE(near(ridge(x, t, alpha).w, plain_ridge(as_zero, t_as_zero, alpha).w, 1e-12))
        << "1e-310 is finite, α = " << alpha;
}

TEST(Ridge, TakesTheSmallestWeightsOfAllThatFitHoweverSmallAlphaIs) {
  points(2);
  const Matrix alike = {{0, 0}, {255, 255}, {510, 510}}, t = {{0}, {1}, {2}},
               bent = {{0}, {1}, {5}}, twice = {{1, 2}, {2, 4}, {4, 8}, {5, 10}};
  for (double alpha : {1e-10, 1e-20, 1e-300, 1e-308}) {
    const auto ratio = [&](const Matrix& targets, double w) {
      const Matrix got = ridge(alike, targets, alpha).w;
      if (got.size() != 2) return near(got, Matrix(2, 1, w), 0);
      return near({{got(0, 0) / w}, {got(1, 0) / w}}, {{1}, {1}}, 1e-6);
    };
    EXPECT_TRUE(ratio(t, 1 / 510.0)) << "two equal weights of 1/510, α = " << alpha;
    EXPECT_TRUE(ratio(bent, 2.5 / 510)) << "also where no line fits, α = " << alpha;
    EXPECT_TRUE(near(ridge(twice, {{1}, {2}, {4}, {5}}, alpha).w, {{0.2}, {0.4}}, 1e-6))
        << "of w1 + 2 w2 = 1 the point nearest to 0, α = " << alpha;
    EXPECT_TRUE(
        near(ridge({{1, 0.1}, {2, 0.1}, {6, 0.1}}, {{2}, {4}, {12}}, alpha).w, {{2}, {0}}, 1e-6))
        << "an input that never changes gets no weight, α = " << alpha;
  }
}

// ---- penalties ----

TEST(L2Penalty, IsHalfLambdaTimesTheSumOfSquares) {
  points(2);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(l2_penalty({{1, -2}, {0, 3}, {1, 1}}, 0.5), 4, 1e-14)) << "0.25 (1+4+9+1+1)";
  EXPECT_TRUE(near(l2_penalty(Matrix(2, 3), 7), 0, 0));
  EXPECT_TRUE(near(l2_penalty(Matrix(0, 3), 7), 0, 0)) << "of no weights";
  EXPECT_EQ(shape(l2_penalty_gradient(Matrix(0, 3), 7)), "(0,3)") << "of no weights";
  EXPECT_TRUE(near(l2_penalty_gradient({{3, -1}}, 1e9), {{3e9, -1e9}}, 0)) << "as strong as it is";
  EXPECT_TRUE(near(l2_penalty({{3e6, -1e6}}, 4), 2e13, 1e-2)) << "as large as it is, λ above 1";
  EXPECT_TRUE(near(l2_penalty_gradient({{3e6, -1e6, 1e-300, -1e-20}}, 4),
                   {{12e6, -4e6, 4e-300, -4e-20}}, 0))
      << "as large or small as it is";
  EXPECT_TRUE(near(l2_penalty_gradient({{3, -1}}, 0), {{0, 0}}, 0)) << "λ = 0";
  EXPECT_TRUE(near(l2_penalty_gradient({{1, -2, 0}, {4, 0.5, -1}}, 0.5),
                   {{0.5, -1, 0}, {2, 0.25, -0.5}}, 1e-15))
      << "λ w: the half and the 2 cancel, and nothing is divided by the number of weights";
}

TEST(L1Penalty, IsLambdaTimesTheSumOfSizes) {
  points(2);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(l1_penalty({{1, -2}, {0, 3}}, 0.5), 3, 1e-14)) << "no half";
  EXPECT_TRUE(near(l1_penalty(Matrix(0, 3), 7), 0, 0)) << "of no weights";
  EXPECT_EQ(shape(l1_penalty_gradient(Matrix(0, 3), 7)), "(0,3)") << "of no weights";
  EXPECT_TRUE(near(l1_penalty_gradient({{3, -1}}, 1e9), {{1e9, -1e9}}, 0)) << "as strong as it is";
  EXPECT_TRUE(near(l1_penalty({{-3e6, 1e6}}, 4), 16e6, 1e-6)) << "as large as it is, λ above 1";
  EXPECT_TRUE(near(l1_penalty({{-3e-300, 1e-300}}, 0.5) / 1e-300, 2, 1e-14)) << "or as small";
  EXPECT_TRUE(near(l1_penalty_gradient({{1e-310, -1e-310, -1e-20, 1e300}}, 3), {{3, -3, -3, 3}}, 0))
      << "small is not 0";
  EXPECT_TRUE(near(l1_penalty_gradient({{2, -0.001, 7}, {-4, 1e-9, -1}}, 0.5),
                   {{0.5, -0.5, 0.5}, {-0.5, 0.5, -0.5}}, 1e-15))
      << "the same pull for large and small weights";
}

TEST(L1Penalty, PullsNotAtZero) {
  points(2);
  EXPECT_TRUE(near(l1_penalty_gradient({{0.0, -0.0, 3}}, 2), {{0, 0, 2}}, 0));
}

// All four, and l1_shrink by λ times `unit`, are those of plain loops; weights are as large as `unit`.
void expect_penalties(const Matrix& w, double lambda, double unit) {
  const Matrix used = w;
  const double amount = lambda * unit;
  long double squares = 0, sizes = 0;
  Matrix slopes = w, signs = w, shrunk = w;
  for (int i = 0; i < w.size(); ++i) {
    const double v = w.flat()[i];
    squares += static_cast<long double>(v) * v;
    sizes += std::abs(v);
    slopes.flat()[i] = lambda * v;
    signs.flat()[i] = v > 0 ? lambda : -lambda;
    shrunk.flat()[i] = v > amount ? v - amount : v < -amount ? v + amount : 0;
  }
  const double l2 = static_cast<double>(0.5L * lambda * squares),
               l1 = static_cast<double>(lambda * sizes);
  EXPECT_TRUE(close(l2_penalty(used, lambda), l2, 3e-11))
      << shape(w) << " weights like " << unit << ", λ = " << lambda;
  EXPECT_TRUE(close(l1_penalty(used, lambda), l1, 3e-11))
      << shape(w) << " weights like " << unit << ", λ = " << lambda;
  EXPECT_TRUE(close(l2_penalty_gradient(used, lambda), slopes, 1e-15, true))
      << "weights like " << unit << ", λ = " << lambda << ": λ w";
  EXPECT_TRUE(close(l1_penalty_gradient(used, lambda), signs, 1e-15, true))
      << "weights like " << unit << ", λ = " << lambda << ": λ sign(w)";
  EXPECT_EQ(used, w) << "w is only read";
  Matrix moved = w;
  l1_shrink(moved, amount);
  EXPECT_TRUE(near(moved, shrunk, 1e-14 * unit))
      << "l1_shrink by " << amount << ", " << shape(w) << " weights like " << unit;
}

TEST(Penalties, OfManyWeightsAreThoseOfPlainLoops) {
  points(2);
  expect_penalties(test_random(918).normal_matrix(0, 1, 784, 256), 0.3, 1);
  Random random = test_random(919);
  const std::vector<std::pair<int, int>> shapes = {{4, 3}, {7, 1}, {1, 6}};
  int at = 0;
  for (double lambda : {1e-7, 1e-4, 0.01, 0.7, 20.0, 1e3})
    for (double unit : {1e-7, 1.0, 1e3, 1e12}) {
      const auto [rows, cols] = shapes[at++ % shapes.size()];
      expect_penalties(random.normal_matrix(0, unit, rows, cols), lambda, unit);
    }
}

TEST(Penalties, HaveTheRightGradients) {
  points(1);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(920 + salt);
    Matrix w = random.normal_matrix(0, 1, 4, 3);
    const auto l2 = [](const Matrix& m) { return l2_penalty(m, 0.3); };
    EXPECT_TRUE(is_gradient("L2", l2, w, l2_penalty_gradient(w, 0.3)));
    for (Scalar& v : w.flat()) v += v > 0 ? 0.1 : -0.1;  // away from the kink
    const auto l1 = [](const Matrix& m) { return l1_penalty(m, 0.3); };
    EXPECT_TRUE(is_gradient("L1", l1, w, l1_penalty_gradient(w, 0.3)));
  }
}

TEST(Penalties, OfNaNAreNaNAndTakeNoLambdaBelowZero) {
  points(2);
  for (double lambda : {0.5, 0.0})
    for (int at : {0, 1, 2}) {
      const Matrix w = with({{1, 3, -2}}, 0, at, nan);
      EXPECT_TRUE(std::isnan(l1_penalty(w, lambda)) && std::isnan(l2_penalty(w, lambda)))
          << "0 times NaN is NaN as well";
      for (const Matrix& g : {l1_penalty_gradient(w, lambda), l2_penalty_gradient(w, lambda)}) {
        ASSERT_EQ(shape(g), "(1,3)");
        for (int i : {0, 1, 2})
          EXPECT_EQ(std::isnan(g(0, i)), i == at) << "NaN has no sign, and its pull is not 0";
      }
    }
  EXPECT_EQ(l1_penalty({{1, -infinity}}, 0.5), infinity) << "infinity is not refused here";
  EXPECT_EQ(l2_penalty({{1, -infinity}}, 0.5), infinity) << "infinity is not refused here";
  EXPECT_TRUE(near(l1_penalty_gradient({{1, -infinity}}, 0.5), {{0.5, -0.5}}, 0));
  EXPECT_TRUE(near(l2_penalty_gradient({{1, -infinity}}, 0.5), {{0.5, -infinity}}, 0));
  EXPECT_TRUE(l1_penalty({{1}}, 0) == 0 && l2_penalty({{1}}, 0) == 0);
  for (const Matrix& w : {Matrix(1, 1, 1), Matrix(0, 3)})
    for (double lambda : {-0.1, -1e-300, nan, infinity, -infinity}) {
      EXPECT_TRUE(refuses([&] { l1_penalty(w, lambda); })) << shape(w) << ", λ = " << lambda;
      EXPECT_TRUE(refuses([&] { l2_penalty(w, lambda); })) << shape(w) << ", λ = " << lambda;
      EXPECT_TRUE(refuses([&] { l1_penalty_gradient(w, lambda); })) << shape(w) << ", " << lambda;
      EXPECT_TRUE(refuses([&] { l2_penalty_gradient(w, lambda); })) << shape(w) << ", " << lambda;
    }
}

TEST(L1Shrink, PullsEveryWeightTowardsZeroAndNotBeyond) {
  points(3);
  Matrix w = {{1, -2, 0.25}, {-0.25, 0, 0.5}};
  l1_shrink(w, 0.5);
  EXPECT_TRUE(near(w, {{0.5, -1.5, 0}, {0, 0, 0}}, 0)) << "what is nearer to 0 becomes exactly 0";
  l1_shrink(w, 0);
  EXPECT_TRUE(near(w, {{0.5, -1.5, 0}, {0, 0, 0}}, 0)) << "an amount of 0 changes nothing";
  Matrix none(0, 3);
  l1_shrink(none, 0.5);
  EXPECT_EQ(shape(none), "(0,3)") << "no weights";
  w = {{1e9, -1e9, 1e-300, -2e-310, 2}};
  l1_shrink(w, 0);
  EXPECT_TRUE(near(w, {{1e9, -1e9, 1e-300, -2e-310, 2}}, 0)) << "an amount of 0 changes nothing";
  l1_shrink(w, 1e-310);
  EXPECT_TRUE(near(w, {{1e9, -1e9, 1e-300 - 1e-310, -1e-310, 2}}, 0)) << "small is not 0";
  Matrix vast = {{1.7e308, 1.6e308, -3e307, 1e-310}};
  l1_shrink(vast, 1e308);
  EXPECT_TRUE(near(vast, {{1.7e308 - 1e308, 1.6e308 - 1e308, 0, 0}}, 0))
      << "each weight is finite, whatever their sum is";
  l1_shrink(w, 1e8);
  EXPECT_TRUE(near(w, {{9e8, -9e8, 0, 0, 0}}, 1e-6)) << "amounts above 1";
  for (int i = 1; i <= repetitions; ++i) {
    l1_shrink(w, 1e6);
    ASSERT_TRUE(near(w, {{9e8 - i * 1e6, i * 1e6 - 9e8, 0, 0, 0}}, 1e-3)) << "by as much each time";
  }
  for (int salt = 0; salt < 3; ++salt) {
    const Matrix before = test_random(930 + salt).normal_matrix(0, 1, 5, 6);
    Matrix after = before, expected = before;
    for (Scalar& v : expected.flat()) v = v > 0.7 ? v - 0.7 : v < -0.7 ? v + 0.7 : 0;
    l1_shrink(after, 0.7);
    EXPECT_TRUE(near(after, expected, 1e-15));
  }
}

TEST(L1Shrink, RefusesToPushAwayAndNaN) {
  points(1);
  Matrix w = {{1, -2}}, none(0, 3);
  for (double amount : {-0.1, -1e-300, nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { l1_shrink(w, amount); })) << "an amount of " << amount;
    EXPECT_TRUE(refuses([&] { l1_shrink(none, amount); })) << "of no weights by " << amount;
  }
  EXPECT_TRUE(near(w, {{1, -2}}, 0)) << "refused, and nothing has changed";
  l1_shrink(w, 0.25);
  EXPECT_TRUE(near(w, {{0.75, -1.75}}, 0)) << "but 0.25 is an amount";
  const Matrix whole = {{1, 2, 3}, {-4, 5, -6}, {7, 8, 9}};
  for (double bad : {nan, infinity, -infinity})
    for_each_place(whole, [&](int row, int col) {
      Matrix broken = with(whole, row, col, bad);
      EXPECT_TRUE(refuses([&] { l1_shrink(broken, 0.25); })) << bad << " in row " << row;
      ASSERT_EQ(shape(broken), "(3,3)");
      EXPECT_TRUE(near(with(broken, row, col, 0), with(whole, row, col, 0), 0))
          << bad << " in row " << row << ": refused, and nothing has changed, in no other row";
    });
}

// ---- dropout ----

// The mask that plain loops draw.
Matrix drawn_mask(int rows, int cols, double rate, Random& random) {
  Matrix mask(rows, cols);
  for (int n = 0; n < rows; ++n)
    for (int j = 0; j < cols; ++j) mask(n, j) = random.uniform() < rate ? 0 : 1 / (1 - rate);
  return mask;
}

TEST(DropoutMask, DrawsOneNumberPerElementRowAfterRow) {
  points(3);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(931 + salt), same = random;
    const double rate = same.uniform();  // the number that is drawn first
    EXPECT_TRUE(near(dropout_mask(1, 1, rate, random), {{1 / (1 - rate)}}, 1e-9 / (1 - rate)))
        << "a number that is the rate is not below it";
    Random once = test_random(931 + salt);
    EXPECT_EQ(dropout_mask(1, 1, std::nextafter(rate, 1), once), Matrix(1, 1))
        << "and a rate just above it drops";
  }
  for (double rate : {1e-7, 1e-5, 0.2, 0.5, 0.9, 0.99, 0.99991}) {
    Random random = test_random(932), same = test_random(932);
    for (const auto& [rows, cols] : {std::pair{4, 7}, {5, 5}, {9, 2}, {1, 6}, {6, 1}, {300, 411}}) {
      if (rows == 300 && (rate == 1e-5 || rate == 0.2 || rate == 0.9)) continue;
      const Matrix expected = drawn_mask(rows, cols, rate, same);
      EXPECT_TRUE(near(dropout_mask(rows, cols, rate, random), expected, 1e-14 / (1 - rate)))
          << "rate " << rate << ": 0 where uniform() < rate, else 1 / (1 - rate), row after row";
      ASSERT_TRUE(goes_on_as(random, same));
    }
  }
}

TEST(DropoutMask, KeepsAllAtARateOfZeroAndDrawsAllTheSame) {
  points(1);
  Random random = test_random(933), same = test_random(933);
  EXPECT_TRUE(near(dropout_mask(5, 4, 0, random), Matrix(5, 4, 1), 0));
  drawn_mask(5, 4, 0, same);
  ASSERT_EQ(random.uniform(), same.uniform()) << "a number is drawn for each element";
  EXPECT_EQ(shape(dropout_mask(0, 3, 0.5, random)), "(0,3)") << "nothing to drop";
  EXPECT_EQ(shape(dropout_mask(3, 0, 0.5, random)), "(3,0)") << "nothing to drop";
  EXPECT_EQ(random.uniform(), same.uniform());
}

TEST(DropoutMask, RefusesBeforeANumberIsDrawn) {
  points(1);
  Random random = test_random(934), same = random;
  for (double rate : {1.0, 1.5, -0.1, nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { dropout_mask(2, 3, rate, random); })) << "rate " << rate;
    EXPECT_TRUE(refuses([&] { dropout_mask(0, 3, rate, random); })) << "no row, rate " << rate;
  }
  EXPECT_TRUE(refuses([&] { dropout_mask(-1, 3, 0.5, random); })) << "rows below 0";
  EXPECT_TRUE(refuses([&] { dropout_mask(2, -3, 0.5, random); })) << "columns below 0";
  EXPECT_TRUE(goes_on_as(random, same)) << "refused, and no number has been drawn";
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(dropout_mask(2, 3, 0.1, random), drawn_mask(2, 3, 0.1, same), 1e-14));
  EXPECT_TRUE(accepts([&] { dropout_mask(2, 3, 0.999, random); }));
}

TEST(DropoutMasks, HaveTheUnitsOfEachHiddenLayerAndAreDrawnInTheirOrder) {
  points(4);
  int salt = 935;
  for (const std::vector<int>& units :
       std::vector<std::vector<int>>{{5, 4, 3, 2},
                                     {3, 3, 3, 3},
                                     {2, 6, 4},
                                     {7, 3},
                                     {6, 9, 8, 7, 6, 5, 4, 3, 2, 9, 3, 4, 2},
                                     {20, 300, 130, 170, 10}})
    for (bool batch_norm : {false, true})
      for (double rate : {0.0, 0.3, 0.75}) {
        Random random = test_random(salt), same = test_random(salt++);
        const DeepNetwork deep = deep_init(units, Init::he, batch_norm, random);
        deep_init(units, Init::he, batch_norm, same);
        const int N = units.size() == 5 ? 101 : units.size() == 3 ? 301 : 3;
        const std::vector<Matrix> masks = dropout_masks(deep, N, rate, random);
        ASSERT_EQ(masks.size(), units.size() - 2)
            << "one mask per hidden layer: none for the inputs, none for the logits";
        for (std::size_t l = 0; l < masks.size(); ++l)
          EXPECT_TRUE(near(masks[l], drawn_mask(N, units[l + 1], rate, same), 1e-14))
              << "hidden layer " << l << ", rate " << rate
              << ": (N, units), layer after layer from the generator handed in";
        ASSERT_TRUE(goes_on_as(random, same));
      }
}

// relu(z) times a mask, layer after layer.
double loss_under_dropout(const Network& net, const Matrix& x, const std::vector<int>& labels,
                          double rate, Random& random) {
  Matrix a = x;
  for (std::size_t l = 0; l + 1 < net.w.size(); ++l) {
    a = relu_forward(dense_forward(a, net.w[l], net.b[l]));
    const Matrix mask = drawn_mask(a.rows(), a.cols(), rate, random);
    for (int i = 0; i < a.size(); ++i) a.flat()[i] *= mask.flat()[i];
  }
  return softmax_cross_entropy(dense_forward(a, net.w.back(), net.b.back()), labels).loss;
}

TEST(DropoutMasks, MakeOfANetworkWhatDropoutForwardMakesOfItsLayers) {
  points(2);
  for (int at = 0; at < 3; ++at) {
    Random random = test_random(970 + at);
    DeepNetwork deep = deep_init({6, 9, 7, 4}, Init::he, false, random);
    const Matrix x = random.normal_matrix(0, 1, 5, 6);
    const std::vector<int> labels = {3, 0, 1, 1, 2};
    Random same = random;
    const std::vector<Matrix> masks = dropout_masks(deep, 5, 0.4, random);
    const DeepGradient g = deep_gradient(deep, x, labels, masks);
    EXPECT_TRUE(near(g.loss, loss_under_dropout(deep.net, x, labels, 0.4, same), 1e-12))
        << "the same draws: dropout after each hidden ReLU gives the same loss";
    ASSERT_TRUE(goes_on_as(random, same));
    const auto loss = [&](const Matrix& w) {
      DeepNetwork other = deep;
      other.net.w[0] = w;
      return deep_gradient(other, x, labels, masks).loss;
    };
    EXPECT_TRUE(is_gradient("w of the first layer", loss, deep.net.w[0], g.d.w[0], 1e-6));
  }
}

TEST(DropoutMasks, RefuseBeforeANumberIsDrawn) {
  points(1);
  Random random = test_random(948);
  const DeepNetwork deep = deep_init({4, 3, 5, 2}, Init::he, false, random);
  Random same = random;
  for (double rate : {1.0, 1.5, -0.1, nan, infinity, -infinity})
    for (int N : {3, 0})
      EXPECT_TRUE(refuses([&] { dropout_masks(deep, N, rate, random); })) << N << ", rate " << rate;
  EXPECT_TRUE(refuses([&] { dropout_masks(deep, -1, 0.5, random); })) << "less than no samples";
  EXPECT_TRUE(refuses([&] { dropout_masks({}, 3, 0.5, random); })) << "a network without layers";
  const DeepNetwork flat = deep_init({4, 2}, Init::zeros, false, random);
  EXPECT_TRUE(refuses([&] { dropout_masks(flat, 3, 1, random); })) << "also where none is hidden";
  EXPECT_TRUE(goes_on_as(random, same)) << "refused, and no number has been drawn";
  for (int i = 0; i < repetitions; ++i) {
    const std::vector<Matrix> masks = dropout_masks(deep, 3, 0.1, random);
    ASSERT_EQ(masks.size(), 2u);
    ASSERT_TRUE(near(masks[0], drawn_mask(3, 3, 0.1, same), 1e-14));
    ASSERT_TRUE(near(masks[1], drawn_mask(3, 5, 0.1, same), 1e-14));
  }
  EXPECT_TRUE(accepts([&] { dropout_masks(deep, 3, 0.999, random); }));
  same = random;
  const std::vector<Matrix> none = dropout_masks(deep, 0, 0.5, random);
  ASSERT_EQ(none.size(), 2u) << "of no samples a mask for each hidden layer all the same";
  EXPECT_EQ(shape(none[0]) + shape(none[1]), "(0,3)(0,5)") << "of no samples";
  EXPECT_TRUE(goes_on_as(random, same)) << "nothing to draw";
}

TEST(Dropout, DropsWhereTheGeneratorSaysSo) {
  points(3);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(931 + salt), same = random;
    const double rate = same.uniform();  // the number that is drawn first
    EXPECT_TRUE(near(dropout_forward({{3}}, rate, random).y, {{3 / (1 - rate)}}, 1e-9 / (1 - rate)))
        << "a number that is the rate is not below it";
  }
  for (double rate : {0.2, 0.5, 0.9})
    for (const auto& [rows, cols, value] :
         {std::tuple{6, 5, 1.5}, {1, 9, 1e-13}, {9, 1, -1e-300}, {1, 9, 3e7}}) {
      Random random = test_random(940), same = test_random(940);
      const Matrix x = Matrix(rows, cols, value);
      const auto [y, mask] = dropout_forward(x, rate, random);
      ASSERT_EQ(shape(y), shape(x));
      ASSERT_EQ(shape(mask), shape(x));
      for (int n = 0; n < rows; ++n)
        for (int j = 0; j < cols; ++j) {
          const double expected = same.uniform() < rate ? 0 : 1 / (1 - rate);
          EXPECT_TRUE(near(mask(n, j), expected, 1e-14))
              << "row " << n << ", column " << j << ", rate " << rate
              << ": one uniform() per element, row after row; below rate it is dropped, else it "
                 "is scaled once";
          EXPECT_TRUE(near(y(n, j) / value, expected, 1e-14))
              << "y is x times mask, " << shape(x) << " of " << value;
        }
      EXPECT_TRUE(goes_on_as(random, same));
    }
}

TEST(Dropout, OfALargeLayerIsThatOfPlainLoops) {
  points(2);
  Random random = test_random(939);
  for (const auto& [rows, cols, rate] : {std::tuple{701, 83, 0.35}, {61, 1009, 0.999}}) {
    const Matrix x = random.normal_matrix(0, 1e6, rows, cols);
    Random same = random;
    const Matrix used = x, expected = drawn_mask(rows, cols, rate, same);
    const auto [y, mask] = dropout_forward(used, rate, random);
    EXPECT_TRUE(near(mask, expected, 1e-11)) << shape(x) << " samples and units, rate " << rate;
    Matrix masked = x;
    for (int i = 0; i < x.size(); ++i) masked.flat()[i] *= expected.flat()[i];
    EXPECT_TRUE(near(y, masked, 1e-4)) << "x times mask, x of 10^6, rate " << rate;
    const Matrix given = expected;
    EXPECT_TRUE(near(dropout_backward(used, given), masked, 1e-4)) << "dy times mask";
    EXPECT_EQ(given, expected) << "the mask is only read";
    EXPECT_TRUE(goes_on_as(random, same));
    EXPECT_EQ(used, x) << "x and dy are only read";
    same = random;
    EXPECT_TRUE(near(dropout_inference(used), x, 0)) << "at test time x itself";
  }
  const Matrix any = {{1.7e308, 1.7e308, 1e-310}, {-1.7e308, 0, -5e-324}};  // finite, each of them
  EXPECT_TRUE(near(dropout_forward(any, 0, random).y, any, 0)) << "forward, as large or small";
  EXPECT_TRUE(near(dropout_backward(any, Matrix(2, 3, 1)), any, 0))
      << "backward, as large or small";
  const Matrix small = {{1e-300, -1e-20}, {1e-310, 2}};
  EXPECT_TRUE(near(dropout_backward(small, {{2, 2}, {1, 0}}), {{2e-300, -2e-20}, {1e-310, 0}}, 0));
}

// Each mean below is of 20 000 independent terms, term i from 0 to r_i. By Hoeffding it is further
// than s from its expectation with a probability of at most 2 exp(-2 (20000 s)^2 / Σ r_i^2): one in
// 10^9 for s = √(ln(2e9) Σ r_i^2 / 2) / 20000.
double bound(double sum_of_squares) {
  return std::sqrt(std::log(2e9) * sum_of_squares / 2) / 20000;
}

TEST(Dropout, KeepsTheMeanAndDropsTheShareThatItIsAskedFor) {
  points(1);
  for (double rate : {0.1, 0.5, 0.7}) {
    Random random = test_random(941);
    const Matrix x = random.uniform_matrix(1, 2, 100, 200);
    const auto [y, mask] = dropout_forward(x, rate, random);
    double dropped = 0, before = 0, after = 0, squares = 0;
    for (int n = 0; n < x.rows(); ++n)
      for (int j = 0; j < x.cols(); ++j) {
        dropped += mask(n, j) == 0;
        before += x(n, j) / x.size();
        after += y(n, j) / x.size();
        squares += std::pow(x(n, j) / (1 - rate), 2);
      }
    EXPECT_NEAR(dropped / x.size(), rate, bound(20000)) << "the share of units that are dropped";
    EXPECT_NEAR(after, before, bound(squares)) << "what stays makes up for it: by 1 / (1 - rate)";
  }
}

TEST(Dropout, BackwardLetsThroughWhatForwardLetThrough) {
  points(2);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(dropout_backward({{1, -2, 3}, {4, 5, -6}}, {{2, 0, 2}, {0, 0, 2}}),
                     {{2, 0, 6}, {0, 0, -12}}, 1e-15))
        << "dy times mask, which holds the scale already";
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(942 + salt);
    const Matrix x = random.normal_matrix(0, 1, 4, 7), dy = random.normal_matrix(0, 1, 4, 7);
    const std::uint32_t seed = static_cast<std::uint32_t>(random.randint(1 << 30));
    const auto loss = [&](const Matrix& at) {
      Random again(seed);
      return dot(dy, dropout_forward(at, 0.4, again).y);
    };
    Random once(seed);
    const Dropout d = dropout_forward(x, 0.4, once);
    EXPECT_TRUE(is_gradient("dropout dx", loss, x, dropout_backward(dy, d.mask)));
  }
}

TEST(Dropout, DoesNothingAtTestTimeAndAtARateOfZero) {
  points(2);
  const Matrix x = test_random(945).normal_matrix(0, 1, 5, 4);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(dropout_inference(x), x, 0))
        << "all units, and no scale: training has seen to it";
  const Matrix unusual = dropout_inference({{nan, infinity, 1e-310, -0.5}});
  ASSERT_EQ(shape(unusual), "(1,4)");
  EXPECT_TRUE(std::isnan(unusual(0, 0)) && unusual(0, 1) == infinity && unusual(0, 2) == 1e-310);
  Random random = test_random(946), same = test_random(946);
  const Dropout none = dropout_forward(x, 0, random);
  EXPECT_TRUE(near(none.y, x, 0));
  EXPECT_TRUE(near(none.mask, Matrix(5, 4, 1), 0));
  for (int i = 0; i < 20; ++i) same.uniform();
  EXPECT_TRUE(goes_on_as(random, same)) << "a number is drawn for each element all the same";
  EXPECT_EQ(shape(dropout_inference(Matrix(0, 4))), "(0,4)") << "of no samples";
  const Dropout empty = dropout_forward(Matrix(0, 4), 0.5, random);
  EXPECT_EQ(shape(empty.y) + shape(empty.mask), "(0,4)(0,4)") << "of no samples";
  EXPECT_EQ(shape(dropout_backward(Matrix(0, 4), Matrix(0, 4))), "(0,4)") << "of no samples";
  EXPECT_TRUE(goes_on_as(random, same));
}

TEST(Dropout, RefusesRatesAndShapesThatDoNotFit) {
  points(1);
  Random random = test_random(947);
  Random same = random;
  for (double rate : {1.0, 1.5, -0.1, -1e-300, nan, infinity, -infinity})
    for (int N : {2, 0})
      EXPECT_TRUE(refuses([&] { dropout_forward(Matrix(N, 3), rate, random); }))
          << N << " samples, rate " << rate;
  const Matrix x = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  for (double bad : {nan, infinity, -infinity})
    for_each_place(x, [&](int row, int col) {
      const Matrix broken = with(x, row, col, bad);
      EXPECT_TRUE(refuses([&] { dropout_forward(broken, 0.5, random); })) << bad;
      EXPECT_TRUE(refuses([&] { dropout_forward(broken, 0, random); })) << bad << " at rate 0";
      EXPECT_TRUE(refuses([&] { dropout_backward(broken, Matrix(3, 3)); })) << "0 times " << bad;
      EXPECT_TRUE(refuses([&] { dropout_backward(broken, Matrix(3, 3, 1)); })) << "1 times " << bad;
    });
  EXPECT_TRUE(goes_on_as(random, same)) << "refused, and no number has been drawn";
  EXPECT_TRUE(near(dropout_forward(x, 0, random).y, x, 0)) << "but a rate of 0 is one";
  EXPECT_TRUE(near(dropout_backward(x, Matrix(3, 3, 1)), x, 0))
      << "and a mask of 1 changes nothing";
  for (const Matrix& dy : {Matrix(2, 3), Matrix(3, 3), Matrix(0, 3)})
    for (const Matrix& mask : misfits(dy))
      EXPECT_TRUE(refuses([&] { dropout_backward(dy, mask); })) << shape(dy) << shape(mask);
}

// ---- early stopping ----

// The epoch, from 0, whose loss first makes it stop; -1 if none does.
int stops_at(const std::vector<double>& losses, int patience, EarlyStopping& state) {
  for (std::size_t i = 0; i < losses.size(); ++i)
    if (should_stop(state, losses[i], patience)) return static_cast<int>(i);
  return -1;
}

TEST(EarlyStopping, StopsAfterPatienceEpochsWithoutABetterOne) {
  points(3);
  EarlyStopping three, four, one, falling;
  const std::vector<double> losses = {5, 4, 3, 3.5, 3.2, 3.1, 2, 2.5};
  EXPECT_EQ(stops_at(losses, 3, three), 5) << "epochs 3, 4 and 5 are worse than epoch 2";
  EXPECT_EQ(stops_at(losses, 4, four), -1) << "epoch 6 is better, just in time; count anew from it";
  EXPECT_EQ(stops_at(losses, 1, one), 3) << "the first that is worse";
  EXPECT_EQ(stops_at({9, 8, 7, 6, 5, 4, 3, 2, 1}, 1, falling), -1) << "it only gets better";
  EarlyStopping below, tiny, huge;
  EXPECT_EQ(stops_at({1, 0, -1, -2, -1.5, -3, -2, -1, 0}, 3, below), 8) << "a loss may be below 0";
  EXPECT_EQ(below.best, -3);
  EXPECT_EQ(stops_at({1, 1 - 1e-16, 1e-20, 1e-310, 0, -1e-310, -1e-310}, 1, tiny), 6)
      << "lower by however little is better";
  EXPECT_EQ(stops_at({1e300, 9e299, 8e299, 8.5e299, 7e299, 1e10}, 2, huge), -1)
      << "a loss may be as large as it likes";
  EXPECT_EQ(huge.best, 1e10);
  EarlyStopping vast;
  EXPECT_EQ(stops_at({1.7e308, 1.6e308}, 1, vast), -1) << "a loss may be as large as it likes";
}

TEST(EarlyStopping, RemembersTheBestLossAndItsEpoch) {
  points(2);
  EarlyStopping state;
  EXPECT_EQ(state.best_epoch, -1);
  stops_at({5, 4, 6, 3, 3.5, 7}, 10, state);
  EXPECT_EQ(state.best, 3);
  EXPECT_EQ(state.best_epoch, 3) << "epochs count from 0";
  EXPECT_EQ(state.epoch, 6) << "six losses were seen";
  EarlyStopping one, other;  // each remembers for itself
  for (int i = 0; i < 1500; ++i) {
    ASSERT_FALSE(should_stop(one, -i, 1)) << "epoch " << i;
    ASSERT_EQ(should_stop(other, i, 1000), i >= 1000) << "epoch " << i;
    ASSERT_TRUE(one.best == -i && one.best_epoch == i && one.epoch == i + 1) << "epoch " << i;
    ASSERT_TRUE(other.best == 0 && other.best_epoch == 0 && other.epoch == i + 1) << "epoch " << i;
  }
}

TEST(EarlyStopping, TakesOnlyALowerLossForBetter) {
  points(2);
  EarlyStopping tie, broken, again;
  EXPECT_EQ(stops_at({3, 3, 3, 3}, 2, tie), 2) << "as good as the best is not better";
  EXPECT_EQ(tie.best_epoch, 0);
  EXPECT_EQ(stops_at({nan, nan, nan}, 2, broken), 1) << "NaN is never better";
  EXPECT_EQ(stops_at({3, nan, 2, nan, 2.5}, 2, again), 4);
  EXPECT_EQ(again.best, 2) << "NaN does not stick";
  EarlyStopping infinite, fallen;
  EXPECT_EQ(stops_at({infinity, infinity}, 1, infinite), 0) << "infinity is never better";
  EXPECT_EQ(stops_at({-infinity, 3, -infinity, 2, -infinity, nan}, 2, fallen), 5);
  EXPECT_EQ(fallen.best, 2) << "-infinity is no loss, and would never be surpassed";
}

TEST(EarlyStopping, IsWhatLookingBackSaysForAnyLosses) {
  points(2);
  Random random = test_random(950);
  for (int trial = 0; trial < 20; ++trial) {
    const int patience = static_cast<int>(random.randint(1, 13));
    double best = infinity;
    int best_at = -1;
    EarlyStopping state;
    for (int i = 0; i < 30; ++i) {
      double loss = static_cast<double>(random.randint(-40, 60 - 2 * i)) / 8;
      if (random.randint(4) == 0) loss = not_finite[static_cast<std::size_t>(random.randint(3))];
      if (std::isfinite(loss) && loss < best) best = loss, best_at = i;
      EXPECT_EQ(should_stop(state, loss, patience), i - best_at >= patience)
          << "a loss of " << loss << ", the best was " << i - best_at << " epochs ago, patience "
          << patience;
      EXPECT_EQ(state.best, best);
      EXPECT_EQ(state.best_epoch, best_at);
    }
  }
}

TEST(EarlyStopping, RefusesNoPatience) {
  points(1);
  EarlyStopping state;
  EXPECT_TRUE(accepts([&] { should_stop(state, 2, 1); }));
  EXPECT_TRUE(refuses([&] { should_stop(state, 1, 0); }));
  EXPECT_TRUE(refuses([&] { should_stop(state, 1, -3); }));
  EarlyStopping other;
  for (double loss : {2.0, 1.0, 3.0, 4.0})
    EXPECT_FALSE(should_stop(other, loss, std::numeric_limits<int>::max()))
        << "the largest patience of all";
  EXPECT_EQ(state.epoch, 1) << "refused, and nothing has changed";
  EXPECT_EQ(state.best, 2) << "refused, and nothing has changed";
  for (double lowest : {1.5, 1.0, 0.5}) {
    EXPECT_TRUE(should_stop(state, 3, 1)) << "a patience of 1 ends here";
    EXPECT_TRUE(should_stop(state, 2.5, 1)) << "the best is longer ago";
    EXPECT_FALSE(should_stop(state, lowest, 1)) << "a new best";
  }
}

// ---- augmentation ----

// One pixel of one row of x, 0 outside.
double pixel_of(const Matrix& x, int n, int side, int row, int col) {
  const bool inside = row >= 0 && col >= 0 && row < side && col < side;
  return inside ? x(n, row * side + col) : 0;
}

int side_of(const Matrix& x) { return static_cast<int>(std::lround(std::sqrt(x.cols()))); }

Matrix plain_shift(const Matrix& x, int down, int right) {
  const int side = side_of(x);
  Matrix y(x.rows(), x.cols());
  for (int n = 0; n < x.rows(); ++n)
    for (int i = 0; i < x.cols(); ++i)
      y(n, i) = pixel_of(x, n, side, i / side - down, i % side - right);
  return y;
}

// In the plane (right, up) about the middle, a pixel came from where it is turned back to. Its
// neighbours count by how near they are.
Matrix plain_turn(const Matrix& x, double degrees) {
  const int side = side_of(x);
  const double middle = (side - 1) / 2.0, angle = degrees * std::acos(-1.0) / 180;
  Matrix y(x.rows(), x.cols());
  for (int i = 0; i < x.cols(); ++i) {
    const double right = i % side - middle, up = middle - i / side;
    const double col = middle + right * std::cos(angle) + up * std::sin(angle);
    const double row = middle + right * std::sin(angle) - up * std::cos(angle);
    const int r = static_cast<int>(std::floor(row)), c = static_cast<int>(std::floor(col));
    for (int n = 0; n < x.rows(); ++n)
      for (int at = 0; at < 4; ++at) {
        const int near_row = r + at / 2, near_col = c + at % 2;
        y(n, i) += (1 - std::abs(row - near_row)) * (1 - std::abs(col - near_col)) *
                   pixel_of(x, n, side, near_row, near_col);
      }
  }
  return y;
}

Matrix plain_noise(Matrix x, double deviation, Random& random) {
  for (Scalar& v : x.flat()) v = std::min(std::max(v + random.normal(0, deviation), 0.0), 1.0);
  return x;
}

TEST(Images, ManyLargeOnesAreThoseOfPlainLoops) {
  points(3);
  const Matrix x = test_random(952).uniform_matrix(0, 1, 131, 28 * 28), used = x;
  EXPECT_TRUE(near(shift_images(used, 3, -2), plain_shift(x, 3, -2), 0))
      << "131 images of 28 times 28";
  EXPECT_TRUE(near(rotate_images(used, 12), plain_turn(x, 12), 1e-10))
      << "131 images of 28 times 28";
  const Matrix many = test_random(949).uniform_matrix(0, 1, 601, 7 * 7);
  EXPECT_TRUE(near(shift_images(many, -1, 2), plain_shift(many, -1, 2), 0)) << "601 images";
  EXPECT_TRUE(near(rotate_images(many, -33), plain_turn(many, -33), 1e-12)) << "601 images";
  const Matrix some = take_rows(x, {0, 7, 70, 130}), used_some = some;
  for (const auto& [down, right] : {std::pair{-9, 0}, {0, 27}, {12, 12}})
    EXPECT_TRUE(near(shift_images(used_some, down, right), plain_shift(some, down, right), 0))
        << "images of 28 times 28, down by " << down << " and to the right by " << right;
  const Matrix wide = test_random(951).uniform_matrix(0, 1, 2, 67 * 67),
               vast = test_random(954).uniform_matrix(0, 1, 1, 101 * 101);
  for (const auto& [down, right] : {std::pair{5, -40}, {87, 0}, {-79, 3}, {1, 93}, {-2, -71}})
    EXPECT_TRUE(near(shift_images(vast, down, right), plain_shift(vast, down, right), 0))
        << "101 times 101, down by " << down << " and to the right by " << right;
  EXPECT_TRUE(near(rotate_images(wide, 21), plain_turn(wide, 21), 1e-10)) << "67 times 67";
  for (double degrees : {-77.0, 0.01, 133.0, -300.0, 1e-5, -1e-5})
    EXPECT_TRUE(near(rotate_images(used_some, degrees), plain_turn(some, degrees), 1e-10))
        << "images of 28 times 28, by " << degrees << " degrees";
  Random random = test_random(953), same = test_random(953);
  EXPECT_TRUE(near(add_noise(used, 0.3, random), plain_noise(x, 0.3, same), 1e-14))
      << "131 images of 28 times 28, deviation 0.3";
  EXPECT_TRUE(goes_on_as(random, same));
  EXPECT_EQ(used, x) << "x is only read";
  EXPECT_EQ(used_some, some) << "x is only read";
}

TEST(Shift, MovesDownAndRightAndBringsInZeros) {
  points(2);
  const Matrix x = {{1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 8, 7, 6, 5, 4, 3, 2, 1}};
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(
        near(shift_images(x, 1, 0), {{0, 0, 0, 1, 2, 3, 4, 5, 6}, {0, 0, 0, 9, 8, 7, 6, 5, 4}}, 0))
        << "down by 1: the top row is 0, nothing comes round from below";
  EXPECT_TRUE(
      near(shift_images(x, 0, 1), {{0, 1, 2, 0, 4, 5, 0, 7, 8}, {0, 9, 8, 0, 6, 5, 0, 3, 2}}, 0))
      << "to the right by 1";
  EXPECT_TRUE(
      near(shift_images(x, -1, -2), {{6, 0, 0, 9, 0, 0, 0, 0, 0}, {4, 0, 0, 1, 0, 0, 0, 0, 0}}, 0))
      << "up by 1 and to the left by 2";
  EXPECT_TRUE(near(shift_images(x, 0, 0), x, 0));
  EXPECT_TRUE(near(shift_images({{1e-310, 0, 0, 0}}, 1, 1), {{0, 0, 0, 1e-310}}, 0))
      << "as dark as it is";
  EXPECT_TRUE(near(shift_images({{0.5}}, 0, 0), {{0.5}}, 0)) << "one pixel is a picture";
  EXPECT_EQ(shape(shift_images(Matrix(0, 9), 1, 1)), "(0,9)") << "and so are none";
  for (int far : {3, -3, 100})
    EXPECT_TRUE(near(shift_images(x, far, 0), Matrix(2, 9), 0)) << "out of the picture";
}

TEST(Shift, IsOutOfThePictureHoweverFarItGoes) {
  points(1);
  const Matrix x = test_random(955).uniform_matrix(1, 2, 2, 9);
  for (int far : {4, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    EXPECT_TRUE(near(shift_images(x, far, 0), Matrix(2, 9), 0)) << "down by " << far;
    EXPECT_TRUE(near(shift_images(x, 0, far), Matrix(2, 9), 0)) << "to the right by " << far;
    EXPECT_TRUE(near(shift_images(x, far, far), Matrix(2, 9), 0)) << "both by " << far;
    EXPECT_TRUE(near(shift_images(x, far, -1), Matrix(2, 9), 0)) << "down by " << far;
    EXPECT_TRUE(near(shift_images(x, 1, 0), plain_shift(x, 1, 0), 0)) << "but not by 1";
  }
}

TEST(Rotate, ByRightAnglesIsExact) {
  points(2);
  const Matrix x = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(rotate_images(x, 90), {{3, 6, 9, 2, 5, 8, 1, 4, 7}}, 1e-12))
        << "counterclockwise: the right column becomes the top row";
  EXPECT_TRUE(near(rotate_images(x, -90), {{7, 4, 1, 8, 5, 2, 9, 6, 3}}, 1e-12)) << "clockwise";
  EXPECT_TRUE(near(rotate_images(x, 180), {{9, 8, 7, 6, 5, 4, 3, 2, 1}}, 1e-12));
  EXPECT_TRUE(near(rotate_images(x, 0), x, 1e-12));
  const Matrix even = {{1, 2, 3, 4}, {5, 6, 7, 8}};
  EXPECT_TRUE(near(rotate_images(even, 90), {{2, 4, 1, 3}, {6, 8, 5, 7}}, 1e-12))
      << "the middle of two pixels lies between them";
  EXPECT_TRUE(near(rotate_images(even, 270), {{3, 1, 4, 2}, {7, 5, 8, 6}}, 1e-11)) << "as -90";
  for (int size : {2 * 2, 5 * 5, 28 * 28}) {
    const Matrix image = test_random(957).uniform_matrix(0, 1, 1, size);
    Matrix upside_down = image;
    std::ranges::reverse(upside_down.flat());
    for (double degrees : {180.0, -180.0})
      EXPECT_TRUE(near(rotate_images(image, degrees), upside_down, 1e-12))
          << "by half a turn the last pixel becomes the first, " << size << " pixels";
  }
  EXPECT_TRUE(near(rotate_images({{0.5}}, 33), {{0.5}}, 1e-12)) << "one pixel stays";
  EXPECT_TRUE(near(rotate_images({{1e-310, 0, 0, 1}}, 180), {{1, 0, 0, 0}}, 1e-12))
      << "a pixel may be as dark as it likes";
  EXPECT_EQ(shape(rotate_images(Matrix(0, 9), 33)), "(0,9)") << "no picture is none";
}

// The corner lies √2 from the middle, the middles of the edges 1: turned back by 45 degrees, the
// left top corner comes from (1 - √2, 1), just above the picture.
TEST(Rotate, ByFortyFiveDegreesIsAsOnPaper) {
  points(2);
  const double root = std::sqrt(2), near_corner = 2 - root, side = (root - 1) / 2;
  EXPECT_TRUE(near(rotate_images({{0, 1, 0, 0, 0, 0, 0, 0, 0}}, 45),
                   {{near_corner, side, 0, side, 0, 0, 0, 0, 0}}, 1e-12))
      << "from the middle of the top to the corner, shared among the pixels around";
  const double centre = 1.5 - root;  // (1 - 1/√2)^2
  EXPECT_TRUE(near(rotate_images({{0, 0, 0, 0, 1, 0, 0, 0, 0}}, 45),
                   {{0, centre, 0, centre, 1, centre, 0, centre, 0}}, 1e-12))
      << "the middle stays";
}

TEST(Rotate, InterpolatesAsNumPyDoes) {
  points(2);
  for (int side : {4, 5}) {
    const int size = side * side;
    const auto& turned = side == 4 ? golden::turned_4 : golden::turned_5;
    const Matrix x = filled(2, size, side == 4 ? golden::turn_images_4 : golden::turn_images_5);
    for (int i = 0; i < 5; ++i) {
      const auto first = turned.begin() + 2 * i * size;
      EXPECT_TRUE(near(rotate_images(x, golden::turn_degrees[i]),
                       filled(2, size, {first, first + 2 * size}), 1e-12))
          << golden::turn_degrees[i] << " degrees, side " << side
          << ": between four pixels, and 0 beyond the edge";
    }
  }
}

TEST(Rotate, ByWholeTurnsChangesNothingHoweverMany) {
  points(1);
  const Matrix x = test_random(956).uniform_matrix(0, 1, 2, 25);
  const Matrix turned = plain_turn(x, 30);
  for (double turns : {1.0, -1.0, 1000.0, 1e12})
    EXPECT_TRUE(near(rotate_images(x, 30 + 360 * turns), turned, 1e-9)) << turns << " turns more";
  for (double degrees : {1e20, -1e300}) {  // about which angle that is, one can argue
    const Matrix y = rotate_images(x, degrees);
    ASSERT_EQ(shape(y), "(2,25)");
    for (Scalar v : y.flat()) EXPECT_TRUE(v >= -1e-9 && v <= 1 + 1e-9) << degrees << " degrees";
  }
}

TEST(Noise, IsAddedPixelAfterPixelAndCut) {
  points(2);
  const Matrix x = test_random(960).uniform_matrix(0, 1, 3, 16);
  for (double deviation : {1e-9, 0.1, 2.0}) {
    Random random = test_random(961), same = test_random(961);
    const Matrix y = add_noise(x, deviation, random);
    ASSERT_EQ(shape(y), "(3,16)");
    for (int n = 0; n < 3; ++n)
      for (int d = 0; d < 16; ++d) {
        const double v = x(n, d) + same.normal(0, deviation);
        EXPECT_TRUE(near(y(n, d),
                         v < 0   ? 0
                         : v > 1 ? 1
                                 : v,
                         1e-14))
            << "image " << n << ", pixel " << d << ": normal(0, deviation), then cut to 0 … 1";
      }
  }
  Random random = test_random(962), same = test_random(962);
  for (int i = 0; i < repetitions; ++i) {
    const Matrix odd = {{0.5}};  // draws one number: of two Gaussians one is left over
    ASSERT_TRUE(near(add_noise(odd, 0.1, random), plain_noise(odd, 0.1, same), 1e-14));
    ASSERT_TRUE(goes_on_as(random, same));
  }
  Matrix edges(2, 25);  // black and white
  for (Scalar& v : edges.row(1)) v = 1;
  for (double deviation : {1e-7, 0.2, 1e5})
    EXPECT_TRUE(
        near(add_noise(edges, deviation, random), plain_noise(edges, deviation, same), 1e-14))
        << "pixels of 0 and 1, deviation " << deviation;
  EXPECT_TRUE(accepts([&] { add_noise({{1e-310}}, 0, random); })) << "as dark as it likes";
  same.normal();
  EXPECT_TRUE(near(add_noise(x, 0, random), x, 0)) << "a deviation of 0 changes nothing";
  plain_noise(x, 0, same);
  EXPECT_TRUE(goes_on_as(random, same)) << "but a number is drawn for each pixel all the same";
}

// The variant of one image.
Matrix variant(const Matrix& image, const Augmentation& o, Random& random) {
  const int down = static_cast<int>(random.randint(-o.shift, o.shift + 1));
  const int right = static_cast<int>(random.randint(-o.shift, o.shift + 1));
  const double angle = random.uniform(-o.degrees, o.degrees);
  return plain_noise(plain_shift(plain_turn(image, angle), down, right), o.noise, random);
}

Matrix plain_augment(const Matrix& x, const Augmentation& options, Random& random) {
  Matrix y = x;
  for (int n = 0; n < x.rows(); ++n)
    std::ranges::copy(variant(take_rows(x, {n}), options, random).row(0), y.row(n).begin());
  return y;
}

TEST(Augment, DrawsForOneImageAfterTheOther) {
  points(2);
  const Matrix some = test_random(970).uniform_matrix(0, 1, 4, 36),
               odd = test_random(969).uniform_matrix(0, 1, 3, 25),
               digits = test_random(966).uniform_matrix(0, 1, 3, 28 * 28);
  for (const Matrix& x : {some, odd, digits})
    for (const Augmentation& options :
         {Augmentation{}, Augmentation{3, 0, 0}, Augmentation{0, 90, 0}, Augmentation{0, 0, 2},
          Augmentation{1, 30, 0.2}, Augmentation{0, 0, 0}, Augmentation{7, 400, 0},
          Augmentation{0, 0.5, 0}, Augmentation{0, 0, 0.003}, Augmentation{12, 10, 0},
          Augmentation{27, 0, 0}}) {
      Random random = test_random(971), same = test_random(971);
      random.normal(), same.normal();  // of two Gaussians one waits in the generator
      const Matrix used = x, y = augment(used, options, random);
      ASSERT_TRUE(near(y, plain_augment(x, options, same), 1e-11))
          << "shift " << options.shift << ", degrees " << options.degrees << ", noise "
          << options.noise << ": down, right, angle, noise; turned, then shifted";
      EXPECT_TRUE(goes_on_as(random, same));
      EXPECT_EQ(used, x) << "x is only read";
    }
  Random random = test_random(967), same = test_random(967);
  for (const auto& [images, size] : {std::pair{131, 28 * 28}, {601, 7 * 7}}) {
    const Matrix many = test_random(968).uniform_matrix(0, 1, images, size);
    EXPECT_TRUE(near(augment(many, {}, random), plain_augment(many, {}, same), 1e-11))
        << images << " images of " << size << " pixels";
  }
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(augment({{0.5}}, {}, random), variant({{0.5}}, {}, same), 1e-11));
  EXPECT_TRUE(near(augment({{1e-310}}, {}, random), variant({{1e-310}}, {}, same), 1e-11));
  EXPECT_EQ(shape(augment(Matrix(0, 9), {}, random)), "(0,9)") << "of no picture none";
  EXPECT_TRUE(goes_on_as(random, same));
}

TEST(Augment, GivesEachImageItsOwnVariantWithinTheOptions) {
  points(1);
  Matrix x(40, 49);  // one bright pixel in the middle of 7 times 7
  for (int n = 0; n < 40; ++n) x(n, 24) = 1;
  Random random = test_random(972);
  const Matrix y = augment(x, {2, 0, 0}, random);
  std::vector<int> places;
  for (int n = 0; n < 40; ++n) {
    const int place = static_cast<int>(std::ranges::max_element(y.row(n)) - y.row(n).begin());
    EXPECT_LE(std::abs(place / 7 - 3), 2) << "up or down by 2 at most";
    EXPECT_LE(std::abs(place % 7 - 3), 2) << "left or right by 2 at most";
    EXPECT_TRUE(near(y(n, place), 1, 1e-12));
    places.push_back(place);
  }
  // All 40 in one of the 25 places by chance: 25^-39.
  EXPECT_NE(std::ranges::count(places, places[0]), 40) << "all images went the same way";
}

TEST(Augmentation, RefusesBeforeAnythingIsDrawn) {
  points(1);
  const Matrix x = test_random(974).uniform_matrix(0, 1, 2, 9);
  Random random = test_random(975), same = random;
  for (double bad : {nan, infinity, -infinity}) {
    for_each_place(x, [&](int row, int col) {
      const Matrix broken = with(x, row, col, bad);
      EXPECT_TRUE(refuses([&] { add_noise(broken, 0.1, random); })) << "a pixel of " << bad;
      EXPECT_TRUE(refuses([&] { add_noise(broken, 0, random); })) << "a pixel of " << bad;
      EXPECT_TRUE(refuses([&] { augment(broken, {}, random); })) << "a pixel of " << bad;
      EXPECT_TRUE(refuses([&] { shift_images(broken, 1, 0); })) << "a pixel of " << bad;
      EXPECT_TRUE(refuses([&] { shift_images(broken, 3, 3); })) << "a pixel of " << bad;
      EXPECT_TRUE(refuses([&] { rotate_images(broken, 10); })) << "a pixel of " << bad;
    });
    EXPECT_TRUE(refuses([&] { add_noise(x, bad, random); })) << "deviation " << bad;
    EXPECT_TRUE(refuses([&] { augment(x, {1, bad, 0.1}, random); })) << "degrees " << bad;
    EXPECT_TRUE(refuses([&] { augment(x, {1, 5, bad}, random); })) << "noise " << bad;
  }
  EXPECT_TRUE(goes_on_as(random, same)) << "refused, and no number has been drawn";
  EXPECT_TRUE(near(augment(x, {1, 5, 0.1}, random), plain_augment(x, {1, 5, 0.1}, same), 1e-11))
      << "finite pixels and options are not";
}

TEST(Augmentation, TakesTheLargestOptions) {
  points(1);
  const int largest = std::numeric_limits<int>::max();
  Random random = test_random(976), same = random;
  const Matrix x = Matrix(3, 9, 1), y = augment(x, {largest, 0, 0}, random);
  ASSERT_EQ(shape(y), "(3,9)");
  for (int n = 0; n < 3; ++n) {
    const auto down = same.randint(-std::int64_t{largest}, std::int64_t{largest} + 1);
    const auto right = same.randint(-std::int64_t{largest}, std::int64_t{largest} + 1);
    same.uniform();
    for (int d = 0; d < 9; ++d) same.normal();
    const bool inside = std::abs(down) < 3 && std::abs(right) < 3;
    if (!inside) {
      EXPECT_TRUE(std::ranges::all_of(y.row(n), [](Scalar v) { return v == 0; })) << "image " << n;
    }
  }
  EXPECT_TRUE(goes_on_as(random, same)) << "shift + 1 is no int any more";
  random = same = test_random(977);
  EXPECT_TRUE(near(augment(x, {1, 0, 0}, random), plain_augment(x, {1, 0, 0}, same), 1e-11));
}

TEST(Augmentation, RefusesWhatIsNoSquareAndOptionsBelowZero) {
  points(1);
  Random random = test_random(973);
  Random same = random;
  const Matrix x = test_random(978).uniform_matrix(0, 1, 2, 9);
  EXPECT_TRUE(near(augment(x, {1, 0, 0}, random), plain_augment(x, {1, 0, 0}, same), 1e-11));
  EXPECT_TRUE(near(shift_images(x, 1, 0), plain_shift(x, 1, 0), 0));
  EXPECT_TRUE(near(rotate_images(x, 10), plain_turn(x, 10), 1e-12));
  EXPECT_TRUE(near(add_noise(x, 0.1, random), plain_noise(x, 0.1, same), 1e-14));
  for (int D : {2, 8, 10, 15, 783, 785}) {
    EXPECT_TRUE(refuses([&] { shift_images(Matrix(1, D), 0, 0); })) << D << " pixels";
    EXPECT_TRUE(refuses([&] { rotate_images(Matrix(1, D), 0); })) << D << " pixels";
    EXPECT_TRUE(refuses([&] { augment(Matrix(1, D), {}, random); })) << D << " pixels";
    EXPECT_TRUE(refuses([&] { shift_images(Matrix(0, D), 0, 0); })) << "no image of " << D;
    EXPECT_TRUE(refuses([&] { rotate_images(Matrix(0, D), 0); })) << "no image of " << D;
    EXPECT_TRUE(refuses([&] { augment(Matrix(0, D), {}, random); })) << "no image of " << D;
  }
  EXPECT_TRUE(refuses([&] { augment(Matrix(2, 9), {-1, 5, 0.1}, random); })) << "shift";
  EXPECT_TRUE(refuses([&] { augment(Matrix(2, 9), {1, -5, 0.1}, random); })) << "degrees";
  EXPECT_TRUE(refuses([&] { augment(Matrix(2, 9), {1, 5, -0.1}, random); })) << "noise";
  EXPECT_TRUE(refuses([&] { augment(Matrix(0, 9), {1, 5, -0.1}, random); })) << "also of no image";
  EXPECT_TRUE(refuses([&] { add_noise(Matrix(0, 9), -0.1, random); })) << "also of no image";
  EXPECT_TRUE(refuses([&] { add_noise(Matrix(2, 9), -0.1, random); })) << "deviation";
  for (double bad : {nan, infinity, -infinity})
    for (int N : {2, 0}) {
      EXPECT_TRUE(refuses([&] { rotate_images(Matrix(N, 9), bad); })) << N << " by " << bad;
      EXPECT_TRUE(refuses([&] { add_noise(Matrix(N, 9), bad, random); })) << N << ", " << bad;
      EXPECT_TRUE(refuses([&] { augment(Matrix(N, 9), {1, bad, 0}, random); })) << N << ", " << bad;
      EXPECT_TRUE(refuses([&] { augment(Matrix(N, 9), {1, 5, bad}, random); })) << N << ", " << bad;
    }
  EXPECT_TRUE(refuses([&] { augment(Matrix(0, 9), {-1, 5, 0}, random); })) << "also of no image";
  EXPECT_TRUE(refuses([&] { augment(Matrix(0, 9), {1, -5, 0}, random); })) << "also of no image";
  EXPECT_TRUE(goes_on_as(random, same)) << "refused, and no number has been drawn";
}

// ---- three kinds of samples ----

// The permutation, cut: first `test` of it, then `validation`; what is left is for training.
void expect_split(const Split& split, const std::vector<int>& order, int test, int validation) {
  const auto first = order.begin();
  const std::vector<int> tests(first, first + test),
      validations(first + test, first + test + validation),
      train(first + test + validation, order.end());
  EXPECT_TRUE(split.test == tests) << "the first of the permutation are for the test";
  EXPECT_TRUE(split.validation == validations) << "the next are for validation, none of them twice";
  EXPECT_TRUE(split.train == train) << "what is left is for training, and nothing else";
}

TEST(Split, HasTheSharesOfAllAndOfTheRest) {
  points(4);
  const struct {
    int samples;
    double test_share, validation_share;
    int train, validation, test;
  } cases[] = {{100, 0.3, 0.2, 56, 14, 30},
               {100, 0.2, 0.2, 64, 16, 20},
               {60000, 0.25, 0.2, 36000, 9000, 15000},
               {60000, 1 / 6.0, 1 / 6.0, 41667, 8333, 10000},
               {60000, 0.1666749967, 0, 50000, 0, 10000},  // of 10000.4998
               {60000, 0.25, 0.4444555511, 25000, 20000, 15000},
               {999, 0.2, 0.35, 519, 280, 200},
               {5, 0, 0.5, 2, 3, 0},
               {50, 0.5, 0.8, 5, 20, 25},
               {300, 0, 0.2, 240, 60, 0},
               {300, 0.2, 0, 240, 0, 60},
               {11, 0.24, 0.3, 6, 2, 3},
               {7, 0.3, 0.2, 4, 1, 2},
               {10, 0.2, 0.2, 6, 2, 2},
               {10, 0.25, 0.5, 3, 4, 3},
               {1, 0, 0, 1, 0, 0},
               {50, 0, 0, 50, 0, 0},
               {9, 0.5, 0.5, 2, 2, 5},
               {10, 0.6, 0.5, 2, 2, 6},
               {10, 0.04, 0.04, 10, 0, 0},
               {1, 0.4, 0.4, 1, 0, 0},
               {1000, 0.9, 0.9, 10, 90, 900},
               {200000, 0.25, 0.5, 75000, 75000, 50000}};
  for (const auto& c : cases) {
    Random random = test_random(980), same = test_random(980);
    const Split split = split_samples(c.samples, c.test_share, c.validation_share, random);
    EXPECT_EQ(static_cast<int>(split.test.size()), c.test)
        << c.samples << " samples, test share " << c.test_share;
    EXPECT_EQ(static_cast<int>(split.validation.size()), c.validation)
        << c.samples << " samples: the validation share is one of the rest, to the nearest number";
    EXPECT_EQ(static_cast<int>(split.train.size()), c.train) << c.samples << " samples";
    expect_split(split, same.permutation(c.samples), c.test, c.validation);
    EXPECT_TRUE(goes_on_as(random, same));
  }
}

TEST(Split, CutsThePermutationIntoThreePieces) {
  points(4);
  Random random = test_random(981), same = test_random(981);
  for (int samples = 2; samples < 400; samples += 1 + samples / 20) {
    const Split split = split_samples(samples, 0.3, 0.2, random);
    const int test = static_cast<int>(0.3 * samples + 0.5),
              validation = static_cast<int>(0.2 * (samples - test) + 0.5);
    expect_split(split, same.permutation(samples), test, validation);
    std::vector<int> all = split.test;
    all.insert(all.end(), split.validation.begin(), split.validation.end());
    all.insert(all.end(), split.train.begin(), split.train.end());
    std::ranges::sort(all);
    std::vector<int> every(static_cast<std::size_t>(samples));
    std::iota(every.begin(), every.end(), 0);
    ASSERT_EQ(all, every) << "each sample is in one piece and in no other";
    ASSERT_TRUE(goes_on_as(random, same));
  }
}

TEST(Split, RefusesWhatLeavesNothingToTrainOn) {
  points(1);
  Random random = test_random(982);
  Random same = random;
  expect_split(split_samples(4, 0.5, 0.5, random), same.permutation(4), 2, 1);
  EXPECT_TRUE(refuses([&] { split_samples(4, 1, 0, random); })) << "all for the test";
  EXPECT_TRUE(refuses([&] { split_samples(4, 0.5, 1, random); })) << "all the rest for validation";
  EXPECT_TRUE(refuses([&] { split_samples(4, 0.9, 0, random); })) << "3.6 of 4 are rounded to all";
  EXPECT_TRUE(refuses([&] { split_samples(4, 0, 0.9, random); })) << "3.6 of 4 are rounded to all";
  EXPECT_TRUE(refuses([&] { split_samples(4, 0.25, 0.9, random); })) << "so are 2.7 of 3";
  EXPECT_TRUE(refuses([&] { split_samples(1, 0.5, 0, random); })) << "half of one is one";
  EXPECT_TRUE(refuses([&] { split_samples(0, 0.2, 0.2, random); })) << "no samples";
  EXPECT_TRUE(refuses([&] { split_samples(-5, 0.2, 0.2, random); })) << "less than none";
  Random before = random;
  for (double share : {-0.1, -1e-9, 1.1, 1 + 1e-9, nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { split_samples(10, share, 0.2, random); })) << share;
    EXPECT_TRUE(refuses([&] { split_samples(10, 0.2, share, random); })) << share;
  }
  const int largest = std::numeric_limits<int>::max();
  EXPECT_TRUE(refuses([&] { split_samples(largest, 1, 1, random); })) << "all for the test";
  EXPECT_TRUE(goes_on_as(random, same) && goes_on_as(random, before))
      << "refused, and no number has been drawn";
}

}  // namespace
}  // namespace gradus::testing
