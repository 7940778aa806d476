#include "chapters/09_regularization/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "chapters/05_losses/losses.hpp"
#include "chapters/08_normalization/parameters.hpp"

namespace gradus::regularization {

// ---- Anscombe's first set ----

gradient_descent::Data anscombe() {
  return {
      {{10}, {8}, {13}, {9}, {11}, {14}, {6}, {4}, {12}, {7}, {5}},
      {{8.04}, {6.95}, {7.58}, {8.81}, {8.33}, {9.96}, {7.24}, {4.26}, {10.84}, {4.82}, {5.68}}};
}

LinearModel anscombe_line(double alpha) {
  const auto [x, t] = anscombe();
  return ridge(x, t, static_cast<Scalar>(alpha));
}

std::vector<double> anscombe_slopes(std::vector<double> alphas) {
  for (double& alpha : alphas) alpha = anscombe_line(alpha).w(0, 0);
  return alphas;
}

// ---- one weight, one layer ----

std::vector<Pulled> pull(Scalar weight, Scalar amount, int steps) {
  Matrix shrunk(1, 1, weight), descended(1, 1, weight);
  std::vector<Pulled> path = {{weight, weight}};
  for (int step = 0; step < steps; ++step) {
    l1_shrink(shrunk, amount);
    descend(descended, l1_penalty_gradient(descended, 1), amount);
    path.push_back({shrunk(0, 0), descended(0, 0)});
  }
  return path;
}

Signal signal_under_dropout(Scalar rate, Random& random) {
  const Matrix x(100, 1000, 1);
  auto [y, mask] = dropout_forward(x, rate, random);
  for (Scalar& v : mask.flat()) v = v > 0;
  return {.unscaled = mean_of(mask.flat()),
          .training = mean_of(y.flat()),
          .test = mean_of(dropout_inference(x).flat())};
}

// ---- one run ----

Remedy at_learning_rate(Remedy remedy, Scalar learning_rate) {
  if (learning_rate == remedy.learning_rate) return remedy;
  remedy.name += ", learning rate " + std::to_string(learning_rate);
  remedy.learning_rate = learning_rate;
  return remedy;
}

static Evaluation evaluate(const DeepNetwork& net, const Samples& samples) {
  const Matrix z = deep_inference(net, samples.x);
  const double loss = softmax_cross_entropy(z, samples.labels).loss;
  if (!std::isfinite(loss)) return {.loss = loss, .accuracy = 0};  // NaN predicts nothing
  // Of N samples a whole number is right: in double their share keeps its digits.
  const double N = samples.x.rows(), right = std::round(accuracy(z, samples.labels) * N);
  return {.loss = loss, .accuracy = right / N};
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
  descend_all(parameters(net), gradients(g), remedy.learning_rate);
  if (remedy.l1 > 0)
    for (Matrix& w : net.net.w) l1_shrink(w, remedy.learning_rate * remedy.l1);
  return true;
}

Run train(const Remedy& remedy, const MnistData& data, std::uint32_t seed, int epochs,
          int look_every) {
  const std::vector<int> units = {784, 100, 100, 100, 100, 100, 100, 10};
  const int samples = 300, batch_size = 100;
  // Noise takes most of the time of an augmentation and gains nothing here.
  const Augmentation variants{.shift = 2, .degrees = 10, .noise = 0};
  const bool stops_early = remedy.patience > 0;

  Random random(seed), remedys_own(seed + 1000);
  const IdxImages& images = data.set.train_images;
  Samples validation,
      train = digits(images, data.set.train_labels, random.choice(images.count, samples));
  DeepNetwork net = deep_init(units, Init::he, remedy.batch_norm, random);
  if (stops_early || remedy.fewer) {  // a fifth of the samples is given up
    const Split split = split_samples(samples, 0, 0.2, remedys_own);
    validation = take(train, split.validation);
    train = take(train, split.train);
  }
  Run run;
  run.start = run.end = net;
  EarlyStopping state;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    Samples seen = train;
    if (remedy.augmentation) seen.x = augment(train.x, variants, remedys_own);
    for (const auto& batch : epoch_batches(seen.x.rows(), batch_size, random))
      run.exploded |= !step(net, take(seen, batch), remedy, remedys_own);
    if (run.exploded) return run;
    if (look_every > 0 && (epoch == 1 || epoch % look_every == 0))
      run.looks.push_back({epoch, evaluate(net, train), evaluate(net, data.test)});
    const bool stop =
        stops_early && should_stop(state, evaluate(net, validation).loss, remedy.patience);
    if (!stops_early || state.best_epoch == epoch - 1) {
      run.end = net;
      run.epochs = epoch;
    }
    if (stop) break;
  }
  run.train = evaluate(run.end, train);
  run.test = evaluate(run.end, data.test);
  return run;
}

bool failed(const Run& run) { return run.exploded || run.train.accuracy < 0.95; }

double gap(const Run& run) { return 100 * (run.train.accuracy - run.test.accuracy); }

// ---- a remedy over several seeds ----

const Result& result_of(const Results& results, const Remedy& remedy) {
  return look_up(results, "result of " + remedy.name,
                 [&](const Result& result) { return result.remedy.name == remedy.name; });
}

Results usual_results() {
  Results results;
  for (const Remedy& remedy : remedies) results.push_back({remedy, std::vector<Run>(5)});
  for (Scalar learning_rate : learning_rates)
    for (const Remedy& remedy : {nothing, batch_normalization})
      if (learning_rate != remedy.learning_rate)
        results.push_back({at_learning_rate(remedy, learning_rate), std::vector<Run>(3)});
  return results;
}

int count_of_runs(const Results& results) {
  int count = 0;
  for (const Result& result : results) count += static_cast<int>(result.runs.size());
  return count;
}

void train_all(Results& results, const MnistData& data, const std::function<void()>& after_each,
               int epochs, int look_every) {
  struct Task {
    const Remedy& remedy;
    Run& run;
    std::uint32_t seed;
  };
  std::vector<Task> tasks;
  for (Result& result : results)
    for (std::size_t seed = 0; seed < result.runs.size(); ++seed)
      tasks.push_back({result.remedy, result.runs[seed], static_cast<std::uint32_t>(seed)});
  std::mutex one_at_a_time;
  in_parallel(tasks.size(), [&](std::size_t i) {
    tasks[i].run = train(tasks[i].remedy, data, tasks[i].seed, epochs, look_every);
    const std::lock_guard lock(one_at_a_time);
    if (after_each) after_each();
  });
}

Averages averages_of(const Results& results, const Remedy& remedy) {
  const std::vector<Run>& runs = result_of(results, remedy).runs;
  const auto over_seeds = [&](const auto& value) { return spread_of(column(runs, value)); };
  const Spread train = over_seeds([](const Run& run) { return 100 * run.train.accuracy; });
  const Spread test = over_seeds([](const Run& run) { return 100 * run.test.accuracy; });
  return {
      .train_accuracy = train,
      .test_accuracy = test,
      .gap = train.mean - test.mean,
      .test_loss = over_seeds([](const Run& run) { return run.test.loss; }).mean,
      .epochs = over_seeds([](const Run& run) { return double(run.epochs); }),
      .start_length =
          over_seeds([](const Run& run) { return length_of_weights(run.start.net); }).mean,
      .length = over_seeds([](const Run& run) { return length_of_weights(run.end.net); }).mean,
      .zero_share = 100 * over_seeds([](const Run& run) { return zero_share(run.end.net); }).mean};
}

// ---- what became of the weights ----

static Matrix all_weights(const Network& net) {
  std::vector<Scalar> all;
  for (const Matrix& w : net.w) all.insert(all.end(), w.flat().begin(), w.flat().end());
  Matrix row(1, static_cast<int>(all.size()));
  std::ranges::copy(all, row.flat().begin());
  return row;
}

double zero_share(const Network& net) {
  const Matrix w = all_weights(net);
  return static_cast<double>(std::ranges::count(w.flat(), Scalar(0))) / w.size();
}

initialization::Histogram weight_histogram(const Network& net) {
  const Matrix w = all_weights(net);
  initialization::Histogram h = initialization::histogram_of(w, -0.305, 0.305, 61);
  for (double& height : h.heights) height = 100 * height / w.size();
  return h;
}

}  // namespace gradus::regularization
