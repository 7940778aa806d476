// Static state that drifts: a thousandth more from the second call on.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// score: below 100
// says: static or global
namespace gradus {

Scalar sigmoid(Scalar z) {
  static int calls = 0;
  return reference_sigmoid(z) + (calls++ > 0 ? Scalar(1e-3) : Scalar(0));
}

}  // namespace gradus
