// Waits for the grader to lose patience.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: no answer in time
#include <unistd.h>

namespace gradus {

Scalar sigmoid(Scalar z) {
  for (;;) sleep(1000);
  return z;
}

}  // namespace gradus
