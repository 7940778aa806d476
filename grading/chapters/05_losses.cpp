#include "chapters/05_losses/losses.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(LossGradient, loss, dz)

GRADUS_FUNCTION(Scalar, squared_error, (const Matrix& o, const Matrix& t), o, t)
GRADUS_FUNCTION(Matrix, squared_error_backward, (const Matrix& o, const Matrix& t), o, t)
GRADUS_FUNCTION(Scalar, mean_squared_error, (const Matrix& o, const Matrix& t), o, t)
GRADUS_FUNCTION(Matrix, mean_squared_error_backward, (const Matrix& o, const Matrix& t), o, t)
GRADUS_FUNCTION(Matrix, one_hot, (const std::vector<int>& labels, int classes), labels, classes)
GRADUS_FUNCTION(Matrix, softmax, (const Matrix& z), z)
GRADUS_FUNCTION(Scalar, cross_entropy, (const Matrix& p, const Matrix& q), p, q)
GRADUS_FUNCTION(LossGradient, softmax_cross_entropy,
                (const Matrix& z, const std::vector<int>& labels), z, labels)
GRADUS_FUNCTION(LossGradient, sigmoid_cross_entropy, (const Matrix& z, const Matrix& t), z, t)
GRADUS_FUNCTION(std::vector<int>, predict, (const Matrix& z), z)
GRADUS_FUNCTION(Scalar, accuracy, (const Matrix& z, const std::vector<int>& labels), z, labels)

}  // namespace gradus
