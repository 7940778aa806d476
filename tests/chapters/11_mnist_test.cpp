// Chapter 11: what the digit classifier must do.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

constexpr Scalar kNaN = std::numeric_limits<Scalar>::quiet_NaN();
constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();

// ---- preprocessing ----

TEST(Preprocess, MakesPixelsNumbersFromZeroToOne) {
  points(8);
  const IdxImages images = {2, 2, 3, {0, 51, 102, 153, 204, 255, 255, 0, 1, 2, 0, 0}};
  EXPECT_TRUE(near(preprocess(images),
                   {{0, 0.2, 0.4, 0.6, 0.8, 1}, {1, 0, 1 / 255.0, 2 / 255.0, 0, 0}}, 1e-12));
}

TEST(Preprocess, RefusesPixelsThatDoNotFillTheImages) {
  points(3);
  EXPECT_TRUE(accepts([] { preprocess({1, 2, 2, {1, 2, 3, 4}}); }));
  EXPECT_TRUE(refuses([] { preprocess({2, 2, 2, {1, 2, 3, 4}}); })) << "4 pixels for 8";
  EXPECT_TRUE(refuses([] { preprocess({1, 2, 2, {1, 2, 3, 4, 5}}); })) << "5 pixels for 4";
  EXPECT_TRUE(refuses([] { preprocess({1, -2, -2, {1, 2, 3, 4}}); })) << "-2 rows of -2 pixels";
  EXPECT_TRUE(refuses([] { preprocess({-1, -2, 2, {1, 2, 3, 4}}); })) << "-1 images";
  EXPECT_TRUE(refuses([] { preprocess({1, 65536, 65536, {}}); })) << "rows cols is 0 as an int";
  EXPECT_TRUE(refuses([] { preprocess({65536, 65536, 1, {}}); })) << "all pixels are 0 as an int";
}

// ---- the network ----

TEST(NetworkInit, DrawsHeWeightsLayerAfterLayer) {
  points(9);
  Random random(7), same(7);
  const Network net = network_init({8, 5, 3}, random);
  ASSERT_EQ(net.w.size(), 2u);
  ASSERT_EQ(net.b.size(), 2u);
  EXPECT_TRUE(near(net.w[0], same.normal_matrix(0, 0.5, 8, 5), 1e-14)) << "sqrt(2 / 8)";
  EXPECT_TRUE(near(net.w[1], same.normal_matrix(0, std::sqrt(0.4), 5, 3), 1e-14)) << "sqrt(2 / 5)";
  EXPECT_TRUE(near(net.b[0], Matrix(1, 5), 0));
  EXPECT_TRUE(near(net.b[1], Matrix(1, 3), 0));
  EXPECT_EQ(random.normal(), same.normal()) << "draw from `random` itself, not from a copy";
}

TEST(NetworkInit, MakesAnyNumberOfLayers) {
  points(2);
  for (const std::vector<int>& units : {std::vector<int>{3, 4}, {6, 5, 4, 3}, {2, 3, 4, 5, 6}}) {
    Random random(8), same(8);
    const Network net = network_init(units, random);
    ASSERT_EQ(net.w.size(), units.size() - 1);
    ASSERT_EQ(net.b.size(), units.size() - 1);
    for (std::size_t l = 0; l + 1 < units.size(); ++l) {
      const Matrix w = same.normal_matrix(0, std::sqrt(2.0 / units[l]), units[l], units[l + 1]);
      EXPECT_TRUE(near(net.w[l], w, 1e-14)) << "layer " << l;
      EXPECT_TRUE(near(net.b[l], Matrix(1, units[l + 1]), 0)) << "layer " << l;
    }
  }
}

TEST(NetworkInit, RefusesWhatIsNoNetwork) {
  points(2);
  Random random(7);
  EXPECT_TRUE(accepts([&] { network_init({8, 3}, random); }));
  Random same = random;
  EXPECT_TRUE(refuses([&] { network_init({8}, random); })) << "no layer";
  EXPECT_TRUE(refuses([&] { network_init({8, 0, 3}, random); })) << "a layer without units";
  EXPECT_TRUE(refuses([&] { network_init({0, 3}, random); })) << "no inputs";
  EXPECT_TRUE(refuses([&] { network_init({8, 0}, random); })) << "no classes";
  EXPECT_TRUE(refuses([&] { network_init({8, 5, -3}, random); })) << "-3 classes";
  EXPECT_TRUE(refuses([&] { network_init({}, random); })) << "nothing";
  EXPECT_EQ(random.normal(), same.normal()) << "numbers were drawn before the refusal";
}

// ---- training ----

struct Problem {
  Network net;
  Matrix x;
  std::vector<int> labels;
};

// Three layers with biases, more samples than classes, nothing square.
Problem random_problem(int salt, int samples, const std::vector<int>& units = {6, 5, 4, 3}) {
  Random random = test_random(salt);
  Problem p;
  p.net = network_init(units, random);
  for (Matrix& b : p.net.b) b = random.normal_matrix(0, 0.5, b.rows(), b.cols());
  // The first unit of each hidden layer is always on, and hears the one below: layers of dead ReLUs
  // would have no gradient to check.
  for (std::size_t l = 0; l + 1 < p.net.w.size(); ++l) {
    for (int i = 0; i < p.net.w[l].rows(); ++i) p.net.w[l](i, 0) = l > 0 && i == 0;
    p.net.b[l](0, 0) = 1;
  }
  p.x = random.normal_matrix(0, 1, samples, 6);
  for (int n = 0; n < samples; ++n) p.labels.push_back(static_cast<int>(random.randint(3)));
  return p;
}

Scalar loss_of(const Network& net, const Problem& p) {
  return softmax_cross_entropy(network_forward(net, p.x), p.labels).loss;
}

TEST(TrainStep, ReturnsTheLossBeforeTheStep) {
  points(8);
  Problem p = random_problem(110, 7);
  const Scalar before = loss_of(p.net, p);
  EXPECT_TRUE(near(train_step(p.net, p.x, p.labels, 0.1), before, 1e-12));
}

// A step changes w by -learning_rate dw: from the change, dw, which is checked by differences.
TEST(TrainStep, GoesDownTheGradientOfEveryWeight) {
  points(14);
  struct Case {
    std::vector<int> units;
    int samples;
    Scalar rate;
  };
  const Case cases[] = {{{6, 9, 8, 3}, 7, 0.5}, {{6, 9, 8, 3}, 7, 2},   {{6, 3}, 5, 0.25},
                        {{6, 40, 3}, 1, 1},     {{6, 10, 3}, 9, 0.125}, {{6, 9, 8, 9, 3}, 7, 1}};
  for (int salt = 0; salt < 6; ++salt) {
    const Scalar rate = cases[salt].rate;
    const Problem p = random_problem(120 + salt, cases[salt].samples, cases[salt].units);
    Network stepped = p.net;
    train_step(stepped, p.x, p.labels, rate);
    const auto check = [&](const char* name, std::vector<Matrix> Network::*weights, std::size_t l) {
      const Matrix& w = (p.net.*weights)[l];
      Matrix gradient = w;
      const Matrix& after = (stepped.*weights)[l];
      ASSERT_EQ(after.size(), w.size());
      for (int i = 0; i < w.rows(); ++i)
        for (int j = 0; j < w.cols(); ++j) gradient(i, j) = (w(i, j) - after(i, j)) / rate;
      const auto loss = [&](const Matrix& m) {
        Network moved = p.net;
        (moved.*weights)[l] = m;
        return loss_of(moved, p);
      };
      EXPECT_TRUE(is_gradient(name, loss, w, gradient, 1e-6)) << "layer " << l;
    };
    for (std::size_t l = 0; l < p.net.w.size(); ++l) {
      check("network dw", &Network::w, l);
      check("network db", &Network::b, l);
    }
  }
}

TEST(TrainStep, RefusesABatchThatDoesNotFit) {
  points(3);
  Problem p = random_problem(130, 7);
  EXPECT_TRUE(refuses([&] { train_step(p.net, p.x, {0, 1}, 0.1); })) << "2 labels for 7 images";
  std::vector<int> more = p.labels;
  more.push_back(0);
  EXPECT_TRUE(refuses([&] { train_step(p.net, p.x, more, 0.1); })) << "8 labels for 7 images";
  EXPECT_TRUE(refuses([&] { train_step(p.net, Matrix(7, 5), p.labels, 0.1); })) << "5 pixels for 6";
  EXPECT_TRUE(refuses([&] { train_step(p.net, p.x, std::vector<int>(7, 3), 0.1); })) << "label 3";
  EXPECT_TRUE(refuses([&] { train_step(p.net, Matrix(0, 6), {}, 0.1); })) << "no samples";
  for (Scalar rate : {Scalar(-0.1), kNaN, kInfinity})
    EXPECT_TRUE(refuses([&] { train_step(p.net, p.x, p.labels, rate); })) << "rate " << rate;
  EXPECT_TRUE(accepts([&] { train_step(p.net, p.x, p.labels, 0); })) << "a rate of 0 moves nothing";
}

// Refused, and the network is what it was.
::testing::AssertionResult keeps(const Problem& p, const std::function<void(Network&)>& call) {
  Network net = p.net;
  const auto refused = refuses([&] { call(net); });
  if (!refused) return refused;
  const auto same = [](const Matrix& a, const Matrix& b) {
    return std::ranges::equal(a.flat(), b.flat(), [](Scalar u, Scalar v) {
      return u == v || (std::isnan(u) && std::isnan(v));
    });
  };
  for (std::size_t l = 0; l < net.w.size(); ++l)
    if (!same(net.w[l], p.net.w[l]) || !same(net.b[l], p.net.b[l]))
      return ::testing::AssertionFailure() << "layer " << l << " changed before the refusal";
  return ::testing::AssertionSuccess();
}

TEST(TrainStep, RefusesWhatIsNotFiniteBeforeAnyWeightChanges) {
  points(4);
  const Problem sound = random_problem(131, 7);
  const auto step = [](const Problem& p) {
    return [&p](Network& net) { train_step(net, p.x, p.labels, 0.1); };
  };
  for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
    for (std::size_t l = 0; l < 3; ++l) {
      Problem p = sound;
      p.net.w[l](1, 1) = bad;
      EXPECT_TRUE(keeps(p, step(p))) << bad << " in w of layer " << l;
      p = sound;
      p.net.b[l](0, 1) = bad;
      EXPECT_TRUE(keeps(p, step(p))) << bad << " in b of layer " << l;
    }
    Problem p = sound;
    p.x(6, 5) = bad;
    EXPECT_TRUE(keeps(p, step(p))) << bad << " in x";
  }
  const Problem steep = {{.w = {{{1e200, -1e200}}}, .b = {{{0, 0}}}}, {{1e200}, {1}}, {1, 1}};
  EXPECT_TRUE(keeps(steep, step(steep))) << "the loss is infinite";
  // Hidden unit 1, logits 0 and 0: the loss is ln 2, dw of the upper layer 0.5, that of the lower one
  // 1e300 1e10 / 2.
  const Problem uneven = {
      {.w = {{{1e-300}}, {{1e10, 0}}}, .b = {{{0}}, {{-1e10, 0}}}}, {{1e300}}, {0}};
  EXPECT_TRUE(keeps(uneven, step(uneven))) << "one gradient is infinite, the loss is not";
}

TEST(TrainEpoch, VisitsEverySampleOnceInThePermutedOrder) {
  points(14);
  struct Case {
    int batch_size;
    Scalar rate;
  };
  // A last batch of 3; batches that divide the samples; one sample each; one batch; more than all.
  for (const auto [batch_size, rate] : {Case{4, 0.3}, {6, 0.2}, {1, 0.05}, {12, 1}, {100, 0.7}}) {
    Problem p = random_problem(140, batch_size == 4 ? 11 : 12);
    const int N = p.x.rows();
    Network by_steps = p.net;
    Random random(5), same(5);
    const std::vector<int> order = same.permutation(N);
    double sum = 0;
    for (int first = 0; first < N; first += batch_size) {
      const int count = std::min(batch_size, N - first);
      Matrix x(count, 6);
      std::vector<int> labels;
      for (int n = 0; n < count; ++n) {
        for (int d = 0; d < 6; ++d) x(n, d) = p.x(order[first + n], d);
        labels.push_back(p.labels[order[first + n]]);
      }
      sum += count * train_step(by_steps, x, labels, rate);
    }
    const Scalar loss = train_epoch(p.net, p.x, p.labels, batch_size, rate, random);
    EXPECT_TRUE(near(loss, sum / N, 1e-12)) << "the mean over samples: a last batch of 3 weighs 3";
    for (std::size_t l = 0; l < 3; ++l) {
      EXPECT_TRUE(near(p.net.w[l], by_steps.w[l], 1e-12)) << "layer " << l;
      EXPECT_TRUE(near(p.net.b[l], by_steps.b[l], 1e-12)) << "layer " << l;
    }
    EXPECT_EQ(random.uniform(), same.uniform()) << "one permutation per epoch, nothing else";
  }
}

TEST(TrainEpoch, TakesANewOrderEachTime) {
  points(4);
  Problem p = random_problem(150, 11);
  Random random(5);
  Network first = p.net, second = p.net;
  train_epoch(first, p.x, p.labels, 2, 0.3, random);
  train_epoch(second, p.x, p.labels, 2, 0.3, random);
  EXPECT_FALSE(near(first.b[2], second.b[2], 1e-9)) << "the same order as in the epoch before";
  EXPECT_TRUE(refuses([&] { train_epoch(p.net, p.x, {1}, 2, 0.3, random); })) << "1 label for 11";
  std::vector<int> more = p.labels;
  more.push_back(0);
  EXPECT_TRUE(refuses([&] { train_epoch(p.net, p.x, more, 2, 0.3, random); })) << "12 for 11";
  EXPECT_TRUE(refuses([&] { train_epoch(p.net, p.x, p.labels, -1, 0.3, random); }))
      << "batch of -1";
  EXPECT_TRUE(refuses([&] { train_epoch(p.net, p.x, p.labels, 0, 0.3, random); })) << "batch of 0";
  EXPECT_TRUE(refuses([&] { train_epoch(p.net, Matrix(0, 6), {}, 2, 0.3, random); }))
      << "no samples";
}

// What is wrong with one sample is known before the first batch: no step, no number drawn.
TEST(TrainEpoch, RefusesAllThatItCanKnowBeforeTheFirstStep) {
  points(3);
  const Problem sound = random_problem(151, 11);
  Random random(5), same(5);
  const auto epoch = [&](const Problem& p, Scalar rate) {
    return [&p, rate, &random](Network& net) { train_epoch(net, p.x, p.labels, 1, rate, random); };
  };
  for (int n = 0; n < 11; ++n) {
    Problem p = sound;
    p.x(n, 3) = n % 2 == 0 ? kNaN : kInfinity;
    EXPECT_TRUE(keeps(p, epoch(p, 0.1))) << p.x(n, 3) << " in sample " << n;
    p = sound;
    p.labels[n] = n % 2 == 0 ? 3 : -1;
    EXPECT_TRUE(keeps(p, epoch(p, 0.1))) << "label " << p.labels[n] << " of sample " << n;
  }
  Problem p = sound;
  p.net.w[1](2, 2) = kNaN;
  EXPECT_TRUE(keeps(p, epoch(p, 0.1))) << "NaN in the network";
  p = sound;
  p.x = Matrix(11, 5);
  EXPECT_TRUE(keeps(p, epoch(p, 0.1))) << "5 pixels for 6";
  for (Scalar rate : {Scalar(-0.1), kNaN, kInfinity})
    EXPECT_TRUE(keeps(sound, epoch(sound, rate))) << "rate " << rate;
  EXPECT_EQ(random.uniform(), same.uniform()) << "numbers were drawn before a refusal";
}

// ---- judging ----

TEST(Predict, ChoosesTheLargestLogit) {
  points(7);
  const Network net = {.w = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, .b = {{{0, 0, 0}}}};
  const Matrix logits = {{1, 3, 2}, {-1, -3, -2}, {-5, -4, -3}, {9, 8, 7}};
  EXPECT_EQ(predict(net, logits), (std::vector<int>{1, 0, 2, 0}));
}

TEST(Predict, AsksTheWholeNetwork) {
  points(2);
  const Problem p = random_problem(160, 40);
  const Matrix z = network_forward(p.net, p.x);
  std::vector<int> expected;
  for (int n = 0; n < 40; ++n) {
    int best = 0;
    for (int k = 1; k < 3; ++k)
      if (z(n, k) > z(n, best)) best = k;
    expected.push_back(best);
  }
  EXPECT_EQ(predict(p.net, p.x), expected) << "all layers, with their biases";
  const Network one = {.w = {{{1, 1}}}, .b = {{{0, 5}}}};
  EXPECT_EQ(predict(one, {{3}, {-900}}), (std::vector<int>{1, 1})) << "the biases count";
  const Network large = {.w = {{{1, 0}, {0, 1}}}, .b = {{{0, 0}}}};
  EXPECT_EQ(predict(large, {{1000, 2000}, {-2000, -1000}}), (std::vector<int>{1, 1}))
      << "no exponential is needed, and none overflows";
}

// Comparisons with NaN are all false: a search for the largest would answer some class.
TEST(Predict, RefusesToNameAClassWithoutALargestLogit) {
  points(3);
  const Network sound = {.w = {{{1, 0}, {0, 1}}}, .b = {{{0, 0}}}};
  EXPECT_TRUE(accepts([&] { predict(sound, {{1, 2}, {3, 4}}); }));
  for (int j : {0, 1})
    for (Scalar bad : {kNaN, kInfinity}) {
      Matrix x = {{1, 2}, {3, 4}};
      x(1, j) = bad;
      EXPECT_TRUE(refuses([&] { predict(sound, x); })) << bad << " in x";
      Network net = sound;
      net.w[0](1, j) = bad;
      EXPECT_TRUE(refuses([&] { predict(net, {{1, 2}}); })) << bad << " in w";
      net = sound;
      net.b[0](0, j) = bad;
      EXPECT_TRUE(refuses([&] { predict(net, {{1, 2}}); })) << bad << " in b";
    }
  const Network deep = {.w = {{{kNaN, 1}, {0, 1}}, {{1, 0}, {0, 1}}}, .b = {{{0, 0}}, {{0, 0}}}};
  EXPECT_TRUE(refuses([&] { predict(deep, {{1, 2}}); })) << "NaN in a hidden unit";
  const Network large = {.w = {{{1e200, 1e201}}}, .b = {{{0, 0}}}};
  EXPECT_TRUE(refuses([&] { predict(large, {{1e200}}); })) << "both logits are infinite";
  EXPECT_TRUE(predict(sound, Matrix(0, 2)).empty()) << "no images, no classes";
}

TEST(Accuracy, IsTheShareOfRightPredictions) {
  points(6);
  EXPECT_TRUE(near(accuracy({1, 2, 3, 4}, {1, 0, 3, 0}), 0.5, 1e-15));
  EXPECT_TRUE(near(accuracy({1, 2, 3}, {1, 2, 0}), 2.0 / 3, 1e-15)) << "a division of integers?";
  EXPECT_TRUE(refuses([] { accuracy({1, 2}, {1}); }));
  EXPECT_TRUE(refuses([] { accuracy({1}, {1, 2}); }));
  EXPECT_TRUE(refuses([] { accuracy({}, {}); })) << "no samples";
  EXPECT_TRUE(refuses([] { accuracy({1, -1}, {1, -1}); })) << "-1 is no class";
  EXPECT_TRUE(refuses([] { accuracy({1, 2}, {1, -1}); })) << "-1 is no class";
}

TEST(ConfusionMatrix, CountsTrueClassesDownAndPredictionsAcross) {
  points(8);
  EXPECT_TRUE(near(confusion_matrix({0, 1, 1, 2, 1}, {0, 1, 2, 2, 2}, 3),
                   {{1, 0, 0}, {0, 1, 0}, {0, 2, 1}}, 0));
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 3}, {0, 1}, 3); })) << "prediction 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0, -1}, 3); })) << "label -1";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, -1}, {0, 1}, 3); })) << "prediction -1";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0, 3}, 3); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { confusion_matrix({0}, {0, 1}, 3); }));
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0}, 3); }));
  EXPECT_TRUE(near(confusion_matrix({}, {}, 2), Matrix(2, 2), 0)) << "no samples: zeros";
  EXPECT_TRUE(refuses([] { confusion_matrix({}, {}, 0); })) << "no classes";
  EXPECT_TRUE(refuses([] { confusion_matrix({}, {}, -2); })) << "-2 classes";
}

}  // namespace
}  // namespace gradus::testing
