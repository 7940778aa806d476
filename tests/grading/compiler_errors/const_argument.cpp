#include "common/matrix.hpp"

namespace gradus {

void halve(Matrix& x) { x(0, 0) /= 2; }

void both(const Matrix& x) { halve(x); }

}  // namespace gradus
