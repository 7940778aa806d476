#include "common/matrix.hpp"

namespace gradus {

int one() {
  int a = 1;
  int a = 2;
  return a;
}

}  // namespace gradus
