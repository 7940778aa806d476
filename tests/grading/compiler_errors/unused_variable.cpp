#include "common/matrix.hpp"

namespace gradus {

int one(int a) {
  int b = 3;
  return a;
}

}  // namespace gradus
