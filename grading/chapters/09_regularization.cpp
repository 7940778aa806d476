#include "chapters/09_regularization/regularization.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(LinearModel, w, b)
GRADUS_STRUCT(BatchNorm, gamma, beta, mean, variance, momentum, epsilon)
GRADUS_STRUCT(Network, w, b)
GRADUS_STRUCT(DeepNetwork, net, norms)
GRADUS_STRUCT(Dropout, y, mask)
GRADUS_STRUCT(EarlyStopping, best, best_epoch, epoch)
GRADUS_STRUCT(Augmentation, shift, degrees, noise)
GRADUS_STRUCT(Split, train, validation, test)

GRADUS_FUNCTION(LinearModel, ridge, (const Matrix& x, const Matrix& t, Scalar alpha), x, t, alpha)
GRADUS_FUNCTION(LinearModel, least_squares, (const Matrix& x, const Matrix& t), x, t)
GRADUS_FUNCTION(Scalar, l2_penalty, (const Matrix& w, Scalar lambda), w, lambda)
GRADUS_FUNCTION(Matrix, l2_penalty_gradient, (const Matrix& w, Scalar lambda), w, lambda)
GRADUS_FUNCTION(Scalar, l1_penalty, (const Matrix& w, Scalar lambda), w, lambda)
GRADUS_FUNCTION(Matrix, l1_penalty_gradient, (const Matrix& w, Scalar lambda), w, lambda)
GRADUS_FUNCTION(void, l1_shrink, (Matrix & w, Scalar amount), w, amount)
GRADUS_FUNCTION(Matrix, dropout_mask, (int rows, int cols, Scalar rate, Random& random), rows, cols,
                rate, random)
GRADUS_FUNCTION(Dropout, dropout_forward, (const Matrix& x, Scalar rate, Random& random), x, rate,
                random)
GRADUS_FUNCTION(Matrix, dropout_backward, (const Matrix& dy, const Matrix& mask), dy, mask)
GRADUS_FUNCTION(Matrix, dropout_inference, (const Matrix& x), x)
GRADUS_FUNCTION(std::vector<Matrix>, dropout_masks,
                (const DeepNetwork& deep, int N, Scalar rate, Random& random), deep, N, rate,
                random)
GRADUS_FUNCTION(bool, should_stop, (EarlyStopping & state, Scalar validation_loss, int patience),
                state, validation_loss, patience)
GRADUS_FUNCTION(Matrix, shift_images, (const Matrix& x, int down, int right), x, down, right)
GRADUS_FUNCTION(Matrix, rotate_images, (const Matrix& x, Scalar degrees), x, degrees)
GRADUS_FUNCTION(Matrix, add_noise, (const Matrix& x, Scalar deviation, Random& random), x,
                deviation, random)
GRADUS_FUNCTION(Matrix, augment, (const Matrix& x, const Augmentation& options, Random& random), x,
                options, random)
GRADUS_FUNCTION(Split, split_samples,
                (int samples, Scalar test_share, Scalar validation_share, Random& random), samples,
                test_share, validation_share, random)

}  // namespace gradus
