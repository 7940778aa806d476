// What the tests of the bindings share, in double and in float.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "playground/bind/station.hpp"

namespace gradus::playground {

inline View shown(const Station& station) {
  View view;
  station.show(view);
  return view;
}

// The settings of a station, and how far it goes.
struct Case {
  int number;
  const char* settings;
  int steps;
};

// At once, and in a step of one and then some of three.
inline void expect_same_however_divided(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const auto once = begin(c.number, Settings(c.settings));
    const auto often = begin(c.number, Settings(c.settings));
    once->step(c.steps);
    for (int done = 0, some = 1; done < c.steps; done += some, some = 3) {
      some = std::min(some, c.steps - done);
      often->step(some);
    }
    const View a = shown(*once), b = shown(*often);
    ASSERT_EQ(a.tables().size(), b.tables().size());
    for (std::size_t i = 0; i < a.tables().size(); ++i)
      EXPECT_EQ(a.tables()[i].values, b.tables()[i].values)
          << c.number << ' ' << a.tables()[i].name;
  }
}

}  // namespace gradus::playground
