// Activation functions and what they do to a gradient.               docs/04_activations.md
//
// A layer's gradient is the next layer's times the slope of the activation. A slope that is at
// most 1/4, as the sigmoid's, leaves nothing after ten layers; ReLU's slope is 1 where it lets
// anything through. Sources: the notes 000, 002, 003, 004; X. Glorot and Y. Bengio (2010) for
// vanishing, V. Nair and G. Hinton (2010) for ReLU, A. Maas et al. (2013) for leaky ReLU.
//
// All functions on matrices work element by element; dy and the result have the shape of z.
// A dy of another shape throws std::invalid_argument, and so does a slope that is not finite.
// NaN in z, y or dy gives NaN in its place, as in NumPy; but step answers 0 or 1 and refuses NaN.
#pragma once

#include <vector>

#include "common/matrix.hpp"

namespace gradus {

// ---- slopes, of one number ----
// The functions themselves: step is chapter 01's, sigmoid chapter 02's, tanh is std::tanh.

Scalar step_derivative(Scalar z);  // 0 everywhere: why a step cannot be trained by its gradient

// 1 - y^2, from the output y = tanh(z): to a few ε of its value, also where y is nearly 1.
Scalar tanh_derivative(Scalar y);

Scalar relu(Scalar z);             // max(0, z)
Scalar relu_derivative(Scalar z);  // 1 if z > 0, else 0: at 0 it is 0, as in PyTorch

// slope is any finite number, also negative or above 1.
Scalar leaky_relu(Scalar z, Scalar slope);             // z if z > 0, else slope z
Scalar leaky_relu_derivative(Scalar z, Scalar slope);  // 1 if z > 0, else slope

// ---- forward and backward ----
// Sigmoid and tanh go back from their outputs y, the others from their inputs z.

Matrix step_forward(const Matrix& z);  // refuses NaN, as chapter 01's step does
Matrix step_backward(const Matrix& dy, const Matrix& z);

Matrix sigmoid_forward(const Matrix& z);
Matrix sigmoid_backward(const Matrix& dy, const Matrix& y);

Matrix tanh_forward(const Matrix& z);
Matrix tanh_backward(const Matrix& dy, const Matrix& y);

Matrix relu_forward(const Matrix& z);
Matrix relu_backward(const Matrix& dy, const Matrix& z);

Matrix leaky_relu_forward(const Matrix& z, Scalar slope);
Matrix leaky_relu_backward(const Matrix& dy, const Matrix& z, Scalar slope);

// ---- a deep stack ----

enum class Activation { step, sigmoid, tanh, relu, leaky_relu };  // leaky with slope 0.01

// The pair of functions above that f names: y = f(z), and ∂L/∂z from dy, z and y = f(z).
Matrix activation_forward(Activation f, const Matrix& z);
Matrix activation_backward(Activation f, const Matrix& dy, const Matrix& z, const Matrix& y);

// Layers a_l = f(a_{l-1} w_l) without biases, a_0 = x (N,D). Given dy = ∂L/∂a of the last layer,
// returns sqrt(Σ dw_l^2) for each layer, the first layer first: the sum in double, and no square
// under- or overflows. What NaN reaches is not finite. Needs at least one layer, of shapes that
// fit: w_l has as many rows as a_{l-1} has columns, and dy is shaped like the last a.
std::vector<Scalar> gradient_norms(Activation f, const std::vector<Matrix>& w, const Matrix& x,
                                   const Matrix& dy);

}  // namespace gradus
