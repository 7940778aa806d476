// Multiplies the caller's dw by the rate, in place.
//
// chapter: 07
// replaces: sgd_step
// verdict: graded
// score: below 100
// says: changed its argument dw
namespace gradus {

void sgd_step(Matrix& w, const Matrix& dw, Scalar learning_rate) {
  reference_sgd_step(w, dw, learning_rate);
  for (Scalar& value : const_cast<Matrix&>(dw).flat()) value *= learning_rate;
}

}  // namespace gradus
