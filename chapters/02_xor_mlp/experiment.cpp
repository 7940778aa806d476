#include "chapters/02_xor_mlp/experiment.hpp"

namespace gradus::xor_mlp {

MlpFit train(std::uint32_t seed) {
  Random random(seed);
  return mlp_fit(mlp_init(2, 2, 1, random), inputs, targets, 10000, 0.2);
}

bool is_learned(const Mlp& net) {
  const Matrix y = mlp_forward(net, inputs).y;
  for (int n = 0; n < y.rows(); ++n)
    if ((y(n, 0) > 0.5) != (targets(n, 0) > 0.5)) return false;
  return true;
}

}  // namespace gradus::xor_mlp
