// Chapter 06: what starts, stacks and deep networks must do.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <tuple>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "tests/golden/numpy_initialization.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

const Scalar infinity = std::numeric_limits<Scalar>::infinity();
const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();

constexpr int repetitions = 100;  // what a function keeps for itself shows at another call

// ---- starts of one layer ----

Matrix three_by_two(const std::vector<double>& values) {
  Matrix m(3, 2);
  std::ranges::copy(values, m.flat().begin());
  return m;
}

// Small, square, the book's 784 inputs and 100 units, and more than that.
const std::pair<int, int> all_sizes[] = {{1, 4},   {8, 5},   {5, 8},    {7, 5},     {3, 3},
                                         {1, 1},   {6, 6},   {784, 3},  {30, 30},   {2, 1},
                                         {200, 1}, {2, 700}, {1, 9000}, {12000, 1}, {784, 100}};

using Start = std::function<Matrix(int, int, Random&)>;
using Deviation = std::function<double(int, int)>;

// Seed 6 gives NumPy's numbers; other shapes have the standard deviation that they must have, and
// the generator stands where it must stand afterwards.
void expect_normal(const Start& start, const std::vector<double>& numpy, const Deviation& s) {
  Random seed6(6);
  EXPECT_TRUE(near(start(3, 2, seed6), three_by_two(numpy), 1e-14)) << "n_in = 3, n_out = 2";
  for (const auto& [n_in, n_out] : all_sizes) {
    Random random = test_random(n_in), same = test_random(n_in);
    const double deviation = s(n_in, n_out);
    EXPECT_TRUE(near(start(n_in, n_out, random), same.normal_matrix(0, deviation, n_in, n_out),
                     1e-13 * deviation))
        << "n_in = " << n_in << ", n_out = " << n_out;
    EXPECT_TRUE(goes_on_as(random, same));
  }
  Random random = test_random(4), same = test_random(4);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(start(3, 1, random), same.normal_matrix(0, s(3, 1), 3, 1), 1e-13 * s(3, 1)))
        << "call " << i + 1;
}

TEST(ZerosInit, IsAllZeros) {
  points(2);
  for (const auto& [n_in, n_out] : all_sizes)
    for (int i = 0; i < 3; ++i)
      EXPECT_TRUE(near(zeros_init(n_in, n_out), Matrix(n_in, n_out), 0)) << n_in << ", " << n_out;
  EXPECT_TRUE(near(zeros_init(1, 4), {{0, 0, 0, 0}}, 0));
  for (const auto& [n_in, n_out] : {std::pair{0, 3}, {3, 0}, {-1, 3}, {3, -1}})
    EXPECT_TRUE(refuses([n = n_in, m = n_out] { zeros_init(n, m); })) << n_in << ", " << n_out;
}

TEST(UniformInit, DrawsFromMinusOneToOneRowAfterRow) {
  points(2);
  Random seed6(6);
  EXPECT_TRUE(near(uniform_init(3, 2, seed6), three_by_two(golden::init_uniform), 1e-14));
  Random random = test_random(1), same = test_random(1);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(uniform_init(3, 1, random), same.uniform_matrix(-1, 1, 3, 1), 1e-14));
  random.normal(), same.normal();  // a Gaussian is left over, and stays
  for (const auto& [n_in, n_out] : all_sizes) {
    EXPECT_TRUE(
        near(uniform_init(n_in, n_out, random), same.uniform_matrix(-1, 1, n_in, n_out), 1e-14))
        << n_in << ", " << n_out;
    EXPECT_TRUE(goes_on_as(random, same));
  }
}

TEST(NormalInit, HasTheGivenDeviation) {
  points(3);
  const auto with = [](Scalar deviation) {
    return [=](int n_in, int n_out, Random& r) { return normal_init(n_in, n_out, deviation, r); };
  };
  expect_normal(with(1), golden::init_normal, [](int, int) { return 1; });
  expect_normal(with(0.01), golden::init_small, [](int, int) { return 0.01; });
  for (double deviation : {3.0, 1e6, 1e300, 1e-9, 1e-306}) {
    Random random = test_random(5), same = test_random(5);
    EXPECT_TRUE(near(normal_init(4, 5, deviation, random), same.normal_matrix(0, deviation, 4, 5),
                     1e-13 * deviation))
        << "of any size, " << deviation;
  }
  Random random = test_random(2), same = test_random(2);
  for (Scalar zero : {0.0, -0.0})
    for (const auto& [n_in, n_out] : {std::pair{3, 3}, {1, 1}, {2, 1}, {4, 5}}) {
      EXPECT_TRUE(near(normal_init(n_in, n_out, zero, random), Matrix(n_in, n_out), 0))
          << "0 is a standard deviation, and -0 is 0";
      same.normal_matrix(0, 1, n_in, n_out);
      EXPECT_TRUE(goes_on_as(random, same))
          << "and its numbers are drawn as well: " << n_in << ", " << n_out;
    }
}

TEST(XavierInit, HasTheDeviationOneByTheRootOfTheInputs) {
  points(4);
  expect_normal(xavier_init, golden::init_xavier,
                [](int n_in, int) { return std::sqrt(1.0 / n_in); });
}

TEST(GlorotInit, HasTheDeviationBetweenInputsAndOutputs) {
  points(4);
  expect_normal(glorot_init, golden::init_glorot,
                [](int n_in, int n_out) { return std::sqrt(2.0 / (n_in + n_out)); });
}

TEST(HeInit, HasTheRootOfTwoMoreThanXavier) {
  points(4);
  expect_normal(he_init, golden::init_he, [](int n_in, int) { return std::sqrt(2.0 / n_in); });
}

TEST(Starts, RefuseWhatIsNoLayer) {
  points(2);
  Random random(0), untouched(0);
  EXPECT_TRUE(near(zeros_init(3, 2), Matrix(3, 2), 0));
  EXPECT_TRUE(near(uniform_init(3, 2, random), untouched.uniform_matrix(-1, 1, 3, 2), 1e-14));
  EXPECT_TRUE(near(normal_init(3, 2, 2, random), untouched.normal_matrix(0, 2, 3, 2), 1e-13));
  const double by_inputs = std::sqrt(1.0 / 3), by_both = std::sqrt(2.0 / 5);
  EXPECT_TRUE(near(xavier_init(3, 2, random), untouched.normal_matrix(0, by_inputs, 3, 2), 1e-13));
  EXPECT_TRUE(near(glorot_init(3, 2, random), untouched.normal_matrix(0, by_both, 3, 2), 1e-13));
  const double he = std::sqrt(2.0 / 3);
  EXPECT_TRUE(near(he_init(3, 2, random), untouched.normal_matrix(0, he, 3, 2), 1e-13));
  struct Size {
    int in, out;
  };
  for (const Size n : {Size{0, 3}, {3, 0}, {0, 0}, {-1, 3}, {3, -1}, {-3, -3}}) {
    EXPECT_TRUE(refuses([&] { zeros_init(n.in, n.out); })) << n.in << ", " << n.out;
    EXPECT_TRUE(refuses([&] { uniform_init(n.in, n.out, random); })) << n.in << ", " << n.out;
    EXPECT_TRUE(refuses([&] { normal_init(n.in, n.out, 1, random); })) << n.in << ", " << n.out;
    EXPECT_TRUE(refuses([&] { xavier_init(n.in, n.out, random); })) << n.in << ", " << n.out;
    EXPECT_TRUE(refuses([&] { glorot_init(n.in, n.out, random); })) << n.in << ", " << n.out;
    EXPECT_TRUE(refuses([&] { he_init(n.in, n.out, random); })) << n.in << ", " << n.out;
  }
  for (double bad : {-0.01, -infinity, infinity, nan})
    EXPECT_TRUE(refuses([&] { normal_init(3, 2, bad, random); }))
        << "a standard deviation of " << bad;
  EXPECT_TRUE(goes_on_as(random, untouched)) << "what is refused must not draw a number first";
}

// ---- starts by name ----

const Init every_init[] = {Init::zeros,  Init::uniform, Init::normal, Init::small_normal,
                           Init::xavier, Init::glorot,  Init::he};

double deviation_by_name(Init init, int n_in, int n_out) {
  switch (init) {
    case Init::small_normal: return 0.01;
    case Init::xavier: return std::sqrt(1.0 / n_in);
    case Init::glorot: return std::sqrt(2.0 / (n_in + n_out));
    case Init::he: return std::sqrt(2.0 / n_in);
    default: return 1;
  }
}

// By nothing but Random.
Matrix drawn(Init init, int n_in, int n_out, Random& random) {
  if (init == Init::zeros) return Matrix(n_in, n_out);
  if (init == Init::uniform) return random.uniform_matrix(-1, 1, n_in, n_out);
  return random.normal_matrix(0, deviation_by_name(init, n_in, n_out), n_in, n_out);
}

TEST(WeightInit, DrawsTheStartThatItsNameSays) {
  points(5);
  const auto named = [](Init init) {
    return [=](int n_in, int n_out, Random& r) { return weight_init(init, n_in, n_out, r); };
  };
  const auto normal = [&](Init init, const std::vector<double>& numpy) {
    expect_normal(named(init), numpy,
                  [=](int n_in, int n_out) { return deviation_by_name(init, n_in, n_out); });
    if (HasFailure()) FAIL() << "init " << static_cast<int>(init);
  };
  normal(Init::normal, golden::init_normal);
  normal(Init::small_normal, golden::init_small);
  normal(Init::xavier, golden::init_xavier);
  normal(Init::glorot, golden::init_glorot);
  normal(Init::he, golden::init_he);
  for (Init init : {Init::zeros, Init::uniform})
    for (const auto& [n_in, n_out] : all_sizes) {
      Random random = test_random(3), same = test_random(3);
      EXPECT_TRUE(
          near(weight_init(init, n_in, n_out, random), drawn(init, n_in, n_out, same), 1e-14))
          << "init " << static_cast<int>(init);
      EXPECT_TRUE(goes_on_as(random, same)) << "zeros draw nothing, uniform n_in n_out numbers";
    }
}

TEST(WeightInit, RefusesWhatIsNoLayer) {
  points(1);
  Random random(0), untouched(0);
  for (Init init : every_init) {
    EXPECT_TRUE(near(weight_init(init, 3, 2, random), drawn(init, 3, 2, untouched), 1e-13))
        << "init " << static_cast<int>(init);
    for (const auto& [n_in, n_out] : {std::pair{0, 3}, {3, 0}, {-1, 3}, {3, -1}, {-3, -3}})
      EXPECT_TRUE(refuses([&, n_in = n_in, n_out = n_out] {
        weight_init(init, n_in, n_out, random);
      })) << "init "
          << static_cast<int>(init) << ", " << n_in << ", " << n_out;
  }
  EXPECT_TRUE(goes_on_as(random, untouched)) << "what is refused must not draw a number first";
}

TEST(NetworkInit, DrawsTheWeightsLayerAfterLayerAndNoBiases) {
  points(5);
  const std::vector<int> shapes[] = {
      {6, 5, 4, 3},
      {4, 4, 4},
      {3, 3, 3, 3},
      {5, 3},
      {3, 2},
      {1, 1},
      {9, 8, 7, 6, 5, 4, 3, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3},
      {784, 100, 10},
      {2, 300},
      {5000, 2, 1}};
  for (Init init : every_init)
    for (const std::vector<int>& units : shapes) {
      Random random = test_random(80), same = test_random(80);
      const std::vector<int> used = units;
      const Network net = network_init(used, init, random);
      EXPECT_EQ(used, units) << "units are only read";
      ASSERT_EQ(net.w.size(), units.size() - 1) << "the first entry counts the inputs";
      ASSERT_EQ(net.b.size(), units.size() - 1) << "a b for each w";
      for (std::size_t l = 0; l < net.w.size(); ++l) {
        EXPECT_TRUE(near(net.w[l], drawn(init, units[l], units[l + 1], same), 1e-13))
            << "w of layer " << l + 1 << ", init " << static_cast<int>(init);
        EXPECT_TRUE(near(net.b[l], Matrix(1, units[l + 1]), 0)) << "b of layer " << l + 1;
      }
      EXPECT_TRUE(goes_on_as(random, same)) << "draw the weights, and nothing else";
    }
}

TEST(NetworkInit, RefusesUnitsThatMakeNoNetwork) {
  points(2);
  Random random(0), untouched(0);
  for (Init init : every_init) {
    const Network net = network_init({3, 2}, init, random);
    ASSERT_EQ(net.w.size(), 1u);
    EXPECT_TRUE(near(net.w[0], drawn(init, 3, 2, untouched), 1e-13)) << static_cast<int>(init);
    for (const std::vector<int>& units :
         std::initializer_list<std::vector<int>>{{},
                                                 {5},
                                                 {0},
                                                 {0, 5},
                                                 {5, 0},
                                                 {5, -1, 3},
                                                 {5, 4, 3, 0},
                                                 {-5, -4},
                                                 {5, 4, 0, 3},
                                                 {5, 4, -3},
                                                 {5, 4, 3, 2, 0},
                                                 {5, 4, 3, 2, -1, 2}})
      EXPECT_TRUE(refuses([&] { network_init(units, init, random); }))
          << units.size() << " entries, init " << static_cast<int>(init);
  }
  EXPECT_TRUE(goes_on_as(random, untouched)) << "look at all units before the first layer is drawn";
}

// ---- what becomes of the signal ----

TEST(StackActivations, AreRightByHand) {
  points(3);
  const Matrix x = {{1, -1}, {2, 0}};
  const std::vector<Matrix> w = {{{1, 0, -1}, {2, -1, 0}}, {{1}, {-3}, {2}}, {{-2, 4}}};
  // x w_1 = (-1, 1, -1), (2, 0, -2); ReLU gives (0, 1, 0), (2, 0, 0); then -3, 2.
  const auto a = stack_activations(Activation::relu, w, x);
  ASSERT_EQ(a.size(), 3u) << "the outputs of the layers: x itself is not among them";
  EXPECT_TRUE(near(a[0], {{0, 1, 0}, {2, 0, 0}}, 1e-14)) << "the outputs, after ReLU";
  EXPECT_TRUE(near(a[1], {{0}, {2}}, 1e-14)) << "ReLU follows each layer";
  EXPECT_TRUE(near(a[2], {{0, 0}, {0, 8}}, 1e-14)) << "the last one, too";
  const auto tanh = stack_activations(Activation::tanh, {w[0], w[1]}, x);
  ASSERT_EQ(tanh.size(), 2u);
  const Scalar one = std::tanh(1), two = std::tanh(2);
  EXPECT_TRUE(near(tanh[0], {{-one, one, -one}, {two, 0, -two}}, 1e-14));
  EXPECT_TRUE(near(tanh[1], {{std::tanh(-6 * one)}, {std::tanh(-two)}}, 1e-14));
  for (Activation f : {Activation::step, Activation::sigmoid, Activation::leaky_relu}) {
    const auto single = stack_activations(f, {w[0]}, x);
    ASSERT_EQ(single.size(), 1u) << "a stack of one layer";
    EXPECT_TRUE(near(single[0], activation_forward(f, {{-1, 1, -1}, {2, 0, -2}}), 1e-14))
        << "every activation of chapter 04 can be asked for";
  }
}

Scalar mean_of(const Matrix& a) {
  Scalar sum = 0;
  for (Scalar v : a.flat()) sum += v;
  return sum / a.size();
}

Scalar deviation_of(const Matrix& a) {
  const Scalar mean = mean_of(a);
  Scalar squares = 0;
  for (Scalar v : a.flat()) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / a.size());
}

// 200 normal inputs of 100, ten layers of 100: x is drawn first, then w_1 … w_10. Deviation 0
// stands for uniform(-1, 1).
std::vector<Matrix> ten_layers(Activation f, double deviation) {
  Random random(1);
  const Matrix x = random.normal_matrix(0, 1, 200, 100);
  std::vector<Matrix> w;
  for (int l = 0; l < 10; ++l)
    w.push_back(deviation == 0 ? random.uniform_matrix(-1, 1, 100, 100)
                               : random.normal_matrix(0, deviation, 100, 100));
  return stack_activations(f, w, x);
}

void expect_layers(Activation f, double deviation, const std::vector<double>& means,
                   const std::vector<double>& deviations) {
  const auto a = ten_layers(f, deviation);
  ASSERT_EQ(a.size(), 10u);
  for (std::size_t l = 0; l < 10; ++l) {
    ASSERT_EQ(a[l].size(), 200 * 100);
    EXPECT_TRUE(near(mean_of(a[l]) / means[l], 1, 1e-9)) << "mean of layer " << l + 1;
    EXPECT_TRUE(near(deviation_of(a[l]) / deviations[l], 1, 1e-9))
        << "standard deviation of layer " << l + 1 << ", weights of standard deviation "
        << deviation;
  }
}

TEST(StackActivations, HaveNumPysMeansAndDeviationsInTenLayers) {
  points(4);
  using namespace golden;
  const Activation sigmoid = Activation::sigmoid, relu = Activation::relu;
  const double he = std::sqrt(0.02);
  expect_layers(sigmoid, 0, sigmoid_uniform_means, sigmoid_uniform_deviations);
  expect_layers(sigmoid, 1, sigmoid_normal_means, sigmoid_normal_deviations);
  expect_layers(sigmoid, 0.01, sigmoid_small_means, sigmoid_small_deviations);
  expect_layers(sigmoid, 0.1, sigmoid_xavier_means, sigmoid_xavier_deviations);
  expect_layers(relu, 1, relu_normal_means, relu_normal_deviations);
  expect_layers(relu, 0.01, relu_small_means, relu_small_deviations);
  expect_layers(relu, 0.1, relu_xavier_means, relu_xavier_deviations);
  expect_layers(relu, he, relu_he_means, relu_he_deviations);
  const auto tanh = ten_layers(Activation::tanh, 0.1);
  ASSERT_EQ(tanh.size(), 10u);
  for (std::size_t l = 0; l < 10; ++l)
    EXPECT_TRUE(near(deviation_of(tanh[l]) / tanh_xavier_deviations[l], 1, 1e-9)) << "tanh " << l;
}

// Plain loops, and chapter 04.
std::vector<Matrix> plain_stack(Activation f, const std::vector<Matrix>& w, Matrix a) {
  std::vector<Matrix> all;
  for (const Matrix& layer : w) {
    Matrix z(a.rows(), layer.cols());
    for (int n = 0; n < z.rows(); ++n)
      for (int k = 0; k < layer.rows(); ++k)
        for (int j = 0; j < z.cols(); ++j) z(n, j) += a(n, k) * layer(k, j);
    all.push_back(a = activation_forward(f, z));
  }
  return all;
}

void expect_plain_stack(Activation f, const std::vector<Matrix>& w, const Matrix& x) {
  const std::vector<Matrix> used_w = w, plain = plain_stack(f, w, x);
  const Matrix used_x = x;
  const std::vector<Matrix> a = stack_activations(f, used_w, used_x);
  ASSERT_EQ(a.size(), plain.size());
  const auto any_nan = [](const Matrix& m) {
    return std::ranges::any_of(m.flat(), [](Scalar v) { return std::isnan(v); });
  };
  for (std::size_t l = 0; l < a.size(); ++l)
    EXPECT_TRUE(close(a[l], plain[l], 1e-11)) << "layer " << l + 1 << " of " << w.size();
  if (any_nan(x) || std::ranges::any_of(w, any_nan)) return;  // NaN does not equal itself
  EXPECT_EQ(used_w, w) << "w is only read";
  EXPECT_EQ(used_x, x) << "x is only read";
}

TEST(StackActivations, OfAnyShapesAreThoseOfPlainLoops) {
  points(2);
  const std::vector<int> shapes[] = {{4, 4, 4},
                                     {6, 2, 9},
                                     {1, 1},
                                     {70, 130, 9, 8, 7, 6, 5, 4, 65, 9, 8, 9, 12},
                                     {1100, 3},
                                     {20, 300, 3},
                                     std::vector<int>(21, 6)};
  for (const std::vector<int>& units : shapes)
    for (Activation f : {Activation::step, Activation::relu, Activation::leaky_relu,
                         Activation::tanh, Activation::sigmoid})
      for (int samples : {1, 4, units[0] < 100 ? 300 : 40}) {
        Random random = test_random(13);
        std::vector<Matrix> w;
        for (std::size_t l = 1; l < units.size(); ++l)
          w.push_back(random.normal_matrix(0, 1 / std::sqrt(units[l - 1]), units[l - 1], units[l]));
        expect_plain_stack(f, w, random.normal_matrix(0, 1, samples, units[0]));
      }
  Random random = test_random(14);
  for (double size : {1e200, 1e9, 1e-9, 1e-200})
    expect_plain_stack(Activation::leaky_relu,
                       {random.normal_matrix(0, 1, 3, 5), random.normal_matrix(0, 1, 5, 2)},
                       random.normal_matrix(0, size, 6, 3));
  // Sums near 0, where an activation has all its digits, and far out, where it is flat.
  Matrix identity(5, 5);
  for (int i = 0; i < 5; ++i) identity(i, i) = 1;
  const Matrix sums = {{1e-9, -1e-9, 5e-8, 2e-7, 1e-7}, {1, -1, 4, -4, 9},
                       {20, -20, 36.5, -36.5, 50},      {354, -354, 360, -360, 400},
                       {708, -708, 711, 745, 1e4},      {1e5, -1e5, 1e300, -1e300, 0}};
  for (Activation f : {Activation::step, Activation::relu, Activation::leaky_relu, Activation::tanh,
                       Activation::sigmoid}) {
    const auto a = stack_activations(f, {identity}, sums);
    ASSERT_EQ(a.size(), 1u);
    EXPECT_TRUE(close(a[0], activation_forward(f, sums), 1e-13, true)) << "sums of any size";
  }
  for (int i = 0; i < repetitions; ++i) {
    const auto a = stack_activations(Activation::relu, {{{2}}, {{3}}}, {{1}, {-1}});
    ASSERT_EQ(a.size(), 2u);
    ASSERT_TRUE(near(a[0], {{2}, {0}}, 0) && near(a[1], {{6}, {0}}, 0)) << "call " << i + 1;
  }
}

TEST(StackActivations, RefuseWhatDoesNotFit) {
  points(2);
  const Activation f = Activation::tanh;
  expect_plain_stack(f, {{{1, 2, 3, 4}, {0, 1, 0, 1}, {1, 1, 2, 2}}, Matrix(4, 3, 0.1)},
                     {{1, 0, -1}, {2, 1, 0}});
  for (const Matrix& first : {Matrix(2, 4), Matrix(4, 4), Matrix(1, 4)})
    EXPECT_TRUE(refuses([&] {
      stack_activations(f, {first, Matrix(4, 3)}, Matrix(2, 3));
    })) << "3 inputs, w_1 "
        << shape(first);
  for (const Matrix& other : misfits(Matrix(2, 3)))
    if (other.cols() != 3) {
      EXPECT_TRUE(refuses([&] { stack_activations(f, {Matrix(3, 4)}, other); }))
          << "x " << shape(other) << " for 3 inputs";
    }
  for (const Matrix& second : {Matrix(3, 3), Matrix(5, 3), Matrix(1, 3)}) {
    EXPECT_TRUE(refuses([&] {
      stack_activations(f, {Matrix(3, 4), second}, Matrix(2, 3));
    })) << "4 outputs, then w_2 "
        << shape(second);
    EXPECT_TRUE(refuses([&] {
      stack_activations(f, {Matrix(3, 4), Matrix(4, 4), second}, Matrix(2, 3));
    })) << "4 outputs, then w_3 "
        << shape(second);
  }
  // Behind a ReLU that lets nothing through: 0 times NaN is NaN, 0 times infinity as well.
  for (Scalar bad : {nan, infinity}) {
    const auto a = stack_activations(Activation::relu, {{{1}}, {{bad, 2}}}, {{-1}, {1}});
    ASSERT_EQ(a.size(), 2u);
    ASSERT_EQ(shape(a[1]), "(2,2)");
    EXPECT_TRUE(std::isnan(a[1](0, 0)) && a[1](0, 1) == 0) << "0 times " << bad;
    EXPECT_TRUE(!std::isfinite(a[1](1, 0)) && a[1](1, 1) == 2) << "1 times " << bad;
    const auto of_x = stack_activations(Activation::relu, {{{1}}, {{2}}}, {{bad}, {1}});
    ASSERT_EQ(of_x.size(), 2u);
    ASSERT_EQ(shape(of_x[1]), "(2,1)");
    EXPECT_TRUE(!std::isfinite(of_x[1](0, 0)) && of_x[1](1, 0) == 2) << bad << " in x";
  }
  // NaN at any place of x or of a w reaches all that is made of it, whatever it is multiplied with.
  Random random = test_random(15);
  const Matrix x = with_zeros(random, 3, 4);
  const std::vector<Matrix> w = {with_zeros(random, 4, 5), with_zeros(random, 5, 2),
                                 with_zeros(random, 2, 3)};
  for (Activation s :
       {Activation::relu, Activation::leaky_relu, Activation::tanh, Activation::sigmoid}) {
    for (const auto& place : {std::pair{0, 0}, {1, 1}, {2, 3}})
      expect_plain_stack(s, w, with(x, place, nan));
    for (std::size_t l = 0; l < w.size(); ++l)
      for (const auto& place : {std::pair{0, 0}, {1, 1}, {w[l].rows() - 1, w[l].cols() - 1}}) {
        std::vector<Matrix> broken = w;
        broken[l] = with(w[l], place, nan);
        expect_plain_stack(s, broken, x);
      }
  }
  for_each_place(x, [&](int row, int col) {  // which step refuses: no number at all, or NaN
    std::vector<Matrix> a;
    if (refuses([&] { a = stack_activations(Activation::step, w, with(x, row, col, nan)); }))
      return;
    ASSERT_EQ(a.size(), 3u);
    ASSERT_EQ(shape(a[0]), "(3,5)");
    for (int j = 0; j < 5; ++j)
      EXPECT_TRUE(std::isnan(a[0](row, j))) << "a step of NaN is " << a[0](row, j);
  });
  EXPECT_TRUE(refuses([&] { stack_activations(f, {}, Matrix(2, 3)); })) << "no layer";
  EXPECT_TRUE(refuses([&] { stack_activations(f, {Matrix(4, 3)}, Matrix(0, 3)); })) << "no rows";
  EXPECT_TRUE(refuses([&] {
    stack_activations(f, {Matrix(3, 4), Matrix(3, 4)}, Matrix(0, 3));
  })) << "no rows, 4 outputs for 3 inputs";
  const auto of_none = stack_activations(f, {Matrix(3, 4), Matrix(4, 2)}, Matrix(0, 3));
  ASSERT_EQ(of_none.size(), 2u) << "a matrix for each layer, also of no rows";
  EXPECT_EQ(shape(of_none[0]) + shape(of_none[1]), "(0,4)(0,2)");
  EXPECT_TRUE(refuses([&] { stack_activations(f, {Matrix(4, 3)}, Matrix(2, 3)); }))
      << "3 inputs for 4";
  EXPECT_TRUE(refuses([&] {
    stack_activations(f, {Matrix(3, 4), Matrix(3, 4)}, Matrix(2, 3));
  })) << "4 outputs of the first layer for 3 inputs of the second";
}

TEST(StandardDeviation, IsTheRootOfTheMeanSquareAroundTheMean) {
  points(3);
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(standard_deviation({{1, 2}, {3, 4}}), std::sqrt(1.25), 1e-15))
        << "the mean is 2.5; divided by n = 4, not by n - 1";
  EXPECT_TRUE(near(standard_deviation({{0, 0}, {10, 10}}), 5, 1e-15)) << "over all elements";
  EXPECT_TRUE(near(standard_deviation({{0, 10, 0, 10}}), 5, 1e-15)) << "over all elements";
  EXPECT_TRUE(near(standard_deviation({{-7}}), 0, 0)) << "one element";
  EXPECT_TRUE(near(standard_deviation({{0.5, 0.5}, {0.5, 0.5}}), 0, 0)) << "all are equal";
  const Matrix a = test_random(10).normal_matrix(2, 3, 40, 30);
  EXPECT_TRUE(near(standard_deviation(a), deviation_of(a), 1e-12));
  const Matrix many = test_random(11).normal_matrix(-2, 300, 784, 100), used = many;
  EXPECT_TRUE(near(standard_deviation(used) / deviation_of(many), 1, 1e-11))
      << "of 78 400 elements";
  EXPECT_EQ(used, many) << "a is only read";
  EXPECT_TRUE(refuses([] { standard_deviation(Matrix()); })) << "of nothing";
  EXPECT_TRUE(refuses([] { standard_deviation(Matrix(3, 0)); })) << "three rows of nothing";
}

TEST(StandardDeviation, KeepsItsDigitsFarFromZero) {
  points(2);
  const Scalar far = 1e12;
  EXPECT_TRUE(
      near(standard_deviation({{far + 1, far + 2}, {far + 3, far + 4}}), std::sqrt(1.25), 1e-7))
      << "mean of squares minus square of mean loses all digits here: take the mean off first";
  for (Scalar place : {1e3, 1e5, -1e7, 1e9}) {
    const Matrix a = {{place + 0.1, place + 1.3}, {place + 2.7, place + place / 1e9}};
    EXPECT_TRUE(near(standard_deviation(a), deviation_of(a), 4e-16 * std::abs(place) + 1e-14))
        << "at " << place;
  }
}

TEST(StandardDeviation, IsRightForElementsOfAnySize) {
  points(2);
  const auto has = [](const Matrix& a, double expected) {
    return near(standard_deviation(a) / expected, 1, 1e-14);
  };
  EXPECT_TRUE(has({{1e-200, -1e-200}}, 1e-200)) << "the square of 1e-200 is 0";
  EXPECT_TRUE(has({{1e200}, {-1e200}}, 1e200)) << "the square of 1e200 is infinite";
  EXPECT_TRUE(has({{1.5e308, -1.5e308}}, 1.5e308)) << "so is the distance of the two";
  Matrix same = {{1, 5}, {1, 5}};
  EXPECT_TRUE(has(same, 2));
  same(1, 1) = 1, same(0, 1) = 1;
  EXPECT_EQ(standard_deviation(same), 0) << "the same matrix, with other numbers in it";
  for (double size : {1e152, 1e155, 1e157, 1e165, 1e185, 1e195})
    for (double s : {size, 1 / size}) EXPECT_TRUE(has({{s, -s}, {-s, s}}, s)) << s;
  EXPECT_TRUE(has({{1e-200, 5e-200}, {5e-200, 1e-200}}, 2e-200));
  EXPECT_TRUE(has({{1e-300, 5e-300}, {5e-300, 1e-300}}, 2e-300));
  EXPECT_TRUE(has({{1e-12, 5e-12}, {5e-12, 1e-12}}, 2e-12));
  EXPECT_TRUE(has({{1e200, 2e200, 3e200}}, 1e200 * std::sqrt(2.0 / 3)));
  EXPECT_TRUE(has({{1.5e308, 0.5e308}}, 0.5e308)) << "the sum is infinite, the mean is not";
  // Below the smallest normal number there are fewer digits.
  for (double tiny : {1e-307, 1e-310, 1e-315})
    EXPECT_TRUE(near(standard_deviation({{tiny, 5 * tiny}, {5 * tiny, tiny}}) / tiny, 2, 1e-6))
        << tiny << ": 1 / " << tiny << " is infinite";
  EXPECT_TRUE(has({{1.5e308, -1.5e308, -1.5e308}}, 1.5e308 * std::sqrt(8.0 / 9)))
      << "the distance from the mean is infinite, the deviation is not";
  EXPECT_TRUE(has({{-1e200, -3e200}}, 1e200)) << "all may be negative";
  EXPECT_TRUE(has({{-1e-200, -3e-200}}, 1e-200)) << "all may be negative";
  for (double far : {1e200, -1e200, -1e-5, 1e9})  // one among eight of 1e-200
    for (int i = 0; i < 9; ++i)
      EXPECT_TRUE(
          has(with(Matrix(3, 3, 1e-200), i / 3, i % 3, far), std::abs(far) * std::sqrt(8) / 9))
          << "one element of " << far << ", wherever it stands";
  EXPECT_TRUE(near(standard_deviation(Matrix(3, 2)), 0, 0))
      << "zeros: do not divide by the largest";
}

TEST(StandardDeviation, OfNanOrInfinityIsNan) {
  points(1);
  EXPECT_TRUE(near(standard_deviation({{1, 3}}), 1, 1e-15));
  for (double bad : {nan, infinity, -infinity})
    for (const Matrix& a : {Matrix{{bad}}, {{bad, 1, 2}}, {{1, bad, 2}}, {{1}, {2}, {bad}}})
      EXPECT_TRUE(std::isnan(standard_deviation(a)))
          << "NumPy's answer, too; std::max(0, NaN) is 0, and std::max(NaN, 0) is NaN";
  for (double bad : {nan, infinity, -infinity})
    for_each_place(Matrix(128, 100, 1), [&](int row, int col) {
      EXPECT_TRUE(std::isnan(standard_deviation(with(Matrix(128, 100, 1), row, col, bad))))
          << bad << " in row " << row << ", column " << col;
    });
}

TEST(Histogram, CountsByHand) {
  points(3);
  using Counts = std::vector<int>;
  const Matrix a = {{0, 0.25, 0.5}, {0.75, 1, 0.625}, {0.125, 0.125, 0.875}};
  EXPECT_EQ(histogram(a, 0, 1, 4), (Counts{3, 1, 2, 3}))
      << "0.25 lies in the second interval (left edges belong), 1 in the last one";
  EXPECT_EQ(histogram(a, 0, 1, 1), (Counts{9}));
  EXPECT_EQ(histogram({{-3, -1, 1}, {2.5, 3, -2}}, -3, 3, 3), (Counts{2, 1, 3})) << "below zero";
  EXPECT_EQ(histogram({{10, 10, 12}}, 10, 14, 2), (Counts{2, 1})) << "from 10";
  EXPECT_EQ(histogram(Matrix(), 0, 1, 3), (Counts{0, 0, 0})) << "of nothing";
}

TEST(Histogram, OfManyElementsAndIntervalsIsThatOfPlainLoops) {
  points(1);
  Random random = test_random(12);
  const Matrix a = random.uniform_matrix(-1, 1, 310, 190), used = a;
  const struct {
    double low, high;
    int bins;
  } ranges[] = {{-1, 1, 300}, {-0.5, 0.25, 7}, {-0.9, -0.1, 128},
                {0, 1, 1},    {-1, 3, 2},      {-1e9, 1e9, 2}};
  for (const auto& [low, high, bins] : ranges) {
    std::vector<int> counts(static_cast<std::size_t>(bins));
    for (Scalar v : a.flat())
      for (int i = 0; i < bins; ++i) {
        const double left = low + i * ((high - low) / bins),
                     right = i + 1 == bins ? high : low + (i + 1) * ((high - low) / bins);
        if (left <= v && (v < right || (i + 1 == bins && v == high))) ++counts[i];
      }
    EXPECT_EQ(histogram(used, low, high, bins), counts)
        << bins << " from " << low << " to " << high;
  }
  EXPECT_EQ(used, a) << "a is only read";
  std::vector<int> fine(70000);
  fine[33000] = fine[69998] = fine[69999] = 1;
  EXPECT_EQ(histogram({{33000.5, 70000, 69998}}, 0, 70000, 70000), fine) << "70 000 intervals";
  EXPECT_EQ(histogram(Matrix(70, 1001), 0, 1, 2), (std::vector<int>{70070, 0})) << "all in one";
  for (int i = 0; i < repetitions; ++i)
    ASSERT_EQ(histogram({{0.5, 2}}, 0, 3, 3), (std::vector<int>{1, 0, 1})) << "call " << i + 1;
}

// low + bins ((high - low) / bins) may come out below high, or above it: the last edge is high itself.
TEST(Histogram, CountsHighInTheLastIntervalAndOnce) {
  points(2);
  const std::pair<double, double> ranges[] = {{0, 1},    {-1, 1},  {0.1, 0.7},   {-3, 3.3},
                                              {-4, 0.3}, {0, 0.9}, {1e-9, 7e-9}, {-7e5, 1e5}};
  for (const auto& [low, high] : ranges)
    for (int bins = 1; bins <= 300; ++bins) {
      std::vector<int> counts(static_cast<std::size_t>(bins));
      counts.back() = 1;
      ASSERT_EQ(histogram({{high}}, low, high, bins), counts)
          << high << ", the upper end of " << bins << " intervals from " << low;
      ASSERT_EQ(histogram({{std::nextafter(high, infinity)}}, low, high, bins),
                std::vector<int>(static_cast<std::size_t>(bins)))
          << "just above " << high << ", the upper end of " << bins << " intervals";
    }
}

TEST(Histogram, LeavesOutWhatLiesOutside) {
  points(2);
  EXPECT_EQ(histogram({{-1e-310, 0, 1e-310, 3e-310}}, 0, 1, 2), (std::vector<int>{3, 0}))
      << "-1e-310 lies below 0";
  const double tiny = std::ldexp(1.0, -1000);
  EXPECT_EQ(histogram({{tiny, 2 * tiny, 3 * tiny, 4 * tiny}}, tiny, 3 * tiny, 2),
            (std::vector<int>{1, 2}))
      << "a range of any size";
  EXPECT_EQ(histogram({{-1e300, 0, 5e299, 2e300}}, -1e300, 1e300, 2), (std::vector<int>{1, 2}))
      << "a range of any size";
  EXPECT_EQ(histogram({{-0.01, 1.01, 0.4, -5, 7}}, 0, 1, 4), (std::vector<int>{0, 1, 0, 0}))
      << "neither into the first interval nor into the last";
  EXPECT_EQ(histogram({{infinity, -infinity, 0.9}}, 0, 1, 2), (std::vector<int>{0, 1}));
  EXPECT_EQ(histogram({{infinity, 0.1, 0.9}, {-infinity, 0.2, 1}}, 0, 1, 2),
            (std::vector<int>{2, 2}));
  EXPECT_EQ(histogram({{-8e307, 1e307, 7.9e307, 8e307, 9e307}}, -8e307, 8e307, 4),
            (std::vector<int>{1, 0, 1, 2}))
      << "the range is a number, four times the range is none";
  EXPECT_EQ(histogram({{0, 1e-306, 1.5e-306, 2e-306, 3e-306}}, 0, 2e-306, 2),
            (std::vector<int>{1, 3}))
      << "a range of any size";
  const double step = std::numeric_limits<double>::epsilon();
  EXPECT_EQ(histogram({{1, 1 + step, 1 + 2 * step, 1 + 3 * step}}, 1, 1 + 2 * step, 2),
            (std::vector<int>{1, 2}))
      << "a narrow range is a range: three numbers lie in it";
  EXPECT_EQ(histogram({{0.0, -0.0}}, 0, 1, 2), (std::vector<int>{2, 0})) << "-0 is 0";
  EXPECT_EQ(histogram({{0.0, -0.0}}, -1, 0, 2), (std::vector<int>{0, 2})) << "-0 is 0";
  EXPECT_EQ(histogram({{0.0, -0.0}}, -1, -0.0, 2), (std::vector<int>{0, 2})) << "-0 is 0";
}

TEST(Histogram, IsNumPys) {
  points(2);
  Random random(8);
  EXPECT_EQ(histogram(random.normal_matrix(0, 1, 40, 25), -2, 2.5, 17), golden::normal_counts);
  const auto normal = ten_layers(Activation::sigmoid, 1);
  const auto xavier = ten_layers(Activation::sigmoid, 0.1);
  ASSERT_EQ(normal.size(), 10u);
  ASSERT_EQ(xavier.size(), 10u);
  EXPECT_EQ(histogram(normal[0], 0, 1, 25), golden::sigmoid_normal_counts_1);
  EXPECT_EQ(histogram(normal[9], 0, 1, 25), golden::sigmoid_normal_counts_10);
  EXPECT_EQ(histogram(xavier[0], 0, 1, 25), golden::sigmoid_xavier_counts_1);
  EXPECT_EQ(histogram(xavier[9], 0, 1, 25), golden::sigmoid_xavier_counts_10);
  const auto tanh = ten_layers(Activation::tanh, 0.1);
  ASSERT_EQ(tanh.size(), 10u);
  EXPECT_EQ(histogram(tanh[9], -0.7, 0.7, 30), golden::tanh_xavier_counts_10);
}

TEST(Histogram, IsNumPysForValuesOnEveryEdge) {
  points(2);
  Matrix values(1, static_cast<int>(golden::edge_values.size()));
  std::ranges::copy(golden::edge_values, values.flat().begin());
  EXPECT_EQ(histogram(values, golden::edge_range[0], golden::edge_range[1], 14),
            golden::edge_counts)
      << "a division may round over an edge: compare with low + i ((high - low) / bins) itself";
  const std::pair<double, double> ranges[] = {{0, 1},    {-1, 1},      {0.1, 0.7}, {-3, 3.3},
                                              {-4, 0.3}, {1e-9, 7e-9}, {-0.7, 0.7}};
  for (const auto& [low, high] : ranges)
    for (int bins = 2; bins <= 60; ++bins) {
      std::vector<double> edges;
      for (int i = 0; i < bins; ++i) edges.push_back(low + i * ((high - low) / bins));
      for (int i = 1; i < bins; ++i) {
        const double edge = edges[static_cast<std::size_t>(i)];
        const Matrix around = {{std::nextafter(edge, low), edge, std::nextafter(edge, high)}};
        std::vector<int> counts(static_cast<std::size_t>(bins));
        for (double v : around.flat())
          ++counts[static_cast<std::size_t>(std::ranges::upper_bound(edges, v) - edges.begin() -
                                            1)];
        ASSERT_EQ(histogram(around, low, high, bins), counts)
            << "around edge " << i << " of " << bins << " intervals from " << low << " to " << high;
      }
    }
}

TEST(Histogram, RefusesWhatIsNoRange) {
  points(2);
  EXPECT_EQ(histogram({{1}}, 0, 1, 4), (std::vector<int>{0, 0, 0, 1}));
  for_each_place(Matrix(90, 70), [&](int row, int col) {
    const Matrix a = with(Matrix(90, 70), row, col, nan),
                 outside = with(Matrix(90, 70, 7), row, col, nan);
    EXPECT_TRUE(refuses([&] { histogram(a, 0, 1, 4); })) << "NaN in row " << row;
    EXPECT_TRUE(refuses([&] { histogram(outside, 0, 1, 4); })) << "NaN in row " << row;
  });
  EXPECT_TRUE(refuses([] { histogram(with(Matrix(784, 100), 783, 99, nan), 0, 1, 4); }))
      << "NaN is the last of 78 400";
  EXPECT_TRUE(refuses([] { histogram(Matrix(), 1, 0, 4); })) << "also of nothing";
  EXPECT_TRUE(refuses([] { histogram({{1}}, 1, 1, 4); })) << "low equals high";
  EXPECT_TRUE(refuses([] { histogram({{1}}, 2, 1, 4); })) << "low above high";
  EXPECT_TRUE(refuses([] { histogram({{1}}, 0, 1, 0); })) << "no interval";
  EXPECT_TRUE(refuses([] { histogram(Matrix(), 0, 1, 0); })) << "no interval for nothing";
  EXPECT_TRUE(refuses([] { histogram({{1}}, 0, 1, -2); })) << "fewer than none";
  EXPECT_TRUE(refuses([] { histogram({{1}}, 0, infinity, 4); })) << "no end";
  EXPECT_TRUE(refuses([] { histogram({{1}}, -infinity, 1, 4); })) << "no beginning";
  EXPECT_TRUE(refuses([] { histogram({{1}}, nan, 1, 4); })) << "NaN";
  EXPECT_TRUE(refuses([] { histogram({{1}}, 0, nan, 4); })) << "NaN";
  EXPECT_TRUE(refuses([] { histogram({{1}}, -1e308, 1e308, 4); })) << "2e308 is infinite";
  EXPECT_TRUE(refuses([] { histogram({{0.5, nan}}, 0, 1, 4); })) << "NaN lies nowhere";
  EXPECT_TRUE(refuses([] { histogram({{nan}, {0.5}}, 0, 1, 4); })) << "NaN lies nowhere";
}

// ---- a deep network ----

// Layers in this order, as {6, 5, 4, 3} units; biases are not zero.
Network random_network(const std::vector<int>& units, Random& random) {
  Network net;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    net.w.push_back(random.normal_matrix(0, std::sqrt(2.0 / units[l]), units[l], units[l + 1]));
    net.b.push_back(random.normal_matrix(0, 0.5, 1, units[l + 1]));
  }
  return net;
}

struct Problem {
  Network net;
  Matrix x;
  std::vector<int> labels;
};

Problem random_problem(int salt, int samples, const std::vector<int>& units = {6, 5, 4, 3}) {
  Random random = test_random(salt);
  Problem p;
  p.net = random_network(units, random);
  // The first unit of each hidden layer is always on, and hears the one below: layers of dead ReLUs
  // would have no gradient to check.
  for (std::size_t l = 0; l + 1 < p.net.w.size(); ++l) {
    for (int i = 0; i < p.net.w[l].rows(); ++i) p.net.w[l](i, 0) = l > 0 && i == 0;
    p.net.b[l](0, 0) = 1;
  }
  p.x = random.normal_matrix(0, 1, samples, units.front());
  for (int n = 0; n < samples; ++n)
    p.labels.push_back(static_cast<int>(random.randint(units.back())));
  return p;
}

// Both from the functions of earlier chapters only.
Matrix logits_of(const Network& net, const Matrix& x) {
  Matrix a = x;
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    if (l > 0) a = relu_forward(a);
    a = dense_forward(a, net.w[l], net.b[l]);
  }
  return a;
}

Scalar loss_of(const Network& net, const Problem& p) {
  return softmax_cross_entropy(logits_of(net, p.x), p.labels).loss;
}

struct Case {
  std::vector<int> units;
  int samples;
};
const Case cases[] = {{{6, 5, 4, 3}, 7}, {{6, 5, 4, 3}, 4},       {{6, 3}, 5},       {{6, 4, 3}, 1},
                      {{6, 8, 3}, 9},    {{2, 5, 4, 5, 3}, 7},    {{5, 5, 5, 5}, 5}, {{4, 4, 4}, 6},
                      {{3, 3}, 3},       {{4, 7, 3, 6, 5, 2}, 12}};

// More layers, units, samples and classes than any round number.
const Case large{{70, 130, 50, 40, 30, 30, 20, 20, 15, 12}, 140}, deep{std::vector<int>(40, 6), 5},
    wide{{20, 300, 20}, 300}, book{{784, 100, 10}, 100};

// Loss and gradients by plain loops.
struct Plain {
  Matrix logits;
  double loss = 0;
  Network d;
};
Plain plain_loops(const Problem& p) {
  const std::size_t layers = p.net.w.size();
  std::vector<Matrix> a = {p.x};
  for (std::size_t l = 0; l < layers; ++l) {
    Matrix z = plain_product(a[l], p.net.w[l]);
    for (int n = 0; n < z.rows(); ++n)
      for (int j = 0; j < z.cols(); ++j) {
        z(n, j) += p.net.b[l](0, j);
        if (l + 1 < layers) z(n, j) = std::max(z(n, j), Scalar(0));
      }
    a.push_back(z);
  }
  Plain plain{.logits = a.back(), .d = p.net};
  const int N = p.x.rows();
  Matrix dz = plain.logits;
  for (int n = 0; n < N; ++n) {
    const double top = std::ranges::max(plain.logits.row(n));
    double sum = 0;
    for (Scalar v : plain.logits.row(n)) sum += std::exp(v - top);
    plain.loss += (std::log(sum) + top - plain.logits(n, p.labels[n])) / N;
    for (int k = 0; k < dz.cols(); ++k)
      dz(n, k) = (std::exp(plain.logits(n, k) - top) / sum - (k == p.labels[n])) / N;
  }
  for (std::size_t l = layers; l-- > 0;) {
    plain.d.w[l] = plain_product(turned(a[l]), dz);
    plain.d.b[l] = plain_product(Matrix(1, N, 1), dz);
    if (l == 0) break;  // nobody asks for a gradient by x
    dz = plain_product(dz, turned(p.net.w[l]));
    for (int i = 0; i < dz.size(); ++i)
      if (a[l].flat()[i] <= 0) dz.flat()[i] = 0;
  }
  return plain;
}

TEST(NetworkForward, OfALargeBatchIsThatOfPlainLoops) {
  points(2);
  for (double size : {1.0, 1e30}) {
    Problem p = random_problem(17, large.samples, large.units);
    for (Scalar& v : p.x.flat()) v *= size;
    const Plain plain = plain_loops(p);
    const Problem used = p;
    double largest = 0;
    for (Scalar v : plain.logits.flat()) largest = std::max(largest, std::abs(v));
    EXPECT_TRUE(near(network_forward(used.net, used.x), plain.logits, 1e-12 * largest))
        << "9 layers, 140 samples, 12 classes, x of " << size;
    EXPECT_TRUE(used.x == p.x && used.net.w == p.net.w && used.net.b == p.net.b) << "only read";
  }
  for (const Case& c : {deep, wide, Case{book.units, 16}}) {
    const Problem p = random_problem(19, c.samples, c.units);
    EXPECT_TRUE(close(network_forward(p.net, p.x), plain_loops(p).logits, 1e-11))
        << p.net.w.size() << " layers, " << c.samples << " samples, " << c.units[1] << " units";
  }
  EXPECT_EQ(shape(network_forward(random_problem(18, 3).net, Matrix(0, 6))), "(0,3)") << "of none";
  const Network small = {.w = {{{1}}, {{2, -1}}}, .b = {{{0}}, Matrix(1, 2)}};
  for (double unit : {1e-13, 1e-40, 1e-280}) {
    const Matrix logits = network_forward(small, {{unit}, {-unit}});
    ASSERT_EQ(shape(logits), "(2,2)");
    EXPECT_TRUE(near(logits(0, 0) / unit, 2, 1e-14) && near(logits(0, 1) / unit, -1, 1e-14))
        << "x of " << unit << " is small, not 0";
    EXPECT_TRUE(near(logits(1, 0), 0, 0)) << "and a single unit can be off";
  }
  const Matrix endless = network_forward(small, {{infinity}, {1}});
  ASSERT_EQ(shape(endless), "(2,2)");
  EXPECT_TRUE(!std::isfinite(endless(0, 0)) && endless(1, 0) == 2) << "infinity is no number";
}

TEST(NetworkForward, IsRightByHand) {
  points(3);
  // x = (1, 1): z_1 = (3, 1), logits (3 + 3 - 1, 6 + 4 - 10) = (5, 0).
  // x = (-1, 0): z_1 = (-1, 2), a_1 = (0, 2), logits (6 - 1, 8 - 10) = (5, -2).
  const Network net = {.w = {{{1, -1}, {2, 1}}, {{1, 2}, {3, 4}}}, .b = {{{0, 1}}, {{-1, -10}}}};
  for (int i = 0; i < repetitions; ++i)
    ASSERT_TRUE(near(network_forward(net, {{1, 1}, {-1, 0}}), {{5, 0}, {5, -2}}, 1e-12))
        << "ReLU after the first layer, none after the last";
}

TEST(NetworkForward, PutsReluAfterEveryLayerButTheLast) {
  points(2);
  const Matrix one = {{1, 0}, {0, 1}};
  const Network net = {.w = {{{1, -1}}, {{-1, 2}, {1, 1}}, one, one},
                       .b = {{{0, 0}}, {{1, -1}}, {{-2, 0}}, {{-1, -6}}}};
  // x = 2: (2, -2) → (2, 0); (-2 + 1, 4 - 1) → (0, 3); (-2, 3) → (0, 3); (-1, -3).
  // x = -3: (-3, 3) → (0, 3); (3 + 1, 3 - 1) → (4, 2); (2, 2) → (2, 2); (1, -4).
  EXPECT_TRUE(near(network_forward(net, {{2}, {-3}}), {{-1, -3}, {1, -4}}, 1e-12));
  EXPECT_TRUE(near(network_forward(net, {{2}}), {{-1, -3}}, 1e-12)) << "a single sample";
  int salt = 20;
  for (const Case& c : cases) {
    const Problem p = random_problem(++salt, c.samples, c.units);
    EXPECT_TRUE(near(network_forward(p.net, p.x), logits_of(p.net, p.x), 1e-11))
        << p.net.w.size() << " layers, " << c.samples << " samples";
  }
}

TEST(NetworkForward, WithOneLayerIsThatLayer) {
  points(1);
  const Network net = {.w = {{{1, 2}, {3, 4}}}, .b = {{{-5, 5}}}};
  EXPECT_TRUE(near(network_forward(net, {{1, -2}}), {{-10, -1}}, 1e-12)) << "no ReLU at all";
}

// Calls use with each way in which a network and its inputs may not fit.
void for_each_misfit(const std::function<void(const Network&, const Matrix&, const char*)>& use) {
  const Problem p = random_problem(19, 7);
  use(Network{}, p.x, "no layer");
  for (const Matrix& other : misfits(p.x))
    if (other.cols() != 6) use(p.net, other, "another number of inputs");
  Network fewer = p.net, more = p.net;
  fewer.b.pop_back();
  use(fewer, p.x, "3 layers, 2 biases");
  more.b.push_back(Matrix(1, 3));
  use(more, p.x, "3 layers, 4 biases");
  Network none = p.net;
  none.b.clear();
  use(none, p.x, "no biases");
  for (std::size_t l = 0; l < 3; ++l) {
    for (const Matrix& other : misfits(p.net.w[l])) {
      Network bad = p.net;
      bad.w[l] = other;
      use(bad, p.x, "w of a layer in another shape");
    }
    for (const Matrix& other : misfits(p.net.b[l])) {
      Network bad = p.net;
      bad.b[l] = other;
      use(bad, p.x, "b of a layer in another shape");
    }
  }
}

TEST(NetworkForward, RefusesWhatDoesNotFit) {
  points(2);
  const Problem p = random_problem(19, 7);
  EXPECT_TRUE(near(network_forward(p.net, p.x), plain_loops(p).logits, 1e-12));
  for_each_misfit([](const Network& net, const Matrix& x, const char* what) {
    EXPECT_TRUE(refuses([&] { network_forward(net, x); })) << what;
    const Matrix none(0, x.cols());
    EXPECT_TRUE(refuses([&] { network_forward(net, none); })) << what << ", no rows";
  });
}

TEST(NetworkGradient, IsRightByHand) {
  points(3);
  // All logits are 0, so p = 1/2: dz = (p - t) / 3, dw = x^T dz, db = the sum of its rows.
  const Network net = {.w = {Matrix(2, 2)}, .b = {Matrix(1, 2)}};
  NetworkGradient g;
  for (int i = 0; i < repetitions; ++i) {
    g = network_gradient(net, {{1, 2}, {3, -1}, {0, 0}}, {0, 1, 1});
    ASSERT_TRUE(near(g.loss, std::log(2.0), 1e-14)) << "call " << i + 1;
  }
  EXPECT_TRUE(near(g.loss, std::log(2.0), 1e-14));
  ASSERT_EQ(g.d.w.size(), 1u);
  ASSERT_EQ(g.d.b.size(), 1u);
  EXPECT_TRUE(near(g.d.w[0], {{1.0 / 3, -1.0 / 3}, {-0.5, 0.5}}, 1e-14));
  EXPECT_TRUE(near(g.d.b[0], {{1.0 / 6, -1.0 / 6}}, 1e-14));
  g = network_gradient(net, {{1, 2}, {3, -1}}, {0, 1});
  ASSERT_EQ(g.d.w.size(), 1u);
  EXPECT_TRUE(near(g.d.w[0], {{0.5, -0.5}, {-0.75, 0.75}}, 1e-14)) << "of two samples";
  // One hidden unit: on for x = 1, logits (1, 1), p - t = (1/2, -1/2) by N = 2; off for x = -3.
  g = network_gradient({.w = {{{1}}, {{2, 1}}}, .b = {{{0}}, {{-1, 0}}}}, {{1}, {-3}}, {1, 0});
  ASSERT_EQ(g.d.w.size(), 2u);
  EXPECT_TRUE(near(g.d.w[0], {{0.25}}, 1e-14)) << "a single unit that is off learns nothing";
  EXPECT_TRUE(near(g.d.w[1], {{0.25, -0.25}}, 1e-14)) << "a single unit that is off";
}

TEST(NetworkGradient, ReturnsTheMeanLossOfTheBatch) {
  points(2);
  for (int samples : {1, 7, 20}) {
    const Problem p = random_problem(30 + samples, samples);
    EXPECT_TRUE(near(network_gradient(p.net, p.x, p.labels).loss, loss_of(p.net, p), 1e-12))
        << "the mean softmax cross-entropy of " << samples << " samples";
  }
}

// The largest element, but at least 1.
Scalar size_of(const Matrix& m) {
  Scalar size = 1;
  for (Scalar v : m.flat()) size = std::max(size, std::abs(v));
  return size;
}

void expect_plain_gradient(const Problem& p, const std::string& where) {
  const Problem used = p;
  const Plain plain = plain_loops(p);
  const NetworkGradient g = network_gradient(used.net, used.x, used.labels);
  EXPECT_TRUE(near(g.loss, plain.loss, 1e-12 * std::max(1.0, plain.loss))) << "loss, " << where;
  ASSERT_EQ(g.d.w.size(), p.net.w.size());
  ASSERT_EQ(g.d.b.size(), p.net.b.size());
  for (std::size_t l = 0; l < p.net.w.size(); ++l) {
    EXPECT_TRUE(near(g.d.w[l], plain.d.w[l], 1e-12 * size_of(plain.d.w[l])))
        << "dw of layer " << l + 1 << ", " << where;
    EXPECT_TRUE(near(g.d.b[l], plain.d.b[l], 1e-12 * size_of(plain.d.b[l])))
        << "db of layer " << l + 1 << ", " << where;
  }
  EXPECT_TRUE(used.x == p.x && used.labels == p.labels && used.net.w == p.net.w &&
              used.net.b == p.net.b)
      << "all is only read";
}

TEST(NetworkGradient, OfAnyShapesIsThatOfPlainLoops) {
  points(4);
  int salt = 75;
  std::vector<Case> all(std::begin(cases), std::end(cases));
  for (const Case& one : {large, deep, wide, book}) all.push_back(one);
  for (const Case& one : {Case{{3, 1}, 4},
                          {{3, 1, 2}, 5},
                          {{1, 1, 1}, 2},
                          {{5, 4, 3, 2}, 1},
                          {{5, 4, 3, 2}, 2},
                          {{4, 5, 4, 5, 3}, 2}})
    all.push_back(one);
  for (const Case& c : all)
    expect_plain_gradient(random_problem(++salt, c.samples, c.units),
                          std::to_string(c.samples) + " samples");
  Problem p = random_problem(98, 7);
  for (int step = 0; step < 3; ++step) {  // the same matrices, with other numbers in them
    const Plain plain = plain_loops(p);
    EXPECT_TRUE(near(network_gradient(p.net, p.x, p.labels).loss, plain.loss, 1e-12)) << step;
    EXPECT_TRUE(near(network_forward(p.net, p.x), plain.logits, 1e-11)) << step;
    p.net.w[2](1, 0) += 1;
  }
}

// x of 10^7, so that p is (1, 0, 0, 0) and the losses are 3 x and x; of 10^-13, so that p is 1/4.
TEST(NetworkGradient, IsAsLargeOrSmallAsItIs) {
  points(1);
  const Network net = {.w = {{{1}}, {{2, -1, 0.5, 1}}}, .b = {{{0}}, Matrix(1, 4)}};
  const NetworkGradient big = network_gradient(net, {{1e7}, {2e7}}, {1, 3}),
                        small = network_gradient(net, {{1e-13}, {2e-13}}, {1, 3}),
                        tiny = network_gradient(net, {{1e-280}, {2e-280}}, {1, 3});
  for (const auto& [g, unit, dw, first] :
       {std::tuple{&big, 1e7, Matrix{{1.5, -0.5, 0, -1}}, 2.5},
        {&small, 1e-13, Matrix{{0.375, -0.125, 0.375, -0.625}}, 0.4375},
        {&tiny, 1e-280, Matrix{{0.375, -0.125, 0.375, -0.625}}, 0.4375}}) {
    ASSERT_EQ(g->d.w.size(), 2u);
    ASSERT_EQ(shape(g->d.w[0]) + shape(g->d.w[1]), "(1,1)(1,4)");
    EXPECT_TRUE(near(g->loss, unit > 1 ? 2.5e7 : std::log(4.0), 1e-8)) << "x of " << unit;
    for (int k = 0; k < 4; ++k) EXPECT_TRUE(near(g->d.w[1](0, k) / unit, dw(0, k), 1e-12)) << k;
    EXPECT_TRUE(near(g->d.w[0](0, 0) / unit, first, 1e-12))
        << "dw of the first layer, x of " << unit;
  }
  for (double x : {40.0, 300.0}) {
    const NetworkGradient sure = network_gradient(net, {{x}}, {0});
    ASSERT_EQ(sure.d.w.size(), 2u);
    ASSERT_EQ(shape(sure.d.w[1]), "(1,4)");
    EXPECT_TRUE(near(sure.d.w[1](0, 3) / std::exp(-x), x, 1e-9)) << "logits 2x, -x, x/2, x";
    EXPECT_TRUE(near(sure.d.w[1](0, 2) / std::exp(-1.5 * x), x, 1e-9)) << "logits 2x, -x, x/2, x";
  }
  // Steep weights: what a layer hands down, its dw and its db, is as large as it is, too.
  for (double steep : {30.0, 1e3, 1e6}) {
    Problem p = random_problem(69, 7);
    for (Matrix& w : p.net.w) w = scaled(w, steep);
    p.x = scaled(p.x, steep);
    expect_plain_gradient(p, "all weights and inputs " + std::to_string(steep) + " times as large");
  }
}

TEST(NetworkGradient, LosesNothingForLogitsOfAThousand) {
  points(1);
  const Network net = {.w = {{{1000, -1000}}}, .b = {Matrix(1, 2)}};
  const NetworkGradient g = network_gradient(net, {{1}}, {1});
  EXPECT_TRUE(near(g.loss, 2000, 1e-9)) << "ln(softmax) is lost where softmax is 0: see chapter 05";
  ASSERT_EQ(g.d.b.size(), 1u);
  EXPECT_TRUE(near(g.d.b[0], {{1, -1}}, 1e-12));
  const Network never = {.w = {{{-infinity, 0}}}, .b = {Matrix(1, 2)}};
  EXPECT_EQ(network_gradient(never, {{1}}, {0}).loss, infinity) << "infinity stays infinity";
  const Network always = {.w = {{{infinity, 0}}}, .b = {Matrix(1, 2)}};
  EXPECT_FALSE(network_gradient(always, {{1}}, {1}).loss < infinity) << "nor is it refused";
  EXPECT_FALSE(network_gradient(net, {{infinity}}, {1}).loss < infinity) << "in x, neither";
}

// NaN wherever it is expected. A ReLU that is off may hand it down or not: elsewhere a number will
// do as well as NaN.
::testing::AssertionResult has_every_nan(const Matrix& got, const Matrix& expected) {
  if (shape(got) != shape(expected))
    return ::testing::AssertionFailure() << shape(got) << ", expected " << shape(expected);
  for (int i = 0; i < got.size(); ++i)
    if (!std::isnan(got.flat()[i]) &&
        !close_within(got.flat()[i], expected.flat()[i], 1e-11, 1 + std::abs(expected.flat()[i])))
      return ::testing::AssertionFailure()
             << "got " << got.flat()[i] << ", expected " << expected.flat()[i] << " at ("
             << i / got.cols() << "," << i % got.cols() << ") of " << shape(got);
  return ::testing::AssertionSuccess();
}

// A broken weight or pixel must be seen: in the logits, in the loss, in every layer's gradient.
TEST(NetworkGradient, OfNanIsNan) {
  points(1);
  for (const std::vector<int>& units : {std::vector<int>{6, 5, 4, 3}, std::vector<int>(12, 4)}) {
    const Problem p = random_problem(70, 3, units);
    const auto broken = [&](const Network& net, const Matrix& x, const char* what) {
      const std::string where =
          std::string("NaN in ") + what + ", " + std::to_string(net.w.size()) + " layers";
      const NetworkGradient g = network_gradient(net, x, p.labels);
      const auto [logits, loss, d] = plain_loops({net, x, p.labels});
      EXPECT_TRUE(has_every_nan(network_forward(net, x), logits)) << "the logits, " << where;
      EXPECT_TRUE(std::isnan(loss) && std::isnan(g.loss)) << "the loss, " << where;
      ASSERT_EQ(g.d.w.size(), d.w.size());
      ASSERT_EQ(g.d.b.size(), d.b.size());
      for (std::size_t l = 0; l < d.w.size(); ++l) {
        EXPECT_TRUE(has_every_nan(g.d.w[l], d.w[l])) << "dw of layer " << l + 1 << ", " << where;
        EXPECT_TRUE(has_every_nan(g.d.b[l], d.b[l])) << "db of layer " << l + 1 << ", " << where;
      }
    };
    const Plain plain = plain_loops(p);
    EXPECT_TRUE(near(network_gradient(p.net, p.x, p.labels).loss, plain.loss, 1e-12));
    EXPECT_TRUE(near(network_forward(p.net, p.x), plain.logits, 1e-12));
    for (std::size_t l = 0; l < p.net.w.size(); ++l) {
      for_each_place(p.net.w[l], [&](int row, int col) {
        Network one = p.net;
        one.w[l](row, col) = nan;  // also behind a unit that is off: 0 times NaN is NaN
        broken(one, p.x, "a weight");
      });
      for (int unit : {0, p.net.b[l].cols() - 1}) {
        Network one = p.net;
        one.b[l](0, unit) = nan;
        broken(one, p.x, "a bias");
      }
    }
    for_each_place(p.x,
                   [&](int row, int col) { broken(p.net, with(p.x, row, col, nan), "a pixel"); });
    EXPECT_TRUE(near(network_gradient(p.net, p.x, p.labels).loss, plain.loss, 1e-12))
        << "and after that";
  }
}

// The gradient by w or by b of layer l, checked by differences.
void check(const Problem& p, const Network& d, const char* name,
           std::vector<Matrix> Network::*weights, std::size_t l) {
  const auto loss = [&](const Matrix& m) {
    Network moved = p.net;
    (moved.*weights)[l] = m;
    return loss_of(moved, p);
  };
  EXPECT_TRUE(is_gradient(name, loss, (p.net.*weights)[l], (d.*weights)[l], 1e-6))
      << "layer " << l + 1 << " of " << p.net.w.size() << ", " << p.x.rows() << " samples";
}

TEST(NetworkGradient, OfEveryWeightIsRight) {
  points(4);
  int salt = 40;
  for (const Case& c : cases) {
    const Problem p = random_problem(++salt, c.samples, c.units);
    const Network d = network_gradient(p.net, p.x, p.labels).d;
    ASSERT_EQ(d.w.size(), p.net.w.size()) << "a gradient for each layer, the first layer first";
    for (std::size_t l = 0; l < d.w.size(); ++l) check(p, d, "network dw", &Network::w, l);
  }
}

TEST(NetworkGradient, OfEveryBiasIsRight) {
  points(3);
  int salt = 50;
  for (const Case& c : cases) {
    const Problem p = random_problem(++salt, c.samples, c.units);
    const Network d = network_gradient(p.net, p.x, p.labels).d;
    ASSERT_EQ(d.b.size(), p.net.b.size()) << "a gradient for each layer, the first layer first";
    for (std::size_t l = 0; l < d.b.size(); ++l) check(p, d, "network db", &Network::b, l);
  }
}

TEST(NetworkGradient, FromZerosReachesTheLastBiasAlone) {
  points(2);
  const Network net = {.w = {Matrix(2, 3), Matrix(3, 2)}, .b = {Matrix(1, 3), Matrix(1, 2)}};
  const Network d = network_gradient(net, {{1, 2}, {3, 4}, {5, 6}}, {0, 0, 1}).d;
  ASSERT_EQ(d.w.size(), 2u);
  ASSERT_EQ(d.b.size(), 2u);
  EXPECT_TRUE(near(d.w[0], Matrix(2, 3), 0)) << "ReLU's slope at 0 is 0, and so are all weights";
  EXPECT_TRUE(near(d.w[1], Matrix(3, 2), 0)) << "what comes in is 0";
  EXPECT_TRUE(near(d.b[0], Matrix(1, 3), 0));
  EXPECT_TRUE(near(d.b[1], {{-1.0 / 6, 1.0 / 6}}, 1e-14)) << "(1/2 - 1 + 1/2 - 1 + 1/2) / 3";
  Network half = net;
  half.w[1] = {{1, 2}, {3, -4}, {5, 6}};
  const std::vector<Matrix> first = network_gradient(half, {{1, 2}, {3, 4}, {5, 6}}, {0, 0, 1}).d.w;
  ASSERT_EQ(first.size(), 2u);
  EXPECT_TRUE(near(first[0], Matrix(2, 3), 0)) << "ReLU's slope at 0 is 0, whatever lies above";
}

TEST(NetworkGradient, RefusesWhatDoesNotFit) {
  points(2);
  for_each_misfit([](const Network& net, const Matrix& x, const char* what) {
    EXPECT_TRUE(refuses([&] { network_gradient(net, x, std::vector<int>(7, 1)); })) << what;
  });
  const Problem p = random_problem(60, 7);
  EXPECT_TRUE(near(network_gradient(p.net, p.x, p.labels).loss, plain_loops(p).loss, 1e-12));
  const auto refuses_labels = [&](const std::vector<int>& labels) {
    return refuses([&] { network_gradient(p.net, p.x, labels); });
  };
  EXPECT_TRUE(refuses_labels({0, 1})) << "2 labels for 7 samples";
  EXPECT_TRUE(refuses_labels({0, 1, 2, 0, 1, 2, 0, 1})) << "8 labels for 7 samples";
  EXPECT_TRUE(refuses_labels({0, 1, 2, 0, 1, 2, 3})) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses_labels({-1, 1, 2, 0, 1, 2, 0})) << "label -1";
  EXPECT_TRUE(refuses_labels({})) << "no labels";
  EXPECT_TRUE(refuses_labels({1})) << "1 label for 7 samples";
  for (int bad : {-1, 3, 1000})
    for (std::size_t at : {0u, 3u, 6u}) {
      std::vector<int> labels(7, 1);
      labels[at] = bad;
      EXPECT_TRUE(refuses_labels(labels)) << "label " << bad << " of sample " << at;
    }
  EXPECT_TRUE(refuses([&] { network_gradient(p.net, Matrix(0, 6), {}); })) << "no samples";
}

}  // namespace
}  // namespace gradus::testing
