#include "grading/proxy.hpp"

#include "common/require.hpp"
#include "grading/session.hpp"

namespace gradus::wire {
namespace {

[[noreturn]] void rethrow(const char* function, Status status, const Value* member) {
  const std::string type = get_string(member[1]), what = get_string(member[2]);
  if (status == Status::refused) throw std::invalid_argument(what);
  if (status == Status::not_written) throw NotImplemented(function);
  throw std::runtime_error(std::string(function) + " threw " + type + (what.empty() ? "" : ": ") +
                           what);
}

}  // namespace

Reply::Reply(const char* function, const Buffer& arguments, std::size_t values)
    : function_(function), bytes_(Session::current().exchange(function, view(arguments))) {
  try {
    parsed_ = parse(bytes_);
    const std::size_t size = array_size(parsed_.get());
    const Value* member = get_array(parsed_.get(), size == 2 ? 2 : 3);
    const auto status = static_cast<Status>(get_integer(member[0], 0, 3));
    if ((status == Status::returned) != (size == 2)) throw WireError("a status of another kind");
    if (status != Status::returned) rethrow(function, status, member);
    next_ = get_array(member[1], values);
  } catch (const WireError& error) {
    wrong(error.what());
  }
}

void Reply::wrong(const char* problem) const {
  Session::current().refuse(function_,
                            std::string("the reply is none of this function: ") + problem);
}

}  // namespace gradus::wire
