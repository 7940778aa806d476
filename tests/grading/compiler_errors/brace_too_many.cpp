#include "common/matrix.hpp"

namespace gradus {

int one() {
  return 1;
}
}

int two() { return 2; }

}  // namespace gradus
