#include "chapters/08_normalization/normalization.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(MinMax, low, high)
GRADUS_STRUCT(Standardization, mean, deviation)
GRADUS_STRUCT(BatchNorm, gamma, beta, mean, variance, momentum, epsilon)
GRADUS_STRUCT(BatchNormForward, y, x_hat, inverse)
GRADUS_STRUCT(BatchNormGradients, dx, dgamma, dbeta)
GRADUS_STRUCT(Network, w, b)
GRADUS_STRUCT(DeepNetwork, net, norms)
GRADUS_STRUCT(DeepGradient, loss, d, dgamma, dbeta)

GRADUS_FUNCTION(MinMax, min_max_fit, (const Matrix& x), x)
GRADUS_FUNCTION(Matrix, min_max_apply, (const MinMax& fit, const Matrix& x, Scalar from, Scalar to),
                fit, x, from, to)
GRADUS_FUNCTION(Standardization, standardize_fit, (const Matrix& x), x)
GRADUS_FUNCTION(Matrix, standardize_apply, (const Standardization& fit, const Matrix& x), fit, x)
GRADUS_FUNCTION(BatchNorm, batch_norm_init, (int features), features)
GRADUS_FUNCTION(BatchNormForward, batch_norm_forward, (BatchNorm & norm, const Matrix& x), norm, x)
GRADUS_FUNCTION(BatchNormGradients, batch_norm_backward,
                (const Matrix& dy, const BatchNorm& norm, const BatchNormForward& forward), dy,
                norm, forward)
GRADUS_FUNCTION(Matrix, batch_norm_inference, (const BatchNorm& norm, const Matrix& x), norm, x)

GRADUS_FUNCTION(DeepNetwork, deep_init,
                (const std::vector<int>& units, Init init, bool batch_norm, Random& random), units,
                init, batch_norm, random)
GRADUS_FUNCTION(Matrix, deep_inference, (const DeepNetwork& deep, const Matrix& x), deep, x)
GRADUS_FUNCTION(DeepGradient, deep_gradient,
                (DeepNetwork & deep, const Matrix& x, const std::vector<int>& labels,
                 const std::vector<Matrix>& masks),
                deep, x, labels, masks)

}  // namespace gradus
