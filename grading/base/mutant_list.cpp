#include "grading/base/mutant_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

using nlohmann::json;

struct Member {
  const char* name;
  std::string Mutant::*field;
};

constexpr std::array<Member, 6> kMembers = {{{"id", &Mutant::id},
                                             {"file", &Mutant::file},
                                             {"find", &Mutant::find},
                                             {"replace", &Mutant::replace},
                                             {"caught_by", &Mutant::caught_by},
                                             {"diagnosis", &Mutant::diagnosis}}};

json parse_file(const fs::path& file) {
  try {
    return json::parse(read_text(file));
  } catch (const json::exception& e) {
    throw ToolError(fmt::format("{}: {}", file.string(), e.what()));
  }
}

Mutant parse_mutant(const json& entry, const std::string& where) {
  if (!entry.is_object()) throw ToolError(where + ": must be an object");
  Mutant mutant;
  for (const Member& member : kMembers) {
    const auto found = entry.find(member.name);
    if (found == entry.end()) throw ToolError(fmt::format("{}: no \"{}\"", where, member.name));
    if (!found->is_string())
      throw ToolError(fmt::format("{}: \"{}\" must be a text", where, member.name));
    mutant.*member.field = found->get<std::string>();
    if ((mutant.*member.field).empty() && member.field != &Mutant::replace)
      throw ToolError(fmt::format("{}: \"{}\" is empty", where, member.name));
  }
  const json compiled = entry.value("compiled", json(mutant.file));
  if (!compiled.is_string()) throw ToolError(where + ": \"compiled\" must be a text");
  mutant.compiled = compiled.get<std::string>();
  for (const auto& [key, value] : entry.items()) {
    if (key == "compiled") continue;
    const auto known = [&key = key](const Member& member) { return key == member.name; };
    if (std::none_of(kMembers.begin(), kMembers.end(), known))
      throw ToolError(fmt::format("{}: unknown key \"{}\"", where, key));
  }
  return mutant;
}

void check_mutant(const Mutant& mutant, const std::string& where) {
  const auto plain = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  // The id becomes the name of a folder.
  if (!std::all_of(mutant.id.begin(), mutant.id.end(), plain) || !std::isalpha(mutant.id[0]))
    throw ToolError(fmt::format("{}: an id has letters, digits, '.', '_' and '-'", where));
  for (const fs::path file : {mutant.file, mutant.compiled})
    if (file.is_absolute() || std::find(file.begin(), file.end(), "..") != file.end())
      throw ToolError(fmt::format("{}: \"file\" must be relative to the source root", where));
  if (fs::path(mutant.compiled).extension() != ".cpp")
    throw ToolError(fmt::format(
        "{}: \"file\" must be a .cpp, or \"compiled\" name one: one file is compiled", where));
  if (mutant.find == mutant.replace)
    throw ToolError(fmt::format("{}: \"find\" and \"replace\" are the same", where));
}

}  // namespace

std::vector<Mutant> load_mutants(const fs::path& list) {
  const json entries = parse_file(list);
  if (!entries.is_array()) throw ToolError(list.string() + ": must be a list of mutants");
  std::vector<Mutant> mutants;
  std::set<std::string> ids;
  for (const json& entry : entries) {
    std::string where = fmt::format("{}: entry {}", list.string(), mutants.size() + 1);
    if (entry.is_object() && entry.contains("id") && entry["id"].is_string())
      where += fmt::format(" ({})", entry["id"].get<std::string>());
    mutants.push_back(parse_mutant(entry, where));
    check_mutant(mutants.back(), where);
    if (!ids.insert(mutants.back().id).second) throw ToolError(where + ": the id is there already");
  }
  return mutants;
}

std::string apply_mutant(const std::string& source, const Mutant& mutant) {
  int count = 0;
  std::size_t where = 0;
  for (std::size_t at = source.find(mutant.find); at != std::string::npos;
       at = source.find(mutant.find, at + 1)) {
    where = at;
    ++count;
  }
  if (count == 0) throw ToolError(fmt::format("text no longer matches in {}", mutant.file));
  if (count > 1) throw ToolError(fmt::format("text matches {} times in {}", count, mutant.file));
  std::string edited = source;
  return edited.replace(where, mutant.find.size(), mutant.replace);
}

}  // namespace gradus
