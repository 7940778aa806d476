#include <algorithm>

#include "tests/tools/translations/compare.hpp"

namespace gradus {
namespace {

// What a translation keeps of a block.
struct Kept {
  Bag bag;
  std::string hash;
};

Kept kept_of(const Block& block) {
  Kept kept;
  for (const Part& part : block.parts) {
    const Prose prose = read_prose(part.text);
    add(kept.bag, prose.code);
    add(kept.bag, prose.formulas);
    add(kept.bag, prose.numbers);
    for (const Link& link : prose.links) ++kept.bag[link.target.substr(link.target.rfind('/') + 1)];
  }
  if (!block.has_stamp()) ++kept.bag[block.text()];
  kept.hash = block.hash();
  return kept;
}

// From 0 to 2: how much of what one of them has the other has as well.
double likeness(const Bag& a, const Bag& b) {
  const int all = size_of(a) + size_of(b);
  if (all == 0) return 0;
  return 2.0 * (all - size_of(without(a, b)) - size_of(without(b, a))) / all;
}

class Matcher {
 public:
  Matcher(const BlockPage& english, const BlockPage& korean) : english_(english), korean_(korean) {
    for (const Block& block : english.blocks) english_kept_.push_back(kept_of(block));
    for (const Block& block : korean.blocks) korean_kept_.push_back(kept_of(block));
    fill();
  }

  std::vector<Pair> pairs() const {
    std::vector<Pair> pairs;
    std::size_t e = 0, k = 0;
    while (e < english_.blocks.size() || k < korean_.blocks.size()) {
      const bool both = e < english_.blocks.size() && k < korean_.blocks.size();
      if (both && best(e, k) == worth(e, k) + best(e + 1, k + 1)) {
        pairs.push_back({&english_.blocks[e++], &korean_.blocks[k++]});
      } else if (k == korean_.blocks.size() ||
                 (e < english_.blocks.size() && best(e, k) == best(e + 1, k))) {
        pairs.push_back({&english_.blocks[e++], nullptr});
      } else {
        pairs.push_back({nullptr, &korean_.blocks[k++]});
      }
    }
    return pairs;
  }

 private:
  double best(std::size_t e, std::size_t k) const { return best_[e * width_ + k]; }

  // A hash tells more than all else: it is of this block, or of another one of the page.
  double worth(std::size_t e, std::size_t k) const {
    const Block& english = english_.blocks[e];
    const Block& korean = korean_.blocks[k];
    if (english.kind != korean.kind || english.level != korean.level) return -1;
    const double alike = 2 + likeness(english_kept_[e].bag, korean_kept_[k].bag);
    if (korean.stamp.empty()) return alike;
    if (korean.stamp == english_kept_[e].hash) return alike + 4;
    for (const Kept& other : english_kept_)
      if (other.hash == korean.stamp) return -1;
    return alike;
  }

  // best(e, k): what the blocks from these on are worth.
  void fill() {
    width_ = korean_.blocks.size() + 1;
    best_.assign((english_.blocks.size() + 1) * width_, 0);
    for (std::size_t e = english_.blocks.size(); e-- > 0;)
      for (std::size_t k = korean_.blocks.size(); k-- > 0;)
        best_[e * width_ + k] =
            std::max({worth(e, k) + best(e + 1, k + 1), best(e + 1, k), best(e, k + 1)});
  }

  const BlockPage& english_;
  const BlockPage& korean_;
  std::vector<Kept> english_kept_, korean_kept_;
  std::vector<double> best_;
  std::size_t width_ = 0;
};

}  // namespace

std::vector<Pair> paired(const BlockPage& english, const BlockPage& korean) {
  return Matcher(english, korean).pairs();
}

bool is_complete(const std::vector<Pair>& pairs) {
  return std::all_of(pairs.begin(), pairs.end(),
                     [](const Pair& pair) { return pair.english && pair.korean; });
}

std::string stamped(const BlockPage& english, const BlockPage& korean, bool all) {
  std::vector<std::string> before(korean.lines.size() + 1);
  std::vector<bool> dropped(korean.lines.size() + 1);
  for (const Pair& pair : paired(english, korean)) {
    if (!pair.english || !pair.korean || !pair.korean->has_stamp()) continue;
    if (!pair.korean->stamp.empty() && !all) continue;
    if (!pair.korean->stamp.empty())
      dropped[static_cast<std::size_t>(pair.korean->stamp_line)] = true;
    before[static_cast<std::size_t>(pair.korean->line)] =
        std::string(pair.korean->indent, ' ') + "<!-- en " + pair.english->hash() + " -->\n";
  }
  std::string text;
  for (std::size_t line = 1; line <= korean.lines.size(); ++line)
    if (!dropped[line]) text += before[line] + korean.lines[line - 1] + "\n";
  return text;
}

}  // namespace gradus
