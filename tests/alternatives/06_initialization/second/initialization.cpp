// Differs from the reference: uniform numbers are drawn all at once and stretched, a start by name
// is one deviation, halves of a matrix are joined to its standard deviation, a histogram sorts the
// values and counts up to each edge, and the layers of a network are matrix products and loops.
#include "chapters/06_initialization/initialization.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "chapters/05_losses/losses.hpp"
#include "common/matmul.hpp"

namespace gradus {
namespace {

void check(bool fine, const char* complaint) {
  if (!fine) throw std::invalid_argument(complaint);
}

void check_layer(int n_in, int n_out) {
  check(n_in >= 1, "a unit needs at least one input");
  check(n_out >= 1, "a layer needs at least one unit");
}

}  // namespace

// ---- starts of one layer ----

Matrix zeros_init(int n_in, int n_out) {
  check_layer(n_in, n_out);
  return Matrix(n_in, n_out, 0);
}

Matrix uniform_init(int n_in, int n_out, Random& random) {
  check_layer(n_in, n_out);
  Matrix w(n_in, n_out);
  std::vector<double> shares(w.flat().size());
  random.fill_uniform(shares);
  std::transform(shares.begin(), shares.end(), w.flat().begin(),
                 [](double share) { return static_cast<Scalar>(-1 + 2 * share); });
  return w;
}

Matrix normal_init(int n_in, int n_out, Scalar deviation, Random& random) {
  check_layer(n_in, n_out);
  check(deviation >= 0 && deviation <= std::numeric_limits<Scalar>::max(),
        "a standard deviation is a finite number, and not negative");
  Matrix w(n_in, n_out);
  for (int in = 0; in < n_in; ++in)
    for (int out = 0; out < n_out; ++out)
      w(in, out) = static_cast<Scalar>(random.normal(0, deviation));
  return w;
}

Matrix xavier_init(int n_in, int n_out, Random& random) {
  return weight_init(Init::xavier, n_in, n_out, random);
}

Matrix glorot_init(int n_in, int n_out, Random& random) {
  return weight_init(Init::glorot, n_in, n_out, random);
}

Matrix he_init(int n_in, int n_out, Random& random) {
  return weight_init(Init::he, n_in, n_out, random);
}

// ---- starts by name ----

Matrix weight_init(Init init, int n_in, int n_out, Random& random) {
  check_layer(n_in, n_out);
  double deviation = 1;
  switch (init) {
    case Init::zeros: return zeros_init(n_in, n_out);
    case Init::uniform: return uniform_init(n_in, n_out, random);
    case Init::normal: break;
    case Init::small_normal: deviation = 0.01; break;
    case Init::xavier: deviation = std::pow(n_in, -0.5); break;
    case Init::glorot: deviation = std::pow(0.5 * n_in + 0.5 * n_out, -0.5); break;
    case Init::he: deviation = std::pow(0.5 * n_in, -0.5); break;
  }
  return normal_init(n_in, n_out, static_cast<Scalar>(deviation), random);
}

// ---- what becomes of the signal ----

std::vector<Matrix> stack_activations(Activation f, const std::vector<Matrix>& w, const Matrix& x) {
  check(!w.empty(), "no layers, no activations");
  std::vector<Matrix> a;
  Matrix signal = x;
  for (const Matrix& layer : w) {
    signal = activation_forward(f, matmul(signal, layer));
    a.push_back(signal);
  }
  return a;
}

namespace {

// What is known of some values: how many they are, their mean, and the root of the sum of their
// squared distances from it.
struct Summary {
  double count, mean, root;
};

// Of the values divided by `unit`: those of the two halves, joined (Chan et al., 1979).
Summary summary_of(std::span<const Scalar> values, double unit) {
  if (values.size() == 1) {
    const double value = values[0] / unit;
    return {1, value, value - value};  // 0, but NaN for NaN and infinity
  }
  const Summary left = summary_of(values.first(values.size() / 2), unit);
  const Summary right = summary_of(values.subspan(values.size() / 2), unit);
  const double count = left.count + right.count;
  const double apart = right.mean - left.mean;
  const double between = apart * std::sqrt(left.count * right.count / count);
  return {count, left.mean + apart * (right.count / count),
          std::sqrt(left.root * left.root + right.root * right.root + between * between)};
}

}  // namespace

// Measured in a power of 2 near the largest value, no value has too large or too small a square,
// and none is rounded.
Scalar standard_deviation(const Matrix& a) {
  check(a.size() > 0, "an empty matrix has no standard deviation");
  double unit = 0;
  for (Scalar v : a.flat())
    if (std::abs(v) > unit) unit = std::abs(v);
  unit = unit > 0 ? std::exp2(std::ilogb(unit)) : 1;
  const Summary all = summary_of(a.flat(), unit);
  return static_cast<Scalar>(all.root / std::sqrt(all.count) * unit);
}

std::vector<int> histogram(const Matrix& a, Scalar low, Scalar high, int bins) {
  check(bins >= 1, "a histogram needs at least one interval");
  check(high - low > 0 && high - low <= std::numeric_limits<Scalar>::max(),
        "a histogram goes from low up to high");
  check(std::ranges::none_of(a.flat(), [](Scalar v) { return v != v; }),
        "a histogram has no place for NaN");
  std::vector<Scalar> inside;
  std::ranges::copy_if(a.flat(), std::back_inserter(inside),
                       [=](Scalar v) { return v >= low && v <= high; });
  std::ranges::sort(inside);
  const Scalar width = (high - low) / bins;
  std::vector<int> counts;
  auto from = inside.begin();
  for (int i = 1; i < bins; ++i) {
    const auto to = std::lower_bound(from, inside.end(), low + i * width);
    counts.push_back(static_cast<int>(to - from));
    from = to;
  }
  counts.push_back(static_cast<int>(inside.end() - from));
  return counts;
}

// ---- a deep network ----

Network network_init(const std::vector<int>& units, Init init, Random& random) {
  check(units.size() > 1, "a network has inputs and outputs");
  check(std::ranges::all_of(units, [](int count) { return count > 0; }), "a layer has units");
  Network net;
  for (auto out = units.begin() + 1; out != units.end(); ++out) {
    net.w.push_back(weight_init(init, *(out - 1), *out, random));
    net.b.push_back(zeros_init(1, *out));
  }
  return net;
}

namespace {

// The input of each layer, and the logits as the last of them.
std::vector<Matrix> all_inputs(const Network& net, const Matrix& x) {
  check(!net.w.empty(), "a network has at least one layer");
  check(net.w.size() == net.b.size(), "a layer has weights and biases");
  std::vector<Matrix> inputs = {x};
  for (std::size_t l = 0; l < net.w.size(); ++l) {
    Matrix z = matmul(inputs[l], net.w[l]);
    check(net.b[l].rows() == 1 && net.b[l].cols() == z.cols(), "a unit has one bias");
    for (int j = 0; j < z.cols(); ++j)
      for (int n = 0; n < z.rows(); ++n) z(n, j) += net.b[l](0, j);
    const bool hidden = l + 1 < net.w.size();
    inputs.push_back(hidden ? relu_forward(z) : std::move(z));
  }
  return inputs;
}

Matrix sums_of_columns(const Matrix& m) {
  Matrix sums(1, m.cols());
  for (int j = 0; j < m.cols(); ++j) {
    double sum = 0;
    for (int n = 0; n < m.rows(); ++n) sum += m(n, j);
    sums(0, j) = static_cast<Scalar>(sum);
  }
  return sums;
}

}  // namespace

Matrix network_forward(const Network& net, const Matrix& x) { return all_inputs(net, x).back(); }

NetworkGradient network_gradient(const Network& net, const Matrix& x,
                                 const std::vector<int>& labels) {
  const std::vector<Matrix> inputs = all_inputs(net, x);
  auto [loss, dz] = softmax_cross_entropy(inputs.back(), labels);
  NetworkGradient g{.loss = loss, .d = {}};
  for (std::size_t l = net.w.size(); l-- > 0;) {
    g.d.w.push_back(matmul_tn(inputs[l], dz));
    g.d.b.push_back(sums_of_columns(dz));
    // What ReLU gave is above 0 exactly where its input was.
    if (l > 0) dz = relu_backward(matmul_nt(dz, net.w[l]), inputs[l]);
  }
  std::ranges::reverse(g.d.w);  // found from the last layer to the first
  std::ranges::reverse(g.d.b);
  return g;
}

}  // namespace gradus
