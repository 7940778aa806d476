#include "grading/relations/reply_numbers.hpp"

#include <algorithm>

#include "grading/codec.hpp"

namespace gradus {
namespace {

using msgpack::type::object_type;
using wire::Value;

template <typename T>
void append_block(const Value& value, std::vector<double>& numbers) {
  for (T number : wire::get_block<T>(value)) numbers.push_back(static_cast<double>(number));
}

void append_numbers(const Value& block, std::vector<double>& numbers) {
  switch (block.via.ext.type()) {
    case wire::block_type<double>: return append_block<double>(block, numbers);
    case wire::block_type<float>: return append_block<float>(block, numbers);
    case wire::block_type<int>: return append_block<int>(block, numbers);
    case wire::block_type<std::uint8_t>: return append_block<std::uint8_t>(block, numbers);
    case wire::block_type<std::uint32_t>: return append_block<std::uint32_t>(block, numbers);
    default: return append_block<std::int64_t>(block, numbers);
  }
}

bool is_number(const Value& value) {
  return value.type == object_type::POSITIVE_INTEGER || value.type == object_type::NEGATIVE_INTEGER;
}

double number_of(const Value& value) {
  return value.type == object_type::POSITIVE_INTEGER ? static_cast<double>(value.via.u64)
                                                     : static_cast<double>(value.via.i64);
}

// [rows, cols, block].
bool is_matrix(const Value& value) {
  if (value.type != object_type::ARRAY || value.via.array.size != 3) return false;
  const Value* member = value.via.array.ptr;
  return is_number(member[0]) && is_number(member[1]) && member[2].type == object_type::EXT &&
         member[2].via.ext.type() == wire::block_type<Scalar>;
}

// [block of 624 words, position, has_spare, spare].
bool is_generator(const Value& value) {
  return value.type == object_type::ARRAY && value.via.array.size == 4 &&
         value.via.array.ptr[0].type == object_type::EXT &&
         value.via.array.ptr[0].via.ext.type() == wire::block_type<std::uint32_t>;
}

void flatten(const Value& value, std::vector<double>& numbers) {
  if (value.type == object_type::EXT) append_numbers(value, numbers);
  if (value.type == object_type::BOOLEAN) numbers.push_back(value.via.boolean ? 1 : 0);
  if (is_number(value)) numbers.push_back(number_of(value));
  if (value.type == object_type::ARRAY)
    for (std::size_t i = 0; i < value.via.array.size; ++i) flatten(value.via.array.ptr[i], numbers);
}

// The type says whether one number is a list of one.
void add_leaves(const Value& value, const std::string& words, bool of_list,
                std::vector<Leaf>& leaves) {
  Leaf leaf;
  leaf.words = words;
  leaf.place = static_cast<std::size_t>(std::ranges::count(leaves, words, &Leaf::words));
  if (value.type == object_type::ARRAY && !is_matrix(value) && !is_generator(value)) {
    for (std::size_t i = 0; i < value.via.array.size; ++i)
      add_leaves(value.via.array.ptr[i], words, of_list, leaves);
    return;
  }
  leaf.matrix = is_matrix(value);
  if (leaf.matrix) {
    append_numbers(value.via.array.ptr[2], leaf.numbers.values);
    leaf.numbers.rows = static_cast<int>(number_of(value.via.array.ptr[0]));
    leaf.numbers.cols = static_cast<int>(number_of(value.via.array.ptr[1]));
    const auto size = static_cast<double>(leaf.numbers.values.size());
    if (number_of(value.via.array.ptr[0]) * number_of(value.via.array.ptr[1]) != size)
      throw wire::WireError("a matrix with another number of elements");
  } else {
    flatten(value, leaf.numbers.values);
    leaf.numbers.cols = static_cast<int>(leaf.numbers.values.size());
    leaf.generator = is_generator(value);
    leaf.list = of_list || leaf.numbers.values.size() != 1;
  }
  leaves.push_back(std::move(leaf));
}

// The leaves of a value of a type, each called after its member if the type has some.
void add_value(const ContractNames& names, const std::string& type, const std::string& name,
               const Value& value, std::vector<Leaf>& leaves) {
  const auto members = names.members.find(type);
  const bool is_struct = members != names.members.end() && value.type == object_type::ARRAY &&
                         value.via.array.size == members->second.size();
  if (!is_struct) return add_leaves(value, name, type.starts_with("std::vector"), leaves);
  for (std::size_t i = 0; i < members->second.size(); ++i) {
    const std::string& member = members->second[i];
    add_leaves(value.via.array.ptr[i], name.empty() ? member : name + "." + member, false, leaves);
  }
}

void add_size(const std::string& name, double value, CallData& data) {
  data.quantities.push_back({name, value, true});
}

void add_argument(const Leaf& leaf, bool is_list, CallData& data) {
  const std::string name =
      leaf.words + (is_list ? "[" + std::to_string(leaf.place) + "]" : std::string());
  const Numbers& numbers = leaf.numbers;
  if (leaf.generator) return;
  if (!leaf.matrix && !leaf.list) data.quantities.push_back({name, numbers.values[0], false});
  if (leaf.list) add_size("the length of " + name, numbers.cols, data);
  if (leaf.matrix) {
    add_size("the number of rows of " + name, numbers.rows, data);
    add_size("the number of columns of " + name, numbers.cols, data);
  }
  if (leaf.matrix)
    add_size("the number of elements of " + name, static_cast<double>(numbers.values.size()), data);
  data.arguments.push_back({name, numbers});
}

}  // namespace

ReplyNumbers read_reply(const ContractNames& names, const Signature& signature,
                        const std::string& bytes) {
  ReplyNumbers numbers;
  const auto parsed = wire::parse(bytes);
  const std::size_t size = wire::array_size(parsed.get());
  const Value* member = wire::get_array(parsed.get(), size);
  if (size < 2) throw wire::WireError("no reply");
  numbers.status = static_cast<wire::Status>(wire::get_integer(member[0], 0, 3));
  if (numbers.status != wire::Status::returned) return numbers;
  const std::size_t values = wire::array_size(member[1]);
  const Value* value = wire::get_array(member[1], values);
  std::size_t next = 0;
  if (signature.result != "void" && next < values)
    add_value(names, signature.result, "", value[next++], numbers.leaves);
  for (const Parameter& parameter : signature.parameters)
    if (parameter.changed && next < values)
      add_value(names, parameter.type, parameter.name, value[next++], numbers.leaves);
  return numbers;
}

RequestNumbers read_request(const ContractNames& names, const Signature& signature,
                            const std::string& bytes) {
  RequestNumbers request;
  const auto parsed = wire::parse(bytes);
  const Value* arguments =
      wire::get_array(wire::get_array(parsed.get(), 3)[1], signature.parameters.size());
  CallData data;
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const Parameter& parameter = signature.parameters[i];
    std::vector<Leaf> leaves;
    add_value(names, parameter.type, parameter.name, arguments[i], leaves);
    const bool is_list = leaves.size() > 1 && leaves[1].words == leaves[0].words;
    for (const Leaf& leaf : leaves) add_argument(leaf, is_list, data);
    if (parameter.changed)
      request.changed.insert(request.changed.end(), leaves.begin(), leaves.end());
  }
  request.data = std::make_shared<const CallData>(std::move(data));
  return request;
}

}  // namespace gradus
