// What the demonstration shows and the claims assert.

#include "chapters/09_regularization/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "chapters/05_losses/losses.hpp"
#include "chapters/07_optimizers/optimizers.hpp"
#include "chapters/08_normalization/parameters.hpp"

namespace gradus::regularization {

Points anscombe() {
  const double values[][2] = {{10, 8.04}, {8, 6.95}, {13, 7.58},  {9, 8.81}, {11, 8.33}, {14, 9.96},
                              {6, 7.24},  {4, 4.26}, {12, 10.84}, {7, 4.82}, {5, 5.68}};
  Points points{Matrix(11, 1), Matrix(11, 1)};
  for (int n = 0; n < points.x.rows(); ++n) {
    points.x(n, 0) = static_cast<Scalar>(values[n][0]);
    points.t(n, 0) = static_cast<Scalar>(values[n][1]);
  }
  return points;
}

Remedy at_rate(Remedy remedy, double learning_rate) {
  if (static_cast<Scalar>(learning_rate) == remedy.learning_rate) return remedy;
  remedy.name += ", rate " + std::to_string(learning_rate);
  remedy.learning_rate = static_cast<Scalar>(learning_rate);
  return remedy;
}

Data load_data() {
  Data data{.set = read_mnist(GRADUS_ROOT "/data/mnist"), .test = {}};
  std::vector<int> indices;
  for (int i = 0; i < data.set.test_images.count; i += 5) indices.push_back(i);
  data.test = digits(data.set.test_images, data.set.test_labels, indices);
  return data;
}

// ---- one training ----

static Score score(const DeepNetwork& net, const Samples& samples) {
  const Matrix z = deep_inference(net, samples.x);
  return {accuracy(z, samples.labels), softmax_cross_entropy(z, samples.labels).loss};
}

static void add(Matrix& sum, const Matrix& more) {
  for (int i = 0; i < sum.size(); ++i) sum.flat()[i] += more.flat()[i];
}

// One step of descent. The penalties pull at weights only. False, and no step, where the loss is no
// longer finite.
static bool step(DeepNetwork& net, const Samples& batch, const Remedy& remedy, Random& random) {
  std::vector<Matrix> masks;
  if (remedy.dropout > 0) masks = dropout_masks(net, batch.x.rows(), remedy.dropout, random);
  DeepGradient g = deep_gradient(net, batch.x, batch.labels, masks);
  if (!std::isfinite(g.loss)) return false;
  for (std::size_t l = 0; l < net.net.w.size(); ++l) {
    const Matrix& w = net.net.w[l];
    if (remedy.l2 > 0) add(g.d.w[l], l2_penalty_gradient(w, remedy.l2));
    if (remedy.l1_by_gradient > 0) add(g.d.w[l], l1_penalty_gradient(w, remedy.l1_by_gradient));
  }
  const std::vector<Matrix*> all = parameters(net);
  const std::vector<const Matrix*> d = gradients(g);
  for (std::size_t i = 0; i < all.size(); ++i) descend(*all[i], *d[i], remedy.learning_rate);
  if (remedy.l1 > 0)
    for (Matrix& w : net.net.w) l1_shrink(w, remedy.learning_rate * remedy.l1);
  return true;
}

Run train(const Remedy& remedy, const Data& data, std::uint32_t seed, int epochs, int look_every) {
  // Noise takes most of the time of an augmentation and gains nothing here.
  const Augmentation variants{.shift = 2, .degrees = 10, .noise = 0};
  const int samples = 300, batch_size = 100;

  Random random(seed), remedys_own(seed + 1000);
  const MnistSet& set = data.set;
  Samples train =
      digits(set.train_images, set.train_labels, random.choice(set.train_images.count, samples));
  DeepNetwork net =
      deep_init({784, 100, 100, 100, 100, 100, 100, 10}, Init::he, remedy.batch_norm, random);
  Run run;
  run.start = run.end = net;
  Samples validation;
  if (remedy.patience > 0 || remedy.fewer) {  // a fifth of the samples is given up
    const Split split = split_samples(samples, 0, Scalar(0.2), remedys_own);
    validation = take(train, split.validation);
    train = take(train, split.train);
  }
  EarlyStopping state;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    Samples seen = train;
    if (remedy.augmentation) seen.x = augment(train.x, variants, remedys_own);
    for (const auto& batch : epoch_batches(seen.x.rows(), batch_size, random))
      run.exploded |= !step(net, take(seen, batch), remedy, remedys_own);
    if (run.exploded) return run;
    if (look_every > 0 && (epoch == 1 || epoch % look_every == 0))
      run.looks.push_back({epoch, score(net, train), score(net, data.test)});
    if (remedy.patience == 0) continue;
    const bool stop =
        should_stop(state, static_cast<Scalar>(score(net, validation).loss), remedy.patience);
    if (state.best_epoch == epoch - 1) run.end = net;
    if (stop) break;
  }
  if (remedy.patience == 0) run.end = std::move(net);
  run.epochs = remedy.patience > 0 ? state.best_epoch + 1 : epochs;
  run.train = score(run.end, train);
  run.test = score(run.end, data.test);
  return run;
}

bool failed(const Run& run) { return run.exploded || run.train.accuracy < 0.95; }

// ---- a remedy over several seeds ----

void train_all(std::vector<Result>& results, const Data& data,
               const std::function<void()>& after_each, int epochs, int look_every) {
  struct Task {
    const Remedy& remedy;
    Run& run;
    std::uint32_t seed;
  };
  std::vector<Task> tasks;
  for (Result& result : results)
    for (std::size_t seed = 0; seed < result.runs.size(); ++seed)
      tasks.push_back({result.remedy, result.runs[seed], static_cast<std::uint32_t>(seed)});
#pragma omp parallel for schedule(dynamic)
  for (const Task& task : tasks) {
    task.run = train(task.remedy, data, task.seed, epochs, look_every);
#pragma omp critical
    after_each();
  }
}

const Result& result_of(const std::vector<Result>& results, const Remedy& remedy) {
  for (const Result& result : results)
    if (result.remedy.name == remedy.name) return result;
  throw std::invalid_argument("no result of " + remedy.name);
}

Summary over_seeds(const Result& result, const std::function<double(const Run&)>& value) {
  const double count = static_cast<double>(result.runs.size());
  Summary s;
  for (const Run& run : result.runs) s.mean += value(run) / count;
  for (const Run& run : result.runs) s.deviation += std::pow(value(run) - s.mean, 2) / count;
  s.deviation = std::sqrt(s.deviation);
  return s;
}

Summary train_accuracy(const Result& result) {
  return over_seeds(result, [](const Run& run) { return 100 * run.train.accuracy; });
}

Summary test_accuracy(const Result& result) {
  return over_seeds(result, [](const Run& run) { return 100 * run.test.accuracy; });
}

double gap(const Result& result) {
  return train_accuracy(result).mean - test_accuracy(result).mean;
}

// ---- what became of the weights ----

static double count_of_weights(const Network& net) {
  double count = 0;
  for (const Matrix& w : net.w) count += w.size();
  return count;
}

double zero_share(const Network& net) {
  double zeros = 0;
  for (const Matrix& w : net.w)
    zeros += static_cast<double>(std::ranges::count(w.flat(), Scalar(0)));
  return zeros / count_of_weights(net);
}

double length(const Network& net) {
  double squares = 0;
  for (const Matrix& w : net.w)
    for (Scalar v : w.flat()) squares += double{v} * double{v};
  return std::sqrt(squares);
}

std::vector<double> weight_histogram(const Network& net, double low, double high, int bins) {
  std::vector<double> shares(static_cast<std::size_t>(bins));
  for (const Matrix& w : net.w) {
    const std::vector<int> counts =
        histogram(w, static_cast<Scalar>(low), static_cast<Scalar>(high), bins);
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i] += counts[i] / count_of_weights(net);
  }
  return shares;
}

}  // namespace gradus::regularization
