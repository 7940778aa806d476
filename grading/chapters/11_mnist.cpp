#include "chapters/11_mnist/mnist.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(IdxImages, count, rows, cols, pixels)
GRADUS_STRUCT(Network, w, b)

GRADUS_FUNCTION(Matrix, preprocess, (const IdxImages& images), images)
GRADUS_FUNCTION(Network, network_init, (const std::vector<int>& units, Random& random), units,
                random)
GRADUS_FUNCTION(Scalar, train_step,
                (Network & net, const Matrix& x, const std::vector<int>& labels,
                 Scalar learning_rate),
                net, x, labels, learning_rate)
GRADUS_FUNCTION(Scalar, train_epoch,
                (Network & net, const Matrix& x, const std::vector<int>& labels, int batch_size,
                 Scalar learning_rate, Random& random),
                net, x, labels, batch_size, learning_rate, random)
GRADUS_FUNCTION(std::vector<int>, predict, (const Network& net, const Matrix& x), net, x)
GRADUS_FUNCTION(Scalar, accuracy,
                (const std::vector<int>& predicted, const std::vector<int>& labels), predicted,
                labels)
GRADUS_FUNCTION(Matrix, confusion_matrix,
                (const std::vector<int>& predicted, const std::vector<int>& labels, int classes),
                predicted, labels, classes)

}  // namespace gradus
