#include "common/matrix.hpp"

namespace gradus {

const char* word() { return "step; }

}  // namespace gradus
