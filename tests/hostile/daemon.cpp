// Leaves a process behind that lives on.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <unistd.h>

namespace gradus {

Scalar sigmoid(Scalar z) {
  if (fork() == 0) {
    setsid();
    for (;;) sleep(1);
  }
  return 0 * z;
}

}  // namespace gradus
