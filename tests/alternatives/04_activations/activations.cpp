// Differs from the reference: each activation is a small class with value and slope behind one
// interface, tanh is a quotient of e^-2|z|, relu is fdim(z, 0), a stack's gradients are accumulated
// sample by sample with plain loops instead of matrix products, a norm is scaled by its largest.
#include "chapters/04_activations/activations.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "chapters/01_perceptron/perceptron.hpp"
#include "chapters/02_xor_mlp/xor_mlp.hpp"

namespace gradus {
namespace {

// From e = e^-2|z|, which never overflows; expm1 keeps the digits of a small z.
Scalar hyperbolic_tangent(Scalar z) {
  const Scalar minus_numerator = std::expm1(-2 * std::abs(z));  // e - 1
  return std::copysign(minus_numerator / (minus_numerator + 2), z);
}

// What a slope is computed from.
enum class Needs { input, output };

struct Pair {
  std::function<Scalar(Scalar)> value, slope;
  Needs needs;
};

void check_leak(Scalar leak) {
  if (!std::isfinite(leak)) throw std::invalid_argument("no slope: " + std::to_string(leak));
}

Pair pair_of(Activation f, Scalar leak) {
  check_leak(leak);
  const auto leaky = [=](Scalar z) { return leaky_relu(z, leak); };
  const auto leaky_slope = [=](Scalar z) { return leaky_relu_derivative(z, leak); };
  if (f == Activation::leaky_relu) return {leaky, leaky_slope, Needs::input};
  if (f == Activation::relu) return {relu, relu_derivative, Needs::input};
  if (f == Activation::tanh) return {hyperbolic_tangent, tanh_derivative, Needs::output};
  if (f == Activation::sigmoid) return {sigmoid, sigmoid_derivative, Needs::output};
  if (f == Activation::step) return {step, step_derivative, Needs::input};
  throw std::invalid_argument("unknown activation " + std::to_string(static_cast<int>(f)));
}

constexpr Scalar usual_leak = 0.01;

Matrix forward(Activation f, const Matrix& z, Scalar leak = usual_leak) {
  Matrix y(z.rows(), z.cols());
  std::ranges::transform(z.flat(), y.flat().begin(), pair_of(f, leak).value);
  return y;
}

// z_or_y: whichever the slope needs.
Matrix backward(Activation f, const Matrix& dy, const Matrix& z_or_y, Scalar leak = usual_leak) {
  if (dy.cols() != z_or_y.cols() || dy.rows() != z_or_y.rows())
    throw std::invalid_argument("a gradient of shape " + shape(dy) + " for a layer of shape " +
                                shape(z_or_y));
  Matrix dz(dy.rows(), dy.cols());
  const auto slope = pair_of(f, leak).slope;
  std::ranges::transform(z_or_y.flat(), dy.flat(), dz.flat().begin(),
                         [&](Scalar at, Scalar from_above) { return slope(at) * from_above; });
  return dz;
}

}  // namespace

// ---- slopes, of one number ----

// Each case is asked for by itself; what is in none of them is NaN.
static Scalar by_sign(Scalar z, Scalar above, Scalar otherwise) {
  if (z > 0) return above;
  if (z <= 0) return otherwise;
  return z;
}

Scalar step_derivative(Scalar z) { return by_sign(z, 0, 0); }
Scalar tanh_derivative(Scalar y) { return (1 + y) * (1 - y); }
Scalar relu(Scalar z) { return std::fdim(z, Scalar{0}); }
Scalar relu_derivative(Scalar z) { return by_sign(z, 1, 0); }
Scalar leaky_relu(Scalar z, Scalar slope) { return z * leaky_relu_derivative(z, slope); }
Scalar leaky_relu_derivative(Scalar z, Scalar slope) {
  check_leak(slope);
  return by_sign(z, 1, slope);
}

// ---- forward and backward ----

Matrix step_forward(const Matrix& z) { return forward(Activation::step, z); }
Matrix sigmoid_forward(const Matrix& z) { return forward(Activation::sigmoid, z); }
Matrix tanh_forward(const Matrix& z) { return forward(Activation::tanh, z); }
Matrix relu_forward(const Matrix& z) { return forward(Activation::relu, z); }
Matrix leaky_relu_forward(const Matrix& z, Scalar slope) {
  return forward(Activation::leaky_relu, z, slope);
}

Matrix step_backward(const Matrix& dy, const Matrix& z) {
  return backward(Activation::step, dy, z);
}
Matrix sigmoid_backward(const Matrix& dy, const Matrix& y) {
  return backward(Activation::sigmoid, dy, y);
}
Matrix tanh_backward(const Matrix& dy, const Matrix& y) {
  return backward(Activation::tanh, dy, y);
}
Matrix relu_backward(const Matrix& dy, const Matrix& z) {
  return backward(Activation::relu, dy, z);
}
Matrix leaky_relu_backward(const Matrix& dy, const Matrix& z, Scalar slope) {
  return backward(Activation::leaky_relu, dy, z, slope);
}

// ---- a deep stack ----

Matrix activation_forward(Activation f, const Matrix& z) { return forward(f, z); }

Matrix activation_backward(Activation f, const Matrix& dy, const Matrix& z, const Matrix& y) {
  return backward(f, dy, pair_of(f, usual_leak).needs == Needs::input ? z : y);
}

namespace {

using Vector = std::vector<Scalar>;

Vector to_vector(std::span<const Scalar> row) { return {row.begin(), row.end()}; }

// What one sample leaves in a layer on its way up.
struct Trace {
  Vector input, slopes;
};

// One sample through all layers and back; adds its share of ∂L/∂w_l to dw[l].
void add_sample(const Pair& f, const std::vector<Matrix>& w, Vector a, Vector da,
                std::vector<Matrix>& dw) {
  std::vector<Trace> traces;
  for (const Matrix& layer : w) {
    Trace trace{a, {}};
    a.clear();
    for (int out = 0; out < layer.cols(); ++out) {
      Scalar z = 0;
      for (int in = 0; in < layer.rows(); ++in) z += layer(in, out) * trace.input[in];
      a.push_back(f.value(z));
      trace.slopes.push_back(f.slope(f.needs == Needs::input ? z : a.back()));
    }
    traces.push_back(std::move(trace));
  }
  for (int l = static_cast<int>(w.size()) - 1; l >= 0; --l) {
    const auto& [input, slopes] = traces[l];
    Vector below(input.size());
    for (int in = 0; in < w[l].rows(); ++in)
      for (int out = 0; out < w[l].cols(); ++out) {
        const Scalar dz = da[out] * slopes[out];
        dw[l](in, out) += dz * input[in];
        below[in] += dz * w[l](in, out);
      }
    da = std::move(below);
  }
}

// largest · sqrt(Σ (value / largest)^2): no square exceeds 1.
Scalar norm(const Matrix& m) {
  double largest = 0, sum = 0;
  for (const double value : m.flat()) largest = std::max(largest, std::abs(value));
  if (largest == 0) largest = 1;  // only zeros and NaN
  for (const double value : m.flat()) sum += value / largest * (value / largest);
  return static_cast<Scalar>(largest * std::sqrt(sum));
}

void check_stack(const std::vector<Matrix>& w, const Matrix& x, const Matrix& dy) {
  int width = x.cols();
  for (const Matrix& layer : w) {
    if (layer.rows() != width) throw std::invalid_argument("a layer does not fit the one below");
    width = layer.cols();
  }
  if (dy.cols() != width) throw std::invalid_argument("dy is not as wide as the last layer");
  if (dy.rows() != x.rows()) throw std::invalid_argument("dy belongs to another batch than x");
}

}  // namespace

std::vector<Scalar> gradient_norms(Activation f, const std::vector<Matrix>& w, const Matrix& x,
                                   const Matrix& dy) {
  if (w.empty()) throw std::invalid_argument("no layers");
  check_stack(w, x, dy);
  std::vector<Matrix> dw;
  for (const Matrix& layer : w) dw.emplace_back(layer.rows(), layer.cols());
  const Pair pair = pair_of(f, usual_leak);
  for (int n = 0; n < x.rows(); ++n)
    add_sample(pair, w, to_vector(x.row(n)), to_vector(dy.row(n)), dw);

  std::vector<Scalar> norms;
  for (const Matrix& gradient : dw) norms.push_back(norm(gradient));
  return norms;
}

}  // namespace gradus
