// Differs from the reference: NaN is told by a three-way comparison, slopes of 0 and 1 are masks
// instead of factors, tanh is made of e^2z - 1, 1 - y^2 is a fused multiply-add, and a stack is a
// recursion, in which each element of a gradient goes into the norm as soon as it is found.
#include "chapters/04_activations/activations.hpp"

#include <algorithm>
#include <cmath>
#include <compare>
#include <stdexcept>
#include <string>

#include "chapters/01_perceptron/perceptron.hpp"
#include "chapters/02_xor_mlp/xor_mlp.hpp"

namespace gradus {
namespace {

constexpr Scalar stack_slope = 0.01;  // of the leaky ReLU that an Activation names

void check_slope(Scalar slope) {
  if (std::isfinite(slope)) return;
  throw std::invalid_argument("leaky ReLU: the slope must be finite");
}

void check_same_shape(const Matrix& dy, const Matrix& a) {
  if (dy.rows() == a.rows() && dy.cols() == a.cols()) return;
  throw std::invalid_argument("dy is " + shape(dy) + " but the layer is " + shape(a));
}

// One of three numbers, by the sign of z. NaN has none and stays itself.
Scalar choose(Scalar z, Scalar below, Scalar at_zero, Scalar above) {
  const std::partial_ordering order = z <=> Scalar{0};
  if (order == std::partial_ordering::less) return below;
  if (order == std::partial_ordering::greater) return above;
  return order == std::partial_ordering::equivalent ? at_zero : z;
}

// 0 for a number, NaN for NaN.
Scalar nothing_of(Scalar dy) { return std::isnan(dy) ? dy : Scalar{0}; }

// t = e^2z - 1 keeps the digits of a small z; tanh(z) = t / (t + 2). From 20 on it rounds to 1.
Scalar hyperbolic_tangent(Scalar z) {
  if (std::abs(z) > 20) return std::copysign(Scalar{1}, z);
  const Scalar t = std::expm1(2 * z);
  return t / (t + 2);
}

// y_ij = f(z_ij), column by column.
template <typename Function>
Matrix for_each_element(const Matrix& z, Function f) {
  Matrix y(z.rows(), z.cols());
  for (int j = 0; j < z.cols(); ++j)
    for (int i = 0; i < z.rows(); ++i) y(i, j) = f(z(i, j));
  return y;
}

template <typename Function>
Matrix for_each_pair(const Matrix& dy, const Matrix& a, Function f) {
  check_same_shape(dy, a);
  Matrix dz(dy.rows(), dy.cols());
  for (int j = 0; j < dy.cols(); ++j)
    for (int i = 0; i < dy.rows(); ++i) dz(i, j) = f(dy(i, j), a(i, j));
  return dz;
}

}  // namespace

// ---- slopes, of one number ----

Scalar step_derivative(Scalar z) { return nothing_of(z); }

Scalar tanh_derivative(Scalar y) { return std::fma(-y, y, Scalar{1}); }

Scalar relu(Scalar z) { return std::max(z, Scalar{0}); }  // gives its first argument for NaN

Scalar relu_derivative(Scalar z) { return choose(z, 0, 0, 1); }

Scalar leaky_relu(Scalar z, Scalar slope) {
  check_slope(slope);
  return choose(z, slope * z, 0, z);
}

Scalar leaky_relu_derivative(Scalar z, Scalar slope) {
  check_slope(slope);
  return choose(z, slope, slope, 1);
}

// ---- forward and backward ----

Matrix step_forward(const Matrix& z) {
  return for_each_element(z, [](Scalar v) { return static_cast<Scalar>(step(v)); });
}

Matrix step_backward(const Matrix& dy, const Matrix& z) {
  return for_each_pair(dy, z, [](Scalar d, Scalar v) {
    return choose(v, nothing_of(d), nothing_of(d), nothing_of(d));
  });
}

Matrix sigmoid_forward(const Matrix& z) { return for_each_element(z, sigmoid); }

Matrix sigmoid_backward(const Matrix& dy, const Matrix& y) {
  return for_each_pair(dy, y, [](Scalar d, Scalar v) { return d * v * (1 - v); });
}

Matrix tanh_forward(const Matrix& z) { return for_each_element(z, hyperbolic_tangent); }

Matrix tanh_backward(const Matrix& dy, const Matrix& y) {
  return for_each_pair(dy, y, [](Scalar d, Scalar v) { return d * (1 + v) * (1 - v); });
}

Matrix relu_forward(const Matrix& z) { return for_each_element(z, relu); }

Matrix relu_backward(const Matrix& dy, const Matrix& z) {
  return for_each_pair(
      dy, z, [](Scalar d, Scalar v) { return choose(v, nothing_of(d), nothing_of(d), d); });
}

Matrix leaky_relu_forward(const Matrix& z, Scalar slope) {
  check_slope(slope);
  return for_each_element(z, [=](Scalar v) { return choose(v, slope * v, 0, v); });
}

Matrix leaky_relu_backward(const Matrix& dy, const Matrix& z, Scalar slope) {
  check_slope(slope);
  return for_each_pair(dy, z,
                       [=](Scalar d, Scalar v) { return choose(v, slope * d, slope * d, d); });
}

// ---- a deep stack ----

Matrix activation_forward(Activation f, const Matrix& z) {
  if (f == Activation::step) return step_forward(z);
  if (f == Activation::sigmoid) return sigmoid_forward(z);
  if (f == Activation::tanh) return tanh_forward(z);
  if (f == Activation::relu) return relu_forward(z);
  return leaky_relu_forward(z, stack_slope);
}

Matrix activation_backward(Activation f, const Matrix& dy, const Matrix& z, const Matrix& y) {
  if (f == Activation::step) return step_backward(dy, z);
  if (f == Activation::sigmoid) return sigmoid_backward(dy, y);
  if (f == Activation::tanh) return tanh_backward(dy, y);
  if (f == Activation::relu) return relu_backward(dy, z);
  return leaky_relu_backward(dy, z, stack_slope);
}

namespace {

// sqrt(Σ v^2) as scale · sqrt(sum): the scale is the largest |v| so far, and grows with it.
class Norm {
 public:
  void add(double v) {
    if (v == 0) return;
    const double size = std::abs(v);
    if (size > scale_) {
      const double shrunk = scale_ / size;
      sum_ = 1 + sum_ * shrunk * shrunk;
      scale_ = size;
    } else {
      sum_ += size / scale_ * (size / scale_);
    }
  }
  double value() const { return scale_ * std::sqrt(sum_); }

 private:
  double scale_ = 0, sum_ = 0;
};

Matrix product(const Matrix& a, const Matrix& w) {
  Matrix z(a.rows(), w.cols());
  for (int k = 0; k < a.cols(); ++k)
    for (int n = 0; n < a.rows(); ++n)
      for (int j = 0; j < w.cols(); ++j) z(n, j) += a(n, k) * w(k, j);
  return z;
}

// The norm of a^T dz.
Scalar norm_of_gradient(const Matrix& a, const Matrix& dz) {
  Norm norm;
  for (int j = 0; j < dz.cols(); ++j)
    for (int i = 0; i < a.cols(); ++i) {
      double sum = 0;
      for (int n = 0; n < a.rows(); ++n) sum += double{a(n, i)} * dz(n, j);
      norm.add(sum);
    }
  return static_cast<Scalar>(norm.value());
}

// Goes through layer l and all behind it, and back. a is the layer's input; returns ∂L/∂a.
Matrix there_and_back(Activation f, const std::vector<Matrix>& w, std::size_t l, const Matrix& a,
                      const Matrix& dy, std::vector<Scalar>& norms) {
  if (l == w.size()) return dy;
  if (w[l].rows() != a.cols())
    throw std::invalid_argument("layer " + std::to_string(l) + " is " + shape(w[l]) +
                                " for inputs " + shape(a));
  const Matrix z = product(a, w[l]), y = activation_forward(f, z);
  const Matrix dz = activation_backward(f, there_and_back(f, w, l + 1, y, dy, norms), z, y);
  norms[l] = norm_of_gradient(a, dz);

  Matrix da(a.rows(), a.cols());
  for (int j = 0; j < dz.cols(); ++j)
    for (int i = 0; i < da.cols(); ++i)
      for (int n = 0; n < da.rows(); ++n) da(n, i) += w[l](i, j) * dz(n, j);
  return da;
}

}  // namespace

std::vector<Scalar> gradient_norms(Activation f, const std::vector<Matrix>& w, const Matrix& x,
                                   const Matrix& dy) {
  if (w.empty()) throw std::invalid_argument("gradient_norms: there is no layer");
  std::vector<Scalar> norms(w.size());
  there_and_back(f, w, 0, x, dy, norms);
  return norms;
}

}  // namespace gradus
