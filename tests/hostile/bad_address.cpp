// Writes to no address.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: signal 11
namespace gradus {

Scalar sigmoid(Scalar z) {
  *static_cast<volatile Scalar*>(nullptr) = z;
  return 0;
}

}  // namespace gradus
