// Chapter 11: what training on digits, and the table of its mistakes, must do.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "tests/plain.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

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
    norm.momentum = 0.25, norm.epsilon = 1e-3;
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

bool same_number(Scalar a, Scalar b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// "" or what differs.
std::string difference(const Settings& got, const Settings& expected) {
  const Augmentation &a = got.augmentation, &b = expected.augmentation;
  if (got.units != expected.units) return "settings.units";
  if (got.init != expected.init) return "settings.init";
  if (got.batch_norm != expected.batch_norm) return "settings.batch_norm";
  if (!same_number(got.dropout, expected.dropout)) return "settings.dropout";
  if (!same_number(got.l2, expected.l2)) return "settings.l2";
  if (!same_number(got.l1, expected.l1)) return "settings.l1";
  if (got.optimizer != expected.optimizer) return "settings.optimizer";
  if (!same_number(got.learning_rate, expected.learning_rate)) return "settings.learning_rate";
  if (got.batch_size != expected.batch_size) return "settings.batch_size";
  if (a.shift != b.shift || !same_number(a.degrees, b.degrees) || !same_number(a.noise, b.noise))
    return "settings.augmentation";
  return "";
}

// The gradient of a bias below a batch norm is 0 but for rounding, because batch norm takes every
// shift away, and these optimizers make whole steps of that.
bool steps_by_rounding(Optimizer optimizer) { return optimizer >= Optimizer::adagrad; }

std::string difference(const DeepNetwork& got, const DeepNetwork& expected, Optimizer optimizer,
                       double tolerance) {
  const auto differs = [&](const Matrix& a, const Matrix& b) { return !near(a, b, tolerance); };
  const std::size_t layers = expected.net.w.size();
  if (got.net.w.size() != layers || got.net.b.size() != layers) return "the number of layers";
  if (got.norms.size() != expected.norms.size()) return "the number of batch norms";
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string layer = " of layer " + std::to_string(l);
    const bool below_norm = !expected.norms.empty() && l + 1 < layers;
    const bool any = below_norm && tolerance > 0 && steps_by_rounding(optimizer);
    if (differs(got.net.w[l], expected.net.w[l])) return "w" + layer;
    if (!near(got.net.b[l], expected.net.b[l], any ? 1e-3 : tolerance)) return "b" + layer;
  }
  for (std::size_t l = 0; l < expected.norms.size(); ++l) {
    const BatchNorm &a = got.norms[l], &b = expected.norms[l];
    const std::string layer = " of hidden layer " + std::to_string(l);
    if (differs(a.gamma, b.gamma)) return "γ" + layer;
    if (differs(a.beta, b.beta)) return "β" + layer;
    if (differs(a.mean, b.mean)) return "the running mean" + layer;
    if (differs(a.variance, b.variance)) return "the running variance" + layer;
    if (a.momentum != b.momentum || a.epsilon != b.epsilon) return "momentum or ε" + layer;
  }
  return "";
}

// All that learns, and all that is kept beside it. "" or what differs.
std::string difference(const Training& got, const Training& expected, double tolerance) {
  const auto differs = [&](const Matrix& a, const Matrix& b) { return !near(a, b, tolerance); };
  const std::string settings = difference(got.settings, expected.settings);
  if (!settings.empty()) return settings;
  const std::string network =
      difference(got.deep, expected.deep, expected.settings.optimizer, tolerance);
  if (!network.empty()) return network;
  if (got.states.size() != expected.states.size()) return "the number of states";
  for (std::size_t i = 0; i < expected.states.size(); ++i) {
    const OptimizerState &a = got.states[i], &b = expected.states[i];
    if (a.t != b.t || differs(a.direction, b.direction) || differs(a.squares, b.squares))
      return "the optimizer's state " + std::to_string(i);
  }
  if (got.epoch != expected.epoch) return "the count of epochs";
  if (!goes_on_as(got.random, expected.random)) return "the generator";
  return "";
}

// train_step and train_epoch may change the training, and nothing else.
Scalar taken_step(Training& t, const Samples& batch) {
  const Samples before = batch;
  const Scalar loss = train_step(t, batch);
  EXPECT_TRUE(batch.x == before.x && batch.labels == before.labels) << "the batch was changed";
  return loss;
}

Scalar taken_epoch(Training& t, const Samples& samples) {
  const Samples before = samples;
  const Scalar loss = train_epoch(t, samples);
  EXPECT_TRUE(samples.x == before.x && samples.labels == before.labels)
      << "the samples were changed: put them in order in a copy";
  return loss;
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

// Nothing as it is by default.
const Settings kUnusual = {.units = {7, 5, 4, 3},
                           .init = Init::glorot,
                           .batch_norm = true,
                           .dropout = 0.95,
                           .l2 = 20,
                           .l1 = 30,
                           .optimizer = Optimizer::nesterov,
                           .learning_rate = 40,
                           .batch_size = 70000,
                           .augmentation = {.shift = 3, .degrees = 400, .noise = 2}};

TEST(TrainingInit, DrawsTheNetworkOfItsSettings) {
  points(7);
  const std::vector<int> shapes[] = {
      {7, 5, 4, 3}, {4, 4}, std::vector<int>(24, 3), {785, 130, 10}, {1250, 3, 1201, 10}};
  for (int i = 0; i < 2 * 5 * 7; ++i) {
    Settings settings = kUnusual;
    settings.batch_norm = i % 2 == 0, settings.units = shapes[i / 2 % 5];
    settings.init = static_cast<Init>(i / 10);  // all seven
    const Settings given = settings;
    Random random = test_random(31 + i), same = random;
    random.normal(), same.normal();  // a Gauss waits in the generator
    const Random before = random;
    const Training t = training_init(settings, random);
    const int layers = static_cast<int>(given.units.size()) - 1;
    Training expected{.settings = given,
                      .deep = deep_init(given.units, given.init, given.batch_norm, same),
                      .states = {},
                      .random = same};
    expected.states.resize(2 * layers + (given.batch_norm ? 2 * (layers - 1) : 0));
    EXPECT_EQ(difference(t, expected, 0), "")
        << "batch norm " << given.batch_norm << ", init number " << i / 10 << ", " << layers
        << " layers";
    EXPECT_EQ(difference(settings, given), "") << "an argument was changed";
    EXPECT_TRUE(goes_on_as(random, before)) << "the argument's generator stays";
  }
}

TEST(TrainingInit, RefusesSettingsOutsideTheirDomains) {
  points(2);
  const auto refused = [](const Settings& s) {
    return refuses([&] { training_init(s, Random(1)); });
  };
  const auto accepted = [](const Settings& s) {
    return accepts([&] { training_init(s, Random(1)); });
  };
  EXPECT_TRUE(accepted({.units = {6, 3}, .learning_rate = 0, .batch_size = 1}));
  EXPECT_TRUE(accepted({.units = {1, 1}, .l2 = 1e-300, .l1 = 1e-300, .learning_rate = 1e-300}));
  EXPECT_TRUE(accepted(kUnusual)) << "a dropout of 0.95, l2 of 20, l1 of 30, a rate of 40";
  for (Scalar large : {Scalar(1e8), Scalar(1e40), Scalar(1e300)})
    EXPECT_TRUE(accepted({.l2 = large, .l1 = large, .learning_rate = large}))
        << "large, but finite";
  EXPECT_TRUE(accepted({.augmentation = {.shift = 100000, .degrees = 1e6, .noise = 1e7}}));
  EXPECT_TRUE(refused({.units = {}})) << "no units";
  EXPECT_TRUE(refused({.units = {6}})) << "no layer";
  for (int place : {0, 1, 2})
    for (int units : {0, -1}) {
      Settings s{.units = {6, 4, 3}};
      s.units[place] = units;
      EXPECT_TRUE(refused(s)) << "a layer of " << units << " units, at place " << place;
    }
  for (Scalar bad : {Scalar(-0.1), Scalar(-1e-300), kNaN, kInfinity, -kInfinity}) {
    EXPECT_TRUE(refused({.dropout = bad})) << "dropout " << bad;
    EXPECT_TRUE(refused({.l2 = bad})) << "l2 " << bad;
    EXPECT_TRUE(refused({.l1 = bad})) << "l1 " << bad;
    EXPECT_TRUE(refused({.learning_rate = bad})) << "learning rate " << bad;
    EXPECT_TRUE(refused({.augmentation = {0, bad, 0}})) << "degrees " << bad;
    EXPECT_TRUE(refused({.augmentation = {0, 0, bad}})) << "noise " << bad;
  }
  for (Scalar dropout : {Scalar(1), Scalar(1.5), Scalar(2)})
    EXPECT_TRUE(refused({.dropout = dropout})) << "nothing would be left";
  constexpr int lowest = std::numeric_limits<int>::min();
  for (int bad : {0, -1, lowest}) EXPECT_TRUE(refused({.batch_size = bad})) << "batches of " << bad;
  for (int bad : {-1, lowest})
    EXPECT_TRUE(refused({.augmentation = {bad, 0, 0}})) << "a shift of " << bad;
}

// ---- one step ----

TEST(TrainStep, ReturnsTheLossBeforeTheStepWithoutPenalties) {
  points(4);
  const Samples batch = random_samples(111, 7, 6, 3);
  Training t = random_training(110, {.units = kUnits, .l2 = 3, .l1 = 2});
  const Scalar before = softmax_cross_entropy(deep_inference(t.deep, batch.x), batch.labels).loss;
  EXPECT_TRUE(near(taken_step(t, batch), before, 1e-12));
  // As small and as large as they come: ln(1 + e^-z) of the logits z and 0.
  for (double logit : {45.0, 100.0, -900.0, -1e5, -1e8, -1e120}) {
    const Scalar z = static_cast<Scalar>(logit);
    Training sure = random_training(112, {.units = {1, 2}});
    sure.deep.net = {.w = {{{z, 0}}}, .b = {{{0, 0}}}};
    const double loss = z > 0 ? std::log1p(std::exp(-z)) : -double{z};
    EXPECT_NEAR(taken_step(sure, {{{1}}, {0}}) / loss, 1, 1e-9) << "a loss of " << loss;
  }
}

// A step of plain descent changes w by -learning_rate dw: from the change, dw, which is checked by
// differences.
TEST(TrainStep, GoesDownTheGradientOfEveryWeight) {
  points(7);
  struct Case {
    std::vector<int> units;
    int samples;
    Scalar learning_rate;
  };
  const Case cases[] = {{{6, 5, 4, 3}, 7, 0.5}, {{6, 3}, 5, 0.25},
                        {{6, 40, 3}, 1, 1},     {{6, 6, 6}, 6, 0.125},
                        {{5, 4, 12}, 9, 4},     {{4, 5, 4, 4, 4, 4, 4, 5}, 6, 1}};
  for (int salt = 0; salt < 6; ++salt) {
    const std::vector<int>& units = cases[salt].units;
    const int N = cases[salt].samples;
    const Scalar learning_rate = cases[salt].learning_rate;
    const Training t =
        random_training(120 + salt, {.units = units, .learning_rate = learning_rate});
    const Samples batch = random_samples(130 + salt, N, units.front(), units.back());
    Training stepped = t;
    taken_step(stepped, batch);
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
  points(9);
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
      const bool one = batch_norm && steps_by_rounding(optimizer);
      for (int step = 0; step < (one ? 1 : 4); ++step) {
        const Samples batch = random_samples(141 + step, 5 + step, 6, 3);
        const Scalar loss = step_by_parts(expected, batch);
        EXPECT_TRUE(near(taken_step(t, batch), loss, 1e-12)) << "step " << step;
        ASSERT_EQ(difference(t, expected, 1e-11), "")
            << "step " << step << ", optimizer " << static_cast<int>(optimizer) << ", batch norm "
            << batch_norm;
      }
    }
  // Nothing is cut or scaled down, however large x and the weights of the last layer are.
  for (Scalar size : {Scalar(1e3), Scalar(1e6), Scalar(1e9)})
    for (bool batch_norm : {false, true}) {
      Training t = random_training(147, {.units = kUnits, .batch_norm = batch_norm});
      Samples batch = random_samples(148, 12, 6, 3);
      if (!batch_norm) batch.x = scaled(batch.x, size);
      t.deep.net.w[2] = scaled(t.deep.net.w[2], size);
      Training expected = t;
      step_by_parts(expected, batch), taken_step(t, batch);
      EXPECT_EQ(difference(t, expected, 1e-11), "") << "with gradients of about " << size;
    }
}

// A rate of 0 moves no weight, but all that is remembered; one above 1 is taken as it is; and a state
// may be that of the 5000th step.
TEST(TrainStep, TakesRatesOfZeroAndAboveOneAndStatesOfManySteps) {
  points(3);
  for (Optimizer optimizer : {Optimizer::sgd, Optimizer::momentum, Optimizer::adam})
    for (Scalar rate : {Scalar(0), Scalar(1e-6), Scalar(3), Scalar(30), Scalar(1000)}) {
      Training t = random_training(145, {.units = kUnits,
                                         .batch_norm = optimizer == Optimizer::sgd,
                                         .dropout = 0.25,
                                         .l2 = 0.5,
                                         .optimizer = optimizer,
                                         .learning_rate = rate});
      t.epoch = 41;
      const Samples batch = random_samples(146, 8, 6, 3);
      step_by_parts(t, batch);  // from now on there is a state
      for (OptimizerState& state : t.states)
        if (state.t > 0) state.t = 5000;
      Training expected = t;
      for (int step = 0; step < 2; ++step) {
        const Scalar loss = step_by_parts(expected, batch);
        EXPECT_NEAR(taken_step(t, batch) / loss, 1, 1e-11) << "a rate of " << rate;
      }
      EXPECT_EQ(difference(t, expected, 1e-10), "")
          << "a rate of " << rate << ", optimizer " << static_cast<int>(optimizer);
    }
}

TEST(TrainStep, PullsAtWeightsAndNotAtBiasesGammaAndBeta) {
  points(6);
  const std::pair<double, double> penalties[] = {{0.3, 0},  {0, 0.2},  {0.5, 0.1}, {4, 3},
                                                 {20, 0},   {0, 30},   {50, 200},  {1e-7, 0},
                                                 {0, 1e-4}, {0, 1e-7}, {3e-9, 0},  {0, 2e-9}};
  for (const auto& [l2, l1] : penalties)
    for (Optimizer optimizer : {Optimizer::sgd, Optimizer::adam}) {
      Training t = random_training(150, {.units = kUnits,
                                         .batch_norm = optimizer == Optimizer::sgd,
                                         .l2 = Scalar(l2),
                                         .l1 = Scalar(l1),
                                         .optimizer = optimizer,
                                         .learning_rate = 0.1});
      t.deep.net.w[1](2, 2) = 0, t.deep.net.w[1](3, 2) = Scalar(-0.0);  // sign 0
      t.deep.net.w[0](1, 2) = 1e-300, t.deep.net.w[2](3, 1) = -1e-300;  // sign 1 and -1
      Training expected = t;
      const Samples batch = random_samples(151, 7, 6, 3);
      step_by_parts(expected, batch), step_by_parts(expected, batch);
      taken_step(t, batch), taken_step(t, batch);
      EXPECT_EQ(difference(t, expected, 1e-11), "") << "λ2 = " << l2 << ", λ1 = " << l1;
    }
  // With whatever else the settings say.
  for (int i = 0; i < 7 * 2 * 2; ++i) {
    const Optimizer optimizer = static_cast<Optimizer>(i / 4);
    const bool batch_norm = i / 2 % 2 == 1;
    const Scalar dropout = i % 2 == 0 ? 0 : 0.4;
    Training t = random_training(155, {.units = kUnits,
                                       .batch_norm = batch_norm,
                                       .dropout = dropout,
                                       .l2 = 0.5,
                                       .l1 = 0.1,
                                       .optimizer = optimizer,
                                       .learning_rate = 0.01});
    Training expected = t;
    const Samples batch = random_samples(156, 9, 6, 3);
    for (int step = 0; step < (batch_norm && steps_by_rounding(optimizer) ? 1 : 2); ++step)
      step_by_parts(expected, batch), taken_step(t, batch);
    EXPECT_EQ(difference(t, expected, 1e-11), "")
        << "optimizer " << i / 4 << ", batch norm " << batch_norm << ", dropout " << dropout
        << ", λ2 = 0.5, λ1 = 0.1";
  }
}

TEST(TrainStep, DropsUnitsWithTheTrainingsGenerator) {
  points(6);
  for (Scalar dropout : {Scalar(0), Scalar(0.2), Scalar(0.7), Scalar(1e-9), Scalar(0.93)})
    for (bool batch_norm : {false, true}) {
      const int wide = dropout > 0.9 ? 40 : 5;  // some of them stay
      Training t = random_training(160, {.units = {6, wide, wide, 3},
                                         .batch_norm = batch_norm,
                                         .dropout = dropout,
                                         .learning_rate = 0.3});
      t.random.normal();  // a Gauss waits
      Training expected = t;
      const Samples batch = random_samples(161, 9, 6, 3);
      for (int step = 0; step < 2; ++step) {
        const Scalar loss = step_by_parts(expected, batch);
        EXPECT_TRUE(near(taken_step(t, batch), loss, 1e-12)) << "dropout " << dropout;
      }
      EXPECT_EQ(difference(t, expected, 1e-11), "") << "dropout " << dropout;
    }
}

// A label for each class, in turn.
Samples of_every_class(int salt, int N, int D, int K) {
  Samples samples = random_samples(salt, N, D, K);
  for (int n = 0; n < N; ++n) samples.labels[n] = n % K;
  return samples;
}

// As large as layers that read digits, ten classes and more, every one of them in the batch; 23 layers,
// with a large batch; and one class.
TEST(TrainStep, IsThatOfThePartsOnABatchOfTheSizeOfMnist) {
  points(4);
  std::vector<int> deep(23, 4);
  deep.push_back(11);
  const std::pair<std::vector<int>, int> shapes[] = {
      {{785, 101, 10}, 517}, {{33, 70, 130, 27}, 129}, {deep, 1203}, {{3, 4, 1}, 2}};
  for (int i = 0; i < 4; ++i) {
    const auto& [units, N] = shapes[i];
    Training t = random_training(170, {.units = units,
                                       .batch_norm = true,
                                       .dropout = 0.5,
                                       .l2 = 0.01,
                                       .l1 = 0.02,
                                       .optimizer = i == 0 ? Optimizer::adam : Optimizer::momentum,
                                       .learning_rate = 1e-3,
                                       .batch_size = i == 3 ? 100 : 7});
    Training expected = t;
    const Samples batch = of_every_class(171 + i, N, units.front(), units.back());
    const Scalar loss = step_by_parts(expected, batch);
    EXPECT_TRUE(near(taken_step(t, batch), loss, 1e-11)) << N << " samples, shape " << i;
    EXPECT_EQ(difference(t, expected, 1e-9), "") << N << " samples, shape " << i;
  }
}

// What a step makes depends on its arguments: not on the steps of others, nor on the threads.
TEST(TrainStep, RemembersNothingBesideTheTrainingOnAnyNumberOfThreads) {
  points(2);
  const Settings settings{.units = {37, 24, 33, 10},
                          .dropout = 0.3,
                          .l2 = 0.1,
                          .optimizer = Optimizer::momentum,
                          .learning_rate = 0.05};
  Training a = random_training(175, settings), b = random_training(176, settings);
  Training expected_a = a, expected_b = b;
#ifdef _OPENMP
  const int before = omp_get_max_threads();
#endif
  for (int step = 0; step < 40; ++step) {
#ifdef _OPENMP
    omp_set_num_threads(1 + step % 4);
#endif
    const Samples batch = of_every_class(1750 + step, 40, 37, 10);
    const Scalar loss_a = step_by_parts(expected_a, batch);
    const Scalar loss_b = step_by_parts(expected_b, batch);
    EXPECT_NEAR(taken_step(a, batch) / loss_a, 1, 1e-10) << "step " << step << " of one training";
    EXPECT_NEAR(taken_step(b, batch) / loss_b, 1, 1e-10) << "step " << step << " of another";
  }
#ifdef _OPENMP
  omp_set_num_threads(before);
#endif
  EXPECT_EQ(difference(a, expected_a, 1e-9), "") << "two trainings, a step of each in turn";
  EXPECT_EQ(difference(b, expected_b, 1e-9), "") << "two trainings, a step of each in turn";
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

::testing::AssertionResult keeps_epoch(const Training& t, const Samples& samples) {
  return keeps(t, [&](Training& u) { train_epoch(u, samples); });
}

struct Misfit {
  const char* what;
  Samples samples;
};

// Of samples for six inputs and three classes: too few, too many, and in each place.
std::vector<Misfit> samples_that_do_not_fit(const Samples& sound) {
  const int N = sound.x.rows();
  std::vector<int> fewer = sound.labels, more = sound.labels;
  fewer.pop_back(), more.push_back(0);
  std::vector<Misfit> all = {{"2 labels", {sound.x, {0, 1}}},
                             {"no labels", {sound.x, {}}},
                             {"one label too few", {sound.x, fewer}},
                             {"one label too many", {sound.x, more}},
                             {"5 pixels for 6", {Matrix(N, 5), sound.labels}},
                             {"7 pixels for 6", {Matrix(N, 7), sound.labels}},
                             {"no pixels", {Matrix(N, 0), sound.labels}},
                             {"no samples", {Matrix(0, 6), {}}},
                             {"nothing at all", {}}};
  for (int n = 0; n < N; ++n)
    for (int label : {3, -1, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
      all.push_back({"a label that is no class", sound});
      all.back().samples.labels[n] = label;
    }
  return all;
}

TEST(TrainStep, RefusesABatchThatDoesNotFit) {
  points(2);
  const Training t = random_training(180, {.units = kUnits, .dropout = 0.5});
  const Training statistics =
      random_training(180, {.units = kUnits, .batch_norm = true, .dropout = 0.5});
  const Samples sound = random_samples(181, 7, 6, 3);
  for (int N : {1, 7})
    EXPECT_TRUE(accepts([&] {
      Training u = t;
      train_step(u, random_samples(181, N, 6, 3));
    })) << N
        << " samples";
  for (const Misfit& misfit : samples_that_do_not_fit(sound)) {
    EXPECT_TRUE(keeps_step(t, misfit.samples)) << misfit.what;
    EXPECT_TRUE(keeps_step(statistics, misfit.samples)) << misfit.what << ", with batch norm";
  }
  const Training normed = random_training(182, {.units = kUnits, .batch_norm = true});
  EXPECT_TRUE(keeps_step(normed, take(sound, {0}))) << "batch norm with one sample";
  EXPECT_TRUE(accepts([&] {
    Training u = normed;
    train_step(u, take(sound, {0, 1}));
  })) << "batch norm with two samples";
  for (int batch_size : {1, 2, 6}) {
    Training u = normed, expected = normed;
    u.settings.batch_size = expected.settings.batch_size = batch_size;
    step_by_parts(expected, sound);
    EXPECT_TRUE(accepts([&] { train_step(u, sound); }))
        << "7 samples with batch norm; the settings' batches of " << batch_size
        << " are an epoch's";
    EXPECT_EQ(difference(u, expected, 1e-10), "") << "batches of " << batch_size;
  }
}

// Layers that do not fit each other, and states that are not one for each matrix.
std::vector<std::pair<std::string, Training>> broken_trainings(bool batch_norm) {
  const Training sound =
      random_training(185, {.units = kUnits, .batch_norm = batch_norm, .dropout = 0.3});
  std::vector<std::pair<std::string, Training>> all;
  const auto add = [&](const std::string& what) -> Training& {
    all.emplace_back(what, sound);
    return all.back().second;
  };
  for (std::size_t l = 0; l < 3; ++l) {
    Matrix &w = add("more rows in w").deep.net.w[l], &b = add("a wider b").deep.net.b[l];
    w = Matrix(w.rows() + 1, w.cols(), 0.5), b = Matrix(1, b.cols() + 1, 0.5);
    Matrix &fewer = add("fewer rows in w").deep.net.w[l], &less = add("a narrower b").deep.net.b[l];
    fewer = Matrix(fewer.rows() - 1, fewer.cols(), 0.5), less = Matrix(1, less.cols() - 1, 0.5);
  }
  // What Adam remembers, for each matrix in turn in another shape: with as many elements, too.
  Training& stepped = add("");
  stepped.settings.optimizer = Optimizer::adam;
  step_by_parts(stepped, random_samples(187, 7, 6, 3));
  const Training remembering = stepped;
  all.pop_back();
  for (std::size_t i = 0; i < remembering.states.size(); ++i)
    for (Matrix OptimizerState::*part : {&OptimizerState::direction, &OptimizerState::squares})
      for (const Matrix& other : misfits(remembering.states[i].*part)) {
        if (other.size() == 0) continue;  // nothing is remembered yet
        all.emplace_back("state " + std::to_string(i) + " in another shape", remembering);
        all.back().second.states[i].*part = other;
      }
  add("a state too few").states.pop_back();
  add("a state too many").states.emplace_back();
  add("no states").states.clear();
  add("no layer").deep.net = {};
  return all;
}

// Settings that were changed after the start and are outside their domains: those that a step follows,
// and those that an epoch alone does.
std::vector<std::pair<std::string, Settings>> broken_settings(const Settings& sound, bool epoch) {
  std::vector<std::pair<std::string, Settings>> all;
  const auto add = [&](const char* what, double value) -> Settings& {
    all.emplace_back(what + (" " + std::to_string(value)), sound);
    return all.back().second;
  };
  for (Scalar bad : {Scalar(-1), Scalar(-1e-9), kNaN, kInfinity}) {
    add("dropout", bad).dropout = bad, add("learning rate", bad).learning_rate = bad;
    add("l2", bad).l2 = bad, add("l1", bad).l1 = bad;
    for (int shift : {0, 1}) {
      if (!epoch) continue;
      add("degrees", bad).augmentation = {shift, bad, 0};
      add("noise", bad).augmentation = {shift, 0, bad};
    }
  }
  for (Scalar bad : {1, 2}) add("dropout", bad).dropout = bad;
  for (int bad : {-1, std::numeric_limits<int>::min()}) {
    if (!epoch) continue;
    add("batches of", bad + 1).batch_size = bad + 1, add("batches of", bad).batch_size = bad;
    add("shift", bad).augmentation = {bad, 0, 0}, add("shift", bad).augmentation = {bad, 5, 0.1};
  }
  return all;
}

TEST(TrainStep, RefusesATrainingWhosePartsDoNotFit) {
  points(1);
  const Samples batch = random_samples(186, 7, 6, 3);
  for (Optimizer optimizer : {Optimizer::sgd, Optimizer::adam}) {
    Training changed = random_training(188, {.units = kUnits, .optimizer = optimizer});
    for (const auto& settings : broken_settings(changed.settings, false)) {
      changed.settings = settings.second;
      EXPECT_TRUE(keeps_step(changed, batch)) << settings.first;
    }
  }
  for (bool batch_norm : {false, true}) {
    for (const auto& broken : broken_trainings(batch_norm))
      EXPECT_TRUE(keeps_step(broken.second, batch)) << broken.first;
    Training sound = random_training(185, {.units = kUnits, .batch_norm = batch_norm});
    EXPECT_TRUE(accepts([&] { train_step(sound, batch); }));
  }
}

// `bad` at the first, the middle and the last place of one matrix after the other: of what learns and
// of the running statistics.
std::vector<std::pair<std::string, DeepNetwork>> spoiled(const DeepNetwork& sound, Scalar bad) {
  std::vector<std::pair<std::string, DeepNetwork>> all;
  const auto matrices = [](DeepNetwork& deep) {
    std::vector<Matrix*> list = parameters(deep);
    for (BatchNorm& norm : deep.norms) list.push_back(&norm.mean), list.push_back(&norm.variance);
    return list;
  };
  DeepNetwork copy = sound;
  for (std::size_t i = 0; i < matrices(copy).size(); ++i)
    for (int place = 0; place < 3; ++place) {
      DeepNetwork broken = sound;
      Matrix& m = *matrices(broken)[i];
      m.flat()[place * (m.size() - 1) / 2] = bad;
      all.emplace_back("in matrix " + std::to_string(i), broken);
    }
  return all;
}

TEST(TrainStep, RefusesWhatIsNotFiniteBeforeAnythingChanges) {
  points(2);
  const Training sound = random_training(
      190, {.units = kUnits, .batch_norm = true, .dropout = 0.2, .optimizer = Optimizer::adam});
  const Samples batch = random_samples(191, 7, 6, 3);
  EXPECT_TRUE(accepts([&] {
    Training u = sound;
    train_step(u, batch);
  })) << "finite numbers";
  for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
    Training broken = sound;
    for (const auto& network : spoiled(sound.deep, bad)) {
      broken.deep = network.second;
      EXPECT_TRUE(keeps_step(broken, batch)) << bad << " " << network.first;
    }
    for (int place = 0; place < 7; ++place) {
      Samples dirty = batch;
      dirty.x(place, 5 - place % 6) = bad;
      EXPECT_TRUE(keeps_step(sound, dirty)) << bad << " in row " << place << " of x";
    }
  }
  const Training wide = random_training(193, {.units = {3, 128, 101, 2}});
  for (const auto& network : spoiled(wide.deep, -kInfinity)) {
    Training broken = wide;
    broken.deep = network.second;
    EXPECT_TRUE(keeps_step(broken, random_samples(194, 7, 3, 2))) << "-inf " << network.first;
  }
  Training hidden = random_training(192, {.units = {1, 2, 2}});
  hidden.deep.net.w[0] = {{1, -kInfinity}};
  EXPECT_TRUE(keeps_step(hidden, {{{1}, {2}}, {0, 1}})) << "-infinity behind a ReLU";
  hidden.deep.net.w[0] = {{-1, -2}};
  EXPECT_TRUE(keeps_step(hidden, {{{1}, {kInfinity}}, {0, 1}})) << "infinity before dead ReLUs";
}

// Products of finite numbers may overflow: in the loss, or in a gradient alone.
TEST(TrainStep, RefusesAStepThatOverflowsAsAWhole) {
  points(2);
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
  // γ / σ overflows, and times the gradient 0 of a dead unit that is no number: the loss is ln 2.
  Training dead = random_training(202, {.units = {1, 1, 2}, .batch_norm = true});
  dead.deep.net = {.w = {{{1}}, {{0, 0}}}, .b = {{{0}}, {{0, 0}}}};
  BatchNorm& norm = dead.deep.norms[0];
  norm.gamma = {{1e300}}, norm.beta = {{-3e300}}, norm.epsilon = 1e-30;
  const Samples two{{{0}, {1e-9}}, {0, 0}};
  DeepNetwork copy = dead.deep;
  const DeepGradient g = deep_gradient(copy, two.x, two.labels, {});
  if (!std::isfinite(g.d.w[0](0, 0))) {
    EXPECT_TRUE(keeps_step(dead, two)) << "dw is not a number";
  }
}

// Five layers of units, and all that can be kept beside them. Unit `silent` of layer l is 0 for every
// sample of `batch`: no loss and no other gradient hears the weights behind it.
Training with_silent_unit(std::size_t l, int silent, bool batch_norm, Samples& batch) {
  Training t =
      random_training(207, {.units = {3, 4, 5, 4, 3},
                            .batch_norm = batch_norm,
                            .dropout = 0.3,
                            .optimizer = batch_norm ? Optimizer::momentum : Optimizer::adam,
                            .learning_rate = 1e-3});
  batch = of_every_class(208, 7, 3, 3);
  step_by_parts(t, batch);  // from now on there are states
  if (l == 0) {
    for (int n = 0; n < 7; ++n) batch.x(n, silent) = 0;
  } else {
    Matrix& w = t.deep.net.w[l - 1];
    for (int i = 0; i < w.rows(); ++i) w(i, silent) = 0;
    t.deep.net.b[l - 1](0, silent) = -1;
    if (batch_norm) t.deep.norms[l - 1].gamma(0, silent) = 0;
    if (batch_norm) t.deep.norms[l - 1].beta(0, silent) = -1;
  }
  return t;
}

// The penalty's gradient of one weight, or of two of opposite sign, is beyond the largest, and nothing
// else is: in every layer, row and column.
void expect_every_weight_looked_at(bool batch_norm) {
  for (std::size_t l = 0; l < 4; ++l)
    for (int i = 0; i < (l == 0 ? 3 : l == 2 ? 5 : 4); ++i) {
      Samples batch;
      Training t = with_silent_unit(l, i, batch_norm, batch);
      t.settings.l2 = 1e100;
      Matrix& w = t.deep.net.w[l];
      for (int j = 0; j < w.cols(); ++j) {
        const Matrix before = w;
        w(i, j) = j % 2 == 0 ? 1e100 : -1e100;
        if ((i + j) % 2 == 0) w(i, (j + 1) % w.cols()) = -w(i, j);
        EXPECT_TRUE(keeps_step(t, batch)) << "element (" << i << "," << j << ") of w " << l;
        w = before;
      }
      w(i, 0) = 1e40;
      EXPECT_TRUE(accepts([&] { train_step(t, batch); })) << "1e140 is taken";
    }
}

// Beyond largest_gradient, though finite, of either sign: in one matrix alone.
TEST(TrainStep, RefusesAGradientBeyondTheLargestInWhicheverMatrix) {
  points(2);
  for (Optimizer optimizer : {Optimizer::sgd, Optimizer::rmsprop})
    for (int label : {0, 1}) {
      Training t = random_training(202, {.units = {1, 1, 2}, .optimizer = optimizer});
      t.deep.net = {.w = {{{1}}, {{1e200, 0}}}, .b = {{{1e-200}}, {{0, 0}}}};
      EXPECT_TRUE(keeps_step(t, {{{0}}, {label}})) << "in the lower bias, label " << label;
      t.deep.net = {.w = {{{1}}, {{1e140, 0}}}, .b = {{{1e-140}}, {{0, 0}}}};
      EXPECT_TRUE(accepts([&] { train_step(t, {{{0}}, {label}}); })) << "1e140 is taken";
      t.deep.net = {.w = {{{1}}, {{1e-200, 0}}}, .b = {{{1e200}}, {{0, 0}}}};
      EXPECT_TRUE(keeps_step(t, {{{0}}, {label}})) << "in the upper weights, label " << label;

      Training normed = random_training(
          203, {.units = {1, 1, 2}, .batch_norm = true, .dropout = 1e-9, .optimizer = optimizer});
      normed.deep.net = {.w = {{{1}}, {{1e200, 0}}}, .b = {{{0}}, {{0, 0}}}};
      normed.deep.norms[0].gamma = {{1e-200}}, normed.deep.norms[0].beta = {{3e-200}};
      EXPECT_TRUE(keeps_step(normed, {{{0}, {1}, {2}}, {label, label, 1 - label}})) << "in γ and β";
    }
  const Settings l2{.units = {1, 1, 2}, .l2 = 1e100}, l1{.units = {1, 1, 2}, .l1 = 1e200};
  for (const Settings& settings : {l2, l1}) {
    Training t = random_training(204, settings);
    t.deep.net = {.w = {{{1e100}}, {{1, 0}}}, .b = {{{1}}, {{0, 0}}}};
    EXPECT_TRUE(keeps_step(t, {{{0}}, {0}})) << "of the penalty alone";
  }
  for (bool batch_norm : {false, true}) expect_every_weight_looked_at(batch_norm);
  // Logits 0 and 0: dw is half of x.
  for (Optimizer optimizer : {Optimizer::sgd, Optimizer::rmsprop})
    for (int label : {0, 1}) {
      Training t = random_training(206, {.units = {1, 2}, .optimizer = optimizer});
      t.deep.net = {.w = {{{0, 0}}}, .b = {{{0, 0}}}};
      const Scalar x = 2 * largest_gradient;
      EXPECT_TRUE(keeps_step(t, {{{std::nextafter(x, kInfinity)}}, {label}})) << "the next number";
      EXPECT_TRUE(accepts([&] { train_step(t, {{{x}}, {label}}); })) << "the largest is taken";
    }
}

// Four layers, in which one unit of hidden layer l is heard, and much too loud: of 1e-200 that it says
// (with `gamma`: 1e-160), the next layer makes 1. The layers below it are off, or with `gamma` of one unit.
Training with_loud_unit(std::size_t l, int loud, bool batch_norm, bool gamma) {
  Training t =
      random_training(209, {.units = {1, 3, 4, 3, 2}, .batch_norm = batch_norm, .dropout = 1e-12});
  auto& [w, b] = t.deep.net;
  for (std::size_t k = 0; k < w.size(); ++k) {
    w[k] = Matrix(w[k].rows(), w[k].cols());
    b[k] = Matrix(1, b[k].cols(), batch_norm || k + 1 == w.size() ? 0 : -1);
  }
  for (BatchNorm& norm : t.deep.norms)
    norm.gamma = Matrix(1, norm.gamma.cols()), norm.beta = Matrix(1, norm.beta.cols(), -1);
  const Scalar quiet = gamma ? 1e-160 : 1e-200;
  for (std::size_t k = gamma ? 0 : l; k < 4; ++k) {
    const int unit = k == l ? loud : 0;  // that is on, in this layer
    const Scalar says = k == l ? quiet : 1;
    if (k > l || gamma) w[k](k == l + 1 ? loud : 0, unit) = k == l + 1 ? 1 / quiet : 1;
    if (k == 3) continue;
    if (batch_norm) t.deep.norms[k].gamma(0, unit) = gamma ? says : 0;
    if (batch_norm) t.deep.norms[k].beta(0, unit) = gamma ? 3 * says : says;
    if (!batch_norm) b[k](0, unit) = k == l ? quiet : 0;
  }
  return t;
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
  // In each element of each b and γ, and of the last β: below a further batch norm, which takes every
  // shift away, it is 0. Several batch norms have moved by then.
  for (std::size_t l = 0; l < 3; ++l)
    for (int unit = 0; unit < (l == 1 ? 4 : 3); ++unit)
      for (int label : {0, 1}) {
        const std::string where = " of unit " + std::to_string(unit) + " in hidden layer ";
        const Samples still{{{0}, {0}}, {label, label}}, moving{{{0}, {1}, {2}}, {0, label, 1}};
        EXPECT_TRUE(keeps_step(with_loud_unit(l, unit, false, false), still)) << "b" << where << l;
        EXPECT_TRUE(keeps_step(with_loud_unit(l, unit, true, true), moving)) << "γ" << where << l;
      }
  for (int unit : {0, 1, 2})
    EXPECT_TRUE(keeps_step(with_loud_unit(2, unit, true, false), {{{0}, {0}}, {1, 1}}))
        << "β of unit " << unit;
}

// ---- an epoch ----

// An epoch, put together from the earlier chapters: its mean loss.
double epoch_by_parts(Training& t, const Samples& samples) {
  const int N = samples.x.rows(), size = t.settings.batch_size;
  const std::vector<int> order = t.random.permutation(N);
  double sum = 0;
  for (int first = 0; first < N; first += std::min(size, N)) {
    const auto begin = order.begin() + first;
    const auto end = order.begin() + std::min(first + std::min(size, N), N);
    Samples batch = take(samples, {begin, end});
    const auto& [shift, degrees, noise] = t.settings.augmentation;
    if (shift > 0 || degrees > 0 || noise > 0)
      batch.x = augment(batch.x, t.settings.augmentation, t.random);
    sum += batch.x.rows() * double{step_by_parts(t, batch)};
  }
  ++t.epoch;
  return sum / N;
}

TEST(TrainEpoch, VisitsEverySampleOnceInThePermutedOrder) {
  points(8);
  struct Case {
    int samples, batch_size;
    bool batch_norm;
    Optimizer optimizer;
    Scalar learning_rate = 0.02;
  };
  // A last batch of 3; batches that divide the samples; one sample each; one at all; one batch; more than
  // all; 34 batches; large ones, with a small one behind them.
  const Case cases[] = {{11, 4, false, Optimizer::sgd},
                        {12, 6, true, Optimizer::momentum},
                        {12, 1, false, Optimizer::sgd},
                        {1, 4, false, Optimizer::sgd},
                        {12, 12, false, Optimizer::adam},
                        {12, std::numeric_limits<int>::max(), false, Optimizer::sgd},
                        {101, 3, true, Optimizer::sgd},
                        {1203, 600, false, Optimizer::momentum},
                        {2100, 30, false, Optimizer::sgd},
                        {12, 5, true, Optimizer::sgd, 3},
                        {12, 5, false, Optimizer::adam, 1e-6},
                        {60000, 100, false, Optimizer::sgd}};
  for (const Case& c : cases) {
    const bool many = c.samples > 10000;  // as many as MNIST has, which are small
    const Samples samples = of_every_class(210, c.samples, many ? 2 : 6, 3);
    Training t = random_training(211, {.units = many ? std::vector<int>{2, 3} : kUnits,
                                       .batch_norm = c.batch_norm,
                                       .dropout = 0.3,
                                       .l2 = 0.01,
                                       .optimizer = c.optimizer,
                                       .learning_rate = c.learning_rate,
                                       .batch_size = c.batch_size});
    t.epoch = c.samples % 2 == 0 ? 126 : 1000000;  // the rate and the masks are the same
    Training expected = t;
    for (int epoch = 0; epoch < (many ? 1 : 3); ++epoch) {
      const double mean = epoch_by_parts(expected, samples);
      EXPECT_NEAR(taken_epoch(t, samples) / mean, 1, 1e-10)
          << "the mean over samples: a last batch of 3 weighs 3";
      ASSERT_EQ(difference(t, expected, 1e-9), "")
          << c.samples << " samples in batches of " << c.batch_size;
    }
  }
}

// A sample of 1e300 in the middle of others, whose gradient is refused when its turn comes.
TEST(TrainEpoch, KeepsTheStepsBeforeOneThatIsRefused) {
  points(2);
  for (int salt = 0; salt < 5; ++salt) {
    Training t =
        random_training(215 + salt, {.units = {1, 1, 2}, .learning_rate = 1e-3, .batch_size = 1});
    t.deep.net = {.w = {{{1e-300}}, {{1, 0}}}, .b = {{{0}}, {{0, 0}}}};
    t.epoch = 3;
    const Samples samples{{{1}, {2}, {1e300}, {3}, {4}}, {0, 0, 1, 0, 0}};
    Training expected = t;
    for (int n : expected.random.permutation(5)) {
      if (n == 2) break;
      step_by_parts(expected, take(samples, {n}));
    }
    EXPECT_TRUE(refuses([&] { train_epoch(t, samples); }));
    t.random = expected.random;
    EXPECT_EQ(difference(t, expected, 1e-12), "") << "after a step that was refused";
  }
}

TEST(TrainEpoch, MakesAVariantOfEachBatchBeforeItsStep) {
  points(4);
  struct Case {
    Augmentation options;
    int samples, batch_size;
    bool batch_norm;
  };
  const Case cases[] = {{{1, 0, 0}, 5, 2, false},      {{0, 20, 0}, 5, 2, false},
                        {{0, 0, 0.1}, 5, 2, false},    {{1, 20, 0.1}, 7, 2, false},
                        {{1, 20, 0.1}, 140, 60, true}, {{2, 5, 0}, 90, 7, true},
                        {{0, 0.3, 0}, 5, 2, false},    {{0, 0, 0.01}, 11, 5, false},
                        {{0, 150, 0}, 11, 5, false},   {{9, 90, 2}, 13, 4, false}};
  for (const Case& c : cases) {
    const int D = c.options.shift == 9 ? 784 : c.options.shift == 2 ? 16 : 9;  // pixels of an image
    const Samples samples = [&] {
      Samples images = of_every_class(220, c.samples, D, 3);
      images.x = test_random(220).uniform_matrix(0, 1, c.samples, D);
      return images;
    }();
    Training t = random_training(221, {.units = {D, 4, 3},
                                       .batch_norm = c.batch_norm,
                                       .dropout = 0.5,
                                       .learning_rate = 0.2,
                                       .batch_size = c.batch_size,
                                       .augmentation = c.options});
    t.epoch = c.samples < 6 ? 0 : 100;
    Training expected = t;
    const std::string what = " of " + std::to_string(c.samples) + " images, shift " +
                             std::to_string(c.options.shift) + ", degrees " +
                             std::to_string(c.options.degrees);
    for (int epoch = 0; epoch < 3; ++epoch) {
      const double mean = epoch_by_parts(expected, samples);
      EXPECT_NEAR(taken_epoch(t, samples) / mean, 1, 1e-10) << "epoch " << epoch << what;
      ASSERT_EQ(difference(t, expected, 1e-10), "") << "epoch " << epoch << what;
    }
    Training stepped = expected;
    step_by_parts(stepped, samples);
    taken_step(t, samples);
    EXPECT_EQ(difference(t, stepped, 1e-10), "") << "a step takes its batch as it is," << what;
  }
}

// What is wrong with one sample is known before the first batch: no step, no number drawn.
TEST(TrainEpoch, RefusesAllThatItCanKnowBeforeTheFirstStep) {
  points(3);
  const Training sound = random_training(230, {.units = kUnits, .batch_size = 1});
  const Samples samples = random_samples(231, 11, 6, 3);
  EXPECT_TRUE(accepts([&] {
    Training u = sound;
    train_epoch(u, samples);
  })) << "eleven sound samples";
  for (int i = 0; i < 11 * 6; ++i) {
    Samples broken = samples;
    broken.x.flat()[i] = i % 3 == 0 ? kNaN : i % 3 == 1 ? kInfinity : -kInfinity;
    EXPECT_TRUE(keeps_epoch(sound, broken)) << broken.x.flat()[i] << " in element " << i;
  }
  const Samples many = random_samples(235, 1203, 6, 3);
  for (int n : {100, 601, 1001, 1202}) {
    Samples broken = many;
    broken.x(n, n % 6) = n % 2 == 0 ? kNaN : kInfinity;
    EXPECT_TRUE(keeps_epoch(sound, broken)) << "in row " << n << " of x";
    broken = many, broken.labels[n] = n % 2 == 0 ? 3 : -1;
    EXPECT_TRUE(keeps_epoch(sound, broken)) << "label " << n << " of 1203";
  }
  Training more_classes = sound;  // in the settings, not in the network
  more_classes.settings.units.back() = 10;
  for (int n : {0, 5, 10})
    for (int label : {3, 9}) {
      Samples broken = samples;
      broken.labels[n] = label;
      EXPECT_TRUE(keeps_epoch(more_classes, broken)) << "the network has no class " << label;
    }
  for (const Augmentation& options : {Augmentation{1, 0, 0}, {0, 5, 0}, {0, 0, 0.1}}) {
    Training augmented = sound;  // 6 pixels are no square
    augmented.settings.augmentation = options;
    EXPECT_TRUE(keeps_epoch(augmented, samples)) << "an augmentation of images that are no square";
  }
  for (const Misfit& misfit : samples_that_do_not_fit(samples))
    EXPECT_TRUE(keeps_epoch(sound, misfit.samples)) << misfit.what;
  const Training with_norm = random_training(233, {.units = kUnits, .batch_norm = true});
  for (Scalar bad : {kNaN, -kInfinity})
    for (const auto& network : spoiled(with_norm.deep, bad)) {
      Training broken = with_norm;
      broken.deep = network.second;
      EXPECT_TRUE(keeps_epoch(broken, samples)) << bad << " " << network.first;
    }
  for (bool batch_norm : {false, true}) {
    for (const auto& broken : broken_trainings(batch_norm))
      EXPECT_TRUE(keeps_epoch(broken.second, samples)) << broken.first;
    Training square = random_training(236, {.units = {9, 4, 3}, .batch_norm = batch_norm});
    for (const auto& settings : broken_settings(square.settings, true)) {
      square.settings = settings.second;
      EXPECT_TRUE(keeps_epoch(square, random_samples(237, 11, 9, 3))) << settings.first;
    }
  }
}

// Numbers whose sum is not finite, and such as are nearly 0.
TEST(TrainEpoch, TakesFiniteNumbersOfAnySize) {
  points(1);
  const auto taken = [](const Training& t, const Samples& samples, const std::string& what) {
    Training a = t, b = t;
    EXPECT_TRUE(accepts([&] { evaluate(t.deep, samples); })) << "evaluate: " << what;
    EXPECT_TRUE(accepts([&] { train_step(a, samples); })) << "a step: " << what;
    EXPECT_TRUE(accepts([&] { train_epoch(b, samples); })) << "an epoch: " << what;
  };
  for (Scalar large : {1.7e308, -1.7e308}) {
    Training t = random_training(238, {.units = {2, 1}});
    t.deep.net = {.w = {{{0}, {0}}}, .b = {{{0}}}};
    taken(t, {Matrix(2, 2, large), {0, 0}}, "large pixels, and no gradient");
    const Samples dark{Matrix(2, 2), {0, 1}};
    t = random_training(238, {.units = {2, 2}});
    t.deep.net = {.w = {Matrix(2, 2, large)}, .b = {Matrix(1, 2)}};
    taken(t, dark, "large weights, which hear nothing");
    t.deep.net = {.w = {Matrix(2, 2)}, .b = {Matrix(1, 2, large)}};
    taken(t, dark, "large biases");
  }
  constexpr Scalar tiny = std::numeric_limits<Scalar>::denorm_min();
  const Training sound = random_training(239, {.units = kUnits, .batch_norm = true});
  const Samples samples = random_samples(2390, 7, 6, 3);
  taken(sound, {Matrix(7, 6, tiny), samples.labels}, "tiny pixels");
  for (const auto& network : spoiled(sound.deep, tiny)) {
    Training t = sound;
    t.deep = network.second;
    taken(t, samples, "a tiny number " + network.first);
  }
}

TEST(TrainEpoch, TakesNoBatchOfOneWithBatchNorm) {
  points(1);
  const Samples samples = random_samples(231, 11, 6, 3);
  Training t = random_training(232, {.units = kUnits, .batch_norm = true});
  for (int batch_size : {1, 2, 5, 10}) {
    t.settings.batch_size = batch_size;
    EXPECT_TRUE(keeps_epoch(t, samples)) << "11 samples in batches of " << batch_size;
  }
  for (const auto& [N, batch_size] :
       {std::pair{21, 10}, {21, 4}, {121, 1}, {121, 120}, {601, 100}, {1201, 300}}) {
    t.settings.batch_size = batch_size;
    EXPECT_TRUE(keeps_epoch(t, random_samples(234, N, 6, 3)))
        << N << " samples in batches of " << batch_size;
  }
  t.settings.batch_size = 100;
  EXPECT_TRUE(keeps_epoch(t, take(samples, {4}))) << "one sample in batches of 100";
  for (int batch_size : {3, 4, 6, 9, 11, 12}) {
    t.settings.batch_size = batch_size;
    EXPECT_TRUE(accepts([&] {
      Training u = t;
      train_epoch(u, samples);
    })) << "11 samples in batches of "
        << batch_size;
  }
  // Without a hidden layer there is none, whatever the settings say.
  Training flat = random_training(235, {.units = {6, 3}, .batch_norm = true, .batch_size = 1});
  Training expected = flat;
  step_by_parts(expected, take(samples, {0})), epoch_by_parts(expected, samples);
  EXPECT_TRUE(accepts([&] { train_step(flat, take(samples, {0})), train_epoch(flat, samples); }));
  EXPECT_EQ(difference(flat, expected, 1e-10), "") << "batches of one, without a hidden layer";
}

// ---- judging ----

Evaluation judged(const DeepNetwork& deep, const Samples& samples) {
  const DeepNetwork network = deep;
  const Samples before = samples;
  const Evaluation e = evaluate(deep, samples);
  EXPECT_EQ(difference(deep, network, Optimizer::sgd, 0), "") << "the network was changed";
  EXPECT_TRUE(samples.x == before.x && samples.labels == before.labels) << "samples were changed";
  return e;
}

TEST(Evaluate, IsTheMeanOverAllSamplesWithTheRunningStatistics) {
  points(7);
  const std::pair<int, int> cases[] = {{1, 10},    {7, 3},     {9, 10},    {1000, 10},
                                       {1001, 11}, {2000, 10}, {2503, 12}, {5001, 26},
                                       {4, 2},     {70001, 3}, {1203, 100}};
  for (int i = 0; i < 11 * 2; ++i) {
    const int N = cases[i / 2].first, K = cases[i / 2].second;
    std::vector<int> units = {6, 5, 4, K};
    if (K == 12) units.insert(units.begin() + 1, 11, 4);  // many layers
    const Training t =
        random_training(240 + i, {.units = units, .batch_norm = i % 2 == 0, .dropout = 0.5});
    const Samples samples = of_every_class(241, N, 6, K);
    double loss = 0, right = 0;
    const Matrix z = deep_inference(t.deep, samples.x);
    for (int n = 0; n < N; ++n) {
      const auto row = z.row(n);
      const auto first = std::ranges::max_element(row);  // of equal ones
      const Scalar largest = *first;
      double sum = 0;
      for (Scalar v : row) sum += std::exp(v - largest);
      loss += std::log(sum) + largest - row[samples.labels[n]];
      right += first - row.begin() == samples.labels[n];
    }
    const Evaluation e = judged(t.deep, samples);
    EXPECT_NEAR(e.loss / (loss / N), 1, 1e-11) << N << " samples, " << K << " classes";
    EXPECT_TRUE(near(e.accuracy, right / N, 1e-15)) << N << " samples, " << K << " classes";
  }
}

// A label k for k + 1 samples, so that the share of what is right tells which class was taken.
TEST(Evaluate, TakesTheFirstOfEqualLogits) {
  points(2);
  for (int K : {2, 3, 10}) {
    Samples samples{Matrix(K * (K + 1) / 2, 6), {}};
    for (int k = 0; k < K; ++k) samples.labels.insert(samples.labels.end(), k + 1, k);
    const Scalar each = Scalar(1) / Scalar(samples.x.rows());
    samples.x = test_random(247).normal_matrix(0, 1, samples.x.rows(), 6);
    for (bool batch_norm : {false, true}) {
      Random random = test_random(248);
      const DeepNetwork zeros = deep_init({6, 5, 4, K}, Init::zeros, batch_norm, random);
      EXPECT_TRUE(near(judged(zeros, samples).accuracy, each, 1e-15)) << "zeros, of " << K;
    }
    // The largest logit is that of i and of j, which may be one class.
    for (const auto& [largest, others] : {std::pair{1.0, 0.0},
                                          {0.0, -1e-9},
                                          {1e-17, 0.0},
                                          {0.0, -1e-300},
                                          {1.0, std::nextafter(1.0, 0.0)},
                                          {-2.0, -3.0},
                                          {-1e9, -2e9},
                                          {-1e120, -2e120},
                                          {1e120, 1.0}})
      for (int i = 0; i < K; ++i)
        for (int j = i; j < K; ++j) {
          DeepNetwork deep{.net = {.w = {Matrix(6, K)}, .b = {Matrix(1, K, others)}}, .norms = {}};
          deep.net.b[0](0, i) = deep.net.b[0](0, j) = largest;
          EXPECT_TRUE(near(judged(deep, samples).accuracy, (i + 1) * each, 1e-15))
              << "logits " << i << " and " << j << " are the largest, " << largest;
        }
  }
}

TEST(Evaluate, IsRightForLossesOfAnySize) {
  points(1);
  for (double z : {45.0, 300.0, -900.0, -1e6, -1e10, -1e120}) {
    DeepNetwork deep{.net = {.w = {{{Scalar(z), 0}}}, .b = {{{0, 0}}}}, .norms = {}};
    const double loss = z > 0 ? std::log1p(std::exp(-z)) : -z;
    const Evaluation e = judged(deep, {{{1}, {1}, {1}}, {0, 0, 0}});
    EXPECT_NEAR(e.loss / loss, 1, 1e-9) << "a loss of " << loss;
    EXPECT_EQ(e.accuracy, z > 0 ? 1 : 0);
  }
  const Evaluation one = judged({.net = {.w = {{{3}}}, .b = {{{1}}}}, .norms = {}}, {{{2}}, {0}});
  EXPECT_TRUE(near(one.loss, 0, 1e-15) && one.accuracy == 1) << "one class is always right";
}

TEST(Evaluate, RefusesWhatDoesNotFitAndWhatIsNotFinite) {
  points(1);
  const Training t = random_training(242, {.units = kUnits, .batch_norm = true});
  const Samples sound = random_samples(243, 5, 6, 3);
  const auto refused = [&](const DeepNetwork& deep, const Samples& samples) {
    return refuses([&] { evaluate(deep, samples); });
  };
  EXPECT_TRUE(accepts([&] { evaluate(t.deep, sound); }));
  for (const Misfit& misfit : samples_that_do_not_fit(sound))
    EXPECT_TRUE(refused(t.deep, misfit.samples)) << misfit.what;
  for (Scalar bad : {kNaN, kInfinity, -kInfinity}) {
    for (int i = 0; i < 5 * 6; ++i) {
      Samples dirty = sound;
      dirty.x.flat()[i] = bad;
      EXPECT_TRUE(refused(t.deep, dirty)) << bad << " in element " << i << " of x";
    }
    for (const auto& network : spoiled(t.deep, bad))
      EXPECT_TRUE(refused(network.second, sound)) << bad << " " << network.first;
  }
  const DeepNetwork hiding{.net = {.w = {{{-1}}, {{1, 2}}}, .b = {{{0}}, {{0, 0}}}}, .norms = {}};
  EXPECT_TRUE(refused(hiding, {{{1}, {kInfinity}}, {0, 1}})) << "infinity before a dead ReLU";
  for (int n : {100, 601, 1001, 2502}) {
    Samples many = random_samples(244, 2503, 1, 2);
    many.x(n, 0) = kInfinity;
    EXPECT_TRUE(refused(hiding, many)) << "infinity in row " << n << ", before a dead ReLU";
  }
  const Training wide = random_training(245, {.units = {3, 128, 101, 2}});
  for (const auto& network : spoiled(wide.deep, -kInfinity))
    EXPECT_TRUE(refused(network.second, random_samples(246, 5, 3, 2))) << "-inf " << network.first;
  EXPECT_TRUE(refused({}, sound)) << "a network without a layer";
}

// ---- what was taken for what ----

Matrix counted(const std::vector<int>& predicted, const std::vector<int>& labels, int classes) {
  const std::vector<int> predicted_before = predicted, labels_before = labels;
  const Matrix counts = confusion_matrix(predicted, labels, classes);
  EXPECT_TRUE(predicted == predicted_before && labels == labels_before) << "arguments were changed";
  return counts;
}

TEST(ConfusionMatrix, CountsTrueClassesDownAndPredictionsAcross) {
  points(4);
  for (int again = 0; again < 2; ++again)
    EXPECT_TRUE(
        near(counted({0, 1, 1, 2, 1}, {0, 1, 2, 2, 2}, 3), {{1, 0, 0}, {0, 1, 0}, {0, 2, 1}}, 0))
        << (again == 0 ? "" : "the second time");
  EXPECT_TRUE(
      near(counted({3}, {0}, 4), {{0, 0, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, 0))
      << "classes that do not occur keep their rows";
  EXPECT_TRUE(near(counted({0, 0}, {0, 0}, 1), {{2}}, 0)) << "one class";
  EXPECT_TRUE(near(counted({}, {}, 2), Matrix(2, 2), 0)) << "no samples: zeros";
}

TEST(ConfusionMatrix, HasARowForEachClassThatAddsUpToItsSamples) {
  points(3);
  for (int K : {10, 23, 140, 300}) {
    Random random = test_random(170 + K);
    const int N = K < 300 ? 210000 : 6000;  // a product of one-hot matrices must come in time, too
    std::vector<int> predicted, labels;
    Matrix expected(K, K);
    for (int n = 0; n < N; ++n) {
      const bool usual = n % 3 == 0;  // one pair comes 70 000 times, others a few times or never
      predicted.push_back(usual ? 7 : static_cast<int>(random.randint(K)));
      labels.push_back(usual ? 9 : static_cast<int>(random.randint(n % K + 1)));
      expected(labels[n], predicted[n]) += 1;
    }
    const Matrix counts = counted(predicted, labels, K);
    ASSERT_TRUE(near(counts, expected, 0)) << K << " classes";
    for (int i = 0; i < K; ++i) {
      Scalar in_row = 0;
      for (Scalar count : counts.row(i)) in_row += count;
      EXPECT_EQ(in_row, std::ranges::count(labels, i)) << "samples of class " << i;
    }
  }
}

TEST(ConfusionMatrix, RefusesWhatIsNoClass) {
  points(2);
  EXPECT_TRUE(accepts([] { confusion_matrix({0, 2}, {2, 1}, 3); }));
  constexpr int lowest = std::numeric_limits<int>::min(), highest = std::numeric_limits<int>::max();
  for (int bad : {3, -1, lowest, highest})
    for (int place = 0; place < 5; ++place) {
      const std::vector<int> sound = {0, 1, 2, 1, 0};
      std::vector<int> broken = sound;
      broken[place] = bad;
      EXPECT_TRUE(refuses([&] { confusion_matrix(broken, sound, 3); })) << "prediction " << bad;
      EXPECT_TRUE(refuses([&] { confusion_matrix(sound, broken, 3); })) << "label " << bad;
    }
  EXPECT_TRUE(refuses([] { confusion_matrix({0}, {0, 1}, 3); })) << "1 prediction for 2 labels";
  EXPECT_TRUE(refuses([] { confusion_matrix({0, 1}, {0}, 3); })) << "2 predictions for 1 label";
  EXPECT_TRUE(refuses([] { confusion_matrix({}, {0}, 3); })) << "no prediction for a label";
  EXPECT_TRUE(refuses([] { confusion_matrix({0}, {}, 3); })) << "a prediction for no label";
  for (int classes : {0, -2, lowest})
    EXPECT_TRUE(refuses([&] { confusion_matrix({}, {}, classes); })) << classes << " classes";
}

}  // namespace
}  // namespace gradus::testing
