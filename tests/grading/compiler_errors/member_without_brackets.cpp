#include "common/matrix.hpp"

namespace gradus {

int rows(const Matrix& x) { return x.rows; }

}  // namespace gradus
