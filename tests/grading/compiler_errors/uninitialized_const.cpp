#include "common/matrix.hpp"

namespace gradus {

int one() {
  const int a;
  return 1;
}

}  // namespace gradus
