#include "chapters/01_perceptron/perceptron.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(PerceptronFit, w, b, errors)

GRADUS_FUNCTION(int, step, (Scalar t), t)
GRADUS_FUNCTION(PerceptronFit, perceptron_fit,
                (const Matrix& x, const std::vector<int>& y, int epochs, Scalar learning_rate),  //
                x, y, epochs, learning_rate)
GRADUS_FUNCTION(std::vector<int>, perceptron_predict, (const Matrix& x, const Matrix& w, Scalar b),
                x, w, b)

}  // namespace gradus
