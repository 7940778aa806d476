// Never comes back.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: no answer in time
namespace gradus {

Scalar sigmoid(Scalar z) {
  for (volatile int i = 0;; i = i + 1) {
    if (i < 0 && z > 0) return 0;
  }
}

}  // namespace gradus
