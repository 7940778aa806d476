// The perceptron: write these functions in work/, where `./gradus start 01` copies this file. What
// each must do is described in perceptron.hpp.

#include "chapters/01_perceptron/perceptron.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: one comparison. Read in perceptron.hpp what t is compared with, and why not with 0.
// Hint: a comparison with NaN is false, whichever way it is written. So look for NaN first.
int step(Scalar) { throw NotImplemented("step"); }

// Hint: three nested loops: epochs, samples, inputs. Correct the weights after every sample, not
// once per epoch: the next sample must already meet the corrected weights.
// Hint: a sample counts as wrong by what was predicted before its own correction.
PerceptronFit perceptron_fit(const Matrix&, const std::vector<int>&, int, Scalar) {
  throw NotImplemented("perceptron_fit");
}

// Hint: the same weighted sum and step as in training, for each row; nothing is learned here.
std::vector<int> perceptron_predict(const Matrix&, const Matrix&, Scalar) {
  throw NotImplemented("perceptron_predict");
}

}  // namespace gradus
