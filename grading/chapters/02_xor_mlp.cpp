#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(DenseGradients, dx, dw, db)
GRADUS_STRUCT(Mlp, w1, w2, b1, b2)
GRADUS_STRUCT(MlpActivations, h, y)
GRADUS_STRUCT(MlpFit, net, loss)

GRADUS_FUNCTION(Scalar, sigmoid, (Scalar z), z)
GRADUS_FUNCTION(Scalar, sigmoid_derivative, (Scalar y), y)
GRADUS_FUNCTION(Matrix, dense_forward, (const Matrix& x, const Matrix& w, const Matrix& b), x, w, b)
GRADUS_FUNCTION(DenseGradients, dense_backward,
                (const Matrix& dy, const Matrix& x, const Matrix& w), dy, x, w)
GRADUS_FUNCTION(DenseGradients, dense_backward_first, (const Matrix& dy, const Matrix& x), dy, x)
GRADUS_FUNCTION(Mlp, mlp_init, (int inputs, int hidden, int outputs, Random& random), inputs,
                hidden, outputs, random)
GRADUS_FUNCTION(MlpActivations, mlp_forward, (const Mlp& net, const Matrix& x), net, x)
GRADUS_FUNCTION(Mlp, mlp_backward,
                (const Mlp& net, const Matrix& x, const MlpActivations& a, const Matrix& t), net, x,
                a, t)
GRADUS_FUNCTION(MlpFit, mlp_fit,
                (const Mlp& start, const Matrix& x, const Matrix& t, int epochs,
                 Scalar learning_rate),
                start, x, t, epochs, learning_rate)

}  // namespace gradus
