// What the demonstration shows and the claims assert: one line through 1000 noisy samples.
#pragma once

#include <cstdint>
#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"

namespace gradus::gradient_descent {

const Scalar usual_learning_rate = 0.1;
const int mini_batch_size = 10;

// ---- the line ----

struct Data {
  Matrix x, t;  // (N,1) both
};

// N places x in [0, 2), and t = x w + b with noise of this standard deviation.
Data noisy_line(int N, const LinearModel& line, double noise, Random& random);

// t = 2 x + 1 with noise of 0.5; N = 1000. Because x is not centred, w and b work against each
// other: the loss is a long valley.
Data noisy_line(std::uint32_t seed);

LinearModel origin();
LinearModel minimum_of(const Data& data);

// How far the loss over all samples lies above its minimum. The difference of two losses would lose
// its digits near the minimum. But there the residuals are at right angles to all that a line can
// change, so by Pythagoras that difference is the loss with the minimum's own line as the target.
Scalar excess(const LinearModel& model, const LinearModel& minimum, const Data& data);

// λmin + λmax, the trace of the matrix of second derivatives 1/N [x 1]^T [x 1]; and λmin.
double sum_of_curvatures(const Data& data);
double smallest_curvature(const Data& data);

// ---- descents ----

// One of the contract's three, by the size of its batch.
Descent descend_by(int batch_size, const LinearModel& start, const Data& data, Scalar learning_rate,
                   int steps, Random& random);

// The same with the batches of epochs: each is one step of batch descent on its own samples.
std::vector<LinearModel> descend_in_epochs(int batch_size, const LinearModel& start,
                                           const Data& data, Scalar learning_rate, int epochs,
                                           Random& random);

// Steps of batch descent until a ten-thousandth of the excess is left; -1 if `most` do not suffice.
int steps_down(const Data& data, Scalar learning_rate, int most);

// To first order in the usual learning rate, the mean excess that batches of this size, drawn anew,
// end at.
double expected_excess(const Data& data, int batch_size);

// ---- runs: how the loss falls with the samples seen ----

enum class Method { batch, mini_batch, stochastic, mini_batch_in_epochs };

// A mean over `repetitions`, since a single one is a matter of luck; seeds 0, 1, …
struct Run {
  Method method;
  int batch_size;
  std::vector<double> seen = {}, loss = {};   // the excess after 1, 1.2, 1.5, … 300 000 samples
  std::vector<double> early = {}, late = {};  // of each repetition: after 1000 samples, 300 000
  double step_time = 1e9;                     // in microseconds, that of the fastest repetition
};
const int repetitions = 5;

int batch_size_of(Method method, const Data& data);
Run measure(Method method, const Data& data);
const Run& run_of(const std::vector<Run>& runs, Method method);

// ---- noise ----

// At the minimum the mean gradient is 0. The root of the mean square of a batch's gradient by w,
// over `draws` batches; and of single samples', each of them once: without chance.
double gradient_spread(const Data& data, int batch_size, int draws, Random& random);
double sample_gradient_spread(const Data& data);

// How far w strays from the minimum, root of the mean square over `steps` steps that begin there.
double path_spread(const Data& data, int batch_size, int steps, Random& random);

// An epoch's worth of batches, each drawn anew; and how many samples some batches have never met.
std::vector<std::vector<int>> drawn_batches(int samples, int batch_size, Random& random);
int never_seen(int samples, const std::vector<std::vector<int>>& batches);

}  // namespace gradus::gradient_descent
