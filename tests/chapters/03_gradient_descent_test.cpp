// Chapter 03: what gradient descent must be.
#include <algorithm>
#include <bit>
#include <climits>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "tests/golden/numpy_descent.hpp"
#include "tests/plain.hpp"
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

// ---- what is expected, by plain loops ----

std::vector<double> residuals(const LinearModel& model, const Matrix& x, const Matrix& t) {
  std::vector<double> all;
  for (int n = 0; n < x.rows(); ++n) {
    double y = model.b;
    for (int d = 0; d < x.cols(); ++d) y += double{x(n, d)} * model.w(d, 0);
    all.push_back(y - t(n, 0));
  }
  return all;
}

Matrix plain_predict(const LinearModel& model, const Matrix& x) {
  Matrix y(x.rows(), 1);
  const std::vector<double> sums = residuals(model, x, Matrix(x.rows(), 1));
  std::copy(sums.begin(), sums.end(), y.flat().begin());
  return y;
}

double plain_loss(const LinearModel& model, const Matrix& x, const Matrix& t) {
  double sum = 0;
  for (double r : residuals(model, x, t)) sum += r * r / x.rows();
  return sum / 2;
}

LinearModel plain_gradient(const LinearModel& model, const Matrix& x, const Matrix& t) {
  LinearModel g = zeros(x.cols());
  const std::vector<double> r = residuals(model, x, t);
  for (int n = 0; n < x.rows(); ++n) {
    g.b += r[n] / x.rows();
    for (int d = 0; d < x.cols(); ++d) g.w(d, 0) += r[n] * x(n, d) / x.rows();
  }
  return g;
}

using Batches = std::vector<std::vector<int>>;

Matrix rows_of(const Matrix& x, const std::vector<int>& indices) {
  Matrix rows(static_cast<int>(indices.size()), x.cols());
  for (int i = 0; i < rows.rows(); ++i) std::ranges::copy(x.row(indices[i]), rows.row(i).begin());
  return rows;
}

// A step for each batch.
Descent plain_walk(const LinearModel& start, const Matrix& x, const Matrix& t, Scalar rate,
                   const Batches& batches) {
  Descent d = {.path = {start}, .loss = {}};
  for (const std::vector<int>& batch : batches) {
    LinearModel model = d.path.back();
    const Matrix batch_x = rows_of(x, batch), batch_t = rows_of(t, batch);
    const LinearModel g = plain_gradient(model, batch_x, batch_t);
    d.loss.push_back(plain_loss(model, batch_x, batch_t));
    for (int i = 0; i < x.cols(); ++i) model.w(i, 0) -= rate * g.w(i, 0);
    model.b -= rate * g.b;
    d.path.push_back(model);
  }
  return d;
}

// The batches that each of the three draws.
Batches all_samples(int N, int steps) {
  std::vector<int> all;
  for (int n = 0; n < N; ++n) all.push_back(n);
  return Batches(steps, all);
}

Batches choices(int N, int size, int steps, Random& random) {
  Batches batches;
  for (int i = 0; i < steps; ++i) batches.push_back(random.choice(N, size));
  return batches;
}

Batches single_draws(int N, int steps, Random& random) {
  Batches batches;
  for (int i = 0; i < steps; ++i) batches.push_back({static_cast<int>(random.randint(N))});
  return batches;
}

void expect_same_walk(const Descent& got, const Descent& expected, const std::string& which,
                      double digits = 1e-9) {
  ASSERT_EQ(got.path.size(), expected.path.size()) << which << ": the start and each step's model";
  ASSERT_EQ(got.loss.size(), expected.loss.size()) << which << ": one loss per step";
  // What has come near 0 on its way keeps the rounding of what it was.
  double w_size = 0, b_size = 0, loss_size = 0;
  for (std::size_t i = 0; i < expected.path.size(); ++i) {
    const LinearModel& model = expected.path[i];
    ASSERT_EQ(shape(got.path[i].w), shape(model.w)) << which << ": w after step " << i;
    b_size = std::max(b_size, std::abs(double{model.b}));
    for (double v : model.w.flat()) w_size = std::max(w_size, std::abs(v));
    for (int d = 0; d < model.w.rows(); ++d)
      ASSERT_TRUE(close_within(got.path[i].w(d, 0), model.w(d, 0), digits, w_size))
          << which << ": w_" << d << " after step " << i << " is " << got.path[i].w(d, 0)
          << ", expected " << model.w(d, 0);
    ASSERT_TRUE(close_within(got.path[i].b, model.b, digits, b_size))
        << which << ": b after step " << i << " is " << got.path[i].b << ", expected " << model.b;
  }
  for (std::size_t i = 0; i < expected.loss.size(); ++i) {
    loss_size = std::max(loss_size, double{expected.loss[i]});
    ASSERT_TRUE(close_within(got.loss[i], expected.loss[i], digits, loss_size))
        << which << ": loss[" << i << "] is " << got.loss[i] << ", expected " << expected.loss[i]
        << ": over the samples of step " << i + 1 << ", before it";
  }
}

// A problem whose descents are far from their minimum, so that no digit hides.
struct Problem {
  Matrix x, t;
  LinearModel start;
};

Problem random_problem(Random& random, int N, int D) {
  return {.x = random.normal_matrix(0.5, 1, N, D),
          .t = random.normal_matrix(-1, 2, N, 1),
          .start = {.w = random.normal_matrix(0, 1, D, 1), .b = random.normal()}};
}

// ---- a straight line, and how wrong it is ----

TEST(LinearPredict, IsXTimesWPlusB) {
  points(2);
  const LinearModel model = {.w = {{2}, {-1}}, .b = 0.5};
  EXPECT_TRUE(
      near(linear_predict(model, {{1, 3}, {0, 0}, {-2, 4}}), {{-0.5}, {0.5}, {-7.5}}, 1e-14))
      << "2 x_0 - x_1 + 0.5: the bias belongs to every row, also where x is 0";
  EXPECT_TRUE(near(linear_predict({.w = {{-3}}, .b = 1}, {{2}}), {{-5}}, 1e-14)) << "-3 x + 1";
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
  const LinearModel one = linear_gradient({.w = {{1}}, .b = 0}, {{2}}, {{5}});
  EXPECT_TRUE(near(one.w, {{-6}}, 1e-14)) << "(2 - 5) * 2: of a single sample";
  EXPECT_TRUE(near(one.b, -3, 1e-14)) << "2 - 5: of a single sample";
}

void expect_linear(const Problem& p, const std::string& where, double digits = 1e-12) {
  EXPECT_TRUE(close(linear_predict(p.start, p.x), plain_predict(p.start, p.x), digits))
      << "y = x w + b, " << where;
  EXPECT_TRUE(close(linear_loss(p.start, p.x, p.t), plain_loss(p.start, p.x, p.t), digits))
      << "half the mean of the squares, " << where;
  const LinearModel g = linear_gradient(p.start, p.x, p.t);
  const LinearModel expected = plain_gradient(p.start, p.x, p.t);
  EXPECT_TRUE(close(g.w, expected.w, digits)) << "∂L/∂w, " << where;
  EXPECT_TRUE(close(g.b, expected.b, 10 * digits)) << "∂L/∂b, " << where;
}

// Two answers, which differ: beside refusals, and before a single answer. Who answers nothing, always
// the same, or what was right for the call before, has understood nothing.
void expect_two_lines() {
  expect_linear({.x = {{1}, {2}}, .t = {{0}, {3}}, .start = {.w = {{2}}, .b = 1}}, "one input");
  expect_linear({.x = {{1, 0.5}}, .t = {{2}}, .start = {.w = {{2}, {3}}, .b = 4}}, "two inputs");
}

void expect_two_walks() {
  const Matrix t = {{1}, {-2}};
  for (const Matrix& x : {Matrix{{1}, {2}}, Matrix{{0.5, 2}, {1, -1}}}) {
    const int D = x.cols();
    const LinearModel start = {.w = Matrix(D, 1, 3), .b = 0.5};
    Random mini(5), single(5), same(5), again(5);
    expect_same_walk(batch_descent(start, x, t, 0.1, D),
                     plain_walk(start, x, t, 0.1, all_samples(2, D)), "batch_descent");
    expect_same_walk(mini_batch_descent(start, x, t, 0.1, 1, D, mini),
                     plain_walk(start, x, t, 0.1, choices(2, 1, D, same)), "mini_batch_descent");
    expect_same_walk(stochastic_descent(start, x, t, 0.1, D, single),
                     plain_walk(start, x, t, 0.1, single_draws(2, D, again)), "stochastic_descent");
  }
}

TEST(LinearModel, IsRightForAllShapes) {
  points(3);
  Random random = test_random(31);
  for (const auto& [N, D] : {std::pair{1, 1},
                             {1, 5},
                             {5, 1},
                             {4, 4},
                             {7, 3},
                             {3, 7},
                             {130, 70},
                             {2100, 3},
                             {3, 2100},
                             {300, 300},
                             {70, 1100},
                             {70000, 1},
                             {1, 70000}})
    expect_linear(random_problem(random, N, D),
                  std::to_string(N) + " samples of " + std::to_string(D) + " inputs");
  may_refuse([&] { expect_linear(random_problem(random, 4, 0), "no inputs, but the bias"); });
}

TEST(LinearModel, TakesNumbersOfAnySize) {
  points(3);
  Random random = test_random(32);
  for (double size : {1e-140, 1e-9, 1e-5, 20.0, 1e4, 1e7, 1e140}) {
    const std::string what = "of size " + std::to_string(size);
    Problem p = random_problem(random, 5, 3);
    p.t = scaled(p.t, size);
    p.start = {.w = scaled(p.start.w, size), .b = size};
    expect_linear(p, "w, b and t " + what);
    p = random_problem(random, 5, 3);
    p.x = scaled(p.x, size);
    p.start.w = scaled(p.start.w, 1 / size);
    expect_linear(p, "inputs " + what);
  }
  // Residuals of 2^-20 beside outputs of 2^21: Σ y² - 2 Σ y t + Σ t² has lost them.
  const double r = std::ldexp(1, -20), far = std::ldexp(1, 20);
  const Problem near_by = {.x = {{far}, {-far}, {2 * far}},
                           .t = {{far - r}, {-far + r}, {2 * far - r}},
                           .start = {.w = {{1}}, .b = 0}};
  EXPECT_TRUE(close(linear_loss(near_by.start, near_by.x, near_by.t), r * r / 2))
      << "take the differences y - t first, then their squares";
  expect_linear(near_by, "residuals of a millionth of a millionth");
  // Numbers that are no powers of two: Σ x y and Σ x t are rounded, and so is their difference.
  Problem long_ones = {.x = Matrix(5, 2), .t = Matrix(5, 1), .start = {.w = {{1}, {1}}, .b = 0}};
  for (Scalar& v : long_ones.x.flat()) v = random.uniform(3e7, 6e7);
  for (int n = 0; n < 5; ++n)
    long_ones.t(n, 0) = long_ones.x(n, 0) + long_ones.x(n, 1) - random.uniform(1e-6, 3e-6);
  expect_linear(long_ones, "small residuals of large outputs: the differences y - t first");
}

TEST(LinearGradient, IsTheGradientOfTheLoss) {
  points(3);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(30 + salt);
    const int N = 5, D = salt == 1 ? N : 3;
    const Matrix x = random.normal_matrix(0, 1, N, D), t = random.normal_matrix(0, 1, N, 1);
    const LinearModel model = {.w = random.normal_matrix(0, 1, D, 1), .b = random.normal()};
    const LinearModel g = linear_gradient(model, x, t);
    const auto by_w = [&](const Matrix& w) { return plain_loss({w, model.b}, x, t); };
    const auto by_b = [&](const Matrix& b) { return plain_loss({model.w, b(0, 0)}, x, t); };
    EXPECT_TRUE(is_gradient("dw", by_w, model.w, g.w));
    EXPECT_TRUE(is_gradient("db", by_b, {{model.b}}, {{g.b}}));
  }
}

TEST(LinearModel, RefusesWhatDoesNotFit) {
  points(2);
  expect_two_lines();
  const Matrix x(4, 3);
  EXPECT_TRUE(accepts([&] { linear_predict(zeros(3), x); }));
  EXPECT_TRUE(accepts([&] { linear_loss(zeros(3), x, Matrix(4, 1)); }));
  EXPECT_TRUE(accepts([&] { linear_gradient(zeros(3), x, Matrix(4, 1)); }));
  EXPECT_TRUE(near(linear_predict(zeros(3), Matrix(0, 3)), Matrix(0, 1), 0)) << "no samples: no y";
  for (const auto& [N, D] : {std::pair{4, 3}, {2, 5}, {3, 3}, {1, 2}}) {
    const Matrix inputs(N, D), t(N, 1);
    for (const Matrix& w : misfits(Matrix(D, 1))) {
      const LinearModel model = {.w = w, .b = 0};
      const std::string what = "w is " + shape(w) + " for x " + shape(inputs);
      EXPECT_TRUE(refuses([&] { linear_predict(model, inputs); })) << what;
      EXPECT_TRUE(refuses([&] { linear_loss(model, inputs, t); })) << what;
      EXPECT_TRUE(refuses([&] { linear_gradient(model, inputs, t); })) << what;
    }
    const LinearModel model = zeros(static_cast<int>(D));
    for (const Matrix& bad : misfits(t)) {
      const std::string what = "t is " + shape(bad) + " for x " + shape(inputs);
      EXPECT_TRUE(refuses([&] { linear_loss(model, inputs, bad); })) << what;
      EXPECT_TRUE(refuses([&] { linear_gradient(model, inputs, bad); })) << what;
    }
    for (const Matrix& bad : misfits(inputs)) {
      const std::string what = "x is " + shape(bad) + " for " + std::to_string(D) + " weights";
      if (bad.cols() != D) {
        EXPECT_TRUE(refuses([&] { linear_predict(model, bad); })) << what;
      }
      EXPECT_TRUE(refuses([&] { linear_loss(model, bad, t); })) << what;
      EXPECT_TRUE(refuses([&] { linear_gradient(model, bad, t); })) << what;
    }
  }
  EXPECT_TRUE(refuses([] { linear_loss(zeros(3), Matrix(0, 3), Matrix(0, 1)); })) << "no samples";
  EXPECT_TRUE(refuses([] { linear_gradient(zeros(3), Matrix(0, 3), Matrix(0, 1)); }))
      << "no samples";
}

// Beside infinity it is enough that no number comes: a compensated sum has infinity minus infinity
// on its way.
void expect_spread(const Problem& p, Scalar bad, const std::string& where) {
  if (std::isnan(bad)) return expect_linear(p, where);
  const LinearModel got = linear_gradient(p.start, p.x, p.t);
  const LinearModel right = plain_gradient(p.start, p.x, p.t);
  EXPECT_TRUE(spreads(linear_predict(p.start, p.x), plain_predict(p.start, p.x), bad))
      << "y = x w + b, " << where;
  EXPECT_FALSE(linear_loss(p.start, p.x, p.t) < infinity) << "the loss, " << where;
  EXPECT_TRUE(spreads(got.w, right.w, bad)) << "∂L/∂w, " << where;
  EXPECT_TRUE(spreads({{got.b}}, {{right.b}}, bad)) << "∂L/∂b, " << where;
}

TEST(LinearModel, GivesNaNForNaN) {
  points(1);
  Random random = test_random(33);
  Problem p = {.x = with_zeros(random, 4, 3),
               .t = with_zeros(random, 4, 1),
               .start = {.w = with_zeros(random, 3, 1), .b = 0.5}};
  for (Scalar bad : not_finite) {
    const auto each_place = [&](Matrix& m, const char* name) {
      for (int i = 0; i < m.rows(); ++i)
        for (int j = 0; j < m.cols(); ++j) {
          const Scalar before = m(i, j);
          m(i, j) = bad;
          expect_spread(p, bad, std::to_string(bad) + " in " + name + ": 0 times NaN is NaN, too");
          m(i, j) = before;
        }
    };
    each_place(p.x, "x");
    each_place(p.t, "t");
    each_place(p.start.w, "w");
    p.start.b = bad;
    expect_spread(p, bad, std::to_string(bad) + " as b");
    p.start.b = 0.5;
  }
  Problem large = random_problem(random, 100, 40);
  for (Matrix* m : {&large.x, &large.t, &large.start.w})
    for (const auto& [i, j] : places(*m)) {
      const Scalar before = (*m)(i, j);
      (*m)(i, j) = nan;
      expect_linear(large, "NaN in one of 100 samples of 40 inputs");
      (*m)(i, j) = before;
    }
}

// ---- the largest curvature ----

TEST(LargestCurvature, IsNumPysLargestEigenvalue) {
  points(3);
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

// 16 samples, or 128 for many inputs, whose matrix of second derivatives has the eigenvalue 1 for the
// bias, and otherwise those given: columns at right angles to each other, turned by a random rotation.
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
  Matrix x(D < 16 ? 16 : 128, D);
  for (int n = 0; n < x.rows(); ++n)
    for (int k = 0; k < D; ++k) {  // rows of a Hadamard matrix: the bits that n and k+1 share
      const bool odd = std::popcount(static_cast<unsigned>(n & (k + 1))) % 2 == 1;
      for (int d = 0; d < D; ++d)
        x(n, d) += (odd ? -1 : 1) * std::sqrt(eigenvalues[k]) * axes[k][d];
    }
  return x;
}

TEST(LargestCurvature, HasTenDigitsWhereTheNextIsNearlyAsLarge) {
  points(3);
  EXPECT_TRUE(near(largest_curvature({{3}, {-3}}), 9, 1e-8)) << "the input's, 9";
  EXPECT_TRUE(near(largest_curvature({{0.5}, {-0.5}}), 1, 1e-9)) << "the bias's, 1";
  Random random = test_random(38);
  for (int D : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 101})
    for (double gap : {0.5, 1e-2, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-12}) {
      if (D > 15 && gap != 1e-2 && gap != 1e-6) continue;
      std::vector<double> eigenvalues(D, 1.5);
      eigenvalues[0] = 3 * (1 - gap);
      eigenvalues[D - 1] = 3;
      const double got = largest_curvature(with_curvatures(eigenvalues, random));
      EXPECT_TRUE(near(got / 3, 1, 1e-10))
          << "λmax as a multiple of the true one, for " << D
          << " inputs; the next is smaller by a factor of 1 - " << gap << ": stopped too early?";
    }
  for (int D : {1, 2, 7})  // and nothing else: the first steps hardly change anything
    for (double gap : {1e-3, 1e-5, 1e-7, 1e-8, 3e-9, 2e-9, 1e-9, 5e-10, 1e-12}) {
      std::vector<double> eigenvalues(D, 1);
      eigenvalues[D - 1] = 1 + gap;
      const double got = largest_curvature(with_curvatures(eigenvalues, random));
      EXPECT_TRUE(near(got / (1 + gap), 1, 1e-10))
          << "λmax as a multiple of the true one, 1 + " << gap << ", where all others are 1";
    }
}

TEST(LargestCurvature, NeitherOverflowsNorUnderflows) {
  points(1);
  EXPECT_TRUE(near(largest_curvature({{1e-200}, {-1e-200}, {1e-200}}), 1, 1e-10))
      << "inputs of 1e-200: the bias is left, whose curvature is 1";
  EXPECT_TRUE(near(largest_curvature({{1e150}, {-1e150}}) / 1e300, 1, 1e-10));
  EXPECT_TRUE(near(largest_curvature({{1e154}, {-1e154}, {1e154}, {-1e154}}) / 1e308, 1, 1e-10))
      << "the sum of the squares is too large for a double, their mean is not";
  EXPECT_TRUE(near(largest_curvature({{1e-120, 1e120}, {1e-120, 1e120}}) / 1e240, 1, 1e-10));
  EXPECT_TRUE(near(largest_curvature(Matrix(3, 0)), 1, 1e-10)) << "no inputs: the bias alone";
  for (const Matrix& none : {Matrix(3, 2), Matrix(1, 1), Matrix(7, 4)})
    EXPECT_TRUE(near(largest_curvature(none), 1, 1e-10)) << "inputs of 0: the bias is left";
  for (const Matrix& one : {Matrix{{3, 0}, {-3, 0}, {3, 0}, {-3, 0}}, {{0, 3}, {0, -3}}})
    EXPECT_TRUE(near(largest_curvature(one), 9, 1e-9)) << "one input of two is always 0";
  EXPECT_TRUE(near(largest_curvature(Matrix(4, 1, -1e154)) / 1e308, 1, 1e-10)) << "all negative";
  EXPECT_TRUE(near(largest_curvature({{1}, {1e154}, {1e154}}) / 1e308, 2.0 / 3, 1e-10))
      << "the first is none of the large ones";
}

// By multiplying again and again; the bias and inputs with a mean of 1 point far ahead of the rest.
double plain_curvature(const Matrix& x, int rounds = 80) {
  const int D = x.cols();
  const auto input = [&](int n, int d) { return d == D ? 1 : double{x(n, d)}; };
  std::vector<double> v(D + 1, 1), along(x.rows());
  double size = 0;
  for (int i = 0; i < rounds; ++i) {
    for (int n = 0; n < x.rows(); ++n) {
      along[n] = 0;
      for (int d = 0; d <= D; ++d) along[n] += input(n, d) * v[d];
    }
    size = 0;
    for (int d = 0; d <= D; ++d) {
      v[d] = 0;
      for (int n = 0; n < x.rows(); ++n) v[d] += input(n, d) * along[n] / x.rows();
      size = std::hypot(size, v[d]);
    }
    for (double& value : v) value /= size;
  }
  return size;
}

// Has a symmetric m only positive eigenvalues? Then it is l l^T with a lower triangle l.
bool is_positive(const std::vector<std::vector<double>>& m) {
  const std::size_t size = m.size();
  std::vector<std::vector<double>> l(size, std::vector<double>(size));
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = m[i][j];
      for (std::size_t k = 0; k < j; ++k) rest -= l[i][k] * l[j][k];
      if (i == j && !(rest > 0)) return false;
      l[i][j] = i == j ? std::sqrt(rest) : rest / l[j][j];
    }
  return true;
}

// λmax is where s I - h begins to have only positive eigenvalues: found by halving, to as many digits
// whatever the other eigenvalues are.
double curvature_by_halving(const Matrix& x) {
  const int D = x.cols();
  const auto input = [&](int n, int d) { return d == D ? 1 : double{x(n, d)}; };
  std::vector<std::vector<double>> h(D + 1, std::vector<double>(D + 1));
  double low = 0, high = 0;
  for (int i = 0; i <= D; ++i) {
    for (int j = 0; j <= D; ++j) {
      for (int n = 0; n < x.rows(); ++n) h[i][j] += input(n, i) * input(n, j);
      h[i][j] /= x.rows();
    }
    high += h[i][i];  // the sum of all eigenvalues
  }
  high *= 1.001;
  for (int halvings = 0; halvings < 44; ++halvings) {
    const double s = (low + high) / 2;
    std::vector<std::vector<double>> m = h;
    for (int i = 0; i <= D; ++i)
      for (int j = 0; j <= D; ++j) m[i][j] = (i == j ? s : 0) - h[i][j];
    (is_positive(m) ? high : low) = s;
  }
  return (low + high) / 2;
}

// Without a mean nothing points ahead: every direction is curved, many of them nearly as much.
TEST(LargestCurvature, IsRightWhereAllDirectionsAreCurvedAlike) {
  points(1);
  Random random = test_random(60);
  for (const auto& [N, D] : {std::pair{4, 2}, {10, 10}, {60, 20}, {20, 40}, {40, 40}, {80, 80}}) {
    const Matrix x = random.normal_matrix(0, 1, N, D);
    EXPECT_TRUE(close(largest_curvature(x), curvature_by_halving(x), 1e-10))
        << "x is " << shape(x) << ", with a mean of 0";
  }
}

TEST(LargestCurvature, IsRightForManySamplesAndInputs) {
  points(3);
  Random random = test_random(37);
  for (const auto& [N, D] :
       {std::pair{1, 1}, {3, 3}, {2100, 2}, {2, 70}, {70, 66}, {300, 12}, {1, 4}, {60000, 1}})
    for (double mean : {2.0, -1.5}) {
      const Matrix x = random.normal_matrix(mean, 0.3, N, D);
      EXPECT_TRUE(close(largest_curvature(x), plain_curvature(x), 1e-10)) << "x is " << shape(x);
    }
}

TEST(LargestCurvature, RefusesNaNInfinityAndNoSamples) {
  points(1);
  EXPECT_TRUE(near(largest_curvature({{3}, {-3}}), 9, 1e-8)) << "the input's, 9";
  EXPECT_TRUE(near(largest_curvature({{0.5}, {-0.5}}), 1, 1e-9)) << "the bias's, 1";
  EXPECT_TRUE(accepts([] { largest_curvature(Matrix(3, 2)); }));
  EXPECT_TRUE(refuses([] { largest_curvature(Matrix(0, 2)); })) << "no samples";
  for (Scalar bad : {nan, infinity, -infinity})
    for (int n = 0; n < 4; ++n)
      for (int d = 0; d < 3; ++d)
        EXPECT_TRUE(refuses([&] {
          largest_curvature(with(Matrix(4, 3), {n, d}, bad));
        })) << bad
            << " in x at (" << n << "," << d << ")";
  EXPECT_TRUE(refuses([] { largest_curvature(Matrix()); })) << "no samples";
  const Matrix wide(2000, 40);
  for (Scalar bad : not_finite)
    for_each_place(wide, [&](int n, int d) {
      EXPECT_TRUE(refuses([&] { largest_curvature(with(wide, n, d, bad)); }))
          << bad << " in x at (" << n << "," << d << ") of " << shape(wide);
    });
}

TEST(LargestCurvature, DecidesWhetherBatchDescentConverges) {
  points(2);
  const Matrix x = test_random(39).normal_matrix(1, 2, 30, 2);
  Matrix t(30, 1);
  const LinearModel start = {.w = {{1}, {2}}, .b = 3};
  const double largest = plain_curvature(x, 5000);
  EXPECT_TRUE(close(largest_curvature(x), largest, 1e-9));
  const double ceiling = 2 / largest;
  const Descent below = batch_descent(start, x, t, 0.99 * ceiling, 400);
  const Descent above = batch_descent(start, x, t, 1.01 * ceiling, 1500);
  ASSERT_EQ(below.path.size(), 401u);
  ASSERT_EQ(above.path.size(), 1501u) << "it must go on also where the loss grows";
  const double first = plain_loss(start, x, t);
  EXPECT_LT(plain_loss(below.path.back(), x, t), first) << "1 % below 2/λmax";
  EXPECT_GT(plain_loss(above.path.back(), x, t), first) << "1 % above 2/λmax";
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
  for (const auto& [rows, cols] : {std::pair{900, 301}, {1, 6000}, {6000, 1}, {256, 256}}) {
    const Matrix from = random.normal_matrix(0, 1, rows, cols);
    const Matrix dw = random.normal_matrix(0, 1, rows, cols);
    Matrix w = from, expected = from;
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j) expected(i, j) = from(i, j) - 0.3 * dw(i, j);
    const Matrix kept = dw;
    descend(w, dw, 0.3);
    EXPECT_TRUE(near(w, expected, 1e-14)) << shape(w);
    EXPECT_TRUE(near(dw, kept, 0)) << "dw must not change";
  }
}

TEST(Descend, TakesGradientsAndRatesOfAnySize) {
  points(2);
  Random random = test_random(49);
  for (double size : {1e-310, 1e-200, 1e-9, 0.1, 1.0, 30.0, 1e5, 1e100})
    for (Scalar rate : {1e-12, 0.5, 3.0, -2.0, 1e3, 1e8}) {
      const Matrix dw = scaled(random.normal_matrix(0, 1, 3, 4), size);
      Matrix w = scaled(dw, 0.25), expected = w;
      for (int i = 0; i < 12; ++i) expected.flat()[i] -= rate * dw.flat()[i];
      descend(w, dw, rate);
      EXPECT_TRUE(close(w, expected, 1e-14)) << "gradients of " << size << ", a rate of " << rate
                                             << ": nothing is cut off or left out";
    }
  Matrix w = {{1, -1}};
  for (int call = 1; call <= 60; ++call) {
    descend(w, {{-0.5, 0.25}}, 0.5);
    EXPECT_TRUE(near(w, {{1 + call / 4.0, -1 - call / 8.0}}, 0)) << "call " << call;
  }
}

TEST(Descend, RefusesAnotherShapeAndNothingElse) {
  points(2);
  const Matrix w = {{1, 2, 3}, {4, 5, 6}};
  for (const Matrix& from : {w, turned(w), Matrix(3, 3, 1), Matrix(1, 1, 2), Matrix(2, 0)})
    for (const Matrix& dw : misfits(from)) {
      Matrix same = from;
      for (Scalar rate : {Scalar{0.1}, Scalar{0}, Scalar{-1}, Scalar{100}, nan})
        EXPECT_TRUE(refuses([&] { descend(same, dw, rate); })) << "dw is " << shape(dw);
      EXPECT_TRUE(near(same, from, 0)) << "refuse before w changes; dw is " << shape(dw);
    }
  for (Scalar bad : not_finite)
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 3; ++j) {
        const Matrix from = with(w, {i, j}, bad), dw = with(w, {i, j}, bad);
        Matrix moved = from, by = w, expected = from;
        descend(moved, w, 0.5);
        for (int n = 0; n < 6; ++n) expected.flat()[n] -= 0.5 * w.flat()[n];
        EXPECT_TRUE(close(moved, expected, 1e-14)) << bad << " in w stays";
        descend(by, dw, 0.5);
        expected = w;
        for (int n = 0; n < 6; ++n) expected.flat()[n] -= 0.5 * dw.flat()[n];
        EXPECT_TRUE(close(by, expected, 1e-14)) << bad << " in dw goes into w";
      }
  const Matrix no_gradient(2, 3);
  for (Scalar bad : not_finite) {  // 0 times it is NaN, on either side
    Matrix by_no_rate = w, by_no_gradient = w, everywhere = w;
    descend(by_no_rate, with(w, 1, 1, bad), 0);
    EXPECT_TRUE(close(by_no_rate, with(w, 1, 1, nan), 0)) << bad << " in dw, a rate of 0";
    descend(by_no_gradient, no_gradient, bad);
    EXPECT_TRUE(close(by_no_gradient, Matrix(2, 3, nan), 0)) << "no gradient, a rate of " << bad;
    descend(everywhere, w, bad);
    EXPECT_TRUE(close(everywhere, Matrix(2, 3, -bad), 0)) << "a rate of " << bad;
  }
  Matrix over = {{1e308, -1e308}};
  descend(over, {{-1e308, 1e308}}, 10);
  EXPECT_TRUE(close(over, {{infinity, -infinity}}, 0)) << "a step that overflows is taken";
  Matrix up = w;
  EXPECT_TRUE(accepts([&] { descend(up, {{1, 1, 1}, {1, 1, 1}}, -1); }));
  EXPECT_TRUE(near(up, {{2, 3, 4}, {5, 6, 7}}, 1e-14)) << "a negative rate climbs";
  Matrix far = w;
  EXPECT_TRUE(accepts([&] { descend(far, {{nan, infinity, 0}, {0, 0, -infinity}}, 1); }));
  EXPECT_TRUE(std::isnan(far(0, 0))) << "NaN is taken over, so that it is seen";
  Matrix gone = {{infinity, -infinity}};
  descend(gone, {{nan, -infinity}}, 1);
  EXPECT_TRUE(std::isnan(gone(0, 0)) && std::isnan(gone(0, 1))) << "also where w is infinite";
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
  points(4);
  using namespace golden;
  const char* advice = "Every step takes all samples";
  expect_walk(batch_descent(zeros(1), matrix(1, descent_x_1), matrix(1, descent_t_1), 0.2, 100), 1,
              descent_batch_1_0, descent_batch_loss_1_0, advice);
  expect_walk(batch_descent(zeros(3), matrix(3, descent_x_3), matrix(1, descent_t_3), 0.1, 100), 3,
              descent_batch_3_0, descent_batch_loss_3_0, advice);
}

TEST(BatchDescent, RecordsTheStartAndTheLossBeforeEachStep) {
  points(4);
  expect_two_walks();
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

TEST(BatchDescent, IsRightForAllShapesAndRates) {
  points(3);
  Random random = test_random(51);
  struct Walk {
    int N, D, steps;
    Scalar rate;
  };
  for (const auto [N, D, steps, rate] : {Walk{4, 4, 20, 0.05},
                                         {3, 5, 20, 0.1},
                                         {1, 1, 3500, 1e-4},
                                         {2100, 3, 3, 0.1},
                                         {70, 300, 3, 1e-3},
                                         {2, 1100, 3, 1e-4},
                                         {1, 3, 4, 0.1},
                                         {70000, 1, 2, 0.1},
                                         {2, 70000, 1, 1e-6},
                                         {6, 2, 30, 2},
                                         {6, 2, 5, 100},
                                         {6, 2, 4, 5e4},
                                         {12, 2, 300, 0.01},
                                         {5, 3, 10, 1e-9}}) {
    const Problem p = random_problem(random, N, D);
    expect_same_walk(batch_descent(p.start, p.x, p.t, rate, steps),
                     plain_walk(p.start, p.x, p.t, rate, all_samples(N, steps)),
                     "batch_descent, x " + shape(p.x) + ", rate " + std::to_string(rate));
  }
  const auto expect_all = [&](const Problem& p, const std::string& what, int salt = 58) {
    expect_same_walk(batch_descent(p.start, p.x, p.t, 0.1, 5),
                     plain_walk(p.start, p.x, p.t, 0.1, all_samples(5, 5)), "batch, " + what);
    Random one = test_random(salt), two = one, mini = one, single = one;
    expect_same_walk(mini_batch_descent(p.start, p.x, p.t, 0.1, 2, 5, mini),
                     plain_walk(p.start, p.x, p.t, 0.1, choices(5, 2, 5, one)), "mini, " + what);
    expect_same_walk(stochastic_descent(p.start, p.x, p.t, 0.1, 5, single),
                     plain_walk(p.start, p.x, p.t, 0.1, single_draws(5, 5, two)),
                     "stochastic, " + what);
  };
  // A loss of 0 is that of a batch, not of all samples: the last one is still wrong.
  for (int salt = 53; salt < 58; ++salt)
    expect_all({.x = {{0}, {1}, {3}, {2}, {4}},
                .t = {{-1}, {1}, {5}, {3}, {8}},
                .start = {.w = {{2}}, .b = -1}},
               "four of five samples fit from the start", salt);
  for (double size : {1e-100, 1e-14, 1e-9, 1e-4, 30.0, 1e5}) {
    Problem p = random_problem(random, 5, 2);
    p.t = scaled(p.t, size);
    p.start = {.w = scaled(p.start.w, size), .b = -size};
    expect_all(p, "w, b and t of size " + std::to_string(size));
    p = random_problem(random, 5, 2);
    p.x = scaled(p.x, std::min(size, 1.0));
    p.start.w = scaled(p.start.w, 1 / size);
    expect_all(p, "inputs of size " + std::to_string(size));
  }
}

TEST(BatchDescent, GoesOnWhereItDiverges) {
  points(1);
  expect_two_walks();
  const Descent far = batch_descent({.w = {{1}}, .b = 0}, {{1}, {2}}, {{0}, {0}}, 1e3, 400);
  EXPECT_EQ(far.path.size(), 401u);
  ASSERT_EQ(far.loss.size(), 400u);
  EXPECT_TRUE(std::isnan(far.loss.back())) << "a rate a thousand times too high";
  EXPECT_TRUE(std::isnan(far.path.back().w.flat()[0])) << "w goes on to infinity and NaN";
  EXPECT_TRUE(std::isnan(far.path.back().b)) << "b goes on to infinity and NaN";
  Random one(6), two(6), same(6), again(6);  // as far as numbers reach, to 1e190
  const LinearModel from = {.w = {{1}}, .b = 0};
  const Matrix x = {{1}, {2}}, t = {{0}, {0}};
  expect_same_walk(batch_descent(from, x, t, 3, 100),
                   plain_walk(from, x, t, 3, all_samples(2, 100)), "batch_descent");
  expect_same_walk(mini_batch_descent(from, x, t, 3, 2, 100, one),
                   plain_walk(from, x, t, 3, choices(2, 2, 100, same)), "mini_batch_descent");
  expect_same_walk(stochastic_descent(from, x, t, 3, 100, two),
                   plain_walk(from, x, t, 3, single_draws(2, 100, again)), "stochastic_descent");
  Random mini_draws = test_random(52), single = test_random(52);
  const LinearModel start = {.w = {{1}}, .b = 0};
  const Descent mini = mini_batch_descent(start, {{1}, {2}}, {{0}, {0}}, 1e3, 1, 400, mini_draws);
  const Descent walk = stochastic_descent(start, {{1}, {2}}, {{0}, {0}}, 1e3, 400, single);
  for (const Descent& d : {mini, walk}) {
    EXPECT_EQ(d.path.size(), 401u);
    ASSERT_EQ(d.loss.size(), 400u);
    EXPECT_TRUE(std::isnan(d.loss.back())) << "the loss goes on to infinity and NaN";
    EXPECT_TRUE(std::isnan(d.path.back().w.flat()[0])) << "w goes on to infinity and NaN";
    EXPECT_TRUE(std::isnan(d.path.back().b)) << "b goes on to infinity and NaN";
  }
  Random mini_same = test_random(52), single_same = test_random(52);
  choices(2, 1, 400, mini_same), single_draws(2, 400, single_same);
  EXPECT_EQ(next_numbers(mini_draws), next_numbers(mini_same)) << "NaN is no reason not to draw";
  EXPECT_EQ(next_numbers(single), next_numbers(single_same)) << "NaN is no reason not to draw";
}

TEST(MiniBatchDescent, WalksAsTheNotebook) {
  points(4);
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
  points(1);
  expect_two_walks();
  Random random = test_random(40), draws = test_random(41);
  const Problem p = random_problem(random, 9, 2);
  expect_same_walk(mini_batch_descent(p.start, p.x, p.t, 0.1, 9, 20, draws),
                   plain_walk(p.start, p.x, p.t, 0.1, all_samples(9, 20)),
                   "mini_batch_descent with batches of all samples", 1e-12);
}

TEST(MiniBatchDescent, DrawsByChoiceForEverySize) {
  points(3);
  Random data = test_random(45);
  struct Walk {
    int N, D, size, steps;
    Scalar rate;
  };
  for (const auto [N, D, size, steps, rate] : {Walk{6, 2, 1, 4, 0.1},
                                               {6, 2, 2, 4, 0.1},
                                               {6, 2, 6, 4, 0.1},
                                               {4, 4, 3, 5, 1.5},
                                               {1, 3, 1, 5, 0.1},
                                               {2100, 2, 1100, 3, 0.1},
                                               {300, 70, 20, 5, 1e-3},
                                               {3, 1100, 2, 3, 1e-4},
                                               {12, 2, 3, 300, 0.01},
                                               {12, 2, 3, 4, 50},
                                               {70000, 1, 5000, 2, 0.1},
                                               {9, 1, 4, 3500, 1e-3}}) {
    const Problem p = random_problem(data, N, D);
    Random random = test_random(46), same = test_random(46);
    EXPECT_EQ(random.normal(), same.normal());  // keeps the other half of a pair
    const std::string which = "batches of " + std::to_string(size) + " of " + std::to_string(N);
    const Descent d = mini_batch_descent(p.start, p.x, p.t, rate, size, steps, random);
    expect_same_walk(d, plain_walk(p.start, p.x, p.t, rate, choices(N, size, steps, same)), which);
    EXPECT_EQ(next_numbers(random), next_numbers(same))
        << which << ": one choice a step from `random` itself, also for 1 and for all samples";
  }
}

TEST(StochasticDescent, DrawsOneOfAnyNumberOfSamples) {
  points(3);
  Random data = test_random(53);
  struct Walk {
    int N, D, steps;
    Scalar rate;
  };
  for (const auto [N, D, steps, rate] : {Walk{4, 4, 20, 0.05},
                                         {1, 2, 5, 0.1},
                                         {2100, 3, 40, 0.05},
                                         {3, 300, 5, 1e-3},
                                         {3, 1100, 3, 1e-4},
                                         {70000, 1, 3, 0.1},
                                         {7, 1, 3500, 1e-3},
                                         {12, 2, 300, 0.01},
                                         {12, 2, 4, 50},
                                         {5, 2, 6, 3}}) {
    const Problem p = random_problem(data, N, D);
    Random random = test_random(54), same = test_random(54);
    EXPECT_EQ(random.normal(), same.normal());  // keeps the other half of a pair
    const std::string which = "stochastic_descent over " + std::to_string(N) + " samples";
    const Descent d = stochastic_descent(p.start, p.x, p.t, rate, steps, random);
    expect_same_walk(d, plain_walk(p.start, p.x, p.t, rate, single_draws(N, steps, same)), which);
    EXPECT_EQ(next_numbers(random), next_numbers(same))
        << which << ": one number a step from `random` itself, and nothing else";
  }
}

TEST(StochasticDescent, WalksAsTheNotebook) {
  points(4);
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

TEST(Descent, GoesOnWhereItStopped) {
  points(2);
  Random data = test_random(42);
  const Problem p = random_problem(data, 10, 2);
  Random random = test_random(43), same = test_random(43);
  LinearModel at = p.start;
  for (int steps : {5, 0, 7, 1}) {  // each from where the one before ended, with its generator
    const std::string what = std::to_string(steps) + " steps more";
    const Descent whole = batch_descent(at, p.x, p.t, 0.1, steps);
    expect_same_walk(whole, plain_walk(at, p.x, p.t, 0.1, all_samples(10, steps)),
                     "batch_descent, " + what);
    const Descent mini = mini_batch_descent(at, p.x, p.t, 0.1, 3, steps, random);
    const Descent by_choice = plain_walk(at, p.x, p.t, 0.1, choices(10, 3, steps, same));
    expect_same_walk(mini, by_choice, "mini_batch_descent, " + what);
    EXPECT_EQ(next_numbers(random), next_numbers(same)) << "mini_batch_descent, " << what;
    const Descent walk = stochastic_descent(at, p.x, p.t, 0.1, steps, random);
    expect_same_walk(walk, plain_walk(at, p.x, p.t, 0.1, single_draws(10, steps, same)),
                     "stochastic_descent, " + what);
    EXPECT_EQ(next_numbers(random), next_numbers(same)) << "stochastic_descent, " << what;
    at = by_choice.path.back();
    random = same;
  }
}

void expect_kept(const Problem& p, const Problem& kept, const std::string& what) {
  EXPECT_TRUE(near(p.x, kept.x, 0)) << "x must not change, " << what;
  EXPECT_TRUE(near(p.t, kept.t, 0)) << "t must not change, " << what;
  EXPECT_TRUE(near(p.start.w, kept.start.w, 0)) << "the model must not change, " << what;
  EXPECT_TRUE(near(p.start.b, kept.start.b, 0)) << "the model must not change, " << what;
}

// Two problems in turn, many times.
TEST(Descent, AnswersAlwaysTheSameAndLeavesItsArguments) {
  points(2);
  Random data = test_random(55);
  const Problem problems[] = {random_problem(data, 5, 2), random_problem(data, 3, 3)};
  const Matrix curved[] = {data.normal_matrix(2, 0.3, 4, 2), data.normal_matrix(-2, 0.3, 3, 3)};
  const std::vector<Matrix> kept_curved = {curved[0], curved[1]};
  for (int call = 0; call < 120; ++call) {
    const Problem &p = problems[call % 2], kept = p;
    const int N = p.x.rows();
    const std::string what = "call " + std::to_string(call + 1);
    expect_linear(p, what);
    const Matrix& x = curved[call % 2];
    EXPECT_TRUE(close(largest_curvature(x), plain_curvature(x), 1e-10)) << what;
    EXPECT_TRUE(near(x, kept_curved[call % 2], 0)) << "x must not change, " << what;
    expect_same_walk(batch_descent(p.start, p.x, p.t, 0.1, 2),
                     plain_walk(p.start, p.x, p.t, 0.1, all_samples(N, 2)), what, 1e-11);
    Random random = test_random(call), same = test_random(call);
    expect_same_walk(mini_batch_descent(p.start, p.x, p.t, 0.1, 2, 2, random),
                     plain_walk(p.start, p.x, p.t, 0.1, choices(N, 2, 2, same)), what, 1e-11);
    random = same;
    expect_same_walk(stochastic_descent(p.start, p.x, p.t, 0.1, 2, random),
                     plain_walk(p.start, p.x, p.t, 0.1, single_draws(N, 2, same)), what, 1e-11);
    expect_kept(p, kept, what);
  }
}

// Do all three refuse these arguments?
void expect_all_refuse(const LinearModel& start, const Matrix& x, const Matrix& t, int steps,
                       const std::string& why) {
  Random random(0);
  static const std::vector<double> untouched = next_numbers(random);
  EXPECT_TRUE(refuses([&] { batch_descent(start, x, t, 0.1, steps); })) << "batch: " << why;
  EXPECT_TRUE(refuses([&] { mini_batch_descent(start, x, t, 0.1, 1, steps, random); }))
      << "mini-batch: " << why;
  EXPECT_TRUE(refuses([&] { stochastic_descent(start, x, t, 0.1, steps, random); }))
      << "stochastic: " << why;
  EXPECT_EQ(next_numbers(random), untouched) << "refuse before anything is drawn: " << why;
}

// And do all three accept these?
void expect_all_accept(const LinearModel& start, const Matrix& x, const Matrix& t, int steps) {
  Random random(0);
  EXPECT_TRUE(accepts([&] { batch_descent(start, x, t, 0.1, steps); }));
  EXPECT_TRUE(accepts([&] { mini_batch_descent(start, x, t, 0.1, 1, steps, random); }));
  EXPECT_TRUE(accepts([&] { mini_batch_descent(start, x, t, 0.1, x.rows(), steps, random); }));
  EXPECT_TRUE(accepts([&] { stochastic_descent(start, x, t, 0.1, steps, random); }));
}

// All three take these arguments, and without a step they stay at the start.
void expect_all_stay(const LinearModel& start, const Matrix& x, const Matrix& t, Scalar rate,
                     const std::string& what) {
  const Descent expected = {.path = {start}, .loss = {}};
  Random random(0);
  expect_same_walk(batch_descent(start, x, t, rate, 0), expected, "batch: " + what);
  expect_same_walk(mini_batch_descent(start, x, t, rate, 1, 0, random), expected,
                   "mini-batch: " + what);
  expect_same_walk(stochastic_descent(start, x, t, rate, 0, random), expected,
                   "stochastic: " + what);
}

TEST(Descent, RefusesWhatDoesNotFit) {
  points(2);
  expect_two_walks();
  for (const auto& [N, D] : {std::pair{4, 3}, {2, 5}, {3, 3}}) {
    const Matrix x(N, D), t(N, 1);
    const LinearModel start = zeros(static_cast<int>(D));
    expect_all_accept(start, x, t, 2);
    for (int steps : {0, 300}) {
      for (const Matrix& w : misfits(start.w))
        expect_all_refuse({.w = w, .b = 0}, x, t, steps, "w is " + shape(w));
      for (const Matrix& other : misfits(t))
        expect_all_refuse(start, x, other, steps, "t is " + shape(other));
      for (const Matrix& other : misfits(x))
        expect_all_refuse(start, other, t, steps, "x is " + shape(other));
      expect_all_refuse(start, Matrix(0, D), Matrix(0, 1), steps, "no samples");
    }
    expect_all_refuse(start, x, t, -1, "-1 steps");
    expect_all_refuse(start, x, t, -1000, "-1000 steps");
    for (int steps : {0, 300})
      for (int size : {0, -1, -1000, static_cast<int>(N) + 1, 1000}) {
        Random random(0), untouched(0);
        EXPECT_TRUE(refuses([&] { mini_batch_descent(start, x, t, 0.1, size, steps, random); }))
            << "batches of " << size << " of " << N << " samples";
        EXPECT_EQ(next_numbers(random), next_numbers(untouched)) << "refuse before it is drawn";
      }
  }
}

TEST(Descent, RefusesNaNAndInfinity) {
  points(2);
  expect_two_walks();
  const double infinity = std::numeric_limits<double>::infinity();
  expect_all_accept(zeros(3), Matrix(4, 3), Matrix(4, 1), 2);
  for (double bad : {std::nan(""), infinity, -infinity})
    for (int steps : {0, 300})
      for (int n = 0; n < 4; ++n) {
        for (int d = 0; d < 3; ++d)
          expect_all_refuse(zeros(3), with(Matrix(4, 3), {n, d}, bad), Matrix(4, 1), steps,
                            "NaN or infinity in x");
        expect_all_refuse(zeros(3), Matrix(4, 3), with(Matrix(4, 1), {n, 0}, bad), steps,
                          "NaN or infinity in t");
      }
  const Matrix x(300, 40), t(300, 1);
  for (double bad : not_finite) {
    for_each_place(x, [&](int n, int d) {
      expect_all_refuse(zeros(40), with(x, n, d, bad), t, 0, "NaN or infinity in a large x");
    });
    for (int n : {0, 150, 299})
      expect_all_refuse(zeros(40), x, with(t, n, 0, bad), 0, "NaN or infinity in a long t");
    for (int d : {0, 20, 39})
      expect_all_refuse({.w = with(Matrix(40, 1), d, 0, bad), .b = 0}, x, t, 0,
                        "NaN or infinity in many weights");
  }
  const Scalar largest = std::numeric_limits<Scalar>::max();
  for (Scalar limit : {largest, -largest}) {
    const std::string finite = ": the largest numbers are finite, too";
    const Matrix values = {{limit}, {0}};
    const LinearModel none = zeros(1);
    expect_all_stay(none, values, Matrix(2, 1), 0.1, "x" + finite);
    expect_all_stay(none, Matrix(2, 1), values, 0.1, "t" + finite);
    expect_all_stay({.w = {{limit}}, .b = 0}, Matrix(2, 1), Matrix(2, 1), 0.1, "w" + finite);
    expect_all_stay({.w = {{0}}, .b = limit}, Matrix(2, 1), Matrix(2, 1), 0.1, "b" + finite);
  }
  expect_all_stay(zeros(1), Matrix(2, 1), Matrix(2, 1), largest, "the largest rate is finite");
  const Matrix huge = {{1e308, 1e308}, {-1e308, 1e308}};
  expect_all_accept(zeros(2), huge, Matrix(2, 1), 2);  // finite, though their sum is not
  expect_all_accept({.w = Matrix(2, 1, 1e308), .b = 1e308}, huge, Matrix(2, 1, 1e308), 0);
}

TEST(Descent, RefusesRatesAndStartsThatAreNone) {
  points(2);
  expect_two_walks();
  const Matrix x(4, 2), t(4, 1);
  for (int steps : {0, 300}) {
    for (Scalar rate : {nan, infinity, -infinity, -0.1, -1e-12, -1e-17, -1e-300}) {
      const std::string why = "a learning rate of " + std::to_string(rate);
      Random random(0), untouched(0);
      EXPECT_TRUE(refuses([&] { batch_descent(zeros(2), x, t, rate, steps); })) << why;
      EXPECT_TRUE(refuses([&] { mini_batch_descent(zeros(2), x, t, rate, 2, steps, random); }))
          << why;
      EXPECT_TRUE(refuses([&] { stochastic_descent(zeros(2), x, t, rate, steps, random); })) << why;
      EXPECT_EQ(next_numbers(random), next_numbers(untouched)) << "refuse before it is drawn";
    }
    for (Scalar bad : {nan, infinity, -infinity}) {
      for (int d : {0, 1})
        expect_all_refuse({.w = with(Matrix(2, 1), {d, 0}, bad), .b = 0}, x, t, steps,
                          "NaN or infinity in w");
      expect_all_refuse({.w = Matrix(2, 1), .b = bad}, x, t, steps, "NaN or infinity as b");
    }
  }
  const LinearModel start = {.w = {{2}}, .b = -1};
  Random mini(0), single(0), same(0);
  for (Scalar rate : {-0.0, 1e-310}) {
    const char* hardly = "hardly a step";
    expect_same_walk(batch_descent(start, two_x, two_t, rate, 3),
                     plain_walk(start, two_x, two_t, rate, all_samples(2, 3)), hardly);
    mini = same;
    expect_same_walk(mini_batch_descent(start, two_x, two_t, rate, 2, 3, mini),
                     plain_walk(start, two_x, two_t, rate, choices(2, 2, 3, same)), hardly);
    single = same;
    expect_same_walk(stochastic_descent(start, two_x, two_t, rate, 3, single),
                     plain_walk(start, two_x, two_t, rate, single_draws(2, 3, same)), hardly);
  }
  mini = single = same = Random(0);
  const char* still = "a rate of 0 is allowed and moves nothing, but draws and records";
  expect_same_walk(batch_descent(start, two_x, two_t, 0, 3),
                   plain_walk(start, two_x, two_t, 0, all_samples(2, 3)), still);
  expect_same_walk(mini_batch_descent(start, two_x, two_t, 0, 1, 3, mini),
                   plain_walk(start, two_x, two_t, 0, choices(2, 1, 3, same)), still);
  EXPECT_EQ(next_numbers(mini), next_numbers(same)) << still;
  same = Random(0);
  expect_same_walk(stochastic_descent(start, two_x, two_t, 0, 3, single),
                   plain_walk(start, two_x, two_t, 0, single_draws(2, 3, same)), still);
  EXPECT_EQ(next_numbers(single), next_numbers(same)) << still;
}

// ---- epochs ----

TEST(IterationsPerEpoch, HasTheNumbersOfTheNotes) {
  points(2);
  EXPECT_EQ(iterations_per_epoch(3000, 300), 10);
  EXPECT_EQ(iterations_per_epoch(32000, 32), 1000);
  EXPECT_EQ(iterations_per_epoch(100, 20), 5);
  for (int samples = 0; samples < 1100; samples += 1 + samples / 40)
    for (int size : {1, 2, 3, 7, 10, 64, 100, 1000, 1200}) {
      int count = 0;
      for (int left = samples; left > 0; left -= size) ++count;
      EXPECT_EQ(iterations_per_epoch(samples, size), count) << samples << " in batches of " << size;
    }
  for (int size = 1; size <= 200; ++size)  // a reciprocal of the size would be rounded
    for (int count = 1; count <= 20; ++count)
      ASSERT_EQ(iterations_per_epoch(count * size, size), count)
          << count << " whole batches of " << size;
}

TEST(IterationsPerEpoch, CountsALastShortBatch) {
  points(2);
  EXPECT_EQ(iterations_per_epoch(100, 30), 4) << "30 + 30 + 30 + 10";
  EXPECT_EQ(iterations_per_epoch(101, 20), 6) << "the last batch is a single sample";
  EXPECT_EQ(iterations_per_epoch(99, 20), 5);
  EXPECT_EQ(iterations_per_epoch(7, 20), 1) << "fewer samples than a batch holds";
  EXPECT_EQ(iterations_per_epoch(7, 1), 7);
  EXPECT_EQ(iterations_per_epoch(0, 20), 0) << "nothing to do";
  EXPECT_EQ(iterations_per_epoch(10, std::numeric_limits<int>::max()), 1) << "an overflow?";
  EXPECT_EQ(iterations_per_epoch(16777217, 1), 16777217) << "whole numbers are exact";
  const int most = std::numeric_limits<int>::max();
  EXPECT_EQ(iterations_per_epoch(most, 1), most);
  EXPECT_EQ(iterations_per_epoch(most, 2), most / 2 + 1) << "the last is a single sample";
  EXPECT_EQ(iterations_per_epoch(most, most), 1);
  EXPECT_TRUE(refuses([] { iterations_per_epoch(10, 0); })) << "batches of 0";
  EXPECT_TRUE(refuses([] { iterations_per_epoch(10, -2); })) << "batches of -2";
  EXPECT_TRUE(refuses([] { iterations_per_epoch(-1, 2); })) << "-1 samples";
  for (int size : {1, 2, 64, 1000}) {
    EXPECT_TRUE(refuses([=] { iterations_per_epoch(-1, size); })) << "-1 samples";
    EXPECT_TRUE(refuses([=] { iterations_per_epoch(-1000, size); })) << "-1000 samples";
    EXPECT_TRUE(refuses([=] { iterations_per_epoch(size, 0); })) << "batches of 0";
    EXPECT_TRUE(refuses([=] { iterations_per_epoch(size, -1); })) << "batches of -1";
  }
  EXPECT_TRUE(refuses([] { iterations_per_epoch(0, 0); })) << "batches of 0, no samples";
  EXPECT_TRUE(refuses([] { iterations_per_epoch(0, -1); })) << "batches of -1, no samples";
}

TEST(EpochBatches, AreNumPysPermutationInPieces) {
  points(3);
  for (const auto& [seed, order] :
       {std::pair{0u, golden::epoch_order_0}, {7u, golden::epoch_order_7}}) {
    Random random(seed), same(seed);
    const auto batches = epoch_batches(11, 4, random);
    ASSERT_EQ(batches.size(), 3u) << "4 + 4 + 3";
    EXPECT_EQ(batches[0], std::vector<int>(order.begin(), order.begin() + 4));
    EXPECT_EQ(batches[1], std::vector<int>(order.begin() + 4, order.begin() + 8));
    EXPECT_EQ(batches[2], std::vector<int>(order.begin() + 8, order.end()))
        << "the last batch is shorter";
    same.permutation(11);
    EXPECT_EQ(next_numbers(random), next_numbers(same)) << "one permutation and nothing else";
  }
}

TEST(EpochBatches, HoldEverySampleOnce) {
  points(3);
  Random random = test_random(44), same = test_random(44);
  EXPECT_EQ(random.normal(), same.normal());  // keeps the other half of a pair
  for (const auto& [samples, size] : {std::pair{100, 20},
                                      {100, 20},
                                      {100, 30},
                                      {5, 8},
                                      {6, 1},
                                      {1, 1},
                                      {9, 3},
                                      {3001, 7},
                                      {3000, 1},
                                      {2500, 1100},
                                      {60000, 100},
                                      {140000, 64},
                                      {11, 2},
                                      {13, 3},
                                      {31, 5},
                                      {129, 128},
                                      {60001, 100},
                                      {0, 4},
                                      {5, std::numeric_limits<int>::max()},
                                      {7, 2}}) {
    const std::string what = std::to_string(samples) + " in batches of " + std::to_string(size);
    const auto batches = epoch_batches(samples, size, random);
    const std::vector<int> order = same.permutation(samples);
    std::vector<std::vector<int>> expected;
    for (int n = 0; n < samples; ++n) {
      if (n % size == 0) expected.emplace_back();
      expected.back().push_back(order[n]);
    }
    EXPECT_TRUE(batches == expected) << what << ": a permutation in pieces, the next epoch's anew";
    EXPECT_EQ(next_numbers(random), next_numbers(same)) << what << ": one permutation is drawn";
  }
  for (int call = 0; call < 120; ++call) {
    Random again(call), kept(call);
    const std::vector<int> order = kept.permutation(3);
    const std::vector<std::vector<int>> expected = {{order[0], order[1]}, {order[2]}};
    EXPECT_EQ(epoch_batches(3, 2, again), expected) << "call " << call + 1;
    EXPECT_EQ(iterations_per_epoch(call, 4), (call + 3) / 4) << "call " << call + 1;
  }
}

TEST(EpochBatches, RefuseNumbersThatAreNone) {
  points(1);
  for (int size : {1, 2}) {
    Random drawn(3), same(3);
    const std::vector<int> order = same.permutation(2);
    const std::vector<std::vector<int>> singles = {{order[0]}, {order[1]}};
    EXPECT_EQ(epoch_batches(2, size, drawn), size == 1 ? singles : Batches{order}) << "what fits";
  }
  Random random = test_random(56), untouched = test_random(56);
  EXPECT_TRUE(accepts([&] { epoch_batches(0, 1, random); }));
  for (int samples : {0, 1, 10, 1000})
    for (int size : {0, -1, -1000})
      EXPECT_TRUE(refuses([&] { epoch_batches(samples, size, random); })) << "batches of " << size;
  for (int samples : {-1, -1000})
    for (int size : {1, 4, 64, 1000})
      EXPECT_TRUE(refuses([&] { epoch_batches(samples, size, random); })) << samples << " samples";
  EXPECT_EQ(next_numbers(random), next_numbers(untouched)) << "refuse before anything is drawn";
}

TEST(TakeRows, TakesTheRowsInTheirOrder) {
  points(2);
  const Matrix x = {{1, 2}, {3, 4}, {5, 6}};
  EXPECT_TRUE(near(take_rows(x, {2, 0, 2, 1}), {{5, 6}, {1, 2}, {5, 6}, {3, 4}}, 0));
  EXPECT_TRUE(near(take_rows(x, {1}), {{3, 4}}, 0));
  EXPECT_TRUE(near(take_rows(x, {}), Matrix(0, 2), 0)) << "no rows, but still two columns";
  const Matrix square = {{1, 2}, {3, 4}};
  EXPECT_TRUE(near(take_rows(square, {1, 0}), {{3, 4}, {1, 2}}, 0)) << "rows, not columns";
  EXPECT_TRUE(near(take_rows(square, {1, 1, 1}), {{3, 4}, {3, 4}, {3, 4}}, 0));
  EXPECT_TRUE(near(take_rows(Matrix(0, 3), {}), Matrix(0, 3), 0));
  may_refuse([] {
    EXPECT_TRUE(near(take_rows(Matrix(3, 0), {2, 0}), Matrix(2, 0), 0)) << "two rows, no columns";
  });
}

TEST(TakeRows, TakesNumbersAsTheyAre) {
  points(1);
  const Scalar big = std::numeric_limits<Scalar>::max();
  const Matrix x = {{nan, -infinity, 5e-324, -7}, {big, -big, infinity, 1e5}, {1, 0, -1e-9, nan}};
  const std::vector<int> order = {2, 0, 1, 0};
  const Matrix got = take_rows(x, order);
  ASSERT_EQ(shape(got), "(4,4)");
  const Samples samples = take({.x = x, .labels = {-5, 1 << 30, 300}}, order);
  ASSERT_EQ(shape(samples.x), "(4,4)");
  EXPECT_EQ(samples.labels, (std::vector<int>{300, -5, 1 << 30, -5})) << "any label is taken";
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j)
      for (double value : {got(i, j), samples.x(i, j)})
        EXPECT_TRUE(std::isnan(x(order[i], j)) ? std::isnan(value) : value == x(order[i], j))
            << "got " << value << " for " << x(order[i], j) << ": nothing is changed on the way";
  for (Scalar bad : not_finite)
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        const Matrix one = with(Matrix(3, 3, 2), {i, j}, bad),
                     turned_round = rows_of(one, {2, 1, 0});
        EXPECT_TRUE(close(take_rows(one, {2, 1, 0}), turned_round, 0))
            << bad << " is a number here";
        EXPECT_TRUE(close(take({one, {0, 1, 2}}, {2, 1, 0}).x, turned_round, 0)) << bad;
      }
}

TEST(TakeRows, TakesManyAndWideOnesAndLeavesThem) {
  points(1);
  Random random = test_random(57);
  for (const auto& [N, D, count] : {std::tuple{3000, 3, 2500},
                                    {3, 1100, 70},
                                    {300, 300, 300},
                                    {1, 5, 3},
                                    {5, 2, 60000},
                                    {3, 3000, 2},
                                    {140000, 1, 300},
                                    {4, 4, 4}}) {
    const Matrix x = random.normal_matrix(0, 1, N, D), kept = x;
    std::vector<int> order;
    for (int i = 0; i < count; ++i) order.push_back(static_cast<int>(random.randint(N)));
    const std::vector<int> kept_order = order;
    EXPECT_TRUE(near(take_rows(x, order), rows_of(kept, order), 0)) << shape(x);
    Samples samples = {.x = x, .labels = {}};
    std::vector<int> labels;
    for (int n = 0; n < N; ++n) samples.labels.push_back(3 * n - 4);
    for (int n : order) labels.push_back(3 * n - 4);
    const Samples taken = take(samples, order);
    EXPECT_TRUE(near(taken.x, rows_of(kept, order), 0)) << "take, " << shape(x);
    EXPECT_EQ(taken.labels, labels) << "take, " << shape(x);
    EXPECT_TRUE(near(x, kept, 0)) << "x must not change";
    EXPECT_EQ(order, kept_order) << "the indices must not change";
  }
  for (int call = 0; call < 120; ++call) {
    const Scalar value = call;
    EXPECT_TRUE(near(take_rows({{value}, {-value}}, {1}), {{-value}}, 0)) << "call " << call + 1;
  }
}

TEST(TakeRows, RefusesRowsThatAreNotThere) {
  points(1);
  EXPECT_TRUE(near(take_rows({{1, 2}, {3, 4}}, {1}), {{3, 4}}, 0));
  EXPECT_TRUE(near(take_rows({{5}, {6}, {7}}, {2, 0}), {{7}, {5}}, 0));
  const Matrix x = {{1, 2}, {3, 4}, {5, 6}};
  EXPECT_TRUE(near(take_rows(x, {2, 0}), {{5, 6}, {1, 2}}, 0));
  EXPECT_TRUE(refuses([&] { take_rows(x, {0, 3}); })) << "row 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([&] { take_rows(x, {-1}); })) << "row -1";
  EXPECT_TRUE(refuses([&] { take_rows(x, {0, 1, 2, 1000000}); })) << "row 1000000";
  for (int bad : {3, 4, -1, -3, 1000000, -1000000, INT_MAX, INT_MIN}) {
    EXPECT_TRUE(refuses([&] { take_rows(x, {bad, 0, 1}); })) << "row " << bad << " first";
    EXPECT_TRUE(refuses([&] { take_rows(x, {0, bad, 1}); })) << "row " << bad << " in the middle";
    EXPECT_TRUE(refuses([&] { take_rows(x, {0, 1, bad}); })) << "row " << bad << " last";
  }
  for (int place : {0, 3000, 5999}) {
    std::vector<int> many(6000, 2);
    many[place] = 3;
    EXPECT_TRUE(refuses([&] { take_rows(x, many); })) << "row 3 as index " << place << " of 6000";
    many[place] = -1;
    EXPECT_TRUE(refuses([&] { take_rows(x, many); })) << "row -1 as index " << place << " of 6000";
  }
  EXPECT_TRUE(refuses([] { take_rows(Matrix(2, 5), {3}); })) << "row 3 of 0, 1: not a column";
  EXPECT_TRUE(refuses([] { take_rows(Matrix(0, 3), {0}); })) << "row 0 of none";
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

void expect_two_takes() {
  const Samples one = take({.x = {{1, 2}, {3, 4}}, .labels = {5, 6}}, {1});
  EXPECT_TRUE(near(one.x, {{3, 4}}, 0));
  EXPECT_EQ(one.labels, std::vector<int>{6});
  const Samples two = take({.x = {{1}, {2}, {3}}, .labels = {4, 5, 6}}, {2, 0});
  EXPECT_TRUE(near(two.x, {{3}, {1}}, 0));
  EXPECT_EQ(two.labels, (std::vector<int>{6, 4}));
}

TEST(Take, TakesEachLabelWithItsRow) {
  points(1);
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
  ASSERT_EQ(shape(with.x), "(2,1)");
  EXPECT_TRUE(near(with.x(0, 0), 1, 0));
  EXPECT_TRUE(std::isnan(with.x(1, 0))) << "NaN is taken along";
  EXPECT_EQ(with.labels, (std::vector<int>{4, 3}));
}

TEST(Take, OfAllInANewOrderGivesEverySampleOnce) {
  points(1);
  expect_two_takes();
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

TEST(Take, AnswersAlwaysTheSameAndLeavesItsArguments) {
  points(1);
  const Samples samples = numbered(5), kept = samples;
  for (int call = 0; call < 120; ++call) {
    const std::vector<int> indices = {call % 5, 4, (call + 2) % 5}, same = indices;
    const Samples taken = take(samples, indices);
    ASSERT_EQ(taken.labels.size(), 3u) << "call " << call + 1;
    EXPECT_TRUE(near(taken.x, rows_of(kept.x, same), 0)) << "call " << call + 1;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(taken.labels[i], same[i] % 7) << "call " << call + 1;
    EXPECT_TRUE(near(samples.x, kept.x, 0)) << "the samples must not change";
    EXPECT_EQ(samples.labels, kept.labels) << "the samples must not change";
    EXPECT_EQ(indices, same) << "the indices must not change";
  }
}

TEST(Take, RefusesWhatDoesNotFit) {
  points(1);
  expect_two_takes();
  const Samples samples = numbered(3);
  EXPECT_TRUE(accepts([&] { take(samples, {2, 0}); }));
  EXPECT_TRUE(accepts([] { take({.x = Matrix(0, 2), .labels = {}}, {}); }));
  EXPECT_TRUE(refuses([&] { take(samples, {0, 3}); })) << "sample 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([&] { take(samples, {-1}); })) << "sample -1";
  EXPECT_TRUE(refuses([&] { take(samples, {0, 1, 2, 1000000}); })) << "sample 1000000";
  for (int bad : {3, 4, -1, -3, 1000000, -1000000, INT_MAX, INT_MIN}) {
    EXPECT_TRUE(refuses([&] { take(samples, {bad, 0, 1}); })) << "sample " << bad << " first";
    EXPECT_TRUE(refuses([&] { take(samples, {0, bad, 1}); })) << "sample " << bad << ", the second";
    EXPECT_TRUE(refuses([&] { take(samples, {0, 1, bad}); })) << "sample " << bad << " last";
  }
  for (int place : {0, 3000, 5999}) {
    std::vector<int> many(6000, 2);
    many[place] = 3;
    EXPECT_TRUE(refuses([&] { take(samples, many); })) << "sample 3 as index " << place;
  }
  for (const std::vector<int>& indices : {std::vector<int>{}, std::vector<int>{0}}) {
    for (const auto& [N, D] : {std::pair{2, 5}, {5, 2}, {3, 3}, {1, 4}})
      for (int count : {0, N - 1, N + 1, D, 2 * N, 1000})
        if (count != N) {
          const Samples bad = {.x = Matrix(N, D), .labels = std::vector<int>(count)};
          EXPECT_TRUE(refuses([&] { take(bad, indices); })) << count << " for " << shape(bad.x);
        }
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
