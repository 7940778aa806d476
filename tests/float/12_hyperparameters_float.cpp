// Chapter 12 in float.
#include "chapters/12_hyperparameters/hyperparameters.hpp"
