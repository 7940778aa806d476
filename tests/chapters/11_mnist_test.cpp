// Chapter 11: what training on digits, and the table of its mistakes, must do.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

constexpr Scalar kNaN = std::numeric_limits<Scalar>::quiet_NaN();
constexpr Scalar kInfinity = std::numeric_limits<Scalar>::infinity();

// Three layers, nothing square; γ, β and the running statistics are nobody's first values.
Training random_training(int salt, Settings settings) {
  Random random = test_random(salt);
  Training t{.settings = settings,
             .deep = deep_init(settings.units, Init::he, settings.batch_norm, random),
             .states = {},
             .random = test_random(salt + 1000)};
  for (Matrix& b : t.deep.net.b) b = random.normal_matrix(0, 0.5, 1, b.cols());
  // The first unit of each hidden layer is always on, and hears the one below: layers of dead ReLUs
  // would have no gradient to check.
  auto& [w, b] = t.deep.net;
  for (std::size_t l = 0; l + 1 < w.size(); ++l) {
    for (int i = 0; i < w[l].rows(); ++i) w[l](i, 0) = l > 0 && i == 0;
    b[l](0, 0) = 1;
  }
  for (BatchNorm& norm : t.deep.norms) {
    const int units = norm.gamma.cols();
    norm.gamma = random.uniform_matrix(-2, 2, 1, units);
    norm.beta = random.uniform_matrix(0.5, 1, 1, units);
    norm.mean = random.normal_matrix(0, 1, 1, units);
    norm.variance = random.uniform_matrix(0.5, 2, 1, units);
  }
  t.states.resize(parameters(t.deep).size());
  return t;
}

Samples random_samples(int salt, int N, int D, int K) {
  Random random = test_random(salt);
  Samples samples{random.normal_matrix(0, 1, N, D), {}};
  for (int n = 0; n < N; ++n) samples.labels.push_back(static_cast<int>(random.randint(K)));
  return samples;
}

const std::vector<int> kUnits = {6, 5, 4, 3};

// All that learns, and all that is kept beside it. "" or what differs. Not the biases below a batch
// norm: it takes every shift away, so their gradient is 0 but for rounding, and Adam makes whole steps
// of that.
std::string difference(Training got, Training expected, double tolerance) {
  const auto differs = [&](const Matrix& a, const Matrix& b) { return !near(a, b, tolerance); };
  if (got.deep.net.w.size() != expected.deep.net.w.size()) return "the number of layers";
  if (got.deep.norms.size() != expected.deep.norms.size()) return "the number of batch norms";
  if (got.states.size() != expected.states.size()) return "the number of states";
  const std::size_t layers = expected.deep.net.w.size();
  const auto below_norm = [&](std::size_t l) {
    return !expected.deep.norms.empty() && l + 1 < layers;
  };
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string layer = " of layer " + std::to_string(l);
    if (differs(got.deep.net.w[l], expected.deep.net.w[l])) return "w" + layer;
    if (!below_norm(l) && differs(got.deep.net.b[l], expected.deep.net.b[l])) return "b" + layer;
  }
  for (std::size_t l = 0; l < expected.deep.norms.size(); ++l) {
    const BatchNorm &a = got.deep.norms[l], &b = expected.deep.norms[l];
    const std::string layer = " of hidden layer " + std::to_string(l);
    if (differs(a.gamma, b.gamma)) return "γ" + layer;
    if (differs(a.beta, b.beta)) return "β" + layer;
    if (differs(a.mean, b.mean)) return "the running mean" + layer;
    if (differs(a.variance, b.variance)) return "the running variance" + layer;
  }
  for (std::size_t i = 0; i < expected.states.size(); ++i) {
    const OptimizerState &a = got.states[i], &b = expected.states[i];
    if (layers <= i && i < 2 * layers && below_norm(i - layers)) continue;
    if (a.t != b.t || differs(a.direction, b.direction) || differs(a.squares, b.squares))
      return "the optimizer's state " + std::to_string(i);
  }
  if (got.epoch != expected.epoch) return "the count of epochs";
  // A Gauss that waits comes before the numbers behind it.
  if (got.random.normal() != expected.random.normal() ||
      got.random.uniform() != expected.random.uniform())
    return "the generator";
  return "";
}

// A step, put together from the earlier chapters.
Scalar step_by_parts(Training& t, const Samples& batch) {
  const Settings& s = t.settings;
  std::vector<Matrix> masks;
  if (s.dropout > 0) masks = dropout_masks(t.deep, batch.x.rows(), s.dropout, t.random);
  DeepGradient g = deep_gradient(t.deep, batch.x, batch.labels, masks);
  for (std::size_t l = 0; l < t.deep.net.w.size(); ++l)
    for (int i = 0; i < g.d.w[l].rows(); ++i)
      for (int j = 0; j < g.d.w[l].cols(); ++j) {
        const Scalar w = t.deep.net.w[l](i, j);
        g.d.w[l](i, j) += s.l2 * w + s.l1 * static_cast<Scalar>((w > 0) - (w < 0));
      }
  const std::vector<Matrix*> all = parameters(t.deep);
  for (std::size_t i = 0; i < all.size(); ++i)
    optimizer_step(s.optimizer, *all[i], *gradients(g)[i], t.states[i], s.learning_rate);
  return g.loss;
}

// ---- the start ----

TEST(TrainingInit, DrawsTheNetworkOfItsSettings) {
  points(8);
  for (Init init : {Init::he, Init::glorot, Init::zeros})
    for (bool batch_norm : {false, true}) {
      const Settings settings = {
          .units = {7, 5, 4, 3}, .init = init, .batch_norm = batch_norm, .batch_size = 3};
      Random random(31), same(31);
      random.normal(), same.normal();  // a Gauss waits in the generator
      const Training t = training_init(settings, random);
      Training expected{.settings = settings,
                        .deep = deep_init(settings.units, init, batch_norm, same),
                        .states = std::vector<OptimizerState>(batch_norm ? 10 : 6),
                        .random = same};
      EXPECT_EQ(difference(t, expected, 0), "") << "batch norm " << batch_norm;
      EXPECT_EQ(t.settings.units, settings.units) << "the settings are kept";
      EXPECT_EQ(t.settings.batch_size, 3) << "the settings are kept";
      Random untouched(31);
      untouched.normal();
      EXPECT_EQ(random.normal(), untouched.normal()) << "the argument's generator stays";
    }
}

TEST(TrainingInit, RefusesSettingsOutsideTheirDomains) {
  points(4);
  const auto refused = [](const Settings& s) {
    return refuses([&] { training_init(s, Random(1)); });
  };
  EXPECT_TRUE(accepts([] { training_init({.units = {6, 3}, .learning_rate = 0}, Random(1)); }));
  EXPECT_TRUE(refused({.units = {6}})) << "no layer";
  EXPECT_TRUE(refused({.units = {6, 0, 3}})) << "a layer without units";
  for (Scalar bad : {Scalar(-0.1), kNaN, kInfinity}) {
    EXPECT_TRUE(refused({.dropout = bad})) << "dropout " << bad;
    EXPECT_TRUE(refused({.l2 = bad})) << "l2 " << bad;
    EXPECT_TRUE(refused({.l1 = bad})) << "l1 " << bad;
    EXPECT_TRUE(refused({.learning_rate = bad})) << "learning rate " << bad;
    EXPECT_TRUE(refused({.augmentation = {0, bad, 0}})) << "degrees " << bad;
    EXPECT_TRUE(refused({.augmentation = {0, 0, bad}})) << "noise " << bad;
  }
  EXPECT_TRUE(refused({.dropout = 1})) << "nothing would be left";
  EXPECT_TRUE(refused({.batch_size = 0}));
  EXPECT_TRUE(refused({.augmentation = {-1, 0, 0}})) << "a shift of -1";
}

// ---- one step ----

TEST(TrainStep, ReturnsTheLossBeforeTheStepWithoutPenalties) {
  points(6);
  const Samples batch = random_samples(111, 7, 6, 3);
  Training t = random_training(110, {.units = kUnits, .l2 = 3, .l1 = 2});
  const Scalar before = softmax_cross_entropy(deep_inference(t.deep, batch.x), batch.labels).loss;
  EXPECT_TRUE(near(train_step(t, batch), before, 1e-12));
}

// A step of plain descent changes w by -learning_rate dw: from the change, dw, which is checked by
// differences.
TEST(TrainStep, GoesDownTheGradientOfEveryWeight) {
  points(8);
  struct Case {
    std::vector<int> units;
    int samples;
    Scalar learning_rate;
  };
  const Case cases[] = {
      {{6, 5, 4, 3}, 7, 0.5}, {{6, 3}, 5, 0.25}, {{6, 40, 3}, 1, 1}, {{6, 6, 6}, 6, 0.125}};
  for (int salt = 0; salt < 4; ++salt) {
    const std::vector<int>& units = cases[salt].units;
    const int N = cases[salt].samples;
    const Scalar learning_rate = cases[salt].learning_rate;
    const Training t =
        random_training(120 + salt, {.units = units, .learning_rate = learning_rate});
    const Samples batch = random_samples(130 + salt, N, units.front(), units.back());
    Training stepped = t;
    train_step(stepped, batch);
    const auto check = [&](const char* name, std::vector<Matrix> Network::*weights, std::size_t l) {
      const Matrix &w = (t.deep.net.*weights)[l], &after = (stepped.deep.net.*weights)[l];
      ASSERT_EQ(shape(after), shape(w));
      Matrix gradient = w;
      for (int i = 0; i < w.size(); ++i)
        gradient.flat()[i] = (w.flat()[i] - after.flat()[i]) / learning_rate;
      const auto loss = [&](const Matrix& m) {
        DeepNetwork moved = t.deep;
        (moved.net.*weights)[l] = m;
        return softmax_cross_entropy(deep_inference(moved, batch.x), batch.labels).loss;
      };
      EXPECT_TRUE(is_gradient(name, loss, w, gradient, 1e-6)) << "layer " << l;
    };
    for (std::size_t l = 0; l < t.deep.net.w.size(); ++l) {
      check("w", &Network::w, l);
      check("b", &Network::b, l);
    }
  }
}

TEST(TrainStep, TakesEachOptimizersStepWithAStateForEachMatrix) {
  points(10);
  for (Optimizer optimizer :
       {Optimizer::sgd, Optimizer::momentum, Optimizer::nesterov, Optimizer::adagrad,
        Optimizer::rmsprop, Optimizer::adam, Optimizer::adamw})
    for (bool batch_norm : {false, true}) {
      Training t = random_training(140, {.units = kUnits,
                                         .batch_norm = batch_norm,
                                         .optimizer = optimizer,
                                         .learning_rate = 0.01});
      Training expected = t;
      // With what is remembered of the steps before; but a bias that Adam moved by rounding moves the
      // running mean.
      const bool one = batch_norm && t.settings.optimizer >= Optimizer::adagrad;
      for (int step = 0; step < (one ? 1 : 4); ++step) {
        const Samples batch = random_samples(141 + step, 5 + step, 6, 3);
        const Scalar loss = step_by_parts(expected, batch);
        EXPECT_TRUE(near(train_step(t, batch), loss, 1e-12)) << "step " << step;
        ASSERT_EQ(difference(t, expected, 1e-11), "")
            << "step " << step << ", optimizer " << static_cast<int>(optimizer) << ", batch norm "
            << batch_norm;
      }
    }
}

TEST(TrainStep, PullsAtWeightsAndNotAtBiasesGammaAndBeta) {
  points(8);
  const std::pair<double, double> penalties[] = {{0.3, 0}, {0, 0.2}, {0.5, 0.1}};
  for (const auto& [l2, l1] : penalties)
    for (Optimizer optimizer : {Optimizer::sgd, Optimizer::adam}) {
      Training t = random_training(150, {.units = kUnits,
                                         .batch_norm = optimizer == Optimizer::sgd,
                                         .l2 = Scalar(l2),
                                         .l1 = Scalar(l1),
                                         .optimizer = optimizer,
                                         .learning_rate = 0.1});
      t.deep.net.w[1](2, 2) = 0;  // sign 0
      Training expected = t;
      const Samples batch = random_samples(151, 7, 6, 3);
      step_by_parts(expected, batch), step_by_parts(expected, batch);
      train_step(t, batch), train_step(t, batch);
      EXPECT_EQ(difference(t, expected, 1e-11), "") << "λ2 = " << l2 << ", λ1 = " << l1;
    }
}

TEST(TrainStep, DropsUnitsWithTheTrainingsGenerator) {
  points(6);
  for (Scalar dropout : {Scalar(0), Scalar(0.2), Scalar(0.7)})
    for (bool batch_norm : {false, true}) {
      Training t = random_training(
          160,
          {.units = kUnits, .batch_norm = batch_norm, .dropout = dropout, .learning_rate = 0.3});
      t.random.normal();  // a Gauss waits
      Training expected = t;
      const Samples batch = random_samples(161, 9, 6, 3);
      for (int step = 0; step < 2; ++step) {
        const Scalar loss = step_by_parts(expected, batch);
        EXPECT_TRUE(near(train_step(t, batch), loss, 1e-12)) << "dropout " << dropout;
      }
      EXPECT_EQ(difference(t, expected, 1e-11), "") << "dropout " << dropout;
    }
}

// As large as layers that read digits, ten classes, every one of them in the batch.
TEST(TrainStep, IsThatOfThePartsOnABatchOfTheSizeOfMnist) {
  points(4);
  Training t = random_training(170, {.units = {785, 101, 11},
                                     .batch_norm = true,
                                     .dropout = 0.5,
                                     .l2 = 0.01,
                                     .optimizer = Optimizer::adam,
                                     .learning_rate = 1e-3,
                                     .batch_size = 7});
  Training expected = t;
  const Samples batch = random_samples(171, 257, 785, 11);
  EXPECT_TRUE(near(train_step(t, batch), step_by_parts(expected, batch), 1e-11));
  EXPECT_EQ(difference(t, expected, 1e-9), "");
}

// Refused, and the training is what it was.
::testing::AssertionResult keeps(const Training& before,
                                 const std::function<void(Training&)>& call) {
  Training t = before;
  const auto refused = refuses([&] { call(t); });
  if (!refused) return refused;
  const auto plain = [](Training u) {  // NaN and infinity are near nothing: 1e9 in their place
    const auto cleaned = [](Matrix& m) {
      for (Scalar& v : m.flat())
        if (!std::isfinite(v)) v = 1e9;
    };
    for (Matrix* m : parameters(u.deep)) cleaned(*m);
    for (BatchNorm& norm : u.deep.norms) cleaned(norm.mean), cleaned(norm.variance);
    return u;
  };
  const std::string changed = difference(plain(t), plain(before), 0);
  if (changed.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << changed << " changed before the refusal";
}

::testing::AssertionResult keeps_step(const Training& t, const Samples& batch) {
  return keeps(t, [&](Training& u) { train_step(u, batch); });
}

TEST(TrainStep, RefusesABatchThatDoesNotFit) {
  points(4);
  const Training t = random_training(180, {.units = kUnits, .dropout = 0.5});
  const Samples sound = random_samples(181, 7, 6, 3);
  EXPECT_TRUE(accepts([&] {
    Training u = t;
    train_step(u, sound);
  })) << "seven samples";
  EXPECT_TRUE(keeps_step(t, {sound.x, {0, 1}})) << "2 labels for 7 images";
  EXPECT_TRUE(keeps_step(t, {sound.x, std::vector<int>(8, 1)})) << "8 labels for 7 images";
  EXPECT_TRUE(keeps_step(t, {Matrix(7, 5), sound.labels})) << "5 pixels for 6";
  EXPECT_TRUE(keeps_step(t, {Matrix(7, 7), sound.labels})) << "7 pixels for 6";
  EXPECT_TRUE(keeps_step(t, {sound.x, std::vector<int>(7, 3)})) << "label 3 of 0, 1, 2";
  EXPECT_TRUE(keeps_step(t, {sound.x, std::vector<int>(7, -1)})) << "label -1";
  EXPECT_TRUE(keeps_step(t, {Matrix(0, 6), {}})) << "no samples";
  const Training normed = random_training(182, {.units = kUnits, .batch_norm = true});
  EXPECT_TRUE(keeps_step(normed, take(sound, {0}))) << "batch norm with one sample";
}

TEST(TrainStep, RefusesWhatIsNotFiniteBeforeAnythingChanges) {
  points(4);
  const Training sound = random_training(
      190, {.units = kUnits, .batch_norm = true, .dropout = 0.2, .optimizer = Optimizer::adam});
  const Samples batch = random_samples(191, 7, 6, 3);
  EXPECT_TRUE(accepts([&] {
    Training u = sound;
    train_step(u, batch);
  })) << "finite numbers";
  for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
    Training broken = sound;
    for (std::size_t i = 0; i < parameters(broken.deep).size(); ++i) {
      broken = sound;
      Matrix& m = *parameters(broken.deep)[i];
      m(m.rows() - 1, m.cols() - 1) = bad;
      EXPECT_TRUE(keeps_step(broken, batch)) << bad << " in matrix " << i;
    }
    broken = sound;
    broken.deep.norms[1].variance(0, 3) = bad;
    EXPECT_TRUE(keeps_step(broken, batch)) << bad << " in a running variance";
    Samples dirty = batch;
    dirty.x(6, 5) = bad;
    EXPECT_TRUE(keeps_step(sound, dirty)) << bad << " in x";
  }
  Training hidden = random_training(192, {.units = {1, 2, 2}});
  hidden.deep.net.w[0] = {{1, -kInfinity}};
  EXPECT_TRUE(keeps_step(hidden, {{{1}, {2}}, {0, 1}})) << "-infinity behind a ReLU";
}

// Products of finite numbers may overflow: in the loss, or in a gradient alone.
TEST(TrainStep, RefusesAStepThatOverflowsAsAWhole) {
  points(4);
  for (Optimizer optimizer : {Optimizer::sgd, Optimizer::adam}) {
    Training steep = random_training(200, {.units = {1, 2}, .optimizer = optimizer});
    steep.deep.net = {.w = {{{1.7e308, -1.7e308}}}, .b = {{{0, 0}}}};
    EXPECT_TRUE(keeps_step(steep, {{{1}}, {1}})) << "the loss is infinite, its gradient 1 and -1";

    // Hidden unit 1, logits 0 and 0: the loss is ln 2, dw of the upper layer 0.5, that of the lower
    // one 1e300 1e10 / 2.
    Training uneven = random_training(201, {.units = {1, 1, 2}, .optimizer = optimizer});
    uneven.deep.net = {.w = {{{1e-300}}, {{1e10, 0}}}, .b = {{{0}}, {{-1e10, 0}}}};
    EXPECT_TRUE(keeps_step(uneven, {{{1e300}}, {0}}))
        << "one gradient is infinite, the loss is not";
    EXPECT_TRUE(accepts([&] { train_step(uneven, {{{1}}, {0}}); })) << "a smaller one is taken";
  }
}

// The same with batch norm, whose tiny deviations divide a gradient of 1e300, and with dropout, which
// has drawn by then.
TEST(TrainStep, PutsTheRunningStatisticsAndTheGeneratorBackWhenItRefuses) {
  points(2);
  Training t = random_training(205, {.units = {1, 1, 2}, .batch_norm = true, .dropout = 1e-12});
  t.deep.net = {.w = {{{1}}, {{1e300, 0}}}, .b = {{{0}}, {{0, 0}}}};
  t.deep.norms[0] = batch_norm_init(1);
  t.deep.norms[0].epsilon = 1e-30;
  EXPECT_TRUE(keeps_step(t, {{{0}, {1e-9}, {5e-9}}, {0, 1, 1}}));
  t.deep.norms[0].epsilon = 1e-5;
  t.deep.net.w[1] = {{1, 0}};
  EXPECT_TRUE(accepts([&] { train_step(t, {{{0}, {1e-9}, {5e-9}}, {0, 1, 1}}); }));
}

// ---- an epoch ----

TEST(TrainEpoch, VisitsEverySampleOnceInThePermutedOrder) {
  points(6);
  // A last batch of 3; batches that divide the samples; one sample each; one batch; more than all.
  for (int batch_size : {4, 6, 1, 12, 100}) {
    const int N = batch_size == 4 ? 11 : 12;
    const Samples samples = random_samples(210, N, 6, 3);
    Training t = random_training(
        211, {.units = kUnits, .dropout = 0.3, .learning_rate = 0.2, .batch_size = batch_size});
    Training expected = t;
    double sum = 0;
    for (int epoch = 1; epoch <= 2; ++epoch) {
      const std::vector<int> order = expected.random.permutation(N);
      sum = 0;
      for (int first = 0; first < N; first += batch_size) {
        const auto begin = order.begin() + first;
        const auto end = order.begin() + std::min(first + batch_size, N);
        const Samples batch = take(samples, {begin, end});
        sum += batch.x.rows() * double{step_by_parts(expected, batch)};
      }
      expected.epoch = epoch;
      EXPECT_TRUE(near(train_epoch(t, samples), sum / N, 1e-12))
          << "the mean over samples: a last batch of 3 weighs 3";
      EXPECT_EQ(difference(t, expected, 1e-11), "") << "batches of " << batch_size;
    }
  }
}

TEST(TrainEpoch, MakesAVariantOfEachBatchBeforeItsStep) {
  points(4);
  const Samples samples{test_random(220).uniform_matrix(0, 1, 5, 9), {0, 1, 2, 1, 0}};
  for (const Augmentation& options :
       {Augmentation{1, 0, 0}, Augmentation{0, 20, 0}, Augmentation{0, 0, 0.1}}) {
    Training t = random_training(221, {.units = {9, 4, 3},
                                       .dropout = 0.5,
                                       .learning_rate = 0.2,
                                       .batch_size = 2,
                                       .augmentation = options});
    Training expected = t;
    const std::vector<int> order = expected.random.permutation(5);
    for (int first = 0; first < 5; first += 2) {
      Samples batch =
          take(samples, {order.begin() + first, order.begin() + std::min(first + 2, 5)});
      batch.x = augment(batch.x, options, expected.random);
      step_by_parts(expected, batch);
    }
    expected.epoch = 1;
    train_epoch(t, samples);
    EXPECT_EQ(difference(t, expected, 1e-11), "") << "shift " << options.shift << ", degrees "
                                                  << options.degrees << ", noise " << options.noise;
  }
}

// What is wrong with one sample is known before the first batch: no step, no number drawn.
TEST(TrainEpoch, RefusesAllThatItCanKnowBeforeTheFirstStep) {
  points(6);
  const Training sound = random_training(230, {.units = kUnits, .batch_size = 1});
  const Samples samples = random_samples(231, 11, 6, 3);
  const auto epoch = [](const Training& t, const Samples& s) {
    return keeps(t, [&](Training& u) { train_epoch(u, s); });
  };
  EXPECT_TRUE(accepts([&] {
    Training u = sound;
    train_epoch(u, samples);
  })) << "eleven sound samples";
  for (int n = 0; n < 11; ++n) {
    Samples broken = samples;
    broken.x(n, 3) = n % 2 == 0 ? kNaN : kInfinity;
    EXPECT_TRUE(epoch(sound, broken)) << broken.x(n, 3) << " in sample " << n;
    broken = samples;
    broken.labels[n] = n % 2 == 0 ? 3 : -1;
    EXPECT_TRUE(epoch(sound, broken)) << "label " << broken.labels[n] << " of sample " << n;
  }
  Training broken = sound;
  broken.deep.net.w[1](2, 2) = -kInfinity;
  EXPECT_TRUE(epoch(broken, samples)) << "-infinity in w";
  EXPECT_TRUE(epoch(sound, {Matrix(11, 5), samples.labels})) << "5 pixels for 6";
  EXPECT_TRUE(epoch(sound, {samples.x, {1}})) << "1 label for 11 images";
  EXPECT_TRUE(epoch(sound, {samples.x, std::vector<int>(12, 1)})) << "12 labels";
  EXPECT_TRUE(epoch(sound, {Matrix(0, 6), {}})) << "no samples";
  for (int batch_size : {0, -1}) {
    broken = sound;
    broken.settings.batch_size = batch_size;
    EXPECT_TRUE(epoch(broken, samples)) << "batches of " << batch_size;
  }
  for (Scalar rate : {Scalar(-0.1), kNaN, kInfinity}) {
    broken = sound;
    broken.settings.learning_rate = rate;
    EXPECT_TRUE(epoch(broken, samples)) << "learning rate " << rate;
  }
  Training normed = random_training(232, {.units = kUnits, .batch_norm = true, .batch_size = 5});
  EXPECT_TRUE(epoch(normed, samples)) << "batch norm, and a last batch of one";
}

// ---- judging ----

TEST(Evaluate, IsTheMeanOverAllSamplesWithTheRunningStatistics) {
  points(6);
  for (int N : {1, 7, 2503})
    for (bool batch_norm : {false, true}) {
      const Training t =
          random_training(240, {.units = {6, 5, 4, 10}, .batch_norm = batch_norm, .dropout = 0.5});
      const Samples samples = random_samples(241, N, 6, 10);
      const Matrix z = deep_inference(t.deep, samples.x);
      const Evaluation e = evaluate(t.deep, samples);
      EXPECT_TRUE(near(e.loss, softmax_cross_entropy(z, samples.labels).loss, 1e-12)) << N;
      EXPECT_TRUE(near(e.accuracy, accuracy(z, samples.labels), 1e-15)) << N;
    }
  const Training t = random_training(242, {.units = kUnits});
  const Samples samples = random_samples(243, 5, 6, 3);
  Samples dirty = samples;
  dirty.x(4, 5) = kNaN;
  EXPECT_TRUE(refuses([&] { evaluate(t.deep, dirty); })) << "NaN in x";
  EXPECT_TRUE(refuses([&] { evaluate(t.deep, {samples.x, {0, 1, 2, 3, 0}}); })) << "label 3";
  EXPECT_TRUE(refuses([&] { evaluate(t.deep, {samples.x, {0}}); })) << "1 label for 5";
  EXPECT_TRUE(refuses([&] { evaluate(t.deep, {Matrix(0, 6), {}}); })) << "no samples";
}

// ---- what was taken for what ----

TEST(ConfusionMatrix, CountsTrueClassesDownAndPredictionsAcross) {
  points(4);
  EXPECT_TRUE(near(confusion_matrix({0, 1, 1, 2, 1}, {0, 1, 2, 2, 2}, 3),
                   {{1, 0, 0}, {0, 1, 0}, {0, 2, 1}}, 0));
  EXPECT_TRUE(near(confusion_matrix({3}, {0}, 4),
                   {{0, 0, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, 0))
      << "classes that do not occur keep their rows";
  EXPECT_TRUE(near(confusion_matrix({}, {}, 2), Matrix(2, 2), 0)) << "no samples: zeros";
}

TEST(ConfusionMatrix, HasARowForEachClassThatAddsUpToItsSamples) {
  points(3);
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
  points(3);
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
