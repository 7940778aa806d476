#include "common/matrix.hpp"

namespace gradus {

double half(double a) {
  if (a > 1 {
    return a / 2;
  }
  return a;
}

}  // namespace gradus
