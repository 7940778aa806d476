// The relation of what a submission's function replied to what the reference replies.
#pragma once

#include <string>
#include <vector>

#include "grading/relations/contract_names.hpp"

namespace gradus {

// A recorded call, and the reference's reply to it. The texts outlive it.
struct Replay {
  const std::string& request;
  const std::string& reply;
  std::string expected;
  int test = 0, threads = 1;
};

// "dense_backward's dw is the transpose of what was expected": one clause for each relation that is
// needed; none unless all that is wrong in all these calls is explained.
std::vector<std::string> explain_function(const ContractNames& names, const std::string& function,
                                          const std::vector<Replay>& calls);

}  // namespace gradus
