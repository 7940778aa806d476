// Chapter 11: what training on digits, and the table of its mistakes, must do.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/05_losses/losses.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

constexpr Scalar kNaN = std::numeric_limits<Scalar>::quiet_NaN();
constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();

struct Problem {
  Network net;
  Samples samples;
};

// Three layers with biases, more samples than classes, nothing square.
Problem random_problem(int salt, int N, const std::vector<int>& units = {6, 5, 4, 3}) {
  Random random = test_random(salt);
  Problem p;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    const double deviation = std::sqrt(2.0 / units[l]);
    p.net.w.push_back(random.normal_matrix(0, deviation, units[l], units[l + 1]));
    p.net.b.push_back(random.normal_matrix(0, 0.5, 1, units[l + 1]));
  }
  // The first unit of each hidden layer is always on, and hears the one below: layers of dead ReLUs
  // would have no gradient to check.
  for (std::size_t l = 0; l + 1 < p.net.w.size(); ++l) {
    for (int i = 0; i < p.net.w[l].rows(); ++i) p.net.w[l](i, 0) = l > 0 && i == 0;
    p.net.b[l](0, 0) = 1;
  }
  p.samples.x = random.normal_matrix(0, 1, N, units.front());
  for (int n = 0; n < N; ++n)
    p.samples.labels.push_back(static_cast<int>(random.randint(units.back())));
  return p;
}

Scalar loss_of(const Network& net, const Samples& samples) {
  return softmax_cross_entropy(network_forward(net, samples.x), samples.labels).loss;
}

::testing::AssertionResult near_network(const Network& got, const Network& expected,
                                        double tolerance) {
  for (std::size_t l = 0; l < expected.w.size(); ++l) {
    const auto w = near(got.w[l], expected.w[l], tolerance);
    if (!w) return ::testing::AssertionFailure() << "w of layer " << l << ": " << w.message();
    const auto b = near(got.b[l], expected.b[l], tolerance);
    if (!b) return ::testing::AssertionFailure() << "b of layer " << l << ": " << b.message();
  }
  return ::testing::AssertionSuccess();
}

// ---- one step ----

TEST(TrainStep, ReturnsTheLossBeforeTheStep) {
  points(8);
  Problem p = random_problem(110, 7);
  const Scalar before = loss_of(p.net, p.samples);
  EXPECT_TRUE(near(train_step(p.net, p.samples, 0.1), before, 1e-12));
}

// A step changes w by -learning_rate dw: from the change, dw, which is checked by differences.
TEST(TrainStep, GoesDownTheGradientOfEveryWeight) {
  points(20);
  struct Case {
    std::vector<int> units;
    int samples;
    Scalar learning_rate;
  };
  const Case cases[] = {{{6, 9, 8, 3}, 7, 0.5}, {{6, 9, 8, 3}, 7, 2},   {{6, 3}, 5, 0.25},
                        {{6, 40, 3}, 1, 1},     {{6, 10, 3}, 9, 0.125}, {{6, 9, 8, 9, 3}, 7, 1}};
  for (int salt = 0; salt < 6; ++salt) {
    const Scalar learning_rate = cases[salt].learning_rate;
    const Problem p = random_problem(120 + salt, cases[salt].samples, cases[salt].units);
    Network stepped = p.net;
    train_step(stepped, p.samples, learning_rate);
    const auto check = [&](const char* name, std::vector<Matrix> Network::*weights, std::size_t l) {
      const Matrix& w = (p.net.*weights)[l];
      Matrix gradient = w;
      const Matrix& after = (stepped.*weights)[l];
      ASSERT_EQ(after.size(), w.size());
      for (int i = 0; i < w.rows(); ++i)
        for (int j = 0; j < w.cols(); ++j) gradient(i, j) = (w(i, j) - after(i, j)) / learning_rate;
      const auto loss = [&](const Matrix& m) {
        Network moved = p.net;
        (moved.*weights)[l] = m;
        return loss_of(moved, p.samples);
      };
      EXPECT_TRUE(is_gradient(name, loss, w, gradient, 1e-6)) << "layer " << l;
    };
    for (std::size_t l = 0; l < p.net.w.size(); ++l) {
      check("network dw", &Network::w, l);
      check("network db", &Network::b, l);
    }
  }
}

// One layer, whose gradient is x^T (p - t) / N, as large as a layer that reads digits.
TEST(TrainStep, IsThatOfPlainLoopsOnABatchOfTheSizeOfMnist) {
  points(4);
  const int N = 129, D = 785, K = 11;
  Problem p = random_problem(135, N, {D, K});
  Network expected = p.net;
  const Matrix probability = softmax(network_forward(p.net, p.samples.x));
  for (int k = 0; k < K; ++k)
    for (int n = 0; n < N; ++n) {
      const Scalar dz = (probability(n, k) - (p.samples.labels[n] == k)) / N;
      expected.b[0](0, k) -= Scalar(0.5) * dz;
      for (int d = 0; d < D; ++d) expected.w[0](d, k) -= Scalar(0.5) * dz * p.samples.x(n, d);
    }
  train_step(p.net, p.samples, 0.5);
  EXPECT_TRUE(near_network(p.net, expected, 1e-12));
}

TEST(TrainStep, RefusesABatchThatDoesNotFit) {
  points(4);
  Problem p = random_problem(130, 7);
  const auto step = [&](Matrix x, std::vector<int> labels) {
    return refuses([&] { train_step(p.net, {std::move(x), std::move(labels)}, 0.1); });
  };
  const auto& [x, labels] = p.samples;
  std::vector<int> more = labels;
  more.push_back(0);
  EXPECT_TRUE(step(x, {0, 1})) << "2 labels for 7 images";
  EXPECT_TRUE(step(x, more)) << "8 labels for 7 images";
  EXPECT_TRUE(step(Matrix(7, 5), labels)) << "5 pixels for 6";
  EXPECT_TRUE(step(x, std::vector<int>(7, 3))) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(step(x, std::vector<int>(7, -1))) << "label -1";
  EXPECT_TRUE(step(Matrix(0, 6), {})) << "no samples";
  for (Scalar rate : {Scalar(-0.1), kNaN, kInfinity})
    EXPECT_TRUE(refuses([&] { train_step(p.net, p.samples, rate); })) << "learning rate " << rate;
  const Network before = p.net;
  EXPECT_TRUE(accepts([&] { train_step(p.net, p.samples, 0); })) << "a learning rate of 0";
  EXPECT_TRUE(near_network(p.net, before, 0)) << "a learning rate of 0 moves nothing";
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

auto step_by(const Problem& p, Scalar learning_rate) {
  return [&p, learning_rate](Network& net) { train_step(net, p.samples, learning_rate); };
}

TEST(TrainStep, RefusesWhatIsNotFiniteBeforeAnyWeightChanges) {
  points(6);
  const Problem sound = random_problem(131, 7);
  EXPECT_TRUE(accepts([&] {
    Network net = sound.net;
    train_step(net, sound.samples, 0.1);
  })) << "finite numbers";
  for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
    for (std::size_t l = 0; l < 3; ++l) {
      Problem p = sound;
      p.net.w[l](1, 1) = bad;
      EXPECT_TRUE(keeps(p, step_by(p, 0.1))) << bad << " in w of layer " << l;
      p = sound;
      p.net.b[l](0, 1) = bad;
      EXPECT_TRUE(keeps(p, step_by(p, 0.1))) << bad << " in b of layer " << l;
    }
    Problem p = sound;
    p.samples.x(6, 5) = bad;
    EXPECT_TRUE(keeps(p, step_by(p, 0.1))) << bad << " in x";
  }
  const Problem hidden = {{.w = {{{1, -kInfinity}}, {{1, 0}, {0, 1}}}, .b = {{{0, 0}}, {{0, 0}}}},
                          {{{1}, {2}}, {0, 1}}};
  EXPECT_TRUE(keeps(hidden, step_by(hidden, 0.1))) << "a weight of -infinity behind a ReLU";
}

// Sums and products of finite numbers may overflow: in the loss, in a gradient, in the step itself.
TEST(TrainStep, RefusesAStepThatOverflowsAsAWhole) {
  points(5);
  const Problem steep = {{.w = {{{1e200, -1e200}}}, .b = {{{0, 0}}}}, {{{1e200}, {1}}, {1, 1}}};
  EXPECT_TRUE(keeps(steep, step_by(steep, 0.1))) << "the loss is infinite";

  // Hidden unit 1, logits 0 and 0: the loss is ln 2, dw of the upper layer 0.5, that of the lower
  // one 1e300 1e10 / 2.
  const Problem uneven = {{.w = {{{1e-300}}, {{1e10, 0}}}, .b = {{{0}}, {{-1e10, 0}}}},
                          {{{1e300}}, {0}}};
  EXPECT_TRUE(keeps(uneven, step_by(uneven, 0.1))) << "one gradient is infinite, the loss is not";

  // Hidden unit 1, logits 0 and 0 again: dw is -0.5 and 0.5 above, and 5e9 1e5 = 5e14 below, whose
  // step by 1e300 overflows.
  const Problem far = {{.w = {{{1e-5}}, {{-1e10, 0}}}, .b = {{{0}}, {{1e10, 0}}}}, {{{1e5}}, {0}}};
  EXPECT_TRUE(keeps(far, step_by(far, 1e300))) << "all gradients are finite, one step is not";
  Network net = far.net;
  EXPECT_TRUE(accepts([&] { train_step(net, far.samples, 1e-300); })) << "a small step is";
}

// ---- an epoch ----

TEST(TrainEpoch, VisitsEverySampleOnceInThePermutedOrder) {
  points(17);
  struct Case {
    int batch_size;
    Scalar learning_rate;
  };
  // A last batch of 3; batches that divide the samples; one sample each; one batch; more than all.
  for (const auto [batch_size, rate] : {Case{4, 0.3}, {6, 0.2}, {1, 0.05}, {12, 1}, {100, 0.7}}) {
    Problem p = random_problem(140, batch_size == 4 ? 11 : 12);
    const auto& [x, labels] = p.samples;
    const int N = x.rows();
    Network by_steps = p.net;
    Random random(5), same(5);
    const std::vector<int> order = same.permutation(N);
    double sum = 0;
    for (int first = 0; first < N; first += batch_size) {
      const int count = std::min(batch_size, N - first);
      Samples batch = {Matrix(count, 6), {}};
      for (int n = 0; n < count; ++n) {
        for (int d = 0; d < 6; ++d) batch.x(n, d) = x(order[first + n], d);
        batch.labels.push_back(labels[order[first + n]]);
      }
      sum += count * train_step(by_steps, batch, rate);
    }
    const Scalar loss = train_epoch(p.net, p.samples, batch_size, rate, random);
    EXPECT_TRUE(near(loss, sum / N, 1e-12)) << "the mean over samples: a last batch of 3 weighs 3";
    EXPECT_TRUE(near_network(p.net, by_steps, 1e-12)) << "batches of " << batch_size;
    EXPECT_EQ(random.uniform(), same.uniform()) << "one permutation per epoch, nothing else";
  }
}

TEST(TrainEpoch, TakesANewOrderEachTime) {
  points(4);
  const Problem p = random_problem(150, 11);
  Random random(5);
  Network first = p.net, second = p.net;
  train_epoch(first, p.samples, 2, 0.3, random);
  train_epoch(second, p.samples, 2, 0.3, random);
  EXPECT_FALSE(near(first.b[2], second.b[2], 1e-9)) << "the same order as in the epoch before";
}

// Two classes on either side of a plane, in 20 dimensions: to know them, all layers must learn.
TEST(TrainEpoch, LearnsWhatIsThereToLearn) {
  points(6);
  Problem p = random_problem(155, 1000, {20, 12, 2});
  auto& [x, labels] = p.samples;
  for (int n = 0; n < 1000; ++n) labels[n] = x(n, 0) + x(n, 7) > x(n, 19);
  Random random = test_random(156);
  const Scalar first = train_epoch(p.net, p.samples, 10, 0.1, random);
  Scalar last = first;
  for (int epoch = 2; epoch <= 5; ++epoch) last = train_epoch(p.net, p.samples, 10, 0.1, random);
  EXPECT_LT(last, first / 2);
  EXPECT_GT(accuracy(network_forward(p.net, x), labels), 0.95);
}

// What is wrong with one sample is known before the first batch: no step, no number drawn.
TEST(TrainEpoch, RefusesAllThatItCanKnowBeforeTheFirstStep) {
  points(6);
  const Problem sound = random_problem(151, 11);
  Random random(5), same(5);
  const auto epoch = [&](const Problem& p, int batch_size, Scalar rate) {
    return keeps(p, [&](Network& net) { train_epoch(net, p.samples, batch_size, rate, random); });
  };
  EXPECT_TRUE(accepts([&] {
    Network net = sound.net;
    Random other(5);
    train_epoch(net, sound.samples, 2, 0.1, other);
  })) << "eleven sound samples";
  for (int n = 0; n < 11; ++n) {
    Problem p = sound;
    p.samples.x(n, 3) = n % 2 == 0 ? kNaN : kInfinity;
    EXPECT_TRUE(epoch(p, 1, 0.1)) << p.samples.x(n, 3) << " in sample " << n;
    p = sound;
    p.samples.labels[n] = n % 2 == 0 ? 3 : -1;
    EXPECT_TRUE(epoch(p, 1, 0.1)) << "label " << p.samples.labels[n] << " of sample " << n;
  }
  for (std::size_t l = 0; l < 3; ++l) {
    Problem p = sound;
    p.net.w[l](2, 2) = -kInfinity;
    EXPECT_TRUE(epoch(p, 1, 0.1)) << "-infinity in w of layer " << l;
    p.net.w[l](2, 2) = kNaN;
    EXPECT_TRUE(epoch(p, 1, 0.1)) << "NaN in w of layer " << l;
  }
  EXPECT_TRUE(epoch({sound.net, {Matrix(11, 5), sound.samples.labels}}, 1, 0.1))
      << "5 pixels for 6";
  EXPECT_TRUE(epoch({sound.net, {sound.samples.x, {1}}}, 2, 0.1)) << "1 label for 11 images";
  EXPECT_TRUE(epoch({sound.net, {sound.samples.x, std::vector<int>(12, 1)}}, 2, 0.1))
      << "12 labels";
  EXPECT_TRUE(epoch({sound.net, {Matrix(0, 6), {}}}, 2, 0.1)) << "no samples";
  EXPECT_TRUE(epoch(sound, 0, 0.1)) << "batches of 0";
  EXPECT_TRUE(epoch(sound, -1, 0.1)) << "batches of -1";
  for (Scalar rate : {Scalar(-0.1), kNaN, kInfinity})
    EXPECT_TRUE(epoch(sound, 1, rate)) << "learning rate " << rate;
  EXPECT_EQ(random.uniform(), same.uniform()) << "numbers were drawn before a refusal";
}

// ---- what was taken for what ----

TEST(ConfusionMatrix, CountsTrueClassesDownAndPredictionsAcross) {
  points(10);
  EXPECT_TRUE(near(confusion_matrix({0, 1, 1, 2, 1}, {0, 1, 2, 2, 2}, 3),
                   {{1, 0, 0}, {0, 1, 0}, {0, 2, 1}}, 0));
  EXPECT_TRUE(near(confusion_matrix({3}, {0}, 4),
                   {{0, 0, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, 0))
      << "classes that do not occur keep their rows";
  EXPECT_TRUE(near(confusion_matrix({}, {}, 2), Matrix(2, 2), 0)) << "no samples: zeros";
}

TEST(ConfusionMatrix, HasARowForEachClassThatAddsUpToItsSamples) {
  points(5);
  Random random = test_random(170);
  const int N = 5000, K = 23;
  std::vector<int> predicted, labels;
  Matrix expected(K, K);
  for (int n = 0; n < N; ++n) {
    const bool usual = n % 3 == 0;  // one pair comes 1667 times, others a few times or never
    predicted.push_back(usual ? 7 : static_cast<int>(random.randint(K)));
    labels.push_back(usual ? 9 : static_cast<int>(random.randint(n % K + 1)));
    expected(labels[n], predicted[n]) += 1;
  }
  const Matrix counts = confusion_matrix(predicted, labels, K);
  EXPECT_TRUE(near(counts, expected, 0));
  ASSERT_EQ(counts.rows(), K);
  for (int i = 0; i < K; ++i) {
    Scalar in_row = 0;
    for (Scalar count : counts.row(i)) in_row += count;
    EXPECT_EQ(in_row, std::ranges::count(labels, i)) << "samples of class " << i;
  }
}

TEST(ConfusionMatrix, RefusesWhatIsNoClass) {
  points(5);
  EXPECT_TRUE(accepts([] { confusion_matrix({0, 2}, {2, 1}, 3); }));
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 3}, {0, 1}, 3); })) << "prediction 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0, -1}, 3); })) << "label -1";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, -1}, {0, 1}, 3); })) << "prediction -1";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0, 3}, 3); })) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(refuses([] { confusion_matrix({0}, {0, 1}, 3); })) << "1 prediction for 2 labels";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0}, 3); })) << "2 predictions for 1 label";
  EXPECT_TRUE(refuses([] { confusion_matrix({}, {}, 0); })) << "no classes";
  EXPECT_TRUE(refuses([] { confusion_matrix({}, {}, -2); })) << "-2 classes";
}

}  // namespace
}  // namespace gradus::testing
