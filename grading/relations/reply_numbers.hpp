// Requests and replies of the wire as rows and columns of numbers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grading/process.hpp"
#include "grading/relations/contract_names.hpp"
#include "grading/relations/relation.hpp"

namespace gradus {

// A number, a matrix, a list of numbers or a generator inside of a value.
struct Leaf {
  std::string words;      // "dw", "w"; empty for the result of a function that returns no struct
  std::size_t place = 0;  // its place among those with the same words
  Numbers numbers;
  bool generator = false, matrix = false, list = false;  // else one number
};

struct ReplyNumbers {
  wire::Status status = wire::Status::returned;
  std::vector<Leaf> leaves;  // of the result, and of what the call was to change
};
ReplyNumbers read_reply(const ContractNames& names, const Signature& signature,
                        const std::string& bytes);

struct RequestNumbers {
  std::shared_ptr<const CallData> data;
  std::vector<Leaf> changed;  // the arguments that come back, as they were
};
RequestNumbers read_request(const ContractNames& names, const Signature& signature,
                            const std::string& bytes);

}  // namespace gradus
