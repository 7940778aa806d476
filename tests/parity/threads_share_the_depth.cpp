// Splits the depth among the threads: another order of the sum for each number of threads.
//
// chapter: 10
// replaces: multiply_threaded
// verdict: graded
// score: below 100
#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus {

Matrix multiply_threaded(const Matrix& a, const Matrix& b) {
  require_same("multiply_threaded: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
#ifdef _OPENMP
  const int parts = omp_get_max_threads();
#else
  const int parts = 1;
#endif
  for (int part = 0; part < parts; ++part) {
    const int from = a.cols() * part / parts, to = a.cols() * (part + 1) / parts;
    for (int i = 0; i < a.rows(); ++i)
      for (int j = 0; j < b.cols(); ++j) {
        Scalar sum = 0;
        for (int k = from; k < to; ++k) sum += a(i, k) * b(k, j);
        c(i, j) += sum;
      }
  }
  return c;
}

}  // namespace gradus
