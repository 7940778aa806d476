#include "chapters/05_losses/experiment.hpp"

#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/04_activations/activations.hpp"

namespace gradus::losses {

LossGradient sigmoid_loss(Loss loss, const Matrix& z, const Matrix& t) {
  if (loss == Loss::cross_entropy) return sigmoid_cross_entropy(z, t);
  const Matrix o = sigmoid_forward(z);
  return {.loss = squared_error(o, t), .dz = sigmoid_backward(squared_error_backward(o, t), o)};
}

Run train_unit(Loss loss, Scalar z, int steps) {
  const Scalar learning_rate = 1;
  Matrix bias = {{z}};
  Run run{.loss = loss, .outputs = {sigmoid(z)}};
  for (int i = 0; i < steps; ++i) {
    descend(bias, sigmoid_loss(loss, bias, {{1}}).dz, learning_rate);
    run.outputs.push_back(sigmoid(bias(0, 0)));
  }
  return run;
}

int steps_to(const Run& run, Scalar goal) {
  for (std::size_t i = 0; i < run.outputs.size(); ++i)
    if (run.outputs[i] >= goal) return static_cast<int>(i);
  return -1;
}

}  // namespace gradus::losses
