#include "common/matrx.hpp"

int one() { return 1; }
