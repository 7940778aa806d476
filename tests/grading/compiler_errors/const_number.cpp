#include "common/matrix.hpp"

namespace gradus {

int more(const int n) {
  n += 1;
  return n;
}

}  // namespace gradus
