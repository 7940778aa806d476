// Doubles itself until nothing else runs.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: no fork
#include <unistd.h>

#include <stdexcept>

namespace gradus {

Scalar sigmoid(Scalar z) {
  for (int i = 0; i < 1000; ++i)
    if (fork() < 0) throw std::runtime_error("no fork");
  return 0 * z;
}

}  // namespace gradus
