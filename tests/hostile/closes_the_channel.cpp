// Hangs up.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <unistd.h>

namespace gradus {

Scalar sigmoid(Scalar z) {
  close(3);
  return 0 * z;
}

}  // namespace gradus
