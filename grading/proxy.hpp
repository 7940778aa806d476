// call(): what stands in for a contract function in the tests. See contract.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

#include "grading/codec.hpp"
#include "grading/generators.hpp"

namespace gradus::wire {

// A contract function and its arguments by their names: "dense_forward" and "x, w, b".
struct Signature {
  const char *name, *arguments;
};

// A reply, parsed: where its values are. An exception that it reports is thrown, a refusal only by
// throw_refusal(), when the changed arguments are back.
class Reply {
 public:
  Reply(const Signature& function, const Buffer& arguments, std::size_t results,
        std::size_t changes);
  bool refused() const { return refusal_.has_value(); }
  void throw_refusal() const;
  const Value& next() { return *next_++; }
  [[noreturn]] void wrong(const char* problem) const;

 private:
  const char* name_;
  std::string bytes_;
  msgpack::object_handle parsed_;
  std::optional<std::string> refusal_;
  const Value* next_ = nullptr;
};

template <typename P>
inline constexpr bool is_changed =
    std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>;

template <typename P>
void take_back(Reply& reply, std::remove_reference_t<P>& argument) {
  if constexpr (is_changed<P>) {
    auto after = get<std::remove_cvref_t<P>>(reply.next());
    if (!keeps_shape(argument, after)) reply.wrong("an argument came back with another shape");
    argument = std::move(after);
  }
}

// Of each argument the first that is the same object: multiply(m, m) must be called so in the worker, too.
// What the function may change stays by itself: -1.
template <typename... P>
std::vector<int> same_objects(const std::remove_reference_t<P>&... arguments) {
  const std::vector<std::pair<const void*, std::type_index>> all = {
      {is_changed<P> ? nullptr : std::addressof(arguments), typeid(P)}...};
  std::vector<int> first;
  for (const auto& one : all) {
    const auto found = one.first == nullptr ? all.end() : std::ranges::find(all, one);
    first.push_back(found == all.end() ? -1 : static_cast<int>(found - all.begin()));
  }
  return first;
}

template <typename R, typename... P>
R call(R (*)(P...), const Signature& function, std::type_identity_t<P>... arguments) {
  Buffer packed;
  Packer out(packed);
  out.pack_array(sizeof...(P));
  (put<std::remove_cvref_t<P>>(out, arguments), ...);
  put(out, same_objects<P...>(arguments...));
  constexpr std::size_t changes = (std::size_t{is_changed<P>} + ... + 0);
  std::vector<RandomState> given;
  (each_generator(arguments, [&](const Random& random) { given.push_back(random.state()); }), ...);
  Reply reply(function, packed, std::is_void_v<R> ? 0 : 1, changes);
  const auto check = [&](const Random& random) {
    if (!given.empty() && !goes_on(given, random.state()))
      reply.wrong("a generator came back that is not the given one, some draws later");
  };
  try {
    if (std::is_void_v<R> || reply.refused()) {
      (take_back<P>(reply, arguments), ...);
      (each_generator(arguments, check), ...);
      reply.throw_refusal();
    }
    if constexpr (!std::is_void_v<R>) {
      R result = get<R>(reply.next());
      (take_back<P>(reply, arguments), ...);
      (each_generator(arguments, check), ...);
      each_generator(result, check);
      return result;
    }
  } catch (const WireError& error) {
    reply.wrong(error.what());
  }
}

}  // namespace gradus::wire
