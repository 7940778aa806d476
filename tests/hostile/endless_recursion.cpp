// Calls itself until the stack ends.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: signal 11
namespace gradus {

Scalar sigmoid(Scalar z) {
  volatile char frame[1000] = {};
  frame[0] = 1;
  return sigmoid(z + frame[0]) + frame[1];
}

}  // namespace gradus
