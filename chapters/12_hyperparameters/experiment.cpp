#include "chapters/12_hyperparameters/experiment.hpp"
