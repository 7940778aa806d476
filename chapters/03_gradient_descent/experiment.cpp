#include "chapters/03_gradient_descent/experiment.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "common/runs.hpp"

namespace gradus::gradient_descent {

// ---- the line ----

Data noisy_line(int N, const LinearModel& line, double noise, Random& random) {
  Data data{.x = random.uniform_matrix(0, 2, N, 1), .t = random.normal_matrix(0, noise, N, 1)};
  const Matrix y = linear_predict(line, data.x);
  for (int n = 0; n < N; ++n) data.t(n, 0) += y(n, 0);
  return data;
}

Data noisy_line(std::uint32_t seed) {
  Random random(seed);
  return noisy_line(1000, {.w = {{2}}, .b = 1}, 0.5, random);
}

LinearModel origin() { return {.w = Matrix(1, 1), .b = 0}; }

LinearModel minimum_of(const Data& data) {
  return batch_descent(origin(), data.x, data.t, 1 / largest_curvature(data.x), 1000).path.back();
}

Scalar excess(const LinearModel& model, const LinearModel& minimum, const Data& data) {
  return linear_loss(model, data.x, linear_predict(minimum, data.x));
}

double sum_of_curvatures(const Data& data) {
  double sum = 0;
  for (double x : data.x.flat()) sum += x * x;
  return 1 + sum / data.x.rows();
}

double smallest_curvature(const Data& data) {
  return sum_of_curvatures(data) - largest_curvature(data.x);
}

// ---- descents ----

Descent descend_by(int batch_size, const LinearModel& start, const Data& data, Scalar learning_rate,
                   int steps, Random& random) {
  const auto& [x, t] = data;
  if (batch_size == x.rows()) return batch_descent(start, x, t, learning_rate, steps);
  if (batch_size == 1) return stochastic_descent(start, x, t, learning_rate, steps, random);
  return mini_batch_descent(start, x, t, learning_rate, batch_size, steps, random);
}

std::vector<LinearModel> descend_in_epochs(int batch_size, const LinearModel& start,
                                           const Data& data, Scalar learning_rate, int epochs,
                                           Random& random) {
  std::vector<LinearModel> path = {start};
  for (int e = 0; e < epochs; ++e)
    for (const std::vector<int>& batch : epoch_batches(data.x.rows(), batch_size, random)) {
      const Matrix x = take_rows(data.x, batch), t = take_rows(data.t, batch);
      path.push_back(batch_descent(path.back(), x, t, learning_rate, 1).path.back());
    }
  return path;
}

int steps_down(const Data& data, Scalar learning_rate, int most) {
  const Scalar lowest = linear_loss(minimum_of(data), data.x, data.t);
  const std::vector<Scalar> loss =
      batch_descent(origin(), data.x, data.t, learning_rate, most).loss;
  for (int i = 0; i < most; ++i)
    if (loss[i] - lowest <= (loss[0] - lowest) / 10000) return i;
  return -1;
}

double expected_excess(const Data& data, int batch_size) {
  if (batch_size == data.x.rows()) return 0;
  const double lowest = linear_loss(minimum_of(data), data.x, data.t);
  return usual_learning_rate * sum_of_curvatures(data) * lowest / (2 * batch_size);
}

// ---- runs ----

int batch_size_of(Method method, const Data& data) {
  if (method == Method::batch) return data.x.rows();
  return method == Method::stochastic ? 1 : mini_batch_size;
}

// The steps to look at: 1, 1.2, 1.5, … rounded down, each once.
static std::vector<int> marks_up_to(int steps) {
  std::vector<int> marks;
  for (double mark = 1; mark <= steps; mark *= 1.2)
    if (marks.empty() || marks.back() < static_cast<int>(mark))
      marks.push_back(static_cast<int>(mark));
  return marks;
}

Run measure(Method method, const Data& data) {
  const int samples = 300000, N = data.x.rows();
  const LinearModel minimum = minimum_of(data);
  Run run{.method = method, .batch_size = batch_size_of(method, data)};
  const int steps = samples / run.batch_size;
  const std::vector<int> marks = marks_up_to(steps);
  for (int mark : marks) run.seen.push_back(1.0 * mark * run.batch_size);
  run.loss.assign(marks.size(), 0);
  for (std::uint32_t seed = 0; seed < repetitions; ++seed) {
    Random random(seed);
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<LinearModel> path =
        method == Method::mini_batch_in_epochs
            ? descend_in_epochs(run.batch_size, origin(), data, usual_learning_rate, samples / N,
                                random)
            : descend_by(run.batch_size, origin(), data, usual_learning_rate, steps, random).path;
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - begin;
    run.step_time = std::min(run.step_time, taken.count() / steps);
    for (std::size_t i = 0; i < marks.size(); ++i)
      run.loss[i] += excess(path[marks[i]], minimum, data) / repetitions;
    run.early.push_back(excess(path[N / run.batch_size], minimum, data));
    run.late.push_back(excess(path.back(), minimum, data));
  }
  return run;
}

const Run& run_of(const std::vector<Run>& runs, Method method) {
  return look_up(runs, "run of this method", [&](const Run& run) { return run.method == method; });
}

// ---- noise ----

static double root_mean_square(std::vector<double> values) {
  for (double& v : values) v *= v;
  return std::sqrt(mean_of(values));
}

static double gradient_by_w(const LinearModel& model, const Data& data,
                            const std::vector<int>& batch) {
  return linear_gradient(model, take_rows(data.x, batch), take_rows(data.t, batch)).w(0, 0);
}

double gradient_spread(const Data& data, int batch_size, int draws, Random& random) {
  const LinearModel minimum = minimum_of(data);
  std::vector<double> dw;
  for (int i = 0; i < draws; ++i)
    dw.push_back(gradient_by_w(minimum, data, random.choice(data.x.rows(), batch_size)));
  return root_mean_square(dw);
}

double sample_gradient_spread(const Data& data) {
  const LinearModel minimum = minimum_of(data);
  std::vector<double> dw;
  for (int n = 0; n < data.x.rows(); ++n) dw.push_back(gradient_by_w(minimum, data, {n}));
  return root_mean_square(dw);
}

double path_spread(const Data& data, int batch_size, int steps, Random& random) {
  const LinearModel minimum = minimum_of(data);
  std::vector<double> away;
  const Descent d = descend_by(batch_size, minimum, data, usual_learning_rate, steps, random);
  for (const LinearModel& model : d.path) away.push_back(model.w(0, 0) - minimum.w(0, 0));
  return root_mean_square(away);
}

std::vector<std::vector<int>> drawn_batches(int samples, int batch_size, Random& random) {
  std::vector<std::vector<int>> batches;
  for (int i = 0; i < iterations_per_epoch(samples, batch_size); ++i)
    batches.push_back(random.choice(samples, batch_size));
  return batches;
}

int never_seen(int samples, const std::vector<std::vector<int>>& batches) {
  std::set<int> seen;
  for (const std::vector<int>& batch : batches) seen.insert(batch.begin(), batch.end());
  return samples - static_cast<int>(seen.size());
}

}  // namespace gradus::gradient_descent
