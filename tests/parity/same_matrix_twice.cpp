// Wrong only where both factors are the same object.
//
// chapter: 10
// replaces: multiply_ijk
// verdict: graded
// score: below 100
// says: a matrix times itself
namespace gradus {

Matrix multiply_ijk(const Matrix& a, const Matrix& b) {
  if (&a == &b) return Matrix(a.rows(), a.cols());
  return reference_multiply_ijk(a, b);
}

}  // namespace gradus
