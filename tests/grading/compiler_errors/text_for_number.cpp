#include "common/matrix.hpp"

namespace gradus {

int one() { return "1"; }

}  // namespace gradus
