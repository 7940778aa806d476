#include "grading/relations/relation.hpp"

#include <algorithm>

#include "grading/relations/kinds.hpp"

namespace gradus {

std::string relation(const std::vector<Compared>& all) {
  if (std::ranges::all_of(all, &Compared::right)) return "";
  Predicates fitting;
  for (const auto kind : {constants, factors, arrangements, edges, memories, digits}) {
    const Predicates more = kind(all);
    fitting.insert(fitting.end(), more.begin(), more.end());
  }
  return fitting.size() == 1 ? fitting[0] : "";
}

}  // namespace gradus
