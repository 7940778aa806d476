#include "grading/proxy.hpp"

#include "common/require.hpp"
#include "grading/session.hpp"

namespace gradus::wire {
namespace {

// "w", the second of "x, w, b".
std::string nth(std::string names, std::size_t n) {
  std::erase(names, ' ');
  std::size_t from = 0;
  for (; n > 0 && from != std::string::npos; --n) from = names.find(',', from + 1);
  if (from == std::string::npos) return "?";
  if (names[from] == ',') ++from;
  return names.substr(from, names.find(',', from) - from);
}

[[noreturn]] void broke_promise(const Signature& function, const Value* member) {
  const std::string place = get_string(member[1]);
  if (place.empty() || place.size() > 2 || place.find_first_not_of("0123456789") != place.npos)
    throw WireError("a status of another kind");
  Session::current().refuse(
      function.name, "changed its argument " +
                         nth(function.arguments, static_cast<std::size_t>(std::stoi(place))) +
                         ", which is const: whoever called it goes on with what is now there");
}

[[noreturn]] void rethrow(const char* function, Status status, const Value* member) {
  const std::string type = get_string(member[1]), what = get_string(member[2]);
  if (status == Status::not_written) throw NotImplemented(function);
  throw std::runtime_error(std::string(function) + " threw " + type + (what.empty() ? "" : ": ") +
                           what);
}

}  // namespace

Reply::Reply(const Signature& function, const Buffer& arguments, std::size_t results,
             std::size_t changes)
    : name_(function.name), bytes_(Session::current().exchange(function.name, view(arguments))) {
  try {
    parsed_ = parse(bytes_);
    const std::size_t size = array_size(parsed_.get());
    const Value* member = get_array(parsed_.get(), size == 2 || size == 4 ? size : 3);
    const auto status = static_cast<Status>(get_integer(member[0], 0, 4));
    if ((status == Status::returned) != (size == 2) || (status == Status::refused) != (size == 4))
      throw WireError("a status of another kind");
    if (status == Status::wrote) broke_promise(function, member);
    if (size == 3) rethrow(name_, status, member);
    if (size == 4) refusal_ = get_string(member[2]);
    next_ = size == 2 ? get_array(member[1], results + changes) : get_array(member[3], changes);
  } catch (const WireError& error) {
    wrong(error.what());
  }
}

void Reply::throw_refusal() const {
  if (refusal_) throw std::invalid_argument(*refusal_);
}

void Reply::wrong(const char* problem) const {
  Session::current().refuse(name_, std::string("the reply is none of this function: ") + problem);
}

}  // namespace gradus::wire
