// MessagePack as the grader uses it: strict limits, and blocks of numbers.
//
// A block is an extension whose type says what the numbers are, so that a reply can be compared
// with another without knowing which function it came from.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <msgpack.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::wire {

// What is wrong with bytes that came over the wire, in a few words.
class WireError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Frames are limited before (frame.hpp), so this is a second fence.
inline constexpr std::size_t kMaxRequestBlock = std::size_t{256} << 20;

using Buffer = msgpack::sbuffer;
using Packer = msgpack::packer<Buffer>;
using Value = msgpack::object;

template <typename T>
concept Number = std::same_as<T, double> || std::same_as<T, float> || std::same_as<T, int> ||
    std::same_as<T, std::uint8_t> || std::same_as<T, std::uint32_t> ||
    std::same_as<T, std::int64_t>;

// The extension's type: what the numbers are.
template <Number T>
inline constexpr std::int8_t block_type = std::same_as<T, double>          ? 1
                                          : std::same_as<T, float>         ? 2
                                          : std::same_as<T, int>           ? 3
                                          : std::same_as<T, std::uint8_t>  ? 4
                                          : std::same_as<T, std::uint32_t> ? 5
                                                                           : 6;

template <Number T>
void put_block(Packer& out, std::span<const T> values) {
  const std::size_t bytes = values.size_bytes();
  out.pack_ext(bytes, block_type<T>);
  if (bytes > 0) out.pack_ext_body(reinterpret_cast<const char*>(values.data()), bytes);
}

template <Number T>
std::vector<T> get_block(const Value& value) {
  if (value.type != msgpack::type::EXT || value.via.ext.type() != block_type<T>)
    throw WireError("numbers of another kind were expected");
  const std::size_t bytes = value.via.ext.size;
  if (bytes % sizeof(T) != 0) throw WireError("the last number is cut off");
  std::vector<T> result(bytes / sizeof(T));
  if (bytes > 0) std::memcpy(result.data(), value.via.ext.data(), bytes);
  return result;
}

// Throws WireError unless the bytes are one value, whole, and nothing else. Blocks and strings
// are not copied: `bytes` must outlive what is returned.
msgpack::object_handle parse(std::string_view bytes);

inline std::string_view view(const Buffer& buffer) { return {buffer.data(), buffer.size()}; }

}  // namespace gradus::wire
