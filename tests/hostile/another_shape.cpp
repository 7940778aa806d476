// Returns its result lying down.
//
// chapter: 02
// replaces: dense_forward
// verdict: graded
// score: below 100
namespace gradus {

Matrix dense_forward(const Matrix& x, const Matrix& w, const Matrix& b) {
  const Matrix y = reference_dense_forward(x, w, b);
  Matrix flat(1, y.size());
  for (int i = 0; i < y.size(); ++i) flat(0, i) = y.flat()[i];
  return flat;
}

}  // namespace gradus
