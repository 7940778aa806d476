#include "chapters/04_activations/activations.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_FUNCTION(Scalar, step_derivative, (Scalar z), z)
GRADUS_FUNCTION(Scalar, tanh_derivative, (Scalar y), y)
GRADUS_FUNCTION(Scalar, relu, (Scalar z), z)
GRADUS_FUNCTION(Scalar, relu_derivative, (Scalar z), z)
GRADUS_FUNCTION(Scalar, leaky_relu, (Scalar z, Scalar slope), z, slope)
GRADUS_FUNCTION(Scalar, leaky_relu_derivative, (Scalar z, Scalar slope), z, slope)

GRADUS_FUNCTION(Matrix, step_forward, (const Matrix& z), z)
GRADUS_FUNCTION(Matrix, step_backward, (const Matrix& dy, const Matrix& z), dy, z)
GRADUS_FUNCTION(Matrix, sigmoid_forward, (const Matrix& z), z)
GRADUS_FUNCTION(Matrix, sigmoid_backward, (const Matrix& dy, const Matrix& y), dy, y)
GRADUS_FUNCTION(Matrix, tanh_forward, (const Matrix& z), z)
GRADUS_FUNCTION(Matrix, tanh_backward, (const Matrix& dy, const Matrix& y), dy, y)
GRADUS_FUNCTION(Matrix, relu_forward, (const Matrix& z), z)
GRADUS_FUNCTION(Matrix, relu_backward, (const Matrix& dy, const Matrix& z), dy, z)
GRADUS_FUNCTION(Matrix, leaky_relu_forward, (const Matrix& z, Scalar slope), z, slope)
GRADUS_FUNCTION(Matrix, leaky_relu_backward, (const Matrix& dy, const Matrix& z, Scalar slope), dy,
                z, slope)

GRADUS_FUNCTION(Matrix, activation_forward, (Activation f, const Matrix& z), f, z)
GRADUS_FUNCTION(Matrix, activation_backward,
                (Activation f, const Matrix& dy, const Matrix& z, const Matrix& y), f, dy, z, y)
GRADUS_FUNCTION(std::vector<Scalar>, gradient_norms,
                (Activation f, const std::vector<Matrix>& w, const Matrix& x, const Matrix& dy), f,
                w, x, dy)

}  // namespace gradus
