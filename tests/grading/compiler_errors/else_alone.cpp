#include "common/matrix.hpp"

namespace gradus {

int sign(int a) {
  if (a > 0);
    return 1;
  else return -1;
}

}  // namespace gradus
