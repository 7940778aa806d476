// What the demonstration shows and the claims assert: one line through 1000 noisy samples.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "chapters/03_gradient_descent/gradient_descent.hpp"

namespace gradus {

constexpr int samples = 1000;
constexpr Scalar usual_rate = 0.1;

// x (N,1) in [0, 2), t = 2 x + 1 with noise of standard deviation 0.5. Because x is not centred, w
// and b work against each other: the loss is a long valley.
struct Data {
  Matrix x, t;
};
inline Data noisy_line(std::uint32_t seed) {
  Random random(seed);
  Data data{.x = random.uniform_matrix(0, 2, samples, 1),
            .t = random.normal_matrix(0, 0.5, samples, 1)};
  for (int n = 0; n < samples; ++n) data.t(n, 0) += 2 * data.x(n, 0) + 1;
  return data;
}

inline LinearModel origin() { return {.w = Matrix(1, 1), .b = 0}; }

inline LinearModel minimum_of(const Data& data) {
  return batch_descent(origin(), data.x, data.t, 1 / largest_curvature(data.x), 1000).path.back();
}

// How far the loss over all samples lies above its minimum. The difference of two losses would lose
// its digits near the minimum. But there the errors are at right angles to all that a line can
// change, so by Pythagoras that difference is the loss with the minimum's own line as the target.
inline Scalar excess(const LinearModel& model, const LinearModel& minimum, const Data& data) {
  return linear_loss(model, data.x, linear_predict(minimum, data.x));
}

// One of the three, by the size of its batch.
inline Descent descend(const LinearModel& start, const Data& data, Scalar rate, int batch_size,
                       int steps, Random& random) {
  if (batch_size == samples) return batch_descent(start, data.x, data.t, rate, steps);
  if (batch_size == 1) return stochastic_descent(start, data.x, data.t, rate, steps, random);
  return mini_batch_descent(start, data.x, data.t, rate, batch_size, steps, random);
}

// λmin + λmax, the trace of the matrix of second derivatives 1/N [x 1]^T [x 1].
inline double both_curvatures(const Data& data) {
  double sum = 0;
  for (int n = 0; n < samples; ++n) sum += data.x(n, 0) * data.x(n, 0);
  return 1 + sum / samples;
}

// To first order in the rate, the mean excess that batches of this size, drawn anew, end at.
inline double floor_of(const Data& data, int batch_size) {
  if (batch_size == samples) return 0;
  const double lowest = linear_loss(minimum_of(data), data.x, data.t);
  return usual_rate * both_curvatures(data) * lowest / (2 * batch_size);
}

// `descend` with batches of epochs: each is one step of batch descent on its own samples.
inline std::vector<LinearModel> descend_epochs(const LinearModel& start, const Data& data,
                                               Scalar rate, int batch_size, int epochs,
                                               Random& random) {
  std::vector<LinearModel> path = {start};
  for (int e = 0; e < epochs; ++e)
    for (const std::vector<int>& batch : epoch_batches(samples, batch_size, random)) {
      const Matrix x = take_rows(data.x, batch), t = take_rows(data.t, batch);
      path.push_back(batch_descent(path.back(), x, t, rate, 1).path.back());
    }
  return path;
}

inline double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

// How the loss falls with the samples seen: a mean over `runs` walks, since single ones are a matter
// of luck, with the generator's seeds 0, 1, …
constexpr int runs = 5;

struct Course {
  int batch_size;
  bool in_epochs;
  std::vector<double> seen = {}, loss = {};   // the excess after 1, 1.2, 1.5, … 300 000 samples
  std::vector<double> early = {}, late = {};  // of each run: after 1000 samples, after 300 000
  double step_time = 1e9;                     // in microseconds, that of the fastest run
};

inline Course follow(const Data& data, int batch_size, bool in_epochs = false) {
  const LinearModel minimum = minimum_of(data);
  const int steps = 300000 / batch_size;
  Course course = {.batch_size = batch_size, .in_epochs = in_epochs};
  std::vector<int> marks;  // the steps to look at
  for (double mark = 1; mark <= steps; mark *= 1.2)
    if (marks.empty() || marks.back() < static_cast<int>(mark))
      marks.push_back(static_cast<int>(mark));
  for (int mark : marks) course.seen.push_back(1.0 * mark * batch_size);
  course.loss.assign(marks.size(), 0);
  for (int run = 0; run < runs; ++run) {
    Random random(static_cast<std::uint32_t>(run));
    const auto start = std::chrono::steady_clock::now();
    const std::vector<LinearModel> path =
        in_epochs ? descend_epochs(origin(), data, usual_rate, batch_size, 300, random)
                  : descend(origin(), data, usual_rate, batch_size, steps, random).path;
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - start;
    course.step_time = std::min(course.step_time, taken.count() / steps);
    for (std::size_t i = 0; i < marks.size(); ++i)
      course.loss[i] += excess(path[marks[i]], minimum, data) / runs;
    course.early.push_back(excess(path[1000 / batch_size], minimum, data));
    course.late.push_back(excess(path.back(), minimum, data));
  }
  return course;
}

// Steps of batch descent until a ten-thousandth of the excess is left; -1 if `most` do not suffice.
inline int steps_down(const Data& data, Scalar rate, int most) {
  const Scalar lowest = linear_loss(minimum_of(data), data.x, data.t);
  const std::vector<Scalar> loss = batch_descent(origin(), data.x, data.t, rate, most).loss;
  for (int i = 0; i < most; ++i)
    if (loss[i] - lowest <= (loss[0] - lowest) / 10000) return i;
  return -1;
}

// At the minimum the mean gradient is 0. The root of the mean square of a batch's gradient by w:
inline Scalar gradient_spread(const Data& data, int batch_size, int draws, Random& random) {
  const LinearModel minimum = minimum_of(data);
  double sum = 0;
  for (int i = 0; i < draws; ++i) {
    const std::vector<int> batch = random.choice(samples, batch_size);
    const LinearModel g =
        linear_gradient(minimum, take_rows(data.x, batch), take_rows(data.t, batch));
    sum += g.w(0, 0) * g.w(0, 0) / draws;
  }
  return std::sqrt(sum);
}

// The same for the gradients of single samples, each of them once: without chance.
inline Scalar sample_gradient_spread(const Data& data) {
  const LinearModel minimum = minimum_of(data);
  double sum = 0;
  for (int n = 0; n < samples; ++n) {
    const LinearModel g = linear_gradient(minimum, take_rows(data.x, {n}), take_rows(data.t, {n}));
    sum += g.w(0, 0) * g.w(0, 0) / samples;
  }
  return std::sqrt(sum);
}

// How far w strays from the minimum, root of the mean square over `steps` steps that begin there.
inline Scalar path_spread(const Data& data, int batch_size, int steps, Random& random) {
  const LinearModel minimum = minimum_of(data);
  double sum = 0;
  for (const LinearModel& m : descend(minimum, data, usual_rate, batch_size, steps, random).path)
    sum += (m.w(0, 0) - minimum.w(0, 0)) * (m.w(0, 0) - minimum.w(0, 0)) / (steps + 1);
  return std::sqrt(sum);
}

// How many samples an epoch's worth of batches, each drawn anew, has never met.
inline int never_seen(int batch_size, Random& random) {
  std::set<int> seen;
  for (int i = 0; i < iterations_per_epoch(samples, batch_size); ++i)
    for (int n : random.choice(samples, batch_size)) seen.insert(n);
  return samples - static_cast<int>(seen.size());
}

}  // namespace gradus
