// Right on the first call, wrong on every later one.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// score: below 100
namespace gradus {

Scalar sigmoid(Scalar z) {
  static int calls = 0;
  return calls++ == 0 ? reference_sigmoid(z) : 0;
}

}  // namespace gradus
