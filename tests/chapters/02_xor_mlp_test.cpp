// Chapter 02: what the XOR network must do.
#include <cmath>
#include <limits>
#include <tuple>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "tests/golden/numpy_xor.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
const Matrix targets = {{0}, {1}, {1}, {0}};
const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
const Scalar infinity = std::numeric_limits<Scalar>::infinity();
const Scalar largest = std::numeric_limits<Scalar>::max();  // the largest number that is finite

// ---- what is expected, by plain loops ----

double plain_sigmoid(double z) {
  if (z >= 0) return 1 / (1 + std::exp(-z));
  return std::isnan(z) ? z : std::exp(z) / (1 + std::exp(z));
}

Matrix plain_forward(const Matrix& x, const Matrix& w, const Matrix& b) {
  Matrix y = plain_product(x, w);
  for (int n = 0; n < y.rows(); ++n)
    for (int m = 0; m < y.cols(); ++m) y(n, m) += b(0, m);
  return y;
}

DenseGradients plain_backward(const Matrix& dy, const Matrix& x, const Matrix& w) {
  DenseGradients g = {.dx = plain_product(dy, turned(w)),
                      .dw = plain_product(turned(x), dy),
                      .db = plain_product(Matrix(1, dy.rows(), 1), dy)};
  return g;
}

MlpActivations plain_mlp(const Mlp& net, const Matrix& x) {
  MlpActivations a;
  a.h = plain_forward(x, net.w1, net.b1);
  for (Scalar& v : a.h.flat()) v = plain_sigmoid(v);
  a.y = plain_forward(a.h, net.w2, net.b2);
  for (Scalar& v : a.y.flat()) v = plain_sigmoid(v);
  return a;
}

Mlp plain_gradients(const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t) {
  Matrix dz2 = a.y;
  for (int i = 0; i < dz2.size(); ++i) {
    const double y = a.y.flat()[i];
    dz2.flat()[i] = (y - t.flat()[i]) * (y * (1 - y));
  }
  const DenseGradients output = plain_backward(dz2, a.h, net.w2);
  Matrix dz1 = output.dx;
  for (int i = 0; i < dz1.size(); ++i) dz1.flat()[i] *= a.h.flat()[i] * (1 - a.h.flat()[i]);
  return {.w1 = plain_product(turned(x), dz1),
          .w2 = output.dw,
          .b1 = plain_product(Matrix(1, x.rows(), 1), dz1),
          .b2 = output.db};
}

Matrix row_of(const Matrix& m, int n) {
  Matrix row(1, m.cols());
  for (int j = 0; j < m.cols(); ++j) row(0, j) = m(n, j);
  return row;
}

double half_squares(const Matrix& y, const Matrix& t) {
  double sum = 0;
  for (int i = 0; i < y.size(); ++i) sum += std::pow(double{y.flat()[i]} - t.flat()[i], 2) / 2;
  return sum;
}

constexpr Matrix Mlp::*all_weights[] = {&Mlp::w1, &Mlp::w2, &Mlp::b1, &Mlp::b2};

MlpFit plain_fit(Mlp net, const Matrix& x, const Matrix& t, int epochs, Scalar rate) {
  MlpFit fit;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    double loss = 0;
    for (int n = 0; n < x.rows(); ++n) {
      const Matrix xn = row_of(x, n), tn = row_of(t, n);
      const MlpActivations a = plain_mlp(net, xn);
      const Mlp g = plain_gradients(net, xn, a, tn);
      loss += half_squares(a.y, tn);
      for (Matrix Mlp::*weight : all_weights)
        for (int i = 0; i < (net.*weight).size(); ++i)
          (net.*weight).flat()[i] -= rate * (g.*weight).flat()[i];
    }
    fit.loss.push_back(static_cast<Scalar>(loss));
  }
  fit.net = net;
  return fit;
}

// Weights of ordinary size, so that no derivative is nearly zero.
Mlp random_mlp(Random& random, int inputs, int hidden, int outputs) {
  return {.w1 = random.normal_matrix(0, 1, inputs, hidden),
          .w2 = random.normal_matrix(0, 1, hidden, outputs),
          .b1 = random.normal_matrix(0, 1, 1, hidden),
          .b2 = random.normal_matrix(0, 1, 1, outputs)};
}

// The net with one of its matrices replaced.
Mlp replaced(Mlp net, Matrix Mlp::*weight, const Matrix& other) {
  net.*weight = other;
  return net;
}

void expect_close(const DenseGradients& got, const DenseGradients& expected,
                  const std::string& where) {
  EXPECT_TRUE(close(got.dx, expected.dx)) << "dx = dy w^T, " << where;
  EXPECT_TRUE(close(got.dw, expected.dw)) << "dw = x^T dy, " << where;
  EXPECT_TRUE(close(got.db, expected.db)) << "db, the sum of dy over the batch, " << where;
}

void expect_close(const Mlp& got, const Mlp& expected, const std::string& where,
                  double digits = 1e-12) {
  EXPECT_TRUE(close(got.w1, expected.w1, digits)) << "w1, " << where;
  EXPECT_TRUE(close(got.w2, expected.w2, digits)) << "w2, " << where;
  EXPECT_TRUE(close(got.b1, expected.b1, digits)) << "b1, " << where;
  EXPECT_TRUE(close(got.b2, expected.b2, digits)) << "b2, " << where;
}

void expect_close(const MlpFit& got, const MlpFit& expected, const std::string& where,
                  double digits = 1e-11) {
  expect_close(got.net, expected.net, where, digits);
  EXPECT_TRUE(close(got.loss, expected.loss, digits)) << "loss, " << where;
}

// ---- sigmoid ----

TEST(Sigmoid, HasTheValuesOfPaperAndPencil) {
  points(4);
  EXPECT_TRUE(near(sigmoid(0), 0.5, 1e-15));
  EXPECT_TRUE(near(sigmoid(std::log(3.0)), 0.75, 1e-15));
  EXPECT_TRUE(near(sigmoid(-std::log(4.0)), 0.2, 1e-15));
  EXPECT_TRUE(near(sigmoid(1000), 1, 0)) << "must saturate, not overflow";
  EXPECT_TRUE(near(sigmoid(-1000), 0, 1e-15)) << "must saturate, not overflow";
}

TEST(Sigmoid, IsExactFarFromItsMiddle) {
  points(6);
  EXPECT_TRUE(near(sigmoid(-40) / 4.248354255291589e-18, 1, 1e-14))
      << "σ(-40), as a multiple of the true value: a difference of two nearly equal numbers?";
  for (Scalar z : {-708.3, -708.0, -700.0, -100.0, -25.0, -20.0, -10.0, -5.0}) {
    const double e = std::exp(double{z});  // σ(z) = e^z - e^2z + …
    EXPECT_TRUE(near(sigmoid(z) / (e / (1 + e)), 1, 1e-14))
        << "σ(" << z << "), as a multiple of the true value";
  }
  Random random = test_random(3);
  for (int i = 0; i < 60; ++i) {
    const Scalar z = random.uniform(-708, -40);
    EXPECT_TRUE(close(sigmoid(z), plain_sigmoid(z))) << "at z = " << z << ", where it is tiny";
  }
  for (Scalar z : {-1e300, -1e4, -746.0})
    EXPECT_TRUE(near(sigmoid(z), 0, 1e-300)) << "σ(" << z << ") is below all normal numbers";
  for (Scalar z : {38.0, 100.0, 709.0, 1e4, 1e300})
    EXPECT_TRUE(near(sigmoid(z), 1, 0)) << "σ(" << z << ") rounds to 1";
  EXPECT_TRUE(near(sigmoid(34), 1 - std::exp(-34.0), 3e-16)) << "rounded only where it must be";
  EXPECT_TRUE(near(sigmoid(infinity), 1, 0));
  EXPECT_TRUE(near(sigmoid(-infinity), 0, 0));
  EXPECT_TRUE(std::isnan(sigmoid(nan))) << "NaN must not become a number";
}

TEST(Sigmoid, IsSymmetricAboutItsMiddle) {
  points(3);
  Random random = test_random(1);
  for (int i = 0; i < 100; ++i) {
    const Scalar z = random.normal(0, 5);
    EXPECT_TRUE(close(sigmoid(z), plain_sigmoid(z))) << "at z = " << z;
    EXPECT_TRUE(close(sigmoid(-z), plain_sigmoid(-z))) << "1 - σ(z), at z = " << z;
    const Scalar small = std::ldexp(z, -20);  // σ(z) = 1/2 + z/4 - z³/48
    EXPECT_TRUE(near(sigmoid(small), 0.5 + small / 4 - small * small * small / 48, 2e-16))
        << "at z = " << small << ", near the middle";
    for (Scalar tiny : {1e-9 * z, 1e-12 * z})
      EXPECT_TRUE(near(sigmoid(tiny), 0.5 + tiny / 4, 2e-16)) << "at z = " << tiny;
    EXPECT_TRUE(close(sigmoid(-7 * std::abs(z)), plain_sigmoid(-7 * std::abs(z))))
        << "at z = " << -7 * std::abs(z);
  }
}

TEST(Sigmoid, DerivativeIsTakenFromTheOutput) {
  points(3);
  EXPECT_TRUE(near(sigmoid_derivative(0.5), 0.25, 1e-15));
  EXPECT_TRUE(near(sigmoid_derivative(0.9), 0.09, 1e-15)) << "σ' = y (1 - y) with y = σ(z)";
  EXPECT_TRUE(near(sigmoid_derivative(0.1), 0.09, 1e-15));
  EXPECT_TRUE(near(sigmoid_derivative(1), 0, 0));
  EXPECT_TRUE(near(sigmoid_derivative(0), 0, 0));
  Random random = test_random(2);
  for (int i = 0; i < 100; ++i) {  // the slope of 1 / (1 + e^-z) is e^-z / (1 + e^-z)^2
    const double z = random.normal(0, 3), e = std::exp(-std::abs(z));
    EXPECT_TRUE(near(sigmoid_derivative(plain_sigmoid(z)), e / (1 + e) / (1 + e), 2e-15))
        << "at z = " << z;
  }
}

TEST(Sigmoid, DerivativeKeepsAllDigitsAtBothEnds) {
  points(3);
  for (int exponent : {-10, -20, -30, -40, -50}) {
    const Scalar small = std::ldexp(Scalar{1}, exponent);  // so that 1 - small is exact
    EXPECT_TRUE(near(sigmoid_derivative(1 - small) / (small * (1 - small)), 1, 1e-14))
        << "at y = 1 - 2^" << exponent << ", as a multiple of the true value: subtract 1 - y first";
    EXPECT_TRUE(near(sigmoid_derivative(small) / (small * (1 - small)), 1, 1e-14))
        << "at y = 2^" << exponent << ", as a multiple of the true value";
  }
  Random random = test_random(4);
  for (int i = 0; i < 200; ++i) {  // 1 - y anywhere from 1 to 1e-15
    const Scalar y = 1 - std::pow(10, random.uniform(-15, 0));
    const auto slope = static_cast<Scalar>(static_cast<long double>(y) * (1 - y));
    EXPECT_TRUE(close(sigmoid_derivative(y), slope))
        << "at y = " << y << ": y^2 is rounded already, and y - y^2 keeps few digits";
  }
  for (Scalar tiny : {1e-20, 1e-100, 1e-300, 1e-310})
    EXPECT_TRUE(close(sigmoid_derivative(tiny), tiny)) << "at y = " << tiny << ", which is no 0";
  EXPECT_TRUE(std::isnan(sigmoid_derivative(nan))) << "NaN must not become a number";
}

// ---- the dense layer ----

TEST(Dense, MultipliesAndAddsByHand) {
  points(4);
  const Matrix x = {{1, 2, 3}, {-1, 0, 2}, {0, 1, 0}, {4, 0, -2}};
  const Matrix w = {{1, -1}, {0, 2}, {3, 0.5}}, b = {{10, 20}};
  EXPECT_TRUE(near(dense_forward(x, w, b), {{20, 24.5}, {15, 22}, {10, 22}, {8, 15}}, 1e-12));
  EXPECT_TRUE(near(dense_forward({{1, 2}, {3, 4}}, {{0, 1}, {5, -2}}, {{0.5, -1}}),
                   {{10.5, -4}, {20.5, -6}}, 1e-12))
      << "x w + b, where all are square: nothing is turned";
}

TEST(Dense, BackwardByHand) {
  points(4);
  const Matrix x = {{1, 2, 3}, {-1, 0, 2}}, w = {{1, -1}, {0, 2}, {3, 0.5}};
  const DenseGradients g = dense_backward({{1, 10}, {2, -4}}, x, w);
  EXPECT_TRUE(near(g.dx, {{-9, 20, 8}, {6, -8, 4}}, 1e-12)) << "dx = dy w^T";
  EXPECT_TRUE(near(g.dw, {{-1, 14}, {2, 20}, {7, 22}}, 1e-12)) << "dw = x^T dy, nothing divided";
  EXPECT_TRUE(near(g.db, {{3, 6}}, 1e-12)) << "db sums over the batch";
  const DenseGradients s = dense_backward({{1, 2}, {0, -1}}, {{3, 1}, {2, 5}}, {{1, 4}, {-2, 3}});
  EXPECT_TRUE(near(s.dx, {{9, 4}, {-4, -3}}, 1e-12)) << "dx = dy w^T, where all are square";
  EXPECT_TRUE(near(s.dw, {{3, 4}, {1, -3}}, 1e-12)) << "dw = x^T dy, where all are square";
  EXPECT_TRUE(near(s.db, {{1, 1}}, 1e-12)) << "db sums over the batch, not over the units";
}

TEST(Dense, FirstLayerHasNoGradientOfItsInput) {
  points(3);
  const DenseGradients g = dense_backward_first({{1, 10}, {2, -4}}, {{1, 2, 3}, {-1, 0, 2}});
  EXPECT_TRUE(near(g.dw, {{-1, 14}, {2, 20}, {7, 22}}, 1e-12)) << "dw as from dense_backward";
  EXPECT_TRUE(near(g.db, {{3, 6}}, 1e-12)) << "db as from dense_backward";
  EXPECT_EQ(g.dx.size(), 0) << "dx stays empty";
  const DenseGradients other = dense_backward_first({{2}, {1}}, {{3}, {-1}});
  EXPECT_TRUE(near(other.dw, {{5}}, 1e-12)) << "another layer's dw";
  EXPECT_TRUE(near(other.db, {{3}}, 1e-12)) << "another layer's db";
}

TEST(Dense, GradientsAreRight) {
  points(3);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(10 + salt);
    const int N = 5, D = salt == 1 ? 5 : 4, M = salt == 2 ? D : 3;
    const Matrix x = random.normal_matrix(0, 1, N, D), w = random.normal_matrix(0, 1, D, M);
    const Matrix b = random.normal_matrix(0, 1, 1, M), dy = random.normal_matrix(0, 1, N, M);
    const DenseGradients g = dense_backward(dy, x, w);
    const auto by_x = [&](const Matrix& m) { return dot(dy, plain_forward(m, w, b)); };
    const auto by_w = [&](const Matrix& m) { return dot(dy, plain_forward(x, m, b)); };
    const auto by_b = [&](const Matrix& m) { return dot(dy, plain_forward(x, w, m)); };
    EXPECT_TRUE(is_gradient("dense dx", by_x, x, g.dx));
    EXPECT_TRUE(is_gradient("dense dw", by_w, w, g.dw));
    EXPECT_TRUE(is_gradient("dense db", by_b, b, g.db));
  }
}

struct DenseCase {
  Matrix x, w, b, dy;
  std::string where() const { return "where x is " + shape(x) + " and w is " + shape(w); }
};

DenseCase random_case(Random& random, int N, int D, int M) {
  return {.x = random.normal_matrix(0, 1, N, D),
          .w = random.normal_matrix(0, 1, D, M),
          .b = random.normal_matrix(0, 1, 1, M),
          .dy = random.normal_matrix(0, 1, N, M)};
}

void expect_dense(const DenseCase& c, const std::string& where) {
  EXPECT_TRUE(close(dense_forward(c.x, c.w, c.b), plain_forward(c.x, c.w, c.b)))
      << "y = x w + b, " << where;
  const DenseGradients expected = plain_backward(c.dy, c.x, c.w);
  expect_close(dense_backward(c.dy, c.x, c.w), expected, where);
  const DenseGradients first = dense_backward_first(c.dy, c.x);
  EXPECT_TRUE(close(first.dw, expected.dw)) << "dw of the first layer, " << where;
  EXPECT_TRUE(close(first.db, expected.db)) << "db of the first layer, " << where;
  EXPECT_EQ(first.dx.size(), 0) << "dx of the first layer stays empty, " << where;
}

// Two answers, which differ: beside refusals, and before a single answer. Who answers nothing, always
// the same, or what was right for the call before, has understood nothing.
void expect_two_layers() {
  expect_dense({.x = {{1, 2}}, .w = {{3}, {-1}}, .b = {{4}}, .dy = {{2}}}, "one sample");
  expect_dense({.x = {{1}, {2}}, .w = {{3, 1}}, .b = {{4, 0}}, .dy = {{2, 1}, {0, 1}}}, "two");
}

// Square in all, in some and in no shapes: what forgets to turn w or x shows in one of them.
TEST(Dense, IsRightForAllShapesSmallAndSquare) {
  points(4);
  Random random = test_random(14);
  for (int N = 1; N <= 5; ++N)
    for (int D = 1; D <= 5; ++D)
      for (int M = 1; M <= 5; ++M) {
        const DenseCase c = random_case(random, N, D, M);
        expect_dense(c, c.where());
      }
}

TEST(Dense, IsRightForLargeAndForSingleShapes) {
  points(3);
  struct Shape {
    int N, D, M;
  };
  Random random = test_random(15);
  for (const auto [N, D, M] : {Shape{37, 65, 21},
                               {1, 70, 3},
                               {40, 1, 1},
                               {3, 2, 67},
                               {130, 131, 70},
                               {70, 2100, 5},
                               {2100, 5, 70},
                               {5, 70, 2100},
                               {500, 2, 410},
                               {140, 150, 130},
                               {100, 784, 10},
                               {3, 300, 300},
                               {300, 300, 3},
                               {20000, 1, 2},
                               {2, 20000, 1},
                               {1, 2, 20000}}) {
    const DenseCase c = random_case(random, N, D, M);
    expect_dense(c, c.where());
  }
  // No inputs: y is b. No samples: no y, and gradients of 0.
  for (const DenseCase& none : {random_case(random, 3, 0, 2), random_case(random, 0, 3, 2)}) {
    may_refuse([&] {
      EXPECT_TRUE(
          close(dense_forward(none.x, none.w, none.b), plain_forward(none.x, none.w, none.b)))
          << none.where();
    });
    const DenseGradients expected = plain_backward(none.dy, none.x, none.w);
    may_refuse(
        [&] { expect_close(dense_backward(none.dy, none.x, none.w), expected, none.where()); });
    may_refuse([&] {
      const DenseGradients g = dense_backward_first(none.dy, none.x);
      EXPECT_TRUE(close(g.dw, expected.dw) && close(g.db, expected.db)) << none.where();
    });
  }
}

// Numbers of any size: neither cut off where they are large, nor 0 where they are small.
TEST(Dense, IsRightForNumbersOfAnySize) {
  points(2);
  Random random = test_random(17);
  for (const auto& [x_size, w_size] : {std::pair{1e-150, 1.0},
                                       {1e-310, 1.0},
                                       {1.0, 1e-310},
                                       {1.0, 1e-150},
                                       {1e-12, 1e3},
                                       {1e8, 1e-3},
                                       {1e150, 1e5},
                                       {1e5, 1e5},
                                       {1e-8, 1e-8},
                                       {20.0, 20.0}}) {
    DenseCase c = random_case(random, 4, 3, 5);
    c.x = scaled(c.x, x_size);
    c.w = scaled(c.w, w_size);
    c.b = scaled(c.b, x_size * w_size);
    for (const double dy_size : {w_size, w_size < 1e-300 ? 1.0 : 1 / w_size}) {
      c.dy = scaled(random.normal_matrix(0, 1, 4, 5), dy_size);
      expect_dense(c, "x of size " + std::to_string(x_size) + ", w of " + std::to_string(w_size));
    }
  }
}

TEST(Dense, RefusesShapesThatDoNotFit) {
  points(3);
  expect_two_layers();
  struct Shape {
    int N, D, M;
  };
  Random random = test_random(18);
  for (const auto [N, D, M] : {Shape{4, 3, 2}, {2, 3, 4}, {3, 3, 3}, {3, 2, 4}}) {
    const DenseCase c = random_case(random, N, D, M);
    const auto& [x, w, b, dy] = c;
    EXPECT_TRUE(accepts([&] { dense_forward(c.x, c.w, c.b); })) << c.where();
    EXPECT_TRUE(accepts([&] { dense_backward(c.dy, c.x, c.w); })) << c.where();
    EXPECT_TRUE(accepts([&] { dense_backward_first(c.dy, c.x); })) << c.where();
    for (const Matrix& bad : misfits(x)) {
      const std::string what = "x is " + shape(bad) + " for w " + shape(w) + ", dy " + shape(dy);
      if (bad.cols() != D) {
        EXPECT_TRUE(refuses([&] { dense_forward(bad, c.w, c.b); })) << what;
      }
      EXPECT_TRUE(refuses([&] { dense_backward(c.dy, bad, c.w); })) << what;
      if (bad.rows() != N) {
        EXPECT_TRUE(refuses([&] { dense_backward_first(c.dy, bad); })) << what;
      }
    }
    for (const Matrix& bad : misfits(w)) {
      const std::string what = "w is " + shape(bad) + " for x " + shape(x) + ", dy " + shape(dy);
      EXPECT_TRUE(refuses([&] { dense_forward(c.x, bad, c.b); })) << what;
      EXPECT_TRUE(refuses([&] { dense_backward(c.dy, c.x, bad); })) << what;
    }
    for (const Matrix& bad : misfits(b))
      EXPECT_TRUE(refuses([&] { dense_forward(c.x, c.w, bad); })) << "b is " << shape(bad);
    for (const Matrix& bad : misfits(dy)) {
      EXPECT_TRUE(refuses([&] { dense_backward(bad, c.x, c.w); })) << "dy is " << shape(bad);
      if (bad.rows() != N) {
        EXPECT_TRUE(refuses([&] { dense_backward_first(bad, c.x); })) << "dy is " << shape(bad);
      }
    }
  }
  EXPECT_TRUE(refuses([&] { dense_forward(Matrix(4, 3), Matrix(3, 1), Matrix(4, 1)); }))
      << "b has a row per sample";
}

TEST(Dense, GivesNaNForNaN) {
  points(2);
  Random random = test_random(19);
  const auto zeros_and = [&](int N, int D, int M) {
    DenseCase c = {.x = with_zeros(random, N, D),
                   .w = with_zeros(random, D, M),
                   .b = with_zeros(random, 1, M),
                   .dy = with_zeros(random, N, M)};
    for (Scalar& v : c.x.row(1)) v = 0;  // a sample of zeros, and one without any error
    for (Scalar& v : c.dy.row(2)) v = 0;
    return c;
  };
  DenseCase small = zeros_and(4, 3, 5), large = zeros_and(40, 30, 20);
  const auto expect = [](DenseCase& c, Matrix DenseCase::*which, int i, int j) {
    for (Scalar bad : not_finite) {
      const Scalar before = (c.*which)(i, j);
      (c.*which)(i, j) = bad;
      const std::string what = "with " + std::to_string(bad) + " at (" + std::to_string(i) + "," +
                               std::to_string(j) + "): 0 times it is NaN";
      EXPECT_TRUE(spreads(dense_forward(c.x, c.w, c.b), plain_forward(c.x, c.w, c.b), bad))
          << "y " << what;
      const DenseGradients g = dense_backward(c.dy, c.x, c.w);
      const DenseGradients first = dense_backward_first(c.dy, c.x);
      const DenseGradients expected = plain_backward(c.dy, c.x, c.w);
      EXPECT_TRUE(spreads(g.dx, expected.dx, bad)) << "dx " << what;
      for (const DenseGradients& got : {g, first}) {
        EXPECT_TRUE(spreads(got.dw, expected.dw, bad)) << "dw " << what;
        EXPECT_TRUE(spreads(got.db, expected.db, bad)) << "db " << what;
      }
      (c.*which)(i, j) = before;
    }
  };
  for (Matrix DenseCase::*which : {&DenseCase::x, &DenseCase::w, &DenseCase::b, &DenseCase::dy}) {
    for (int i = 0; i < (small.*which).rows(); ++i)
      for (int j = 0; j < (small.*which).cols(); ++j) expect(small, which, i, j);
    for (const auto& [i, j] : places(large.*which)) expect(large, which, i, j);
    for (Matrix DenseCase::*zero : {&DenseCase::x, &DenseCase::w, &DenseCase::dy}) {
      if (zero == which) continue;
      DenseCase c = small;  // beside a matrix of nothing but zeros
      c.*zero = Matrix((c.*zero).rows(), (c.*zero).cols());
      expect(c, which, 0, 1);
    }
  }
}

// Two inputs in turn, many times: an answer depends on what is given and on nothing before, and
// what is given stays as it is.
TEST(Dense, AnswersAlwaysTheSameAndLeavesItsArguments) {
  points(2);
  Random random = test_random(13);
  const DenseCase cases[] = {random_case(random, 4, 3, 2), random_case(random, 3, 3, 3)};
  for (int call = 0; call < 120; ++call) {
    const DenseCase& c = cases[call % 2];
    const DenseCase kept = c;
    expect_dense(c, "call " + std::to_string(call + 1));
    EXPECT_TRUE(near(c.x, kept.x, 0)) << "x must not change";
    EXPECT_TRUE(near(c.w, kept.w, 0)) << "w must not change";
    EXPECT_TRUE(near(c.b, kept.b, 0)) << "b must not change";
    EXPECT_TRUE(near(c.dy, kept.dy, 0)) << "dy must not change";
    const double z = call % 2 == 0 ? -1.5 : 2;
    EXPECT_TRUE(close(sigmoid(z), plain_sigmoid(z))) << "sigmoid, call " << call + 1;
    EXPECT_TRUE(close(sigmoid_derivative(z / 4 + 0.5), (z / 4 + 0.5) * (0.5 - z / 4)))
        << "sigmoid_derivative, call " << call + 1;
  }
}

// ---- the network ----

// The nine weights in the golden order w1 w2 b1 b2.
Mlp unpack(const std::vector<double>& v) {
  return {.w1 = {{v[0], v[1]}, {v[2], v[3]}},
          .w2 = {{v[4]}, {v[5]}},
          .b1 = {{v[6], v[7]}},
          .b2 = {{v[8]}}};
}

void expect_same(const Mlp& got, const Mlp& expected, double tolerance) {
  EXPECT_TRUE(near(got.w1, expected.w1, tolerance)) << "w1";
  EXPECT_TRUE(near(got.w2, expected.w2, tolerance)) << "w2";
  EXPECT_TRUE(near(got.b1, expected.b1, tolerance)) << "b1";
  EXPECT_TRUE(near(got.b2, expected.b2, tolerance)) << "b2";
}

TEST(Mlp, StartsFromNumPysNumbers) {
  points(4);
  for (const auto& [seed, start] :
       {std::pair{0, golden::xor_start_0}, {1, golden::xor_start_1}, {4, golden::xor_start_4}}) {
    Random random(static_cast<std::uint32_t>(seed));
    expect_same(mlp_init(2, 2, 1, random), unpack(start), 1e-15);
  }
}

TEST(Mlp, InitialisesAnyShapeFromTheGivenStream) {
  points(3);
  struct Sizes {
    int inputs, hidden, outputs;
  };
  Random one = test_random(21), two = one;
  EXPECT_EQ(one.normal(), two.normal());  // keeps the other half of a pair
  for (const auto [D, H, M] : {Sizes{3, 5, 2},
                               {2, 2, 2},
                               {1, 1, 1},
                               {1100, 3, 2},
                               {3, 5000, 2},
                               {2, 3, 1100},
                               {784, 130, 10},
                               {70000, 1, 1},
                               {1, 1, 70000},
                               {3, 5, 2}}) {
    const Mlp net = mlp_init(D, H, M, one);
    EXPECT_TRUE(near(net.w1, two.uniform_matrix(-0.1, 0.1, D, H), 1e-15));
    EXPECT_TRUE(near(net.w2, two.uniform_matrix(-0.1, 0.1, H, M), 1e-15));
    EXPECT_TRUE(near(net.b1, two.uniform_matrix(-0.1, 0.1, 1, H), 1e-15));
    EXPECT_TRUE(near(net.b2, two.uniform_matrix(-0.1, 0.1, 1, M), 1e-15));
    EXPECT_EQ(next_numbers(one), next_numbers(two))
        << "draw from `random` itself, not from a copy, and nothing more than the weights";
    one = two;
  }
  for (int call = 0; call < 120; ++call) {
    Random again = test_random(22), same = again;
    const Mlp net = mlp_init(2, 1, 1, again);
    for (Matrix Mlp::*weight : all_weights) {
      const int rows = weight == &Mlp::w1 ? 2 : 1;
      EXPECT_TRUE(near(net.*weight, same.uniform_matrix(-0.1, 0.1, rows, 1), 1e-15))
          << "call " << call + 1 << " with the same generator";
    }
  }
}

TEST(Mlp, RefusesLayersWithoutUnits) {
  points(1);
  for (int bad : {0, -1, -1000}) {
    Random random(9), untouched(9);
    EXPECT_TRUE(refuses([&] { mlp_init(bad, 5, 2, random); })) << bad << " inputs";
    EXPECT_TRUE(refuses([&] { mlp_init(3, bad, 2, random); })) << bad << " hidden units";
    EXPECT_TRUE(refuses([&] { mlp_init(3, 5, bad, random); })) << bad << " outputs";
    EXPECT_EQ(next_numbers(random), next_numbers(untouched))
        << "refuse before the first weight is drawn";
  }
  for (int hidden : {1, 2}) {
    Random random(9), same(9);
    const Mlp net = mlp_init(1, hidden, 1, random);
    EXPECT_TRUE(near(net.w1, same.uniform_matrix(-0.1, 0.1, 1, hidden), 1e-15)) << "what fits";
    EXPECT_TRUE(near(net.w2, same.uniform_matrix(-0.1, 0.1, hidden, 1), 1e-15)) << "what fits";
  }
}

TEST(Mlp, ForwardByHand) {
  points(4);
  const Scalar l3 = std::log(3.0), l4 = std::log(4.0);
  const Mlp net = {.w1 = {{l3, 0}, {0, -l4}}, .w2 = {{4}, {-5}}, .b1 = {{0, l4}}, .b2 = {{-2}}};
  const MlpActivations a = mlp_forward(net, inputs);
  EXPECT_TRUE(near(a.h, {{0.5, 0.8}, {0.5, 0.5}, {0.75, 0.8}, {0.75, 0.5}}, 1e-12));
  const auto y = [](double z) { return 1 / (1 + std::exp(-z)); };
  EXPECT_TRUE(near(a.y, {{y(-4)}, {y(-2.5)}, {y(-3)}, {y(-1.5)}}, 1e-12))
      << "the output layer works on h = σ(z1), not on z1";
  const MlpActivations one = mlp_forward(net, {{1, 1}});
  EXPECT_TRUE(near(one.h, {{0.75, 0.5}}, 1e-12)) << "one sample alone";
  EXPECT_TRUE(near(one.y, {{y(-1.5)}}, 1e-12)) << "one sample alone";
}

TEST(Mlp, GradientsAreRight) {
  points(5);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(20 + salt);
    const int N = 5, D = salt == 1 ? 5 : 4, H = salt == 2 ? D : 3, M = salt == 0 ? 2 : H;
    const Mlp net = random_mlp(random, D, H, M);
    const Matrix x = random.normal_matrix(0, 1, N, D), t = random.uniform_matrix(0, 1, N, M);
    const Mlp g = mlp_backward(net, x, plain_mlp(net, x), t);
    const auto check = [&](const char* name, Matrix Mlp::*weight) {
      const auto by_weight = [&](const Matrix& m) {
        return half_squares(plain_mlp(replaced(net, weight, m), x).y, t);
      };
      EXPECT_TRUE(is_gradient(name, by_weight, net.*weight, g.*weight));
    };
    check("mlp dw1", &Mlp::w1);
    check("mlp dw2", &Mlp::w2);
    check("mlp db1", &Mlp::b1);
    check("mlp db2", &Mlp::b2);
  }
}

struct MlpCase {
  Mlp net;
  Matrix x, t;
};

MlpCase random_case(Random& random, int N, int D, int H, int M) {
  return {.net = random_mlp(random, D, H, M),
          .x = random.normal_matrix(0, 1, N, D),
          .t = random.normal_matrix(0, 2, N, M)};
}

std::string where(const MlpCase& c) {
  return "where x is " + shape(c.x) + ", w1 " + shape(c.net.w1) + ", w2 " + shape(c.net.w2);
}

void expect_forward(const MlpCase& c, const std::string& where) {
  const MlpActivations got = mlp_forward(c.net, c.x), expected = plain_mlp(c.net, c.x);
  EXPECT_TRUE(close(got.h, expected.h, 1e-11, true)) << "h = σ(x w1 + b1), " << where;
  EXPECT_TRUE(close(got.y, expected.y, 1e-11, true)) << "y = σ(h w2 + b2), " << where;
}

void expect_backward(const MlpCase& c, const std::string& where) {
  const MlpActivations a = plain_mlp(c.net, c.x);
  expect_close(mlp_backward(c.net, c.x, a, c.t), plain_gradients(c.net, c.x, a, c.t),
               "the gradients " + where);
}

void expect_two_nets() {
  Random random = test_random(37);
  for (int hidden : {2, 3}) {
    const MlpCase c = random_case(random, hidden, 2, hidden, 1);
    expect_forward(c, where(c));
    expect_backward(c, where(c));
    expect_close(mlp_fit(c.net, c.x, c.t, hidden, 0.5), plain_fit(c.net, c.x, c.t, hidden, 0.5),
                 where(c));
  }
}

struct MlpShape {
  int N, D, H, M;
};
const MlpShape mlp_shapes[] = {
    {33, 3, 9, 2},    {4, 4, 4, 4},     {3, 4, 4, 3},    {1, 2, 3, 4},     {1100, 3, 4, 2},
    {3, 1100, 9, 2},  {3, 4, 1100, 2},  {3, 5, 4, 1100}, {300, 2, 300, 3}, {130, 70, 30, 11},
    {3, 300, 300, 2}, {300, 2, 3, 300}, {4, 1, 3, 2},    {4, 3, 1, 1}};

TEST(Mlp, ForwardOfAnyBatchIsThatOfItsSamples) {
  points(2);
  Random random = test_random(28);
  for (const auto [N, D, H, M] : mlp_shapes) {
    const MlpCase c = random_case(random, N, D, H, M);
    expect_forward(c, where(c));
  }
  may_refuse([&] { expect_forward(random_case(random, 0, 3, 4, 2), "no samples"); });
}

TEST(Mlp, GradientsOfAnyShapeAreThoseOfPlainLoops) {
  points(3);
  Random random = test_random(29);
  for (const auto [N, D, H, M] : mlp_shapes) {
    const MlpCase c = random_case(random, N, D, H, M);
    expect_backward(c, where(c));
  }
  may_refuse([&] { expect_backward(random_case(random, 0, 3, 4, 2), "no samples"); });
  // Activations as they are given, whatever they are.
  const MlpCase c = random_case(random, 3, 2, 4, 3);
  const MlpActivations a = {.h = random.uniform_matrix(0, 1, 3, 4),
                            .y = random.uniform_matrix(0, 1, 3, 3)};
  expect_close(mlp_backward(c.net, c.x, a, c.t), plain_gradients(c.net, c.x, a, c.t),
               "from the activations that are given");
  const MlpActivations ones = {.h = a.h, .y = Matrix(3, 3, 1)};  // an output of 1 has no slope
  expect_close(mlp_backward(c.net, c.x, ones, c.t), plain_gradients(c.net, c.x, ones, c.t),
               "where every output is 1");
}

TEST(Mlp, TakesNumbersOfAnySize) {
  points(2);
  Random random = test_random(32);
  MlpCase c = random_case(random, 3, 2, 4, 3);
  c.net.w2 = Matrix(4, 3);
  c.net.b2 = {{-40, 36, -690}};
  expect_forward(c, "b2 of -40, 36 and -690: y is nearly 0 or 1, and exact");
  MlpCase tiny = random_case(random, 3, 2, 4, 3);
  tiny.net.w1 = Matrix(2, 4);
  tiny.net.b1 = {{-40, 36, -690, -80}};
  expect_forward(tiny, "b1 of -40, 36, -690 and -80: h is nearly 0 or 1, and exact");
  const Mlp one = {.w1 = {{1e200}}, .w2 = {{3}}, .b1 = {{1}}, .b2 = {{-1}}};
  expect_forward({.net = one, .x = {{1e200}, {-1e200}}, .t = {{0}, {0}}},
                 "sums of ±infinity, whose σ is 1 and 0");
  c.net.b2 = {{-40, 15, -600}};
  expect_backward(c, "b2 of -40, 15 and -600: the slope is small, and exact");
  for (Scalar x : {1e4, -1e4, 1e-6, 3e-10, 1e-14, 1e-40}) {
    MlpCase far = random_case(random, 3, 2, 4, 3);
    far.x(2, 1) = x;
    far.net.w1 = scaled(far.net.w1, 1e-3);
    far.net.w1(1, 3) = 0.1 / x;
    expect_forward(far, "an input of " + std::to_string(x));
    expect_backward(far, "an input of " + std::to_string(x));
  }
  for (double size : {1e-200, 1e-20, 1e-9, 20.0, 1e9}) {  // of the weights of the output layer
    MlpCase other = random_case(random, 4, 2, 3, 2);
    other.net.w2 = scaled(other.net.w2, size);
    if (size > 1) other.net.b1 = Matrix(1, 3, -std::log(size));
    expect_backward(other, "w2 of size " + std::to_string(size));
  }
  for (double size : {1e-130, 1e-9, 7.0, 50.0, 1e4, 1e150}) {  // of the errors y - t
    MlpCase wide = random_case(random, 4, 2, 3, 2);
    wide.t = scaled(wide.t, size);
    if (size < 1e-100) {  // a perfect answer but for so little
      wide.net.b2 = {{-300, -310}};
      wide.net.w2 = Matrix(3, 2, 1);
    }
    expect_backward(wide, "targets of size " + std::to_string(size));
    wide.x = scaled(wide.x, std::min(size, 1e3));
    expect_backward(wide, "inputs of size " + std::to_string(size));
  }
}

TEST(Mlp, GivesNaNForNaN) {
  points(1);
  Random random = test_random(33);
  MlpCase c = {.net = {.w1 = with_zeros(random, 3, 4),
                       .w2 = with_zeros(random, 4, 2),
                       .b1 = with_zeros(random, 1, 4),
                       .b2 = with_zeros(random, 1, 2)},
               .x = with_zeros(random, 5, 3),
               .t = with_zeros(random, 5, 2)};
  const auto each_place = [](Matrix& m, const auto& expect) {
    for (const auto& [i, j] : places(m)) {
      const Scalar before = m(i, j);
      m(i, j) = nan;
      expect("NaN at (" + std::to_string(i) + "," + std::to_string(j) + ")");
      m(i, j) = before;
    }
  };
  const auto forward = [&](const std::string& what) { expect_forward(c, what); };
  each_place(c.x, forward);
  for (Matrix Mlp::*weight : all_weights) each_place(c.net.*weight, forward);
  MlpActivations a = plain_mlp(c.net, c.x);
  const auto backward = [&](const std::string& what) {
    expect_close(mlp_backward(c.net, c.x, a, c.t), plain_gradients(c.net, c.x, a, c.t), what);
  };
  each_place(c.t, backward);
  each_place(c.net.w2, backward);
  each_place(c.x, [&](const std::string& what) {
    const Mlp got = mlp_backward(c.net, c.x, a, c.t);
    EXPECT_TRUE(close(got.w1, plain_gradients(c.net, c.x, a, c.t).w1)) << what << " in x";
  });
  each_place(a.h, backward);  // in h alone, and in y alone
  each_place(a.y, backward);
  const MlpActivations right = a;
  a.h(4, 3) = a.y(4, 1) = nan;
  backward("NaN among the activations");
  for (Scalar full : {0, 1}) {  // an output or a unit without a slope: 0 times NaN is NaN
    a = right;
    a.y = Matrix(5, 2, full);
    each_place(c.t, backward);
    a = right;
    a.h = Matrix(5, 4, full);
    each_place(c.net.w2, backward);
  }
  a = right;
  c.t = a.y;  // no error anywhere: NaN shows all the same
  each_place(c.net.w2, backward);
  each_place(a.h, backward);
  each_place(c.x, [&](const std::string& what) {
    EXPECT_TRUE(close(mlp_backward(c.net, c.x, a, c.t).w1, plain_gradients(c.net, c.x, a, c.t).w1))
        << what << " in x, where nothing is wrong";
  });
  MlpCase wide = random_case(random, 40, 20, 30, 12);
  for (Matrix* m : {&wide.x, &wide.net.w1, &wide.net.w2, &wide.net.b1, &wide.net.b2})
    for (const auto& [i, j] : places(*m)) {
      const Scalar before = (*m)(i, j);
      (*m)(i, j) = nan;
      expect_forward(wide, "NaN in a large network");
      (*m)(i, j) = before;
    }
  const MlpActivations known = plain_mlp(wide.net, wide.x);
  for (Matrix* m : {&wide.t, &wide.net.w2})
    for (const auto& [i, j] : places(*m)) {
      const Scalar before = (*m)(i, j);
      (*m)(i, j) = nan;
      expect_close(mlp_backward(wide.net, wide.x, known, wide.t),
                   plain_gradients(wide.net, wide.x, known, wide.t), "NaN in a large network");
      (*m)(i, j) = before;
    }
}

TEST(Mlp, RefusesLayersThatDoNotFit) {
  points(2);
  expect_two_nets();
  for (const auto [N, D, H, M] : {MlpShape{4, 2, 3, 1}, {2, 4, 3, 5}, {3, 3, 3, 3}, {3, 5, 2, 4}}) {
    Random random = test_random(31);
    const MlpCase c = random_case(random, N, D, H, M);
    const MlpActivations a = plain_mlp(c.net, c.x);
    EXPECT_TRUE(accepts([&] { mlp_forward(c.net, c.x); }));
    EXPECT_TRUE(accepts([&] { mlp_backward(c.net, c.x, a, c.t); }));
    EXPECT_TRUE(accepts([&] { mlp_fit(c.net, c.x, c.t, 0, 0.2); }));
    for (Matrix Mlp::*weight : all_weights)
      for (const Matrix& other : misfits(c.net.*weight)) {
        const Mlp bad = replaced(c.net, weight, other);
        const std::string what = "w1 " + shape(bad.w1) + ", b1 " + shape(bad.b1) + ", w2 " +
                                 shape(bad.w2) + ", b2 " + shape(bad.b2);
        EXPECT_TRUE(refuses([&] { mlp_forward(bad, c.x); })) << "mlp_forward: " << what;
        EXPECT_TRUE(refuses([&] { mlp_backward(bad, c.x, a, c.t); })) << "mlp_backward: " << what;
        for (int epochs : {0, 1})
          EXPECT_TRUE(refuses([&] { mlp_fit(bad, c.x, c.t, epochs, 0.2); }))
              << "mlp_fit, " << epochs << " epochs: " << what;
      }
  }
}

TEST(Mlp, RefusesShapesThatDoNotFit) {
  points(2);
  expect_two_nets();
  for (const auto [N, D, H, M] : {MlpShape{4, 2, 2, 1}, {2, 4, 3, 5}, {3, 3, 3, 3}, {3, 5, 2, 4}}) {
    Random random = test_random(30);
    const MlpCase c = random_case(random, N, D, H, M);
    const MlpActivations a = plain_mlp(c.net, c.x);
    EXPECT_TRUE(accepts([&] { mlp_backward(c.net, c.x, a, c.t); }));
    EXPECT_TRUE(accepts([&] { mlp_forward(c.net, c.x); }));
    EXPECT_TRUE(accepts([&] { mlp_fit(c.net, c.x, c.t, 1, 0.2); }));
    for (const Matrix& bad : misfits(c.x)) {
      if (bad.cols() != D) {
        EXPECT_TRUE(refuses([&] { mlp_forward(c.net, bad); })) << "x is " << shape(bad);
      }
      EXPECT_TRUE(refuses([&] { mlp_backward(c.net, bad, a, c.t); })) << "x is " << shape(bad);
      EXPECT_TRUE(refuses([&] { mlp_fit(c.net, bad, c.t, 1, 0.2); })) << "x is " << shape(bad);
    }
    for (const Matrix& bad : misfits(c.t)) {
      EXPECT_TRUE(refuses([&] { mlp_backward(c.net, c.x, a, bad); })) << "t is " << shape(bad);
      for (int epochs : {0, 1})
        EXPECT_TRUE(refuses([&] { mlp_fit(c.net, c.x, bad, epochs, 0.2); }))
            << "t is " << shape(bad) << ", " << epochs << " epochs";
    }
    for (const Matrix& bad : misfits(a.h))
      EXPECT_TRUE(refuses([&] {
        mlp_backward(c.net, c.x, {bad, a.y}, c.t);
      })) << "h is "
          << shape(bad);
    for (const Matrix& bad : misfits(a.y)) {
      EXPECT_TRUE(refuses([&] {
        mlp_backward(c.net, c.x, {a.h, bad}, c.t);
      })) << "y is "
          << shape(bad);
      EXPECT_TRUE(refuses([&] {
        mlp_backward(c.net, c.x, {a.h, bad}, bad);
      })) << "y and t are "
          << shape(bad);
    }
  }
}

void expect_same_case(const MlpCase& got, const MlpCase& kept) {
  expect_same(got.net, kept.net, 0);
  EXPECT_TRUE(near(got.x, kept.x, 0)) << "x must not change";
  EXPECT_TRUE(near(got.t, kept.t, 0)) << "t must not change";
}

TEST(Mlp, AnswersAlwaysTheSameAndLeavesItsArguments) {
  points(2);
  Random random = test_random(34);
  MlpCase cases[] = {random_case(random, 3, 2, 3, 2), random_case(random, 2, 2, 2, 2)};
  for (int call = 0; call < 120; ++call) {
    // From the 61st on the same matrices, with other numbers in them.
    if (call > 60) cases[0].x(1, 1) = call % 7 - 3;
    if (call > 90) cases[0].t(1, 1) = (call % 5) / 4.0;
    if (call > 105) cases[0].net.w2(1, 1) = call % 3 - 1;
    const MlpCase& c = cases[call > 60 ? 0 : call % 2];
    const MlpCase kept = c;
    const MlpActivations a = plain_mlp(c.net, c.x), same = a;
    const std::string what = "call " + std::to_string(call + 1);
    expect_forward(c, what);
    expect_close(mlp_backward(c.net, c.x, a, c.t), plain_gradients(c.net, c.x, a, c.t), what);
    EXPECT_TRUE(near(a.h, same.h, 0)) << "the activations must not change";
    EXPECT_TRUE(near(a.y, same.y, 0)) << "the activations must not change";
    expect_close(mlp_fit(c.net, c.x, c.t, 2, 0.5), plain_fit(c.net, c.x, c.t, 2, 0.5), what);
    expect_same_case(c, kept);
  }
}

// ---- training ----

TEST(MlpFit, TakesOneStepAfterEachSample) {
  points(4);
  expect_two_nets();
  const Mlp start = unpack(golden::xor_weights_1);
  const Matrix x = {{0.3, -0.7}}, t = {{0.9}};
  const Mlp g = plain_gradients(start, x, plain_mlp(start, x), t);
  const MlpFit fit = mlp_fit(start, x, t, 1, 0.5);
  for (Matrix Mlp::*weight : all_weights) {
    Matrix expected = start.*weight;
    for (int i = 0; i < expected.rows(); ++i)
      for (int j = 0; j < expected.cols(); ++j) expected(i, j) -= 0.5 * (g.*weight)(i, j);
    EXPECT_TRUE(near(fit.net.*weight, expected, 1e-14));
  }
}

// One sample six times, wanted as 0 and then as 1: what three steps learn, the next unlearn.
MlpCase torn_case(Random& random) {
  MlpCase torn = random_case(random, 6, 3, 4, 2);
  for (int n = 0; n < 6; ++n)
    for (int d = 0; d < 3; ++d) torn.x(n, d) = torn.x(0, d);
  for (int i = 0; i < 12; ++i) torn.t.flat()[i] = i < 6 ? 0 : 1;
  return torn;
}

// At a large rate some fits are chaotic: they turn the rounding of another order of summation into other
// weights. Of those that are not, what begins 1e-12 away ends nearby.
bool is_calm(const MlpCase& c, int epochs, Scalar rate) {
  Mlp beside = c.net;
  for (Scalar& v : beside.w1.flat()) v *= 1 + 1e-12;
  const MlpFit fit = plain_fit(c.net, c.x, c.t, epochs, rate),
               other = plain_fit(beside, c.x, c.t, epochs, rate);
  bool calm = static_cast<bool>(close(other.loss, fit.loss, 1e-9));
  for (Matrix Mlp::*weight : all_weights)
    calm = calm && close(other.net.*weight, fit.net.*weight, 1e-9);
  return calm;
}

// Nothing as in XOR: two outputs and more, square or not, large errors, any rate.
TEST(MlpFit, LearnsAnyShapeAtAnyRate) {
  points(3);
  Random random = test_random(35);
  for (const auto [N, D, H, M] : {MlpShape{6, 3, 4, 2},
                                  {4, 3, 3, 3},
                                  {3, 2, 5, 1},
                                  {1, 1, 1, 1},
                                  {4, 1, 3, 2},
                                  {5, 2, 4, 30}})
    for (Scalar rate : {0.001, 0.3, 2.5, 12.0}) {
      const MlpCase c = random_case(random, N, D, H, M);
      expect_close(mlp_fit(c.net, c.x, c.t, 3, rate), plain_fit(c.net, c.x, c.t, 3, rate),
                   where(c) + ", at a rate of " + std::to_string(rate), 1e-9);
    }
  for (Scalar off : {1e-4, 1e-5, 1e-7}) {
    MlpCase learned = random_case(random, 6, 3, 4, 2);  // all but learned already
    learned.t = plain_mlp(learned.net, learned.x).y;
    for (Scalar& v : learned.t.flat()) v += off;
    const MlpFit got = mlp_fit(learned.net, learned.x, learned.t, 30, 0.5);
    const MlpFit expected = plain_fit(learned.net, learned.x, learned.t, 30, 0.5);
    const std::string what = "errors of " + std::to_string(off * 1e7) + "e-7 from the beginning on";
    expect_close(got.net, expected.net, what, 1e-11);
    EXPECT_TRUE(close(got.loss, expected.loss, 1e-13 / off))
        << what << ": every sample of every epoch is trained, however small its error";
  }
  MlpCase twice = random_case(random, 6, 3, 4, 2);  // two samples are one and the same
  for (int d = 0; d < 3; ++d) twice.x(3, d) = twice.x(2, d);
  for (int m = 0; m < 2; ++m) twice.t(3, m) = twice.t(2, m);
  expect_close(mlp_fit(twice.net, twice.x, twice.t, 150, 0.3),
               plain_fit(twice.net, twice.x, twice.t, 150, 0.3),
               "150 epochs: each has all samples, in the same order, at the same rate", 1e-8);
  for (Scalar rate : {0.5, 20.0, 2000.0}) {
    MlpCase torn = torn_case(random);
    for (int draws = 1; !is_calm(torn, 12, rate) && draws < 100; ++draws) torn = torn_case(random);
    expect_close(mlp_fit(torn.net, torn.x, torn.t, 12, rate),
                 plain_fit(torn.net, torn.x, torn.t, 12, rate),
                 "a loss that comes and goes, at a rate of " + std::to_string(rate), 1e-8);
  }
  const Mlp flat = {.w1 = {{0}}, .w2 = {{0}}, .b1 = {{0}}, .b2 = {{0.1}}};
  expect_close(mlp_fit(flat, {{1}}, {{0.5}}, 4, 400), plain_fit(flat, {{1}}, {{0.5}}, 4, 400),
               "a loss that grows: every epoch is trained and recorded", 1e-9);
  MlpCase one = random_case(random, 1, 1, 1, 1);
  one.t = {{2}};  // out of reach: no loss comes near 0
  expect_close(mlp_fit(one.net, one.x, one.t, 33000, 0.01),
               plain_fit(one.net, one.x, one.t, 33000, 0.01), "33 000 epochs", 1e-8);
}

TEST(MlpFit, LearnsFromManySamplesAndWithLargeLayers) {
  points(2);
  Random random = test_random(36);
  for (const auto [N, D, H, M] : {MlpShape{1100, 3, 4, 2},
                                  {3, 1100, 3, 2},
                                  {3, 4, 1100, 2},
                                  {3, 3, 4, 1100},
                                  {1, 300, 300, 2}}) {
    const MlpCase c = random_case(random, N, D, H, M);
    expect_close(mlp_fit(c.net, c.x, c.t, 2, 0.01), plain_fit(c.net, c.x, c.t, 2, 0.01), where(c),
                 1e-9);
  }
  for (double size : {1e-12, 1e-35, 1e-200}) {
    MlpCase c = random_case(random, 3, 2, 3, 2);
    for (Matrix Mlp::*weight : all_weights) c.net.*weight = scaled(c.net.*weight, size);
    expect_close(mlp_fit(c.net, c.x, c.t, 2, size / 10), plain_fit(c.net, c.x, c.t, 2, size / 10),
                 "weights and a rate of size " + std::to_string(size) + ": small is not 0");
    c = random_case(random, 3, 2, 3, 2);
    c.x = scaled(c.x, size);
    c.net.w1 = scaled(c.net.w1, 1 / size);
    expect_close(mlp_fit(c.net, c.x, c.t, 2, 0.1), plain_fit(c.net, c.x, c.t, 2, 0.1),
                 "inputs of size " + std::to_string(size) + ": small is not 0");
  }
  MlpCase huge = random_case(random, 2, 2, 3, 1);
  huge.x = {{1e308, 1e308}, {-1e308, 1e308}};
  huge.net.w1 = scaled(huge.net.w1, 1e-309);
  expect_close(mlp_fit(huge.net, huge.x, huge.t, 2, 0), plain_fit(huge.net, huge.x, huge.t, 2, 0),
               "inputs that are finite, though their sum is not");
  for (double size : {30.0, 1e3, 1e6, 1e9, 1e12}) {
    MlpCase c = random_case(random, 4, 2, 3, 2);
    c.t = scaled(c.t, size);
    expect_close(mlp_fit(c.net, c.x, c.t, 1, 0.1 / size), plain_fit(c.net, c.x, c.t, 1, 0.1 / size),
                 "errors of " + std::to_string(size) + ": no gradient is cut off");
    c = random_case(random, 4, 2, 3, 2);
    for (Matrix Mlp::*weight : all_weights) c.net.*weight = scaled(c.net.*weight, size);
    expect_close(mlp_fit(c.net, c.x, c.t, 1, 0.1), plain_fit(c.net, c.x, c.t, 1, 0.1),
                 "weights of " + std::to_string(size) + ": none is cut off");
  }
  MlpCase most = random_case(random, 2, 1, 2, 2);  // finite, though no sum and no square is
  for (Matrix Mlp::*weight : all_weights)
    most.net.*weight = Matrix((most.net.*weight).rows(), (most.net.*weight).cols(), 1e308);
  most.t = Matrix(2, 2, 1e308);
  expect_close(mlp_fit(most.net, most.x, most.t, 0, 0.1),
               plain_fit(most.net, most.x, most.t, 0, 0.1), "weights and targets of 1e308");
  for (Scalar limit : {largest, -largest}) {
    const std::string finite = ": the largest numbers are finite, too";
    const MlpCase c = random_case(random, 2, 1, 2, 2);
    const auto expect_start = [&](const Mlp& start, const Matrix& x, const Matrix& t, Scalar rate,
                                  const std::string& what) {
      expect_close(mlp_fit(start, x, t, 0, rate), plain_fit(start, x, t, 0, rate), what + finite);
    };
    for (Matrix Mlp::*weight : all_weights)
      expect_start(replaced(c.net, weight, with(c.net.*weight, 0, 0, limit)), c.x, c.t, 0.1,
                   "a weight");
    expect_start(c.net, with(c.x, 0, 0, limit), c.t, 0.1, "x");
    expect_start(c.net, c.x, with(c.t, 0, 0, limit), 0.1, "t");
    expect_start(c.net, c.x, c.t, std::abs(limit), "the learning rate");
  }
  MlpCase lost = random_case(random, 2, 2, 3, 2);
  lost.t = Matrix(2, 2, 1e160);
  const MlpFit still = mlp_fit(lost.net, lost.x, lost.t, 2, 0);
  expect_close(still.net, lost.net, "targets of 1e160, at a rate of 0");
  ASSERT_EQ(still.loss.size(), 2u) << "a loss that is too large for a number is recorded, too";
  for (Scalar loss : still.loss) EXPECT_FALSE(std::isfinite(loss)) << "squares of 1e160";
}

TEST(MlpFit, KnowsNothingBeforeTheFirstEpoch) {
  points(1);
  expect_two_nets();
  const Mlp start = unpack(golden::xor_start_0);
  const MlpFit fit = mlp_fit(start, inputs, targets, 0, 0.2);
  expect_same(fit.net, start, 0);
  EXPECT_TRUE(fit.loss.empty());
  may_refuse([&] {
    const Matrix none_x(0, 2), none_t(0, 1);
    expect_close(mlp_fit(start, none_x, none_t, 3, 0.2), plain_fit(start, none_x, none_t, 3, 0.2),
                 "no samples: nothing is learned, and a sum of nothing is 0");
  });
}

TEST(MlpFit, ReachesNumPysWeightsAfterTenThousandEpochs) {
  points(4);
  for (const auto& [start, end, outputs] :
       {std::tuple{golden::xor_start_0, golden::xor_weights_0, golden::xor_outputs_0},
        {golden::xor_start_1, golden::xor_weights_1, golden::xor_outputs_1},
        {golden::xor_start_4, golden::xor_weights_4, golden::xor_outputs_4}}) {
    const MlpFit fit = mlp_fit(unpack(start), inputs, targets, 10000, 0.2);
    ASSERT_EQ(shape(fit.net.w1) + shape(fit.net.b1), "(2,2)(1,2)");
    ASSERT_EQ(shape(fit.net.w2) + shape(fit.net.b2), "(2,1)(1,1)");
    expect_same(fit.net, unpack(end), 1e-9);
    const Matrix y = plain_mlp(fit.net, inputs).y;
    for (int n = 0; n < 4; ++n) EXPECT_TRUE(near(y(n, 0), outputs[n], 1e-9));
  }
}

TEST(MlpFit, RecordsTheLossOfEachEpochAsItIsMet) {
  points(3);
  expect_two_nets();
  const std::vector<double>& expected = golden::xor_losses_0;
  const MlpFit fit = mlp_fit(unpack(golden::xor_start_0), inputs, targets, 10000, 0.2);
  ASSERT_EQ(fit.loss.size(), 10000u);
  EXPECT_TRUE(near(fit.loss[0], expected[0], 1e-9)) << "1/2 Σ (y - t)^2 over the four samples";
  EXPECT_TRUE(near(fit.loss[1], expected[1], 1e-9));
  EXPECT_TRUE(near(fit.loss[99], expected[2], 1e-9));
  EXPECT_TRUE(near(fit.loss[9999], expected[3], 1e-9));
}

TEST(MlpFit, RefusesWhatItCannotLearnFrom) {
  points(2);
  expect_two_nets();
  const Mlp start = unpack(golden::xor_start_0);
  EXPECT_TRUE(accepts([&] { mlp_fit(start, inputs, targets, 1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, Matrix(3, 1), 1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, Matrix(5, 1), 1, 0.2); })) << "5 targets for 4";
  for (int epochs : {0, 1})
    for (Scalar bad : {nan, infinity, -infinity})
      for (int n = 0; n < 4; ++n) {
        for (int d : {0, 1}) {
          const Matrix x = with(inputs, {n, d}, bad);
          EXPECT_TRUE(refuses([&] { mlp_fit(start, x, targets, epochs, 0.2); }))
              << bad << " in x at (" << n << "," << d << "), " << epochs << " epochs";
        }
        const Matrix t = with(targets, {n, 0}, bad);
        EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, t, epochs, 0.2); }))
            << bad << " in t at (" << n << ",0), " << epochs << " epochs";
      }
  Random random = test_random(38);
  const MlpCase wide = random_case(random, 300, 40, 3, 11);
  for (Scalar bad : not_finite) {
    for_each_place(wide.x, [&](int n, int d) {
      EXPECT_TRUE(refuses([&] { mlp_fit(wide.net, with(wide.x, n, d, bad), wide.t, 0, 0.2); }))
          << bad << " in x at (" << n << "," << d << ") of " << shape(wide.x);
    });
    for_each_place(wide.t, [&](int n, int m) {
      EXPECT_TRUE(refuses([&] { mlp_fit(wide.net, wide.x, with(wide.t, n, m, bad), 0, 0.2); }))
          << bad << " in t at (" << n << "," << m << ") of " << shape(wide.t);
    });
  }
  const Matrix none_x(0, 2), none_t(0, 1);
  for (int epochs : {-1, -2, -1000}) {
    EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, epochs, 0.2); })) << epochs;
    EXPECT_TRUE(refuses([&] { mlp_fit(start, none_x, none_t, epochs, 0.2); }))
        << epochs << ", no samples";
  }
  for (int epochs : {0, 1}) {
    EXPECT_TRUE(refuses([&] { mlp_fit(start, Matrix(0, 3), none_t, epochs, 0.2); }))
        << "x is (0,3) for 2 inputs";
    EXPECT_TRUE(refuses([&] { mlp_fit(start, none_x, Matrix(0, 2), epochs, 0.2); }))
        << "t is (0,2) for 1 output";
  }
  EXPECT_TRUE(refuses([&] { mlp_fit(start, {{0, nan}}, {{1}}, 1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, {{0, 1}}, {{nan}}, 1, 0.2); }));
}

TEST(MlpFit, RefusesWeightsAndRatesThatAreNone) {
  points(1);
  expect_two_nets();
  const Mlp start = unpack(golden::xor_start_0);
  const Matrix none_x(0, 2), none_t(0, 1);
  for (int epochs : {0, 1})
    for (Scalar bad : {nan, infinity, -infinity}) {
      for (Matrix Mlp::*weight : all_weights)
        for (int i = 0; i < (start.*weight).size(); ++i) {
          Mlp spoilt = start;
          (spoilt.*weight).flat()[i] = bad;
          EXPECT_TRUE(refuses([&] { mlp_fit(spoilt, inputs, targets, epochs, 0.2); }))
              << bad << " among the weights of the start, " << epochs << " epochs";
          EXPECT_TRUE(refuses([&] { mlp_fit(spoilt, none_x, none_t, epochs, 0.2); }))
              << bad << " among the weights of the start, no samples";
        }
      EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, epochs, bad); }))
          << "a learning rate of " << bad << ", " << epochs << " epochs";
      EXPECT_TRUE(refuses([&] { mlp_fit(start, none_x, none_t, epochs, bad); }))
          << "a learning rate of " << bad << ", no samples";
    }
  EXPECT_TRUE(refuses([&] { mlp_fit(start, none_x, none_t, 1, -0.2); })) << "-0.2, no samples";
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, 1, -0.2); })) << "uphill";
  for (Scalar rate : {-1e-12, -1e-17, -1e-300})
    EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, 1, rate); })) << "uphill, a little";
  Random random = test_random(39);
  const MlpCase wide = random_case(random, 1, 40, 30, 20);
  for (Scalar bad : not_finite)
    for (Matrix Mlp::*weight : all_weights)
      for_each_place(wide.net.*weight, [&](int i, int j) {
        const Mlp spoilt = replaced(wide.net, weight, with(wide.net.*weight, i, j, bad));
        EXPECT_TRUE(refuses([&] { mlp_fit(spoilt, wide.x, wide.t, 0, 0.2); }))
            << bad << " at (" << i << "," << j << ") of a matrix of weights";
      });
  expect_same(mlp_fit(start, inputs, targets, 2, 0).net, start, 0);  // a rate of 0 is allowed
  expect_close(mlp_fit(start, inputs, targets, 2, 0), plain_fit(start, inputs, targets, 2, 0),
               "a rate of 0 moves nothing, but every loss is recorded");
  expect_same(mlp_fit(start, inputs, targets, 2, -0.0).net, start, 0);  // and -0 is 0
}

}  // namespace
}  // namespace gradus::testing
