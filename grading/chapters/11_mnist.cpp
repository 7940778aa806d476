#include "chapters/11_mnist/mnist.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(Network, w, b)
GRADUS_STRUCT(Samples, x, labels)

GRADUS_FUNCTION(Scalar, train_step, (Network & net, const Samples& batch, Scalar learning_rate),
                net, batch, learning_rate)
GRADUS_FUNCTION(Scalar, train_epoch,
                (Network & net, const Samples& samples, int batch_size, Scalar learning_rate,
                 Random& random),
                net, samples, batch_size, learning_rate, random)
GRADUS_FUNCTION(Matrix, confusion_matrix,
                (const std::vector<int>& predicted, const std::vector<int>& labels, int classes),
                predicted, labels, classes)

}  // namespace gradus
