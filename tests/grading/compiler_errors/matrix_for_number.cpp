#include "common/matrix.hpp"

namespace gradus {

double first(const Matrix& x) {
  double sum = x;
  return sum;
}

}  // namespace gradus
