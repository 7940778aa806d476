// Takes all memory there is.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: bad_alloc
#include <vector>

namespace gradus {

Scalar sigmoid(Scalar z) {
  static std::vector<char*> all;
  for (;;) {
    all.push_back(new char[1 << 26]);
    all.back()[0] = z > 0;
  }
}

}  // namespace gradus
