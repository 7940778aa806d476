// Initialization: where training starts.                            docs/06_initialization.md

#include "chapters/06_initialization/initialization.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/05_losses/losses.hpp"
#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- starts of one layer ----

static void require_sizes(const std::string& function, int n_in, int n_out) {
  require_at_least((function + ": n_in").c_str(), n_in, 1);
  require_at_least((function + ": n_out").c_str(), n_out, 1);
}

Matrix zeros_init(int n_in, int n_out) {
  require_sizes("zeros_init", n_in, n_out);
  return Matrix(n_in, n_out);
}

Matrix uniform_init(int n_in, int n_out, Random& random) {
  require_sizes("uniform_init", n_in, n_out);
  return random.uniform_matrix(-1, 1, n_in, n_out);
}

Matrix normal_init(int n_in, int n_out, Scalar deviation, Random& random) {
  require_sizes("normal_init", n_in, n_out);
  require_not_negative("normal_init: deviation", deviation);
  return random.normal_matrix(0, deviation, n_in, n_out);
}

Matrix xavier_init(int n_in, int n_out, Random& random) {
  require_sizes("xavier_init", n_in, n_out);
  return normal_init(n_in, n_out, std::sqrt(Scalar(1) / n_in), random);
}

Matrix glorot_init(int n_in, int n_out, Random& random) {
  require_sizes("glorot_init", n_in, n_out);
  return normal_init(n_in, n_out, std::sqrt(2 / (Scalar(n_in) + n_out)), random);
}

Matrix he_init(int n_in, int n_out, Random& random) {
  require_sizes("he_init", n_in, n_out);
  return normal_init(n_in, n_out, std::sqrt(Scalar(2) / n_in), random);
}

// ---- starts by name ----

Matrix weight_init(Init init, int n_in, int n_out, Random& random) {
  switch (init) {
    case Init::zeros: return zeros_init(n_in, n_out);
    case Init::uniform: return uniform_init(n_in, n_out, random);
    case Init::normal: return normal_init(n_in, n_out, 1, random);
    case Init::small_normal: return normal_init(n_in, n_out, Scalar(0.01), random);
    case Init::xavier: return xavier_init(n_in, n_out, random);
    case Init::glorot: return glorot_init(n_in, n_out, random);
    case Init::he: return he_init(n_in, n_out, random);
  }
  throw std::invalid_argument("weight_init: no such init");
}

// ---- what becomes of the signal ----

std::vector<Matrix> stack_activations(Activation f, const std::vector<Matrix>& w, const Matrix& x) {
  require(!w.empty(), "stack_activations: a stack needs at least one layer");
  std::vector<Matrix> a;
  for (const Matrix& layer : w)
    a.push_back(activation_forward(f, matmul(a.empty() ? x : a.back(), layer)));
  return a;
}

// A power of 2 that makes the largest element about 1: to multiply by it rounds nothing.
static double scale_to_one(const Matrix& a) {
  double largest = 0;
  for (Scalar v : a.flat()) largest = std::max(largest, std::abs(double{v}));
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::min(-exponent, 1000));
}

Scalar standard_deviation(const Matrix& a) {
  require(a.size() > 0, "standard_deviation: of nothing");
  const double scale = scale_to_one(a);  // else the square of 1e200 is infinite, of 1e-200 zero
  double mean = 0, squares = 0;          // a float loses digits when it adds up 100 000 numbers
  for (Scalar v : a.flat()) mean += scale * v;
  mean /= a.size();
  for (Scalar v : a.flat()) {
    const double from_mean = scale * v - mean;
    squares += from_mean * from_mean;
  }
  return static_cast<Scalar>(std::sqrt(squares / a.size()) / scale);
}

std::vector<int> histogram(const Matrix& a, Scalar low, Scalar high, int bins) {
  require(low < high && std::isfinite(high - low), "histogram: needs low < high, both finite");
  require_at_least("histogram: bins", bins, 1);
  for (Scalar v : a.flat()) require(!std::isnan(v), "histogram: a has NaN, which lies nowhere");
  std::vector<int> counts(bins);
  const auto edge = [&](int i) { return i == bins ? high : low + i * ((high - low) / bins); };
  for (Scalar v : a.flat()) {
    if (!(low <= v && v <= high)) continue;
    int i = std::min(bins - 1, static_cast<int>((v - low) / (high - low) * bins));
    while (v < edge(i)) --i;  // the division may round over an edge, either way
    while (i < bins - 1 && v >= edge(i + 1)) ++i;
    ++counts[i];
  }
  return counts;
}

// ---- a deep network ----

Network network_init(const std::vector<int>& units, Init init, Random& random) {
  require(units.size() >= 2, "network_init: units needs an input and an output");
  for (int count : units) require_at_least("network_init: units", count, 1);
  Network net;
  for (std::size_t l = 1; l < units.size(); ++l) {
    net.w.push_back(weight_init(init, units[l - 1], units[l], random));
    net.b.push_back(Matrix(1, units[l]));
  }
  return net;
}

static void require_layers(const Network& net) {
  require(!net.w.empty() && net.w.size() == net.b.size(),
          "network: needs at least one layer, and as many b as w");
}

Matrix network_forward(const Network& net, const Matrix& x) {
  require_layers(net);
  Matrix z = dense_forward(x, net.w[0], net.b[0]);
  for (std::size_t l = 1; l < net.w.size(); ++l)
    z = dense_forward(relu_forward(z), net.w[l], net.b[l]);
  return z;
}

NetworkGradient network_gradient(const Network& net, const Matrix& x,
                                 const std::vector<int>& labels) {
  require_layers(net);
  // Forward: z_0 = x w_0 + b_0, a_l = relu(z_l) and z_{l+1} = a_l w_{l+1} + b_{l+1}, all of them kept.
  const std::size_t layers = net.w.size();
  std::vector<Matrix> z = {dense_forward(x, net.w[0], net.b[0])}, a;
  for (std::size_t l = 0; l + 1 < layers; ++l) {
    a.push_back(relu_forward(z[l]));
    z.push_back(dense_forward(a[l], net.w[l + 1], net.b[l + 1]));
  }
  auto [loss, dz] = softmax_cross_entropy(z.back(), labels);

  // Backward: each layer hands its dx to the layer below.
  NetworkGradient g{.loss = loss, .d = {std::vector<Matrix>(layers), std::vector<Matrix>(layers)}};
  for (std::size_t l = layers; l-- > 0;) {
    DenseGradients layer =
        l == 0 ? dense_backward_first(dz, x) : dense_backward(dz, a[l - 1], net.w[l]);
    if (l > 0) dz = relu_backward(layer.dx, z[l - 1]);
    g.d.w[l] = std::move(layer.dw);
    g.d.b[l] = std::move(layer.db);
  }
  return g;
}

}  // namespace gradus
