#include "grading/relations/contract_names.hpp"

#include <algorithm>
#include <cctype>

namespace gradus {
namespace {

std::string trimmed_word(std::string text) {
  const auto space = [](unsigned char c) { return std::isspace(c) != 0; };
  std::erase(text, '\n');
  text.erase(text.begin(), std::ranges::find_if_not(text, space));
  while (!text.empty() && space(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

// "a, (b, c), d<e, f>" in its three parts.
std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : list) {
    depth += c == '(' || c == '<' ? 1 : c == ')' || c == '>' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string& part : parts) part = trimmed_word(part);
  return parts;
}

// What stands in the brackets that open at `open`.
std::string in_brackets(const std::string& source, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < source.size(); ++i) {
    depth += source[i] == '(' ? 1 : source[i] == ')' ? -1 : 0;
    if (depth == 0) return source.substr(open + 1, i - open - 1);
  }
  return "";
}

// "const std::vector<int>& labels".
Parameter parameter_of(std::string text) {
  Parameter parameter;
  const bool reference = text.find('&') != std::string::npos;
  const std::size_t constant = text.find("const ");
  parameter.changed = reference && constant == std::string::npos;
  if (constant != std::string::npos) text.erase(constant, 6);
  std::erase(text, '&');
  text = trimmed_word(text);
  const std::size_t space = text.rfind(' ');
  parameter.name = space == std::string::npos ? text : text.substr(space + 1);
  parameter.type = trimmed_word(text.substr(0, space));
  return parameter;
}

std::vector<std::vector<std::string>> calls_of(const std::string& source,
                                               const std::string& macro) {
  std::vector<std::vector<std::string>> calls;
  for (std::size_t at = source.find(macro + "("); at != std::string::npos;
       at = source.find(macro + "(", at + 1))
    calls.push_back(parts_of(in_brackets(source, at + macro.size())));
  return calls;
}

}  // namespace

const Signature* ContractNames::find(const std::string& function) const {
  const auto at = std::ranges::find(functions, function, &Signature::name);
  return at == functions.end() ? nullptr : &*at;
}

ContractNames read_contract_names(const std::string& source) {
  ContractNames names;
  for (const std::vector<std::string>& parts : calls_of(source, "GRADUS_STRUCT"))
    names.members[parts[0]] = {parts.begin() + 1, parts.end()};
  for (const std::vector<std::string>& parts : calls_of(source, "GRADUS_FUNCTION")) {
    if (parts.size() < 3) continue;
    Signature signature{parts[1], parts[0], {}};
    for (const std::string& one : parts_of(in_brackets(parts[2], 0)))
      if (!one.empty()) signature.parameters.push_back(parameter_of(one));
    names.functions.push_back(signature);
  }
  return names;
}

}  // namespace gradus
