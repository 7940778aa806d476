#include "common/matrix.hpp"

namespace gradus {

int twice(int a) {
  const int b = 2 * a
  return b;
}

}  // namespace gradus
