#include "grading/generators.hpp"

#include <algorithm>

namespace gradus::wire {
namespace {

constexpr int kMostBlocks = 200'000;  // of 624 words

// The next 624 words.
RandomState next_block(RandomState state) {
  state.position = static_cast<int>(state.words.size());
  Random random(state);
  random.randint(0, 2);  // takes one word, and so makes all of them
  return random.state();
}

bool goes_on(const RandomState& given, const RandomState& later) {
  if (later.words == given.words) return later.position >= given.position;
  RandomState state = given;
  for (int i = 0; i < kMostBlocks; ++i) {
    state = next_block(state);
    if (state.words == later.words) return later.position > 0;
  }
  return false;
}

}  // namespace

bool goes_on(const std::vector<RandomState>& given, const RandomState& later) {
  return std::ranges::any_of(given,
                             [&](const RandomState& state) { return goes_on(state, later); });
}

}  // namespace gradus::wire
