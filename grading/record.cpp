#include "grading/record.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>

#include "tests/tools/files.hpp"

namespace gradus {
namespace {

using nlohmann::json;

json binary(const std::string& bytes) { return json::binary({bytes.begin(), bytes.end()}); }

std::string bytes_of(const json& value) {
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

TestRecord parse(const json& entry) {
  TestRecord record{entry.at("name"), entry.at("points"), entry.at("passed"), {}, {}};
  for (const json& failure : entry.at("failures")) record.failures.push_back(bytes_of(failure));
  for (const json& call : entry.at("calls")) {
    wire::Answer answer{static_cast<wire::Answer::Fate>(call.at("fate").get<int>()),
                        bytes_of(call.at("reply")), ""};
    record.calls.push_back({call.at("function"), bytes_of(call.at("request")), answer});
  }
  return record;
}

}  // namespace

json to_json(const TestRecord& record) {
  json failures = json::array(), calls = json::array();
  for (const std::string& failure : record.failures) failures.push_back(binary(failure));
  for (const wire::Call& call : record.calls)
    calls.push_back({{"function", call.function},
                     {"request", binary(call.request)},
                     {"fate", static_cast<int>(call.answer.fate)},
                     {"reply", binary(call.answer.bytes)}});
  return {{"event", "end"},          {"name", record.name},  {"points", record.points},
          {"passed", record.passed}, {"failures", failures}, {"calls", calls}};
}

void append_record(const std::filesystem::path& file, const json& record) {
  const std::vector<std::uint8_t> bytes = json::to_msgpack(record);
  const auto size = static_cast<std::uint64_t>(bytes.size());
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(size));
}

Records read_records(const std::filesystem::path& file) {
  Records records;
  const std::string all = std::filesystem::exists(file) ? read_text(file) : "";
  std::uint64_t size = 0;
  for (std::size_t at = 0; all.size() - at >= sizeof size; at += size) {
    all.copy(reinterpret_cast<char*>(&size), sizeof size, at);
    at += sizeof size;
    if (all.size() - at < size) break;
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
    const json entry = json::from_msgpack(first, first + static_cast<std::ptrdiff_t>(size));
    const std::string event = entry.at("event");
    if (event == "start") records.running = entry.at("name");
    if (event == "end") {
      records.tests.push_back(parse(entry));
      records.running.clear();
    }
    if (event == "finish") records.finished = true;
  }
  return records;
}

}  // namespace gradus
