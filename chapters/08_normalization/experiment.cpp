#include "chapters/08_normalization/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "common/gradient_check.hpp"
#include "common/runs.hpp"

namespace gradus::normalization {

// ---- data ----

std::vector<double> lecture_values() {
  Random random(42);
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(random.normal(10, 5));
  return values;
}

Matrix column(const std::vector<double>& values) {
  Matrix x(static_cast<int>(values.size()), 1);
  for (int n = 0; n < x.rows(); ++n) x(n, 0) = static_cast<Scalar>(values[n]);
  return x;
}

Matrix two_features(std::uint32_t seed) {
  Matrix x = Random(seed).normal_matrix(0, 1, 200, 2);
  for (int n = 0; n < x.rows(); ++n) {
    x(n, 0) += 10;
    x(n, 1) = 1000 + 50 * x(n, 1);
  }
  return x;
}

Matrix z_scores(const Matrix& x) { return standardize_apply(standardize_fit(x), x); }

Matrix squares(Matrix x) {
  for (Scalar& v : x.flat()) v *= v;
  return x;
}

Moments moments_of(const Matrix& x, int d) {
  std::vector<double> values;
  for (int n = 0; n < x.rows(); ++n) values.push_back(x(n, d));
  const auto [mean, deviation] = spread_of(values);
  for (double& v : values) v = std::pow((v - mean) / deviation, 3);
  return {.mean = mean, .deviation = deviation, .skewness = mean_of(values)};
}

Matrix normalized_as_printed(const Matrix& x, Scalar gamma, Scalar beta) {
  const auto [mean, deviation] = spread_of({x.flat().begin(), x.flat().end()});
  Matrix y = x;
  for (Scalar& v : y.flat())
    v = static_cast<Scalar>(gamma * (v - mean) / std::sqrt(deviation * deviation + 1e-8) + beta);
  return y;
}

BatchNorm norm_of(const std::vector<double>& values) {
  BatchNorm norm = batch_norm_init(1);
  for (int repetition = 0; repetition < 10; ++repetition)
    for (auto first = values.begin(); first != values.end(); first += 100)
      batch_norm_forward(norm, column({first, first + 100}));
  return norm;
}

gradient_descent::Data standardized(gradient_descent::Data data) {
  data.x = z_scores(data.x);
  return data;
}

// ---- what a gradient check sees of wrong backward passes ----

SmallBatch small_batch(int N, std::uint32_t seed) {
  Random random(seed);
  SmallBatch batch{.x = random.normal_matrix(0, 1, N, 1),
                   .dy = random.normal_matrix(0, 1, N, 1),
                   .norm = batch_norm_init(1)};
  batch.norm.gamma(0, 0) = Scalar(1.5);
  batch.norm.beta(0, 0) = Scalar(-0.5);
  return batch;
}

BatchNormGradients claimed(Backward version, const SmallBatch& batch) {
  const int N = batch.x.rows();
  BatchNorm norm = batch.norm;
  BatchNormForward forward = batch_norm_forward(norm, batch.x);
  if (version == Backward::no_variance_path) forward.x_hat = Matrix(N, 1);
  BatchNormGradients g = batch_norm_backward(batch.dy, norm, forward);
  const Scalar mean_path = norm.gamma(0, 0) * forward.inverse(0, 0) * g.dbeta(0, 0) / N;
  if (version == Backward::no_mean_path)
    for (Scalar& v : g.dx.flat()) v += mean_path;
  if (version == Backward::zeros) g.dx = Matrix(N, 1);
  if (version == Backward::dbeta_mean) g.dbeta(0, 0) /= N;
  return g;
}

bool passes(Backward version, const SmallBatch& batch) {
  const auto loss = [&](const Matrix& x, const Matrix& beta) {
    BatchNorm norm = batch.norm;
    norm.beta = beta;
    const Matrix y = batch_norm_forward(norm, x).y;
    double sum = 0;
    for (int n = 0; n < y.rows(); ++n) sum += double{batch.dy(n, 0)} * y(n, 0);
    return static_cast<Scalar>(sum);
  };
  const Matrix &x = batch.x, &beta = batch.norm.beta;
  const BatchNormGradients g = claimed(version, batch);
  return gradient_check([&](const Matrix& at) { return loss(at, beta); }, x, g.dx).within() &&
         gradient_check([&](const Matrix& at) { return loss(x, at); }, beta, g.dbeta).within();
}

int count_passing(Backward version, int N) {
  int count = 0;
  for (std::uint32_t seed = 0; seed < small_batches; ++seed)
    count += passes(version, small_batch(N, seed));
  return count;
}

double largest_dx(int N) {
  double largest = 0;
  for (std::uint32_t seed = 0; seed < small_batches; ++seed) {
    const Matrix dx = claimed(Backward::right, small_batch(N, seed)).dx;
    for (double v : dx.flat()) largest = std::max(largest, std::abs(v));
  }
  return largest;
}

// ---- MNIST ----

DeepNetwork scaled_network(const Settings& settings, Random& random) {
  const std::vector<int> units = {784, 100, 100, 100, 100, 100, 10};
  DeepNetwork deep = deep_init(units, Init::zeros, settings.batch_norm, random);
  for (Matrix& w : deep.net.w)
    w = normal_init(w.rows(), w.cols(), static_cast<Scalar>(settings.weight_scale), random);
  for (BatchNorm& norm : deep.norms) norm.epsilon = static_cast<Scalar>(settings.epsilon);
  return deep;
}

std::vector<double> weight_scales() {
  std::vector<double> scales;
  for (int i = 0; i < 16; ++i) scales.push_back(std::pow(10.0, -4.0 * i / 15));
  return scales;
}

// A batch norm refuses what has exploded, from learning rates of about 100 on: an infinite loss.
static DeepGradient gradient_or_explosion(DeepNetwork& deep, const Samples& batch) {
  try {
    return deep_gradient(deep, batch.x, batch.labels);
  } catch (const std::invalid_argument&) {
    return {.loss = std::numeric_limits<Scalar>::infinity(), .d = {}, .dgamma = {}, .dbeta = {}};
  }
}

// One step of plain descent; returns the loss of the batch before it.
static Scalar step(DeepNetwork& deep, const Samples& batch, Scalar learning_rate) {
  const DeepGradient g = gradient_or_explosion(deep, batch);
  if (!std::isfinite(g.loss)) return g.loss;
  descend_all(parameters(deep), gradients(g), learning_rate);
  return g.loss;
}

Run train(const Samples& images, const Settings& settings) {
  Random random(settings.seed);
  Run run{.settings = settings};
  run.deep = scaled_network(settings, random);
  for (int epoch = 0; epoch < settings.epochs; ++epoch) {
    double loss = 0;
    const auto batches = epoch_batches(images.x.rows(), 100, random);
    for (const std::vector<int>& batch : batches)
      loss += step(run.deep, take(images, batch), static_cast<Scalar>(settings.learning_rate));
    run.loss.push_back(loss / static_cast<double>(batches.size()));
    run.accuracy.push_back(accuracy_on(images, run.deep));
  }
  return run;
}

std::vector<Run> train_without_and_with(const Samples& images,
                                        const std::vector<Settings>& settings) {
  std::vector<Run> runs;
  for (Settings s : settings)
    for (bool batch_norm : {false, true}) {
      s.batch_norm = batch_norm;
      runs.push_back({.settings = s});
    }
  in_parallel(runs.size(), [&](std::size_t i) { runs[i] = train(images, runs[i].settings); });
  return runs;
}

const Run& run_of(const std::vector<Run>& runs, double weight_scale, bool batch_norm) {
  return look_up(runs, "run from this scale", [&](const Run& run) {
    return run.settings.weight_scale == weight_scale && run.settings.batch_norm == batch_norm;
  });
}

int scales_that_train(const std::vector<Run>& runs, bool batch_norm) {
  return static_cast<int>(std::ranges::count_if(runs, [&](const Run& run) {
    return run.settings.batch_norm == batch_norm && run.accuracy.back() > 1.0 / 3;
  }));
}

int epochs_to(const Run& run, double goal) {
  for (std::size_t e = 0; e < run.loss.size(); ++e)
    if (run.loss[e] < goal) return static_cast<int>(e) + 1;
  return 0;
}

double accuracy_on(const Samples& images, const DeepNetwork& deep) {
  const Matrix z = deep_inference(deep, images.x);
  if (!std::ranges::all_of(z.flat(), [](Scalar v) { return std::isfinite(v); })) return 0;
  return accuracy(z, images.labels);
}

}  // namespace gradus::normalization
