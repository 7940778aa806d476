// What crosses the process boundary: it arrives as it left, and what is forged is refused.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <limits>
#include <thread>

#include "grading/codec.hpp"
#include "grading/compare.hpp"
#include "grading/contract.hpp"
#include "grading/frame.hpp"
#include "grading/generators.hpp"

namespace gradus::testing {

struct Layer {
  Matrix w;
  std::vector<Matrix> more;
  std::vector<int> labels;
  bool trained = false;
};

GRADUS_STRUCT(Layer, w, more, labels, trained)

namespace {

using namespace gradus::wire;

template <typename T>
std::string packed(const T& value) {
  Buffer buffer;
  Packer out(buffer);
  put(out, value);
  return std::string(view(buffer));
}

template <typename T>
T round_trip(const T& value) {
  const std::string bytes = packed(value);
  return get<T>(parse(bytes).get());
}

class Pair {
 public:
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0); }
  ~Pair() {
    for (int end : ends) ::close(end);
  }
  std::array<int, 2> ends{};
};

Clock::time_point soon() { return Clock::now() + std::chrono::milliseconds(200); }

TEST(Codec, BringsBackEveryNumber) {
  using Limits = std::numeric_limits<double>;
  for (double value : {0.0, 1.0, -3.5, 1e300, Limits::denorm_min(), Limits::infinity()})
    EXPECT_EQ(round_trip(value), value);
  EXPECT_TRUE(std::signbit(round_trip(-0.0)));
  EXPECT_TRUE(std::isnan(round_trip(Limits::quiet_NaN())));
  for (int value : {0, 1, -1, 2147483647, -2147483647 - 1}) EXPECT_EQ(round_trip(value), value);
  EXPECT_EQ(round_trip(std::string("ε\n")), "ε\n");
}

TEST(Codec, BringsBackMatricesStructsAndGenerators) {
  const Layer layer = {{{1, 2, 3}, {4, 5, 6}}, {Matrix(0, 3), Matrix(2, 1, -0.5)}, {7, -8}, true};
  const Layer back = round_trip(layer);
  EXPECT_EQ(back.w, layer.w);
  EXPECT_EQ(back.more, layer.more);
  EXPECT_EQ(back.labels, layer.labels);
  EXPECT_TRUE(back.trained);
  Random random(42);
  random.normal();  // leaves a spare one behind
  Random copy = round_trip(random);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(copy.normal(), random.normal());
}

std::string packed_state(const RandomState& state) {
  Buffer buffer;
  Packer out(buffer);
  out.pack_array(4);
  put_block<std::uint32_t>(out, state.words);
  out.pack(state.position);
  out.pack(state.has_spare);
  put(out, state.spare);
  return std::string(view(buffer));
}

TEST(Codec, RefusesAGeneratorThatCannotBe) {
  const RandomState good = Random(1).state();
  EXPECT_NO_THROW(get_random(parse(packed_state(good)).get()));
  const auto refused = [&](auto change) {
    RandomState state = good;
    change(state);
    EXPECT_THROW(get_random(parse(packed_state(state)).get()), WireError);
  };
  refused([](RandomState& s) { s.words.fill(0); });
  refused(
      [](RandomState& s) { s.words.fill(0), s.words[0] = 0x7fffffff; });  // of it one bit counts
  refused([](RandomState& s) { s.position = 625; });
  refused([](RandomState& s) { s.position = -1; });
  refused([](RandomState& s) { s.spare = std::nan(""); });
  refused([](RandomState& s) { s.has_spare = true, s.spare = 1e6; });
}

TEST(Generators, GoOnWhereTheyWere) {
  const Random given(7);
  const std::vector<RandomState> states = {Random(3).state(), given.state()};
  Random random = given;
  EXPECT_TRUE(goes_on(states, random.state())) << "no draw at all";
  for (int draws : {1, 2, 623, 3, 5000}) {
    for (int i = 0; i < draws; ++i) random.uniform();
    random.normal();
    EXPECT_TRUE(goes_on(states, random.state())) << draws;
  }
  EXPECT_FALSE(goes_on({random.state()}, given.state())) << "an earlier state";
  EXPECT_FALSE(goes_on(states, Random(8).state())) << "another seed";
  RandomState forged = random.state();
  forged.words[100] ^= 1;
  EXPECT_FALSE(goes_on(states, forged)) << "one bit";
}

TEST(Codec, RefusesAMatrixWhoseShapeLies) {
  for (const auto& [rows, cols] : {std::pair{2, 3}, {-1, -6}, {1 << 20, 1 << 20}, {0, 0}}) {
    Buffer buffer;
    Packer out(buffer);
    out.pack_array(3);
    out.pack(rows);
    out.pack(cols);
    put_block<double>(out, std::vector<double>(5));
    EXPECT_THROW(get_matrix(parse(view(buffer)).get()), WireError) << rows << " x " << cols;
  }
}

TEST(Codec, RefusesAnotherType) {
  const std::string number = packed(1.5), text = packed(std::string("1"));
  EXPECT_THROW(get<int>(parse(number).get()), WireError);
  EXPECT_THROW(get<bool>(parse(number).get()), WireError);
  EXPECT_THROW(get<Matrix>(parse(number).get()), WireError);
  EXPECT_THROW(get<Layer>(parse(number).get()), WireError);
  EXPECT_THROW(get<double>(parse(text).get()), WireError);
  EXPECT_THROW(get<int>(parse(packed(std::int64_t{1} << 40)).get()), WireError);
  EXPECT_THROW(parse(number + "x"), WireError) << "bytes after the end";
  EXPECT_THROW(parse(""), WireError);
}

// Bytes at random, and good bytes with a few changed: a value or a WireError, nothing else.
TEST(Codec, SurvivesWhateverComes) {
  Random random(1);
  const std::string good = packed(Layer{Matrix(3, 2, 1), {Matrix(1, 1)}, {1, 2, 3}, false});
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    if (i % 2 == 0) bytes.resize(static_cast<std::size_t>(random.randint(1, 40)));
    const std::int64_t changes = i % 2 == 0 ? 40 : random.randint(1, 4);
    for (std::int64_t k = 0; k < changes; ++k)
      bytes[static_cast<std::size_t>(random.randint(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.randint(256));
    try {
      const msgpack::object_handle value = parse(bytes);
      get<Layer>(value.get());
    } catch (const WireError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10000);
}

TEST(Codec, SeesThatAnArgumentLostItsShape) {
  const Layer before = {Matrix(2, 2), {Matrix(1, 1)}, {}, false};
  Layer after = before;
  EXPECT_TRUE(keeps_shape(before, after));
  after.labels = {1};
  EXPECT_TRUE(keeps_shape(before, after)) << "what was empty may be filled";
  after.w = Matrix(4, 1);
  EXPECT_FALSE(keeps_shape(before, after));
  after = before;
  after.more.clear();
  EXPECT_FALSE(keeps_shape(before, after));
}

TEST(Frame, ArrivesWhole) {
  const Pair pair;
  const std::string sent(1'000'000, 'x');
  std::string received;
  std::jthread sender([&] { EXPECT_EQ(send_frame(pair.ends[0], sent, kNever), Transfer::done); });
  EXPECT_EQ(receive_frame(pair.ends[1], received, kMaxReply, kNever), Transfer::done);
  EXPECT_EQ(received, sent);
}

TEST(Frame, BelievesNoLength) {
  const Pair pair;
  std::string bytes;
  ASSERT_EQ(::write(pair.ends[0], "\xff\xff\xff\xff", 4), 4);
  EXPECT_EQ(receive_frame(pair.ends[1], bytes, kMaxReply, soon()), Transfer::too_long);
  ASSERT_EQ(::write(pair.ends[0], "\x09\0\0\0abc", 7), 7);
  EXPECT_EQ(receive_frame(pair.ends[1], bytes, kMaxReply, soon()), Transfer::late);
  ::shutdown(pair.ends[0], SHUT_RDWR);
  EXPECT_EQ(receive_frame(pair.ends[1], bytes, kMaxReply, soon()), Transfer::closed);
}

TEST(Frame, DoesNotWaitForAWorkerThatNeverReads) {
  const Pair pair;
  EXPECT_EQ(send_frame(pair.ends[0], std::string(10'000'000, 'x'), soon()), Transfer::late);
}

// A reply as the worker makes it: [0, [value]].
std::string reply(const Matrix& value) {
  Buffer buffer;
  Packer out(buffer);
  out.pack_array(2);
  out.pack(0);
  out.pack_array(1);
  put(out, value);
  return std::string(view(buffer));
}

TEST(SameReply, AllowsAnotherOrderOfSummationAndNothingMore) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(same_reply(reply({{1, 2}}), reply({{1 + 1e-12, 2}})));
  EXPECT_FALSE(same_reply(reply({{1, 2}}), reply({{1 + 1e-6, 2}})));
  EXPECT_TRUE(same_reply(reply({{1, 1e-17}}), reply({{1, 0}})));
  EXPECT_FALSE(same_reply(reply({{1, 1e-320}}), reply({{1, 0}})));
  EXPECT_TRUE(same_reply(reply({{1, 1e-300}}), reply({{1, 1e-300 + 1e-312}})));
  EXPECT_FALSE(same_reply(reply({{1, 2}}), reply({{1}, {2}})));
  EXPECT_FALSE(same_reply(reply({{infinity}}), reply({{5}})));
  EXPECT_FALSE(same_reply(reply({{infinity}}), reply({{-infinity}})));
  EXPECT_TRUE(same_reply(reply({{std::nan("1")}}), reply({{std::nan("2")}})));
  EXPECT_FALSE(same_reply(reply({{1}}), "no reply at all"));
}

TEST(SameReply, IsAsCloseAsIsAskedFor) {
  const std::string one = reply({{1, std::nan("1")}}),
                    rounded = reply({{1 + 1e-12, std::nan("2")}}), rest = reply({{1e-16}}),
                    another = reply({{1.1e-16}});
  EXPECT_TRUE(same_reply(rest, another));
  EXPECT_FALSE(same_reply(rest, another, Closeness::relative));
  EXPECT_TRUE(same_reply(one, rounded, Closeness::relative));
  EXPECT_FALSE(same_reply(one, rounded, Closeness::exact));
  EXPECT_TRUE(same_reply(one, reply({{1, std::nan("2")}}), Closeness::exact));
}

}  // namespace
}  // namespace gradus::testing
