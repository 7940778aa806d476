// Values as bytes and back: MessagePack, with the numbers of matrices and vectors in one piece.
//
//   bool, integers, enums, strings             as MessagePack has them
//   Scalar, vectors of numbers                 a block (numbers.hpp)
//   Matrix                                     [rows, cols, block]
//   Random                                     [block of words, position, has_spare, spare]
//   other vectors, plain structs               an array of their members, see fields()
//
// What is read may come from a stranger: every get() checks kind, length and range, and throws
// WireError with a few words on what was wrong.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/matrix.hpp"
#include "common/random.hpp"
#include "grading/numbers.hpp"

namespace gradus::wire {

// A plain struct: fields(s), found beside the struct, ties its members. See contract.hpp.
template <typename T>
concept Struct = requires(T& value) {
  fields(value);
};

template <typename T>
inline constexpr bool is_vector = false;
template <typename T>
inline constexpr bool is_vector<std::vector<T>> = true;

// ---- writing ----

void put_matrix(Packer& out, const Matrix& m);
void put_random(Packer& out, const Random& random);

template <typename T>
void put(Packer& out, const T& value) {
  if constexpr (std::same_as<T, Matrix>) {
    put_matrix(out, value);
  } else if constexpr (std::same_as<T, Random>) {
    put_random(out, value);
  } else if constexpr (Struct<const T>) {
    std::apply(
        [&](const auto&... member) {
          out.pack_array(sizeof...(member));
          (put(out, member), ...);
        },
        fields(value));
  } else if constexpr (is_vector<T>) {
    if constexpr (Number<typename T::value_type>) {
      put_block<typename T::value_type>(out, value);
    } else {
      out.pack_array(static_cast<std::uint32_t>(value.size()));
      for (const auto& element : value) put(out, element);
    }
  } else if constexpr (std::is_enum_v<T>) {
    out.pack(static_cast<std::int64_t>(value));
  } else if constexpr (std::floating_point<T>) {
    put_block<T>(out, {&value, 1});  // MessagePack would make integers of whole numbers, 0 of -0
  } else {
    out.pack(value);
  }
}

// ---- reading ----

Matrix get_matrix(const Value& value);
Random get_random(const Value& value);
bool get_bool(const Value& value);
double get_double(const Value& value);
std::int64_t get_integer(const Value& value, std::int64_t low, std::int64_t high);
std::string get_string(const Value& value);

// The elements of an array that must have exactly this many.
const Value* get_array(const Value& value, std::size_t size);
std::size_t array_size(const Value& value);

template <typename T>
T get(const Value& value);

// Made of all its members at once: not every member can be made of nothing.
template <Struct T>
T get_struct(const Value& value) {
  using Members = decltype(fields(std::declval<const T&>()));
  constexpr std::size_t size = std::tuple_size_v<Members>;
  const Value* element = get_array(value, size);
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return T{get<std::remove_cvref_t<std::tuple_element_t<i, Members>>>(element[i])...};
  }
  (std::make_index_sequence<size>{});
}

template <typename T>
T get_vector(const Value& value) {
  T result;
  if constexpr (Number<typename T::value_type>) {
    result = get_block<typename T::value_type>(value);
  } else {
    const std::size_t size = array_size(value);
    const Value* element = get_array(value, size);
    for (std::size_t i = 0; i < size; ++i)
      result.push_back(get<typename T::value_type>(element[i]));
  }
  return result;
}

template <typename T>
T get(const Value& value) {
  if constexpr (std::same_as<T, Matrix>) {
    return get_matrix(value);
  } else if constexpr (std::same_as<T, Random>) {
    return get_random(value);
  } else if constexpr (Struct<T>) {
    return get_struct<T>(value);
  } else if constexpr (is_vector<T>) {
    return get_vector<T>(value);
  } else if constexpr (std::same_as<T, bool>) {
    return get_bool(value);
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(get_integer(value, 0, 1000));
  } else if constexpr (std::integral<T>) {
    using Limits = std::numeric_limits<T>;
    static_assert(sizeof(T) < 8 || std::is_signed_v<T>);
    return static_cast<T>(get_integer(value, Limits::min(), Limits::max()));
  } else if constexpr (std::floating_point<T>) {
    return static_cast<T>(get_double(value));
  } else {
    static_assert(std::same_as<T, std::string>, "no way to send this type");
    return get_string(value);
  }
}

// ---- what a function may change ----

// Arguments by reference come back from the worker. State may be filled where it was empty; what
// has a shape must keep it, since the tests go on with it.
template <typename T>
bool keeps_shape(const T& before, const T& after) {
  if constexpr (std::same_as<T, Matrix>) {
    return before.size() == 0 || (before.rows() == after.rows() && before.cols() == after.cols());
  } else if constexpr (is_vector<T>) {
    if (before.empty()) return true;
    if (before.size() != after.size()) return false;
    for (std::size_t i = 0; i < before.size(); ++i)
      if (!keeps_shape(before[i], after[i])) return false;
    return true;
  } else if constexpr (Struct<const T>) {
    const auto a = fields(before), b = fields(after);
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
      return (keeps_shape(std::get<i>(a), std::get<i>(b)) && ...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(a)>>());
  } else {
    return true;
  }
}

}  // namespace gradus::wire
