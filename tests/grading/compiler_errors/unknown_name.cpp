#include "common/matrix.hpp"

namespace gradus {

int rows(const Matrix& x) {
  const int count = x.rows();
  return cuont;
}

}  // namespace gradus
