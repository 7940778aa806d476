// Brings a matrix product of its own for everybody.
//
// chapter: 02
// verdict: refused
// says: matmul, which is there already
#include "common/matmul.hpp"

namespace gradus {

Matrix matmul(const Matrix& a, const Matrix& b) { return Matrix(a.rows(), b.cols()); }

}  // namespace gradus
