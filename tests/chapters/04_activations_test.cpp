// Chapter 04: what activations and their backward passes must do.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "chapters/04_activations/activations.hpp"
#include "common/matmul.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();
const Matrix some_z = {{-2, -0.5, 0, 0.5, 2}, {1e4, -1e4, 30, -30, 1}};

// ---- values ----

TEST(Step, IsZeroOrOneAndHasNoSlope) {
  points(4);
  EXPECT_TRUE(near(step_forward(some_z), {{0, 0, 0, 1, 1}, {1, 0, 1, 0, 1}}, 0));
  EXPECT_TRUE(near(step_backward(Matrix(2, 5, 3), some_z), Matrix(2, 5), 0));
  EXPECT_EQ(step_derivative(-1), 0);
  EXPECT_EQ(step_derivative(1), 0);
}

TEST(Step, UsesTheStepOfChapterOne) {
  points(2);
  EXPECT_TRUE(near(step_forward({{1e-9, 9e-8, 1.1e-7}}), {{0, 0, 1}}, 0)) << "1 above 1e-7 only";
  EXPECT_EQ(step_derivative(0), 0);
}

TEST(Sigmoid, SaturatesWithoutOverflow) {
  points(4);
  const Matrix y = sigmoid_forward({{0, std::log(3.0), -1e4, 1e4}});
  EXPECT_TRUE(near(y, {{0.5, 0.75, 0, 1}}, 1e-15));
  EXPECT_TRUE(near(sigmoid_forward({{-40}}), {{4.248354255291589e-18}}, 1e-32)) << "not yet 0";
}

TEST(Tanh, SaturatesWithoutOverflow) {
  points(5);
  const Matrix y = tanh_forward({{0, std::log(2.0), -1e4, 1e4, 400}});
  EXPECT_TRUE(near(y, {{0, 0.6, -1, 1, 1}}, 1e-15))
      << "(e^2z - 1) / (e^2z + 1) is infinity by infinity for large z";
  EXPECT_TRUE(near(tanh_forward({{12}}), {{1 - 7.5502690145e-11}}, 1e-15)) << "not yet 1";
}

TEST(Tanh, KeepsItsDigitsNearZeroAndItsSlopeNearOne) {
  points(2);
  EXPECT_TRUE(near(tanh_forward({{1e-5, -1e-12}}), {{9.9999999996666667e-06, -1e-12}}, 1e-19));
  EXPECT_TRUE(near(tanh_forward({{-1e-12}}), {{-1e-12}}, 1e-26))
      << "a difference of exponentials near 1 keeps few digits; std::tanh keeps all";
  const double y = 1 - std::ldexp(1, -30), slope = std::ldexp(2 - std::ldexp(1, -30), -30);
  EXPECT_TRUE(near(tanh_derivative(y), slope, 1e-14 * slope))
      << "where y is nearly 1, y^2 is rounded and 1 - y^2 keeps few digits; a product keeps all";
  EXPECT_TRUE(near(tanh_backward({{4}}, {{-y}}), {{4 * slope}}, 4e-14 * slope));
}

TEST(Relu, LetsThePositiveThrough) {
  points(4);
  EXPECT_TRUE(near(relu_forward(some_z), {{0, 0, 0, 0.5, 2}, {1e4, 0, 30, 0, 1}}, 0));
  EXPECT_EQ(relu(-3), 0);
  EXPECT_EQ(relu(3), 3);
  EXPECT_EQ(relu(1e-9), 1e-9) << "no threshold as in the step";
  EXPECT_TRUE(near(relu_forward({{1e-9}}), {{1e-9}}, 1e-24));
}

TEST(LeakyRelu, LetsALittleOfTheNegativeThrough) {
  points(4);
  EXPECT_TRUE(near(leaky_relu_forward(some_z, 0.1),
                   {{-0.2, -0.05, 0, 0.5, 2}, {1e4, -1e3, 30, -3, 1}}, 1e-11));
  EXPECT_TRUE(near(leaky_relu(-3, 0.2), -0.6, 1e-15));
  EXPECT_TRUE(near(leaky_relu(3, 0.2), 3, 1e-15));
  EXPECT_TRUE(near(leaky_relu_forward({{-3, 3}}, 2), {{-6, 3}}, 1e-14)) << "no max(z, slope z)";
  EXPECT_TRUE(near(leaky_relu_forward({{-3, 3}}, 0), {{0, 3}}, 1e-15));
  EXPECT_TRUE(near(leaky_relu_backward({{1, 1}}, {{-3, 3}}, 2), {{2, 1}}, 1e-15));
}

TEST(LeakyRelu, RefusesASlopeThatIsNotFinite) {
  points(2);
  for (const double slope : {-0.5, 0.0, 3.0}) {
    EXPECT_TRUE(accepts([&] { leaky_relu(-1, slope); })) << slope;
    EXPECT_TRUE(accepts([&] { leaky_relu_derivative(-1, slope); })) << slope;
    EXPECT_TRUE(accepts([&] { leaky_relu_forward({{-1}}, slope); })) << slope;
    EXPECT_TRUE(accepts([&] { leaky_relu_backward({{1}}, {{-1}}, slope); })) << slope;
  }
  EXPECT_TRUE(near(leaky_relu(-3, -0.5), 1.5, 1e-15)) << "a negative slope is a slope too";
  for (const double slope : {nan, infinity, -infinity}) {
    EXPECT_TRUE(refuses([&] { leaky_relu(1, slope); })) << slope;
    EXPECT_TRUE(refuses([&] { leaky_relu_derivative(1, slope); })) << slope;
    EXPECT_TRUE(refuses([&] { leaky_relu_forward({{1}}, slope); })) << slope;
    EXPECT_TRUE(refuses([&] { leaky_relu_backward({{1}}, {{1}}, slope); })) << slope;
  }
}

// ---- slopes ----

// The numbers of the notes: a quarter at most, and its powers through 2 and 3 layers.
TEST(Sigmoid, PassesAQuarterAtMostThroughEachLayer) {
  points(5);
  Matrix dy = {{1, 1}};
  const Matrix y = sigmoid_forward({{0, 0}});
  for (double left : {0.25, 0.0625, 0.015625}) {
    dy = sigmoid_backward(dy, y);
    EXPECT_TRUE(near(dy, {{left, left}}, 1e-15));
  }
}

TEST(Tanh, HasTheSlopeOneMinusSquare) {
  points(4);
  EXPECT_TRUE(near(tanh_derivative(0), 1, 0));
  EXPECT_TRUE(near(tanh_derivative(0.6), 0.64, 1e-15)) << "1 - y^2 with y = tanh(z), the output";
  EXPECT_TRUE(near(tanh_backward({{2, 2, 2}}, {{0, 0.6, 1}}), {{2, 1.28, 0}}, 1e-15));
}

TEST(Relu, HasNoSlopeAtZero) {
  points(5);
  EXPECT_EQ(relu_derivative(0), 0) << "at 0 the slope is 0 here, as in PyTorch";
  EXPECT_EQ(relu_derivative(1e-15), 1);
  EXPECT_EQ(relu_derivative(-1e-15), 0);
  EXPECT_TRUE(near(relu_backward({{7, 8, 9, 5}}, {{-1, 0, 1, 1e-9}}), {{0, 0, 9, 5}}, 0));
}

TEST(LeakyRelu, HasItsSmallSlopeUpToZero) {
  points(5);
  EXPECT_EQ(leaky_relu_derivative(0, 0.125), 0.125);
  EXPECT_EQ(leaky_relu_derivative(2, 0.125), 1);
  EXPECT_TRUE(near(leaky_relu_backward({{8, 8, 9}}, {{-1, 0, 1}}, 0.125), {{1, 1, 9}}, 0));
  EXPECT_TRUE(near(leaky_relu_backward({{8}}, {{1e-9}}, 0.125), {{8}}, 0));
}

TEST(Activations, BackwardIsFiniteAtTenThousand) {
  points(4);
  const Matrix z = {{-1e4, 1e4}}, dy = {{1, 1}};
  EXPECT_TRUE(near(sigmoid_backward(dy, sigmoid_forward(z)), {{0, 0}}, 1e-15));
  EXPECT_TRUE(near(tanh_backward(dy, tanh_forward(z)), {{0, 0}}, 1e-15));
  EXPECT_TRUE(near(relu_backward(dy, z), {{0, 1}}, 0));
  EXPECT_TRUE(near(leaky_relu_backward(dy, z, 0.01), {{0.01, 1}}, 1e-17));
}

// ---- NaN ----

// NaN where it went in, and only there.
::testing::AssertionResult first_is_nan(const Matrix& m) {
  if (m.rows() != 1 || m.cols() != 2)
    return ::testing::AssertionFailure() << "got shape " << shape(m) << ", expected (1,2)";
  if (!std::isnan(m(0, 0)))
    return ::testing::AssertionFailure() << "got " << m(0, 0) << " for NaN, expected NaN";
  if (!std::isfinite(m(0, 1)))
    return ::testing::AssertionFailure() << "got " << m(0, 1) << " beside NaN, expected a number";
  return ::testing::AssertionSuccess();
}

TEST(Activations, KeepNaN) {
  points(2);
  EXPECT_TRUE(std::isnan(relu(nan))) << "every comparison with NaN is false; std::max loses it too";
  EXPECT_TRUE(std::isnan(leaky_relu(nan, 0.1)));
  const Matrix z = {{nan, 1}};
  EXPECT_TRUE(first_is_nan(sigmoid_forward(z)));
  EXPECT_TRUE(first_is_nan(tanh_forward(z)));
  EXPECT_TRUE(first_is_nan(relu_forward(z)));
  EXPECT_TRUE(first_is_nan(leaky_relu_forward(z, 0.1)));
  for (Activation f :
       {Activation::sigmoid, Activation::tanh, Activation::relu, Activation::leaky_relu})
    EXPECT_TRUE(first_is_nan(activation_forward(f, z))) << static_cast<int>(f);
  EXPECT_TRUE(refuses([&] { step_forward(z); })) << "the step answers 0 or 1, never NaN";
  EXPECT_TRUE(refuses([&] { activation_forward(Activation::step, z); }));
}

TEST(Activations, KeepNaNOnTheWayBack) {
  points(2);
  EXPECT_TRUE(std::isnan(step_derivative(nan)));
  EXPECT_TRUE(std::isnan(tanh_derivative(nan)));
  EXPECT_TRUE(std::isnan(relu_derivative(nan))) << "the slope at NaN is neither 0 nor 1";
  EXPECT_TRUE(std::isnan(leaky_relu_derivative(nan, 0.1)));
  const Matrix with_nan = {{nan, 0.5}}, without = {{-1, 0.5}};
  const auto expect = [&](const Matrix& dy, const Matrix& z) {
    EXPECT_TRUE(first_is_nan(step_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(sigmoid_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(tanh_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(relu_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(leaky_relu_backward(dy, z, 0.1)));
  };
  expect(without, with_nan);
  expect(with_nan, without);  // 0 times NaN is NaN: a dead unit does not hide it
}

// ---- gradients ----

TEST(Activations, GradientsAreRight) {
  points(10);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(40 + salt);
    const Matrix z = random.normal_matrix(0, 1.5, 4, 3), dy = random.normal_matrix(0, 1, 4, 3);
    const auto check = [&](const char* name, Matrix (*forward)(const Matrix&), const Matrix& dz) {
      const auto loss = [&](const Matrix& m) { return dot(dy, forward(m)); };
      EXPECT_TRUE(is_gradient(name, loss, z, dz));
    };
    check("sigmoid dz", sigmoid_forward, sigmoid_backward(dy, sigmoid_forward(z)));
    check("tanh dz", tanh_forward, tanh_backward(dy, tanh_forward(z)));
    check("relu dz", relu_forward, relu_backward(dy, z));
    const auto leaky = [&](const Matrix& m) { return dot(dy, leaky_relu_forward(m, 0.2)); };
    EXPECT_TRUE(is_gradient("leaky relu dz", leaky, z, leaky_relu_backward(dy, z, 0.2)));
  }
}

TEST(Activations, RefuseAGradientOfAnotherShape) {
  points(4);
  const Matrix dy(2, 3);
  EXPECT_TRUE(accepts([&] { step_backward(dy, dy); }));
  EXPECT_TRUE(accepts([&] { sigmoid_backward(dy, dy); }));
  EXPECT_TRUE(accepts([&] { tanh_backward(dy, dy); }));
  EXPECT_TRUE(accepts([&] { relu_backward(dy, dy); }));
  EXPECT_TRUE(accepts([&] { leaky_relu_backward(dy, dy, 0.1); }));
  for (const Matrix& a : {Matrix(3, 2), Matrix(2, 2), Matrix(2, 4), Matrix(1, 3), Matrix(3, 3)}) {
    EXPECT_TRUE(refuses([&] { step_backward(dy, a); })) << shape(a);
    EXPECT_TRUE(refuses([&] { sigmoid_backward(dy, a); })) << shape(a);
    EXPECT_TRUE(refuses([&] { tanh_backward(dy, a); })) << shape(a);
    EXPECT_TRUE(refuses([&] { relu_backward(dy, a); })) << shape(a);
    EXPECT_TRUE(refuses([&] { leaky_relu_backward(dy, a, 0.1); })) << shape(a);
  }
}

TEST(Activations, ReachEveryElementOfAWideMatrix) {
  points(2);
  Random random = test_random(45);
  const Matrix z = random.normal_matrix(0, 1, 13, 37), dy = random.normal_matrix(0, 1, 13, 37);
  const auto expect = [&](const Matrix& got, const std::function<double(double, double)>& f) {
    Matrix expected = z;
    for (int i = 0; i < z.size(); ++i) expected.flat()[i] = f(z.flat()[i], dy.flat()[i]);
    EXPECT_TRUE(near(got, expected, 1e-12));
  };
  const auto sigma = [](double v) { return 1 / (1 + std::exp(-v)); };
  expect(step_forward(z), [](double v, double) { return v > 1e-7; });
  expect(step_backward(dy, z), [](double, double) { return 0; });
  expect(sigmoid_forward(z), [&](double v, double) { return sigma(v); });
  expect(sigmoid_backward(dy, z), [](double v, double d) { return d * v * (1 - v); });
  expect(tanh_forward(z), [](double v, double) { return std::tanh(v); });
  expect(tanh_backward(dy, z), [](double v, double d) { return d * (1 - v * v); });
  expect(relu_forward(z), [](double v, double) { return v > 0 ? v : 0; });
  expect(relu_backward(dy, z), [](double v, double d) { return v > 0 ? d : 0; });
  expect(leaky_relu_forward(z, 0.3), [](double v, double) { return v > 0 ? v : 0.3 * v; });
  expect(leaky_relu_backward(dy, z, 0.3), [](double v, double d) { return v > 0 ? d : 0.3 * d; });
}

TEST(Activations, AreFoundByName) {
  points(4);
  Random random = test_random(46);
  const Matrix z = random.normal_matrix(0, 1, 3, 5), dy = random.normal_matrix(0, 1, 3, 5);
  const auto expect = [&](Activation f, const char* name,
                          const std::function<double(double)>& value,
                          const std::function<double(double)>& slope) {
    Matrix y = z, dz = dy;
    for (int i = 0; i < z.size(); ++i) {
      y.flat()[i] = value(z.flat()[i]);
      dz.flat()[i] *= slope(z.flat()[i]);
    }
    EXPECT_TRUE(near(activation_forward(f, z), y, 1e-12)) << name;
    EXPECT_TRUE(near(activation_backward(f, dy, z, y), dz, 1e-12)) << name;
    EXPECT_TRUE(refuses([&] { activation_backward(f, Matrix(5, 3), z, y); })) << name;
  };
  const auto sigma = [](double v) { return 1 / (1 + std::exp(-v)); };
  expect(
      Activation::step, "step", [](double v) { return v > 1e-7; }, [](double) { return 0; });
  expect(Activation::sigmoid, "sigmoid", sigma, [&](double v) { return sigma(v) * sigma(-v); });
  expect(
      Activation::tanh, "tanh", [](double v) { return std::tanh(v); },
      [](double v) { return 1 - std::tanh(v) * std::tanh(v); });
  expect(
      Activation::relu, "relu", [](double v) { return v > 0 ? v : 0; },
      [](double v) { return v > 0; });
  expect(
      Activation::leaky_relu, "leaky ReLU, slope 0.01",
      [](double v) { return v > 0 ? v : 0.01 * v; }, [](double v) { return v > 0 ? 1 : 0.01; });
}

// ---- a deep stack ----

TEST(GradientNorms, AreRightByHand) {
  points(7);
  // z0 = (3, -1), a0 = (3, 0); z1 = 6 - 0 = 6 = a1. dz1 = 1, dw1 = (3, 0); da0 = (2, 5),
  // dz0 = (2, 0), dw0 = x^T dz0 = (1, 2)^T (2, 0).
  const std::vector<Matrix> w = {{{1, 1}, {1, -1}}, {{2}, {5}}};
  const auto norms = gradient_norms(Activation::relu, w, {{1, 2}}, {{1}});
  ASSERT_EQ(norms.size(), 2u);
  EXPECT_TRUE(near(norms[0], std::sqrt(20.0), 1e-12)) << "first layer first";
  EXPECT_TRUE(near(norms[1], 3, 1e-12));
}

// The smallest |z| of the stack: near a kink a difference says nothing about the slope.
double nearest_kink(Activation f, const std::vector<Matrix>& w, const Matrix& x) {
  Matrix a = x;
  double nearest = 1;
  if (f != Activation::relu && f != Activation::leaky_relu) return nearest;
  for (const Matrix& weights : w) {
    a = matmul(a, weights);
    for (Scalar& v : a.flat()) {
      nearest = std::min(nearest, std::abs(double{v}));
      if (v < 0) v *= f == Activation::relu ? 0 : 0.01;
    }
  }
  return nearest;
}

// sqrt(Σ (∂L/∂w)^2) of one layer by differences, with a forward pass written out for the test.
double numeric_norm(Activation f, std::vector<Matrix> w, std::size_t layer, const Matrix& x,
                    const Matrix& dy) {
  const auto loss = [&] {
    Matrix a = x;
    for (const Matrix& weights : w) {
      a = matmul(a, weights);
      for (Scalar& v : a.flat()) {
        if (f == Activation::sigmoid) v = 1 / (1 + std::exp(-v));
        if (f == Activation::tanh) v = std::tanh(v);
        if (f == Activation::leaky_relu && v < 0) v *= 0.01;
        if (f == Activation::relu && v < 0) v = 0;
      }
    }
    return dot(dy, a);
  };
  double sum = 0;
  const double h = 1e-5;
  for (Scalar& value : w[layer].flat()) {
    const Scalar middle = value;
    value = middle + h;
    const double above = loss();
    value = middle - h;
    const double below = loss();
    value = middle;
    sum += std::pow((above - below) / (2 * h), 2);
  }
  return std::sqrt(sum);
}

TEST(GradientNorms, AreTheNormsOfTheNumericGradients) {
  points(9);
  const std::vector<int> units = {4, 5, 3, 6, 4, 2};
  for (Activation f :
       {Activation::sigmoid, Activation::tanh, Activation::relu, Activation::leaky_relu})
    for (std::size_t layers : {1u, 3u, 5u}) {
      Random random = test_random(50);
      std::vector<Matrix> w;
      Matrix x, dy;
      do {
        w.clear();
        for (std::size_t l = 0; l < layers; ++l)
          w.push_back(random.normal_matrix(0, 0.8, units[l], units[l + 1]));
        x = random.normal_matrix(0, 1, 6, 4);
        dy = random.normal_matrix(0, 1, 6, units[layers]);
      } while (nearest_kink(f, w, x) < 1e-3);
      const auto norms = gradient_norms(f, w, x, dy);
      ASSERT_EQ(norms.size(), layers);
      for (std::size_t layer = 0; layer < layers; ++layer) {
        const double expected = numeric_norm(f, w, layer, x, dy);
        EXPECT_TRUE(near(norms[layer], expected, 1e-6 * expected + 1e-9))
            << "layer " << layer << " of " << layers;
      }
    }
}

TEST(GradientNorms, OfAStepAreZero) {
  points(3);
  Random random = test_random(60);
  const std::vector<Matrix> w = {random.normal_matrix(0, 1, 3, 3),
                                 random.normal_matrix(0, 1, 3, 3)};
  const auto norms = gradient_norms(Activation::step, w, Matrix(4, 3, 1), Matrix(4, 3, 1));
  EXPECT_EQ(norms, (std::vector<Scalar>{0, 0})) << "nothing goes back through a step";
}

TEST(GradientNorms, NeitherVanishNorOverflowInTheSquare) {
  points(2);
  const std::vector<Matrix> w = {{{1}, {1}}};
  for (const double size : {1e-200, 1e-6, 1.0, 1e200}) {
    const Matrix x = {{3 * size, 4 * size}};
    const auto norms = gradient_norms(Activation::relu, w, x, {{1}});
    ASSERT_EQ(norms.size(), 1u);
    EXPECT_TRUE(near(norms[0], 5 * size, 5e-14 * size))
        << "the square of " << size << " may be no number, and yet the norm is one";
  }
}

TEST(GradientNorms, AreNotFiniteWhereNaNIs) {
  points(1);
  const std::vector<Matrix> w = {{{1, 2}, {-1, 0.5}}, {{1}, {-1}}};
  for (Activation f :
       {Activation::sigmoid, Activation::tanh, Activation::relu, Activation::leaky_relu})
    for (const Scalar norm : gradient_norms(f, w, {{nan, 1}}, {{1}}))
      EXPECT_FALSE(std::isfinite(norm)) << static_cast<int>(f);
}

TEST(GradientNorms, RefuseAStackThatDoesNotFit) {
  points(4);
  const auto norms = [](const std::vector<Matrix>& w, const Matrix& dy) {
    gradient_norms(Activation::tanh, w, Matrix(4, 3), dy);
  };
  EXPECT_TRUE(accepts([&] { norms({Matrix(3, 2)}, Matrix(4, 2)); }));
  EXPECT_TRUE(refuses([&] { norms({}, Matrix(4, 3)); })) << "no layers";
  EXPECT_TRUE(refuses([&] { norms({Matrix(2, 2)}, Matrix(4, 2)); })) << "w of 2 rows for 3 inputs";
  EXPECT_TRUE(refuses([&] { norms({Matrix(3, 2)}, Matrix(4, 3)); })) << "dy of another width";
  EXPECT_TRUE(refuses([&] { norms({Matrix(3, 2)}, Matrix(3, 2)); })) << "dy of another batch";
  EXPECT_TRUE(refuses([] {
    gradient_norms(Activation::step, {Matrix(3, 2)}, Matrix(4, 3), Matrix(4, 3));
  })) << "a step too";
}

}  // namespace
}  // namespace gradus::testing
