#include "common/matrix.hpp"

namespace gradus {

int one() {
  int a = 1；
  return a;
}

}  // namespace gradus
