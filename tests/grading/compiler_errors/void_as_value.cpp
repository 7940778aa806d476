#include "common/matrix.hpp"

namespace gradus {

void halve(Matrix& x) { x(0, 0) /= 2; }

int one(Matrix x) {
  int a = halve(x);
  return a;
}

}  // namespace gradus
