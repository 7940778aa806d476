// Random gives NumPy's numbers.
#include "common/random.hpp"

#include <cmath>
#include <limits>

#include "tests/golden/numpy_random.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

// What one seed must give; the same draws as in tests/golden/numpy_random.py.
struct Seed {
  std::uint32_t seed;
  const std::vector<double>&uniform, &normal, &mixed;
  const std::vector<std::int64_t>& randint;
  const std::vector<int>&permutation, &choice, &shuffle;
};

const std::vector<Seed> seeds = {
    {0, golden::uniform_0, golden::normal_0, golden::mixed_0, golden::randint_0,
     golden::permutation_0, golden::choice_0, golden::shuffle_0},
    {1, golden::uniform_1, golden::normal_1, golden::mixed_1, golden::randint_1,
     golden::permutation_1, golden::choice_1, golden::shuffle_1},
    {42, golden::uniform_42, golden::normal_42, golden::mixed_42, golden::randint_42,
     golden::permutation_42, golden::choice_42, golden::shuffle_42},
    {4294967295u, golden::uniform_4294967295, golden::normal_4294967295, golden::mixed_4294967295,
     golden::randint_4294967295, golden::permutation_4294967295, golden::choice_4294967295,
     golden::shuffle_4294967295},
};

TEST(Random, UniformIsNumPys) {
  for (const Seed& s : seeds) {
    Random random(s.seed);
    for (double expected : s.uniform) EXPECT_EQ(random.uniform(-0.1, 0.1), expected);
  }
}

TEST(Random, NormalIsNumPys) {
  for (const Seed& s : seeds) {
    Random random(s.seed);
    for (double expected : s.normal) EXPECT_EQ(random.normal(10, 5), expected);
  }
}

TEST(Random, RandintIsNumPys) {
  for (const Seed& s : seeds) {
    Random random(s.seed);
    for (std::int64_t expected : s.randint) EXPECT_EQ(random.randint(-3, 1000), expected);
  }
}

TEST(Random, PermutationIsNumPys) {
  for (const Seed& s : seeds) EXPECT_EQ(Random(s.seed).permutation(13), s.permutation);
}

TEST(Random, ChoiceWithoutReplacementIsNumPys) {
  for (const Seed& s : seeds) EXPECT_EQ(Random(s.seed).choice(50, 8), s.choice);
}

TEST(Random, ShuffleIsNumPys) {
  for (const Seed& s : seeds) {
    std::vector<int> values = {100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110};
    Random(s.seed).shuffle(std::span(values));
    EXPECT_EQ(values, s.shuffle);
  }
}

TEST(Random, OneStreamServesAllDrawsInNumPysOrder) {
  for (const Seed& s : seeds) {
    Random random(s.seed);
    std::vector<double> got = {random.normal(), random.uniform(),
                               static_cast<double>(random.randint(10)), random.normal(),
                               random.normal()};
    for (int value : random.permutation(4)) got.push_back(value);
    got.push_back(random.normal(2, 3));
    got.push_back(static_cast<double>(random.randint(std::int64_t{1} << 40)));
    got.push_back(random.uniform(5, 6));
    EXPECT_EQ(got, s.mixed);
  }
}

TEST(Random, RandintIsNumPysAtTheEdgesOfItsWordSizes) {
  const std::int64_t big = std::int64_t{1} << 62;
  Random random(7);
  for (auto expected : golden::randint_power)
    EXPECT_EQ(random.randint(std::int64_t{1} << 32), expected);
  for (auto expected : golden::randint_wide) EXPECT_EQ(random.randint(-big, big), expected);
  for (auto expected : golden::randint_full)
    EXPECT_EQ(random.randint(INT64_MIN, INT64_MAX), expected);
  for (auto expected : golden::randint_single) EXPECT_EQ(random.randint(5, 6), expected);
  EXPECT_EQ(random.uniform(), golden::after_single[0]);
}

TEST(Random, GivesTheThousandNumbersOfTheLecture) {
  Random random(42);
  std::vector<double> numbers;
  for (int i = 0; i < 1000; ++i) numbers.push_back(random.normal(10, 5));
  EXPECT_EQ(numbers, golden::lecture);
  EXPECT_NEAR(numbers.front(), 12.48357077, 5e-9);
  EXPECT_NEAR(numbers.back(), 12.86291391, 5e-9);
}

TEST(Random, MatricesAreFilledRowAfterRow) {
  Random one(3), two(3);
  const Matrix uniform = one.uniform_matrix(-1, 2, 3, 2);
  const Matrix normal = one.normal_matrix(1, 4, 2, 3);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j) EXPECT_EQ(uniform(i, j), two.uniform(-1, 2));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_EQ(normal(i, j), two.normal(1, 4));
}

TEST(Random, FillsWithTheNumbersOfUniform) {
  for (int words_before :
       {0, 1, 7, 622, 623, 624})  // an odd word is left at the end of 624, or none
    for (std::size_t count : {0u, 1u, 2u, 311u, 312u, 313u, 2000u}) {
      Random one(5), two(5);
      for (int i = 0; i < words_before; ++i) EXPECT_EQ(one.randint(2), two.randint(2));
      std::vector<double> values(count), expected;
      one.fill_uniform(values);
      for (std::size_t i = 0; i < count; ++i) expected.push_back(two.uniform());
      EXPECT_EQ(values, expected) << count << " after " << words_before << " words";
      EXPECT_EQ(one.state(), two.state()) << count << " after " << words_before << " words";
    }
}

TEST(Random, GoesOnFromItsState) {
  Random random(6);
  for (int place = 0; place < 700; ++place) {  // with a spare Gaussian and without
    const RandomState saved = random.state();
    EXPECT_EQ(saved.has_spare, place % 2 == 1);
    Random copy(saved);
    EXPECT_EQ(copy.normal(), random.normal()) << "at place " << place;
    EXPECT_EQ(copy.state(), random.state());
  }
  RandomState forged;
  for (int position : {-1, 625, 1000000}) {
    forged.position = position;
    EXPECT_TRUE(refuses([&] { Random{forged}; }));
  }
}

// So long that the words are made anew hundreds of times: the shuffle of the golden numbers, by hand.
TEST(Random, LongPermutationsAndChoicesAreShuffledFromTheEnd) {
  const int n = 70001;  // beyond two bytes
  Random random(8), same(8), choosing(8);
  std::vector<int> expected(n);
  for (int i = 0; i < n; ++i) expected[i] = i;
  for (int i = n - 1; i > 0; --i) std::swap(expected[i], expected[same.randint(i + 1)]);
  EXPECT_EQ(random.permutation(n), expected);
  EXPECT_EQ(random.state(), same.state());
  expected.resize(60000);
  EXPECT_EQ(choosing.choice(n, 60000), expected);
  EXPECT_EQ(choosing.state(), same.state()) << "a choice draws a whole permutation";
}

// What each of them takes from the stream: as much as it does in NumPy, also where nothing is to
// choose.
TEST(Random, DrawsAsManyWordsWhateverTheArguments) {
  Random random(9), same(9);
  EXPECT_EQ(random.uniform(3, 3), 3);
  same.uniform();
  EXPECT_EQ(random.state(), same.state()) << "uniform where low is high";
  EXPECT_EQ(random.normal(-2, 0), -2);
  same.normal();
  EXPECT_EQ(random.state(), same.state()) << "a standard deviation of 0";
  random.uniform(-1e300, 1e300), same.uniform();
  EXPECT_EQ(random.normal(-1e9, 1e-9), -1e9 + 1e-9 * same.normal());
  EXPECT_EQ(random.state(), same.state()) << "numbers of any size";
  const RandomState before = random.state();
  EXPECT_EQ(random.uniform_matrix(0, 1, 0, 5), Matrix(0, 5));
  EXPECT_EQ(random.normal_matrix(0, 1, 5, 0), Matrix(5, 0));
  EXPECT_EQ(random.permutation(1), std::vector<int>{0});
  EXPECT_EQ(random.randint(-7, -6), -7);
  EXPECT_EQ(random.state(), before) << "nothing is drawn where nothing is to choose";
}

TEST(Random, LargeMatricesAreFilledRowAfterRow) {
  Random one(10), two(10);
  const Matrix uniform = one.uniform_matrix(-3, -1, 131, 77),
               normal = one.normal_matrix(-5, 2, 77, 131);
  for (Scalar v : uniform.flat()) ASSERT_EQ(v, two.uniform(-3, -1));
  for (Scalar v : normal.flat()) ASSERT_EQ(v, two.normal(-5, 2));
  EXPECT_EQ(one.state(), two.state());
}

TEST(Random, RefusesWhatCannotBeDrawn) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  Random random(0), untouched(0);
  EXPECT_TRUE(refuses([&] { random.uniform(nan, 1); }));
  EXPECT_TRUE(refuses([&] { random.uniform(0, nan); }));
  EXPECT_TRUE(refuses([&] { random.uniform(-infinity, 0); }));
  EXPECT_TRUE(refuses([&] { random.uniform(0, infinity); }));
  EXPECT_TRUE(refuses([&] { random.uniform(infinity, infinity); }));
  EXPECT_TRUE(refuses([&] { random.normal(infinity, 1); }));
  EXPECT_TRUE(refuses([&] { random.normal(0, -infinity); }));
  EXPECT_TRUE(refuses([&] { random.randint(-1); }));
  EXPECT_TRUE(refuses([&] { random.uniform(-1.7e308, 1.7e308); }));  // no room between them
  EXPECT_TRUE(refuses([&] { random.uniform_matrix(0, nan, 2, 2); }));
  EXPECT_TRUE(refuses([&] { random.normal(0, -1); }));
  EXPECT_TRUE(refuses([&] { random.normal(0, nan); }));
  EXPECT_TRUE(refuses([&] { random.normal(nan, 1); }));
  EXPECT_TRUE(refuses([&] { random.normal(0, infinity); }));
  EXPECT_TRUE(refuses([&] { random.normal_matrix(0, -1e-300, 2, 2); }));
  EXPECT_TRUE(refuses([&] { random.normal_matrix(0, 1, -2, 2); }));
  EXPECT_TRUE(refuses([&] { random.randint(3, 3); }));
  EXPECT_TRUE(refuses([&] { random.randint(4, -4); }));
  EXPECT_TRUE(refuses([&] { random.randint(0); }));
  EXPECT_TRUE(refuses([&] { random.permutation(-1); }));
  EXPECT_TRUE(refuses([&] { random.choice(3, 4); }));
  EXPECT_TRUE(refuses([&] { random.choice(3, -1); }));
  EXPECT_TRUE(refuses([&] { random.choice(-3, -3); }));
  EXPECT_EQ(random.permutation(0), std::vector<int>{});
  EXPECT_EQ(random.choice(0, 0), std::vector<int>{});
  EXPECT_EQ(random.normal(3, 0), 3 + 0 * untouched.normal());  // no number was taken before
  EXPECT_EQ(random.normal(), untouched.normal());
  EXPECT_EQ(random.choice(3, 0), std::vector<int>{});
}

TEST(Random, DrawsDownwardsAsNumPyDoes) {  // np.random.seed(42); np.random.uniform(5, 1)
  EXPECT_EQ(Random(42).uniform(5, 1), 3.50183952461055);
}

}  // namespace
}  // namespace gradus::testing
