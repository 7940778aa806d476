#include "grading/proxy.hpp"

#include "common/require.hpp"
#include "grading/session.hpp"

namespace gradus::wire {
namespace {

[[noreturn]] void rethrow(const char* function, Status status, const Value* member) {
  const std::string type = get_string(member[1]), what = get_string(member[2]);
  if (status == Status::not_written) throw NotImplemented(function);
  throw std::runtime_error(std::string(function) + " threw " + type + (what.empty() ? "" : ": ") +
                           what);
}

}  // namespace

Reply::Reply(const char* function, const Buffer& arguments, std::size_t results,
             std::size_t changes)
    : function_(function), bytes_(Session::current().exchange(function, view(arguments))) {
  try {
    parsed_ = parse(bytes_);
    const std::size_t size = array_size(parsed_.get());
    const Value* member = get_array(parsed_.get(), size == 2 || size == 4 ? size : 3);
    const auto status = static_cast<Status>(get_integer(member[0], 0, 3));
    if ((status == Status::returned) != (size == 2) || (status == Status::refused) != (size == 4))
      throw WireError("a status of another kind");
    if (size == 3) rethrow(function, status, member);
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
  Session::current().refuse(function_,
                            std::string("the reply is none of this function: ") + problem);
}

}  // namespace gradus::wire
