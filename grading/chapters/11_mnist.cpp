#include "chapters/11_mnist/mnist.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(Network, w, b)
GRADUS_STRUCT(Samples, x, labels)
GRADUS_STRUCT(BatchNorm, gamma, beta, mean, variance, momentum, epsilon)
GRADUS_STRUCT(DeepNetwork, net, norms)
GRADUS_STRUCT(OptimizerState, direction, squares, t)
GRADUS_STRUCT(Augmentation, shift, degrees, noise)
GRADUS_STRUCT(Settings, units, init, batch_norm, dropout, l2, l1, optimizer, learning_rate,
              batch_size, augmentation)
GRADUS_STRUCT(Training, settings, deep, states, random, epoch)
GRADUS_STRUCT(Evaluation, loss, accuracy)

GRADUS_FUNCTION(Training, training_init, (const Settings& settings, const Random& random), settings,
                random)
GRADUS_FUNCTION(Scalar, train_step, (Training & training, const Samples& batch), training, batch)
GRADUS_FUNCTION(Scalar, train_epoch, (Training & training, const Samples& samples), training,
                samples)
GRADUS_FUNCTION(Evaluation, evaluate, (const DeepNetwork& deep, const Samples& samples), deep,
                samples)
GRADUS_FUNCTION(Matrix, confusion_matrix,
                (const std::vector<int>& predicted, const std::vector<int>& labels, int classes),
                predicted, labels, classes)

}  // namespace gradus
