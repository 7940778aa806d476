#include "common/matrix.hpp"

namespace gradus {

double copy(const Matrix& x) {
  Matrix y = x;
  return y;
}

}  // namespace gradus
