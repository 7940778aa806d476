#include "grading/compare.hpp"

#include <algorithm>
#include <cmath>

#include "grading/codec.hpp"
#include "grading/process.hpp"

namespace gradus {
namespace {

using msgpack::type::object_type;
using wire::Value;

// What is smaller than 1e-100 is no rest, but was meant.
bool same_number(double a, double b, Closeness closeness) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  if (closeness == Closeness::exact || !std::isfinite(a) || !std::isfinite(b)) return false;
  const double larger = std::max(std::abs(a), std::abs(b));
  const double rest = closeness == Closeness::relative || larger < 1e-100 ? 0 : 1e-14;
  return std::abs(a - b) <= 1e-9 * larger + rest;
}

bool same_block(const Value& a, const Value& b, Closeness closeness) {
  if (a.via.ext.type() != b.via.ext.type() || a.via.ext.size != b.via.ext.size) return false;
  if (a.via.ext.type() != wire::block_type<double>)
    return std::equal(a.via.ext.data(), a.via.ext.data() + a.via.ext.size, b.via.ext.data());
  const auto x = wire::get_block<double>(a), y = wire::get_block<double>(b);
  return std::ranges::equal(x, y, [=](double u, double v) { return same_number(u, v, closeness); });
}

bool same_value(const Value& a, const Value& b, Closeness closeness) {
  if (a.type != b.type) return false;
  if (a.type == object_type::EXT) return same_block(a, b, closeness);
  if (a.type != object_type::ARRAY) return a == b;
  return std::equal(a.via.array.ptr, a.via.array.ptr + a.via.array.size, b.via.array.ptr,
                    b.via.array.ptr + b.via.array.size,
                    [=](const Value& x, const Value& y) { return same_value(x, y, closeness); });
}

}  // namespace

bool same_reply(const std::string& a, const std::string& b, Closeness closeness) {
  if (a == b) return true;
  try {
    const auto first = wire::parse(a), second = wire::parse(b);
    const std::size_t size = wire::array_size(first.get());
    const Value* x = wire::get_array(first.get(), size);
    const Value* y = wire::get_array(second.get(), size);
    if (size >= 3) {  // exceptions, of which only a refusal has arguments that came back
      const bool wrote = x[0].via.i64 == static_cast<std::int64_t>(wire::Status::wrote);
      return same_value(x[0], y[0], closeness) && (!wrote || same_value(x[1], y[1], closeness)) &&
             (size == 3 || same_value(x[3], y[3], closeness));
    }
    return same_value(first.get(), second.get(), closeness);
  } catch (const wire::WireError&) {
    return false;
  }
}

}  // namespace gradus
