// Takes all memory there is.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: bad_alloc
#include <vector>

namespace gradus {

Scalar sigmoid(Scalar z) {
  static std::vector<std::vector<char>> all;
  for (;;) all.emplace_back(1 << 26, z > 0);
}

}  // namespace gradus
