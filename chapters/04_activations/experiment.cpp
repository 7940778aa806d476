#include "chapters/04_activations/experiment.hpp"

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "common/random.hpp"

namespace gradus::activations {

std::vector<Scalar> norms_of(const Stack& stack, std::uint32_t seed) {
  const int N = 200;
  Random random(seed);
  std::vector<Matrix> w;
  for (int l = 0; l < stack.layers; ++l)
    w.push_back(random.normal_matrix(0, stack.deviation, units, units));
  const Matrix x = random.normal_matrix(0, 1, N, units);
  return gradient_norms(stack.f, w, x, random.normal_matrix(0, 1.0 / N, N, units));
}

Scalar train_dead_unit(Activation f) {
  Matrix z = {{-2}};
  for (int i = 0; i < 1000; ++i) {
    const Matrix o = activation_forward(f, z), dy = {{o(0, 0) - 1}};
    descend(z, activation_backward(f, dy, z, o), 0.5);
  }
  return activation_forward(f, z)(0, 0);
}

}  // namespace gradus::activations
