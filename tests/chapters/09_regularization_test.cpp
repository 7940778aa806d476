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

// ---- lines ----

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
  points(3);
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
  const LinearModel model = ridge(x, t, 3);
  EXPECT_TRUE(near(ridge(moved, t, 3).w, model.w, 1e-9)) << "x somewhere else: the same slopes";
  EXPECT_TRUE(near(ridge(x, raised, 3).w, model.w, 1e-9)) << "t somewhere else: the same slopes";
  EXPECT_TRUE(near(ridge(x, raised, 3).b, model.b + 70, 1e-9)) << "and the bias goes along";
}

TEST(Ridge, OfASinglePointIsFlat) {
  points(1);
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
  points(2);
  const Matrix x = {{1, 2}, {3, 5}, {4, 4}}, t = {{1}, {2}, {3}};
  EXPECT_TRUE(accepts([&] { ridge(x, t, 0); }));
  EXPECT_TRUE(accepts([&] { least_squares(x, t); }));
  EXPECT_TRUE(refuses([&] { ridge(x, t, -0.1); })) << "alpha below 0";
  EXPECT_TRUE(refuses([&] { ridge(x, t, nan); })) << "alpha is NaN";
  EXPECT_TRUE(refuses([&] { ridge(x, t, infinity); })) << "alpha is infinite";
  EXPECT_TRUE(refuses([] { ridge(Matrix(0, 2), Matrix(0, 1), 1); })) << "no samples";
  EXPECT_TRUE(refuses([&] { ridge(x, {{1}, {2}}, 1); })) << "3 samples, 2 targets";
  EXPECT_TRUE(refuses([&] { ridge(x, {{1, 2, 3}}, 1); })) << "t is a row";
  EXPECT_TRUE(refuses([&] { ridge({{1, 2}, {nan, 5}, {4, 4}}, t, 1); })) << "NaN in x";
  EXPECT_TRUE(refuses([&] { ridge(x, {{1}, {2}, {infinity}}, 1); })) << "infinity in t";
}

TEST(Ridge, RefusesDataThatLeaveTheSlopesOpenUnlessAlphaDecides) {
  points(3);
  const Matrix t = {{1}, {2}, {4}, {8}};
  const struct {
    const char* what;
    Matrix x, t;
  } open[] = {
      {"fewer samples than inputs", {{1, 2, 3}, {4, 4, 7}}, {{1}, {2}}},
      {"as many samples as inputs: the bias counts", {{1, 2}, {4, 4}}, {{1}, {2}}},
      {"the same input twice", {{1, 1}, {2, 2}, {4, 4}, {5, 5}}, t},
      {"the same but for rounding", {{1, 0.1}, {2, 0.2}, {3, 3 * 0.1}, {7, 0.7}}, t},
      {"the third is the sum", {{0.1, 0.7, 0.1 + 0.7}, {5, 0.3, 5.3}, {-3, 1, -2}, {2, 0, 2}}, t},
      {"an input that never changes", {{1, 3}, {2, 3}, {4, 3}, {5, 3}}, t},
      {"only that", {{3}, {3}, {3}, {3}}, t},
      {"only that, and 0.1 cannot be halved", Matrix(4, 1, 0.1), t},
      {"all zero", Matrix(4, 1), t},
  };
  for (const auto& [what, x, targets] : open) {
    const Matrix& inputs = x;
    const Matrix& outputs = targets;
    EXPECT_TRUE(refuses([&] { ridge(inputs, outputs, 0); })) << what;
    EXPECT_TRUE(refuses([&] { least_squares(inputs, outputs); })) << what;
    EXPECT_TRUE(accepts([&] { ridge(inputs, outputs, 0.5); })) << what << ", but alpha is 0.5";
  }
  EXPECT_TRUE(near(ridge(open[2].x, t, 2).w(0, 0), ridge(open[2].x, t, 2).w(1, 0), 1e-12))
      << "of all that fit alike the smallest: equal inputs share the slope";
  EXPECT_TRUE(near(ridge(open[5].x, t, 2).w(1, 0), 0, 1e-12))
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
    EXPECT_TRUE(near({{w(0, 0) * a}, {w(1, 0) * b}}, {{3}, {-2}}, 1e-9))
        << "units of " << a << " and " << b << ": small is not the same as constant";
    if (a != b) continue;
    const Matrix penalized = ridge(x, t, 2 * a * a).w, expected = ridge(round, t, 2).w;
    EXPECT_TRUE(near({{penalized(0, 0) * a}, {penalized(1, 0) * b}}, expected, 1e-9));
  }
}

TEST(Ridge, TakesTheSmallestWeightsOfAllThatFitHoweverSmallAlphaIs) {
  points(2);
  const Matrix alike = {{0, 0}, {255, 255}, {510, 510}}, t = {{0}, {1}, {2}},
               bent = {{0}, {1}, {5}}, twice = {{1, 2}, {2, 4}, {4, 8}, {5, 10}};
  for (double alpha : {1e-10, 1e-20, 1e-300}) {
    const auto ratio = [&](const Matrix& targets, double w) {
      const Matrix got = ridge(alike, targets, alpha).w;
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
  points(3);
  EXPECT_TRUE(near(l2_penalty({{1, -2}, {0, 3}, {1, 1}}, 0.5), 4, 1e-14)) << "0.25 (1+4+9+1+1)";
  EXPECT_TRUE(near(l2_penalty(Matrix(2, 3), 7), 0, 0));
  EXPECT_TRUE(near(l2_penalty_gradient({{1, -2, 0}, {4, 0.5, -1}}, 0.5),
                   {{0.5, -1, 0}, {2, 0.25, -0.5}}, 1e-15))
      << "λ w: the half and the 2 cancel, and nothing is divided by the number of weights";
}

TEST(L1Penalty, IsLambdaTimesTheSumOfSizes) {
  points(3);
  EXPECT_TRUE(near(l1_penalty({{1, -2}, {0, 3}}, 0.5), 3, 1e-14)) << "no half";
  EXPECT_TRUE(near(l1_penalty_gradient({{2, -0.001, 7}, {-4, 1e-9, -1}}, 0.5),
                   {{0.5, -0.5, 0.5}, {-0.5, 0.5, -0.5}}, 1e-15))
      << "the same pull for large and small weights";
}

TEST(L1Penalty, PullsNotAtZero) {
  points(2);
  EXPECT_TRUE(near(l1_penalty_gradient({{0.0, -0.0, 3}}, 2), {{0, 0, 2}}, 0));
}

TEST(Penalties, HaveTheRightGradients) {
  points(2);
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
  const Matrix w = {{1, nan, -2}};
  EXPECT_TRUE(std::isnan(l1_penalty(w, 0.5)) && std::isnan(l2_penalty(w, 0.5)));
  for (const Matrix& g : {l1_penalty_gradient(w, 0.5), l2_penalty_gradient(w, 0.5)}) {
    EXPECT_TRUE(std::isnan(g(0, 1))) << "NaN has no sign, and its pull is not 0";
    EXPECT_TRUE(std::isfinite(g(0, 0)) && std::isfinite(g(0, 2)));
  }
  EXPECT_TRUE(near(l2_penalty({{1e200}}, 1e-300) / 0.5e100, 1, 1e-12))
      << "λ/2 w w: the square alone is infinite";
  EXPECT_TRUE(near(l2_penalty({{1e-200}}, 1e300) / 0.5e-100, 1, 1e-12)) << "the square alone is 0";
  EXPECT_TRUE(accepts([] {
    l1_penalty({{1}}, 0), l2_penalty({{1}}, 0);
    l1_penalty_gradient({{1}}, 0), l2_penalty_gradient({{1}}, 0);
  }));
  for (double lambda : {-0.1, nan, infinity}) {
    EXPECT_TRUE(refuses([&] { l1_penalty({{1}}, lambda); })) << "λ = " << lambda;
    EXPECT_TRUE(refuses([&] { l2_penalty({{1}}, lambda); })) << "λ = " << lambda;
    EXPECT_TRUE(refuses([&] { l1_penalty_gradient({{1}}, lambda); })) << "λ = " << lambda;
    EXPECT_TRUE(refuses([&] { l2_penalty_gradient({{1}}, lambda); })) << "λ = " << lambda;
  }
}

TEST(L1Shrink, PullsEveryWeightTowardsZeroAndNotBeyond) {
  points(3);
  Matrix w = {{1, -2, 0.25}, {-0.25, 0, 0.5}};
  l1_shrink(w, 0.5);
  EXPECT_TRUE(near(w, {{0.5, -1.5, 0}, {0, 0, 0}}, 0)) << "what is nearer to 0 becomes exactly 0";
  l1_shrink(w, 0);
  EXPECT_TRUE(near(w, {{0.5, -1.5, 0}, {0, 0, 0}}, 0)) << "an amount of 0 changes nothing";
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
  Matrix w = {{1, -2}};
  EXPECT_TRUE(accepts([&] { l1_shrink(w, 0.25); }));
  const Matrix before = w;
  EXPECT_TRUE(refuses([&] { l1_shrink(w, -0.1); }));
  EXPECT_TRUE(refuses([&] { l1_shrink(w, nan); }));
  EXPECT_TRUE(refuses([&] { l1_shrink(w, infinity); }));
  EXPECT_TRUE(near(w, before, 0)) << "refused, and nothing has changed";
  for (double bad : {nan, infinity, -infinity}) {
    Matrix broken = {{1, bad}};
    EXPECT_TRUE(refuses([&] { l1_shrink(broken, 0.25); })) << "a weight of " << bad;
    EXPECT_EQ(broken(0, 0), 1) << "refused, and nothing has changed";
  }
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
  for (double rate : {0.2, 0.5, 0.9}) {
    Random random = test_random(932), same = test_random(932);
    for (const auto& [rows, cols] : {std::pair{4, 7}, {5, 5}, {9, 2}, {1, 6}, {6, 1}, {300, 411}}) {
      const Matrix expected = drawn_mask(rows, cols, rate, same);
      EXPECT_TRUE(near(dropout_mask(rows, cols, rate, random), expected, 1e-14))
          << "rate " << rate << ": 0 where uniform() < rate, else 1 / (1 - rate), row after row";
      ASSERT_EQ(random.uniform(), same.uniform()) << "no number more, no number less";
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
  for (double rate : {1.0, 1.5, -0.1, nan, infinity, -infinity})
    EXPECT_TRUE(refuses([&] { dropout_mask(2, 3, rate, random); })) << "rate " << rate;
  EXPECT_TRUE(refuses([&] { dropout_mask(-1, 3, 0.5, random); })) << "rows below 0";
  EXPECT_TRUE(refuses([&] { dropout_mask(2, -3, 0.5, random); })) << "columns below 0";
  EXPECT_EQ(random.uniform(), same.uniform()) << "refused, and no number has been drawn";
  EXPECT_TRUE(accepts([&] { dropout_mask(2, 3, 0.999, random); }));
}

TEST(DropoutMasks, HaveTheUnitsOfEachHiddenLayerAndAreDrawnInTheirOrder) {
  points(4);
  int salt = 935;
  for (const std::vector<int>& units : std::vector<std::vector<int>>{
           {5, 4, 3, 2}, {3, 3, 3, 3}, {2, 6, 4}, {7, 3}, {20, 300, 130, 170, 10}})
    for (bool batch_norm : {false, true})
      for (double rate : {0.0, 0.3, 0.75}) {
        Random random = test_random(salt), same = test_random(salt++);
        const DeepNetwork deep = deep_init(units, Init::he, batch_norm, random);
        deep_init(units, Init::he, batch_norm, same);
        const int N = units.size() == 5 ? 101 : 3;
        const std::vector<Matrix> masks = dropout_masks(deep, N, rate, random);
        ASSERT_EQ(masks.size(), units.size() - 2)
            << "one mask per hidden layer: none for the inputs, none for the logits";
        for (std::size_t l = 0; l < masks.size(); ++l)
          EXPECT_TRUE(near(masks[l], drawn_mask(N, units[l + 1], rate, same), 1e-14))
              << "hidden layer " << l << ", rate " << rate
              << ": (N, units), layer after layer from the generator handed in";
        ASSERT_EQ(random.uniform(), same.uniform()) << "no number more, no number less";
      }
}

// relu(z), then dropout_forward, layer after layer.
double loss_under_dropout(const Network& net, const Matrix& x, const std::vector<int>& labels,
                          double rate, Random& random) {
  Matrix a = x;
  for (std::size_t l = 0; l + 1 < net.w.size(); ++l)
    a = dropout_forward(relu_forward(dense_forward(a, net.w[l], net.b[l])), rate, random).y;
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
        << "the same draws: dropout_forward after each hidden ReLU gives the same loss";
    ASSERT_EQ(random.uniform(), same.uniform()) << "and leaves the generator where it does";
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
    EXPECT_TRUE(refuses([&] { dropout_masks(deep, 3, rate, random); })) << "rate " << rate;
  EXPECT_TRUE(refuses([&] { dropout_masks(deep, -1, 0.5, random); })) << "less than no samples";
  EXPECT_TRUE(refuses([&] { dropout_masks({}, 3, 0.5, random); })) << "a network without layers";
  const DeepNetwork flat = deep_init({4, 2}, Init::zeros, false, random);
  EXPECT_TRUE(refuses([&] { dropout_masks(flat, 3, 1, random); })) << "also where none is hidden";
  EXPECT_EQ(random.uniform(), same.uniform()) << "refused, and no number has been drawn";
  EXPECT_TRUE(accepts([&] { dropout_masks(deep, 3, 0.999, random); }));
  EXPECT_TRUE(accepts([&] { dropout_masks(deep, 0, 0.5, random); }));
}

TEST(Dropout, DropsWhereTheGeneratorSaysSo) {
  points(3);
  for (double rate : {0.2, 0.5, 0.9}) {
    Random random = test_random(940), same = test_random(940);
    const Matrix x = Matrix(6, 5, 1.5);
    const auto [y, mask] = dropout_forward(x, rate, random);
    ASSERT_EQ(shape(y), "(6,5)");
    ASSERT_EQ(shape(mask), "(6,5)");
    for (int n = 0; n < 6; ++n)
      for (int j = 0; j < 5; ++j) {
        const double expected = same.uniform() < rate ? 0 : 1 / (1 - rate);
        EXPECT_TRUE(near(mask(n, j), expected, 1e-14))
            << "row " << n << ", column " << j << ", rate " << rate
            << ": one uniform() per element, row after row; below rate it is dropped, else it is "
               "scaled once";
        EXPECT_TRUE(near(y(n, j), 1.5 * expected, 1e-14)) << "y is x times mask";
      }
    EXPECT_EQ(random.uniform(), same.uniform()) << "no number more, no number less";
  }
}

// Each mean below is of 20 000 independent terms, term i from 0 to r_i. By Hoeffding it is further
// than s from its expectation with a probability of at most 2 exp(-2 (20000 s)^2 / Σ r_i^2): one in
// 10^9 for s = √(ln(2e9) Σ r_i^2 / 2) / 20000.
double bound(double sum_of_squares) {
  return std::sqrt(std::log(2e9) * sum_of_squares / 2) / 20000;
}

TEST(Dropout, KeepsTheMeanAndDropsTheShareThatItIsAskedFor) {
  points(2);
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
  EXPECT_TRUE(near(dropout_backward({{1, -2, 3}, {4, 5, -6}}, {{2, 0, 2}, {0, 0, 2}}),
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
  EXPECT_TRUE(near(dropout_inference(x), x, 0))
      << "all units, and no scale: training has seen to it";
  Random random = test_random(946), same = test_random(946);
  const Dropout none = dropout_forward(x, 0, random);
  EXPECT_TRUE(near(none.y, x, 0));
  EXPECT_TRUE(near(none.mask, Matrix(5, 4, 1), 0));
  for (int i = 0; i < 20; ++i) same.uniform();
  EXPECT_EQ(random.uniform(), same.uniform()) << "a number is drawn for each element all the same";
}

TEST(Dropout, RefusesRatesAndShapesThatDoNotFit) {
  points(2);
  Random random = test_random(947);
  EXPECT_TRUE(accepts([&] { dropout_forward(Matrix(2, 3), 0.999, random); }));
  for (double rate : {1.0, 1.5, -0.1, nan})
    EXPECT_TRUE(refuses([&] { dropout_forward(Matrix(2, 3), rate, random); })) << "rate " << rate;
  for (double bad : {nan, infinity, -infinity}) {
    Random before = test_random(948), after = before;
    EXPECT_TRUE(refuses([&] { dropout_forward({{1, 2}, {3, bad}}, 0.5, after); })) << bad;
    EXPECT_TRUE(refuses([&] { dropout_forward({{1, 2}}, bad, after); })) << "rate " << bad;
    EXPECT_EQ(after.uniform(), before.uniform()) << "refused, and no number has been drawn";
    EXPECT_TRUE(refuses([&] { dropout_backward({{1, bad}}, {{2, 0}}); })) << "0 times " << bad;
  }
  EXPECT_TRUE(accepts([] { dropout_backward(Matrix(2, 3), Matrix(2, 3)); }));
  for (const Matrix& mask : {Matrix(3, 2), Matrix(1, 3), Matrix(2, 1), Matrix(3, 3), Matrix(1, 6)})
    EXPECT_TRUE(refuses([&] { dropout_backward(Matrix(2, 3), mask); })) << shape(mask);
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
}

TEST(EarlyStopping, RemembersTheBestLossAndItsEpoch) {
  points(2);
  EarlyStopping state;
  EXPECT_EQ(state.best_epoch, -1);
  stops_at({5, 4, 6, 3, 3.5, 7}, 10, state);
  EXPECT_EQ(state.best, 3);
  EXPECT_EQ(state.best_epoch, 3) << "epochs count from 0";
  EXPECT_EQ(state.epoch, 6) << "six losses were seen";
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
  EXPECT_EQ(stops_at({3, -infinity, 2, -infinity, -infinity}, 2, fallen), 4);
  EXPECT_EQ(fallen.best, 2) << "-infinity is no loss, and would never be surpassed";
}

TEST(EarlyStopping, IsWhatLookingBackSaysForAnyLosses) {
  points(2);
  Random random = test_random(950);
  for (int trial = 0; trial < 20; ++trial) {
    const int patience = static_cast<int>(random.randint(1, 5));
    std::vector<double> losses;
    EarlyStopping state;
    for (int i = 0; i < 30; ++i) {
      losses.push_back(static_cast<double>(random.randint(100 - 2 * i)));
      const auto best = std::ranges::min_element(losses);  // the first one
      const int since = static_cast<int>(losses.end() - best) - 1;
      EXPECT_EQ(should_stop(state, losses.back(), patience), since >= patience)
          << "the best was " << since << " epochs ago, patience " << patience;
      EXPECT_EQ(state.best, *best);
    }
  }
}

TEST(EarlyStopping, RefusesNoPatience) {
  points(1);
  EarlyStopping state;
  EXPECT_TRUE(accepts([&] { should_stop(state, 2, 1); }));
  EXPECT_TRUE(refuses([&] { should_stop(state, 1, 0); }));
  EXPECT_TRUE(refuses([&] { should_stop(state, 1, -3); }));
  EXPECT_TRUE(accepts([&] {
    EarlyStopping other;
    should_stop(other, 2, std::numeric_limits<int>::max());
  }));
  EXPECT_EQ(state.epoch, 1) << "refused, and nothing has changed";
  EXPECT_EQ(state.best, 2) << "refused, and nothing has changed";
}

// ---- augmentation ----

TEST(Shift, MovesDownAndRightAndBringsInZeros) {
  points(2);
  const Matrix x = {{1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 8, 7, 6, 5, 4, 3, 2, 1}};
  EXPECT_TRUE(
      near(shift_images(x, 1, 0), {{0, 0, 0, 1, 2, 3, 4, 5, 6}, {0, 0, 0, 9, 8, 7, 6, 5, 4}}, 0))
      << "down by 1: the top row is 0, nothing comes round from below";
  EXPECT_TRUE(
      near(shift_images(x, 0, 1), {{0, 1, 2, 0, 4, 5, 0, 7, 8}, {0, 9, 8, 0, 6, 5, 0, 3, 2}}, 0))
      << "to the right by 1";
  EXPECT_TRUE(
      near(shift_images(x, -1, -2), {{6, 0, 0, 9, 0, 0, 0, 0, 0}, {4, 0, 0, 1, 0, 0, 0, 0, 0}}, 0))
      << "up by 1 and to the left by 2";
  EXPECT_TRUE(near(shift_images(x, 0, 0), x, 0));
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
  }
}

TEST(Rotate, ByRightAnglesIsExact) {
  points(3);
  const Matrix x = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
  EXPECT_TRUE(near(rotate_images(x, 90), {{3, 6, 9, 2, 5, 8, 1, 4, 7}}, 1e-12))
      << "counterclockwise: the right column becomes the top row";
  EXPECT_TRUE(near(rotate_images(x, -90), {{7, 4, 1, 8, 5, 2, 9, 6, 3}}, 1e-12)) << "clockwise";
  EXPECT_TRUE(near(rotate_images(x, 180), {{9, 8, 7, 6, 5, 4, 3, 2, 1}}, 1e-12));
  EXPECT_TRUE(near(rotate_images(x, 0), x, 1e-12));
  const Matrix even = {{1, 2, 3, 4}, {5, 6, 7, 8}};
  EXPECT_TRUE(near(rotate_images(even, 90), {{2, 4, 1, 3}, {6, 8, 5, 7}}, 1e-12))
      << "the middle of two pixels lies between them";
  EXPECT_TRUE(near(rotate_images(even, 270), rotate_images(even, -90), 1e-11));
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
  points(3);
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
  const Matrix turned = rotate_images(x, 30);
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
  for (double deviation : {0.1, 2.0}) {
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
  Random random = test_random(962);
  EXPECT_TRUE(near(add_noise(x, 0, random), x, 0)) << "a deviation of 0 changes nothing";
}

// The variant of one image by the contract's own pieces.
Matrix variant(const Matrix& image, const Augmentation& o, Random& random) {
  const int down = static_cast<int>(random.randint(-o.shift, o.shift + 1));
  const int right = static_cast<int>(random.randint(-o.shift, o.shift + 1));
  const double angle = random.uniform(-o.degrees, o.degrees);
  return add_noise(shift_images(rotate_images(image, angle), down, right), o.noise, random);
}

TEST(Augment, DrawsForOneImageAfterTheOther) {
  points(2);
  const Matrix x = test_random(970).uniform_matrix(0, 1, 4, 36);
  for (const Augmentation& options : {Augmentation{}, Augmentation{3, 0, 0}, Augmentation{0, 90, 0},
                                      Augmentation{1, 30, 0.2}, Augmentation{0, 0, 0}}) {
    Random random = test_random(971), same = test_random(971);
    const Matrix y = augment(x, options, random);
    ASSERT_EQ(shape(y), "(4,36)");
    for (int n = 0; n < 4; ++n)
      EXPECT_TRUE(near(filled(1, 36, {y.row(n).begin(), y.row(n).end()}),
                       variant(take_rows(x, {n}), options, same), 1e-12))
          << "image " << n << ", shift " << options.shift << ", degrees " << options.degrees
          << ", noise " << options.noise << ": down, right, angle, noise; turned, then shifted";
    EXPECT_EQ(random.uniform(), same.uniform()) << "no number more, no number less";
  }
}

TEST(Augment, GivesEachImageItsOwnVariantWithinTheOptions) {
  points(2);
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
  EXPECT_TRUE(accepts([&] {
    Random other = random;
    augment(add_noise(rotate_images(shift_images(x, 1, 0), 10), 0.1, other), {1, 5, 0.1}, other);
  })) << "finite pixels and options";
  for (double bad : {nan, infinity, -infinity}) {
    Matrix broken = x;
    broken(1, 8) = bad;
    EXPECT_TRUE(refuses([&] { add_noise(broken, 0.1, random); })) << "a pixel of " << bad;
    EXPECT_TRUE(refuses([&] { augment(broken, {}, random); })) << "a pixel of " << bad;
    EXPECT_TRUE(refuses([&] { shift_images(broken, 1, 0); })) << "a pixel of " << bad;
    EXPECT_TRUE(refuses([&] { rotate_images(broken, 10); })) << "a pixel of " << bad;
    EXPECT_TRUE(refuses([&] { add_noise(x, bad, random); })) << "deviation " << bad;
    EXPECT_TRUE(refuses([&] { augment(x, {1, bad, 0.1}, random); })) << "degrees " << bad;
    EXPECT_TRUE(refuses([&] { augment(x, {1, 5, bad}, random); })) << "noise " << bad;
  }
  EXPECT_EQ(random.uniform(), same.uniform()) << "refused, and no number has been drawn";
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
  EXPECT_EQ(random.uniform(), same.uniform()) << "shift + 1 is no int any more";
}

TEST(Augmentation, RefusesWhatIsNoSquareAndOptionsBelowZero) {
  points(2);
  Random random = test_random(973);
  EXPECT_TRUE(accepts([&] { augment(Matrix(2, 9), {1, 0, 0}, random); }));
  EXPECT_TRUE(accepts([&] { add_noise(Matrix(2, 9), 0.1, random); }));
  for (int D : {2, 8, 10, 15}) {
    EXPECT_TRUE(refuses([&] { shift_images(Matrix(1, D), 0, 0); })) << D << " pixels";
    EXPECT_TRUE(refuses([&] { rotate_images(Matrix(1, D), 0); })) << D << " pixels";
    EXPECT_TRUE(refuses([&] { augment(Matrix(1, D), {}, random); })) << D << " pixels";
  }
  EXPECT_TRUE(refuses([&] { augment(Matrix(2, 9), {-1, 5, 0.1}, random); })) << "shift";
  EXPECT_TRUE(refuses([&] { augment(Matrix(2, 9), {1, -5, 0.1}, random); })) << "degrees";
  EXPECT_TRUE(refuses([&] { augment(Matrix(2, 9), {1, 5, -0.1}, random); })) << "noise";
  EXPECT_TRUE(refuses([&] { add_noise(Matrix(2, 9), -0.1, random); })) << "deviation";
  EXPECT_TRUE(refuses([] { rotate_images(Matrix(2, 9), nan); })) << "by NaN degrees";
  EXPECT_TRUE(refuses([] { rotate_images(Matrix(2, 9), infinity); })) << "by infinite degrees";
}

// ---- three kinds of samples ----

TEST(Split, HasTheSharesOfAllAndOfTheRest) {
  points(2);
  const struct {
    int samples;
    double test_share, validation_share;
    std::size_t train, validation, test;
  } cases[] = {{100, 0.3, 0.2, 56, 14, 30},
               {100, 0.2, 0.2, 64, 16, 20},
               {60000, 0.25, 0.2, 36000, 9000, 15000},
               {300, 0, 0.2, 240, 60, 0},
               {11, 0.24, 0.3, 6, 2, 3},
               {7, 0.3, 0.2, 4, 1, 2},
               {10, 0.2, 0.2, 6, 2, 2},
               {1, 0, 0, 1, 0, 0},
               {9, 0.5, 0.5, 2, 2, 5}};
  for (const auto& c : cases) {
    Random random = test_random(980);
    const Split split = split_samples(c.samples, c.test_share, c.validation_share, random);
    EXPECT_EQ(split.test.size(), c.test) << c.samples << " samples, test share " << c.test_share;
    EXPECT_EQ(split.validation.size(), c.validation)
        << c.samples << " samples: the validation share is one of the rest, to the nearest number";
    EXPECT_EQ(split.train.size(), c.train) << c.samples << " samples";
  }
}

TEST(Split, CutsThePermutationIntoThreePieces) {
  points(2);
  for (int samples : {10, 57, 300}) {
    Random random = test_random(981), same = test_random(981);
    const Split split = split_samples(samples, 0.3, 0.2, random);
    std::vector<int> all = split.test;
    all.insert(all.end(), split.validation.begin(), split.validation.end());
    all.insert(all.end(), split.train.begin(), split.train.end());
    EXPECT_EQ(all, same.permutation(samples))
        << "test samples first, then validation, then training";
    std::ranges::sort(all);
    std::vector<int> every(static_cast<std::size_t>(samples));
    std::iota(every.begin(), every.end(), 0);
    EXPECT_EQ(all, every) << "each sample is in one piece and in no other";
  }
}

TEST(Split, RefusesWhatLeavesNothingToTrainOn) {
  points(2);
  Random random = test_random(982);
  EXPECT_TRUE(accepts([&] { split_samples(4, 0.5, 0.5, random); }));
  EXPECT_TRUE(refuses([&] { split_samples(4, 1, 0, random); })) << "all for the test";
  EXPECT_TRUE(refuses([&] { split_samples(4, 0.5, 1, random); })) << "all the rest for validation";
  EXPECT_TRUE(refuses([&] { split_samples(0, 0.2, 0.2, random); })) << "no samples";
  EXPECT_TRUE(refuses([&] { split_samples(-5, 0.2, 0.2, random); })) << "less than none";
  Random before = random;
  for (double share : {-0.1, 1.1, nan, infinity}) {
    EXPECT_TRUE(refuses([&] { split_samples(10, share, 0.2, random); })) << share;
    EXPECT_TRUE(refuses([&] { split_samples(10, 0.2, share, random); })) << share;
  }
  const int largest = std::numeric_limits<int>::max();
  EXPECT_TRUE(refuses([&] { split_samples(largest, 1, 1, random); })) << "all for the test";
  EXPECT_EQ(random.uniform(), before.uniform()) << "refused, and no number has been drawn";
}

}  // namespace
}  // namespace gradus::testing
