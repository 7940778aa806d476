// The worker's side: functions of a submission, each wrapped so that it takes and gives bytes.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "grading/codec.hpp"
#include "grading/process.hpp"

namespace gradus::wire {

using Handler = void (*)(void (*function)(), const Value& arguments, const Value& objects,
                         Packer& out);

struct Service {
  void (*function)();
  Handler handler;
};

// Everything this program serves, by name.
std::map<std::string, Service, std::less<>>& services();

// What an exception says, without the changed arguments of a refusal.
void put_failure(Packer& out, Status status, const std::exception& error, std::uint32_t members);

// Says which argument was changed against the promise of its const.
void put_wrote(Packer& out, std::size_t argument);

// The bytes of each argument by const reference, which the function promises to leave as it is;
// of the others nothing.
template <typename... P>
std::array<std::string, sizeof...(P)> promised(const auto& values) {
  const auto bytes = []<typename Q>(const auto& value, std::type_identity<Q>) {
    Buffer buffer;
    if constexpr (std::is_lvalue_reference_v<Q> && std::is_const_v<std::remove_reference_t<Q>>) {
      Packer out(buffer);
      put(out, value);
    }
    return std::string(view(buffer));
  };
  const auto all = [&](const auto&... value) {
    return std::array<std::string, sizeof...(P)>{bytes(value, std::type_identity<P>())...};
  };
  return std::apply(all, values);
}

// The i-th argument, or the one that is the same object in the test.
template <std::size_t i, typename... T>
auto& argument_of(std::tuple<T...>& values, const std::vector<int>& same) {
  using Argument = std::tuple_element_t<i, std::tuple<T...>>;
  Argument* chosen = &std::get<i>(values);
  int number = 0;
  const auto consider = [&](auto& value) {
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(value)>, Argument>)
      if (same.at(i) == number) chosen = &value;
    ++number;
  };
  std::apply([&](auto&... value) { (consider(value), ...); }, values);
  return *chosen;
}

// The whole reply but its first 8 bytes: result first, then each argument that the function may have
// changed, in their order.
template <typename R, typename... P>
void handle(void (*erased)(), const Value& arguments, const Value& objects, Packer& out) {
  const auto function = reinterpret_cast<R (*)(P...)>(erased);
  const Value* argument = get_array(arguments, sizeof...(P));
  auto values = [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::tuple<std::remove_cvref_t<P>...>(get<std::remove_cvref_t<P>>(argument[i])...);
  }
  (std::index_sequence_for<P...>());
  constexpr auto changes =
      ((std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>)+... + 0);
  const auto returned = [&](std::uint32_t results) {
    out.pack_array(2);
    out.pack(static_cast<int>(Status::returned));
    out.pack_array(results + changes);
  };
  const auto same = get<std::vector<int>>(objects);
  const auto call = [&]<std::size_t... i>(std::index_sequence<i...>)->R {
    return function(argument_of<i>(values, same)...);
  };
  constexpr auto all = std::index_sequence_for<P...>();
  const auto before = promised<P...>(values);
  const auto put_changed = [&] {
    const auto changed = [&]<typename Q>(const auto& value, std::type_identity<Q>) {
      if constexpr (std::is_lvalue_reference_v<Q> && !std::is_const_v<std::remove_reference_t<Q>>)
        put(out, value);
    };
    std::apply([&](auto&... value) { (changed(value, std::type_identity<P>()), ...); }, values);
  };
  const auto broke_its_promise = [&] {
    const auto after = promised<P...>(values);
    for (std::size_t i = 0; i < after.size(); ++i)
      if (after[i] != before[i]) return put_wrote(out, i), true;
    return false;
  };
  try {
    if constexpr (std::is_void_v<R>) {
      call(all);
      if (broke_its_promise()) return;
      returned(0);
    } else {
      const std::remove_cvref_t<R> result = call(all);
      if (broke_its_promise()) return;
      returned(1);
      put(out, result);
    }
  } catch (const std::invalid_argument& error) {
    if (broke_its_promise()) return;
    put_failure(out, Status::refused, error, 4);
    out.pack_array(changes);
  }
  put_changed();
}

class Served {
 public:
  template <typename R, typename... P>
  Served(const char* name, R (*function)(P...)) {
    services()[name] = {reinterpret_cast<void (*)()>(function), handle<R, P...>};
  }
};

}  // namespace gradus::wire
