// Initialization: write these functions in work/, where `./gradus start 06` copies this file. What
// each must do is described in initialization.hpp.

#include "chapters/06_initialization/initialization.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: a new Matrix is zero already. What is left are sizes that must be refused.
Matrix zeros_init(int, int) { throw NotImplemented("zeros_init"); }

// Hint: Random can draw a whole matrix, row after row. Which is the lower end?
Matrix uniform_init(int, int, Random&) { throw NotImplemented("uniform_init"); }

// Hint: Random can draw a whole matrix, row after row. It wants a standard deviation, not
// a variance. Look at the deviation before you draw: common/require.hpp has the checks.
Matrix normal_init(int, int, Scalar, Random&) { throw NotImplemented("normal_init"); }

// Hint: a unit adds up n_in products. How does the standard deviation of a sum grow with the terms?
// Hint: 1 / n_in between two ints is 0.
Matrix xavier_init(int, int, Random&) { throw NotImplemented("xavier_init"); }

// Hint: if n_in and n_out are equal it must be the same as xavier_init.
Matrix glorot_init(int, int, Random&) { throw NotImplemented("glorot_init"); }

// Hint: half of the inputs are 0 after ReLU. Which variance makes up for it?
Matrix he_init(int, int, Random&) { throw NotImplemented("he_init"); }

// ---- starts by name ----

// Hint: a switch with a line for each name, and each line is a call of a function above.
Matrix weight_init(Init, int, int, Random&) { throw NotImplemented("weight_init"); }

// ---- what becomes of the signal ----

// Hint: each layer takes the outputs of the one before; x itself is not among the results.
// Hint: activation_forward of chapter 04 knows all the functions.
std::vector<Matrix> stack_activations(Activation, const std::vector<Matrix>&, const Matrix&) {
  throw NotImplemented("stack_activations");
}

// Hint: two passes over the elements: first the mean, then the squares of what is left.
// Hint: the square of 1e200 is infinite and that of 1e-200 is 0. Divide all of what is left by the
// largest of it before you square, and multiply the root by it. A sum of 1e308s overflows, too.
Scalar standard_deviation(const Matrix&) { throw NotImplemented("standard_deviation"); }

// Hint: (v - low) / width tells the interval, nearly: near an edge the division may round to the
// wrong side. Compare with the edges themselves.
// Hint: NaN is neither below low nor above high: which of your comparisons lets it through?
// Hint: there is one value that lies in no interval [left, right) and must be counted all the same.
std::vector<int> histogram(const Matrix&, Scalar, Scalar, int) {
  throw NotImplemented("histogram");
}

// ---- a deep network ----

// Hint: four entries make three layers. Which two of them are the inputs and the units of layer l?
// Hint: is the last entry looked at before the first layer is drawn? All layers take their numbers
// from one generator, which comes in by reference.
Network network_init(const std::vector<int>&, Init, Random&) {
  throw NotImplemented("network_init");
}

// Hint: dense_forward of chapter 02 and relu_forward of chapter 04, in turn. Which comes last?
Matrix network_forward(const Network&, const Matrix&) { throw NotImplemented("network_forward"); }

// Hint: forward once more, but keep every layer's input and every z: the way back needs them all.
// Hint: from the last layer to the first: dense_backward, then through the ReLU below it.
NetworkGradient network_gradient(const Network&, const Matrix&, const std::vector<int>&) {
  throw NotImplemented("network_gradient");
}

}  // namespace gradus
