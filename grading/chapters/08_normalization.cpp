#include "chapters/08_normalization/normalization.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(MinMax, low, high)
GRADUS_STRUCT(Standardization, mean, deviation)
GRADUS_STRUCT(BatchNorm, gamma, beta, mean, variance)
GRADUS_STRUCT(BatchNormForward, y, x_hat, inverse)
GRADUS_STRUCT(BatchNormGradients, dx, dgamma, dbeta)

GRADUS_FUNCTION(MinMax, min_max_fit, (const Matrix& x), x)
GRADUS_FUNCTION(Matrix, min_max_apply, (const MinMax& fit, const Matrix& x, Scalar from, Scalar to),
                fit, x, from, to)
GRADUS_FUNCTION(Standardization, standardize_fit, (const Matrix& x), x)
GRADUS_FUNCTION(Matrix, standardize_apply, (const Standardization& fit, const Matrix& x), fit, x)
GRADUS_FUNCTION(BatchNorm, batch_norm_init, (int features), features)
GRADUS_FUNCTION(BatchNormForward, batch_norm_forward,
                (BatchNorm & norm, const Matrix& x, Scalar momentum, Scalar epsilon), norm, x,
                momentum, epsilon)
GRADUS_FUNCTION(BatchNormGradients, batch_norm_backward,
                (const Matrix& dy, const BatchNorm& norm, const BatchNormForward& forward), dy,
                norm, forward)
GRADUS_FUNCTION(Matrix, batch_norm_inference,
                (const BatchNorm& norm, const Matrix& x, Scalar epsilon), norm, x, epsilon)

}  // namespace gradus
