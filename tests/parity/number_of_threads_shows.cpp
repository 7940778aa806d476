// The last rows are forgotten unless there is a single thread.
//
// chapter: 02
// replaces: dense_backward
// verdict: graded
// score: below 100
// says: threads
#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus {

DenseGradients dense_backward(const Matrix& dy, const Matrix& x, const Matrix& w) {
  DenseGradients d = reference_dense_backward(dy, x, w);
#ifdef _OPENMP
  if (omp_get_max_threads() > 1 && d.db.size() > 0) d.db.flat()[0] = 0;
#endif
  return d;
}

}  // namespace gradus
