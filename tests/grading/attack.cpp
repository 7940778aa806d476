#include "tests/grading/attack.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

#include "grading/base/files.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

// What stands after "// key: " in the first comment.
std::string member(const std::string& text, const std::string& key) {
  const std::string start = "\n// " + key + ": ";
  const std::size_t at = text.find(start), from = at + start.size();
  return at == std::string::npos ? "" : text.substr(from, text.find('\n', from) - from);
}

Attack load_attack(const fs::path& file) {
  const std::string text = read_text(file);
  Attack attack{file.stem().string(),    text,
                member(text, "chapter"), member(text, "place"),
                member(text, "verdict"), member(text, "score"),
                member(text, "says"),    {}};
  std::istringstream names(member(text, "replaces"));
  for (std::string name; names >> name;) attack.replaces.insert(name);
  if (attack.chapter.empty() || attack.verdict.empty())
    throw ToolError(file.string() + ": says no chapter or no verdict");
  return attack;
}

// The text with each of these names turned into prefix_name.
std::string renamed(const std::string& text, const std::set<std::string>& names,
                    const std::string& prefix) {
  std::string before, after;
  for (const std::string& name : names) {
    before += "#define " + name + " " + prefix + name + "\n";
    after += "#undef " + name + "\n";
  }
  return before + text + after;
}

std::set<std::string> contract_of(const GradingConfig& config, const GradedChapter& chapter) {
  const std::string text = read_text(config.root / "grading/chapters" / (chapter.folder + ".cpp"));
  static const std::regex function(R"(GRADUS_FUNCTION\([^,()]*(?:<[^>]*>)?, *([a-z0-9_]+),)");
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), function), end; it != end; ++it)
    names.insert((*it)[1]);
  return names;
}

// The reference, its header read before any name changes.
std::string reference_without(const GradingConfig& config, const GradedChapter& chapter,
                              const std::set<std::string>& functions) {
  const fs::path source = config.reference(chapter);
  const std::string header = "#include \"chapters/" + chapter.folder + "/" +
                             fs::path(chapter.file).stem().string() + ".hpp\"\n";
  return header + renamed(read_text(source), functions, "reference_");
}

}  // namespace

std::vector<Attack> load_attacks(const GradingConfig& config, const std::string& folder) {
  std::vector<Attack> attacks;
  for (const auto& entry : fs::directory_iterator(config.root / folder))
    if (entry.path().extension() == ".cpp") attacks.push_back(load_attack(entry.path()));
  std::ranges::sort(attacks, {}, &Attack::name);
  return attacks;
}

Submission submission_of(const GradingConfig& config, const Attack& attack) {
  Submission submission;
  submission.name = attack.name;
  submission.chapter = config.find(attack.chapter);
  if (submission.chapter == nullptr) throw ToolError(attack.name + ": no such chapter");
  const std::string reference = reference_without(config, *submission.chapter, attack.replaces);
  submission.source = attack.place == "before" ? attack.code + reference : reference + attack.code;
  return submission;
}

Submission without(const GradingConfig& config, const GradedChapter& chapter,
                   const std::set<std::string>& functions) {
  std::set<std::string> others = contract_of(config, chapter);
  for (const std::string& name : functions)
    if (others.erase(name) == 0) throw ToolError(name + ": is no function of the chapter");
  Submission submission;
  submission.name = "without";
  submission.chapter = &chapter;
  submission.source = reference_without(config, chapter, functions) +
                      renamed(read_text(config.stub(chapter)), others, "stub_");
  return submission;
}

}  // namespace gradus
