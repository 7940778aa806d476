// The kinds of relations. Each gives the predicates of those that fit: none, one, or several.
#pragma once

#include <string>
#include <vector>

#include "grading/relations/relation.hpp"

namespace gradus {

using Predicates = std::vector<std::string>;

Predicates constants(const std::vector<Compared>& all);     // 0 or NaN everywhere
Predicates factors(const std::vector<Compared>& all);       // N, 1/N, 2, the sign, more by 1
Predicates arrangements(const std::vector<Compared>& all);  // transposed, in another order
Predicates edges(const std::vector<Compared>& all);         // right but for the last row
Predicates memories(const std::vector<Compared>& all);      // an argument, the answer before
Predicates digits(const std::vector<Compared>& all);        // float in place of double

}  // namespace gradus
