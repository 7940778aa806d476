// What the demonstration shows and the claims assert: networks of two hidden units that learn XOR.
#pragma once

#include <cstdint>

#include "chapters/02_xor_mlp/xor_mlp.hpp"

namespace gradus::xor_mlp {

inline const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
inline const Matrix targets = {{0}, {1}, {1}, {0}};

MlpFit train(std::uint32_t seed);
bool is_learned(const Mlp& net);  // is every output on its target's side of 1/2?

}  // namespace gradus::xor_mlp
