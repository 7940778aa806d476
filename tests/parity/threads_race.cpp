// All threads pack into the same panel.
//
// chapter: 10
// replaces: multiply_threaded
// verdict: graded
// score: below 100
namespace gradus {

Matrix multiply_threaded(const Matrix& a, const Matrix& b) {
  require_same("multiply_threaded: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
  static std::vector<Scalar> column;
  column.assign(static_cast<std::size_t>(a.cols()), 0);
#pragma omp parallel for
  for (int j = 0; j < b.cols(); ++j) {
    for (int k = 0; k < b.rows(); ++k) column[static_cast<std::size_t>(k)] = b(k, j);
    for (int i = 0; i < a.rows(); ++i) {
      Scalar sum = 0;
      for (int k = 0; k < a.cols(); ++k) sum += a(i, k) * column[static_cast<std::size_t>(k)];
      c(i, j) = sum;
    }
  }
  return c;
}

}  // namespace gradus
