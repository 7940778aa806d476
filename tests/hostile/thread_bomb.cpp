// The same with threads.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <thread>

namespace gradus {

Scalar sigmoid(Scalar z) {
  for (int i = 0; i < 1000; ++i)
    std::thread([] {
      for (;;) {
      }
    }).detach();
  return 0 * z;
}

}  // namespace gradus
