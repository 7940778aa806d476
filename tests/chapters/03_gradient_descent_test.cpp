// Chapter 03: what gradient descent must be.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "tests/golden/numpy_descent.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

Matrix matrix(int cols, const std::vector<double>& values) {
  Matrix m(static_cast<int>(values.size()) / cols, cols);
  std::copy(values.begin(), values.end(), m.flat().begin());
  return m;
}

const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
const Scalar infinity = std::numeric_limits<Scalar>::infinity();

LinearModel zeros(int inputs) { return {.w = Matrix(inputs, 1), .b = 0}; }

// Two samples, and a model whose steps are easy on paper: residuals -1 and 4.
const Matrix two_x = {{1}, {3}}, two_t = {{2}, {1}};
const LinearModel two_start = {.w = {{2}}, .b = -1};

// ---- a straight line, and how wrong it is ----

TEST(LinearPredict, IsXTimesWPlusB) {
  points(3);
  const LinearModel model = {.w = {{2}, {-1}}, .b = 0.5};
  EXPECT_TRUE(
      near(linear_predict(model, {{1, 3}, {0, 0}, {-2, 4}}), {{-0.5}, {0.5}, {-7.5}}, 1e-14))
      << "2 x_0 - x_1 + 0.5: the bias belongs to every row, also where x is 0";
}

TEST(LinearLoss, IsHalfTheMeanOfTheSquares) {
  points(3);
  EXPECT_TRUE(near(linear_loss(two_start, two_x, two_t), 4.25, 1e-14))
      << "(1 + 16) / (2 * 2): a mean over the samples, and a half";
  EXPECT_TRUE(
      near(linear_loss({.w = {{1}}, .b = 0}, {{1}, {2}, {3}}, {{2}, {2}, {1}}), 5.0 / 6, 1e-14));
  EXPECT_TRUE(near(linear_loss({.w = {{1}, {1}}, .b = 0}, {{1, 2}}, {{1}}), 2, 1e-14));
}

TEST(LinearGradient, IsTheMeanOfResidualTimesInput) {
  points(3);
  const LinearModel g = linear_gradient(two_start, two_x, two_t);
  EXPECT_TRUE(near(g.w, {{5.5}}, 1e-14)) << "(-1 * 1 + 4 * 3) / 2; a residual is y - t";
  EXPECT_TRUE(near(g.b, 1.5, 1e-14)) << "(-1 + 4) / 2: a mean, too";
}

TEST(LinearGradient, IsTheGradientOfTheLoss) {
  points(4);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(30 + salt);
    const Matrix x = random.normal_matrix(0, 1, 5, 3), t = random.normal_matrix(0, 1, 5, 1);
    const LinearModel model = {.w = random.normal_matrix(0, 1, 3, 1), .b = random.normal()};
    const LinearModel g = linear_gradient(model, x, t);
    const auto by_w = [&](const Matrix& w) { return linear_loss({w, model.b}, x, t); };
    const auto by_b = [&](const Matrix& b) { return linear_loss({model.w, b(0, 0)}, x, t); };
    EXPECT_TRUE(is_gradient("dw", by_w, model.w, g.w));
    EXPECT_TRUE(is_gradient("db", by_b, {{model.b}}, {{g.b}}));
  }
}

TEST(LinearModel, RefusesWhatDoesNotFit) {
  points(3);
  const Matrix x(4, 3);
  EXPECT_TRUE(accepts([&] { linear_predict(zeros(3), x); }));
  EXPECT_TRUE(accepts([&] { linear_loss(zeros(3), x, Matrix(4, 1)); }));
  EXPECT_TRUE(accepts([&] { linear_gradient(zeros(3), x, Matrix(4, 1)); }));
  EXPECT_TRUE(near(linear_predict(zeros(3), Matrix(0, 3)), Matrix(0, 1), 0)) << "no samples: no y";
  for (const Matrix& w : {Matrix(4, 1), Matrix(2, 1), Matrix(1, 3), Matrix(3, 2), Matrix()}) {
    const LinearModel model = {.w = w, .b = 0};
    EXPECT_TRUE(refuses([&] { linear_predict(model, x); })) << "w is " << shape(w);
    EXPECT_TRUE(refuses([&] { linear_loss(model, x, Matrix(4, 1)); })) << "w is " << shape(w);
    EXPECT_TRUE(refuses([&] { linear_gradient(model, x, Matrix(4, 1)); })) << "w is " << shape(w);
  }
  for (const Matrix& t : {Matrix(3, 1), Matrix(5, 1), Matrix(1, 4), Matrix(4, 2), Matrix()}) {
    EXPECT_TRUE(refuses([&] { linear_loss(zeros(3), x, t); })) << "t is " << shape(t);
    EXPECT_TRUE(refuses([&] { linear_gradient(zeros(3), x, t); })) << "t is " << shape(t);
  }
  EXPECT_TRUE(refuses([] { linear_loss(zeros(3), Matrix(0, 3), Matrix(0, 1)); })) << "no samples";
  EXPECT_TRUE(refuses([] { linear_gradient(zeros(3), Matrix(0, 3), Matrix(0, 1)); }))
      << "no samples";
}

TEST(LinearModel, GivesNaNForNaN) {
  points(1);
  const Matrix x = {{1, 2}, {3, 4}}, t = {{0}, {1}};
  const LinearModel bad_w = {.w = {{nan}, {0}}, .b = 0}, bad_b = {.w = {{1}, {0}}, .b = nan};
  for (const LinearModel& model : {bad_w, bad_b}) {
    EXPECT_TRUE(std::isnan(linear_predict(model, x)(1, 0)));
    EXPECT_TRUE(std::isnan(linear_loss(model, x, t)));
    EXPECT_TRUE(std::isnan(linear_gradient(model, x, t).w(1, 0)));
    EXPECT_TRUE(std::isnan(linear_gradient(model, x, t).b));
  }
  EXPECT_TRUE(std::isnan(linear_loss(zeros(2), {{1, 2}, {nan, 4}}, t)));
  EXPECT_TRUE(std::isnan(linear_loss(zeros(2), x, {{0}, {nan}})));
  EXPECT_TRUE(std::isnan(linear_gradient(zeros(2), x, {{0}, {nan}}).b));
}

// ---- the largest curvature ----

TEST(LargestCurvature, IsNumPysLargestEigenvalue) {
  points(4);
  struct Case {
    const char* name;
    int cols;
    const std::vector<double>&x, &expected;
  };
  using namespace golden;
  for (const Case& c : {
           Case{"one column", 1, curvature_x_one_column, curvature_one_column},
           {"five columns", 5, curvature_x_five_columns, curvature_five_columns},
           {"eigenvalues 1 and 1.0002: stopped too early?", 2, curvature_x_nearly_equal,
            curvature_nearly_equal},
           {"equal eigenvalues", 2, curvature_x_equal, curvature_equal},
           {"the first input dominates", 2, curvature_x_first_dominates, curvature_first_dominates},
           {"all inputs -1: (1, 1) is at right angles to the direction sought", 1,
            curvature_x_minus_one, curvature_minus_one},
           {"one input always -1", 3, curvature_x_minus_one_of_three, curvature_minus_one_of_three},
           {"2 samples, 4 inputs", 4, curvature_x_more_columns_than_samples,
            curvature_more_columns_than_samples},
           {"inputs of 0.001", 2, curvature_x_small, curvature_small},
           {"inputs of 300", 2, curvature_x_large, curvature_large},
       })
    EXPECT_TRUE(near(largest_curvature(matrix(c.cols, c.x)) / c.expected[0], 1, 1e-9))
        << "the largest eigenvalue of [x 1]^T [x 1] / N, as a multiple of the true one, for x with "
        << c.name;
}

// 16 samples whose matrix of second derivatives has the eigenvalue 1 for the bias, and otherwise
// those that are given: columns at right angles to each other, turned by a random rotation.
Matrix with_curvatures(const std::vector<double>& eigenvalues, Random& random) {
  const int D = static_cast<int>(eigenvalues.size());
  std::vector<std::vector<double>> axes;  // Gram and Schmidt, twice against rounding
  while (static_cast<int>(axes.size()) < D) {
    std::vector<double> axis(D);
    for (double& v : axis) v = random.normal();
    for (int twice = 0; twice < 2; ++twice)
      for (const auto& other : axes) {
        double along = 0;
        for (int d = 0; d < D; ++d) along += axis[d] * other[d];
        for (int d = 0; d < D; ++d) axis[d] -= along * other[d];
      }
    double length = 0;
    for (double v : axis) length = std::hypot(length, v);
    for (double& v : axis) v /= length;
    axes.push_back(axis);
  }
  Matrix x(16, D);
  for (int n = 0; n < 16; ++n)
    for (int k = 0; k < D; ++k) {  // rows of a Hadamard matrix: the bits that n and k+1 share
      const int bits = n & (k + 1);
      const bool odd = ((bits >> 3) ^ (bits >> 2) ^ (bits >> 1) ^ bits) & 1;
      for (int d = 0; d < D; ++d)
        x(n, d) += (odd ? -1 : 1) * std::sqrt(eigenvalues[k]) * axes[k][d];
    }
  return x;
}

TEST(LargestCurvature, HasTenDigitsWhereTheNextIsNearlyAsLarge) {
  points(3);
  Random random = test_random(38);
  for (int D = 1; D <= 10; ++D)
    for (double gap : {0.5, 1e-2, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-12}) {
      std::vector<double> eigenvalues(D, 1.5);
      eigenvalues[0] = 3 * (1 - gap);
      eigenvalues[D - 1] = 3;
      const double got = largest_curvature(with_curvatures(eigenvalues, random));
      EXPECT_TRUE(near(got / 3, 1, 1e-10))
          << "λmax as a multiple of the true one, for " << D
          << " inputs; the next is smaller by a factor of 1 - " << gap << ": stopped too early?";
    }
}

TEST(LargestCurvature, NeitherOverflowsNorUnderflows) {
  points(2);
  EXPECT_TRUE(near(largest_curvature({{1e-200}, {-1e-200}, {1e-200}}), 1, 1e-14))
      << "inputs of 1e-200: the bias is left, whose curvature is 1";
  EXPECT_TRUE(near(largest_curvature({{1e150}, {-1e150}}) / 1e300, 1, 1e-10));
  EXPECT_TRUE(near(largest_curvature({{1e154}, {-1e154}, {1e154}, {-1e154}}) / 1e308, 1, 1e-10))
      << "the sum of the squares is too large for a double, their mean is not";
  EXPECT_TRUE(near(largest_curvature({{1e-120, 1e120}, {1e-120, 1e120}}) / 1e240, 1, 1e-10));
  EXPECT_TRUE(near(largest_curvature(Matrix(3, 0)), 1, 1e-14)) << "no inputs: the bias alone";
}

TEST(LargestCurvature, RefusesNaNInfinityAndNoSamples) {
  points(2);
  EXPECT_TRUE(accepts([] { largest_curvature(Matrix(3, 2)); }));
  EXPECT_TRUE(refuses([] { largest_curvature(Matrix(0, 2)); })) << "no samples";
  for (Scalar bad : {nan, infinity, -infinity})
    for (int n : {0, 2})
      for (int d : {0, 1}) {
        Matrix x(3, 2);
        x(n, d) = bad;
        EXPECT_TRUE(refuses([&] { largest_curvature(x); })) << bad << " in x";
      }
}

TEST(LargestCurvature, DecidesWhetherBatchDescentConverges) {
  points(3);
  const Matrix x = test_random(39).normal_matrix(1, 2, 30, 2);
  Matrix t(30, 1);
  const LinearModel start = {.w = {{1}, {2}}, .b = 3};
  const double ceiling = 2 / largest_curvature(x);
  const Descent below = batch_descent(start, x, t, 0.99 * ceiling, 400);
  const Descent above = batch_descent(start, x, t, 1.01 * ceiling, 1500);
  ASSERT_EQ(above.path.size(), 1501u) << "it must go on also where the loss grows";
  EXPECT_LT(linear_loss(below.path.back(), x, t), below.loss.at(0)) << "1 % below 2/λmax";
  EXPECT_GT(linear_loss(above.path.back(), x, t), above.loss.at(0)) << "1 % above 2/λmax";
}

// ---- a step ----

TEST(Descend, GoesAgainstTheGradient) {
  points(3);
  Matrix w = {{1, 2}, {3, 4}, {5, 6}};
  descend(w, {{2, -4}, {0, 8}, {1, 1}}, 0.5);
  EXPECT_TRUE(near(w, {{0, 4}, {3, 0}, {4.5, 5.5}}, 1e-14)) << "w -= 0.5 dw";
  Matrix square = {{1, 1}, {1, 1}};
  descend(square, {{0, 10}, {20, 30}}, 0.1);
  EXPECT_TRUE(near(square, {{1, 0}, {-1, -2}}, 1e-14)) << "each element by its own of dw";
  descend(square, {{5, 5}, {5, 5}}, 0);
  EXPECT_TRUE(near(square, {{1, 0}, {-1, -2}}, 1e-14)) << "a learning rate of 0 moves nothing";
  Matrix none(0, 3);
  EXPECT_TRUE(accepts([&] { descend(none, Matrix(0, 3), 0.1); })) << "nothing to move";
}

TEST(Descend, MovesEveryElementOfALargeMatrix) {
  points(1);
  Random random = test_random(47);
  for (const auto& [rows, cols] : {std::pair{700, 301}, {1, 5000}, {5000, 1}, {256, 256}}) {
    const Matrix from = random.normal_matrix(0, 1, rows, cols);
    const Matrix dw = random.normal_matrix(0, 1, rows, cols);
    Matrix w = from, expected = from;
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j) expected(i, j) = from(i, j) - 0.3 * dw(i, j);
    descend(w, dw, 0.3);
    EXPECT_TRUE(near(w, expected, 1e-14)) << shape(w);
  }
}

TEST(Descend, RefusesAnotherShapeAndNothingElse) {
  points(2);
  const Matrix w = {{1, 2, 3}, {4, 5, 6}};
  for (const Matrix& dw : {Matrix(3, 2), Matrix(1, 6), Matrix(2, 2), Matrix(2, 4), Matrix(1, 3),
                           Matrix(3, 3), Matrix()}) {
    Matrix same = w;
    EXPECT_TRUE(refuses([&] { descend(same, dw, 0.1); })) << "dw is " << shape(dw);
    EXPECT_TRUE(near(same, w, 0)) << "refuse before w changes; dw is " << shape(dw);
  }
  Matrix up = w;
  EXPECT_TRUE(accepts([&] { descend(up, {{1, 1, 1}, {1, 1, 1}}, -1); }));
  EXPECT_TRUE(near(up, {{2, 3, 4}, {5, 6, 7}}, 1e-14)) << "a negative rate climbs";
  Matrix far = w;
  EXPECT_TRUE(accepts([&] { descend(far, {{nan, infinity, 0}, {0, 0, -infinity}}, 1); }));
  EXPECT_TRUE(std::isnan(far(0, 0))) << "NaN is taken over, so that it is seen";
  EXPECT_EQ(far(0, 1), -infinity);
  EXPECT_EQ(far(1, 2), infinity);
  EXPECT_TRUE(near(far(1, 0), 4, 0)) << "the others move as always";
  EXPECT_TRUE(accepts([&] { descend(far, w, nan); }));
  EXPECT_TRUE(std::isnan(far(1, 0)));
  Matrix runaway = {{1}};  // of L = w²/2 at a rate of 3: w is doubled and changes sides
  for (int i = 0; i < 20; ++i) descend(runaway, Matrix(runaway), 3);
  EXPECT_TRUE(near(runaway(0, 0), 1 << 20, 0)) << "a run that explodes goes on";
}

// ---- descent ----

// w and b after steps 1, 2, 10, 100, and all losses, against NumPy's.
void expect_walk(const Descent& d, int inputs, const std::vector<double>& models,
                 const std::vector<double>& losses, const char* advice) {
  ASSERT_EQ(d.path.size(), 101u) << "the start, and the model after each of 100 steps";
  ASSERT_EQ(d.loss.size(), 100u) << "one loss per step";
  const std::vector<int> kept = {0, 1, 2, 10, 100};
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const LinearModel& got = d.path[kept[k]];
    LinearModel expected = zeros(inputs);
    if (k > 0) {
      const double* at = models.data() + (k - 1) * (inputs + 1);
      std::copy(at, at + inputs, expected.w.flat().begin());
      expected.b = at[inputs];
    }
    ASSERT_TRUE(near(got.w, expected.w, 1e-9)) << "w after step " << kept[k] << ". " << advice;
    ASSERT_TRUE(near(got.b, expected.b, 1e-9)) << "b after step " << kept[k] << ". " << advice;
  }
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(near(d.loss[i], losses[i], 1e-9))
        << "loss[" << i << "]: over the samples of step " << i + 1 << " alone, before it";
}

TEST(BatchDescent, WalksAsTheNotebook) {
  points(5);
  using namespace golden;
  const char* advice = "Every step takes all samples";
  expect_walk(batch_descent(zeros(1), matrix(1, descent_x_1), matrix(1, descent_t_1), 0.2, 100), 1,
              descent_batch_1_0, descent_batch_loss_1_0, advice);
  expect_walk(batch_descent(zeros(3), matrix(3, descent_x_3), matrix(1, descent_t_3), 0.1, 100), 3,
              descent_batch_3_0, descent_batch_loss_3_0, advice);
}

TEST(BatchDescent, RecordsTheStartAndTheLossBeforeEachStep) {
  points(4);
  const Descent d = batch_descent(two_start, two_x, two_t, 0.1, 2);
  ASSERT_EQ(d.path.size(), 3u) << "the start counts";
  ASSERT_EQ(d.loss.size(), 2u);
  EXPECT_TRUE(near(d.path[0].w, {{2}}, 0)) << "path[0] is the start that was given";
  EXPECT_TRUE(near(d.path[0].b, -1, 0));
  EXPECT_TRUE(near(d.path[1].w, {{1.45}}, 1e-14)) << "2 - 0.1 * 5.5";
  EXPECT_TRUE(near(d.path[1].b, -1.15, 1e-14)) << "-1 - 0.1 * 1.5: of the same model as w's";
  EXPECT_TRUE(near(d.path[2].w, {{1.205}}, 1e-14));
  EXPECT_TRUE(near(d.path[2].b, -1.175, 1e-14));
  EXPECT_TRUE(near(d.loss[0], 4.25, 1e-14)) << "the loss of path[0], before the first step";
  EXPECT_TRUE(near(d.loss[1], 1.9325, 1e-14)) << "the loss of path[1]";
}

TEST(BatchDescent, StaysAtTheMinimumForAsManyStepsAsAsked) {
  points(1);
  const LinearModel minimum = {.w = {{2}}, .b = -1};
  const Descent d = batch_descent(minimum, {{0}, {1}, {3}}, {{-1}, {1}, {5}}, 0.1, 4);
  ASSERT_EQ(d.path.size(), 5u) << "steps are counted, also those that change nothing";
  ASSERT_EQ(d.loss.size(), 4u);
  EXPECT_TRUE(near(d.path[4].w, {{2}}, 1e-14));
  EXPECT_TRUE(near(d.path[4].b, -1, 1e-14));
  EXPECT_TRUE(near(d.loss[3], 0, 1e-14));
  const Descent off =
      batch_descent({.w = {{2}}, .b = 0}, {{0}, {1}, {3}}, {{-1}, {1}, {5}}, 0.1, 1);
  EXPECT_FALSE(off.path.at(1).w == off.path.at(0).w) << "beside the minimum it must move";
}

TEST(BatchDescent, GoesOnWhereItDiverges) {
  points(2);
  const Descent far = batch_descent({.w = {{1}}, .b = 0}, {{1}, {2}}, {{0}, {0}}, 1e3, 400);
  EXPECT_EQ(far.path.size(), 401u);
  ASSERT_EQ(far.loss.size(), 400u);
  EXPECT_FALSE(std::isfinite(far.loss.back())) << "a rate a thousand times too high";
}

TEST(MiniBatchDescent, WalksAsTheNotebook) {
  points(5);
  using namespace golden;
  const char* advice = "Each step draws random.choice(N, batch_size) anew, and nothing else";
  const Matrix x1 = matrix(1, descent_x_1), t1 = matrix(1, descent_t_1);
  const Matrix x3 = matrix(3, descent_x_3), t3 = matrix(1, descent_t_3);
  Random r10(0), r17(7), r30(0), r37(7);
  expect_walk(mini_batch_descent(zeros(1), x1, t1, 0.2, 5, 100, r10), 1, descent_mini_1_0,
              descent_mini_loss_1_0, advice);
  expect_walk(mini_batch_descent(zeros(1), x1, t1, 0.2, 5, 100, r17), 1, descent_mini_1_7,
              descent_mini_loss_1_7, advice);
  expect_walk(mini_batch_descent(zeros(3), x3, t3, 0.1, 8, 100, r30), 3, descent_mini_3_0,
              descent_mini_loss_3_0, advice);
  expect_walk(mini_batch_descent(zeros(3), x3, t3, 0.1, 8, 100, r37), 3, descent_mini_3_7,
              descent_mini_loss_3_7, advice);
}

TEST(MiniBatchDescent, OfAllSamplesIsBatchDescent) {
  points(2);
  Random random = test_random(40), draws = test_random(41);
  const Matrix x = random.normal_matrix(0, 1, 9, 2), t = random.normal_matrix(0, 1, 9, 1);
  const LinearModel start = {.w = {{1}, {-1}}, .b = 2};
  const Descent mini = mini_batch_descent(start, x, t, 0.1, 9, 20, draws);
  const Descent batch = batch_descent(start, x, t, 0.1, 20);
  ASSERT_EQ(mini.path.size(), 21u);
  ASSERT_EQ(batch.path.size(), 21u);
  for (int i = 0; i <= 20; ++i) {
    EXPECT_TRUE(near(mini.path[i].w, batch.path[i].w, 1e-12)) << "after step " << i;
    EXPECT_TRUE(near(mini.path[i].b, batch.path[i].b, 1e-12)) << "after step " << i;
  }
}

TEST(MiniBatchDescent, DrawsByChoiceForEverySize) {
  points(2);
  Random data = test_random(45);
  const Matrix x = data.normal_matrix(0, 1, 6, 2), t = data.normal_matrix(0, 1, 6, 1);
  for (int size : {1, 2, 6}) {
    Random random = test_random(46), same = test_random(46);
    const Descent d = mini_batch_descent(zeros(2), x, t, 0.1, size, 4, random);
    ASSERT_EQ(d.path.size(), 5u);
    LinearModel model = zeros(2);
    for (int i = 0; i < 4; ++i) {
      const std::vector<int> batch = same.choice(6, size);
      Matrix batch_x(size, 2), batch_t(size, 1);
      for (int n = 0; n < size; ++n) {
        std::ranges::copy(x.row(batch[n]), batch_x.row(n).begin());
        batch_t(n, 0) = t(batch[n], 0);
      }
      model = batch_descent(model, batch_x, batch_t, 0.1, 1).path.back();
      EXPECT_TRUE(near(d.path[i + 1].w, model.w, 1e-12)) << "batches of " << size << " of 6";
    }
    EXPECT_EQ(random.uniform(), same.uniform())
        << "batches of " << size << " of 6: one choice a step, also for 1 and for all samples";
  }
}

TEST(StochasticDescent, WalksAsTheNotebook) {
  points(5);
  using namespace golden;
  const char* advice =
      "Each step draws random.randint(N) anew, and nothing else; the mean is "
      "over one sample";
  const Matrix x1 = matrix(1, descent_x_1), t1 = matrix(1, descent_t_1);
  const Matrix x3 = matrix(3, descent_x_3), t3 = matrix(1, descent_t_3);
  Random r10(0), r17(7), r30(0), r37(7);
  expect_walk(stochastic_descent(zeros(1), x1, t1, 0.2, 100, r10), 1, descent_stochastic_1_0,
              descent_stochastic_loss_1_0, advice);
  expect_walk(stochastic_descent(zeros(1), x1, t1, 0.2, 100, r17), 1, descent_stochastic_1_7,
              descent_stochastic_loss_1_7, advice);
  expect_walk(stochastic_descent(zeros(3), x3, t3, 0.1, 100, r30), 3, descent_stochastic_3_0,
              descent_stochastic_loss_3_0, advice);
  expect_walk(stochastic_descent(zeros(3), x3, t3, 0.1, 100, r37), 3, descent_stochastic_3_7,
              descent_stochastic_loss_3_7, advice);
}

// Twelve steps, and five steps followed by seven more from where they ended.
void expect_same_way(const char* which, const Descent& all, const Descent& first,
                     const Descent& rest) {
  ASSERT_EQ(all.path.size(), 13u) << which;
  ASSERT_EQ(first.path.size(), 6u) << which;
  ASSERT_EQ(rest.path.size(), 8u) << which;
  EXPECT_FALSE(all.path[12].w == all.path[0].w) << which << " has not moved";
  EXPECT_TRUE(near(rest.path[0].w, first.path[5].w, 0)) << which << " begins at its start";
  EXPECT_TRUE(near(rest.path[7].w, all.path[12].w, 1e-12))
      << which << ": the caller's Random must go on where the first call left it";
  EXPECT_TRUE(near(rest.path[7].b, all.path[12].b, 1e-12)) << which;
}

TEST(Descent, GoesOnWhereItStopped) {
  points(3);
  Random random = test_random(42);
  const Matrix x = random.normal_matrix(0, 1, 10, 2), t = random.normal_matrix(0, 1, 10, 1);
  const LinearModel start = {.w = {{3}, {-2}}, .b = 1};
  const Descent five = batch_descent(start, x, t, 0.1, 5);
  expect_same_way("batch_descent", batch_descent(start, x, t, 0.1, 12), five,
                  batch_descent(five.path.back(), x, t, 0.1, 7));
  Random once = test_random(43), twice = test_random(43);
  const Descent all = mini_batch_descent(start, x, t, 0.1, 3, 12, once);
  const Descent mini = mini_batch_descent(start, x, t, 0.1, 3, 5, twice);
  expect_same_way("mini_batch_descent", all, mini,
                  mini_batch_descent(mini.path.back(), x, t, 0.1, 3, 7, twice));
  EXPECT_EQ(once.uniform(), twice.uniform()) << "mini_batch_descent";
  EXPECT_EQ(mini_batch_descent(start, x, t, 0.1, 3, 0, once).path.size(), 1u) << "only the start";
  const Descent walk = stochastic_descent(start, x, t, 0.1, 12, once);
  const Descent begun = stochastic_descent(start, x, t, 0.1, 5, twice);
  expect_same_way("stochastic_descent", walk, begun,
                  stochastic_descent(begun.path.back(), x, t, 0.1, 7, twice));
  EXPECT_EQ(once.uniform(), twice.uniform()) << "stochastic_descent";
  EXPECT_EQ(stochastic_descent(start, x, t, 0.1, 0, once).path.size(), 1u) << "only the start";
  const Descent whole = batch_descent(start, x, t, 0.1, 12);
  EXPECT_FALSE(all.path[12].w == whole.path[12].w) << "mini_batch_descent takes all samples";
  EXPECT_FALSE(walk.path[12].w == whole.path[12].w) << "stochastic_descent takes all samples";
  const Descent none = batch_descent(start, x, t, 0.1, 0);
  ASSERT_EQ(none.path.size(), 1u) << "no steps: only the start";
  EXPECT_TRUE(near(none.path[0].w, start.w, 0));
  EXPECT_TRUE(none.loss.empty());
}

// Do all three refuse these arguments?
void expect_all_refuse(const LinearModel& start, const Matrix& x, const Matrix& t, int steps,
                       const std::string& why) {
  Random random(0);
  EXPECT_TRUE(refuses([&] { batch_descent(start, x, t, 0.1, steps); })) << "batch: " << why;
  EXPECT_TRUE(refuses([&] { mini_batch_descent(start, x, t, 0.1, 1, steps, random); }))
      << "mini-batch: " << why;
  EXPECT_TRUE(refuses([&] { stochastic_descent(start, x, t, 0.1, steps, random); }))
      << "stochastic: " << why;
}

// And do all three accept these?
void expect_all_accept(const LinearModel& start, const Matrix& x, const Matrix& t, int steps) {
  Random random(0);
  EXPECT_TRUE(accepts([&] { batch_descent(start, x, t, 0.1, steps); }));
  EXPECT_TRUE(accepts([&] { mini_batch_descent(start, x, t, 0.1, 1, steps, random); }));
  EXPECT_TRUE(accepts([&] { mini_batch_descent(start, x, t, 0.1, x.rows(), steps, random); }));
  EXPECT_TRUE(accepts([&] { stochastic_descent(start, x, t, 0.1, steps, random); }));
}

TEST(Descent, RefusesWhatDoesNotFit) {
  points(3);
  const Matrix x(4, 3), t(4, 1);
  expect_all_accept(zeros(3), x, t, 2);
  for (int steps : {0, 2}) {
    for (const Matrix& w : {Matrix(4, 1), Matrix(2, 1), Matrix(1, 3), Matrix()})
      expect_all_refuse({.w = w, .b = 0}, x, t, steps, "w is " + shape(w));
    for (const Matrix& other : {Matrix(3, 1), Matrix(5, 1), Matrix(1, 4), Matrix(4, 2)})
      expect_all_refuse(zeros(3), x, other, steps, "t is " + shape(other));
    expect_all_refuse(zeros(3), Matrix(0, 3), Matrix(0, 1), steps, "no samples");
  }
  expect_all_refuse(zeros(3), x, t, -1, "-1 steps");
  Random random(0);
  for (int steps : {0, 2})
    for (int size : {0, -1, 5})
      EXPECT_TRUE(refuses([&] { mini_batch_descent(zeros(3), x, t, 0.1, size, steps, random); }))
          << "batches of " << size << " of 4 samples";
}

TEST(Descent, RefusesNaNAndInfinity) {
  points(3);
  const double infinity = std::numeric_limits<double>::infinity();
  expect_all_accept(zeros(3), Matrix(4, 3), Matrix(4, 1), 2);
  for (double bad : {std::nan(""), infinity, -infinity})
    for (int n : {0, 3}) {
      for (int d : {0, 2}) {
        Matrix x(4, 3);
        x(n, d) = bad;
        expect_all_refuse(zeros(3), x, Matrix(4, 1), 2, "NaN or infinity in x");
      }
      Matrix t(4, 1);
      t(n, 0) = bad;
      for (int steps : {0, 2})
        expect_all_refuse(zeros(3), Matrix(4, 3), t, steps, "NaN or infinity in t");
    }
}

TEST(Descent, RefusesRatesAndStartsThatAreNone) {
  points(3);
  const Matrix x(4, 2), t(4, 1);
  for (int steps : {0, 2}) {
    for (Scalar rate : {nan, infinity, -infinity, Scalar{-0.1}}) {
      const std::string why = "a learning rate of " + std::to_string(rate);
      Random random(0), untouched(0);
      EXPECT_TRUE(refuses([&] { batch_descent(zeros(2), x, t, rate, steps); })) << why;
      EXPECT_TRUE(refuses([&] { mini_batch_descent(zeros(2), x, t, rate, 2, steps, random); }))
          << why;
      EXPECT_TRUE(refuses([&] { stochastic_descent(zeros(2), x, t, rate, steps, random); })) << why;
      EXPECT_EQ(random.uniform(), untouched.uniform()) << "refuse before anything is drawn";
    }
    for (Scalar bad : {nan, infinity, -infinity}) {
      expect_all_refuse({.w = {{0}, {bad}}, .b = 0}, x, t, steps, "NaN or infinity in w");
      expect_all_refuse({.w = Matrix(2, 1), .b = bad}, x, t, steps, "NaN or infinity as b");
    }
  }
  const LinearModel start = {.w = {{2}}, .b = -1};
  EXPECT_TRUE(near(batch_descent(start, two_x, two_t, 0, 1).path.at(1).w, start.w, 0))
      << "a rate of 0 is allowed and moves nothing";
}

// ---- epochs ----

TEST(IterationsPerEpoch, HasTheNumbersOfTheNotes) {
  points(3);
  EXPECT_EQ(iterations_per_epoch(3000, 300), 10);
  EXPECT_EQ(iterations_per_epoch(32000, 32), 1000);
  EXPECT_EQ(iterations_per_epoch(100, 20), 5);
}

TEST(IterationsPerEpoch, CountsALastShortBatch) {
  points(3);
  EXPECT_EQ(iterations_per_epoch(100, 30), 4) << "30 + 30 + 30 + 10";
  EXPECT_EQ(iterations_per_epoch(101, 20), 6) << "the last batch is a single sample";
  EXPECT_EQ(iterations_per_epoch(99, 20), 5);
  EXPECT_EQ(iterations_per_epoch(7, 20), 1) << "fewer samples than a batch holds";
  EXPECT_EQ(iterations_per_epoch(7, 1), 7);
  EXPECT_EQ(iterations_per_epoch(0, 20), 0) << "nothing to do";
  EXPECT_EQ(iterations_per_epoch(10, std::numeric_limits<int>::max()), 1) << "an overflow?";
  EXPECT_EQ(iterations_per_epoch(16777217, 1), 16777217) << "whole numbers are exact";
  EXPECT_TRUE(refuses([] { iterations_per_epoch(10, 0); })) << "batches of 0";
  EXPECT_TRUE(refuses([] { iterations_per_epoch(10, -2); })) << "batches of -2";
  EXPECT_TRUE(refuses([] { iterations_per_epoch(-1, 2); })) << "-1 samples";
}

TEST(EpochBatches, AreNumPysPermutationInPieces) {
  points(4);
  for (const auto& [seed, order] :
       {std::pair{0u, golden::epoch_order_0}, {7u, golden::epoch_order_7}}) {
    Random random(seed);
    const auto batches = epoch_batches(11, 4, random);
    ASSERT_EQ(batches.size(), 3u) << "4 + 4 + 3";
    EXPECT_EQ(batches[0], std::vector<int>(order.begin(), order.begin() + 4));
    EXPECT_EQ(batches[1], std::vector<int>(order.begin() + 4, order.begin() + 8));
    EXPECT_EQ(batches[2], std::vector<int>(order.begin() + 8, order.end()))
        << "the last batch is shorter";
    Random same(seed);
    same.permutation(11);
    EXPECT_EQ(random.uniform(), same.uniform()) << "one permutation is drawn and nothing else";
  }
}

TEST(EpochBatches, HoldEverySampleOnce) {
  points(3);
  Random random = test_random(44);
  for (const auto& [samples, size] : {std::pair{100, 20}, {100, 30}, {5, 8}, {6, 1}, {1, 1}}) {
    const auto batches = epoch_batches(samples, size, random);
    std::multiset<int> seen;
    for (std::size_t i = 0; i < batches.size(); ++i) {
      const int left = samples - static_cast<int>(i) * size;
      EXPECT_EQ(static_cast<int>(batches[i].size()), std::min(size, left))
          << "batch " << i << " of " << samples << " in " << size << "s";
      seen.insert(batches[i].begin(), batches[i].end());
    }
    EXPECT_EQ(static_cast<int>(seen.size()), samples) << "in batches of " << size;
    for (int n = 0; n < samples; ++n) EXPECT_EQ(seen.count(n), 1u) << "sample " << n;
  }
  EXPECT_NE(epoch_batches(100, 20, random), epoch_batches(100, 20, random))
      << "the next epoch has a new order";
  EXPECT_TRUE(epoch_batches(0, 4, random).empty());
  Random untouched = random;
  EXPECT_TRUE(refuses([&] { epoch_batches(10, 0, random); })) << "batches of 0";
  EXPECT_TRUE(refuses([&] { epoch_batches(-1, 4, random); })) << "-1 samples";
  EXPECT_EQ(random.uniform(), untouched.uniform()) << "refuse before anything is drawn";
}

TEST(TakeRows, TakesTheRowsInTheirOrder) {
  points(3);
  const Matrix x = {{1, 2}, {3, 4}, {5, 6}};
  EXPECT_TRUE(near(take_rows(x, {2, 0, 2, 1}), {{5, 6}, {1, 2}, {5, 6}, {3, 4}}, 0));
  EXPECT_TRUE(near(take_rows(x, {1}), {{3, 4}}, 0));
  EXPECT_TRUE(near(take_rows(x, {}), Matrix(0, 2), 0)) << "no rows, but still two columns";
}

TEST(TakeRows, RefusesRowsThatAreNotThere) {
  points(2);
  const Matrix x = {{1, 2}, {3, 4}, {5, 6}};
  EXPECT_TRUE(near(take_rows(x, {2, 0}), {{5, 6}, {1, 2}}, 0));
  EXPECT_TRUE(refuses([&] { take_rows(x, {0, 3}); })) << "row 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([&] { take_rows(x, {-1}); })) << "row -1";
  EXPECT_TRUE(refuses([&] { take_rows(x, {0, 1, 2, 1000000}); })) << "row 1000000";
}

// N samples that tell who they are: x holds n and -n/2, the label is n modulo 7.
Samples numbered(int N) {
  Samples samples{.x = Matrix(N, 2), .labels = {}};
  for (int n = 0; n < N; ++n) {
    samples.x(n, 0) = n;
    samples.x(n, 1) = -n / 2.0;
    samples.labels.push_back(n % 7);
  }
  return samples;
}

TEST(Take, TakesEachLabelWithItsRow) {
  points(3);
  const Samples samples = {.x = {{1, 2}, {3, 4}, {5, 6}}, .labels = {7, 0, 9}};
  const Samples four = take(samples, {2, 0, 2, 1});
  EXPECT_TRUE(near(four.x, {{5, 6}, {1, 2}, {5, 6}, {3, 4}}, 0));
  EXPECT_EQ(four.labels, (std::vector<int>{9, 7, 9, 0})) << "in the order of the indices";
  const Samples one = take(samples, {1});
  EXPECT_TRUE(near(one.x, {{3, 4}}, 0));
  EXPECT_EQ(one.labels, (std::vector<int>{0}));
  const Samples none = take(samples, {});
  EXPECT_TRUE(near(none.x, Matrix(0, 2), 0)) << "no rows, but still two columns";
  EXPECT_TRUE(none.labels.empty());
  const Samples with = take({.x = {{nan}, {1}}, .labels = {3, 4}}, {1, 0});
  EXPECT_TRUE(near(with.x(0, 0), 1, 0));
  EXPECT_TRUE(std::isnan(with.x(1, 0))) << "NaN is taken along";
  EXPECT_EQ(with.labels, (std::vector<int>{4, 3}));
}

TEST(Take, OfAllInANewOrderGivesEverySampleOnce) {
  points(2);
  const int N = 3000;
  const std::vector<int> order = test_random(48).permutation(N);
  const Samples taken = take(numbered(N), order);
  ASSERT_EQ(taken.x.rows(), N);
  ASSERT_EQ(taken.labels.size(), order.size());
  for (int i = 0; i < N; ++i) {
    const int n = order[i];
    ASSERT_TRUE(near(taken.x(i, 0), n, 0)) << "sample " << n;
    ASSERT_TRUE(near(taken.x(i, 1), -n / 2.0, 0)) << "sample " << n;
    ASSERT_EQ(taken.labels[i], n % 7) << "the label of sample " << n;
  }
}

TEST(Take, RefusesWhatDoesNotFit) {
  points(2);
  const Samples samples = numbered(3);
  EXPECT_TRUE(accepts([&] { take(samples, {2, 0}); }));
  EXPECT_TRUE(accepts([] { take({.x = Matrix(0, 2), .labels = {}}, {}); }));
  EXPECT_TRUE(refuses([&] { take(samples, {0, 3}); })) << "sample 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([&] { take(samples, {-1}); })) << "sample -1";
  EXPECT_TRUE(refuses([&] { take(samples, {0, 1, 2, 1000000}); })) << "sample 1000000";
  for (const std::vector<int>& indices : {std::vector<int>{}, std::vector<int>{0}}) {
    EXPECT_TRUE(refuses([&] {
      take({.x = Matrix(3, 2), .labels = {1, 2}}, indices);
    })) << "2 labels for 3 rows";
    EXPECT_TRUE(refuses([&] {
      take({.x = Matrix(3, 2), .labels = {1, 2, 3, 4}}, indices);
    })) << "4 labels for 3 rows";
    EXPECT_TRUE(refuses([&] { take({.x = Matrix(3, 2), .labels = {}}, indices); })) << "no labels";
  }
}

}  // namespace
}  // namespace gradus::testing
