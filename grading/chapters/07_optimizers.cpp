#include "chapters/07_optimizers/optimizers.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(OptimizerState, direction, squares, t)

GRADUS_FUNCTION(void, sgd_step, (Matrix & w, const Matrix& dw, Scalar learning_rate), w, dw,
                learning_rate)
GRADUS_FUNCTION(void, momentum_step,
                (Matrix & w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                 Scalar momentum),
                w, dw, state, learning_rate, momentum)
GRADUS_FUNCTION(void, nesterov_step,
                (Matrix & w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                 Scalar momentum),
                w, dw, state, learning_rate, momentum)
GRADUS_FUNCTION(void, adagrad_step,
                (Matrix & w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                 Scalar epsilon),
                w, dw, state, learning_rate, epsilon)
GRADUS_FUNCTION(void, rmsprop_step,
                (Matrix & w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                 Scalar rho, Scalar epsilon),
                w, dw, state, learning_rate, rho, epsilon)
GRADUS_FUNCTION(void, adam_step,
                (Matrix & w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                 Scalar beta1, Scalar beta2, Scalar epsilon),
                w, dw, state, learning_rate, beta1, beta2, epsilon)
GRADUS_FUNCTION(void, adamw_step,
                (Matrix & w, const Matrix& dw, OptimizerState& state, Scalar learning_rate,
                 Scalar weight_decay, Scalar beta1, Scalar beta2, Scalar epsilon),
                w, dw, state, learning_rate, weight_decay, beta1, beta2, epsilon)
GRADUS_FUNCTION(void, optimizer_step,
                (Optimizer optimizer, Matrix& w, const Matrix& dw, OptimizerState& state,
                 Scalar learning_rate),
                optimizer, w, dw, state, learning_rate)

}  // namespace gradus
