// Chapter 04: what activations and their backward passes must do.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "chapters/04_activations/activations.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();
const Matrix some_z = {{-2, -0.5, 0, 0.5, 2}, {1e4, -1e4, 30, -30, 1}};

// ---- what is expected, by plain loops ----

double plain_sigmoid(double z) {
  return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z));
}

double plain_value(Activation f, double z, double leak = 0.01) {
  if (std::isnan(z)) return z;
  switch (f) {
    case Activation::step: return z > 1e-7;
    case Activation::sigmoid: return plain_sigmoid(z);
    case Activation::tanh: return std::tanh(z);
    case Activation::relu: return z > 0 ? z : 0;
    case Activation::leaky_relu: return z > 0 ? z : leak * z;
  }
  return nan;
}

double plain_slope(Activation f, double z, double y, double leak = 0.01) {
  switch (f) {
    case Activation::step: return std::isnan(z) ? z : 0;
    case Activation::sigmoid: return y * (1 - y);
    case Activation::tanh: return (1 - y) * (1 + y);
    case Activation::relu: return std::isnan(z) ? z : z > 0;
    case Activation::leaky_relu: return std::isnan(z) ? z : z > 0 ? 1 : leak;
  }
  return nan;
}

Matrix plain_forward(Activation f, Matrix z, double leak = 0.01) {
  for (Scalar& v : z.flat()) v = plain_value(f, v, leak);
  return z;
}

// A pair of functions on matrices, whichever way it is called.
struct Pair {
  std::string name;
  Activation f;
  std::function<Matrix(const Matrix&)> forward;
  std::function<Matrix(const Matrix& dy, const Matrix& z, const Matrix& y)> backward;
  double leak = 0.01;
};

const Activation all_activations[] = {Activation::step, Activation::sigmoid, Activation::tanh,
                                      Activation::relu, Activation::leaky_relu};

// dy is the first argument of each backward; the second is y for sigmoid and tanh, z for others.
std::vector<Pair> all_pairs() {
  using M = const Matrix&;
  std::vector<Pair> pairs = {
      {"step", Activation::step, step_forward, [](M dy, M z, M) { return step_backward(dy, z); }},
      {"sigmoid", Activation::sigmoid, sigmoid_forward,
       [](M dy, M, M y) { return sigmoid_backward(dy, y); }},
      {"tanh", Activation::tanh, tanh_forward, [](M dy, M, M y) { return tanh_backward(dy, y); }},
      {"relu", Activation::relu, relu_forward, [](M dy, M z, M) { return relu_backward(dy, z); }}};
  for (double leak : {0.01, 0.3, -0.5, 3.0, 1.0, 0.0, 1e-12, 1e-250, 1e12, -1e12, -1e-9})
    pairs.push_back({"leaky_relu with slope " + std::to_string(leak), Activation::leaky_relu,
                     [=](M z) { return leaky_relu_forward(z, leak); },
                     [=](M dy, M z, M) { return leaky_relu_backward(dy, z, leak); }, leak});
  for (Activation f : all_activations)
    pairs.push_back({"activation " + std::to_string(static_cast<int>(f)), f,
                     [=](M z) { return activation_forward(f, z); },
                     [=](M dy, M z, M y) { return activation_backward(f, dy, z, y); }});
  return pairs;
}

void expect_pair(const Pair& pair, const Matrix& z, const Matrix& dy, const std::string& where) {
  const Matrix y = plain_forward(pair.f, z, pair.leak);
  EXPECT_TRUE(close(pair.forward(z), y, 1e-14, true)) << pair.name << " forward, " << where;
  Matrix dz = dy;
  for (int i = 0; i < dz.size(); ++i)
    dz.flat()[i] *= plain_slope(pair.f, z.flat()[i], y.flat()[i], pair.leak);
  EXPECT_TRUE(close(pair.backward(dy, z, y), dz, 1e-14, true))
      << pair.name << " backward, " << where;
}

// Two answers, which differ: beside refusals, and before a single answer. Who answers nothing, always
// the same, or what was right for the call before, has understood nothing.
void expect_two_of_each() {
  for (const Pair& pair : all_pairs()) {
    expect_pair(pair, {{0.5, -1}}, {{2, 3}}, "two numbers");
    expect_pair(pair, {{-2}, {1.5}, {1}}, {{1}, {-4}, {2}}, "three numbers");
  }
  EXPECT_EQ(relu(1.5), 1.5);
  EXPECT_EQ(relu(-1), 0);
  EXPECT_EQ(relu_derivative(1.5), 1);
  EXPECT_EQ(relu_derivative(-1), 0);
}

// ---- values ----

TEST(Step, IsZeroOrOneAndHasNoSlope) {
  points(3);
  expect_two_of_each();
  EXPECT_TRUE(near(step_forward(some_z), {{0, 0, 0, 1, 1}, {1, 0, 1, 0, 1}}, 0));
  EXPECT_TRUE(near(step_backward(Matrix(2, 5, 3), some_z), Matrix(2, 5), 0));
  EXPECT_EQ(step_derivative(-1), 0);
  EXPECT_EQ(step_derivative(1), 0);
}

TEST(Step, UsesTheStepOfChapterOne) {
  points(2);
  expect_two_of_each();
  EXPECT_TRUE(near(step_forward({{1e-9, 9e-8, 1.1e-7}}), {{0, 0, 1}}, 0)) << "1 above 1e-7 only";
  Matrix z = {{1e-7, std::nextafter(1e-7, 0.0), std::nextafter(1e-7, 1.0)},
              {-1e-7, 2e-8, 6e-8},
              {9.6e-8, 1.04e-7, 1.5e-7}};
  const Matrix y = plain_forward(Activation::step, z);
  EXPECT_TRUE(near(step_forward(z), y, 0)) << "1 above 1e-7, and 0 at 1e-7 itself";
  EXPECT_TRUE(near(activation_forward(Activation::step, z), y, 0)) << "found by name: the same";
  EXPECT_EQ(step_derivative(0), 0);
}

TEST(Sigmoid, SaturatesWithoutOverflow) {
  points(4);
  const Matrix y = sigmoid_forward({{0, std::log(3.0), -1e4, 1e4}});
  EXPECT_TRUE(near(y, {{0.5, 0.75, 0, 1}}, 1e-15));
  EXPECT_TRUE(near(sigmoid_forward({{-40}}), {{4.248354255291589e-18}}, 1e-32)) << "not yet 0";
}

TEST(Tanh, SaturatesWithoutOverflow) {
  points(4);
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
  Random random = test_random(48);
  Matrix ys(1, 300), slopes(1, 300);
  for (int i = 0; i < 300; ++i) {  // 1 - y anywhere from 1 to 1e-15, on both sides
    const long double at = (i % 2 == 0 ? 1 : -1) * (1 - std::pow(10, random.uniform(-15, 0)));
    ys(0, i) = static_cast<Scalar>(at);
    slopes(0, i) = static_cast<Scalar>((1 - at) * (1 + at));
  }
  EXPECT_TRUE(close(tanh_backward(Matrix(1, 300, 1), ys), slopes, 1e-15, true))
      << "subtract y from 1 and add it to 1, then multiply: y^2 is rounded already";
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
  points(1);
  const double largest = std::numeric_limits<double>::max();  // finite, too
  for (const double slope : {-0.5, 0.0, 3.0, 1e-310, -1e300, largest, -largest}) {
    EXPECT_TRUE(accepts([&] { leaky_relu(-1, slope); })) << slope;
    EXPECT_TRUE(accepts([&] { leaky_relu_derivative(-1, slope); })) << slope;
    EXPECT_TRUE(accepts([&] { leaky_relu_forward({{-1}}, slope); })) << slope;
    EXPECT_TRUE(accepts([&] { leaky_relu_backward({{1}}, {{-1}}, slope); })) << slope;
  }
  EXPECT_TRUE(near(leaky_relu(-3, -0.5), 1.5, 1e-15)) << "a negative slope is a slope too";
  EXPECT_TRUE(close(leaky_relu(-0.5, largest), -largest / 2)) << "the largest slope is finite";
  for (const double slope : {nan, infinity, -infinity}) {
    for (double z : {1.0, -1.0, 0.0}) {
      EXPECT_TRUE(refuses([&] { leaky_relu(z, slope); })) << slope << " at z = " << z;
      EXPECT_TRUE(refuses([&] { leaky_relu_derivative(z, slope); })) << slope << " at z = " << z;
      EXPECT_TRUE(refuses([&] { leaky_relu_forward({{z}}, slope); })) << slope;
      EXPECT_TRUE(refuses([&] { leaky_relu_backward({{1}}, {{z}}, slope); })) << slope;
    }
    EXPECT_TRUE(refuses([&] { leaky_relu_forward(Matrix(0, 3), slope); })) << slope << ", no rows";
    EXPECT_TRUE(refuses([&] { leaky_relu_backward(Matrix(0, 3), Matrix(0, 3), slope); })) << slope;
  }
}

// ---- slopes ----

// The numbers of the notes: a quarter at most, and its powers through 2 and 3 layers.
TEST(Sigmoid, PassesAQuarterAtMostThroughEachLayer) {
  points(5);
  Matrix dy = {{1, 1}};
  const Matrix y = {{0.5, 0.5}};
  EXPECT_TRUE(near(sigmoid_forward({{0, 0}}), y, 1e-15));
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
  points(6);
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
  points(3);
  expect_two_of_each();
  const Matrix z = {{-1e4, 1e4}}, dy = {{1, 1}};
  EXPECT_TRUE(near(sigmoid_forward(z), {{0, 1}}, 1e-15));
  EXPECT_TRUE(near(tanh_forward(z), {{-1, 1}}, 1e-15));
  EXPECT_TRUE(near(sigmoid_backward(dy, {{0, 1}}), {{0, 0}}, 1e-15));
  EXPECT_TRUE(near(tanh_backward(dy, {{-1, 1}}), {{0, 0}}, 1e-15));
  EXPECT_TRUE(near(relu_backward(dy, z), {{0, 1}}, 0));
  EXPECT_TRUE(near(leaky_relu_backward(dy, z, 0.01), {{0.01, 1}}, 1e-17));
}

// What has no threshold but 0, loses no digit and cuts nothing off.
const Scalar edges[] = {0,    1e-310, 1e-300, 1e-100, 1e-30, 1e-20, 1e-15,  1e-9, 1e-8,
                        1e-7, 2e-7,   1e-6,   1e-3,   0.1,   0.5,   1,      2,    5.5,
                        6.5,  11,     19,     36.5,   37.5,  101,   400,    700,  708,
                        1e3,  1.1e4,  1e6,    1e9,    1e200, 1e300, 1.7e308};

TEST(Activations, AreRightForNumbersOfAnySize) {
  points(5);
  for (Scalar size : edges) {
    const std::string both = "z = ±" + std::to_string(size);
    const Matrix dy{{1, 1}, {-3e-9, -3e-9}, {1e-150, 1e-150}, {2e5, 2e5}, {1e260, -1e260}};
    const Matrix zs{{size, -size}, {size, -size}, {size, -size}, {size, -size}, {size, -size}};
    for (const Pair& pair : all_pairs())
      if (size < 1e290 || pair.leak < 10) expect_pair(pair, zs, dy, both);
    for (Scalar z : {size, -size}) {
      const std::string where = "z = " + std::to_string(z) + " of size " + std::to_string(size);
      const double y = std::tanh(z);
      EXPECT_EQ(step_derivative(z), 0) << where;
      EXPECT_TRUE(close(relu(z), z > 0 ? z : 0)) << where;
      EXPECT_TRUE(close(relu_derivative(z), z > 0 ? 1 : 0)) << where;
      EXPECT_TRUE(close(tanh_derivative(y), (1 - y) * (1 + y), 2e-15)) << where;
      for (Scalar slope : {0.01, 0.0, 1.0, -0.5, 7.0, 1e-12, 1e-250, -1e-9, 1e12, -1e12}) {
        if (std::abs(z) > 1e290 && slope > 10) continue;
        EXPECT_TRUE(close(leaky_relu(z, slope), z > 0 ? z : slope * z)) << where << ", " << slope;
        EXPECT_TRUE(close(leaky_relu_derivative(z, slope), z > 0 ? 1 : slope)) << where;
      }
    }
  }
  for (int exponent : {-2, -10, -20, -30, -40, -52})
    for (int sign : {1, -1}) {
      const double left = std::ldexp(1, exponent), y = sign * (1 - left);
      EXPECT_TRUE(close(tanh_derivative(y), left * (2 - left), 2e-15)) << "2^" << exponent;
      EXPECT_TRUE(close(tanh_backward({{3}}, {{y}}), {{3 * left * (2 - left)}}, 2e-15));
    }
  for (const Pair& pair : all_pairs())
    if (pair.leak != 0) expect_pair(pair, {{infinity, -infinity}}, {{2, 3}}, "±infinity");
  for (const Pair& pair : all_pairs())
    if (pair.f != Activation::step)
      expect_pair(pair, {{1, 1}}, {{infinity, -infinity}}, "a dy of ±infinity");
  for (Scalar z : {infinity, -infinity}) {
    EXPECT_EQ(step_derivative(z), 0) << "at " << z;
    EXPECT_EQ(relu(z), z > 0 ? z : 0) << "at " << z;
    EXPECT_EQ(relu_derivative(z), z > 0) << "at " << z;
    EXPECT_EQ(leaky_relu(z, 0.5), z > 0 ? z : 0.5 * z) << "at " << z;
    EXPECT_EQ(leaky_relu_derivative(z, 0.5), z > 0 ? 1 : 0.5) << "at " << z;
  }
  EXPECT_TRUE(near(step_forward({{infinity, -infinity}}), {{1, 0}}, 0));
  EXPECT_TRUE(near(relu_forward({{infinity, -infinity}}), {{infinity, 0}}, 0));
  EXPECT_TRUE(near(sigmoid_forward({{infinity, -infinity}}), {{1, 0}}, 0));
  EXPECT_TRUE(near(tanh_forward({{infinity, -infinity}}), {{1, -1}}, 0));
  EXPECT_TRUE(near(leaky_relu_forward({{infinity, -infinity}}, -0.5), {{infinity, infinity}}, 0));
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
  EXPECT_TRUE(std::isnan(relu(-nan))) << "as 0/0 often is: NaN with the sign bit";
  for (Scalar slope : {0.1, 0.0, 1.0, -0.5})
    EXPECT_TRUE(std::isnan(leaky_relu(nan, slope))) << "slope " << slope;
  const Matrix z = {{nan, 1}};
  EXPECT_TRUE(first_is_nan(sigmoid_forward(z)));
  EXPECT_TRUE(first_is_nan(tanh_forward(z)));
  EXPECT_TRUE(first_is_nan(relu_forward(z)));
  EXPECT_TRUE(first_is_nan(leaky_relu_forward(z, 0.1)));
  for (Activation f :
       {Activation::sigmoid, Activation::tanh, Activation::relu, Activation::leaky_relu})
    EXPECT_TRUE(first_is_nan(activation_forward(f, z))) << static_cast<int>(f);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) {
      const Matrix one = with({{1, -2, 0.5}, {-1, 0, 2}}, {i, j}, nan), dy(2, 3, 2), no_dy(2, 3);
      EXPECT_TRUE(refuses([&] { step_forward(one); })) << "NaN at (" << i << "," << j << ")";
      for (const Pair& pair : all_pairs()) {
        const std::string where = "NaN at (" + std::to_string(i) + "," + std::to_string(j) + ")";
        if (pair.f == Activation::step) {
          EXPECT_TRUE(refuses([&] { pair.forward(one); })) << pair.name << ", " << where;
        } else {
          expect_pair(pair, one, dy, where);
          expect_pair(pair, one, no_dy, where + ", where dy is 0: 0 times NaN is NaN");
        }
        const Matrix y(2, 3, 0.25);  // NaN in dy: not even a slope of 0 hides it
        const Matrix back = pair.backward(one, Matrix(2, 3, -1), y);
        ASSERT_EQ(shape(back), "(2,3)") << pair.name;
        for (int n = 0; n < 6; ++n)
          EXPECT_EQ(std::isnan(back.flat()[n]), n == 3 * i + j) << pair.name;
      }
    }
  const Matrix large(40, 30, 0.5), twos(40, 30, 2);
  for (const auto& [i, j] : places(large)) {
    const Matrix one = with(large, i, j, nan);
    const std::string where = "NaN at (" + std::to_string(i) + "," + std::to_string(j) + ")";
    EXPECT_TRUE(refuses([&] { step_forward(one); })) << where << " of " << shape(one);
    for (const Pair& pair : all_pairs()) {
      if (pair.f != Activation::step) expect_pair(pair, one, twos, where);
      const Matrix back = pair.backward(one, twos, large);
      ASSERT_EQ(shape(back), shape(large)) << pair.name;
      EXPECT_TRUE(std::isnan(back(i, j))) << pair.name << ": " << where << " of dy";
    }
  }
  EXPECT_TRUE(refuses([&] { step_forward(z); })) << "the step answers 0 or 1, never NaN";
  EXPECT_TRUE(refuses([&] { activation_forward(Activation::step, z); }));
}

TEST(Activations, KeepNaNOnTheWayBack) {
  points(1);
  expect_two_of_each();
  EXPECT_TRUE(std::isnan(step_derivative(nan)));
  EXPECT_TRUE(std::isnan(tanh_derivative(nan)));
  EXPECT_TRUE(std::isnan(relu_derivative(nan))) << "the slope at NaN is neither 0 nor 1";
  for (Scalar slope : {0.1, 0.0, 1.0, -0.5})
    EXPECT_TRUE(std::isnan(leaky_relu_derivative(nan, slope))) << "slope " << slope;
  const Matrix with_nan = {{nan, 0.5}}, without = {{-1, 0.5}};
  const auto expect = [&](const Matrix& dy, const Matrix& z) {
    EXPECT_TRUE(first_is_nan(step_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(sigmoid_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(tanh_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(relu_backward(dy, z)));
    EXPECT_TRUE(first_is_nan(leaky_relu_backward(dy, z, 0.1)));
  };
  expect(without, with_nan);
  expect(with_nan, without);   // 0 times NaN is NaN: a dead unit does not hide it
  expect({{0, 0}}, with_nan);  // and a gradient of 0 does not, either
}

// ---- gradients ----

TEST(Activations, GradientsAreRight) {
  points(6);
  for (int salt = 0; salt < 3; ++salt) {
    Random random = test_random(40 + salt);
    const Matrix z = random.normal_matrix(0, 1.5, 4, 3), dy = random.normal_matrix(0, 1, 4, 3);
    const auto check = [&](const char* name, Activation f, const Matrix& dz, double leak = 0.01) {
      const auto loss = [&](const Matrix& m) { return dot(dy, plain_forward(f, m, leak)); };
      EXPECT_TRUE(is_gradient(name, loss, z, dz));
    };
    check("sigmoid dz", Activation::sigmoid,
          sigmoid_backward(dy, plain_forward(Activation::sigmoid, z)));
    check("tanh dz", Activation::tanh, tanh_backward(dy, plain_forward(Activation::tanh, z)));
    check("relu dz", Activation::relu, relu_backward(dy, z));
    check("leaky relu dz", Activation::leaky_relu, leaky_relu_backward(dy, z, 0.2), 0.2);
    check("leaky relu dz", Activation::leaky_relu, leaky_relu_backward(dy, z, -0.7), -0.7);
  }
}

TEST(Activations, RefuseAGradientOfAnotherShape) {
  points(3);
  expect_two_of_each();
  for (const Matrix& a : {Matrix(2, 3), Matrix(3, 2), Matrix(3, 3), Matrix(1, 1), Matrix(1, 4)})
    for (const Pair& pair : all_pairs()) {
      EXPECT_TRUE(accepts([&] { pair.backward(a, a, a); })) << pair.name;
      for (const Matrix& other : misfits(a)) {
        const std::string what = pair.name + ": " + shape(other) + " beside " + shape(a);
        EXPECT_TRUE(refuses([&] { pair.backward(other, a, a); })) << what;
        EXPECT_TRUE(refuses([&] { pair.backward(a, other, other); })) << what;
      }
    }
  const Matrix none(0, 3), nor_these(0, 2), upright(3, 0);
  for (const Pair& pair : all_pairs())
    for (const Matrix& other : {nor_these, upright}) {
      const std::string what = pair.name + ": " + shape(other) + " beside " + shape(none);
      EXPECT_TRUE(refuses([&] { pair.backward(other, none, none); })) << what;
      EXPECT_TRUE(refuses([&] { pair.backward(none, other, other); })) << what;
    }
}

TEST(Activations, ReachEveryElementOfAWideMatrix) {
  points(3);
  Random random = test_random(45);
  for (const auto& [rows, cols] :
       {std::pair{1, 1}, {1, 7}, {7, 1}, {5, 5}, {13, 37}, {2100, 3}, {3, 1100}, {400, 300}})
    for (const Pair& pair : all_pairs()) {  // two slopes are enough where it is large
      if (rows * cols > 1000 && pair.leak != 0.01 && pair.leak != 0.3) continue;
      const Matrix z = random.normal_matrix(0, 2, rows, cols);
      const Matrix dy = random.normal_matrix(0, 1, rows, cols);
      expect_pair(pair, z, dy, "z is " + shape(z));
    }
  for (const Matrix& none : {Matrix(0, 3), Matrix(3, 0)})
    for (const Pair& pair : all_pairs())
      may_refuse([&] { expect_pair(pair, none, none, "z is " + shape(none)); });
}

TEST(Activations, AnswerAlwaysTheSameAndLeaveTheirArguments) {
  points(2);
  Random random = test_random(47);
  const Matrix zs[] = {random.normal_matrix(0, 1, 2, 3), random.normal_matrix(0, 1, 3, 3)};
  const Matrix dys[] = {random.normal_matrix(0, 1, 2, 3), random.normal_matrix(0, 1, 3, 3)};
  const std::vector<Pair> pairs = all_pairs();
  for (int call = 0; call < 120; ++call) {
    const Matrix &z = zs[call % 2], &dy = dys[call % 2], kept_z = z, kept_dy = dy;
    const std::string what = "call " + std::to_string(call + 1);
    for (const Pair& pair : pairs) {
      if (call >= 20 && pair.leak != 0.01) continue;  // one slope is enough from there
      expect_pair(pair, z, dy, what);
      const Matrix y = plain_forward(pair.f, kept_z, pair.leak), kept_y = y;
      pair.backward(dy, z, y);
      EXPECT_TRUE(near(z, kept_z, 0)) << pair.name << ": z must not change";
      EXPECT_TRUE(near(dy, kept_dy, 0)) << pair.name << ": dy must not change";
      EXPECT_TRUE(near(y, kept_y, 0)) << pair.name << ": y must not change";
    }
    const Scalar v = call % 2 == 0 ? 1.5 : -0.5;
    EXPECT_EQ(step_derivative(v), 0) << what;
    EXPECT_TRUE(close(tanh_derivative(v / 2), 1 - v * v / 4)) << what;
    EXPECT_TRUE(close(relu(v), v > 0 ? v : 0)) << what;
    EXPECT_TRUE(close(relu_derivative(v), v > 0)) << what;
    EXPECT_TRUE(close(leaky_relu(v, 0.2), v > 0 ? v : 0.2 * v)) << what;
    EXPECT_TRUE(close(leaky_relu_derivative(v, 0.2), v > 0 ? 1 : 0.2)) << what;
  }
}

TEST(Activations, AreFoundByName) {
  points(3);
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

// sqrt(Σ dw^2) of each layer, by plain loops.
std::vector<Scalar> plain_norms(Activation f, const std::vector<Matrix>& w, const Matrix& x,
                                const Matrix& dy) {
  std::vector<Matrix> z, a = {x};
  for (const Matrix& weights : w) {
    z.push_back(plain_product(a.back(), weights));
    a.push_back(plain_forward(f, z.back()));
  }
  std::vector<Scalar> norms(w.size());
  Matrix da = dy;
  for (std::size_t l = w.size(); l-- > 0;) {
    for (int i = 0; i < da.size(); ++i)
      da.flat()[i] *= plain_slope(f, z[l].flat()[i], a[l + 1].flat()[i]);
    const Matrix dw = plain_product(turned(a[l]), da);
    double norm = 0;
    for (double v : dw.flat()) norm = std::hypot(norm, v);
    norms[l] = norm;
    da = plain_product(da, turned(w[l]));
  }
  return norms;
}

struct Stack {
  std::vector<Matrix> w;
  Matrix x, dy;
};

// Layers of these widths, scaled so that numbers keep their size from layer to layer.
Stack random_stack(Random& random, int N, const std::vector<int>& units, double scale = 1.2) {
  Stack s;
  for (std::size_t l = 0; l + 1 < units.size(); ++l)
    s.w.push_back(random.normal_matrix(0, scale / std::sqrt(units[l]), units[l], units[l + 1]));
  s.x = random.normal_matrix(0, 1, N, units[0]);
  s.dy = random.normal_matrix(0, 1, N, units.back());
  return s;
}

void expect_norms(Activation f, const Stack& s, const std::string& where, double digits = 1e-9) {
  const auto got = gradient_norms(f, s.w, s.x, s.dy), expected = plain_norms(f, s.w, s.x, s.dy);
  EXPECT_TRUE(close(got, expected, digits))
      << "activation " << static_cast<int>(f) << ", " << where << ": one norm a layer";
}

void expect_two_stacks() {
  expect_norms(Activation::tanh, {.w = {{{0.5}}}, .x = {{2}}, .dy = {{1}}}, "one weight");
  expect_norms(Activation::relu, {.w = {{{1}, {2}}, {{3}}}, .x = {{1, 1}}, .dy = {{2}}},
               "two layers");
}

TEST(GradientNorms, AreRightByHand) {
  points(5);
  // z0 = (3, -1), a0 = (3, 0); z1 = 6 - 0 = 6 = a1. dz1 = 1, dw1 = (3, 0); da0 = (2, 5),
  // dz0 = (2, 0), dw0 = x^T dz0 = (1, 2)^T (2, 0).
  const std::vector<Matrix> w = {{{1, 1}, {1, -1}}, {{2}, {5}}};
  expect_two_stacks();
  const auto norms = gradient_norms(Activation::relu, w, {{1, 2}}, {{1}});
  ASSERT_EQ(norms.size(), 2u);
  EXPECT_TRUE(near(norms[0], std::sqrt(20.0), 1e-12)) << "first layer first";
  EXPECT_TRUE(near(norms[1], 3, 1e-12));
}

TEST(GradientNorms, AreRightForStacksOfAnyDepthAndWidth) {
  points(4);
  Random random = test_random(61);
  for (Activation f : all_activations) {
    expect_norms(f, random_stack(random, 4, {4, 4, 4, 4}), "all layers square");
    expect_norms(f, random_stack(random, 1, {1, 1}), "a single weight");
    expect_norms(f, random_stack(random, 3, {2, 5, 3, 7, 2}), "layers wider and narrower");
    expect_norms(f, random_stack(random, 3, std::vector<int>(101, 6)), "100 layers");
    expect_norms(f, random_stack(random, 130, {70, 66, 11}), "130 samples of 70 inputs");
    expect_norms(f, random_stack(random, 1, std::vector<int>(301, 2)), "300 layers");
  }
  for (Activation f : {Activation::tanh, Activation::relu}) {
    expect_norms(f, random_stack(random, 1100, {3, 4, 2}), "1100 samples");
    expect_norms(f, random_stack(random, 3, {1100, 4, 2}), "1100 inputs");
    expect_norms(f, random_stack(random, 3, {4, 1100, 2}), "1100 hidden units");
    expect_norms(f, random_stack(random, 3, {4, 3, 1100}), "1100 outputs");
    expect_norms(f, random_stack(random, 60000, {2, 1}), "60 000 samples");
    expect_norms(f, random_stack(random, 2, {400, 300}), "120 000 weights");
  }
  // Where a layer lets nothing through, or the gradient of one is 0, those below still have theirs.
  for (Activation f : all_activations)
    for (std::size_t l = 0; l < 3; ++l)
      for (double size : {0.0, 1e-305}) {
        Stack s = random_stack(random, 3, {4, 5, 3, 2});
        s.w[l] = scaled(s.w[l], size);
        expect_norms(f, s, "w of layer " + std::to_string(l) + " of size " + std::to_string(size));
      }
}

TEST(GradientNorms, VanishAndExplodeAsFarAsNumbersReach) {
  points(3);
  Random random = test_random(62);
  expect_norms(Activation::sigmoid, random_stack(random, 2, std::vector<int>(201, 3), 0.3),
               "200 layers of sigmoid, whose gradient vanishes");
  expect_norms(Activation::leaky_relu, random_stack(random, 2, std::vector<int>(61, 3), 1e4),
               "60 layers that explode");
  for (Activation f : all_activations)
    for (double size : {1e-150, 1e-12, 20.0, 1e6, 1e150}) {
      Stack s = random_stack(random, 3, {2, 4, 3});
      s.dy = scaled(s.dy, size);
      expect_norms(f, s, "dy of size " + std::to_string(size));
      s = random_stack(random, 3, {2, 4, 3});
      s.x = scaled(s.x, size);
      s.w[0] = scaled(s.w[0], 1 / size);
      expect_norms(f, s, "x of size " + std::to_string(size));
    }
}

// Far from 0 a sigmoid or tanh of one's own may be no number, or its slope that of another place.
TEST(GradientNorms, AreRightWhereUnitsAreSaturated) {
  points(1);
  expect_two_stacks();
  Random random = test_random(66);
  for (Activation f : all_activations)
    for (double z : {20.0, 40.0, 300.0, 400.0, 800.0, 1e4}) {  // beside a unit that is not
      const Matrix after = random.normal_matrix(0, 1, 3, 2), dy = random.normal_matrix(0, 1, 1, 2);
      const std::string what = "units at ±" + std::to_string(z);
      expect_norms(f, {.w = {{{z, 0.5, -z}}, after}, .x = {{1}}, .dy = dy}, what);
      expect_norms(f, {.w = {{{0.3}}, {{2 * z, 2 * -z, 0.5}}, after}, .x = {{1}}, .dy = dy}, what);
    }
  // With no such unit beside them: a small slope is not 0, and not that of a z nearer to 0.
  const auto expect_alone = [&](Activation f, const Matrix& z, double digits) {
    const Matrix after = random.normal_matrix(0, 1, 2, 2), dy = random.normal_matrix(0, 1, 1, 2);
    expect_norms(f, {.w = {z, after}, .x = {{1}}, .dy = dy},
                 "both units at " + std::to_string(z(0, 0)), digits);
  };
  for (double z : {20.0, 40.0, 100.0, 300.0, 400.0, 650.0})
    expect_alone(Activation::sigmoid, {{-z, -1.01 * z}}, 1e-9);
  // Of y near ±1 only so many digits of its distance are left.
  for (double z : {10.5, 12.0, 13.5}) {
    expect_alone(Activation::tanh, {{z, -z}}, 1e-3);
    expect_alone(Activation::sigmoid, {{2 * z, 2 * z}}, 1e-3);
  }
}

TEST(GradientNorms, AnswerAlwaysTheSameAndLeaveTheirArguments) {
  points(2);
  Random random = test_random(63);
  Stack stacks[] = {random_stack(random, 3, {2, 3, 2}), random_stack(random, 2, {2, 2})};
  for (int call = 0; call < 120; ++call) {
    const bool same = call > 60;  // then the same matrices, with other numbers in them
    if (same) stacks[0].x(1, 1) = call % 7 - 3.5;
    if (call > 90) stacks[0].w[0](1, 1) = call % 9 - 4.5;
    const Stack &s = stacks[same ? 0 : call % 2], kept = s;
    expect_norms(all_activations[(same ? call / 3 : call) % 5], s,
                 "call " + std::to_string(call + 1));
    for (std::size_t l = 0; l < kept.w.size(); ++l)
      EXPECT_TRUE(near(s.w[l], kept.w[l], 0)) << "the weights must not change";
    EXPECT_TRUE(near(s.x, kept.x, 0)) << "x must not change";
    EXPECT_TRUE(near(s.dy, kept.dy, 0)) << "dy must not change";
  }
}

// The smallest |z| of the stack: near a kink a difference says nothing about the slope.
double nearest_kink(Activation f, const std::vector<Matrix>& w, const Matrix& x) {
  Matrix a = x;
  double nearest = 1;
  if (f != Activation::relu && f != Activation::leaky_relu) return nearest;
  for (const Matrix& weights : w) {
    a = plain_product(a, weights);
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
      a = plain_product(a, weights);
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
  points(5);
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
  points(2);
  expect_two_stacks();
  Random random = test_random(60);
  const std::vector<Matrix> w = {random.normal_matrix(0, 1, 3, 3),
                                 random.normal_matrix(0, 1, 3, 3)};
  const auto norms = gradient_norms(Activation::step, w, Matrix(4, 3, 1), Matrix(4, 3, 1));
  EXPECT_EQ(norms, (std::vector<Scalar>{0, 0})) << "nothing goes back through a step";
}

TEST(GradientNorms, NeitherVanishNorOverflowInTheSquare) {
  points(2);
  const std::vector<Matrix> w = {{{1}, {1}}};
  for (const double size : {1e-310, 1e-305, 1e-290, 1e-200, 1e-6, 1.0, 1e200, 1e300, 2e307}) {
    const Matrix x = {{3 * size, 4 * size}};
    const auto norms = gradient_norms(Activation::relu, w, x, {{1}});
    ASSERT_EQ(norms.size(), 1u);
    EXPECT_TRUE(close(norms[0], 5 * size, 1e-14))
        << "the square of " << size << " may be no number, and yet the norm is one";
  }
  // The largest is not the first, nor the last, and may be negative.
  for (const Matrix& x : {Matrix{{-3e-200, -4e200, -1}},
                          {{-3e-200, -1, -4e200}},
                          {{-4e200, -1, -3e-200}},
                          {{3e-200, 2, -4e200}}}) {
    const auto norms = gradient_norms(Activation::relu, {{{-1}, {-1}, {-1}}}, x, {{1}});
    ASSERT_EQ(norms.size(), 1u);
    EXPECT_TRUE(near(norms[0], 4e200, 4e186)) << "of a gradient with elements of all sizes";
  }
}

// With NaN in this place of the stack: what it reaches is not finite, also where it meets a 0.
void expect_spoilt(const Stack& s, Scalar& place) {
  const Scalar before = place;
  place = nan;
  const bool of_dy = std::ranges::any_of(s.dy.flat(), [](Scalar v) { return std::isnan(v); });
  for (Activation f : all_activations) {
    if (f == Activation::step && !of_dy) continue;  // on its way forward it refuses NaN
    const auto got = gradient_norms(f, s.w, s.x, s.dy);
    const auto expected = plain_norms(f, s.w, s.x, s.dy);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t l = 0; l < got.size(); ++l)
      EXPECT_TRUE(std::isfinite(expected[l]) || !std::isfinite(got[l]))
          << "activation " << static_cast<int>(f) << ", layer " << l;
  }
  place = before;
}

TEST(GradientNorms, AreNotFiniteWhereNaNIs) {
  points(1);
  expect_two_stacks();
  Random random = test_random(64);
  Stack s = random_stack(random, 3, {3, 4, 2});
  for (Matrix* m : {&s.x, &s.w[0], &s.w[1]})
    for (int i = 0; i < m->size(); i += 2) m->flat()[i] = 0;
  for (Matrix* m : {&s.x, &s.dy, &s.w[0], &s.w[1]})
    for (int i = 0; i < m->size(); ++i) expect_spoilt(s, m->flat()[i]);
  const Matrix spoilt_dy = with(s.dy, 1, 1, nan);  // not even the slope 0 of a step hides it
  const auto of_step = gradient_norms(Activation::step, s.w, s.x, spoilt_dy);
  ASSERT_EQ(of_step.size(), 2u);
  for (Scalar norm : of_step)
    EXPECT_FALSE(std::isfinite(norm)) << "the step's slope of 0 times NaN is NaN, layer for layer";
  Stack no_error = s;  // where dy is 0 everywhere, NaN shows all the same
  no_error.dy = Matrix(3, 2);
  for (Matrix* m : {&no_error.x, &no_error.w[0], &no_error.w[1]})
    for (const auto& [i, j] : places(*m)) expect_spoilt(no_error, (*m)(i, j));
  Stack wide = random_stack(random, 12, {20, 30, 12});
  for (Matrix* m : {&wide.x, &wide.dy, &wide.w[0], &wide.w[1]})
    for (const auto& [i, j] : places(*m)) expect_spoilt(wide, (*m)(i, j));
}

TEST(GradientNorms, RefuseAStackThatDoesNotFit) {
  points(3);
  expect_two_stacks();
  const auto norms = [](const std::vector<Matrix>& w, const Matrix& dy) {
    gradient_norms(Activation::tanh, w, Matrix(4, 3), dy);
  };
  Random random = test_random(65);
  for (Activation f : all_activations)
    for (const std::vector<int>& units : {std::vector<int>{3, 2}, {2, 4, 3}, {3, 3, 3, 3}}) {
      const Stack fits = random_stack(random, 4, units);
      EXPECT_TRUE(accepts([&] { gradient_norms(f, fits.w, fits.x, fits.dy); }));
      const auto expect_refused = [&](const Stack& s, const std::string& what) {
        EXPECT_TRUE(refuses([&] { gradient_norms(f, s.w, s.x, s.dy); }))
            << "activation " << static_cast<int>(f) << ", " << units.size() - 1
            << " layers: " << what;
      };
      for (std::size_t l = 0; l < fits.w.size(); ++l)
        for (const Matrix& other : misfits(fits.w[l])) {
          Stack s = fits;
          s.w[l] = other;
          expect_refused(s, "w of layer " + std::to_string(l) + " is " + shape(other));
        }
      for (const Matrix& other : misfits(fits.x)) {
        Stack s = fits;
        s.x = other;
        expect_refused(s, "x is " + shape(other));
      }
      for (const Matrix& other : misfits(fits.dy)) {
        Stack s = fits;
        s.dy = other;
        expect_refused(s, "dy is " + shape(other));
      }
    }
  EXPECT_TRUE(accepts([&] { norms({Matrix(3, 2)}, Matrix(4, 2)); }));
  EXPECT_TRUE(accepts([&] { norms({Matrix(3, 2, infinity)}, Matrix(4, 2)); })) << "infinity fits";
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
