#include "chapters/12_hyperparameters/hyperparameters.hpp"
#include "grading/contract.hpp"

namespace gradus {

GRADUS_STRUCT(Samples, x, labels)
GRADUS_STRUCT(Augmentation, shift, degrees, noise)
GRADUS_STRUCT(Settings, units, init, batch_norm, dropout, l2, l1, optimizer, learning_rate,
              batch_size, augmentation)
GRADUS_STRUCT(Evaluation, loss, accuracy)
GRADUS_STRUCT(Interval, low, high)
GRADUS_STRUCT(Ranges, learning_rate, l2, dropout, hidden, batch_sizes, optimizers)
GRADUS_STRUCT(Choices, learning_rates, l2, dropout, hidden, batch_sizes, optimizers)
GRADUS_STRUCT(LearningCurve, train, validation, diverged)
GRADUS_STRUCT(Trial, settings, failed, train, validation)

GRADUS_FUNCTION(Scalar, log_uniform, (Scalar low, Scalar high, Random& random), low, high, random)
GRADUS_FUNCTION(Settings, draw_settings,
                (const Ranges& ranges, const Settings& base, Random& random), ranges, base, random)
GRADUS_FUNCTION(std::vector<Settings>, grid, (const Choices& choices, const Settings& base),
                choices, base)
GRADUS_FUNCTION(LearningCurve, learning_curve,
                (const Settings& settings, const Samples& train, const Samples& validation,
                 int epochs, const Random& random),
                settings, train, validation, epochs, random)
GRADUS_FUNCTION(int, best_epoch, (const LearningCurve& curve), curve)
GRADUS_FUNCTION(std::vector<Trial>, search,
                (const std::vector<Settings>& settings, const Samples& train,
                 const Samples& validation, int epochs, const Random& random),
                settings, train, validation, epochs, random)
GRADUS_FUNCTION(int, best_of, (const std::vector<Trial>& trials), trials)

}  // namespace gradus
