#include <vector>

#include "common/matrix.hpp"

namespace gradus {

Matrix row(const std::vector<int>& labels) { return Matrix{1, labels.size()}; }

}  // namespace gradus
