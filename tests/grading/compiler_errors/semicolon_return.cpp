#include "common/matrix.hpp"

namespace gradus {

int twice(int a) {
  return 2 * a
}

}  // namespace gradus
