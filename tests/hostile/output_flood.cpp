// Fills disks and terminals with its output.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: no answer in time
#include <cstdio>

namespace gradus {

Scalar sigmoid(Scalar z) {
  for (;;)
    if (std::fputs("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", stdout) <
            0 &&
        z > 1e300)
      return 0;
}

}  // namespace gradus
