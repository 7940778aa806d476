// Chapter 02: what the XOR network must do.
#include <cmath>
#include <limits>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "tests/golden/numpy_xor.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
const Matrix targets = {{0}, {1}, {1}, {0}};
const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
const Scalar infinity = std::numeric_limits<Scalar>::infinity();

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
  points(2);
  EXPECT_TRUE(near(sigmoid(-40) / 4.248354255291589e-18, 1, 1e-14))
      << "σ(-40), as a multiple of the true value: a difference of two nearly equal numbers?";
  for (Scalar z : {-700.0, -100.0, -25.0, -20.0, -10.0, -5.0}) {
    const double e = std::exp(double{z});  // σ(z) = e^z - e^2z + …
    EXPECT_TRUE(near(sigmoid(z) / (e / (1 + e)), 1, 1e-14))
        << "σ(" << z << "), as a multiple of the true value";
  }
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
    EXPECT_TRUE(near(sigmoid(-z), 1 - sigmoid(z), 1e-15)) << "at z = " << z;
  }
}

TEST(Sigmoid, DerivativeIsTakenFromTheOutput) {
  points(4);
  EXPECT_TRUE(near(sigmoid_derivative(0.5), 0.25, 1e-15));
  EXPECT_TRUE(near(sigmoid_derivative(0.9), 0.09, 1e-15)) << "σ' = y (1 - y) with y = σ(z)";
  EXPECT_TRUE(near(sigmoid_derivative(0.1), 0.09, 1e-15));
  EXPECT_TRUE(near(sigmoid_derivative(1), 0, 0));
  EXPECT_TRUE(near(sigmoid_derivative(0), 0, 0));
  for (Scalar z : {-3.0, -0.5, 0.2, 2.0}) {
    const double slope = (sigmoid(z + 1e-5) - sigmoid(z - 1e-5)) / 2e-5, y = 1 / (1 + std::exp(-z));
    EXPECT_TRUE(near(sigmoid_derivative(y), slope, 1e-9)) << "at z = " << z;
  }
}

TEST(Sigmoid, DerivativeKeepsAllDigitsAtBothEnds) {
  points(2);
  for (int exponent : {-10, -20, -30, -40, -50}) {
    const Scalar small = std::ldexp(Scalar{1}, exponent);  // so that 1 - small is exact
    EXPECT_TRUE(near(sigmoid_derivative(1 - small) / (small * (1 - small)), 1, 1e-14))
        << "at y = 1 - 2^" << exponent << ", as a multiple of the true value: subtract 1 - y first";
    EXPECT_TRUE(near(sigmoid_derivative(small) / (small * (1 - small)), 1, 1e-14))
        << "at y = 2^" << exponent << ", as a multiple of the true value";
  }
  EXPECT_TRUE(near(sigmoid_derivative(1e-300) / 1e-300, 1, 1e-14));
  EXPECT_TRUE(std::isnan(sigmoid_derivative(nan))) << "NaN must not become a number";
}

// ---- the dense layer ----

TEST(Dense, MultipliesAndAddsByHand) {
  points(7);
  const Matrix x = {{1, 2, 3}, {-1, 0, 2}, {0, 1, 0}, {4, 0, -2}};
  const Matrix w = {{1, -1}, {0, 2}, {3, 0.5}}, b = {{10, 20}};
  EXPECT_TRUE(near(dense_forward(x, w, b), {{20, 24.5}, {15, 22}, {10, 22}, {8, 15}}, 1e-12));
}

TEST(Dense, BackwardByHand) {
  points(5);
  const Matrix x = {{1, 2, 3}, {-1, 0, 2}}, w = {{1, -1}, {0, 2}, {3, 0.5}};
  const DenseGradients g = dense_backward({{1, 10}, {2, -4}}, x, w);
  EXPECT_TRUE(near(g.dx, {{-9, 20, 8}, {6, -8, 4}}, 1e-12)) << "dx = dy w^T";
  EXPECT_TRUE(near(g.dw, {{-1, 14}, {2, 20}, {7, 22}}, 1e-12)) << "dw = x^T dy, nothing divided";
  EXPECT_TRUE(near(g.db, {{3, 6}}, 1e-12)) << "db sums over the batch";
}

TEST(Dense, FirstLayerHasNoGradientOfItsInput) {
  points(4);
  const DenseGradients g = dense_backward_first({{1, 10}, {2, -4}}, {{1, 2, 3}, {-1, 0, 2}});
  EXPECT_TRUE(near(g.dw, {{-1, 14}, {2, 20}, {7, 22}}, 1e-12)) << "dw as from dense_backward";
  EXPECT_TRUE(near(g.db, {{3, 6}}, 1e-12)) << "db as from dense_backward";
  EXPECT_EQ(g.dx.size(), 0) << "dx stays empty";
  Random random = test_random(16);
  const Matrix x = random.normal_matrix(0, 1, 33, 70), w = random.normal_matrix(0, 1, 70, 9);
  const Matrix dy = random.normal_matrix(0, 1, 33, 9);
  const DenseGradients first = dense_backward_first(dy, x), whole = dense_backward(dy, x, w);
  EXPECT_TRUE(near(first.dw, whole.dw, 1e-11));
  EXPECT_TRUE(near(first.db, whole.db, 1e-11));
}

TEST(Dense, GradientsAreRight) {
  points(5);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(10 + salt);
    const Matrix x = random.normal_matrix(0, 1, 5, 4), w = random.normal_matrix(0, 1, 4, 3);
    const Matrix b = random.normal_matrix(0, 1, 1, 3), dy = random.normal_matrix(0, 1, 5, 3);
    const DenseGradients g = dense_backward(dy, x, w);
    const auto by_x = [&](const Matrix& m) { return dot(dy, dense_forward(m, w, b)); };
    const auto by_w = [&](const Matrix& m) { return dot(dy, dense_forward(x, m, b)); };
    const auto by_b = [&](const Matrix& m) { return dot(dy, dense_forward(x, w, m)); };
    EXPECT_TRUE(is_gradient("dense dx", by_x, x, g.dx));
    EXPECT_TRUE(is_gradient("dense dw", by_w, w, g.dw));
    EXPECT_TRUE(is_gradient("dense db", by_b, b, g.db));
  }
}

TEST(Dense, IsRightForLargeAndForSingleShapes) {
  points(2);
  struct Shape {
    int N, D, M;
  };
  for (const auto [N, D, M] : {Shape{37, 65, 21}, {1, 70, 3}, {40, 1, 1}, {1, 1, 1}, {3, 2, 67}}) {
    Random random = test_random(15);
    const Matrix x = random.normal_matrix(0, 1, N, D), w = random.normal_matrix(0, 1, D, M);
    const Matrix b = random.normal_matrix(0, 1, 1, M), dy = random.normal_matrix(0, 1, N, M);
    Matrix y(N, M), dx(N, D), dw(D, M), db(1, M);
    for (int n = 0; n < N; ++n)
      for (int m = 0; m < M; ++m) {
        y(n, m) += b(0, m);
        db(0, m) += dy(n, m);
        for (int d = 0; d < D; ++d) {
          y(n, m) += x(n, d) * w(d, m);
          dx(n, d) += dy(n, m) * w(d, m);
          dw(d, m) += x(n, d) * dy(n, m);
        }
      }
    const DenseGradients g = dense_backward(dy, x, w);
    EXPECT_TRUE(near(dense_forward(x, w, b), y, 1e-11)) << shape(x) << " " << shape(w);
    EXPECT_TRUE(near(g.dx, dx, 1e-11)) << shape(x) << " " << shape(w);
    EXPECT_TRUE(near(g.dw, dw, 1e-11)) << shape(x) << " " << shape(w);
    EXPECT_TRUE(near(g.db, db, 1e-11)) << shape(x) << " " << shape(w);
  }
}

TEST(Dense, RefusesShapesThatDoNotFit) {
  points(4);
  const Matrix x(4, 3), w(3, 2), b(1, 2), dy(4, 2);
  EXPECT_TRUE(accepts([&] { dense_forward(x, w, b); }));
  EXPECT_TRUE(accepts([&] { dense_backward(dy, x, w); }));
  EXPECT_TRUE(refuses([&] { dense_forward(x, Matrix(2, 2), b); })) << "w has 2 rows for 3 inputs";
  EXPECT_TRUE(refuses([&] { dense_forward(x, w, Matrix(2, 1)); })) << "b stands upright";
  EXPECT_TRUE(refuses([&] { dense_forward(x, w, Matrix(1, 3)); })) << "b is too wide";
  EXPECT_TRUE(refuses([&] { dense_forward(x, w, Matrix(4, 2)); })) << "b has a row per sample";
  EXPECT_TRUE(refuses([&] { dense_forward(x, Matrix(3, 1), Matrix(4, 1)); })) << "b upright";
  EXPECT_TRUE(refuses([&] { dense_backward(Matrix(3, 2), x, w); })) << "dy of another batch";
  EXPECT_TRUE(refuses([&] { dense_backward(Matrix(4, 3), x, w); })) << "dy too wide";
  EXPECT_TRUE(refuses([&] { dense_backward(dy, x, Matrix(2, 2)); })) << "w of another layer";
  EXPECT_TRUE(accepts([&] { dense_backward_first(dy, x); }));
  EXPECT_TRUE(refuses([&] { dense_backward_first(Matrix(3, 2), x); })) << "dy of another batch";
}

TEST(Dense, GivesNaNForNaN) {
  points(1);
  const Matrix x = {{1, 2}, {nan, 0}}, w = {{1, 2, 0}, {0, 1, 1}}, dy = {{1, nan, 2}, {0, 1, 1}};
  const Matrix y = dense_forward(x, w, {{0, nan, 0}});
  EXPECT_TRUE(std::isnan(y(1, 0)) && std::isnan(y(0, 1)) && std::isnan(y(1, 1)));
  EXPECT_TRUE(near(y(0, 2), 2, 1e-14)) << "and what does not depend on it stays";
  const DenseGradients g = dense_backward(dy, {{1, 2}, {3, 0}}, w);
  EXPECT_TRUE(std::isnan(g.dx(0, 0)) && std::isnan(g.dw(1, 1)) && std::isnan(g.db(0, 1)));
  EXPECT_TRUE(near(g.db(0, 2), 3, 1e-14));
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

// Weights of ordinary size, so that no derivative is nearly zero.
Mlp random_mlp(Random& random, int inputs, int hidden, int outputs) {
  return {.w1 = random.normal_matrix(0, 1, inputs, hidden),
          .w2 = random.normal_matrix(0, 1, hidden, outputs),
          .b1 = random.normal_matrix(0, 1, 1, hidden),
          .b2 = random.normal_matrix(0, 1, 1, outputs)};
}

TEST(Mlp, StartsFromNumPysNumbers) {
  points(7);
  for (const auto& [seed, start] :
       {std::pair{0, golden::xor_start_0}, {1, golden::xor_start_1}, {4, golden::xor_start_4}}) {
    Random random(static_cast<std::uint32_t>(seed));
    expect_same(mlp_init(2, 2, 1, random), unpack(start), 1e-15);
  }
}

TEST(Mlp, InitialisesAnyShapeFromTheGivenStream) {
  points(3);
  Random one(9), two(9);
  const Mlp net = mlp_init(3, 5, 2, one);
  EXPECT_TRUE(near(net.w1, two.uniform_matrix(-0.1, 0.1, 3, 5), 1e-15));
  EXPECT_TRUE(near(net.w2, two.uniform_matrix(-0.1, 0.1, 5, 2), 1e-15));
  EXPECT_TRUE(near(net.b1, two.uniform_matrix(-0.1, 0.1, 1, 5), 1e-15));
  EXPECT_TRUE(near(net.b2, two.uniform_matrix(-0.1, 0.1, 1, 2), 1e-15));
  EXPECT_EQ(one.uniform(), two.uniform()) << "draw from `random` itself, not from a copy";
}

TEST(Mlp, RefusesLayersWithoutUnits) {
  points(1);
  for (int bad : {0, -1}) {
    Random random(9), untouched(9);
    EXPECT_TRUE(refuses([&] { mlp_init(bad, 5, 2, random); })) << bad << " inputs";
    EXPECT_TRUE(refuses([&] { mlp_init(3, bad, 2, random); })) << bad << " hidden units";
    EXPECT_TRUE(refuses([&] { mlp_init(3, 5, bad, random); })) << bad << " outputs";
    EXPECT_EQ(random.uniform(), untouched.uniform()) << "refuse before the first weight is drawn";
  }
  Random random(9);
  EXPECT_EQ(shape(mlp_init(1, 1, 1, random).w2), "(1,1)");
}

TEST(Mlp, ForwardByHand) {
  points(7);
  const Scalar l3 = std::log(3.0), l4 = std::log(4.0);
  const Mlp net = {.w1 = {{l3, 0}, {0, -l4}}, .w2 = {{4}, {-5}}, .b1 = {{0, l4}}, .b2 = {{-2}}};
  const MlpActivations a = mlp_forward(net, inputs);
  EXPECT_TRUE(near(a.h, {{0.5, 0.8}, {0.5, 0.5}, {0.75, 0.8}, {0.75, 0.5}}, 1e-12));
  const auto y = [](double z) { return 1 / (1 + std::exp(-z)); };
  EXPECT_TRUE(near(a.y, {{y(-4)}, {y(-2.5)}, {y(-3)}, {y(-1.5)}}, 1e-12))
      << "the output layer works on h = σ(z1), not on z1";
}

TEST(Mlp, GradientsAreRight) {
  points(7);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(20 + salt);
    const Mlp net = random_mlp(random, 4, 3, 2);
    const Matrix x = random.normal_matrix(0, 1, 5, 4), t = random.uniform_matrix(0, 1, 5, 2);
    const auto loss = [&](const Mlp& m) {
      const Matrix y = mlp_forward(m, x).y;
      Scalar sum = 0;
      for (int n = 0; n < 5; ++n)
        for (int k = 0; k < 2; ++k) sum += (y(n, k) - t(n, k)) * (y(n, k) - t(n, k)) / 2;
      return sum;
    };
    const Mlp g = mlp_backward(net, x, mlp_forward(net, x), t);
    const auto check = [&](const char* name, Matrix Mlp::*weight) {
      const auto by_weight = [&](const Matrix& m) {
        Mlp moved = net;
        moved.*weight = m;
        return loss(moved);
      };
      EXPECT_TRUE(is_gradient(name, by_weight, net.*weight, g.*weight));
    };
    check("mlp dw1", &Mlp::w1);
    check("mlp dw2", &Mlp::w2);
    check("mlp db1", &Mlp::b1);
    check("mlp db2", &Mlp::b2);
  }
}

TEST(Mlp, ForwardOfAnyBatchIsThatOfItsSamples) {
  points(2);
  Random random = test_random(28);
  const Mlp net = random_mlp(random, 3, 9, 2);
  const Matrix x = random.normal_matrix(0, 1, 33, 3);
  const MlpActivations all = mlp_forward(net, x);
  ASSERT_EQ(shape(all.h), "(33,9)");
  ASSERT_EQ(shape(all.y), "(33,2)");
  for (int n = 0; n < 33; ++n) {
    const MlpActivations one = mlp_forward(net, {{x(n, 0), x(n, 1), x(n, 2)}});
    for (int j = 0; j < 9; ++j) {
      Scalar z = net.b1(0, j);
      for (int d = 0; d < 3; ++d) z += x(n, d) * net.w1(d, j);
      EXPECT_TRUE(near(all.h(n, j), 1 / (1 + std::exp(-z)), 1e-12)) << "sample " << n;
    }
    for (int m = 0; m < 2; ++m) EXPECT_TRUE(near(all.y(n, m), one.y(0, m), 1e-12)) << n;
  }
}

// The net with one of its matrices replaced.
Mlp with(Mlp net, Matrix Mlp::*weight, const Matrix& other) {
  net.*weight = other;
  return net;
}

TEST(Mlp, RefusesLayersThatDoNotFit) {
  points(3);
  Random random = test_random(31);
  const Mlp net = random_mlp(random, 2, 3, 1);
  const MlpActivations a = mlp_forward(net, inputs);
  EXPECT_TRUE(accepts([&] { mlp_backward(net, inputs, a, targets); }));
  EXPECT_TRUE(accepts([&] { mlp_fit(net, inputs, targets, 0, 0.2); }));
  for (const Mlp& bad : {with(net, &Mlp::w1, Matrix(3, 3)), with(net, &Mlp::w1, Matrix(2, 2)),
                         with(net, &Mlp::b1, Matrix(1, 2)), with(net, &Mlp::b1, Matrix(3, 1)),
                         with(net, &Mlp::w2, Matrix(2, 1)), with(net, &Mlp::w2, Matrix(3, 2)),
                         with(net, &Mlp::b2, Matrix(1, 2)), with(net, &Mlp::b2, Matrix(2, 1)),
                         with(net, &Mlp::b2, Matrix())}) {
    const std::string what = "w1 " + shape(bad.w1) + ", b1 " + shape(bad.b1) + ", w2 " +
                             shape(bad.w2) + ", b2 " + shape(bad.b2);
    EXPECT_TRUE(refuses([&] { mlp_forward(bad, inputs); })) << "mlp_forward: " << what;
    EXPECT_TRUE(refuses([&] { mlp_backward(bad, inputs, a, targets); }))
        << "mlp_backward: " << what;
    for (int epochs : {0, 1})
      EXPECT_TRUE(refuses([&] { mlp_fit(bad, inputs, targets, epochs, 0.2); }))
          << "mlp_fit, " << epochs << " epochs: " << what;
  }
}

TEST(Mlp, RefusesShapesThatDoNotFit) {
  points(3);
  Random random = test_random(30);
  const Mlp net = random_mlp(random, 2, 2, 1);
  EXPECT_TRUE(refuses([&] { mlp_forward(net, Matrix(4, 3)); })) << "3 inputs for 2";
  const MlpActivations a = mlp_forward(net, inputs);
  EXPECT_TRUE(refuses([&] { mlp_backward(net, inputs, a, Matrix(3, 1)); })) << "3 targets for 4";
  EXPECT_TRUE(refuses([&] { mlp_backward(net, inputs, a, Matrix(4, 2)); })) << "targets too wide";
  EXPECT_TRUE(refuses([&] { mlp_backward(net, inputs, a, Matrix(4, 3)); })) << "targets too wide";
  EXPECT_TRUE(refuses([&] { mlp_backward(net, Matrix(3, 2), a, targets); }))
      << "3 inputs rows for 4";
  EXPECT_TRUE(refuses([&] { mlp_backward(net, Matrix(4, 3), a, targets); })) << "3 inputs for 2";
  const MlpActivations wide_h = {Matrix(4, 3), a.y}, short_h = {Matrix(3, 2), a.y};
  EXPECT_TRUE(refuses([&] { mlp_backward(net, inputs, wide_h, targets); })) << "h too wide";
  EXPECT_TRUE(refuses([&] { mlp_backward(net, inputs, short_h, targets); })) << "h too short";
  const MlpActivations wide_y = {a.h, Matrix(4, 2)};
  EXPECT_TRUE(refuses([&] { mlp_backward(net, inputs, wide_y, Matrix(4, 2)); })) << "y too wide";
  for (int epochs : {0, 1})
    EXPECT_TRUE(refuses([&] { mlp_fit(net, inputs, Matrix(4, 2), epochs, 0.2); }))
        << "mlp_fit: targets too wide, " << epochs << " epochs";
}

// ---- training ----

TEST(MlpFit, TakesOneStepAfterEachSample) {
  points(5);
  const Mlp start = unpack(golden::xor_weights_1);
  const Matrix x = {{0.3, -0.7}}, t = {{0.9}};
  const Mlp g = mlp_backward(start, x, mlp_forward(start, x), t);
  const MlpFit fit = mlp_fit(start, x, t, 1, 0.5);
  for (Matrix Mlp::*weight : {&Mlp::w1, &Mlp::w2, &Mlp::b1, &Mlp::b2}) {
    Matrix expected = start.*weight;
    for (int i = 0; i < expected.rows(); ++i)
      for (int j = 0; j < expected.cols(); ++j) expected(i, j) -= 0.5 * (g.*weight)(i, j);
    EXPECT_TRUE(near(fit.net.*weight, expected, 1e-14));
  }
}

// Two outputs, three inputs, six samples, a large rate, three epochs: nothing as in XOR.
TEST(MlpFit, LearnsAnyShapeAtAnyRate) {
  points(2);
  Random random = test_random(35);
  const Mlp start = random_mlp(random, 3, 4, 2);
  const Matrix x = random.normal_matrix(0, 1, 6, 3), t = random.uniform_matrix(0, 1, 6, 2);
  Mlp net = start;
  std::vector<Scalar> losses;
  for (int epoch = 0; epoch < 3; ++epoch) {
    losses.push_back(0);
    for (int n = 0; n < 6; ++n) {
      const Matrix xn = {{x(n, 0), x(n, 1), x(n, 2)}}, tn = {{t(n, 0), t(n, 1)}};
      const MlpActivations a = mlp_forward(net, xn);
      for (int m = 0; m < 2; ++m) losses.back() += std::pow(a.y(0, m) - tn(0, m), 2) / 2;
      const Mlp g = mlp_backward(net, xn, a, tn);
      for (Matrix Mlp::*weight : {&Mlp::w1, &Mlp::w2, &Mlp::b1, &Mlp::b2})
        for (int i = 0; i < (net.*weight).size(); ++i)
          (net.*weight).flat()[i] -= 2.5 * (g.*weight).flat()[i];
    }
  }
  const MlpFit fit = mlp_fit(start, x, t, 3, 2.5);
  expect_same(fit.net, net, 1e-10);
  ASSERT_EQ(fit.loss.size(), 3u);
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_TRUE(near(fit.loss[epoch], losses[epoch], 1e-10)) << "over all outputs";
}

TEST(MlpFit, KnowsNothingBeforeTheFirstEpoch) {
  points(2);
  const Mlp start = unpack(golden::xor_start_0);
  const MlpFit fit = mlp_fit(start, inputs, targets, 0, 0.2);
  expect_same(fit.net, start, 0);
  EXPECT_TRUE(fit.loss.empty());
}

TEST(MlpFit, ReachesNumPysWeightsAfterTenThousandEpochs) {
  points(7);
  for (const auto& [start, end, outputs] :
       {std::tuple{golden::xor_start_0, golden::xor_weights_0, golden::xor_outputs_0},
        {golden::xor_start_1, golden::xor_weights_1, golden::xor_outputs_1},
        {golden::xor_start_4, golden::xor_weights_4, golden::xor_outputs_4}}) {
    const MlpFit fit = mlp_fit(unpack(start), inputs, targets, 10000, 0.2);
    expect_same(fit.net, unpack(end), 1e-9);
    const Matrix y = mlp_forward(fit.net, inputs).y;
    for (int n = 0; n < 4; ++n) EXPECT_TRUE(near(y(n, 0), outputs[n], 1e-9));
  }
}

TEST(MlpFit, RecordsTheLossOfEachEpochAsItIsMet) {
  points(3);
  const std::vector<double>& expected = golden::xor_losses_0;
  const MlpFit fit = mlp_fit(unpack(golden::xor_start_0), inputs, targets, 10000, 0.2);
  ASSERT_EQ(fit.loss.size(), 10000u);
  EXPECT_TRUE(near(fit.loss[0], expected[0], 1e-9)) << "1/2 Σ (y - t)^2 over the four samples";
  EXPECT_TRUE(near(fit.loss[1], expected[1], 1e-9));
  EXPECT_TRUE(near(fit.loss[99], expected[2], 1e-9));
  EXPECT_TRUE(near(fit.loss[9999], expected[3], 1e-9));
}

TEST(MlpFit, RefusesWhatItCannotLearnFrom) {
  points(3);
  const Mlp start = unpack(golden::xor_start_0);
  EXPECT_TRUE(accepts([&] { mlp_fit(start, inputs, targets, 1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, Matrix(3, 1), 1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, Matrix(5, 1), 1, 0.2); })) << "5 targets for 4";
  for (Scalar bad : {nan, infinity, -infinity})
    for (int n : {0, 3}) {
      Matrix x = inputs, t = targets;
      x(n, 1) = bad;
      t(n, 0) = bad;
      EXPECT_TRUE(refuses([&] { mlp_fit(start, x, targets, 1, 0.2); })) << bad << " in x";
      EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, t, 1, 0.2); })) << bad << " in t";
    }
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, -1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, {{0, nan}}, {{1}}, 1, 0.2); }));
  EXPECT_TRUE(refuses([&] { mlp_fit(start, {{0, 1}}, {{nan}}, 1, 0.2); }));
}

TEST(MlpFit, RefusesWeightsAndRatesThatAreNone) {
  points(2);
  const Mlp start = unpack(golden::xor_start_0);
  for (int epochs : {0, 1})
    for (Scalar bad : {nan, infinity, -infinity}) {
      for (Matrix Mlp::*weight : {&Mlp::w1, &Mlp::w2, &Mlp::b1, &Mlp::b2}) {
        Mlp spoilt = start;
        (spoilt.*weight).flat().back() = bad;
        EXPECT_TRUE(refuses([&] { mlp_fit(spoilt, inputs, targets, epochs, 0.2); }))
            << bad << " among the weights of the start, " << epochs << " epochs";
      }
      EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, epochs, bad); }))
          << "a learning rate of " << bad << ", " << epochs << " epochs";
    }
  EXPECT_TRUE(refuses([&] { mlp_fit(start, inputs, targets, 1, -0.2); })) << "uphill";
  expect_same(mlp_fit(start, inputs, targets, 2, 0).net, start, 0);  // a rate of 0 is allowed
}

}  // namespace
}  // namespace gradus::testing
