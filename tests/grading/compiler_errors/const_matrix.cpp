#include "common/matrix.hpp"

namespace gradus {

void halve(const Matrix& x) { x(0, 0) = x(0, 0) / 2; }

}  // namespace gradus
