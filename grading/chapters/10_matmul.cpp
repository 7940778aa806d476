#include "chapters/10_matmul/matmul.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_FUNCTION(Matrix, multiply_ijk, (const Matrix& a, const Matrix& b), a, b)
GRADUS_FUNCTION(Matrix, multiply_ikj, (const Matrix& a, const Matrix& b), a, b)
GRADUS_FUNCTION(Matrix, multiply_blocked, (const Matrix& a, const Matrix& b, int block), a, b,
                block)
GRADUS_FUNCTION(Matrix, multiply_tiled, (const Matrix& a, const Matrix& b), a, b)
GRADUS_FUNCTION(Matrix, multiply_packed, (const Matrix& a, const Matrix& b), a, b)
GRADUS_FUNCTION(Matrix, multiply_threaded, (const Matrix& a, const Matrix& b), a, b)
GRADUS_FUNCTION(Matrix, multiply_sliced, (const Matrix& a, const Matrix& b, int depth), a, b, depth)
GRADUS_FUNCTION(Matrix, multiply_tn, (const Matrix& a, const Matrix& b), a, b)
GRADUS_FUNCTION(Matrix, multiply_nt, (const Matrix& a, const Matrix& b), a, b)

}  // namespace gradus
