// Initialization: where training starts.                            docs/06_initialization.md
//
// Weights that are all equal stay equal; too small, and the signal dies on its way up; too large,
// and it saturates. A start that keeps the spread of the activations from layer to layer depends
// on the number of inputs of a unit and on the activation.
// Sources: the notes 001, 002, 003; Y. LeCun et al., Efficient BackProp (1998); X. Glorot and
// Y. Bengio (2010); K. He et al. (2015).
//
// w is (n_in, n_out): a layer of n_out units with n_in inputs each. All numbers are drawn row after
// row. All functions throw std::invalid_argument, before a number is drawn, when shapes do not fit
// or a size is below 1. NaN in a matrix gives NaN, except where a function says otherwise.
#pragma once

#include <vector>

#include "chapters/04_activations/activations.hpp"
#include "common/matrix.hpp"
#include "common/random.hpp"

namespace gradus {

// ---- starts of one layer ----

Matrix zeros_init(int n_in, int n_out);
Matrix uniform_init(int n_in, int n_out, Random& random);  // uniform(-1, 1)

// normal(0, deviation): the standard deviation, finite and ≥ 0. The notes take 1 and 0.01.
Matrix normal_init(int n_in, int n_out, Scalar deviation, Random& random);

// normal(0, 1/√n_in), what the notes call Xavier: LeCun's, which keeps the spread forward.
Matrix xavier_init(int n_in, int n_out, Random& random);

// normal(0, √(2 / (n_in + n_out))), what Glorot and Bengio give: between forward and backward.
Matrix glorot_init(int n_in, int n_out, Random& random);

// normal(0, √(2/n_in)), for ReLU, which lets only half of the signal through.
Matrix he_init(int n_in, int n_out, Random& random);

// ---- starts by name ----

enum class Init { zeros, uniform, normal, small_normal, xavier, glorot, he };

// The start above that `init` names; normal is N(0, 1) and small_normal N(0, 0.01²). zeros draws
// nothing.
Matrix weight_init(Init init, int n_in, int n_out, Random& random);

// ---- what becomes of the signal ----

// Layers a_l = f(a_{l-1} w_l) without biases, a_0 = x (N,D): returns a_1 … a_L. Needs a layer.
std::vector<Matrix> stack_activations(Activation f, const std::vector<Matrix>& w, const Matrix& x);

// √(1/n Σ (v - mean)^2) over all n elements, as np.std. Summed in double, also where Scalar is
// float, and right for elements of any size: that of {1e200, -1e200} is 1e200, though the square
// of 1e200 is infinite. Needs at least one element. NaN or infinity gives NaN.
Scalar standard_deviation(const Matrix& a);

// Counts of the elements in `bins` intervals from low to high, as np.histogram. Edge i is
// low + i ((high - low) / bins), the last one is high. An interval holds its left edge and not its
// right one; the last holds both. What lies outside, as infinity does, is not counted. NaN is
// refused. Needs low < high with a finite high - low, and bins ≥ 1.
std::vector<int> histogram(const Matrix& a, Scalar low, Scalar high, int bins);

// ---- a deep network, to train from each start ----

// Layer l is a dense layer w[l], b[l]; ReLU follows each but the last, whose outputs are logits.
struct Network {
  std::vector<Matrix> w;  // (units before, units)
  std::vector<Matrix> b;  // (1, units)
};

// units {784, 100, 10} makes two layers: weights by weight_init, layer after layer, and biases
// of 0. Needs at least two entries, all at least 1.
Network network_init(const std::vector<int>& units, Init init, Random& random);

// Logits (N,K) of x (N,D).
Matrix network_forward(const Network& net, const Matrix& x);

// The mean softmax cross-entropy of a batch against integer labels, and its gradient by every
// weight and bias, shaped like the network.
struct NetworkGradient {
  Scalar loss;
  Network d;
};
NetworkGradient network_gradient(const Network& net, const Matrix& x,
                                 const std::vector<int>& labels);

}  // namespace gradus
