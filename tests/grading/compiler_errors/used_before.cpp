#include "common/matrix.hpp"

namespace gradus {

int one() {
  int a = b;
  int b = 1;
  return a;
}

}  // namespace gradus
