// The optimizers' names for tables and figures. Beside the contract.
#pragma once

#include <string>

#include "chapters/07_optimizers/optimizers.hpp"

namespace gradus {

inline std::string name_of(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::sgd: return "SGD";
    case Optimizer::momentum: return "momentum";
    case Optimizer::nesterov: return "Nesterov";
    case Optimizer::adagrad: return "AdaGrad";
    case Optimizer::rmsprop: return "RMSProp";
    case Optimizer::adam: return "Adam";
    case Optimizer::adamw: return "AdamW";
  }
  return "";
}

}  // namespace gradus
