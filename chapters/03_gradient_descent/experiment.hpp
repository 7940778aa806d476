// What the demonstration shows and the claims assert: one line through 1000 noisy samples.
#pragma once

#include <cmath>
#include <set>

#include "chapters/03_gradient_descent/descent.hpp"

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

// How far the loss over all samples lies above its minimum.
inline Scalar excess(const LinearModel& model, const LinearModel& minimum, const Data& data) {
  return linear_loss(model, data.x, data.t) - linear_loss(minimum, data.x, data.t);
}

// One of the three, by the size of its batch.
inline Descent descend(const LinearModel& start, const Data& data, Scalar rate, int batch_size,
                       int steps, Random& random) {
  if (batch_size == samples) return batch_descent(start, data.x, data.t, rate, steps);
  if (batch_size == 1) return stochastic_descent(start, data.x, data.t, rate, steps, random);
  return mini_batch_descent(start, data.x, data.t, rate, batch_size, steps, random);
}

// The same with batches of epochs: each is one step of batch descent on its own samples.
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
  Scalar sum = 0;
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
  Scalar sum = 0;
  for (int n = 0; n < samples; ++n) {
    const LinearModel g = linear_gradient(minimum, take_rows(data.x, {n}), take_rows(data.t, {n}));
    sum += g.w(0, 0) * g.w(0, 0) / samples;
  }
  return std::sqrt(sum);
}

// How far w strays from the minimum, root of the mean square over `steps` steps that begin there.
inline Scalar path_spread(const Data& data, int batch_size, int steps, Random& random) {
  const LinearModel minimum = minimum_of(data);
  Scalar sum = 0;
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
