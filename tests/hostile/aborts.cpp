// Lets an exception leave a function that promises none.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: signal 6
namespace gradus {

Scalar sigmoid(Scalar z) {
  []() noexcept { throw 1; }();
  return z;
}

}  // namespace gradus
