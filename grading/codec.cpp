#include "grading/codec.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace gradus {

namespace wire {

// Of uniform numbers with 53 bits the polar method makes none larger: sqrt(-2 ln 2^-104) is 12.01.
static constexpr double kLargestSpare = 12.02;

msgpack::object_handle parse(std::string_view bytes) {
  const msgpack::unpack_limit limit(4096, 0, std::size_t{1} << 20, 0, kMaxRequestBlock, 16);
  const auto in_place = [](msgpack::type::object_type, std::size_t, void*) { return true; };
  try {
    std::size_t read = 0;
    msgpack::object_handle value =
        msgpack::unpack(bytes.data(), bytes.size(), read, in_place, nullptr, limit);
    if (read != bytes.size()) throw WireError("bytes follow the end");
    return value;
  } catch (const msgpack::unpack_error& error) {
    throw WireError(std::string("no MessagePack: ") + error.what());
  }
}

void put_matrix(Packer& out, const Matrix& m) {
  out.pack_array(3);
  out.pack(m.rows());
  out.pack(m.cols());
  put_block<Scalar>(out, m.flat());
}

void put_random(Packer& out, const Random& random) {
  const RandomState& state = random.state();
  out.pack_array(4);
  put_block<std::uint32_t>(out, state.words);
  out.pack(state.position);
  out.pack(state.has_spare);
  put(out, state.spare);
}

Matrix get_matrix(const Value& value) {
  constexpr std::int64_t side = 1 << 24;  // an empty matrix of 2^31 rows would still be walked
  const Value* member = get_array(value, 3);
  const std::int64_t rows = get_integer(member[0], 0, side), cols = get_integer(member[1], 0, side);
  const std::vector<Scalar> numbers = get_block<Scalar>(member[2]);
  if (rows * cols != static_cast<std::int64_t>(numbers.size()))
    throw WireError("a matrix of shape (" + std::to_string(rows) + "," + std::to_string(cols) +
                    ") with " + std::to_string(numbers.size()) + " numbers");
  Matrix m(static_cast<int>(rows), static_cast<int>(cols));
  std::ranges::copy(numbers, m.flat().begin());
  return m;
}

// What is read back may be forged, so each number is checked before a generator is made of it: the
// twister makes nothing but zeros of zeros, for ever, and a draw that waits for another number hangs.
Random get_random(const Value& value) {
  RandomState state;
  const Value* member = get_array(value, 4);
  const std::vector<std::uint32_t> words = get_block<std::uint32_t>(member[0]);
  if (words.size() != state.words.size()) throw WireError("a Random has 624 words");
  // Of its first word the twister takes one bit.
  const bool some =
      words[0] >> 31 != 0 || std::any_of(words.begin() + 1, words.end(), std::identity());
  if (!some) throw WireError("a Random of nothing but zeros");
  std::ranges::copy(words, state.words.begin());
  state.position = static_cast<int>(get_integer(member[1], 0, state.words.size()));
  state.has_spare = get_bool(member[2]);
  state.spare = get_double(member[3]);
  if (!(std::abs(state.spare) <= kLargestSpare))
    throw WireError("the spare Gaussian of a Random is none");
  return Random(state);
}

bool get_bool(const Value& value) {
  if (value.type != msgpack::type::BOOLEAN) throw WireError("true or false was expected");
  return value.via.boolean;
}

double get_double(const Value& value) {
  const std::vector<double> numbers = get_block<double>(value);
  if (numbers.size() != 1) throw WireError("one number was expected");
  return numbers[0];
}

std::int64_t get_integer(const Value& value, std::int64_t low, std::int64_t high) {
  if (value.type != msgpack::type::POSITIVE_INTEGER &&
      value.type != msgpack::type::NEGATIVE_INTEGER)
    throw WireError("a whole number was expected");
  const bool huge = value.type == msgpack::type::POSITIVE_INTEGER &&
                    value.via.u64 > static_cast<std::uint64_t>(high);
  if (huge || value.via.i64 < low || value.via.i64 > high)
    throw WireError("a whole number is out of range");
  return value.via.i64;
}

std::string get_string(const Value& value) {
  if (value.type != msgpack::type::STR) throw WireError("a text was expected");
  return {value.via.str.ptr, value.via.str.size};
}

std::size_t array_size(const Value& value) {
  if (value.type != msgpack::type::ARRAY) throw WireError("a list was expected");
  return value.via.array.size;
}

const Value* get_array(const Value& value, std::size_t size) {
  if (array_size(value) != size)
    throw WireError("a list of " + std::to_string(size) + " was expected, not of " +
                    std::to_string(array_size(value)));
  return value.via.array.ptr;
}

}  // namespace wire
}  // namespace gradus
