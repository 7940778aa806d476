#include "common/matrix.hpp"

namespace gradus {

int is_one(int a) {
  if (a = 1) return 1;
  return 0;
}

}  // namespace gradus
