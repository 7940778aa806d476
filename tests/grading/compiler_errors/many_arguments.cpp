#include "common/matrix.hpp"

namespace gradus {

double twice(double a) { return 2 * a; }

double both(double a) { return twice(a, a); }

}  // namespace gradus
