// What a chapter's functions, arguments and members are called, read from grading/chapters/NN_name.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace gradus {

struct Parameter {
  std::string name, type;
  bool changed = false;  // by reference: it comes back
};

struct Signature {
  std::string name, result;
  std::vector<Parameter> parameters;
};

struct ContractNames {
  std::vector<Signature> functions;  // in the order of the chapter, the simple ones first
  std::map<std::string, std::vector<std::string>> members;  // of each struct

  const Signature* find(const std::string& function) const;
};

ContractNames read_contract_names(const std::string& source);

}  // namespace gradus
