#pragma once
#include "chapters/12_hyperparameters/hyperparameters.hpp"
