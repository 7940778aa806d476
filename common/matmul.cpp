#include "common/matmul.hpp"

#include "common/require.hpp"

namespace gradus {

Matrix matmul(const Matrix& a, const Matrix& b) {
  require_same("matmul: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
  for (int i = 0; i < a.rows(); ++i)
    for (int k = 0; k < a.cols(); ++k)
      for (int j = 0; j < b.cols(); ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

Matrix matmul_tn(const Matrix& a, const Matrix& b) {
  require_same("matmul_tn: rows of a, rows of b", a.rows(), b.rows());
  Matrix c(a.cols(), b.cols());
  for (int k = 0; k < a.rows(); ++k)
    for (int i = 0; i < a.cols(); ++i)
      for (int j = 0; j < b.cols(); ++j) c(i, j) += a(k, i) * b(k, j);
  return c;
}

Matrix matmul_nt(const Matrix& a, const Matrix& b) {
  require_same("matmul_nt: columns of a, columns of b", a.cols(), b.cols());
  Matrix c(a.rows(), b.rows());
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < b.rows(); ++j)
      for (int k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(j, k);
  return c;
}

}  // namespace gradus
