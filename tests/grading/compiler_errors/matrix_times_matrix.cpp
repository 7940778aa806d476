#include "common/matrix.hpp"

namespace gradus {

Matrix product(const Matrix& a, const Matrix& b) { return a * b; }

}  // namespace gradus
