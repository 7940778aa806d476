#include "common/matrix.hpp"

namespace gradus {

double add(double a, double b) { return a + b; }

double both(double a) { return add(a); }

}  // namespace gradus
