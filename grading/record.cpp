#include "grading/record.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <ranges>

#include "grading/base/files.hpp"
#include "grading/codec.hpp"

namespace gradus {
namespace {

using wire::Packer;
using wire::Value;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kMostFailures = 100;  // of one test

// What a message says first. A test's calls come before its end, each as a message: a list would be
// longer than what is read of strangers.
enum class Event { start, call, end, finish };

// A text may be longer, and hold other bytes, than what MessagePack calls a string here.
void put_bytes(Packer& out, const std::string& text) {
  wire::put(out, Bytes(text.begin(), text.end()));
}

std::string get_bytes(const Value& value) {
  const Bytes bytes = wire::get<Bytes>(value);
  return {bytes.begin(), bytes.end()};
}

// One message: the event and its members.
template <typename... Members>
std::string message(Event event, const Members&... members) {
  wire::Buffer buffer;
  Packer out(buffer);
  out.pack_array(1 + sizeof...(members));
  wire::put(out, event);
  [[maybe_unused]] const auto member = [&](const auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>)
      put_bytes(out, value);
    else
      wire::put(out, value);
  };
  (member(members), ...);
  return std::string(wire::view(buffer));
}

// A message behind its length.
std::string framed(const std::string& bytes) {
  const auto size = static_cast<std::uint64_t>(bytes.size());
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + bytes;
}

void append(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out) return;
  std::fprintf(stderr, "%s: can not be written\n", file.c_str());
  std::_Exit(kGraderFailed);
}

wire::Call get_call(const Value* member) {
  const auto fate = static_cast<wire::Answer::Fate>(wire::get_integer(member[3], 0, 3));
  return {get_bytes(member[1]),
          get_bytes(member[2]),
          {fate, get_bytes(member[4]), ""},
          wire::get<int>(member[5])};
}

TestRecord get_test(const Value* member) {
  TestRecord test{
      get_bytes(member[1]), wire::get<int>(member[2]), wire::get<bool>(member[3]), {}, {}};
  const Value* failure = wire::get_array(member[4], wire::array_size(member[4]));
  for (std::size_t i = 0; i < wire::array_size(member[4]); ++i)
    test.failures.push_back(get_bytes(failure[i]));
  return test;
}

// `calls` are those of the running test.
void add(Records& records, std::vector<wire::Call>& calls, std::string_view bytes) {
  const auto parsed = wire::parse(bytes);
  const std::size_t size = wire::array_size(parsed.get());
  const Value* member = wire::get_array(parsed.get(), size);
  const auto event = static_cast<Event>(wire::get_integer(member[0], 0, 3));
  const std::size_t wanted[] = {2, 6, 5, 1};
  if (size != wanted[static_cast<int>(event)]) throw wire::WireError("no record");
  if (event == Event::start) {
    records.running = get_bytes(member[1]);
    calls.clear();
  }
  if (event == Event::call) calls.push_back(get_call(member));
  if (event == Event::end) {
    records.tests.push_back(get_test(member));
    records.tests.back().calls = std::move(calls);
    calls.clear();
    records.running.clear();
  }
  if (event == Event::finish) records.finished = true;
}

}  // namespace

void record_start(const std::filesystem::path& file, const std::string& test) {
  append(file, framed(message(Event::start, test)));
}

void record_end(const std::filesystem::path& file, const TestRecord& test) {
  std::string all;
  for (const wire::Call& call : test.calls)
    all += framed(message(Event::call, call.function, call.request, call.answer.fate,
                          call.answer.bytes, call.threads));
  std::vector<Bytes> failures;  // of a thousand the first ones say it all
  for (const std::string& failure : test.failures | std::views::take(kMostFailures))
    failures.emplace_back(failure.begin(), failure.end());
  append(file, all + framed(message(Event::end, test.name, test.points, test.passed, failures)));
}

void record_finish(const std::filesystem::path& file) {
  append(file, framed(message(Event::finish)));
}

Records read_records(const std::filesystem::path& file) {
  Records records;
  std::vector<wire::Call> calls;
  const std::string all = std::filesystem::exists(file) ? read_text(file) : "";
  std::uint64_t size = 0;
  for (std::size_t at = 0; all.size() - at >= sizeof size; at += size) {
    all.copy(reinterpret_cast<char*>(&size), sizeof size, at);
    at += sizeof size;
    if (all.size() - at < size) break;
    try {
      add(records, calls, std::string_view(all).substr(at, size));
    } catch (const wire::WireError& error) {
      throw ToolError(file.string() + ": " + error.what());
    }
  }
  return records;
}

}  // namespace gradus
