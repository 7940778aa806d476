#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(LinearModel, w, b)
GRADUS_STRUCT(Descent, path, loss)
GRADUS_STRUCT(Samples, x, labels)

GRADUS_FUNCTION(Matrix, linear_predict, (const LinearModel& model, const Matrix& x), model, x)
GRADUS_FUNCTION(Scalar, linear_loss, (const LinearModel& model, const Matrix& x, const Matrix& t),
                model, x, t)
GRADUS_FUNCTION(LinearModel, linear_gradient,
                (const LinearModel& model, const Matrix& x, const Matrix& t), model, x, t)
GRADUS_FUNCTION(Scalar, largest_curvature, (const Matrix& x), x)
GRADUS_FUNCTION(void, descend, (Matrix & w, const Matrix& dw, Scalar learning_rate), w, dw,
                learning_rate)
GRADUS_FUNCTION(Descent, batch_descent,
                (const LinearModel& start, const Matrix& x, const Matrix& t, Scalar learning_rate,
                 int steps),
                start, x, t, learning_rate, steps)
GRADUS_FUNCTION(Descent, mini_batch_descent,
                (const LinearModel& start, const Matrix& x, const Matrix& t, Scalar learning_rate,
                 int batch_size, int steps, Random& random),
                start, x, t, learning_rate, batch_size, steps, random)
GRADUS_FUNCTION(Descent, stochastic_descent,
                (const LinearModel& start, const Matrix& x, const Matrix& t, Scalar learning_rate,
                 int steps, Random& random),
                start, x, t, learning_rate, steps, random)
GRADUS_FUNCTION(int, iterations_per_epoch, (int samples, int batch_size), samples, batch_size)
GRADUS_FUNCTION(std::vector<std::vector<int>>, epoch_batches,
                (int samples, int batch_size, Random& random), samples, batch_size, random)
GRADUS_FUNCTION(Matrix, take_rows, (const Matrix& x, const std::vector<int>& indices), x, indices)
GRADUS_FUNCTION(Samples, take, (const Samples& samples, const std::vector<int>& indices), samples,
                indices)

}  // namespace gradus
