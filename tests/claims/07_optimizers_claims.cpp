// Chapter 07: what the figures claim, and what becomes of the formulas as the notes print them.
#include <algorithm>
#include <cmath>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/06_initialization/initialization.hpp"
#include "chapters/07_optimizers/experiment.hpp"
#include "common/matmul.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace optimizers;

// ---- the ravine ----

struct Place {
  Scalar x, y;
};
const Place starts[] = {{-7, 2}, {-7, -1}, {5, 3}, {-3, Scalar(0.5)}, {9, -2}};

TEST(OptimizerClaims, SgdZigzagsAcrossTheRavine) {
  for (const auto [x, y] : starts) {
    const auto path = descend_ravine(Optimizer::sgd, Scalar(0.95), x, y, 30);
    for (std::size_t i = 1; i < path.x.size(); ++i) {
      EXPECT_LT(path.y[i] * path.y[i - 1], 0) << "y crosses the valley in every step";
      EXPECT_GT(path.x[i] * path.x[i - 1], 0) << "x comes from one side";
    }
  }
}

// How far past 0 a coordinate came, as a share of where it started.
double overshoot(const std::vector<double>& path) {
  double worst = 0;
  for (double v : path) worst = std::max(worst, -v / path[0]);
  return worst;
}

TEST(OptimizerClaims, MomentumSwingsPastTheEndOfTheRavineNesterovLess) {
  for (const auto [x, y] : starts) {
    const auto momentum = descend_ravine(Optimizer::momentum, Scalar(0.1), x, y, 30);
    const auto nesterov = descend_ravine(Optimizer::nesterov, Scalar(0.1), x, y, 30);
    EXPECT_GT(overshoot(momentum.x), 0.1);
    EXPECT_GT(overshoot(momentum.y), 0.7);
    EXPECT_LT(overshoot(nesterov.x), overshoot(momentum.x));
    EXPECT_LT(overshoot(nesterov.y), 0.5);
    EXPECT_EQ(overshoot(descend_ravine(Optimizer::sgd, Scalar(0.95), x, y, 30).x), 0);
  }
}

TEST(OptimizerClaims, OnTheRavineAdamIsLastAtTheFiguresRatesAndNotAtEachOnesBest) {
  const auto runs = runs_on_the_ravine();
  const auto loss = [&](Optimizer optimizer) {
    return std::ranges::find(runs, optimizer, &optimizers::Run::optimizer)->loss.back();
  };
  for (Optimizer other : {Optimizer::sgd, Optimizer::momentum}) {
    EXPECT_LT(loss(Optimizer::adagrad), loss(other));
    EXPECT_GT(loss(Optimizer::adam), loss(other));
  }
  const auto best = [](Optimizer optimizer) { return best_on_the_ravine(optimizer).loss.back(); };
  EXPECT_LT(best(Optimizer::adagrad), best(Optimizer::adam));
  EXPECT_LT(best(Optimizer::adam), best(Optimizer::momentum));
  EXPECT_LT(best(Optimizer::momentum), best(Optimizer::sgd));
}

// ---- the size of a step ----

TEST(OptimizerClaims, AdamsFirstStepHasTheSizeOfTheLearningRate) {
  for (double g : {1e-3, 1.0, 1e3, -5.0})
    for (Scalar rate : {Scalar(0.001), Scalar(0.1)}) {
      EXPECT_NEAR(step_sizes(Optimizer::adam, {g}, rate)[0] / rate, 1, 1e-4);
      EXPECT_NEAR(step_sizes(Optimizer::adagrad, {g}, rate)[0] / rate, 1, 1e-4);
      EXPECT_NEAR(step_sizes(Optimizer::rmsprop, {g}, rate)[0] / rate, 10, 1e-3)
          << "RMSProp does not correct its mean: 1 / √0.01";
    }
}

TEST(OptimizerClaims, AdaGradOnlyShrinksAndRmsPropGrowsAgainWhenGradientsBecomeSmall) {
  for (int seed = 0; seed < 5; ++seed) {
    Random random(static_cast<std::uint32_t>(seed));
    std::vector<double> gradients;  // of a size near 1, then near 0.1
    for (int t = 0; t < 600; ++t)
      gradients.push_back((t < 300 ? 1 : 0.1) * random.uniform(0.5, 1.5));
    const auto adagrad = factors(Optimizer::adagrad, gradients, Scalar(0.1)),
               rmsprop = factors(Optimizer::rmsprop, gradients, Scalar(0.1));
    for (std::size_t t = 1; t < adagrad.size(); ++t)
      EXPECT_LE(adagrad[t], adagrad[t - 1] * 1.000001) << "step " << t;
    EXPECT_LT(adagrad[599], 0.1 * adagrad[0]);
    EXPECT_GT(rmsprop[599], 3 * rmsprop[299]) << "forgotten";
  }
}

TEST(OptimizerClaims, RmsPropBeginsLikeAdaGradAtTenTimesItsRate) {
  for (int seed = 0; seed < 5; ++seed) {
    Random random(static_cast<std::uint32_t>(seed));
    std::vector<double> gradients;
    for (int t = 0; t < 20; ++t) gradients.push_back(random.normal());
    const auto adagrad = step_sizes(Optimizer::adagrad, gradients, Scalar(0.01));
    const auto rmsprop = step_sizes(Optimizer::rmsprop, gradients, Scalar(0.001));
    for (std::size_t t = 0; t < adagrad.size(); ++t)
      EXPECT_NEAR(rmsprop[t] / adagrad[t], 1, 0.11) << "step " << t;
  }
}

TEST(OptimizerClaims, UnderAConstantGradientMomentumReachesTenTimesTheStep) {
  const auto sizes = step_sizes(Optimizer::momentum, std::vector<double>(200, 1.0), Scalar(0.1));
  EXPECT_NEAR(sizes[0], 0.1, 1e-6);
  EXPECT_NEAR(sizes[199], 1, 1e-4) << "1 / (1 - 0.9)";
}

// ---- the race ----

TEST(OptimizerClaims, InTheRaceMomentumOvershootsAndAdaGradComesLast) {
  for (std::uint32_t seed : {42u, 0u, 1u, 2u, 3u}) {
    Random random(seed);
    const gradient_descent::Data line = points_on_a_line(random);
    const auto runs = race(line, {{{Scalar(-1.5)}}, 0}, 60);
    const auto losses = [&](Optimizer optimizer) {
      return std::ranges::find(runs, optimizer, &optimizers::Run::optimizer)->loss;
    };
    const auto rises = [](const std::vector<double>& v) {
      int count = 0;
      for (std::size_t i = 1; i < v.size(); ++i) count += v[i] > 1.02 * v[i - 1];
      return count;
    };
    EXPECT_GT(rises(losses(Optimizer::momentum)), 5) << "it swings to and fro, seed " << seed;
    EXPECT_EQ(rises(losses(Optimizer::sgd)), 0) << "SGD never rises, seed " << seed;
    EXPECT_LT(rises(losses(Optimizer::nesterov)), rises(losses(Optimizer::momentum)));
    for (Optimizer other : all_optimizers) {
      if (other == Optimizer::adagrad) continue;
      EXPECT_LT(2 * losses(other)[60], losses(Optimizer::adagrad)[60]) << name_of(other);
    }
    EXPECT_NEAR(losses(Optimizer::adamw)[60] / losses(Optimizer::adam)[60], 1, 0.1)
        << "a small decay hardly shows";
  }
}

// ---- MNIST ----

TEST(OptimizerClaims, OnMnistTheAdaptiveOnesLeadAtTheUsualRatesAndAllEndAlikeAtTheirBest) {
  const Samples samples = training_digits();
  for (std::uint32_t seed : {0u, 1u, 42u}) {
    const auto run = [&](Optimizer optimizer, double learning_rate) {
      return train(optimizer, static_cast<Scalar>(learning_rate), samples, seed);
    };
    const auto sgd = run(Optimizer::sgd, 0.01), momentum = run(Optimizer::momentum, 0.01);
    for (Optimizer optimizer : {Optimizer::adagrad, Optimizer::rmsprop, Optimizer::adam}) {
      const auto adaptive = run(optimizer, usual_learning_rate(optimizer));
      for (int batch : {50, 100, 300}) {
        EXPECT_LT(adaptive.mean_loss(batch), 0.85 * momentum.mean_loss(batch))
            << name_of(optimizer) << batch;
        EXPECT_LT(momentum.mean_loss(batch), 0.5 * sgd.mean_loss(batch)) << batch;
      }
    }
    const double best_sgd = run(Optimizer::sgd, 0.3).mean_loss(batches),
                 best_momentum = run(Optimizer::momentum, 0.1).mean_loss(batches),
                 best_adagrad = run(Optimizer::adagrad, 0.03).mean_loss(batches),
                 best_rmsprop = run(Optimizer::rmsprop, 0.003).mean_loss(batches),
                 best_adam = run(Optimizer::adam, 0.003).mean_loss(batches);
    EXPECT_NEAR(best_momentum / best_adam, 1, 0.25) << "neither is clearly ahead, seed " << seed;
    for (double best : {best_momentum, best_adagrad, best_rmsprop, best_adam}) {
      EXPECT_LT(best, 0.23) << "seed " << seed;
      EXPECT_LT(best, best_sgd) << "SGD comes last, seed " << seed;
    }
    EXPECT_LT(best_sgd, 0.26) << "and not by much, seed " << seed;
  }
}

// ---- numbers at the edge of what a Scalar holds; the demonstration's Scalar is float ----

TEST(OptimizerClaims, AWeightWithATinyGradientMovesAsPyTorchMovesIt) {
  Matrix w(1, 1);
  OptimizerState state;
  adam_step(w, {{Scalar(1e-30)}}, state, Scalar(0.1));  // its square is 0: ε alone divides
  EXPECT_NEAR(w(0, 0) / -1e-23, 1, 1e-5);
}

// ---- the formulas as the notes print them: docs/errata.md ----

// The ravine's loss after each of 30 steps of a formula with a state h.
template <class Formula>
std::vector<double> ravine_losses(Formula formula, Scalar rate) {
  double x = -7, y = 2, hx = 0, hy = 0;
  std::vector<double> losses = {ravine(-7, 2)};
  for (int i = 0; i < 30; ++i) {
    const double gx = x / 10, gy = 2 * y;
    formula(x, gx, hx, rate), formula(y, gy, hy, rate);
    losses.push_back(x * x / 20 + y * y);
  }
  return losses;
}

void expect_climb(const std::vector<double>& losses) {
  for (std::size_t i = 1; i < losses.size(); ++i) EXPECT_GT(losses[i], losses[i - 1]);
}

TEST(Errata, AdaGradAsPrintedClimbs) {
  expect_climb(ravine_losses(
      [](double& w, double dw, double& h, double rate) {
        h += dw * dw;
        w = w + rate * dw / std::sqrt(h);
      },
      Scalar(1.5)));
  const auto right = descend_ravine(Optimizer::adagrad, Scalar(1.5), -7, 2, 30);
  EXPECT_LT(right.loss.back(), 0.01) << "with - it descends";
}

TEST(Errata, RmsPropAsPrintedClimbs) {
  expect_climb(ravine_losses(
      [](double& w, double dw, double& h, double rate) {
        h = 0.99 * h + 0.01 * dw * dw;
        w = w + rate * dw / std::sqrt(h + 1e-8);
      },
      Scalar(0.1)));
  const auto right = descend_ravine(Optimizer::rmsprop, Scalar(0.1), -7, 2, 30);
  EXPECT_LT(right.loss.back(), 0.5) << "with - it descends";
}

struct PrintedAdam {
  double m = 0, v = 0;
  int t = 0;
  double step(double dw, double rate, double epsilon) {
    t += 1;
    m = 0.9 * m - 0.1 * dw;
    v = 0.999 * v + 0.001 * dw * dw;
    return rate * (m / (1 - std::pow(0.9, t))) / std::sqrt(v / (1 - std::pow(0.999, t)) + epsilon);
  }
};

TEST(Errata, AdamAsPrintedGoesTheSameWayWithAnMOfTheOtherSign) {
  Random random(1);
  PrintedAdam printed;
  OptimizerState state;
  Matrix w(1, 1);
  double other = 0;
  for (int i = 0; i < 50; ++i) {
    const double dw = random.normal();
    other += printed.step(dw, 0.1, 1e-8);
    adam_step(w, {{static_cast<Scalar>(dw)}}, state, Scalar(0.1));
    EXPECT_NEAR(w(0, 0), other, 1e-4);
    EXPECT_NEAR(printed.m, -state.direction(0, 0), 1e-5);
  }
}

TEST(Errata, EpsilonUnderTheRootShortensAdamsFirstStepAHundredTimes) {
  EXPECT_NEAR(PrintedAdam().step(-1e-6, 0.1, 1e-8), 0.001, 1e-5) << "√(1e-12 + 1e-8) is 1e-4";
  EXPECT_NEAR(step_sizes(Optimizer::adam, {1e-6}, Scalar(0.1))[0], 0.1, 0.002) << "1e-6 + 1e-8";
}

TEST(Errata, AdaGradAsPrintedDividesZeroByZero) {
  const double dw = 0, h = dw * dw;
  EXPECT_TRUE(std::isnan(1 / std::sqrt(h) * dw)) << "a weight without gradient becomes NaN";
  EXPECT_EQ(step_sizes(Optimizer::adagrad, {0}, Scalar(0.1))[0], 0) << "with ε it stays";
}

TEST(Errata, AdaGradIsNotFastestDownTheSteepestSlope) {
  Matrix w(1, 2), plain(1, 2);
  OptimizerState state;
  for (int i = 0; i < 10; ++i) adagrad_step(w, {{1, 100}}, state, Scalar(0.1));
  sgd_step(plain, {{1, 100}}, Scalar(0.1));
  EXPECT_NEAR(plain(0, 1) / plain(0, 0), 100, 1e-3) << "SGD: a hundred times as far";
  EXPECT_NEAR(w(0, 1) / w(0, 0), 1, 1e-4) << "AdaGrad: exactly as far down the steep side";
}

TEST(Errata, RmsPropDoesNotNoticeThatLearningStalls) {
  std::vector<double> forward(200, 1.0), to_and_fro;
  for (int t = 0; t < 200; ++t) to_and_fro.push_back(t % 2 == 0 ? 1 : -1);
  EXPECT_EQ(step_sizes(Optimizer::rmsprop, forward, Scalar(0.1)),
            step_sizes(Optimizer::rmsprop, to_and_fro, Scalar(0.1)))
      << "one comes along and the other gets nowhere: the same factor, to the last bit";
}

TEST(Errata, XavierOfTheNotesIsLeCunsAndCountsInputs) {
  for (std::uint32_t seed : {0u, 1u, 2u}) {
    Random random(seed);
    const Matrix x = random.normal_matrix(0, 1, 500, 100);
    EXPECT_NEAR(standard_deviation(xavier_init(100, 400, random)), 0.1, 0.002) << "√(1/100)";
    EXPECT_NEAR(standard_deviation(glorot_init(100, 400, random)), std::sqrt(2 / 500.0), 0.002);
    const auto spread = [&](double deviation) {
      return standard_deviation(
          matmul(x, normal_init(100, 400, static_cast<Scalar>(deviation), random)));
    };
    EXPECT_NEAR(spread(1 / std::sqrt(100)), 1, 0.03) << "n is the number of inputs";
    EXPECT_NEAR(spread(1 / std::sqrt(400)), 0.5, 0.02) << "with the layer's own nodes it halves";
  }
}

}  // namespace
}  // namespace gradus::testing
