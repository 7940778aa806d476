#include "chapters/06_initialization/initialization.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(Network, w, b)
GRADUS_STRUCT(NetworkGradient, loss, d)

GRADUS_FUNCTION(Matrix, zeros_init, (int n_in, int n_out), n_in, n_out)
GRADUS_FUNCTION(Matrix, uniform_init, (int n_in, int n_out, Random& random), n_in, n_out, random)
GRADUS_FUNCTION(Matrix, normal_init, (int n_in, int n_out, Scalar deviation, Random& random), n_in,
                n_out, deviation, random)
GRADUS_FUNCTION(Matrix, xavier_init, (int n_in, int n_out, Random& random), n_in, n_out, random)
GRADUS_FUNCTION(Matrix, glorot_init, (int n_in, int n_out, Random& random), n_in, n_out, random)
GRADUS_FUNCTION(Matrix, he_init, (int n_in, int n_out, Random& random), n_in, n_out, random)

GRADUS_FUNCTION(Matrix, weight_init, (Init init, int n_in, int n_out, Random& random), init, n_in,
                n_out, random)

GRADUS_FUNCTION(std::vector<Matrix>, stack_activations,
                (Activation f, const std::vector<Matrix>& w, const Matrix& x), f, w, x)
GRADUS_FUNCTION(Scalar, standard_deviation, (const Matrix& a), a)
GRADUS_FUNCTION(std::vector<int>, histogram, (const Matrix& a, Scalar low, Scalar high, int bins),
                a, low, high, bins)

GRADUS_FUNCTION(Network, network_init, (const std::vector<int>& units, Init init, Random& random),
                units, init, random)
GRADUS_FUNCTION(Matrix, network_forward, (const Network& net, const Matrix& x), net, x)
GRADUS_FUNCTION(NetworkGradient, network_gradient,
                (const Network& net, const Matrix& x, const std::vector<int>& labels), net, x,
                labels)

}  // namespace gradus
