#include "grading/relations/replies.hpp"

#include <algorithm>
#include <map>

#include "grading/compare.hpp"
#include "grading/process.hpp"
#include "grading/relations/reply_numbers.hpp"

namespace gradus {
namespace {

constexpr std::size_t kMostInReply = std::size_t{1} << 23;

// Everything that was compared of one value of the function, by the words for that value.
struct Told {
  std::vector<std::string> order;
  std::map<std::string, std::vector<Compared>> values;
  std::size_t numbers = 0;
  bool accepts = false, refuses = false;  // what it should not

  void add(const std::string& words, Compared one) {
    numbers += one.got.values.size() + one.expected.values.size();
    if (!values.contains(words)) order.push_back(words);
    values[words].push_back(std::move(one));
  }
};

const Leaf* find(const std::vector<Leaf>& leaves, const Leaf& like) {
  const auto at = std::ranges::find_if(leaves, [&](const Leaf& leaf) {
    return leaf.words == like.words && leaf.place == like.place;
  });
  return at == leaves.end() ? nullptr : &*at;
}

// What came from one call beside what was expected. False if they are not the same kinds of values.
bool compare(const std::vector<Leaf>& got, const std::vector<Leaf>& expected,
             const std::vector<Leaf>& before, const Compared& call, Told& told) {
  if (got.size() != expected.size()) return false;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].words != expected[i].words || got[i].place != expected[i].place) return false;
    Compared one = call;
    one.got = got[i].numbers;
    one.expected = expected[i].numbers;
    one.right = same_numbers(one.got, one.expected, 1e-14);
    one.test = call.test * 1000 + static_cast<int>(std::min<std::size_t>(got[i].place, 999));
    one.generator = got[i].generator;
    if (const Leaf* old = find(before, got[i])) one.before = old->numbers;
    told.add(got[i].words, std::move(one));
  }
  return true;
}

bool tell(const ContractNames& names, const Signature& signature, const Replay& call, Told& told) {
  const ReplyNumbers got = read_reply(names, signature, call.reply);
  const ReplyNumbers expected = read_reply(names, signature, call.expected);
  if (got.status != expected.status) {
    told.accepts = told.accepts || expected.status == wire::Status::refused;
    told.refuses = told.refuses || got.status == wire::Status::refused;
    return got.status == wire::Status::returned || got.status == wire::Status::refused;
  }
  if (got.status != wire::Status::returned) return same_reply(call.reply, call.expected);
  const RequestNumbers request = read_request(names, signature, call.request);
  Compared one;
  one.test = call.test;
  one.call = request.data;
  return compare(got.leaves, expected.leaves, request.changed, one, told);
}

// "dw", "dw and db", "dx, dw and db".
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::string clause(const std::string& function, const std::vector<std::string>& words,
                   const std::string& predicate) {
  if (words.size() == 1 && words[0].empty()) return "what " + function + " returns " + predicate;
  return (words.size() > 1 ? "each of " : "") + function + "'s " + listed(words) + " " + predicate;
}

}  // namespace

std::vector<std::string> explain_function(const ContractNames& names, const std::string& function,
                                          const std::vector<Replay>& calls) {
  const Signature* signature = names.find(function);
  if (signature == nullptr) return {};
  Told told;
  for (const Replay& call : calls)
    if (!tell(names, *signature, call, told) || told.numbers > kMostInReply) return {};
  std::vector<std::string> predicates;
  std::map<std::string, std::vector<std::string>> subjects;
  for (const std::string& words : told.order) {
    const std::vector<Compared>& all = told.values.at(words);
    if (std::ranges::all_of(all, &Compared::right)) continue;
    const std::string predicate = relation(all);
    if (predicate.empty()) return {};
    if (subjects[predicate].empty()) predicates.push_back(predicate);
    subjects[predicate].push_back(words);
  }
  std::vector<std::string> clauses;
  for (const std::string& predicate : predicates)
    clauses.push_back(clause(function, subjects.at(predicate), predicate));
  if (told.accepts) clauses.push_back(function + " accepts what it must refuse");
  if (told.refuses) clauses.push_back(function + " refuses arguments that fit");
  return clauses;
}

}  // namespace gradus
