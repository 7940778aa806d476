#include "common/matrix.hpp"

namespace gradus {

int one(int a) { return 1; }

}  // namespace gradus
