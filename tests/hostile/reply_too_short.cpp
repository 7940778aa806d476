// Replies by itself, with fewer bytes than it announced, and goes on.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <unistd.h>

namespace gradus {

Scalar sigmoid(Scalar z) {
  if (write(3, "\100\0\0\0ab", 6) < 0) return 1;
  return 0 * z;
}

}  // namespace gradus
