#include "common/matrix.hpp"

namespace gradus {

int one() {
  int a = 1;
  if (a > 0) {
    return a;
  return 0;
}

int two() {
  return 2;
}

}  // namespace gradus
