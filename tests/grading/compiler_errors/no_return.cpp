#include "common/matrix.hpp"

namespace gradus {

double mean(const Matrix& x) {
  double sum = 0;
  for (double v : x.flat()) sum += v;
}

}  // namespace gradus
