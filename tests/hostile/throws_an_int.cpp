// Throws what is no exception.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: no std::exception
namespace gradus {

Scalar sigmoid(Scalar z) {
  if (z == z) throw 42;
  return 0;
}

}  // namespace gradus
