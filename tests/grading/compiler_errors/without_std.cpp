#include <vector>

namespace gradus {

vector<double> two() { return {1, 2}; }

}  // namespace gradus
