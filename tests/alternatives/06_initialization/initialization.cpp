// Differs from the reference: numbers are drawn one by one, the standard deviation is Welford's, a histogram
// looks every value up between all its edges, and the network is one recursion: each layer goes
// forward, asks the layers above for the gradient, and goes back. The loss is its own.
#include "chapters/06_initialization/initialization.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"

namespace gradus {
namespace {

void demand(bool truth, const std::string& otherwise) {
  if (!truth) throw std::invalid_argument(otherwise);
}

// A layer whose weights draw() gives, row after row.
Matrix layer(int n_in, int n_out, const std::function<double()>& draw) {
  demand(std::min(n_in, n_out) > 0, "there is no layer with " + std::to_string(n_in) +
                                        " inputs and " + std::to_string(n_out) + " units");
  Matrix w(n_in, n_out);
  std::ranges::generate(w.flat(), [&] { return static_cast<Scalar>(draw()); });
  return w;
}

}  // namespace

// ---- starts of one layer ----

Matrix zeros_init(int n_in, int n_out) {
  return layer(n_in, n_out, [] { return 0; });
}

Matrix uniform_init(int n_in, int n_out, Random& random) {
  return layer(n_in, n_out, [&] { return 2 * random.uniform() - 1; });
}

Matrix normal_init(int n_in, int n_out, Scalar deviation, Random& random) {
  demand(deviation >= 0 && std::isfinite(deviation), "no spread: " + std::to_string(deviation));
  return layer(n_in, n_out, [&] { return deviation * random.normal(); });
}

Matrix xavier_init(int n_in, int n_out, Random& random) {
  return layer(n_in, n_out, [&] { return random.normal() / std::sqrt(n_in); });
}

Matrix glorot_init(int n_in, int n_out, Random& random) {
  return layer(n_in, n_out, [&, mean = std::midpoint<double>(n_in, n_out)] {
    return random.normal() / std::sqrt(mean);
  });
}

Matrix he_init(int n_in, int n_out, Random& random) {
  return layer(n_in, n_out, [&] { return random.normal() / std::sqrt(n_in / 2.0); });
}

// ---- starts by name ----

// All but two of them are normal numbers, with a variance.
Matrix weight_init(Init init, int n_in, int n_out, Random& random) {
  if (init == Init::zeros) return zeros_init(n_in, n_out);
  if (init == Init::uniform) return uniform_init(n_in, n_out, random);
  const double in = n_in, out = n_out;
  const double variance = init == Init::normal         ? 1
                          : init == Init::small_normal ? 1e-4
                          : init == Init::xavier       ? 1 / in
                          : init == Init::glorot       ? 2 / (in + out)
                                                       : 2 / in;
  return layer(n_in, n_out, [&] { return std::sqrt(variance) * random.normal(); });
}

// ---- what becomes of the signal ----

std::vector<Matrix> stack_activations(Activation f, const std::vector<Matrix>& w, const Matrix& x) {
  demand(!w.empty(), "a stack of no layers has no activations");
  std::vector<Matrix> outputs(w.size());
  const Matrix* input = &x;
  for (std::size_t l = 0; l < w.size(); ++l) {
    const Matrix no_bias(1, w[l].cols());
    outputs[l] = activation_forward(f, dense_forward(*input, w[l], no_bias));
    input = &outputs[l];
  }
  return outputs;
}

// Mean and squares so far, brought up to date with each value (Welford 1962). The values are halved
// until no square is too large, or doubled until none is lost.
Scalar standard_deviation(const Matrix& a) {
  double largest = 0;
  for (double value : a.flat()) largest = std::fmax(largest, std::fabs(value));
  const int halvings = largest > 0 && std::isfinite(largest) ? std::ilogb(largest) : 0;
  double count = 0, mean = 0, squares = 0;
  for (double value : a.flat()) {
    const double from_old = std::scalbn(value, -halvings) - mean;
    mean += from_old / ++count;
    squares += from_old * (std::scalbn(value, -halvings) - mean);
  }
  demand(count > 0, "no elements, no standard deviation");
  return static_cast<Scalar>(std::scalbn(std::sqrt(squares) / std::sqrt(count), halvings));
}

std::vector<int> histogram(const Matrix& a, Scalar low, Scalar high, int bins) {
  demand(std::isfinite(high - low), "a range ends somewhere");
  demand(high > low, "a range goes upwards");
  demand(bins > 0, "a range has at least one interval");
  std::vector<Scalar> edges;
  for (int i = 0; i < bins; ++i) edges.push_back(low + i * ((high - low) / bins));
  edges.push_back(high);

  std::vector<int> counts(edges.size() - 1);
  for (Scalar value : a.flat()) {
    demand(!std::isnan(value), "NaN has no place");
    if (value < low || value > high) continue;
    const auto right = std::upper_bound(edges.begin(), edges.end() - 1, value);
    counts[static_cast<std::size_t>(right - edges.begin()) - 1]++;
  }
  return counts;
}

// ---- a deep network ----

namespace {

void demand_network(const Network& net) {
  demand(net.w.size() == net.b.size(), "each layer has weights and biases");
  demand(net.w.size() != 0, "a network of no layers");
}

// -ln softmax(z)_k
Scalar surprise(std::span<const Scalar> z, int k) {
  const Scalar top = *std::ranges::max_element(z);
  Scalar sum = 0;
  for (Scalar logit : z) sum += std::exp(logit - top);
  return std::log(sum) + (top - z[static_cast<std::size_t>(k)]);
}

// Sets the loss; returns its gradient by the logits.
Matrix judge(const Matrix& logits, const std::vector<int>& labels, Scalar& loss) {
  demand(logits.rows() != 0, "a batch of no samples");
  demand(labels.size() == static_cast<std::size_t>(logits.rows()), "one label per sample, please");
  Matrix dz = softmax(logits);
  const Matrix truth = one_hot(labels, logits.cols());  // refuses other classes
  std::ranges::transform(dz.flat(), truth.flat(), dz.flat().begin(),
                         [N = dz.rows()](Scalar p, Scalar t) { return (p - t) / N; });
  loss = 0;
  for (int n = 0; n < logits.rows(); ++n)
    loss += surprise(logits.row(n), labels[static_cast<std::size_t>(n)]) / logits.rows();
  return dz;
}

// From layer l up to the loss and back; fills g from layer l on. Returns the gradient by `input`.
Matrix pass(const Network& net, std::size_t l, const Matrix& input, const std::vector<int>& labels,
            NetworkGradient& g) {
  const Matrix z = dense_forward(input, net.w[l], net.b[l]);
  const bool last = l + 1 == net.w.size();
  const Matrix dz = last ? judge(z, labels, g.loss)
                         : relu_backward(pass(net, l + 1, relu_forward(z), labels, g), z);
  const DenseGradients gradients = dense_backward(dz, input, net.w[l]);
  g.d.w[l] = gradients.dw;
  g.d.b[l] = gradients.db;
  return gradients.dx;
}

}  // namespace

Network network_init(const std::vector<int>& units, Init init, Random& random) {
  demand(units.size() > 1, "inputs and outputs make a network");
  demand(*std::ranges::min_element(units) > 0, "a layer of nothing");
  Network net;
  std::adjacent_find(units.begin(), units.end(), [&](int n_in, int n_out) {
    net.w.push_back(weight_init(init, n_in, n_out, random));
    net.b.emplace_back(1, n_out);
    return false;
  });
  return net;
}

Matrix network_forward(const Network& net, const Matrix& x) {
  demand_network(net);
  Matrix signal = x;
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    signal = dense_forward(signal, net.w[l], net.b[l]);
    if (l + 1 != net.w.size()) signal = relu_forward(signal);
  }
  return signal;
}

NetworkGradient network_gradient(const Network& net, const Matrix& x,
                                 const std::vector<int>& labels) {
  demand_network(net);
  NetworkGradient g{.loss = 0, .d = net};
  pass(net, 0, x, labels, g);
  return g;
}

}  // namespace gradus
