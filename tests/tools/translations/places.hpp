// The pages of the two languages, which page is whose, and where their links lead.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/tools/translations/block.hpp"
#include "tests/tools/translations/prose.hpp"

namespace gradus {

// GitHub's anchor of a heading: lower case, blanks to -, without punctuation.
std::string anchor_of(const std::string& heading);

// The anchors of a page in the order of its headings; of two that are alike the second ends in -1.
std::vector<std::string> anchors_of(const BlockPage& page);

// docs/ko/NAME.md of docs/NAME.md, README.ko.md of README.md, and back; "" for any other file.
std::string korean_of(const std::string& page);
std::string english_of(const std::string& page);

struct Place {
  std::string file;    // from the root, or an address of the Internet
  std::string anchor;  // as it is written
  std::string fault;   // what of it does not exist, or empty
};

class Places {
 public:
  explicit Places(const std::filesystem::path& root) : root_(root) {}

  const std::vector<std::string>& english() const { return english_; }
  void find_pages();  // README.md and docs/*.md that have a Korean twin, or should have one
  bool exists(const std::string& file) const;
  const BlockPage& page(const std::string& name);  // read once

  Place place_of(const std::string& page, const Link& link);
  // The same for both languages if both lead to the same place: the English page, and the number
  // of the heading.
  std::string common_name(const std::string& page, const Link& link);

 private:
  int heading_of(const Place& place);
  std::filesystem::path root_;
  std::vector<std::string> english_;
  std::map<std::string, BlockPage> pages_;
};

}  // namespace gradus
