#include "common/matrix.hpp"

namespace gradus {

Matrix zeros(int n) {
  Matrix z = n;
  return z;
}

}  // namespace gradus
