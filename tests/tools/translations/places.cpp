#include "tests/tools/translations/places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "grading/base/files.hpp"
#include "tests/tools/translations/unicode.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

bool starts_with(const std::string& text, const std::string& begin) {
  return text.rfind(begin, 0) == 0;
}

bool is_page(const std::string& file) { return fs::path(file).extension() == ".md"; }

}  // namespace

std::string anchor_of(const std::string& heading) {
  std::string bare;
  for (const char c : heading)
    if (c != '`' && c != '$') bare += c;
  std::u32string anchor;
  for (char32_t c : read_prose(bare).words) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (c == ' ') c = '-';
    if (c == '-' || is_word_letter(c)) anchor += c;
  }
  return to_utf8(anchor);
}

std::vector<std::string> anchors_of(const BlockPage& page) {
  std::vector<std::string> anchors;
  std::map<std::string, int> seen;
  for (const Block& block : page.blocks) {
    if (block.kind != Kind::heading) continue;
    const std::string anchor = anchor_of(block.parts[0].text);
    const int earlier = seen[anchor]++;
    anchors.push_back(earlier == 0 ? anchor : fmt::format("{}-{}", anchor, earlier));
  }
  return anchors;
}

std::string korean_of(const std::string& page) {
  if (page == "README.md") return "README.ko.md";
  const fs::path path = page;
  if (path.parent_path() != "docs" || !is_page(page)) return "";
  return "docs/ko/" + path.filename().string();
}

std::string english_of(const std::string& page) {
  if (page == "README.ko.md") return "README.md";
  const fs::path path = page;
  if (path.parent_path() != "docs/ko" || !is_page(page)) return "";
  return "docs/" + path.filename().string();
}

void Places::find_pages() {
  if (exists("README.md")) english_.emplace_back("README.md");
  std::set<std::string> names;
  for (const char* folder : {"docs", "docs/ko"}) {
    if (!exists(folder)) continue;
    for (const auto& entry : fs::directory_iterator(root_ / folder))
      if (is_page(entry.path().filename()))
        names.insert("docs/" + entry.path().filename().string());
  }
  english_.insert(english_.end(), names.begin(), names.end());
  if (english_.empty()) throw ToolError(fmt::format("{} has no pages", root_.string()));
}

bool Places::exists(const std::string& file) const { return fs::exists(root_ / file); }

const BlockPage& Places::page(const std::string& name) {
  const auto known = pages_.find(name);
  if (known != pages_.end()) return known->second;
  return pages_[name] = split_blocks(read_text(root_ / name));
}

Place Places::place_of(const std::string& page, const Link& link) {
  if (starts_with(link.target, "http") || starts_with(link.target, "mailto:"))
    return {link.target, "", ""};
  const std::size_t sharp = link.target.find('#');
  Place place;
  place.anchor = sharp == std::string::npos ? "" : link.target.substr(sharp + 1);
  place.file = page;
  if (sharp != 0) {
    const fs::path path = fs::path(page).parent_path() / link.target.substr(0, sharp);
    place.file = path.lexically_normal().generic_string();
    while (place.file.size() > 1 && place.file.back() == '/') place.file.pop_back();
  }
  if (!exists(place.file)) {
    place.fault = fmt::format("{} is not there", place.file);
  } else if (!place.anchor.empty() && is_page(place.file) && heading_of(place) < 0) {
    place.fault = fmt::format("{} has no heading #{}", place.file, place.anchor);
  }
  return place;
}

int Places::heading_of(const Place& place) {
  if (!exists(place.file)) return -1;
  const std::vector<std::string> anchors = anchors_of(page(place.file));
  const auto at = std::find(anchors.begin(), anchors.end(), place.anchor);
  return at == anchors.end() ? -1 : static_cast<int>(at - anchors.begin());
}

std::string Places::common_name(const std::string& page, const Link& link) {
  const Place place = place_of(page, link);
  const std::string image = link.image ? "!" : "";
  if (place.file == korean_of(page) || place.file == english_of(page))
    return image + "the other language";
  std::string name = place.file;
  if (const std::string english = english_of(name); !english.empty()) name = english;
  // Korean pages lead to Korean pages.
  const std::string twin = korean_of(place.file);
  if (!english_of(page).empty() && !twin.empty() && exists(twin)) name += " in English";
  if (place.anchor.empty()) return image + name;
  if (!is_page(place.file)) return image + name + "#" + place.anchor;
  return fmt::format("{}{}#{}", image, name, heading_of(place));
}

}  // namespace gradus
