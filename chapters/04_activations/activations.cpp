// Activation functions and what they do to a gradient.               docs/04_activations.md

#include "chapters/04_activations/activations.hpp"

#include <cmath>
#include <utility>

#include "chapters/01_perceptron/perceptron.hpp"
#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "common/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

// ---- slopes, of one number ----
// Every comparison with NaN is false: z > 0 ? z : 0 would turn NaN into 0, z < 0 ? 0 : z keeps it.

Scalar step_derivative(Scalar z) { return std::isnan(z) ? z : 0; }

Scalar tanh_derivative(Scalar y) { return (1 - y) * (1 + y); }

Scalar relu(Scalar z) { return z < 0 ? 0 : z; }

Scalar relu_derivative(Scalar z) {
  if (std::isnan(z)) return z;
  return z > 0 ? 1 : 0;
}

Scalar leaky_relu(Scalar z, Scalar slope) {
  require_finite("leaky_relu: slope", slope);
  return z > 0 ? z : slope * z;
}

Scalar leaky_relu_derivative(Scalar z, Scalar slope) {
  require_finite("leaky_relu_derivative: slope", slope);
  if (std::isnan(z)) return z;
  return z > 0 ? 1 : slope;
}

// ---- forward and backward ----

// y_ij = f(z_ij)
template <typename Function>
static Matrix map(Matrix z, Function f) {
  for (Scalar& value : z.flat()) value = f(value);
  return z;
}

// dz_ij = dy_ij slope(a_ij), where a is z or y, whichever the slope is taken from.
template <typename Slope>
static Matrix chain(const char* function, Matrix dy, const Matrix& a, Slope slope) {
  require_shape(function, dy, a.rows(), a.cols());
  for (int n = 0; n < dy.rows(); ++n)
    for (int j = 0; j < dy.cols(); ++j) dy(n, j) *= slope(a(n, j));
  return dy;
}

Matrix step_forward(const Matrix& z) {
  return map(z, [](Scalar v) { return Scalar(step(v)); });
}

Matrix step_backward(const Matrix& dy, const Matrix& z) {
  return chain("step_backward: dy", dy, z, step_derivative);
}

Matrix sigmoid_forward(const Matrix& z) { return map(z, sigmoid); }

Matrix sigmoid_backward(const Matrix& dy, const Matrix& y) {
  return chain("sigmoid_backward: dy", dy, y, sigmoid_derivative);
}

Matrix tanh_forward(const Matrix& z) {
  return map(z, [](Scalar v) { return std::tanh(v); });
}

Matrix tanh_backward(const Matrix& dy, const Matrix& y) {
  return chain("tanh_backward: dy", dy, y, tanh_derivative);
}

Matrix relu_forward(const Matrix& z) { return map(z, relu); }

Matrix relu_backward(const Matrix& dy, const Matrix& z) {
  return chain("relu_backward: dy", dy, z, relu_derivative);
}

Matrix leaky_relu_forward(const Matrix& z, Scalar slope) {
  require_finite("leaky_relu_forward: slope", slope);
  return map(z, [=](Scalar v) { return leaky_relu(v, slope); });
}

Matrix leaky_relu_backward(const Matrix& dy, const Matrix& z, Scalar slope) {
  require_finite("leaky_relu_backward: slope", slope);
  return chain("leaky_relu_backward: dy", dy, z,
               [=](Scalar v) { return leaky_relu_derivative(v, slope); });
}

// ---- a deep stack ----

static const Scalar leaky_slope = 0.01;

Matrix activation_forward(Activation f, const Matrix& z) {
  switch (f) {
    case Activation::step: return step_forward(z);
    case Activation::sigmoid: return sigmoid_forward(z);
    case Activation::tanh: return tanh_forward(z);
    case Activation::relu: return relu_forward(z);
    case Activation::leaky_relu: return leaky_relu_forward(z, leaky_slope);
  }
  throw std::invalid_argument("activation_forward: no such activation");
}

Matrix activation_backward(Activation f, const Matrix& dy, const Matrix& z, const Matrix& y) {
  switch (f) {
    case Activation::step: return step_backward(dy, z);
    case Activation::sigmoid: return sigmoid_backward(dy, y);
    case Activation::tanh: return tanh_backward(dy, y);
    case Activation::relu: return relu_backward(dy, z);
    case Activation::leaky_relu: return leaky_relu_backward(dy, z, leaky_slope);
  }
  throw std::invalid_argument("activation_backward: no such activation");
}

// sqrt(Σ m_ij^2), element by element: hypot(a, b) is sqrt(a^2 + b^2), but no square under- or
// overflows in it. A gradient that has vanished to 1e-200 still has a norm.
static Scalar norm(const Matrix& m) {
  double norm = 0;
  for (double value : m.flat()) norm = std::hypot(norm, value);
  return Scalar(norm);
}

std::vector<Scalar> gradient_norms(Activation f, const std::vector<Matrix>& w, const Matrix& x,
                                   const Matrix& dy) {
  require(!w.empty(), "gradient_norms: a stack needs at least one layer");
  const std::size_t layers = w.size();
  std::vector<Matrix> z(layers);      // z_l = a_l w_l
  std::vector<Matrix> a(layers + 1);  // a_0 = x, a_{l+1} = f(z_l)
  a[0] = x;
  for (std::size_t l = 0; l < layers; ++l) {
    z[l] = matmul(a[l], w[l]);
    a[l + 1] = activation_forward(f, z[l]);
  }

  std::vector<Scalar> norms(layers);
  Matrix da = dy;  // ∂L/∂a of the layer that is being left
  for (std::size_t l = layers; l-- > 0;) {
    const Matrix dz = activation_backward(f, da, z[l], a[l + 1]);
    norms[l] = norm(matmul_tn(a[l], dz));
    da = matmul_nt(dz, w[l]);
  }
  return norms;
}

}  // namespace gradus
