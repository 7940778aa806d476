#include "common/matrix.hpp"

namespace gradus {

double first(const Matrix& x) { return x[0][0]; }

}  // namespace gradus
