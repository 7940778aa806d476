#include "common/matrix.hpp"

namespace gradus {

double root(double a) { return std::sqrt(a) + std::accumulate(&a, &a, 0.0); }

}  // namespace gradus
