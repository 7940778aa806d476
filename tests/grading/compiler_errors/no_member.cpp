#include "common/matrix.hpp"

namespace gradus {

int rows(const Matrix& x) { return x.row_count(); }

}  // namespace gradus
